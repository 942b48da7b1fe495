"""How is a search told in GraphQL?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from app.graphql.completeness import Completeness, made_completeness
from app.graphql.nodes import Node, made_node
from app.graphql.paging import PageInfo

if TYPE_CHECKING:
    from queries.search import Found


@strawberry.type(
    description="What was found, best first: whole names, then words of names, beginnings of words, namespaces, "
    "tags, owners, columns. truncatedBy candidates: too many nodes have these words to rank them all; say more."
)
class NodeConnection:
    nodes: list[Node]
    page_info: PageInfo
    completeness: Completeness


def made_found(found: Found) -> NodeConnection:
    """Make the GraphQL object."""
    return NodeConnection(
        nodes=[made_node(node) for node in found.nodes],
        page_info=PageInfo(
            has_next_page=found.page_info.has_next_page, end_cursor=found.page_info.end_cursor
        ),
        completeness=made_completeness(found.completeness),
    )
