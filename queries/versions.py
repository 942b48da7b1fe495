"""Which dataset is a version of a model, by whatever names somebody has at hand?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from graph_schema.errors import BadInput, NodeNotFound
from graph_schema.identity import Key, dataset_key, named_key, parse_key
from queries.lists import read_lists
from queries.near import not_found
from queries.nodes import KEYS_MAX
from queries.statements import statement
from queries.store import GraphStore

_DIGITS: Final = 15
"""Numbers of fewer digits are versions in order; longer ones are names."""


async def find_version(
    store: GraphStore, model: str, version: str | None, namespace: str | None
) -> dict[str, Any]:
    """Find a version by its model's name or key and its own name, or by its own key; the newest where none is named.

    Raises NodeNotFound with near names, or BadInput where several models have the name.
    """
    if model.startswith("dataset:"):
        key = parse_key(model)
        found = await read_known(store, [key.text])
        if found:
            return found[0]
        raise await not_found(store, key)
    space, name = await find_model(store, model, namespace)
    if version is not None:
        return await read_version(store, space, name, version)
    return min(await model_versions(store, space, name), key=version_order)


async def model_versions(store: GraphStore, namespace: str, name: str) -> list[dict[str, Any]]:
    """Read what is known of all versions of a model; raises NodeNotFound where none is."""
    known = await read_versions(store, named_key("model", namespace, name))
    if not known:
        raise NodeNotFound(
            f"no version of a model {name[:200]!r} is known in {namespace[:200]!r}; names are exact: find it by `search`",
            model=name[:200],
            namespace=namespace[:200],
        )
    return known


async def find_model(store: GraphStore, name: str, namespace: str | None) -> tuple[str, str]:
    """Find the namespace and name of a model, which may be given as its key.

    Raises NodeNotFound where no model has the name, BadInput where several have it.
    """
    if name.startswith("model:"):
        key = parse_key(name)
        if key.parts:
            return key.parts[0], key.parts[1]
    if namespace is not None:
        return namespace, name
    (row,) = await store.read(statement("ml/models_named"), name=name)
    namespaces = [found for _, found in row["models"]]
    if not namespaces:
        raise NodeNotFound(
            f"there is no model {name[:200]!r}; names are exact: find it by `search`, or give its namespace",
            model=name[:200],
        )
    if len(namespaces) > 1:
        raise BadInput(
            f"{len(namespaces)} models are called {name[:200]!r}; say of which namespace: {', '.join(namespaces[:5])}",
            parameter="namespace",
            namespaces=namespaces,
        )
    return namespaces[0], name


async def read_version(store: GraphStore, namespace: str, model: str, version: str) -> dict[str, Any]:
    """Read what is known of one version; raises NodeNotFound with near names."""
    key = version_key(namespace, model, version)
    found = await read_known(store, [key])
    if found:
        return found[0]
    known = await read_versions(store, named_key("model", namespace, model))
    same = [one for one in known if one.get("version") == version]
    if same:
        return same[0]
    raise await not_found(store, Key("dataset", (namespace, f"models/{model}/{version}"), key))


async def read_known(store: GraphStore, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Read what is known of datasets as model versions, of those that there are."""
    rows = await read_lists(store, statement("ml/model_versions"), keys, size=KEYS_MAX)
    return [version for row in rows for version in row["versions"]]


async def read_versions(store: GraphStore, model: str) -> list[dict[str, Any]]:
    """Read what is known of all versions of a model."""
    (row,) = await store.read(statement("ml/versions_of"), keys=[model])
    versions: list[dict[str, Any]] = row["versions"]
    return versions


def version_key(namespace: str, model: str, version: str) -> str:
    """Give the key of the dataset that a model version is."""
    return dataset_key(namespace, f"models/{model}/{version}")


def version_order(row: Mapping[str, Any]) -> tuple[int, str]:
    """Order versions: numbers first, the greatest first; then the others by key."""
    version = str(row.get("version") or row["name"].rpartition("/")[2])
    number = int(version) if version.isascii() and version.isdigit() and len(version) < _DIGITS else -1
    return -number, str(row["key"])
