"""What does each of some events contribute, or why can the pure code not say? Nothing but the events is needed."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.fold import Contribution
from ingest.project.batch import Received, read_contribution

Read = Sequence[Contribution | str]
"""What each event contributes, or what the pure code raised."""


def read_here(received: Sequence[Received]) -> Read:
    """Read events one by one; where the pure code raises stands what it raised (rule D7)."""
    return [_read(one) for one in received]


def _read(one: Received) -> Contribution | str:
    try:
        return read_contribution(one)
    except Exception as error:  # noqa: BLE001 - the caller sets the event aside, whatever it was
        return repr(error)
