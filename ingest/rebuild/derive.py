"""What comes of a whole state? Parts of it, each derived by a process that only reads, and kept by the one that writes.

Runs first, since pairs are made of what runs observe; pairs before datasets, whose life depends on what counts as a
write; the two-sided graph last. Nodes need no order: edges are laid when all of them are there.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from ingest.facts import Checked
from ingest.project.deployments import KEEP_DEPLOYED, deployed_values
from ingest.project.edges import edges_of
from ingest.project.io import KEEP_IO, IoChange, io_of
from ingest.project.pairs import (
    KEEP_EDGE,
    KEEP_SETTLED,
    MARK_ROLE,
    EdgeChange,
    derive_pair,
    is_wide,
    load_pair,
    role_values,
    settled_values,
)
from ingest.project.runs import (
    KEEP_ACT,
    KEEP_LIFECYCLE,
    KEEP_OBSERVATION,
    KEEP_RUN,
    MENTION_ALL,
    RANK_SCHEMA,
    act_values,
    encode_observation,
    load_run,
    low_of,
    mentions,
    names_now,
    observation_values,
    observe,
    rank_values,
    run_values,
)
from ingest.project.show import show_edge, show_io, show_nodes
from ingest.project.touched import Touched
from ingest.render.rows import Rows
from ingest.state import KEEP_SHOWN, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ingest.derive.runs import Run
    from ingest.state import State

_checked = msgspec.msgpack.Decoder(Checked).decode


class Task(NamedTuple):
    """A part to derive: of which state, which keys, and how its nodes and edges are written down."""

    state: Path
    keys: list[str]
    encode: Callable[[Rows], Any]


class Part(NamedTuple):
    """Of how many keys it is, rows to keep in the state by statement, and nodes and edges to load."""

    keys: int
    kept: list[tuple[str, list[tuple[object, ...]]]]
    loaded: Any


@lru_cache(maxsize=1)
def _snapshot(path: Path) -> Snapshot:
    return Snapshot(path)


def runs(task: Task) -> Part:
    """Derive runs: what they observe, read and wrote, and their nodes."""
    state = _snapshot(task.state)
    names = names_now(state)
    found: dict[str, Run] = {}
    kept: dict[str, list[tuple[object, ...]]] = {
        statement: []
        for statement in (
            KEEP_OBSERVATION, KEEP_LIFECYCLE, KEEP_ACT, KEEP_RUN, RANK_SCHEMA, MENTION_ALL, KEEP_DEPLOYED,
        )
    }  # fmt: skip
    for key in task.keys:
        run = load_run(state, key)
        if run is None:
            continue
        found[key] = run
        observed = observe(run, names)
        # Observations that say the same of the same moment are one, as they are where they replace each other.
        bodies = {encode_observation(o): o for o in observed.observations}
        kept[KEEP_OBSERVATION] += [observation_values(run.job, o, body) for body, o in sorted(bodies.items())]
        kept[KEEP_LIFECYCLE] += sorted(observed.lifecycles, key=repr)
        kept[KEEP_ACT] += sorted(act_values(run))
        kept[KEEP_RUN].append(run_values(run))
        kept[RANK_SCHEMA] += rank_values(run) if low_of(run) else ()
        kept[MENTION_ALL] += mentions(run)
        kept[KEEP_DEPLOYED] += deployed_values(state, run)
    return _part(state, task, kept, _nodes(state, Touched(), found))


def outputs(task: Task) -> Part:
    """Derive all pairs of some outputs: their edges, and what their observations count for."""
    state = _snapshot(task.state)
    kept: dict[str, list[tuple[object, ...]]] = {KEEP_EDGE: [], MARK_ROLE: [], KEEP_SETTLED: []}
    rows = Rows()
    for pair in pairs_of(state, task.keys):
        found = load_pair(state, pair)
        derived = derive_pair(state, pair, found)
        edges = edges_of(pair, derived)
        wide = is_wide(sum(key.type == "FEEDS" for key in edges))
        kept[KEEP_EDGE] += [(*key, int(is_open), body) for key, (is_open, body) in sorted(edges.items())]
        kept[MARK_ROLE] += role_values(found)
        kept[KEEP_SETTLED] += settled_values(state, pair, found, derived)
        for key, (is_open, body) in edges.items():
            show_edge(EdgeChange(key, None, body, was_open=False, is_open=is_open, wide=wide), rows)
    return _part(state, task, kept, rows)


def roles(task: Task) -> Part:
    """Say what the observations of all pairs of some outputs count for."""
    state = _snapshot(task.state)
    marked: list[tuple[object, ...]] = [
        row for pair in pairs_of(state, task.keys) for row in role_values(load_pair(state, pair))
    ]
    return _part(state, task, {MARK_ROLE: marked}, Rows())


def pairs_of(state: State, listed: Iterable[str]) -> list[tuple[str, str]]:
    """List (job, output) of every job that observes one of the outputs."""
    sql = "SELECT DISTINCT job FROM observation WHERE output = ? ORDER BY job"
    return [(row[0], output) for output in listed for row in state.rows(sql, (output,))]


def io(task: Task) -> Part:
    """Derive the two-sided graph around some jobs."""
    state = _snapshot(task.state)
    rows = Rows()
    kept: list[tuple[object, ...]] = []
    for job in task.keys:
        for (direction, dataset), row in sorted(io_of(state, job).items()):
            kept.append((job, direction, dataset, *row))
            show_io(IoChange(job, direction, dataset, row), rows)
    return _part(state, task, {KEEP_IO: kept}, rows)


def datasets(task: Task) -> Part:
    """Render datasets, with their fields and facets."""
    return _described(task, lambda keys: Touched(datasets=keys, fields=keys))


def jobs(task: Task) -> Part:
    """Render jobs, with their facets, and the deployments that they are."""
    return _described(task, lambda keys: Touched(jobs=keys, deployments=keys))


def experiments(task: Task) -> Part:
    """Render experiments, with who started them."""
    return _described(task, lambda keys: Touched(experiments=keys))


def models(task: Task) -> Part:
    """Render registered models."""
    return _described(task, lambda keys: Touched(models=keys))


def persons(task: Task) -> Part:
    """Render people."""
    return _described(task, lambda keys: Touched(persons=keys))


def mentioned(task: Task) -> Part:
    """Render runs that never reported, of those that others name."""
    state = _snapshot(task.state)
    return _part(state, task, {}, _nodes(state, Touched(mentioned=set(task.keys))))


def checked(task: Task) -> Part:
    """Render the checks of some datasets that were stated outside of runs; those of runs come with them."""
    state = _snapshot(task.state)
    sql = "SELECT checked FROM checked WHERE dataset = ?"
    found = [_checked(row[0]) for key in task.keys for row in state.rows(sql, (key,))]
    return _part(state, task, {}, _nodes(state, Touched(checked=found)))


def _described(task: Task, touch: Callable[[set[str]], Touched]) -> Part:
    state = _snapshot(task.state)
    touched = touch(set(task.keys))
    sql = "SELECT facet FROM register WHERE entity = ?"
    touched.facets = {(key, row[0]): True for key in task.keys for row in state.rows(sql, (key,))}
    return _part(state, task, {}, _nodes(state, touched))


def _nodes(state: State, touched: Touched, found: dict[str, Run] | None = None) -> Rows:
    rows = Rows()
    show_nodes(state, touched, found or {}, rows)
    return rows


def _part(state: Snapshot, task: Task, kept: dict[str, list[tuple[object, ...]]], rows: Rows) -> Part:
    noted: list[tuple[object, ...]] = [*state.noted]
    state.noted.clear()
    listed = [(statement, values) for statement, values in {**kept, KEEP_SHOWN: noted}.items() if values]
    return Part(len(task.keys), listed, task.encode(rows))
