"""The real fold and derivation, run on a history in given batches, into a graph of dictionaries.

Histories of laws are short: here sequences are settled as early as ever possible (`ingest/derive/settled.py`).
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest import canonical
from ingest.derive.settled import Pace
from ingest.project.batch import Received, project_batch, read_contribution
from ingest.state import State
from tests.laws.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Sequence

History = "Sequence[tuple[dict[str, Any], bool]]"


def real_graph(events: Sequence[tuple[dict[str, Any], bool]], batches: Sequence[int] = ()) -> Graph:
    """Project canonical events with their flags, cut into batches of the given sizes (the rest is one)."""
    seen: dict[bytes, Received] = {}
    for form, suspect in events:
        body = canonical.text_of(form)
        digest = canonical.digest(form)
        # Of one hash received with both flags suspect wins, whatever the order (rule F1).
        before = seen.get(digest)
        seen[digest] = Received(body, digest, suspect or (before is not None and before.suspect))
    return project_received(list(seen.values()), batches)


def project_received(received: Sequence[Received], batches: Sequence[int] = ()) -> Graph:
    """Project what a journal would give, in batches."""
    graph = Graph()
    with tempfile.TemporaryDirectory() as home:
        state = State(Path(home) / "state.sqlite", Pace(step=1, open_runs=2, stride=1))
        position = 0
        for size in [*batches, len(received)]:
            part = received[position : position + size]
            position += size
            if part:
                state.begin()
                graph.apply(project_batch(state, [read_contribution(one) for one in part]))
                state.commit()
        state.close()
    return graph


def real_export(
    events: Sequence[tuple[dict[str, Any], bool]], batches: Sequence[int] = ()
) -> list[dict[str, Any]]:
    """Give the export of a history."""
    return real_graph(events, batches).export()
