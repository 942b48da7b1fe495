"""Can somebody who wrote questions against the released schema still ask them?"""

from __future__ import annotations

import pytest

from tests.schema_breaks import BASE, MEANT, breaks, complaints, read_meant, served

SMALL = "type Query { a(first: Int): String  b: [Int!]! }  enum E { X Y }  type T { e: E }"


def test_nothing_breaks_that_nobody_meant() -> None:
    """Against the schema of the last release; `tests/schema_breaks.py` says how a break is accepted."""
    found = breaks(BASE.read_text("utf-8"), served())
    assert complaints(found, read_meant(MEANT.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (SMALL.replace("b: [Int!]!", ""), "Query.b was removed"),
        (SMALL.replace("b: [Int!]!", "b: [Int!]"), "Query.b changed type"),
        (SMALL.replace("(first: Int)", ""), "Query.a(first:) was removed"),
        (SMALL.replace("(first: Int)", "(first: Int, of: ID!)"), "Query.a(of:) was added"),
        (SMALL.replace(" Y }", " }"), "Y was removed"),
    ],
)
def test_a_break_is_found(now: str, says: str) -> None:
    """A removed field, a looser answer, a removed or a new required argument, a removed word."""
    assert now != SMALL
    (found,) = breaks(SMALL, now)
    assert says in found


def test_what_is_added_breaks_nobody() -> None:
    """New fields, types and optional arguments."""
    now = SMALL.replace("(first: Int)", "(first: Int, after: ID)") + "  type New { x: Int }"
    assert breaks(SMALL, now) == []


def test_an_accepted_break_needs_a_reason_and_has_to_be_one() -> None:
    """What is accepted is listed with why, and leaves the list once it is no break any more."""
    meant = read_meant("# Heading\n\n# nobody asked\nFIELD_REMOVED: T.e\nFIELD_REMOVED: T.f\n")
    assert meant == [("FIELD_REMOVED: T.e", "nobody asked"), ("FIELD_REMOVED: T.f", "")]
    assert complaints(["FIELD_REMOVED: T.e", "FIELD_REMOVED: T.g"], meant) == [
        "breaks readers: FIELD_REMOVED: T.g",
        "accepted, but breaks nothing: FIELD_REMOVED: T.f",
        "accepted without a reason: FIELD_REMOVED: T.f",
    ]
