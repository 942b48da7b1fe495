"""What is the schema, with its limits? `python -m app.graphql.schema` prints it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import strawberry
from strawberry.extensions import (
    MaxAliasesLimiter,
    MaxTokensLimiter,
    ParserCache,
    QueryDepthLimiter,
    ValidationCache,
)
from strawberry.schema.config import StrawberryConfig

from app.graphql.limits import CostLimit, Position
from app.graphql.nodes import Check, Dataset, Facet, Field, Job, Person, Run
from app.graphql.query import Query
from app.graphql.scalars import SCALARS
from app.settings import Settings

if TYPE_CHECKING:
    from graphql import GraphQLError

DOCUMENTS_KEPT: Final = 256


class Schema(strawberry.Schema):
    """The schema; errors are logged where they are told (`limits.py`), not twice."""

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Leave the errors alone."""


def make_schema(settings: Settings) -> Schema:
    """Build the schema with the limits that were set."""
    return Schema(
        query=Query,
        types=[Dataset, Field, Job, Run, Person, Facet, Check],
        config=StrawberryConfig(scalar_map=SCALARS, relay_max_results=settings.page_max),
        extensions=[
            Position,
            lambda: ParserCache(maxsize=DOCUMENTS_KEPT),
            lambda: ValidationCache(maxsize=DOCUMENTS_KEPT),
            lambda: QueryDepthLimiter(max_depth=settings.graphql_depth_max),
            lambda: MaxAliasesLimiter(max_alias_count=settings.graphql_aliases_max),
            lambda: MaxTokensLimiter(max_token_count=settings.graphql_tokens_max),
            lambda: CostLimit(settings.graphql_cost_max),
        ],
    )


if __name__ == "__main__":
    sys.stdout.write(make_schema(Settings()).as_str().rstrip() + "\n")
