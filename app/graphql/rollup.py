"""How is a rolled-up walk told in GraphQL?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry
from strawberry import ID

from app.graphql.completeness import Completeness, made_completeness
from app.graphql.kinds import NodeKind
from app.graphql.nodes import Node, made_node
from app.graphql.paging import PageInfo
from app.graphql.walks import KindCount

if TYPE_CHECKING:
    from queries import rollup


@strawberry.type(
    description="A namespace, a schema, an outermost parent job, or one node by itself; node is there for the last two. "
    "depth is that of the nearest member; inside counts the edges between two members."
)
class Group:
    key: ID
    namespace: str | None
    name: str
    depth: int
    nodes: int
    by_kind: list[KindCount]
    inside: int
    node: Node | None


@strawberry.type(
    description="How many edges between nodes it stands for; how many of them are known only as a product (guesses), and "
    "how many lead through hidden nodes alone (via)."
)
class GroupEdge:
    source: ID
    target: ID
    edges: int
    guesses: int
    via: int


@strawberry.type(
    description="On all pages: groups, nodes in them, and edges between nodes, those inside groups included."
)
class RollupTotals:
    groups: int
    nodes: int
    edges: int


@strawberry.type(
    description="One page of the quotient graph, nearest groups first, the root's included. An edge is on the page of its "
    "later end."
)
class Rollup:
    root: Node
    groups: list[Group]
    edges: list[GroupEdge]
    totals: RollupTotals
    completeness: Completeness
    page_info: PageInfo


def made_rollup(answer: rollup.Rollup) -> Rollup:
    """Make the GraphQL object."""
    return Rollup(
        root=made_node(answer.root),
        groups=[_group(group) for group in answer.groups],
        edges=[
            GroupEdge(
                source=ID(edge.source),
                target=ID(edge.target),
                edges=edge.edges,
                guesses=edge.guesses,
                via=edge.via,
            )
            for edge in answer.edges
        ],
        totals=RollupTotals(
            groups=answer.totals.groups, nodes=answer.totals.nodes, edges=answer.totals.edges
        ),
        completeness=made_completeness(answer.completeness),
        page_info=PageInfo(
            has_next_page=answer.page_info.has_next_page, end_cursor=answer.page_info.end_cursor
        ),
    )


def _group(group: rollup.Group) -> Group:
    return Group(
        key=ID(group.key),
        namespace=group.namespace,
        name=group.name,
        depth=group.depth,
        nodes=group.nodes,
        by_kind=[KindCount(kind=NodeKind(one.kind), count=one.count) for one in group.by_kind],
        inside=group.inside,
        node=None if group.node is None else made_node(group.node),
    )
