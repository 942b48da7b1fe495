"""What did a run state, and which events was it made of, as told in GraphQL?"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import strawberry
from strawberry import ID

from app.graphql.paging import PageInfo
from app.graphql.scalars import DateTime, Json
from app.http.questions import limits_of
from graph_schema.errors import NotSupported
from queries.run_details import stated_code, stated_schemas
from queries.run_events import RunEventQuestion, run_events

if TYPE_CHECKING:
    from app.graphql.asking import Asking
    from queries import results


@strawberry.enum
class IoDirection(StrEnum):
    INPUT = "INPUT"
    OUTPUT = "OUTPUT"


@strawberry.type(description="The schema facet of an input or output as this run stated it.")
class StatedSchema:
    dataset: ID
    direction: IoDirection
    body: Json = strawberry.field(name="schema")


@strawberry.type(description="What the run said of the code that it ran: facets of its job, as they came.")
class RunCode:
    sql: str | None
    source_code: Json | None
    source_code_location: Json | None


@strawberry.type(
    description="An event as it was accepted; passwords in addresses are replaced. eventTime is null where it is suspect."
)
class RunEvent:
    position: str
    event_time: DateTime | None
    event_type: str | None
    received_at: DateTime
    source: str
    suspect: bool
    body: Json


@strawberry.type(
    description="One page of a run's events, by time. A page may be shorter where events are long."
)
class RunEventConnection:
    nodes: list[RunEvent]
    page_info: PageInfo


async def events_of(asking: Asking, question: RunEventQuestion) -> RunEventConnection:
    """Answer which events a run was made of; raises NotSupported in a past: each event says since when it is known."""
    if asking.known_at is not None:
        raise NotSupported(
            "a run's events are told as they are known now, each with its position; ask without knownAt"
        )
    projection = await asking.projection()
    answering = run_events(
        asking.store, asking.run_events, question, limits_of(asking.settings), projection=projection
    )
    page = await asking.while_connected(answering)
    return RunEventConnection(
        nodes=[_event(one) for one in page.events],
        page_info=PageInfo(has_next_page=page.page_info.has_next_page, end_cursor=page.page_info.end_cursor),
    )


def _event(event: results.RunEvent) -> RunEvent:
    return RunEvent(
        position=event.position,
        event_time=DateTime(event.event_time) if event.event_time else None,
        event_type=event.event_type,
        received_at=DateTime(event.received_at),
        source=event.source,
        suspect=event.suspect,
        body=Json(event.body),
    )


def made_schemas(facets: Any) -> list[StatedSchema]:
    """Make the GraphQL objects of what a run's facets say of schemas."""
    return [
        StatedSchema(dataset=ID(one.dataset), direction=IoDirection(one.direction), body=Json(one.schema))
        for one in stated_schemas(facets)
    ]


def made_code(facets: Any) -> RunCode | None:
    """Make the GraphQL object of what a run's facets say of code."""
    code = stated_code(facets)
    if code is None:
        return None
    return RunCode(
        sql=code.sql,
        source_code=_json(code.source_code),
        source_code_location=_json(code.source_code_location),
    )


def _json(value: Any) -> Json | None:
    return None if value is None else Json(value)
