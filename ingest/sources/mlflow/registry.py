"""What do the registered models of a server say, compared with what was told of them?

The registry is small and keeps no time for aliases and tags, so it is read whole at each look.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ingest.sources.mlflow import decide
from ingest.sources.mlflow.decide import GONE, Row
from ingest.sources.mlflow.ledger import REGISTERED, VERSION
from ingest.sources.mlflow.mapping.models import is_prompt
from ingest.sources.mlflow.mapping.names import Place, registered_path

if TYPE_CHECKING:
    from ingest.sources.mlflow.mapping.facets import Json
    from ingest.sources.mlflow.reading import Server
    from ingest.sources.mlflow.telling import Batch


async def look(server: Server, batch: Batch, place: Place) -> dict[str, tuple[str, ...]]:
    """Decide on all models and versions; gives what runs wrote that was registered, as paths by run."""
    registered = {str(one.get("name", "")): one for one in await server.registered() if not is_prompt(one)}
    # The models come before the versions: a model that appeared in between has its turn at the next look.
    versions = [one for one in await server.versions() if one.get("name") in registered]
    before = batch.ledger.rows(REGISTERED)
    renamed = _renamed(before, registered)
    for one in versions:
        model = registered[one["name"]]
        was = renamed.get(one["name"], "")
        batch.decide(
            VERSION,
            f"{one['name']}/{one.get('version')}",
            partial(_version, place, model, one, renamed=was),
        )
    for gone, name in await _gone(server, batch, versions):
        moved = name in renamed.values()
        batch.decide(
            VERSION, gone, partial(_version_gone, place, model_gone=name not in registered, renamed=moved)
        )
    for name, model in registered.items():
        batch.note(REGISTERED, name, Row(told={"made": model.get("creation_timestamp")}))
    for name in before.keys() - registered.keys():
        batch.note(REGISTERED, name, Row(digest=GONE))
    return _paths(versions)


def _version(place: Place, model: Json, one: Json, row: Row, at: str, *, renamed: str) -> decide.Decision:
    return decide.version(place, model, one, row, at=at, renamed=renamed)


async def _gone(server: Server, batch: Batch, versions: list[Json]) -> list[tuple[str, str]]:
    """List the versions, each with its model, that are not listed any more and that the server says are not there."""
    found = []
    listed = {f"{one['name']}/{one.get('version')}" for one in versions}
    for one, row in batch.ledger.rows(VERSION).items():
        if one in listed or row.digest in {"", GONE}:
            continue
        name = str(row.told["model"])
        if not await server.has_version(name, str(row.told["version"])):
            found.append((one, name))
    return found


def _version_gone(place: Place, row: Row, at: str, *, model_gone: bool, renamed: bool) -> decide.Decision:
    return decide.version_gone(place, row, at=at, model_gone=model_gone, renamed=renamed)


def _renamed(before: dict[str, Row], registered: dict[str, Json]) -> dict[str, str]:
    """Give under which name a new one stood before: MLflow keeps a model's time of making when it renames it."""
    left = {
        row.told.get("made"): name
        for name, row in before.items()
        if name not in registered and row.digest != GONE and row.told.get("made")
    }
    return {
        name: left[made]
        for name, model in registered.items()
        if name not in before and (made := model.get("creation_timestamp")) in left
    }


def _paths(versions: list[Json]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for one in versions:
        path = registered_path(str(one.get("source", "")))
        if path is not None:
            found.setdefault(path[0], set()).add(path[1])
    return {run_id: tuple(sorted(paths)) for run_id, paths in found.items()}
