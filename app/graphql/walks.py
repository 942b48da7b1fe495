"""How is a lineage answer told in GraphQL?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import strawberry
from strawberry import ID
from strawberry.types.nodes import SelectedField

from app.graphql.completeness import Completeness, made_completeness
from app.graphql.kinds import Evidence, MatchedBy, NodeKind
from app.graphql.nodes import Node, made_node
from app.graphql.paging import PageInfo
from app.graphql.scalars import DateTime

if TYPE_CHECKING:
    from strawberry.types.nodes import Selection

    from queries import results


@strawberry.type(description="A row of the answer; depth counts edges from the root.")
class LineageNode:
    node: Node
    depth: int


@strawberry.type(
    description="A version of a dataset that one run wrote and another read. Where no run is known at one end, that end of the "
    "edge is the dataset, and matchedBy is null."
)
class RunFlow:
    dataset: ID
    version: str | None
    written_at: DateTime | None
    read_at: DateTime | None
    matched_by: MatchedBy | None


@strawberry.type(description="That data flowed from source to target; the rows of several jobs are joined.")
class LineageEdge:
    source: ID
    target: ID
    jobs: list[ID]
    evidence: Evidence
    valid_from: DateTime | None
    valid_to: DateTime | None
    last_at: DateTime | None
    types: list[str | None] | None = strawberry.field(
        description="Between fields: what was done to the data (DIRECT, INDIRECT), one for each way; parallel "
        "to subtypes and maskings. Null between datasets."
    )
    subtypes: list[str | None] | None
    maskings: list[bool | None] | None
    through: list[RunFlow] | None = strawberry.field(
        description="Between runs: which versions of which datasets got over. Null at other granularities."
    )


@strawberry.type(
    description="That a field decides over a whole dataset, as a filter, a join or a sort does. Never walked."
)
class ShapeEdge:
    source: ID
    target: ID
    jobs: list[ID]
    types: list[str | None]
    subtypes: list[str | None]
    maskings: list[bool | None]
    valid_from: DateTime | None
    valid_to: DateTime | None
    last_at: DateTime | None


@strawberry.type(
    description="A job that reads a dataset and outputs nothing: a check, a dashboard, a report."
)
class Consumer:
    dataset: ID
    job: ID


@strawberry.type
class KindCount:
    kind: NodeKind
    count: int


@strawberry.type
class DepthCount:
    depth: int
    count: int


@strawberry.type(description="What the whole walk reached, on all pages; counted only when asked for.")
class LineageTotals:
    nodes: int
    edges: int
    by_kind: list[KindCount]
    by_depth: list[DepthCount]


@strawberry.type(
    description="One page of what lies upstream or downstream, nearest first. An edge is on the page of its "
    "later end. The root is never listed; of a run or a job, its datasets are the rows at depth 0; at "
    "granularity FIELD, so are the fields of a dataset, run or job. At granularity JOB, jobs are rows too, and a run's "
    "job is the row at depth 0. At RUN, rows are runs; a dataset is one where no run is known to have written or read it; a "
    "job's newest run is the row at depth 0."
)
class Lineage:
    root: Node
    nodes: list[LineageNode]
    edges: list[LineageEdge]
    totals: LineageTotals
    completeness: Completeness
    page_info: PageInfo
    shapes: list[ShapeEdge] | None = strawberry.field(
        description="At granularity FIELD, beside the fields of this page: downstream the datasets that they "
        "shape, upstream the fields that shape their datasets. Null at other granularities."
    )
    consumers: list[Consumer] | None = strawberry.field(
        description="Downstream at granularity DATASET: the jobs that read a dataset of this page, or the root, and "
        "output nothing. Read only when selected; as it is now."
    )


def made_lineage(answer: results.Lineage) -> Lineage:
    """Make the GraphQL object; `totals` is empty where it was not selected, and nobody sees it then."""
    return Lineage(
        root=made_node(answer.root),
        nodes=[LineageNode(node=made_node(row.node), depth=row.depth) for row in answer.nodes],
        edges=[made_edge(edge) for edge in answer.edges],
        totals=_totals(answer.totals),
        completeness=made_completeness(answer.completeness),
        page_info=PageInfo(
            has_next_page=answer.page_info.has_next_page, end_cursor=answer.page_info.end_cursor
        ),
        shapes=None if answer.shapes is None else [made_shape(edge) for edge in answer.shapes],
        consumers=_consumers(answer.consumers),
    )


def made_edge(edge: results.LineageEdge) -> LineageEdge:
    """Make the GraphQL object of an edge."""
    return LineageEdge(
        source=ID(edge.source),
        target=ID(edge.target),
        jobs=[ID(job) for job in edge.jobs],
        evidence=Evidence(edge.evidence),
        valid_from=_instant(edge.valid_from),
        valid_to=_instant(edge.valid_to),
        last_at=_instant(edge.last_at),
        types=edge.types,
        subtypes=edge.subtypes,
        maskings=edge.maskings,
        through=None if edge.through is None else [_flow(flow) for flow in edge.through],
    )


def _flow(flow: results.RunFlow) -> RunFlow:
    return RunFlow(
        dataset=ID(flow.dataset),
        version=flow.version,
        written_at=_instant(flow.written_at),
        read_at=_instant(flow.read_at),
        matched_by=MatchedBy(flow.matched_by) if flow.matched_by else None,
    )


def made_shape(edge: results.ShapeEdge) -> ShapeEdge:
    """Make the GraphQL object of what shapes a whole dataset."""
    return ShapeEdge(
        source=ID(edge.source),
        target=ID(edge.target),
        jobs=[ID(job) for job in edge.jobs],
        types=edge.types,
        subtypes=edge.subtypes,
        maskings=edge.maskings,
        valid_from=_instant(edge.valid_from),
        valid_to=_instant(edge.valid_to),
        last_at=_instant(edge.last_at),
    )


def _consumers(found: Iterable[results.Consumer] | None) -> list[Consumer] | None:
    return None if found is None else [Consumer(dataset=ID(one.dataset), job=ID(one.job)) for one in found]


def _instant(text: str | None) -> DateTime | None:
    return DateTime(text) if text else None


def _totals(totals: results.LineageTotals | None) -> LineageTotals:
    if totals is None:
        return LineageTotals(nodes=0, edges=0, by_kind=[], by_depth=[])
    return LineageTotals(
        nodes=totals.nodes,
        edges=totals.edges,
        by_kind=[KindCount(kind=NodeKind(one.kind), count=one.count) for one in totals.by_kind],
        by_depth=[DepthCount(depth=one.depth, count=one.count) for one in totals.by_depth],
    )


def is_selected(selections: Iterable[Selection], name: str) -> bool:
    """Tell whether a field is selected directly or in a fragment, whatever @include says."""
    return any(
        one.name == name if isinstance(one, SelectedField) else is_selected(one.selections, name)
        for one in selections
    )
