"""What changed between two instants, two runs, or two datasets or model versions?

Two runs are compared by what each said. Of datasets what is upstream (or downstream) is walked on both sides, each at
its instant, and of every job on the way the run that counts then is compared. A model version is looked at as things
stood when it was made (D6): at the end of the run that wrote it. All comparing is in `queries/differences.py`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graph_schema.errors import BadInput, NodeNotFound
from graph_schema.instants import OPEN_END
from queries.cursors import decode_cursor, encode_cursor
from queries.differences import (
    CATEGORIES,
    CHANGES,
    Diff,
    Difference,
    DifferenceCount,
    DiffSide,
    Graph,
    compare_graphs,
    compare_runs,
    place,
)
from queries.edges import page_edges
from queries.limits import Limits, check_granularity, check_rows, within
from queries.lists import together
from queries.nodes import (
    read_acts_of,
    read_aliases_of,
    read_datasets,
    read_node,
    read_nodes,
    read_run_texts,
    read_runs_of,
)
from queries.projection import Projection
from queries.results import (
    Completeness,
    Dataset,
    Job,
    LineageEdge,
    Node,
    PageInfo,
    Run,
)
from queries.roots import resolve_root
from queries.said import Said, said
from queries.statements import statement
from queries.store import GraphStore
from queries.walk import Budget, Direction, Reach, Walk, levels, start_walk

GRANULARITIES: Final = ("DATASET", "FIELD")
JOBS_MAX: Final = 500
"""Jobs of a side whose runs are compared, the nearest first."""
_RUNS: Final = 20
_RUNS_MAX: Final = 400
"""Newest ended runs of a job among which the one that counts is looked for: all others failed or were aborted."""
_ANCHORED: Final = frozenset({"MODEL_VERSION", "LOGGED_MODEL"})
_PLACE: Final = tuple[int, int, str, str, str]


@dataclass(frozen=True, slots=True)
class SideAsked:
    """One side of a question: a key, and an instant where it is not asked about as it is now."""

    key: str
    as_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffQuestion:
    """What changed from `before` to `after`? `depth` counts edges from the two roots."""

    before: SideAsked
    after: SideAsked
    direction: Direction = "upstream"
    depth: int | None = None
    granularity: str = "DATASET"
    first: int = 200
    after_cursor: str | None = None

    def identity(self) -> list[Any]:
        """Give what a cursor is bound to."""
        sides = [part for side in (self.before, self.after) for part in (side.key, side.as_of)]
        return ["diff", *sides, self.direction, self.depth, self.granularity]


@dataclass(frozen=True, slots=True)
class _Side:
    """A side read: what it is, and either what its run said or what was walked. `whole` is the depth it is whole to."""

    told: DiffSide
    said: Said | None = None
    graph: Graph | None = None
    whole: int | None = None
    truncated_by: tuple[str, ...] = ()


def read_direction(word: str) -> Direction:
    """Read which way to look; raises BadInput."""
    match word.lower():
        case "upstream":
            return "upstream"
        case "downstream":
            return "downstream"
    raise BadInput("direction is upstream or downstream", direction=word[:200])


async def diff(store: GraphStore, question: DiffQuestion, limits: Limits, *, projection: Projection) -> Diff:
    """Answer a question; `projection` is where the graph stood before the first read."""
    check_granularity(question.granularity, GRANULARITIES)
    check_rows(question.first, limits.page_max)
    if question.depth is not None and question.depth < 0:
        raise BadInput("depth counts edges from 0 on", depth=question.depth)
    async with within(limits, "ask with a smaller depth"):
        before, after = await together(
            _side(store, question.before, question, limits), _side(store, question.after, question, limits)
        )
        return await asyncio.to_thread(_compared, question, before, after, projection)


def _compared(question: DiffQuestion, before: _Side, after: _Side, projection: Projection) -> Diff:
    depth = min((side.whole for side in (before, after) if side.whole is not None), default=None)
    if before.said is not None and after.said is not None:
        found = compare_runs(before.said, after.said)
    elif before.graph is not None and after.graph is not None:
        found = compare_graphs(before.graph.within(depth), after.graph.within(depth))
    else:
        raise BadInput("a run is compared with a run, and a dataset with a dataset; give two of one sort")
    page, page_info = _page(question, found)
    truncated_by = sorted({*before.truncated_by, *after.truncated_by})
    edges = [edge for side in (before, after) if side.graph for edge in side.graph.edges]
    counts = Counter((one.category, one.change) for one in found)
    return Diff(
        a=before.told,
        b=after.told,
        differences=page,
        counts=[
            DifferenceCount(category, change, counts[category, change])
            for category in CATEGORIES
            for change in CHANGES
            if counts[category, change]
        ],
        compared_depth=depth,
        completeness=Completeness(
            complete=not truncated_by,
            truncated_by=truncated_by,
            hidden=0,
            guessed_edges=len({(edge.source, edge.target) for edge in edges if edge.evidence == "PRODUCT"}),
            position=projection.position,
        ),
        page_info=page_info,
    )


def _page(question: DiffQuestion, found: Sequence[Difference]) -> tuple[list[Difference], PageInfo]:
    """Cut the page asked for; a cursor names the last difference of the page before."""
    identity = question.identity()
    last = None if question.after_cursor is None else decode_cursor(question.after_cursor, identity, _PLACE)
    left = [one for one in found if last is None or place(one) > last]
    page = left[: question.first]
    return page, PageInfo(len(left) > len(page), encode_cursor(identity, place(page[-1])) if page else None)


async def _side(store: GraphStore, asked: SideAsked, question: DiffQuestion, limits: Limits) -> _Side:
    node = await read_node(store, asked.key)
    if isinstance(node, Run):
        if asked.as_of is not None:
            raise BadInput("a run is compared as it went; leave its instant out", key=node.key)
        return await _run_side(store, DiffSide(node, None, node.key), node.key)
    if isinstance(node, Job):
        run = await _counting(store, node.key, asked.as_of)
        if run is None:
            when = f" had ended by {asked.as_of}" if asked.as_of else ""
            raise NodeNotFound(
                f"no completed run of {node.key[:300]}{when}; ask about another instant", key=node.key
            )
        return await _run_side(store, DiffSide(node, asked.as_of, run), run)
    return await _graph_side(store, node, asked, question, limits)


async def _run_side(store: GraphStore, told: DiffSide, run: str) -> _Side:
    return _Side(told, said=(await _read_said(store, [run]))[run])


async def _graph_side(
    store: GraphStore, node: Node, asked: SideAsked, question: DiffQuestion, limits: Limits
) -> _Side:
    """Walk a side at its instant, then read what the runs of its jobs said."""
    root = await resolve_root(store, node.key, question.direction, question.granularity)
    maker = await _maker(store, root.node, asked.as_of)
    as_of = asked.as_of
    if as_of is None and maker is not None and root.node.kind in _ANCHORED:
        as_of = maker.ended_at
    reach = Reach(question.direction, as_of, None, question.granularity)
    walk = start_walk(reach, _budget(question, limits), root.starts)
    async for _ in levels(store, walk):
        pass
    cut = tuple(walk.truncated_by) or (("depth",) if _at_ceiling(walk, question, limits) else ())
    edges = await page_edges(store, reach, walk.depth_of, sorted(walk.depth_of), first=True)
    jobs = _nearest_jobs(edges, walk.depth_of)
    makers = {maker.job: maker.key} if maker is not None and maker.job else {}
    runs = await _runs_of(store, jobs[:JOBS_MAX], as_of, makers)
    told = await _canonical(store, await _read_said(store, sorted(runs.values())))
    return _Side(
        DiffSide(root.node, as_of, None if maker is None else maker.key),
        graph=Graph(root.node.key, walk.depth_of, edges, {job: told[run] for job, run in runs.items()}),
        whole=_whole(walk, question, cut),
        truncated_by=(*cut, *(("runs",) if len(jobs) > JOBS_MAX else ())),
    )


def _budget(question: DiffQuestion, limits: Limits) -> Budget:
    # Every edge among what was reached is read and compared: as many nodes as a page may have, on each side.
    return Budget(
        limits.depth(question.depth), limits.page_max, asyncio.get_running_loop().time() + 0.5 * limits.time_s
    )


def _at_ceiling(walk: Walk, question: DiffQuestion, limits: Limits) -> bool:
    return walk.at_bound and limits.stops_short_of(question.depth)


def _whole(walk: Walk, question: DiffQuestion, cut: Iterable[str]) -> int | None:
    """Give the depth to which a side is whole: one that was cut lacks nodes of the last level it reached."""
    if "nodes" in cut:
        return walk.depth - 1
    return walk.depth if cut else question.depth


def _nearest_jobs(edges: Sequence[LineageEdge], depth_of: Mapping[str, int]) -> list[str]:
    nearest: dict[str, int] = {}
    for edge in edges:
        near = min(depth_of[edge.source], depth_of[edge.target])
        for job in edge.jobs:
            nearest[job] = min(near, nearest.get(job, near))
    return sorted(nearest, key=lambda job: (nearest[job], job))


async def _maker(store: GraphStore, node: Node, as_of: str | None) -> Run | None:
    """Find the run that wrote a dataset last, by an instant."""
    if not isinstance(node, Dataset):
        return None
    names = [node.key, *(await read_aliases_of(store, [node.key]))[node.key]]
    asking = statement("diff/last_writers")
    rows = await store.read(asking, keys=names, as_of=as_of or OPEN_END, limit=_RUNS)
    keys = [key for row in rows for key in row["runs"]]
    runs = await read_nodes(store, "run", keys)
    return next((run for key in keys if isinstance(run := runs.get(key), Run) and _counts(run, as_of)), None)


async def _runs_of(
    store: GraphStore, jobs: Sequence[str], as_of: str | None, makers: Mapping[str, str]
) -> dict[str, str]:
    """Find the run of each job that counts at an instant."""
    found: dict[str, str] = {}
    for job in jobs:
        run = makers.get(job) or await _counting(store, job, as_of)
        if run is not None:
            found[job] = run
    return found


async def _counting(store: GraphStore, job: str, as_of: str | None) -> str | None:
    """Find the run of a job that ended last by an instant and completed, else the newest that is open."""
    asking = statement("diff/runs_ended")
    for limit in (_RUNS, _RUNS_MAX):
        (row,) = await store.read(asking, job=job, as_of=as_of or OPEN_END, limit=limit)
        found = next((key for key, state in row["runs"] if state == "COMPLETED"), None)
        if found is not None or len(row["runs"]) < limit:
            break
    if found is not None:
        return str(found)
    now = as_of or OPEN_END
    begun = [run for run in await read_runs_of(store, job, after=(now, ""), limit=_RUNS) if run.started_at]
    return next((run.key for run in begun if run.ended_at is None or run.ended_at > now), None)


def _counts(run: Run, as_of: str | None) -> bool:
    return run.state == "COMPLETED" and (
        as_of is None or (run.ended_at is not None and run.ended_at <= as_of)
    )


async def _read_said(store: GraphStore, runs: Sequence[str]) -> dict[str, Said]:
    """Read what runs said."""
    texts, nodes, reads, writes = await asyncio.gather(
        read_run_texts(store, runs),
        read_nodes(store, "run", runs),
        read_acts_of(store, "run_reads", runs),
        read_acts_of(store, "run_writes", runs),
    )
    jobs = {key: run.job or "" for key, run in nodes.items() if isinstance(run, Run)}
    return {
        key: said(
            jobs.get(key, ""),
            texts.get(key, {}).get("facets") or {},
            {act.dataset: act.version for act in reads[key]},
            {act.dataset: act.version for act in writes[key]},
        )
        for key in runs
    }


async def _canonical(store: GraphStore, told: Mapping[str, Said]) -> dict[str, Said]:
    """Call all datasets by the names that a walk goes over (D5)."""
    named = {key for one in told.values() for key in (*one.inputs, *one.outputs, *one.columns)}
    datasets = await read_datasets(store, sorted(named))
    names = {key: one.alias_of for key, one in datasets.items() if one.alias_of}
    return {run: one.called(lambda key: names.get(key, key)) for run, one in told.items()}
