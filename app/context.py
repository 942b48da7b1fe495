"""What does a running server hold in its hands?

Made and closed by `app/serve.py`, passed to `create_app`; routes find it at `request.app.state.context`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.metrics import Metrics
from app.pasts import Pasts
from app.settings import Settings
from ingest.inbox import Inbox, Journal
from queries.marquez.events import EventsByTime
from queries.received import ForwardRefused
from queries.run_events import RunEvents
from queries.store import GraphStore


def _none_refused(_after: int, _limit: int) -> list[ForwardRefused]:
    return []


def _nobody(_name: str) -> None:
    """Ask nobody: there is no such process beside this server."""


@dataclass(frozen=True, slots=True)
class Context:
    """Everything open; `children` says how the supervised processes are, none where others run them.

    `pasts` are graphs as they were known at a position, where this server makes them; `standings` is what the follower
    and the forwarder beside it say of themselves, `refusals` lists after a position what the receiver does not have.
    `nudge` asks a process beside it, by its name, to look now.
    """

    settings: Settings
    store: GraphStore
    inbox: Inbox
    journal: Journal
    metrics: Metrics
    run_events: RunEvents
    event_times: EventsByTime
    children: Callable[[], dict[str, Any]] = dict
    pasts: Pasts | None = None
    standings: Callable[[], dict[str, dict[str, Any]]] = dict
    refusals: Callable[[int, int], list[ForwardRefused]] = _none_refused
    nudge: Callable[[str], object] = _nobody
