"""How are differences told in GraphQL?"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import strawberry
from strawberry import ID

from app.graphql.completeness import Completeness, made_completeness
from app.graphql.nodes import Node, made_node
from app.graphql.paging import PageInfo
from app.graphql.scalars import DateTime

if TYPE_CHECKING:
    from queries import differences


@strawberry.enum(
    description="What a difference is about: nodes and edges; columns; what the run's own facets say; the job's SQL, "
    "source code and where that lies."
)
class DifferenceCategory(StrEnum):
    STRUCTURE = "STRUCTURE"
    SCHEMA = "SCHEMA"
    PARAMETERS = "PARAMETERS"
    CODE = "CODE"


@strawberry.enum(description="What happened to it from a to b.")
class DifferenceChange(StrEnum):
    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"


@strawberry.type(
    description="One thing that is on one side alone, or not the same on both. what: NODE, EDGE, INPUT, OUTPUT, "
    "COLUMN_EDGE, COLUMN, PARAMETER or CODE. subject: its key; of an edge the source, of a column its dataset, of a "
    "parameter or code its job. target: the other end of an edge. name: a column's path, or the dotted name of a value."
)
class Difference:
    category: DifferenceCategory
    change: DifferenceChange
    what: str
    subject: ID
    target: ID | None
    name: str | None
    before: str | None
    after: str | None


@strawberry.type(
    description="What was compared. run: the one whose words count, where one is known: the run itself, a job's newest "
    "completed one, or the one that wrote the dataset."
)
class DiffSide:
    node: Node
    as_of: DateTime | None
    run: ID | None


@strawberry.type
class DifferenceCount:
    category: DifferenceCategory
    change: DifferenceChange
    count: int


@strawberry.type(
    description="One page of differences, in order; counts are of all pages. comparedDepth: how far from the roots both "
    "sides were compared; null: as far as they go."
)
class Diff:
    a: DiffSide
    b: DiffSide
    differences: list[Difference]
    counts: list[DifferenceCount]
    compared_depth: int | None
    completeness: Completeness
    page_info: PageInfo


def made_diff(answer: differences.Diff) -> Diff:
    """Make the GraphQL object."""
    return Diff(
        a=_side(answer.a),
        b=_side(answer.b),
        differences=[_difference(one) for one in answer.differences],
        counts=[
            DifferenceCount(
                category=DifferenceCategory(one.category),
                change=DifferenceChange(one.change),
                count=one.count,
            )
            for one in answer.counts
        ],
        compared_depth=answer.compared_depth,
        completeness=made_completeness(answer.completeness),
        page_info=PageInfo(
            has_next_page=answer.page_info.has_next_page, end_cursor=answer.page_info.end_cursor
        ),
    )


def _side(side: differences.DiffSide) -> DiffSide:
    as_of = None if side.as_of is None else DateTime(side.as_of)
    return DiffSide(node=made_node(side.node), as_of=as_of, run=None if side.run is None else ID(side.run))


def _difference(one: differences.Difference) -> Difference:
    return Difference(
        category=DifferenceCategory(one.category),
        change=DifferenceChange(one.change),
        what=one.what,
        subject=ID(one.subject),
        target=None if one.target is None else ID(one.target),
        name=one.name,
        before=one.before,
        after=one.after,
    )
