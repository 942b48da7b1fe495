"""By which deployments was a model version served, which failed to, and how did each go?

A deployment is a job that serves; its rollouts are runs that read the version. A failed one feeds nothing, and is told all
the same: it is found by what it read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from graph_schema.identity import named_key, parse_key
from graph_schema.instants import OPEN_END
from queries.learned import Deployment
from queries.nodes import read_nodes, read_run_texts
from queries.provenances import Revision, ServedBy
from queries.results import Run
from queries.said import part
from queries.store import GraphStore

_STATES: Final = {
    "STARTED": "REQUESTED", "UNKNOWN": "REQUESTED", "RUNNING": "RUNNING", "FAILED": "FAILED",
    "ABORTED": "WITHDRAWN", "COMPLETED": "WITHDRAWN",
}  # fmt: skip
"""How a rollout stands, by the state of its run."""


async def read_deployments(store: GraphStore, jobs: Sequence[str]) -> dict[str, Deployment]:
    """Read the deployments among some jobs, by the job."""
    keys = sorted({key for job in jobs if (key := deployment_of(job)) is not None})
    found = await read_nodes(store, "deployment", keys)
    return {one.job: one for one in found.values() if isinstance(one, Deployment)}


def deployment_of(job: str) -> str | None:
    """Give the key of the deployment that a job is, if it is one; None where the key was cut."""
    parts = parse_key(job).parts
    return named_key("deployment", *parts) if parts else None


async def read_served(
    store: GraphStore, runs: Sequence[Run], deployments: Mapping[str, Deployment], as_of: str | None
) -> list[ServedBy]:
    """Tell the rollouts among the runs that read a version, by deployment; the last begun first."""
    rollouts = [run for run in runs if run.job in deployments]
    texts = await read_run_texts(store, [run.key for run in rollouts])
    found = []
    for job, one in sorted(deployments.items()):
        own = sorted((run for run in rollouts if run.job == job), key=_begun, reverse=True)
        told = [_revision(run, part(texts.get(run.key) or {}, "facets"), as_of) for run in own]
        found.append(
            ServedBy(
                one.key, one.namespace or "", one.name, one.environment, one.platform, one.endpoint, told
            )
        )
    return found


def _begun(run: Run) -> tuple[str, str]:
    return run.started_at or run.created_at or "", run.key


def _revision(run: Run, facets: Mapping[str, Any], as_of: str | None) -> Revision:
    said = part(part(facets, "job"), "mlops_deployment")
    error = part(part(facets, "run"), "errorMessage").get("message")
    running = as_of is not None and (run.ended_at or OPEN_END) > as_of
    state = "RUNNING" if running and run.ended_at is not None else _STATES.get(run.state or "")
    percent = said.get("trafficPercent")
    why = said.get("reason") or error
    return Revision(
        run=run.key,
        revision=said["revision"] if isinstance(said.get("revision"), str) else None,
        state=state,
        started_at=run.started_at,
        ended_at=None if running else run.ended_at,
        traffic_percent=float(percent) if isinstance(percent, int | float) else None,
        reason=why if isinstance(why, str) else None,
    )
