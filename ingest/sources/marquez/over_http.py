"""What can be taken over where only Marquez's HTTP API can be reached?

`GET /api/v1/events/lineage` gives run events by event time, in no order among equal times, and an offset may skip some. So time
is halved until all events of a window come in one answer. Each answer is complete for its window as of when it was given; what
arrives later with an older event time is not in it, so nothing can be followed this way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import msgspec

from graph_schema import instants
from ingest.journal import Journal
from ingest.sources.child import journal_in
from ingest.sources.faults import SourceRefused, SourceUnavailable
from ingest.sources.marquez.cursor import FIRST, SECOND, Span, from_micros
from ingest.sources.marquez.rows import Counts, Row, mark_of, sorted_out

if TYPE_CHECKING:
    from ingest.sources.marquez.address import Address

PATH: Final = "/api/v1/events/lineage"
END: Final = 253_402_214_400 * SECOND
"""The last day of the year 9999: Marquez asks for nothing behind 2029 unless it is told to."""

AT_ONCE: Final = 500
TIMEOUT_S: Final = 120.0
TRIES_MAX: Final = 8
PAUSE_LONGEST_S: Final = 10.0
APPEND_BYTES: Final = 4 * 1024 * 1024

LIMITS: Final = (
    "over HTTP Marquez gives run events alone: dataset events and job events are left out",
    "what arrived while this ran with an event time already passed is not in it: run it again, or have the events forwarded",
    "nothing is followed over HTTP: give marquez://USER@HOST:5432/marquez for that",
    "what Marquez lost is lost here too: unknown members inside the parent facet",
)

_SAYS: Final = "is it the address of Marquez's API?"


class _Answer(msgspec.Struct):
    total: int = msgspec.field(name="totalCount")
    events: list[msgspec.Raw]


_ANSWER: Final = msgspec.json.Decoder(_Answer)
Said = Callable[[int, int, int, str | None], object]


def take_over(home: Path, address: Address, say: Said) -> dict[str, Any]:
    """Take over all run events; gives what came of it, and what could not be had this way."""
    counts = Counts()
    with (
        journal_in(home) as journal,
        httpx.Client(base_url=address.conninfo, timeout=TIMEOUT_S, trust_env=False) as client,
    ):
        refused = {mark_of(body) for body in _refused(journal)}
        total = _window(client, address, Span(FIRST, END), limit=0)[0]
        for bodies in _windows(client, address, Span(FIRST, END)):
            for some in _by_size(bodies):
                _keep(journal, some, counts, refused)
                say(counts.rows, total, counts.bytes, None)
    left_out = total - counts.rows
    more = [f"{left_out:,} of {total:,} rows were not given: dataset and job events"] if left_out > 0 else []
    return {"address": address.shown, **asdict(counts), "notes": more, "limits": list(LIMITS)}


def _windows(client: httpx.Client, address: Address, span: Span) -> Iterator[list[bytes]]:
    """Give all events of a span of time, window by window."""
    waiting = [span]
    while waiting:
        here = waiting.pop()
        end = here.end or END
        total, bodies = _window(client, address, here, limit=AT_ONCE)
        middle = (here.start + end) // 2
        if total <= AT_ONCE:
            yield bodies
        elif middle > here.start:
            waiting += [Span(middle, end), Span(here.start, middle)]
        else:  # so many of one microsecond: all at once, for they have no order to page by
            yield _window(client, address, here, limit=total + AT_ONCE)[1]


def _window(client: httpx.Client, address: Address, span: Span, *, limit: int) -> tuple[int, list[bytes]]:
    """Ask for the events of a window: how many rows it has, and the first of them."""
    asked = {
        "after": instants.render_instant(from_micros(span.start)),
        "before": instants.render_instant(from_micros(span.end or END)),
        "limit": limit,
        "sortDirection": "asc",
    }
    try:
        answer = _ANSWER.decode(_asked(client, address, asked))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = f"{address.shown}{PATH} does not answer as Marquez does"
        raise SourceRefused(f"{what}; give the address of Marquez's API", address=address.shown) from error
    return answer.total, [bytes(event) for event in answer.events]


def _asked(client: httpx.Client, address: Address, asked: dict[str, Any]) -> bytes:
    """Ask, some times over while Marquez is away; it answers 500 when its database is."""
    pause_s = 0.2
    for left in reversed(range(TRIES_MAX)):
        with _told(address, again=left > 0):
            answer = client.get(PATH, params=asked)
            if answer.status_code < httpx.codes.BAD_REQUEST:
                return answer.content
            if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                what = f"{address.shown}{PATH} answers {answer.status_code}"
                raise SourceRefused(f"{what}: {answer.text[:200]}; {_SAYS}", address=address.shown)
            answer.raise_for_status()
        time.sleep(pause_s)
        pause_s = min(pause_s * 2, PAUSE_LONGEST_S)
    raise AssertionError("the last try raises")


@contextmanager
def _told(address: Address, *, again: bool) -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        if again and not isinstance(error, httpx.UnsupportedProtocol):
            return
        what = f"{address.shown} cannot be read now ({error or type(error).__name__})"
        raise SourceUnavailable(
            f"{what}; start Marquez, or mend the address", address=address.shown
        ) from error


def _keep(journal: Journal, bodies: list[bytes], counts: Counts, refused: set[bytes]) -> None:
    rows = [Row(None, body) for body in bodies]
    records, bad = sorted_out(rows, received_at=instants.now(), is_refused=refused.__contains__)
    counts.add(rows, journal.append(records), refused=len(bad))
    refused |= bad


def _by_size(bodies: list[bytes]) -> Iterator[list[bytes]]:
    held: list[bytes] = []
    size = 0
    for body in bodies:
        if held and size + len(body) > APPEND_BYTES:
            yield held
            held, size = [], 0
        held.append(body)
        size += len(body)
    if held:
        yield held


def _refused(journal: Journal) -> Iterator[bytes]:
    """Give the bodies that were refused before."""
    position = 0
    while found := journal.read_after(position, 1_000, kind="rejected"):
        position = found[-1].position
        yield from (one.body for one in found)
