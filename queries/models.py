"""Which registered model is meant by a name? With its namespace exactly one; without, the only one that is called so."""

from __future__ import annotations

from typing import Final

from graph_schema.errors import BadInput, NodeNotFound
from graph_schema.identity import Key, named_key
from graph_schema.words import words_of
from queries.learned import Model
from queries.limits import Limits
from queries.near import not_found
from queries.nodes import read_nodes
from queries.projection import Projection
from queries.search import Question, search
from queries.store import GraphStore

_LOOKED_AT: Final = 200
"""Models with all words of a name, of which those that are called so are taken."""


async def read_model(
    store: GraphStore, name: str, namespace: str | None, limits: Limits, *, projection: Projection
) -> Model:
    """Read a model by its exact name; raises NodeNotFound, or BadInput where several registries have one."""
    if namespace is not None:
        key = Key("model", (namespace, name), named_key("model", namespace, name))
        found = (await read_nodes(store, "model", [key.text])).get(key.text)
        if not isinstance(found, Model):
            raise await not_found(store, key)
        return found
    called = await _called(store, name, limits, projection=projection)
    if not called:
        raise NodeNotFound(
            f"no registered model is called {name[:200]}; names are exact, case included", name=name
        )
    if len(called) > 1:
        keys = sorted(model.key for model in called)
        raise BadInput("several registries have a model of this name; give its namespace too", keys=keys)
    return called[0]


async def _called(store: GraphStore, name: str, limits: Limits, *, projection: Projection) -> list[Model]:
    if not words_of(name):
        return []
    first = min(_LOOKED_AT, limits.page_max)
    asked = Question(text=name, kinds=frozenset({"MODEL"}), first=first)
    found = await search(store, asked, limits, projection=projection)
    return [node for node in found.nodes if isinstance(node, Model) and node.name == name]
