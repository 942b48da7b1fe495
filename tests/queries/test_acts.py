"""Is each read matched with the write that it was of, whatever else was written?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.acts import Read, Write, Writes
from tests.queries import naive_acts
from tests.queries.edges import day

RUNS = ("r1", "r2", "r3", "r4")


@settings(max_examples=500)
@given(
    writes=st.lists(naive_acts.write(RUNS), max_size=8),
    drops=st.lists(naive_acts.days(9), max_size=2),
    read=naive_acts.read(RUNS),
)
def test_a_read_is_matched_as_plain_loops_would(writes: list[Write], drops: list[str], read: Read) -> None:
    """Halving sorted lists finds what looking at every write finds, and knows it in the same way."""
    found = Writes(writes, drops).read_by(read)
    assert {(match.write, match.how) for match in found} == naive_acts.matched(writes, drops, read)
    assert all(match.read == read for match in found)


def wrote(number: int, at: int, **more: str | None) -> Write:
    return Write(f"r{number}", "d", day(at), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("writes", "read", "expected"),
    [
        ([wrote(1, 1), wrote(2, 2), wrote(3, 4)], Read("r", "d", day(3)), {("r2", "TIME")}),
        ([wrote(1, 1), wrote(2, 3)], Read("r", "d", day(3)), {("r2", "TIME")}),
        ([wrote(1, 1, version="a"), wrote(2, 2, version="b")], Read("r", "d", day(3), "a"), {("r1", "VERSION")}),
        ([wrote(1, 1), wrote(2, 2, version="b")], Read("r", "d", day(3), "a"), {("r1", "TIME")}),
        ([wrote(1, 4, version="a")], Read("r", "d", day(3), "a"), set()),
        ([wrote(1, 1), wrote(2, 2, outcome="FAILED")], Read("r", "d", day(3)), {("r1", "TIME")}),
        ([wrote(1, 1), wrote(2, 2, outcome="RUNNING")], Read("r", "d", day(3)), {("r1", "TIME")}),
        ([wrote(2, 2, outcome="RUNNING")], Read("r", "d", day(3)), {("r2", "OPEN")}),
        ([wrote(1, 9, began_at=day(1)), wrote(2, 2)], Read("r", "d", day(3)), {("r1", "TIME")}),
        ([wrote(1, 2), wrote(2, 2)], Read("r2", "d", day(3)), {("r1", "TIME")}),
        (
            [wrote(1, 1), wrote(2, 4), wrote(3, 9)],
            Read("r", "d", day(3), None, day(5)),
            {("r1", "TIME"), ("r2", "STREAM")},
        ),
        (
            [
                wrote(1, 2, job="j", parent="p", started_at=day(0)),
                wrote(2, 3, job="j", parent="p", started_at=day(1)),
                wrote(3, 5, job="j", parent="p", started_at=day(2)),
                wrote(4, 1, job="k", parent="p", started_at=day(0)),
            ],
            Read("r", "d", day(4)),
            {("r1", "TIME"), ("r2", "TIME")},
        ),
    ],
    ids=[
        "the last before", "at the instant counts", "by version", "none that states another", "never a later one",
        "a failed run wrote nothing", "an open one only at need", "at need", "a stream is the last meanwhile",
        "never its own", "a stream reads on", "what was written together, by then",
    ],
)  # fmt: skip
def test_the_rule_case_by_case(writes: list[Write], read: Read, expected: set[tuple[str, str]]) -> None:
    """The rule, one part of it at a time."""
    assert {(match.write.run, match.how) for match in Writes(writes).read_by(read)} == expected


def test_nothing_is_read_from_before_a_drop() -> None:
    """What was written before a drop is gone for later reads; a write at the instant of the drop is after it."""
    writes = Writes([wrote(1, 1), wrote(2, 3)], [day(2)])
    assert [match.write.run for match in writes.read_by(Read("r", "d", day(1)))] == ["r1"]
    assert writes.read_by(Read("r", "d", day(2))) == []
    again = Writes([wrote(1, 1), wrote(2, 2)], [day(2)])
    assert [match.write.run for match in again.read_by(Read("r", "d", day(2)))] == ["r2"]
