"""What is to be asked of a server at each look, so that nothing is missed?

MLflow keeps no time of change for runs, and start and end are what the client says. So a look asks for runs that began lately,
that ended lately, that are open, and that were open; and a sweep goes through all of them, a page at each look, and begins
again when it is through. What a look finds is compared by content.

All times are MLflow's, in milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

OVERLAP_MS: Final = 10 * 60 * 1000
"""By so much the clocks of two clients may differ."""

IDS_AT_ONCE: Final = 100
OPEN_STATES: Final = ("RUNNING", "SCHEDULED")


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a server was read: the greatest start and end seen, and where the sweep is.

    `ended` is None until all that was there at first has been told. `sweep` is the start time up to which the present
    sweep has come, None between two; `sweeps` counts those that came through, `swept_at` is when the last did.
    """

    started: int = 0
    ended: int | None = None
    models: int = 0
    sweep: int | None = None
    sweeps: int = 0
    swept_at: float = 0.0


def first_filter(cursor: Cursor) -> str:
    """Ask for what the first reading has not come to yet."""
    return _since("start_time", cursor.started) if cursor.started else ""


def filters(cursor: Cursor, held_open: Sequence[str]) -> Iterator[str]:
    """Ask for what may be new or other than it was."""
    yield _since("start_time", cursor.started)
    yield _since("end_time", cursor.ended or 0)
    for state in OPEN_STATES:
        yield f"attributes.status = '{state}'"
    for start in range(0, len(held_open), IDS_AT_ONCE):
        listed = ", ".join(f"'{one}'" for one in held_open[start : start + IDS_AT_ONCE])
        yield f"attributes.run_id IN ({listed})"


def models_filter(cursor: Cursor) -> str:
    """Ask for logged models that are new."""
    since = max(0, cursor.models - OVERLAP_MS)
    return f"last_updated_timestamp >= {since}" if since else ""


def sweep_filter(cursor: Cursor) -> str:
    """Ask for the part that the sweep has not come to yet."""
    return f"attributes.start_time >= {cursor.sweep}" if cursor.sweep else ""


def seen(cursor: Cursor, starts: Iterable[int], ends: Iterable[int], *, now: int) -> Cursor:
    """Take note of runs that were told. A time ahead of now is a client's clock, and holds up no other's."""
    started = min(max((cursor.started, *starts)), max(now, cursor.started))
    ended = cursor.ended
    if ended is not None:
        ended = min(max((ended, *ends)), max(now, ended))
    return replace(cursor, started=started, ended=ended)


def _since(member: str, time: int) -> str:
    return f"attributes.{member} >= {max(0, time - OVERLAP_MS)}"
