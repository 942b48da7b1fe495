"""How many events, jobs, datasets and sources were there, hour by hour of a day or day by day of a week?

Times are those of the events. Jobs, datasets and sources are counted up to the end of each interval, by when they were
first named.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from graph_schema.errors import BadInput
from graph_schema.instants import render_instant, to_datetime
from queries.lists import together
from queries.marquez.catalog import span_of
from queries.marquez.events import Counts, EventsByTime, read_counts
from queries.marquez.names import wire_time
from queries.marquez.shapes import Count, EventCounts, Source
from queries.projection import Projection
from queries.statements import statement
from queries.store import GraphStore

PERIODS: Final = ("DAY", "WEEK")
_TYPES: Final = ("FAIL", "START", "COMPLETE", "ABORT")

Interval = tuple[str, str]


def intervals(period: str, timezone: str | None, at: str) -> list[Interval]:
    """Give the hours of the day that ends with the present one, or the days of such a week in a time zone; raises BadInput."""
    now = to_datetime(at)
    if period == "DAY":
        hour = now.replace(minute=0, second=0, microsecond=0)
        edges = [hour + timedelta(hours=number) for number in range(-23, 2)]
    else:
        zone = _zone(timezone)
        today = now.astimezone(zone).date()
        days = [today + timedelta(days=number) for number in range(-6, 2)]
        edges = [datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) for day in days]
    told = [render_instant(edge) for edge in edges]
    return list(pairwise(told))


def _zone(timezone: str | None) -> tzinfo:
    if not timezone:
        raise BadInput(
            "say the time zone of the days: timezone=UTC, or timezone=Europe/Berlin", parameter="timezone"
        )
    if timezone.upper() in {"UTC", "GMT", "Z"}:
        return UTC
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(
            f"there is no time zone {timezone[:60]!r} here; write it like Europe/Berlin", parameter="timezone"
        ) from error


async def count_events(
    reader: EventsByTime, spans: Sequence[Interval], *, projection: Projection
) -> list[EventCounts]:
    """Count the run events of each interval by type."""
    counts = await read_counts(reader, spans[0][0], projection=projection)
    return _event_counts(counts, spans)


def _event_counts(counts: Counts, spans: Sequence[Interval]) -> list[EventCounts]:
    found: dict[tuple[int, str], int] = {}
    starts = [start for start, _ in spans]
    for quarter, kind, number in counts:
        at = f"{quarter}:00.000000Z"
        place = bisect_right(starts, at) - 1
        if place >= 0 and at < spans[place][1]:
            found[place, kind] = found.get((place, kind), 0) + number
    return [
        EventCounts(
            start_interval=wire_time(start) or "",
            end_interval=wire_time(end) or "",
            **{kind.lower(): found.get((place, kind), 0) for kind in _TYPES},
        )
        for place, (start, end) in enumerate(spans)
    ]


async def count_named(store: GraphStore, kind: str, spans: Sequence[Interval]) -> list[Count]:
    """Count the jobs or the datasets that had been named by the end of each interval."""
    span = span_of("job" if kind == "job" else "dataset")
    counted, since = await together(
        store.read(statement(f"marquez/{span.kind}s_count"), **span.values),
        store.read(statement(f"marquez/{span.kind}s_named_since"), since=spans[0][0]),
    )
    minutes = [(row["minute"], int(row["count"])) for row in since]
    before = int(counted[0]["count"]) - sum(number for _, number in minutes)
    return count_up(before, minutes, spans)


def count_up(before: int, minutes: Iterable[tuple[str, int]], spans: Sequence[Interval]) -> list[Count]:
    """Add up what came in each minute to how many there were by the end of each interval."""
    found = []
    rest = sorted(minutes)
    for start, end in spans:
        before += sum(number for minute, number in rest if minute < end[:16])
        rest = [(minute, number) for minute, number in rest if minute >= end[:16]]
        found.append(
            Count(start_interval=wire_time(start) or "", end_interval=wire_time(end) or "", count=before)
        )
    return found


def count_sources(sources: Sequence[Source], spans: Sequence[Interval]) -> list[Count]:
    """Count the sources that had been named by the end of each interval."""
    minutes = [((one.created_at or "")[:16], 1) for one in sources]
    return count_up(0, minutes, spans)
