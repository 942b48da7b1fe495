"""What is the schema, with its limits? `python -m app.graphql.schema` prints it."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from app.graphql.changes import Subscription
from app.graphql.documents import Documents, Reading
from app.graphql.experiments import Approval, Deployment, Experiment, Model
from app.graphql.mutation import Mutation
from app.graphql.nodes import Check, Dataset, Facet, Field, Job, Person, Run
from app.graphql.query import Query
from app.graphql.scalars import SCALARS
from app.graphql.telling import BadQuery, tell_all
from app.settings import Settings

if TYPE_CHECKING:
    from app.graphql.asking import Asking


class Position(SchemaExtension):
    """Say with every answer how far the graph had come."""

    def get_results(self) -> dict[str, Any]:
        """Say up to where the graph was made when the questions were answered."""
        position = getattr(self.execution_context.context, "position", None)
        return {} if position is None else {"position": position}


class Schema(strawberry.Schema):
    """The schema; errors are logged where they are told (`telling.py`), not twice."""

    documents: Documents

    async def execute(self, query: str | None, *more: Any, **given: Any) -> Any:
        """Answer once; raises BadQuery for a subscription, whose answers do not end."""
        allowed = set(given.get("allowed_operation_types") or OperationType)
        given["allowed_operation_types"] = allowed - {OperationType.SUBSCRIPTION}
        try:
            return await super().execute(query, *more, **given)
        except InvalidOperationTypeError as error:
            if error.operation_type is not OperationType.SUBSCRIPTION:
                raise
            raise BadQuery(
                "a subscription is asked over a WebSocket (graphql-transport-ws), "
                "or by POST with Accept: text/event-stream"
            ) from error

    async def stream(self, query: str | None, *more: Any, **given: Any) -> Any:
        """Answer over a stream: each operation with a context of its own, each error with its code."""
        asking: Asking = given["context_value"].anew()
        answers = await super().stream(query, *more, **{**given, "context_value": asking})
        return _told(answers, asking)

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Leave the errors alone."""


async def _told(answers: Any, asking: Asking) -> AsyncGenerator[Any, None]:
    try:
        async with aclosing(answers):
            async for answer in answers:
                if answer.errors:
                    answer.errors = tell_all(answer.errors, asking.request_id, asking.metrics)
                yield answer
    except GraphQLError as error:  # what is no document at all
        told = tell_all([error], asking.request_id, asking.metrics)
        yield PreExecutionError(data=None, errors=told)


def make_schema(settings: Settings) -> Schema:
    """Build the schema with the limits that were set."""
    documents = Documents(settings)
    schema = Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Dataset, Field, Job, Run, Person, Facet, Check, Experiment, Model, Deployment, Approval],
        config=StrawberryConfig(
            scalar_map=SCALARS,
            relay_max_results=settings.page_max,
            disable_field_suggestions=not settings.graphql_introspection,
        ),
        extensions=[Position, lambda: Reading(documents)],
    )
    documents.schema = schema._schema  # noqa: SLF001 - strawberry's way to the graphql-core schema
    schema.documents = documents
    return schema


if __name__ == "__main__":
    sys.stdout.write(make_schema(Settings()).as_str().rstrip() + "\n")
