"""What does Marquez tell of runs?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

from graph_schema.errors import NodeNotFound
from graph_schema.identity import run_key, uuid_of
from graph_schema.instants import parse_instant, to_datetime
from queries.marquez.catalog import Page
from queries.marquez.names import dataset_version, job_version, short_time, wire_time
from queries.marquez.reading import Facets, Names, names_of
from queries.marquez.shapes import Run, RunDataset, VersionId
from queries.nodes import from_json, make_node, read_acts_of, read_nodes, read_run_texts
from queries.results import Act
from queries.results import Run as Known
from queries.said import part
from queries.statements import statement
from queries.store import GraphStore

NEWEST_MAX: Final = 10
"""Runs that Marquez tells of with a job."""
_JOBS_AT_ONCE: Final = 500
_STATES: Final = {"STARTED": "RUNNING", "UNKNOWN": "RUNNING", None: "NEW"}
"""What Marquez calls states of ours that it does not have."""
_OF_A_RUN: Final = frozenset(
    {"dataQualityMetrics", "dataQualityAssertions", "inputStatistics", "outputStatistics"}
)
"""Facets of one reading or writing, even where they are sent as those of the dataset."""
_ENDED: Final = frozenset({"COMPLETED", "FAILED", "ABORTED"})


async def find_run(store: GraphStore, text: str) -> Known:
    """Read the node of a run by its UUID; raises NodeNotFound as Marquez words it."""
    own = uuid_of(text)
    found = (await read_runs(store, [run_key(own)])) if own else {}
    for run in found.values():
        return run
    raise NodeNotFound(f"Run '{text[:100]}' not found.", run=text[:100])


async def read_runs(store: GraphStore, keys: Sequence[str]) -> dict[str, Known]:
    """Read the nodes of runs."""
    found = await read_nodes(store, "run", keys)
    return {key: node for key, node in found.items() if isinstance(node, Known)}


async def newest_runs(
    store: GraphStore, jobs: Sequence[str], limit: int = NEWEST_MAX
) -> dict[str, list[Known]]:
    """List the newest runs of each job: by their start, or by their end where they never said a start."""
    found: dict[str, list[Known]] = {job: [] for job in jobs}
    rows = await _by_jobs(store, "marquez/newest_runs", jobs, limit)
    _sort_in(found, (row["run"] for row in rows))
    bare = [job for job, runs in found.items() if not runs]
    others = await _by_jobs(store, "marquez/newest_others", bare, limit)
    _sort_in(found, (run for row in others for run in row["runs"]))
    return {job: sorted(runs, key=_newest_first)[:limit] for job, runs in found.items()}


async def _by_jobs(store: GraphStore, name: str, jobs: Sequence[str], limit: int) -> list[dict[str, Any]]:
    rows = []
    for start in range(0, len(jobs), _JOBS_AT_ONCE):
        some = list(jobs[start : start + _JOBS_AT_ONCE])
        rows += await store.read(statement(name), jobs=some, limit=limit)
    return rows


def _sort_in(found: dict[str, list[Known]], rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        run = make_node("run", row)
        if isinstance(run, Known) and run.job in found:
            found[run.job].append(run)


def _newest_first(run: Known) -> tuple[Any, ...]:
    moment = run.started_at or run.ended_at or run.created_at or ""
    return tuple(-ord(letter) for letter in moment), run.key


async def runs_page(store: GraphStore, job: str, page: Page) -> tuple[list[Known], int]:
    """List a page of a job's runs, newest start first, those that never said a start last; and how many there are."""
    counted = await store.read(statement("marquez/runs_count"), job=job)
    rows = await store.read(statement("marquez/runs_started"), job=job, offset=page.offset, limit=page.limit)
    if len(rows) < page.limit:
        started = await store.read(statement("marquez/runs_started_count"), job=job)
        rows += await store.read(
            statement("marquez/runs_unstarted"),
            job=job,
            offset=max(page.offset - int(started[0]["count"]), 0),
            limit=page.limit - len(rows),
        )
    runs = [make_node("run", row["run"]) for row in rows]
    return [run for run in runs if isinstance(run, Known)], int(counted[0]["count"])


async def tell_runs(store: GraphStore, runs: Sequence[Known]) -> dict[str, Run]:
    """Tell of runs, by key."""
    keys = [run.key for run in runs]
    reads, writes, texts = await asyncio.gather(
        read_acts_of(store, "run_reads", keys),
        read_acts_of(store, "run_writes", keys),
        read_run_texts(store, keys),
    )
    acts = [
        *(act for some in reads.values() for act in some),
        *(act for some in writes.values() for act in some),
    ]
    names = await names_of(store, {*(act.dataset for act in acts), *(run.job for run in runs if run.job)})
    return {
        run.key: _run(run, (reads[run.key], writes[run.key]), part(texts.get(run.key), "facets"), names)
        for run in runs
    }


def _run(run: Known, acts: tuple[Sequence[Act], Sequence[Act]], facets: Facets, names: Names) -> Run:
    said = part(facets, "run")
    return Run(
        id=run.name,
        created_at=wire_time(run.created_at),
        updated_at=wire_time(run.last_event_at),
        nominal_start_time=wire_time(run.nominal_start),
        nominal_end_time=wire_time(run.nominal_end),
        state=state_of(run),
        started_at=wire_time(run.started_at),
        ended_at=wire_time(run.ended_at),
        duration_ms=_duration_ms(run),
        args=_args(said),
        job_version=_job_version(run, acts, names),
        input_dataset_versions=_sides(acts[0], part(facets, "inputs"), names),
        output_dataset_versions=_sides(acts[1], part(facets, "outputs"), names),
        facets=said,
    )


def state_of(run: Known) -> str:
    """Give what Marquez calls a run's state; NEW for one that never reported."""
    return _STATES.get(run.state, run.state or "NEW")


def _duration_ms(run: Known) -> int | None:
    if run.started_at is None or run.ended_at is None:
        return None
    # Both are cut to milliseconds before, as Marquez does.
    begun, ended = (to_datetime(f"{at[:23]}000Z") for at in (run.started_at, run.ended_at))
    return (ended - begun) // timedelta(milliseconds=1)


def _job_version(run: Known, acts: tuple[Sequence[Act], Sequence[Act]], names: Names) -> VersionId | None:
    """Say which version of its job a run was of: that is known when it ended."""
    job = names.get(run.job or "")
    if job is None or run.job is None or run.state not in _ENDED:
        return None
    return VersionId(namespace=job.namespace, name=job.name, version=version_of_acts(run.job, acts))


def version_of_acts(job: str, acts: tuple[Sequence[Act], Sequence[Act]]) -> str:
    """Give the id of the version of a job that read and wrote this."""
    return job_version(job, [act.dataset for act in acts[0]], [act.dataset for act in acts[1]])


def _sides(acts: Sequence[Act], given: Facets, names: Names) -> list[RunDataset]:
    """Tell of what a run read, or wrote: as of when, and the facets that speak of this reading or writing."""
    return [
        RunDataset(
            dataset_version_id=VersionId(
                namespace=names[act.dataset].namespace,
                name=names[act.dataset].name,
                version=dataset_version(act.dataset, act.at),
            ),
            facets={
                **{name: body for name, body in part(given, act.dataset).items() if name in _OF_A_RUN},
                **part({"facets": from_json(act.facets)}, "facets"),
            },
        )
        for act in acts
        if act.dataset in names
    ]


def _args(said: Facets) -> dict[str, str]:
    """Give what Marquez keeps as the arguments of a run: its nominal times, and its parent."""
    nominal, parent = part(said, "nominalTime"), part(said, "parent")
    given = {
        "nominal_start_time": _nominal(nominal.get("nominalStartTime")),
        "nominal_end_time": _nominal(nominal.get("nominalEndTime")),
        "run_id": part(parent, "run").get("runId"),
        "name": part(parent, "job").get("name"),
        "namespace": part(parent, "job").get("namespace"),
    }
    return {name: value for name, value in given.items() if isinstance(value, str)}


def _nominal(stated: Any) -> str | None:
    try:
        return short_time(parse_instant(stated)) if isinstance(stated, str) else None
    except ValueError:
        return None
