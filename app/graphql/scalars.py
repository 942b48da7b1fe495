"""Which values does GraphQL carry that are no string, int, float or boolean?"""

from __future__ import annotations

from typing import Any, Final, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from graph_schema.instants import parse_instant

DateTime = NewType("DateTime", str)
"""An instant, always written `YYYY-MM-DDThh:mm:ss.ffffffZ`; any ISO 8601 time is read."""

Json = NewType("Json", object)
"""Any JSON value, such as a facet as its producer sent it."""

BigInt = NewType("BigInt", int)
"""A whole number that a producer chose, such as a count of bytes; written as text, since GraphQL's own Int ends at
2^31 and JavaScript's numbers are exact up to 2^53 alone."""


def _read_instant(value: Any) -> DateTime:
    if not isinstance(value, str):
        raise GraphQLError("a DateTime is text like 2026-05-01T00:00:00Z", extensions={"code": "BAD_INPUT"})
    try:
        return DateTime(parse_instant(value))
    except ValueError as error:
        message = f"{error}; write it like 2026-05-01T00:00:00Z"
        raise GraphQLError(message, extensions={"code": "BAD_INPUT"}) from error


SCALARS: Final[dict[object, ScalarDefinition]] = {
    DateTime: strawberry.scalar(
        name="DateTime",
        description="An instant, written YYYY-MM-DDThh:mm:ss.ffffffZ; any ISO 8601 time is read.",
        serialize=str,
        parse_value=_read_instant,
    ),
    Json: strawberry.scalar(name="JSON", description="Any JSON value.", serialize=lambda value: value),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number of any size, as text.",
        serialize=str,
        parse_value=int,
    ),
}
