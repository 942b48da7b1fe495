"""How is a whole graph made from the journal at once? Join every event, derive everything once, load an empty graph.

The result is what projecting event by event gives (law L4). While it runs, reads answer REBUILDING; a rebuild
that was cut short is begun again by the next projector.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from ingest.facts import Checked
from ingest.journal import Journal, Stored
from ingest.project.edges import EdgeKey
from ingest.project.groups import regroup
from ingest.project.io import IoChange, derive_io
from ingest.project.jobs import derive_declared, derive_told
from ingest.project.join import join
from ingest.project.pairs import EdgeChange, derive_pairs, is_wide
from ingest.project.runs import derive_runs, load_run
from ingest.project.show import show_edge, show_io, show_nodes
from ingest.project.touched import Touched
from ingest.projector_parts import (
    BYTES_MAX,
    cursor_step,
    open_state,
    received,
    set_aside,
    set_aside_digests,
    steps_of,
)
from ingest.readers import read_everywhere
from ingest.render.rows import Rows
from queries.statements import statement

if TYPE_CHECKING:
    from ingest.derive.runs import Run
    from ingest.project.batch import Received
    from ingest.state import State
    from queries.store import GraphStore

Progress = Callable[[str, int, int], None]
"""stage (`fold`, `derive`, `wipe`, `load`), done, total; a total of 0 is not known."""

_checked = msgspec.msgpack.Decoder(Checked).decode
_EVENTS: Final = 1_000
_KEYS: Final = 500
_EDGES: Final = 5_000
_WIPE: Final = 10_000


async def rebuild(
    journal: Journal, state_path: Path, store: GraphStore, progress: Progress | None = None
) -> int:
    """Make the graph anew from the journal; give how many events it holds. One process at a time may do this."""
    say = progress or (lambda _stage, _done, _total: None)
    end = journal.end()
    state = open_state(state_path, journal.id, fresh=True)
    try:
        await store.write([cursor_step(journal, state, 0, rebuilding=True)])
        events = await asyncio.to_thread(fold_all, state, journal, end, say)
        await asyncio.to_thread(derive_all, state, say)
        await _wipe(store, say)
        await _load(state, store, say)
        state.begin()
        state.put("cursor", end)
        await store.write([cursor_step(journal, state, end, rebuilding=False)])
        state.commit()
    finally:
        state.rollback()
        state.close()
    return events


def fold_all(state: State, journal: Journal, end: int, say: Progress) -> int:
    """Join every event up to a position into an empty state, deriving nothing yet; give how many there were."""
    events = 0
    chunks: deque[list[Stored]] = deque()
    for read in read_everywhere(_received(journal, end, chunks)):
        stored = chunks.popleft()
        failed = [(one, said) for one, said in zip(stored, read, strict=True) if isinstance(said, str)]
        for one, reason in failed:
            set_aside(journal, one, reason)
        state.begin()
        join(state, [said for said in read if not isinstance(said, str)], Touched())
        state.commit()
        events += len(read) - len(failed)
        say("fold", stored[-1].position, end)
    return events


def _received(journal: Journal, end: int, chunks: deque[list[Stored]]) -> Iterator[list[Received]]:
    """Read the journal chunk by chunk, without what was set aside; `chunks` remembers what was given."""
    aside = set_aside_digests(journal)
    cursor = 0
    while stored := [
        one for one in journal.read_after(cursor, _EVENTS, bytes_max=BYTES_MAX) if one.position <= end
    ]:
        cursor = stored[-1].position
        kept = [one for one in stored if one.digest and one.digest not in aside]
        if kept:
            chunks.append(kept)
            yield [received(one) for one in kept]


def derive_all(state: State, say: Progress) -> None:
    """Derive everything once: groups first, then runs and declarations, then pairs, then io."""
    _in_one(state, lambda: regroup(state, Touched(linked=_column(state, _LINKED))))
    _each(state, "runs", _RUNS, lambda keys: derive_runs(state, Touched(runs=keys)), say)
    _each(state, "jobs", _DECLARED, lambda keys: derive_declared(state, Touched(declared=keys)), say)
    _in_one(
        state, lambda: derive_told(state, Touched(told=_column(state, "SELECT DISTINCT dataset FROM told")))
    )
    _each(state, "outputs", _OUTPUTS, lambda keys: _derive_outputs(state, keys), say)
    _each(state, "io", _JOBS, lambda keys: derive_io(state, Touched(io=keys)), say)


_LINKED: Final = "SELECT entity FROM register WHERE facet = 'symlinks'"
_RUNS: Final = "SELECT DISTINCT run FROM run_fact WHERE run > ? ORDER BY run LIMIT ?"
_DECLARED: Final = "SELECT DISTINCT job FROM job_event WHERE job > ? ORDER BY job LIMIT ?"
_OUTPUTS: Final = "SELECT DISTINCT output FROM observation WHERE output > ? ORDER BY output LIMIT ?"
_JOBS: Final = "SELECT key FROM name WHERE key > ? AND kind = 'job' ORDER BY key LIMIT ?"
_DATASETS: Final = "SELECT key FROM name WHERE key > ? AND kind = 'dataset' ORDER BY key LIMIT ?"
_PERSONS: Final = "SELECT key FROM name WHERE key > ? AND kind = 'person' ORDER BY key LIMIT ?"
_MENTIONED: Final = "SELECT DISTINCT run FROM run_mention WHERE run > ? ORDER BY run LIMIT ?"


def _derive_outputs(state: State, outputs: set[str]) -> None:
    pairs: set[tuple[str, str]] = set()
    for output in outputs:
        rows = state.rows("SELECT DISTINCT job FROM observation WHERE output = ?", (output,))
        pairs.update((row[0], output) for row in rows)
    derive_pairs(state, Touched(pairs=pairs))


def _column(state: State, sql: str) -> set[str]:
    return {row[0] for row in state.rows(sql)}


def _in_one(state: State, work: Callable[[], object]) -> None:
    state.begin()
    work()
    state.commit()


def _each(state: State, stage: str, sql: str, work: Callable[[set[str]], object], say: Progress) -> None:
    done = 0
    for keys in _chunks(state, sql):
        _in_one(state, partial(work, set(keys)))
        done += len(keys)
        say(f"derive {stage}", done, 0)


def _chunks(state: State, sql: str, size: int = _KEYS) -> Iterator[list[str]]:
    last = ""
    while keys := [row[0] for row in state.rows(sql, (last, size))]:
        yield keys
        last = keys[-1]


async def _wipe(store: GraphStore, say: Progress) -> None:
    done = 0
    while await store.read(statement("projection/left")):
        await store.write([(statement("projection/wipe"), {"rows_max": _WIPE})])
        done += _WIPE
        say("wipe", done, 0)


async def _load(state: State, store: GraphStore, say: Progress) -> None:
    """Write all rows, nodes before the edges that need them; one chunk is rendered while another is written."""
    state.run("DELETE FROM shown")
    pending: asyncio.Task[None] | None = None
    rendered = _rendered(state)
    written = 0
    try:
        while True:
            state.begin()
            rows = await asyncio.to_thread(next, rendered, None)
            state.commit()
            if pending is not None:
                await pending
            if rows is None:
                return
            written += rows.count()
            say("load", written, 0)
            pending = asyncio.create_task(store.write(steps_of(rows)))
    finally:
        if pending is not None and not pending.done():
            pending.cancel()


def _rendered(state: State) -> Iterator[Rows]:
    """Render the whole state, chunk by chunk, in an order in which every edge finds its ends."""
    for keys in _chunks(state, _PERSONS):
        yield _nodes(state, Touched(persons=set(keys)))
    for keys in _chunks(state, _DATASETS):
        yield _nodes(state, Touched(datasets=set(keys), fields=set(keys), facets=_facets_of(state, keys)))
    for keys in _chunks(state, _JOBS):
        # A parent job may come later in the order of keys: its node is written with its child's chunk first.
        parents = {
            row[0]
            for key in keys
            for row in state.rows("SELECT parent FROM job_parent WHERE job = ?", (key,))
        }
        yield _nodes(state, Touched(jobs=set(keys) | parents, facets=_facets_of(state, keys)))
    for keys in _chunks(state, _MENTIONED):
        yield _nodes(state, Touched(mentioned=set(keys)))
    for keys in _chunks(state, _RUNS):
        runs = {key: run for key in keys if (run := load_run(state, key)) is not None}
        mentioned = {run.parent for run in runs.values() if run.parent is not None}
        runs |= {key: run for key in mentioned - runs.keys() if (run := load_run(state, key)) is not None}
        yield _nodes(state, Touched(), runs)
    yield from _checks(state)
    yield from _edges(state)
    yield from _io(state)


def _facets_of(state: State, keys: list[str]) -> dict[tuple[str, str], bool]:
    return {
        (key, row[0]): True
        for key in keys
        for row in state.rows("SELECT facet FROM register WHERE entity = ?", (key,))
    }


def _nodes(state: State, touched: Touched, runs: Mapping[str, Run] | None = None) -> Rows:
    rows = Rows()
    show_nodes(state, touched, runs or {}, rows)
    return rows


def _checks(state: State) -> Iterator[Rows]:
    """Render the checks stated outside of runs; those of runs come with them."""
    after = ("", "")
    sql = "SELECT dataset, ord, checked FROM checked WHERE (dataset, ord) > (?, ?) ORDER BY dataset, ord LIMIT ?"
    while found := state.rows(sql, (*after, _KEYS)):
        yield _nodes(state, Touched(checked=[_checked(row[2]) for row in found]))
        after = found[-1][:2]


def _edges(state: State) -> Iterator[Rows]:
    columns = "job, target, type, source, source_path, target_path"
    after: tuple[object, ...] = ("", "", "", "", "", "")
    sql = f"SELECT {columns}, open, body FROM edge WHERE ({columns}) > (?, ?, ?, ?, ?, ?) ORDER BY {columns} LIMIT ?"  # noqa: S608
    while found := state.rows(sql, (*after, _EDGES)):
        rows = Rows()
        sources: dict[tuple[str, str], int] = {}
        for row in found:
            if row[2] == "FEEDS":
                sources[row[0], row[1]] = sources.get((row[0], row[1]), 0) + 1
        for row in found:
            wide = is_wide(sources.get((row[0], row[1]), 0))
            show_edge(
                EdgeChange(EdgeKey(*row[:6]), None, row[7], was_open=False, is_open=bool(row[6]), wide=wide),
                rows,
            )
        yield rows
        after = found[-1][:6]


def _io(state: State) -> Iterator[Rows]:
    after: tuple[object, ...] = ("", "", "")
    sql = "SELECT * FROM io WHERE (job, direction, dataset) > (?, ?, ?) ORDER BY job, direction, dataset LIMIT ?"
    while found := state.rows(sql, (*after, _EDGES)):
        rows = Rows()
        for job, direction, dataset, *row in found:
            show_io(IoChange(job, direction, dataset, (row[0], row[1], row[2])), rows)
        yield rows
        after = found[-1][:3]
