"""What does Marquez tell of jobs and of their versions?

A job has the name that was sent. Marquez puts its parent's before it (`dag.task`): asked for such a name that nothing has, the
job of that parent is meant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from graph_schema.errors import NodeNotFound
from graph_schema.identity import job_key, parse_key, stored_namespace
from queries.marquez.catalog import Page, Span, has_namespace, no_namespace, page_of
from queries.marquez.names import job_version, made_uuid, wire_time
from queries.marquez.reading import IO_MAX, Facets, Names, id_of, names_of, read_facets, text_of
from queries.marquez.runs import NEWEST_MAX, newest_runs, runs_page, state_of, tell_runs, version_of_acts
from queries.marquez.shapes import Id, Job, JobData, JobVersion, Run, VersionId
from queries.nodes import read_acts_of, read_io_of, read_nodes
from queries.results import Job as Known
from queries.results import Run as KnownRun
from queries.said import part
from queries.store import GraphStore

STATES: Final = ("NEW", "RUNNING", "COMPLETED", "FAILED", "ABORTED")
VERSIONS_OF_RUNS: Final = 1_000
"""Newest runs of a job that are looked at for what its versions were."""
LOOKED_AT_MAX: Final = 10_000
"""Jobs that are looked at for those whose newest run is in some state."""
_LOOK_AT: Final = 500
_OF_A_NODE: Final = frozenset({"sourceCodeLocation"})
"""Facets that a node of lineage is told by."""
_RUNS_TOLD: Final = 2_000
"""Runs that are told with a page of jobs: ten of each, fewer of each of very many."""
_TYPES: Final = {"STREAMING": "STREAM", "SERVICE": "SERVICE"}


async def find_job(store: GraphStore, namespace: str, name: str) -> Known:
    """Read the node of a job, by its own name or by Marquez's; raises NodeNotFound as Marquez words it."""
    found = await jobs_named(store, namespace, [name])
    if name in found:
        return found[name]
    if not await has_namespace(store, namespace):
        raise no_namespace(namespace)
    raise NodeNotFound(f"Job '{name[:300]}' not found.", key=job_key(stored_namespace(namespace), name))


async def jobs_named(store: GraphStore, namespace: str, names: Sequence[str]) -> dict[str, Known]:
    """Find jobs of a namespace by names, their own or Marquez's."""
    own = stored_namespace(namespace)
    tries = {name: {job_key(own, name): "", **_as_child(own, name)} for name in names}
    nodes = await read_nodes(store, "job", sorted({key for keys in tries.values() for key in keys}))
    found = {}
    for name, keys in tries.items():
        for key, parent in keys.items():
            node = nodes.get(key)
            if isinstance(node, Known) and (not parent or _name_of(node.parent) == parent):
                found[name] = node
                break
    return found


def _as_child(namespace: str, name: str) -> dict[str, str]:
    """Give the jobs that Marquez may call so, each with what its parent is called then."""
    places = [at for at, letter in enumerate(name) if letter == "."][:32]
    return {job_key(namespace, name[at + 1 :]): name[:at] for at in places if 0 < at < len(name) - 1}


def _name_of(job: str | None) -> str | None:
    return parse_key(job).parts[-1] if job and parse_key(job).parts else None


async def tell_jobs(store: GraphStore, keys: Sequence[str]) -> list[Job]:
    """Tell of jobs, in the order of their keys."""
    told = await _told(store, keys, max(1, min(NEWEST_MAX, _RUNS_TOLD // max(len(keys), 1))))
    facets = await read_facets(store, "job", list(told))
    return [_job(told[key], facets[key]) for key in keys if key in told]


async def tell_job_nodes(store: GraphStore, keys: Sequence[str]) -> dict[str, JobData]:
    """Tell of jobs as nodes of lineage."""
    told = await _told(store, keys, 1)
    facets = await read_facets(store, "job", list(told), only=_OF_A_NODE)
    return {key: _data(one, facets[key]) for key, one in told.items()}


class _Told(NamedTuple):
    node: Known
    parent: Id | None
    inputs: Sequence[str]
    outputs: Sequence[str]
    runs: Sequence[Run]
    names: Names

    def ids(self, keys: Sequence[str]) -> list[Id]:
        """Give the names of datasets."""
        return [self.names[key] for key in keys if key in self.names]

    @property
    def updated_at(self) -> str | None:
        """Say when the job was heard of last."""
        moments = [run.updated_at for run in self.runs if run.updated_at]
        return moments[0] if moments else wire_time(self.node.created_at)


async def _told(store: GraphStore, keys: Sequence[str], each: int) -> dict[str, _Told]:
    nodes = {
        key: one for key, one in (await read_nodes(store, "job", keys)).items() if isinstance(one, Known)
    }
    there = sorted(nodes)
    inputs, outputs, newest = await asyncio.gather(
        _current(store, "job_inputs", there),
        _current(store, "job_outputs", there),
        newest_runs(store, there, each),
    )
    runs = await tell_runs(store, [run for some in newest.values() for run in some])
    datasets = {key for side in (inputs, outputs) for some in side.values() for key in some}
    names = await names_of(store, {*datasets, *(one.parent for one in nodes.values() if one.parent)})
    return {
        key: _Told(
            node,
            names.get(node.parent or ""),
            inputs[key],
            outputs[key],
            [runs[run.key] for run in newest[key]],
            names,
        )
        for key, node in nodes.items()
    }


async def _current(store: GraphStore, relation: str, keys: Sequence[str]) -> dict[str, list[str]]:
    found = await read_io_of(store, relation, keys, after="", limit=IO_MAX)
    return {key: [one.key for one in ends if one.current] for key, ends in found.items()}


def _job(one: _Told, facets: Facets) -> Job:
    data = _data(one, facets)
    node = one.node
    reads_or_writes = one.inputs or one.outputs
    return Job(
        id=data.id,
        type=data.type,
        name=data.name,
        simple_name=data.simple_name,
        parent_job_name=data.parent_job_name,
        parent_job_uuid=data.parent_job_uuid,
        created_at=data.created_at,
        updated_at=data.updated_at,
        namespace=data.namespace,
        inputs=data.inputs,
        outputs=data.outputs,
        location=data.location,
        description=data.description,
        latest_run=data.latest_run,
        latest_runs=list(one.runs),
        facets=facets,
        current_version=job_version(node.key, one.inputs, one.outputs)
        if reads_or_writes or one.runs
        else None,
        labels=[label for label in (node.job_type, node.integration) if label],
        tags=list(node.tags or ()),
    )


def _data(one: _Told, facets: Facets) -> JobData:
    node, parent = one.node, one.parent
    own = id_of(node)
    prefix = f"{parent.name}." if parent else ""
    return JobData(
        id=own,
        type=_TYPES.get(node.processing_type or "", "BATCH"),
        name=own.name,
        simple_name=own.name.removeprefix(prefix) or own.name,
        parent_job_name=parent.name if parent else None,
        parent_job_uuid=made_uuid(node.parent) if node.parent else None,
        current_run_uuid=one.runs[0].id if one.runs else None,
        created_at=wire_time(node.created_at),
        updated_at=one.updated_at,
        namespace=own.namespace,
        inputs=one.ids(one.inputs),
        outputs=one.ids(one.outputs),
        location=text_of(part(facets, "sourceCodeLocation").get("url")),
        description=node.description,
        latest_run=one.runs[0] if one.runs else None,
    )


async def jobs_in_states(
    store: GraphStore, span: Span, states: frozenset[str], page: Page
) -> tuple[list[str], int, bool]:
    """List a page of the jobs whose newest run is in one of some states, count them, and tell whether all were looked at."""
    found: list[str] = []
    seen = 0
    while seen < LOOKED_AT_MAX:
        keys, count = await page_of(store, span, Page(_LOOK_AT, seen))
        newest = await newest_runs(store, keys, 1)
        found += [key for key in keys if newest[key] and state_of(newest[key][0]) in states]
        seen += len(keys)
        if seen >= count or not keys:
            return found[page.offset : page.end], len(found), True
    return found[page.offset : page.end], len(found), False


async def job_versions(store: GraphStore, job: Known) -> tuple[list[JobVersion], bool]:
    """Tell what a job read and wrote in its newest runs that ended, newest first; and whether those were all its runs."""
    runs, count = await runs_page(store, job.key, Page(VERSIONS_OF_RUNS))
    ended = [run for run in runs if run.ended_at is not None]
    keys = [run.key for run in ended]
    reads, writes = await asyncio.gather(
        read_acts_of(store, "run_reads", keys), read_acts_of(store, "run_writes", keys)
    )
    of_version: dict[str, list[KnownRun]] = {}
    for run in ended:
        made = version_of_acts(job.key, (reads[run.key], writes[run.key]))
        of_version.setdefault(made, []).append(run)
    newest = await tell_runs(store, [some[0] for some in of_version.values()])
    facets = (await read_facets(store, "job", [job.key]))[job.key]
    told = [_version(job, version, some, (newest, facets)) for version, some in of_version.items()]
    return told, count <= VERSIONS_OF_RUNS


def _version(
    job: Known, version: str, runs: Sequence[KnownRun], said: tuple[Mapping[str, Run], Mapping[str, Any]]
) -> JobVersion:
    newest = said[0][runs[0].key]
    own = id_of(job)
    ended = min((run.ended_at for run in runs if run.ended_at), default=None)
    return JobVersion(
        id=VersionId(namespace=own.namespace, name=own.name, version=version),
        name=own.name,
        created_at=wire_time(ended),
        version=version,
        namespace=own.namespace,
        location=text_of(part(said[1], "sourceCodeLocation").get("url")),
        inputs=[_id(one.dataset_version_id) for one in newest.input_dataset_versions],
        outputs=[_id(one.dataset_version_id) for one in newest.output_dataset_versions],
        latest_run=newest,
    )


def _id(version: VersionId) -> Id:
    return Id(namespace=version.namespace, name=version.name)
