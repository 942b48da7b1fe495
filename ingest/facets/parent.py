"""Which run and job contain this run (rule F7)? Containment, never data flow."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from graph_schema.identity import run_uuid, uuid_of
from ingest.facets.names import MentionedRun, Names
from ingest.openlineage import Named, identity_of


class Containment(NamedTuple):
    """A parent or root: its run and its job, each where usable."""

    run: str | None
    job: Named | None


def read(body: dict[str, Any]) -> tuple[Containment, Containment]:
    """Read (parent, root); copied facets of the parent are not the parent's own and are ignored."""
    root = body.get("root")
    return _containment(body), _containment(root if isinstance(root, dict) else {})


def _containment(body: dict[str, Any]) -> Containment:
    job = identity_of(body.get("job"), dataset=False)
    run = body.get("run")
    text = run.get("runId") if isinstance(run, dict) else None
    return _contained(text if isinstance(text, str) else None, job)


@lru_cache(maxsize=1024)
def _contained(text: str | None, job: Named | None) -> Containment:
    """Asked for by each rule that looks at a parent; a run's START and COMPLETE have the same one."""
    if text is None or (job is None and uuid_of(text) is None):
        return Containment(None, job)
    return Containment(run_uuid(text, job.namespace if job else "", job.name if job else ""), job)


def names(body: dict[str, Any], _owner: str) -> Names:
    """Name the parent's and the root's run and job."""
    both = read(body)
    return Names(
        jobs=tuple(side.job for side in both if side.job is not None),
        runs=tuple(MentionedRun(side.run, side.job) for side in both if side.run is not None),
    )
