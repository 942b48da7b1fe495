"""How is a whole graph made from the journal at once? Join every event, derive everything once, fill an empty graph.

    read.py      journal -> state: events are read on all processors, and joined here
    derive.py    state -> parts: rows to keep, nodes and edges, derived on all processors
    load.py      parts -> an empty graph: nodes as they come, edges when all nodes are there

The result is what projecting event by event gives (law L4). While it runs, reads answer REBUILDING; a rebuild
that was cut short is begun again by the next projector.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from ingest.children import everywhere
from ingest.project.groups import regroup
from ingest.project.jobs import derive_declared, derive_told
from ingest.project.pairs import has_renames
from ingest.project.touched import Touched
from ingest.projector_parts import cursor_step, open_state
from ingest.rebuild import derive
from ingest.rebuild.derive import Part, Task
from ingest.rebuild.load import BulkLoad, Loading, StatementLoad
from ingest.rebuild.read import fold_all

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.children import Everywhere
    from ingest.journal import Journal
    from ingest.rebuild.read import Progress
    from ingest.state import State
    from queries.store import GraphStore
    from queries.stores.arcadedb_bulk import ArcadeBulk

FEW: Final = 2_000
"""Events that are folded sooner than other processes would have started."""

_KEYS: Final = 500
"""Keys of one part."""


class Stage(NamedTuple):
    """Something derived everywhere: its name in the progress, the work, and the keys it is done for."""

    name: str
    work: Callable[[Task], Part]
    keys: str


def _names(kind: str) -> str:
    return f"SELECT key FROM name WHERE key > ? AND kind = '{kind}' ORDER BY key LIMIT ?"  # noqa: S608 - five kinds


_OUTPUTS: Final = "SELECT DISTINCT output FROM observation WHERE output > ? ORDER BY output LIMIT ?"
RUNS: Final = Stage(
    "derive runs",
    derive.runs,
    "SELECT DISTINCT run FROM run_fact WHERE run > ? ORDER BY run LIMIT ?",
)
ROLES: Final = Stage("derive roles", derive.roles, _OUTPUTS)
OUTPUTS: Final = Stage("derive outputs", derive.outputs, _OUTPUTS)
OTHERS: Final = (
    Stage("datasets", derive.datasets, _names("dataset")),
    Stage("jobs", derive.jobs, _names("job")),
    Stage("persons", derive.persons, _names("person")),
    Stage("experiments", derive.experiments, _names("experiment")),
    Stage("models", derive.models, _names("model")),
    Stage(
        "mentioned runs",
        derive.mentioned,
        "SELECT DISTINCT run FROM run_mention WHERE run > ? ORDER BY run LIMIT ?",
    ),
    Stage(
        "checks",
        derive.checked,
        "SELECT DISTINCT dataset FROM checked WHERE dataset > ? ORDER BY dataset LIMIT ?",
    ),
    Stage("derive io", derive.io, _names("job")),
)


async def rebuild(
    journal: Journal,
    state_path: Path,
    store: GraphStore,
    progress: Progress | None = None,
    *,
    bulk: ArcadeBulk | None = None,
    until: int | None = None,
) -> int:
    """Make the graph anew from the journal; give how many events it holds. One process at a time may do this.

    With `bulk` the graph is filled by the engine's own import, else by statements. `until` is the position of the last
    event that counts (None: all do).
    """
    say = progress or (lambda _stage, _done, _total: None)
    end = journal.end() if until is None else until
    state = open_state(state_path, journal.id, fresh=True, bare=True)
    scratch = state_path.with_name("rebuild.scratch")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700)
    try:
        await store.write([cursor_step(journal, state, 0, rebuilding=True)])
        with everywhere(worth_it=end > FEW) as over:
            events = await asyncio.to_thread(fold_all, state, journal, end, say, over=over)
            filling: Loading = BulkLoad(store, scratch, bulk) if bulk else StatementLoad(store, scratch)
            async with filling as load:
                await load.empty(say)
                await _Rebuild(state, state_path, over, load, say).derive_and_load()
                await load.finish(say)
        state.begin()
        state.put("cursor", end)
        await store.write([cursor_step(journal, state, end, rebuilding=False)])
        state.commit()
    finally:
        state.rollback()
        state.close()
        shutil.rmtree(scratch, ignore_errors=True)
    return events


class _Rebuild(NamedTuple):
    """A state with all events joined, who derives from it, and where that goes."""

    state: State
    path: Path
    over: Everywhere
    load: Loading
    say: Progress

    async def derive_and_load(self) -> None:
        """Take groups first, then runs, then what declarations and datasets state, then pairs, then the rest."""
        await asyncio.to_thread(_group, self.state)
        await self._go_through(RUNS)
        await asyncio.to_thread(_complete, self.state)
        if has_renames(self.state):
            await self._go_through(ROLES)
        await self._go_through(OUTPUTS)
        for stage in OTHERS:
            await self._go_through(stage)

    async def _go_through(self, stage: Stage) -> None:
        """Derive a stage everywhere, keep what comes of it in order, and hand it on."""
        total = self.state.rows(f"SELECT count(*) FROM ({stage.keys})", ("", -1))[0][0]  # noqa: S608 - constants
        tasks = (Task(self.path, keys, self.load.encode) for keys in _chunks(self.state, stage.keys))
        parts = self.over(stage.work, tasks)
        done = 0
        self.say(stage.name, done, total)
        while (part := await asyncio.to_thread(_next, self.state, parts)) is not None:
            await self.load.add(part.loaded)
            done += part.keys
            self.say(stage.name, done, total)


def _group(state: State) -> None:
    state.begin()
    regroup(state, Touched(linked=_column(state, "SELECT entity FROM register WHERE facet = 'symlinks'")))
    state.commit()


def _complete(state: State) -> None:
    """Add what finds the rows of runs, then derive what is not of runs: few rows, each by itself."""
    state.complete()
    state.begin()
    derive_declared(state, Touched(declared=_column(state, "SELECT DISTINCT job FROM job_event")))
    derive_told(state, Touched(told=_column(state, "SELECT DISTINCT dataset FROM told")))
    state.commit()


def _next(state: State, parts: Iterator[Part]) -> Part | None:
    """Keep the rows of the next part in the state; None where there is no further part."""
    part = next(parts, None)
    if part is not None:
        state.begin()
        for statement, rows in part.kept:
            state.many(statement, rows)
        state.commit()
    return part


def _column(state: State, sql: str) -> set[str]:
    return {row[0] for row in state.rows(sql)}


def _chunks(state: State, sql: str, size: int = _KEYS) -> Iterator[list[str]]:
    last = ""
    while keys := [row[0] for row in state.rows(sql, (last, size))]:
        yield keys
        last = keys[-1]
