"""Which jobs and runs does a jobDependencies facet name? Control flow: names only, no data flow."""

from __future__ import annotations

from typing import Any

from ingest.facets import parent
from ingest.facets.names import Names


def names(body: dict[str, Any], _owner: str) -> Names:
    """Name the job and run of every upstream and downstream dependency."""
    parts: list[Names] = []
    for side in ("upstream", "downstream"):
        items = body.get(side)
        listed = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        parts += [parent.names({"job": item.get("job"), "run": item.get("run")}, "") for item in listed]
    return Names(
        jobs=tuple(job for part in parts for job in part.jobs),
        runs=tuple(run for part in parts for run in part.runs),
    )
