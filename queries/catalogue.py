"""What does the catalogue say of the versions of a model, and what does the registry say?

They are two voices, and every answer keeps them apart: `catalogue` is what people decided here, act by act; `registry` is what
a model registry such as MLflow's said of the same version: its stage, its aliases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from graph_schema.identity import facet_key, named_key, run_key, stored_namespace
from queries.cursors import decode_cursor, encode_cursor
from queries.learned import Approval
from queries.learning import read_approvals_of
from queries.limits import Limits, check_rows, within
from queries.nodes import read_facet_bodies, read_run_texts, told
from queries.projection import Projection
from queries.results import Completeness, PageInfo
from queries.said import part
from queries.store import GraphStore
from queries.versions import find_model, read_known, read_version, read_versions, version_key, version_order

VERSIONS_DEFAULT: Final = 20
ACTS_MAX: Final = 100
"""Acts told of one version, the newest ones."""


class EvidenceRef(msgspec.Struct, frozen=True):
    """What an act rests on: a kind of thing, and how it is found."""

    kind: str
    ref: str


class CatalogueAct(msgspec.Struct, frozen=True):
    """One decision; `before` is the state that it was taken in, `forced` that it could not follow it.

    `by_evidence` is AUTHENTICATED where the server knew the caller, CLAIMED where the request only said so; `by_claimed` is
    the name that the request gave, where the caller was another.
    """

    key: str
    run: str
    act: str
    at: str | None
    by: str | None
    by_evidence: str | None
    by_claimed: str | None
    reason: str | None
    evidence: list[EvidenceRef]
    before: str | None
    forced: bool


class CatalogueSays(msgspec.Struct, frozen=True):
    """What was decided here: the newest act is the state, None where there is none."""

    state: str | None
    acts: list[CatalogueAct]


class RegistrySays(msgspec.Struct, frozen=True):
    """What the registry that holds the model said last of a version."""

    stage: str | None
    aliases: list[str]
    status: str | None
    description: str | None
    tags: dict[str, str]
    deleted: bool


class CatalogueEntry(msgspec.Struct, frozen=True):
    """A model version, by what the catalogue and by what the registry says; `registry` is None where none spoke of it."""

    key: str
    model: str | None
    version: str | None
    catalogue: CatalogueSays
    registry: RegistrySays | None


class Catalogue(msgspec.Struct, frozen=True):
    """One page of a model's versions, newest first."""

    model: str
    namespace: str
    name: str
    versions: list[CatalogueEntry]
    completeness: Completeness
    page_info: PageInfo


@dataclass(frozen=True, slots=True)
class Standing:
    """What has to be known of a version before something is decided about it."""

    key: str
    known: bool
    state: str | None
    last_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueQuestion:
    """Of which model, in which namespace where several have one of the name; of one version, or of all, newest first."""

    model: str
    namespace: str | None = None
    version: str | None = None
    first: int = VERSIONS_DEFAULT
    after: str | None = None


async def catalogue(
    store: GraphStore, question: CatalogueQuestion, limits: Limits, *, projection: Projection
) -> Catalogue:
    """Answer a question; raises BadInput, NodeNotFound, LimitExceeded."""
    check_rows(question.first, limits.page_max)
    async with within(limits, "ask for fewer versions"):
        namespace, name = await find_model(store, question.model, question.namespace)
        key = named_key("model", namespace, name)
        if question.version is not None:
            rows = [await read_version(store, namespace, name, question.version)]
        else:
            rows = sorted(await read_versions(store, key), key=version_order)
        identity = ["catalogue", key, question.version]
        last = None if question.after is None else decode_cursor(question.after, identity, tuple[int, str])
        left = rows if last is None else [row for row in rows if version_order(row) > tuple(last)]
        page = left[: question.first]
        return Catalogue(
            model=key,
            namespace=stored_namespace(namespace),
            name=name,
            versions=await read_entries(store, page),
            completeness=Completeness(
                complete=True, truncated_by=[], hidden=0, guessed_edges=0, position=projection.position
            ),
            page_info=PageInfo(
                len(left) > len(page), encode_cursor(identity, version_order(page[-1])) if page else None
            ),
        )


async def read_standing(store: GraphStore, namespace: str, model: str, version: str) -> Standing:
    """Say how a version stands in the catalogue, known or not."""
    key = version_key(namespace, model, version)
    if not await read_known(store, [key]):
        return Standing(key, known=False, state=None, last_at=None)
    acts = (await read_approvals_of(store, [key]))[key]
    return Standing(
        key, known=True, state=acts[0].decision if acts else None, last_at=acts[0].at if acts else None
    )


async def read_entries(store: GraphStore, versions: Sequence[Mapping[str, Any]]) -> list[CatalogueEntry]:
    """Read what catalogue and registry say of versions."""
    keys = [row["key"] for row in versions]
    acts = await read_approvals_of(store, keys)
    shown = {key: some[:ACTS_MAX] for key, some in acts.items()}
    runs = [run_of_act(act.key) for some in shown.values() for act in some]
    texts = await read_run_texts(store, runs)
    registries = await read_registry(store, keys)
    return [
        CatalogueEntry(
            key=row["key"],
            model=row.get("model"),
            version=row.get("version") or row["name"].rpartition("/")[2],
            catalogue=CatalogueSays(
                state=shown[row["key"]][0].decision if shown[row["key"]] else None,
                acts=[_act(act, texts) for act in shown[row["key"]]],
            ),
            registry=registries.get(row["key"]),
        )
        for row in versions
    ]


async def read_registry(store: GraphStore, keys: Sequence[str]) -> dict[str, RegistrySays]:
    """Read what the registry said last of versions; those that it never spoke of are left out."""
    names = ("mlflow_modelVersion", "mlflow_registeredModel")
    wanted = {(key, name): facet_key(key, name) for key in keys for name in names}
    bodies = await read_facet_bodies(store, sorted(wanted.values()))
    found: dict[str, RegistrySays] = {}
    for key in keys:
        own, whole = (bodies.get(wanted[key, name]) for name in names)
        if isinstance(own, dict):
            found[key] = registry_says(own, whole if isinstance(whole, dict) else {})
    return found


def registry_says(own: Mapping[str, Any], whole: Mapping[str, Any]) -> RegistrySays:
    """Read the registry's facets of a version and of its model."""
    version = str(own.get("version"))
    aliases = own.get("aliases")
    listed = [one for one in aliases if isinstance(one, str)] if isinstance(aliases, list) else []
    pointing = [name for name, at in part(whole, "aliases").items() if str(at) == version]
    return RegistrySays(
        stage=_text(own, "stage"),
        aliases=sorted({*listed, *pointing}),
        status=_text(own, "status"),
        description=_text(own, "description"),
        tags={name: str(value) for name, value in part(own, "tags").items()},
        deleted=own.get("deleted") is True,
    )


def run_of_act(approval: str) -> str:
    """Give the key of the run that an act was."""
    return run_key(approval.partition(":")[2])


def _act(act: Approval, texts: Mapping[str, Any]) -> CatalogueAct:
    run = run_of_act(act.key)
    facet = part(part((texts.get(run) or {}).get("facets"), "run"), "catalogue_act")
    return CatalogueAct(
        key=act.key,
        run=run,
        act=act.decision or act.name,
        at=told(act.at),
        by=act.by,
        by_evidence=_text(facet, "byEvidence"),
        by_claimed=_text(facet, "byClaimed"),
        reason=act.reason,
        evidence=_evidence(act.evidence),
        before=_text(facet, "from"),
        forced=facet.get("forced") is True,
    )


def _evidence(stated: Any) -> list[EvidenceRef]:
    listed = stated if isinstance(stated, list) else []
    return [
        EvidenceRef(one["kind"], one["ref"])
        for one in listed
        if isinstance(one, dict) and isinstance(one.get("kind"), str) and isinstance(one.get("ref"), str)
    ]


def _text(facet: Mapping[str, Any], name: str) -> str | None:
    value = facet.get(name)
    return value if isinstance(value, str) else None
