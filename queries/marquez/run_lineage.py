"""Which runs made what a run read, as Marquez's upstream lineage of runs?

Which write a read was of follows from the run's own time (`queries/run_walk.py`). An input of which no writer is known is told
with `producedByRunId` null; Marquez fails there.
"""

from __future__ import annotations

from typing import Final

from queries.limits import Limits
from queries.lineage import Question, lineage
from queries.marquez.names import dataset_version, wire_time
from queries.marquez.reading import Names, names_of
from queries.marquez.runs import find_run, state_of, version_of_acts
from queries.marquez.shapes import UpstreamInput, UpstreamJob, UpstreamRun, UpstreamRunSummary
from queries.nodes import read_acts_of
from queries.projection import Projection
from queries.results import LineageEdge, Run
from queries.store import GraphStore

DEPTH_DEFAULT: Final = 20


async def upstream_runs(
    store: GraphStore, run: str, depth: int, *, limits: Limits, projection: Projection
) -> tuple[list[UpstreamRun], list[str]]:
    """List a run and those upstream of it, nearest first, each with its inputs; and which limits cut them.

    `depth` counts steps from run to run; 0 is the run with its inputs.
    """
    root = await find_run(store, run)
    asked = Question(
        of=root.key, direction="upstream", depth=depth + 1, granularity="RUN", first=limits.page_max
    )
    found = await lineage(store, asked, limits, projection=projection)
    near = [row.node for row in found.nodes if isinstance(row.node, Run) and row.depth <= depth]
    runs = list({one.key: one for one in (root, *near)}.values())
    keys = [one.key for one in runs]
    into: dict[str, list[LineageEdge]] = {}
    for edge in found.edges:
        into.setdefault(edge.target, []).append(edge)
    reads = await read_acts_of(store, "run_reads", keys)
    writes = await read_acts_of(store, "run_writes", keys)
    named = {act.dataset for acts in reads.values() for act in acts} | {
        flow.dataset for edge in found.edges for flow in edge.through or ()
    }
    names = await names_of(store, {*named, *(one.job for one in runs if one.job)})
    told = [
        UpstreamRun(
            job=_job(one, version_of_acts(one.job or "", (reads[one.key], writes[one.key])), names),
            run=UpstreamRunSummary(
                id=one.name,
                start=wire_time(one.started_at),
                end=wire_time(one.ended_at),
                status=state_of(one),
            ),
            inputs=_inputs(into.get(one.key, []), names),
        )
        for one in runs
    ]
    cut = list(found.completeness.truncated_by)
    if found.page_info.has_next_page:
        cut.append("limit")
    return told, cut


def _job(run: Run, version: str, names: Names) -> UpstreamJob | None:
    name = names.get(run.job or "")
    return None if name is None else UpstreamJob(namespace=name.namespace, name=name.name, version=version)


def _inputs(edges: list[LineageEdge], names: Names) -> list[UpstreamInput]:
    """Tell of what was read: the version that a run wrote, or that was there when it was read."""
    found = {
        (flow.dataset, edge.source, flow.written_at or flow.read_at)
        for edge in edges
        for flow in edge.through or ()
    }
    return [
        UpstreamInput(
            namespace=names[dataset].namespace,
            name=names[dataset].name,
            version=dataset_version(dataset, at),
            produced_by_run_id=source.removeprefix("run:") if source.startswith("run:") else None,
        )
        for dataset, source, at in sorted(found, key=lambda one: (one[0], one[1], one[2] or ""))
        if dataset in names
    ]
