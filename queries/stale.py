"""Which open runs has nobody heard the end of?

Computed when asked, never stored: an open batch run is stale when a later run of its job has ended, or when
nothing was heard of it for 24 hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from graph_schema.instants import plus_hours
from queries.nodes import read_nodes
from queries.results import Job, Run
from queries.statements import statement
from queries.store import GraphStore

QUIET_HOURS: Final = 24
OPEN_STATES: Final = frozenset({"STARTED", "RUNNING", "UNKNOWN"})
ENDLESS: Final = frozenset({"STREAMING", "SERVICE"})


async def read_stale(store: GraphStore, keys: Sequence[str], *, now: str) -> dict[str, bool]:
    """Tell of each run whether it is stale at an instant."""
    runs = [run for run in (await read_nodes(store, "run", keys)).values() if isinstance(run, Run)]
    jobs = await read_nodes(store, "job", sorted({run.job for run in runs if run.job}))
    open_runs = [run for run in runs if run.state in OPEN_STATES and not _is_endless(jobs.get(run.job or ""))]
    overtaken = await _overtaken(store, open_runs)
    quiet_since = plus_hours(now, -QUIET_HOURS)
    stale = {
        run.key
        for run in open_runs
        if run.key in overtaken or (run.last_event_at is not None and run.last_event_at < quiet_since)
    }
    return {key: key in stale for key in keys}


def _is_endless(job: object) -> bool:
    return isinstance(job, Job) and job.processing_type in ENDLESS


async def _overtaken(store: GraphStore, runs: Sequence[Run]) -> set[str]:
    asked = [[run.key, run.job, run.started_at] for run in runs if run.job and run.started_at]
    if not asked:
        return set()
    rows = await store.read(statement("nodes/runs_overtaken"), runs=asked)
    return {key for row in rows for key in row["keys"]}
