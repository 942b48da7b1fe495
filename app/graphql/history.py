"""How is the history of a dataset told in GraphQL?"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import strawberry
from strawberry import ID

from app.graphql.completeness import Completeness, made_completeness
from app.graphql.kinds import Evidence
from app.graphql.paging import PageInfo
from app.graphql.scalars import DateTime
from app.http.questions import limits_of
from queries.history import history

if TYPE_CHECKING:
    from app.graphql.asking import Asking
    from queries import results
    from queries.history import HistoryQuestion


@strawberry.enum(description="What happened to a dataset's name.")
class ChangeKind(StrEnum):
    CREATED = "CREATED"
    DROPPED = "DROPPED"
    RENAMED_FROM = "RENAMED_FROM"
    RENAMED_TO = "RENAMED_TO"


@strawberry.type(
    description="What happened to a dataset's name, when, and by which run. CREATED is when an event first named it. "
    "other: the other name of a rename."
)
class NameChange:
    kind: ChangeKind
    at: DateTime | None
    other: ID | None
    run: ID | None


@strawberry.type(
    description="A time during which data flowed: from validFrom on, before validTo (null: it still does). openedBy and "
    "closedBy: the runs that ended then by writing the target, or dropped it; null where no run can be named."
)
class Interval:
    valid_from: DateTime | None
    valid_to: DateTime | None
    opened_by: list[ID] | None
    closed_by: list[ID] | None


@strawberry.type(
    description="An edge of one job (null: a dataset's own event) through time, oldest interval first. earlier: how many "
    "intervals before these are not kept."
)
class EdgeHistory:
    source: ID
    target: ID
    job: ID | None
    evidence: Evidence
    last_at: DateTime | None
    earlier: int
    intervals: list[Interval]


@strawberry.type(
    description="What happened to a dataset, under its canonical name, and one page of the edges that ever entered it, by "
    "source and job; from one source alone where that was asked. truncatedBy intervals, changes: older ones are not kept."
)
class History:
    dataset: ID
    source: ID | None
    changes: list[NameChange]
    edges: list[EdgeHistory]
    completeness: Completeness
    page_info: PageInfo


async def history_of(asking: Asking, question: HistoryQuestion, known_at: str | None) -> History:
    """Answer a question about history, as it is known now or was then."""
    projection = await asking.projection(known_at)
    answering = history(asking.store, question, limits_of(asking.settings), projection=projection)
    return _made(await asking.while_connected(answering))


def _made(answer: results.History) -> History:
    return History(
        dataset=ID(answer.dataset),
        source=_id(answer.source),
        changes=[
            NameChange(kind=ChangeKind(one.kind), at=_instant(one.at), other=_id(one.other), run=_id(one.run))
            for one in answer.changes
        ],
        edges=[_edge(edge) for edge in answer.edges],
        completeness=made_completeness(answer.completeness),
        page_info=PageInfo(
            has_next_page=answer.page_info.has_next_page, end_cursor=answer.page_info.end_cursor
        ),
    )


def _edge(edge: results.EdgeHistory) -> EdgeHistory:
    return EdgeHistory(
        source=ID(edge.source),
        target=ID(edge.target),
        job=_id(edge.job),
        evidence=Evidence(edge.evidence),
        last_at=_instant(edge.last_at),
        earlier=edge.earlier,
        intervals=[
            Interval(
                valid_from=_instant(one.valid_from),
                valid_to=_instant(one.valid_to),
                opened_by=_ids(one.opened_by),
                closed_by=_ids(one.closed_by),
            )
            for one in edge.intervals
        ],
    )


def _id(key: str | None) -> ID | None:
    return ID(key) if key else None


def _ids(keys: list[str] | None) -> list[ID] | None:
    return None if keys is None else [ID(key) for key in keys]


def _instant(text: str | None) -> DateTime | None:
    return DateTime(text) if text else None
