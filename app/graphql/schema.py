"""What is the schema, with its limits? `python -m app.graphql.schema` prints it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig

from app.graphql.documents import Documents, Reading
from app.graphql.nodes import Check, Dataset, Facet, Field, Job, Person, Run
from app.graphql.query import Query
from app.graphql.scalars import SCALARS
from app.settings import Settings

if TYPE_CHECKING:
    from graphql import GraphQLError


class Position(SchemaExtension):
    """Say with every answer how far the graph had come."""

    def get_results(self) -> dict[str, Any]:
        """Say up to where the graph was made when the questions were answered."""
        position = getattr(self.execution_context.context, "position", None)
        return {} if position is None else {"position": position}


class Schema(strawberry.Schema):
    """The schema; errors are logged where they are told (`telling.py`), not twice."""

    documents: Documents

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Leave the errors alone."""


def make_schema(settings: Settings) -> Schema:
    """Build the schema with the limits that were set."""
    documents = Documents(settings)
    schema = Schema(
        query=Query,
        types=[Dataset, Field, Job, Run, Person, Facet, Check],
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
