"""Which GraphQL type does a node get? Each module of types says so of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app.graphql.making import made
from queries import nodes as reading
from queries import results

if TYPE_CHECKING:
    from collections.abc import Iterable

    import strawberry

    from app.graphql.asking import Asking

KINDS: Final[dict[type[results.Node], Any]] = {}


def made_any(value: results.Node) -> Any:
    """Make the GraphQL object of any node."""
    return made(KINDS[type(value)], value)


async def node_of(info: strawberry.Info[Asking, None], kind: str, key: str | None) -> Any:
    """Read the node of a kind that another node names, if it names one that is there."""
    found = await info.context.load(reading.read_nodes, kind, key=key) if key else None
    return None if found is None else made_any(found)


async def nodes_of(info: strawberry.Info[Asking, None], kind: str, keys: Iterable[str]) -> list[Any]:
    """Read the nodes of a kind that are there, in the order of their keys given."""
    listed = list(keys)
    found = await reading.read_nodes(info.context.store, kind, listed)
    return [made_any(found[key]) for key in listed if key in found]
