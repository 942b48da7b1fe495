"""A second, plain reading of the rule of which write a read was of: every write is looked at for every read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from queries.acts import Read, Write
from tests.queries.edges import day

OPEN = {"STARTED", "RUNNING", "UNKNOWN"}


def matched(writes: Iterable[Write], drops: Iterable[str], read: Read) -> set[tuple[Write, str]]:
    """Which writes, and how each is known."""
    floor = max([drop for drop in drops if drop <= read.at], default="")
    others = [write for write in writes if write.run != read.run]
    counted = [write for write in others if write.began_at or write.outcome == "COMPLETED"]
    maybe = [write for write in others if not write.began_at and write.outcome in OPEN]
    steps = [("TIME", counted)]
    if read.version is not None and read.until is None:
        steps = [
            ("VERSION", [write for write in counted if write.version == read.version]),
            ("TIME", [write for write in counted if write.version is None]),
        ]
    found: set[tuple[Write, str]] = set()
    for how, some in [*steps, ("OPEN", maybe)]:
        when = {write: _done(write, read.at) for write in some}
        then = [at for at in when.values() if floor <= at <= read.at]
        if then and not found:
            last = {write for write, at in when.items() if at == max(then)}
            beside = {
                other for write in last for other in together(counted_of(writes), write)
                if floor <= other.at <= read.at and other.run != read.run
                and (len(steps) == 1 or other.version in {None, read.version})
            }  # fmt: skip
            found = {(write, how) for write in last | beside}
    if read.until is not None:
        known = {write for write, _ in found}
        for write in counted:
            goes_on = write.began_at is not None and write.began_at <= read.until and write.at > read.at
            if write not in known and (read.at < write.at <= read.until or goes_on):
                found.add((write, "STREAM"))
    return found


def counted_of(writes: Iterable[Write]) -> list[Write]:
    return [write for write in writes if write.began_at is None and write.outcome == "COMPLETED"]


def together(writes: Iterable[Write], first: Write) -> set[Write]:
    """Whoever can be reached from a write over spans that overlap, under its job and parent run."""
    if first.parent is None or first.began_at is not None or first.outcome != "COMPLETED":
        return set()
    part = [write for write in writes if (write.job, write.parent) == (first.job, first.parent)]
    found = {write for write in part if write.run == first.run}
    while True:
        more = {
            other for write in found for other in part
            if other.begins < write.at and write.begins < other.at
        }  # fmt: skip
        if more <= found:
            return found - {first}
        found |= more


def _done(write: Write, at: str) -> str:
    """A stream that had begun by then and goes on is writing then."""
    return at if write.began_at is not None and write.began_at <= at < write.at else write.at


def days(most: int) -> st.SearchStrategy[str]:
    return st.integers(0, most).map(day)


@st.composite
def write(draw: st.DrawFn, runs: Sequence[str], datasets: Sequence[str] = ("d",)) -> Write:
    """A write by one of some runs; a few are streams, or did not end well."""
    began, at = sorted((draw(st.integers(0, 9)), draw(st.integers(0, 9))))
    outcomes = ("COMPLETED", "COMPLETED", "COMPLETED", "FAILED", "ABORTED", "DROPPED", "RUNNING", "UNKNOWN")
    return Write(
        draw(st.sampled_from(runs)), draw(st.sampled_from(datasets)), day(at),
        draw(st.sampled_from((None, None, "v1", "v2"))), day(began) if draw(st.integers(0, 3)) == 0 else None,
        draw(st.sampled_from(outcomes)), "j", draw(st.sampled_from((None, None, "p1", "p2"))),
        draw(st.none() | days(9)),
    )  # fmt: skip


@st.composite
def read(draw: st.DrawFn, runs: Sequence[str], datasets: Sequence[str] = ("d",)) -> Read:
    """A read by one of some runs; a few are streams."""
    at, until = sorted((draw(st.integers(0, 9)), draw(st.integers(0, 9))))
    return Read(
        draw(st.sampled_from(runs)), draw(st.sampled_from(datasets)), day(at),
        draw(st.sampled_from((None, None, "v1", "v2"))), day(until) if draw(st.integers(0, 3)) == 0 else None,
    )  # fmt: skip
