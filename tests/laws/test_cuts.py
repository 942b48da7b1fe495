"""Is the graph the same after a write, a state or a rebuild was cut short (law L5, in one process)?

`tests/crash` kills whole servers; here each cut is made where it hurts, between two named steps.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

import pytest

from app.engine import arcadedb
from graph_schema.errors import LineageError
from ingest import projector as projecting
from ingest.journal import Record
from ingest.rebuild import rebuild
from queries.migrate import migrate
from queries.projection import read_projection
from queries.store import GraphStore
from tests.engine import Database, on_one_line, running, unleashed
from tests.laws.compare import difference
from tests.laws.histories import random_history
from tests.laws.kept import records_of
from tests.laws.projected import EMPTY, STATE, Home, everything, everything_of, home, received
from tests.laws.real import project_received

WAIT_S: Final = 60.0


class Cut(Exception):
    """The process ended here."""


def story(events: int = 60) -> list[Record]:
    """A history in which everything meets: some 60 events on few names."""
    return records_of(one for seed in range(events // 6) for one in random_history(seed, "mixed", 12)[:6])


async def same(store: GraphStore, records: list[Record]) -> None:
    wanted = everything_of(project_received(received(records)))
    said = difference(wanted, await everything(store), names=("in memory", "after the cut"))
    assert not said, f"\n{said}"


async def steps(made: Home, sizes: list[int]) -> None:
    """Project some batches as one process, which then ends."""
    projector = made.projector()
    await projector._resume()
    for size in sizes:
        projector._events_max = size
        await projector.step()
    projector._state.close()


@on_one_line
@pytest.mark.parametrize("batches", [[5], [1, 1, 1], [20, 20]], ids=str)
def test_a_graph_written_and_its_state_not(graph: Database, tmp_path: Path, batches: list[int]) -> None:
    """Cut between the graph's commit and the state's: the state is behind, and catches up without writing."""
    records = story()

    async def work(store: GraphStore) -> None:
        async with home(store, tmp_path, records) as made:
            await steps(made, [10])
            kept = tmp_path / "kept"
            shutil.copy(made.state, kept)
            await steps(made, batches)
            made.forget_state()
            shutil.copy(kept, made.folder / STATE)
            await made.project([7, 7])
            await same(store, records)

    graph.run(work)


def test_a_state_ahead_of_its_graph(graph: Database, tmp_path: Path) -> None:
    """A graph that lost its newest transactions, or was put back: the state is made anew up to its cursor."""
    records = story()

    async def work(store: GraphStore) -> None:
        async with home(store, tmp_path, records) as made:
            await made.project()
            ahead = tmp_path / "ahead"
            shutil.copy(made.state, ahead)
            await store.write([(EMPTY, {})])
            made.forget_state()
            await steps(made, [15, 15])
            made.forget_state()
            shutil.copy(ahead, made.folder / STATE)
            await made.project([4])
            await same(store, records)

    graph.run(work)


@on_one_line
@pytest.mark.parametrize("stage", ["fold", "derive runs", "derive io", "wipe", "load"])
def test_a_rebuild_cut_short(graph: Database, tmp_path: Path, stage: str) -> None:
    """Cut anywhere in a rebuild: the graph says that it is being rebuilt, and the next projector begins it again."""
    records = story()

    def cut(reached: str, _done: int, _total: int) -> None:
        if reached == stage:
            raise Cut

    async def work(store: GraphStore) -> None:
        async with home(store, tmp_path, records) as made:
            await steps(made, [25])
            with pytest.raises(Cut):
                await rebuild(made.journal, made.state, store, cut)
            assert (await read_projection(store)).rebuilding
            await made.project()
            assert not (await read_projection(store)).rebuilding
            await same(store, records)

    graph.run(work)


async def reached(store: GraphStore, position: int) -> None:
    """Wait until the graph holds a position; meanwhile there may be no engine."""
    async with asyncio.timeout(WAIT_S):
        while True:
            with suppress(LineageError):
                if (await read_projection(store)).cursor >= position:
                    return
            await asyncio.sleep(0.01)


async def kill(engine: arcadedb.Engine) -> None:
    """Kill the engine, and wait until its leash has seen it."""
    pid_file = engine.folder / "pid"
    os.kill(int(pid_file.read_text()), signal.SIGKILL)
    async with asyncio.timeout(WAIT_S):
        while pid_file.exists():  # noqa: ASYNC110 - another process takes it away
            await asyncio.sleep(0.01)


async def project_under_fire(engine: arcadedb.Engine, folder: Path, records: list[Record]) -> None:
    """Run a projector while its engine is killed and started again, twice."""
    store = await engine.open(timeout_s=30)
    try:
        await migrate(store)
        async with home(store, folder, records) as made:
            with ExitStack() as lives:
                stop = asyncio.Event()
                projecting_on = asyncio.create_task(made.projector().run(stop))
                for position in (20, 60):
                    await reached(store, position)
                    await kill(engine)
                    lives.enter_context(unleashed(engine))
                await reached(store, made.journal.end())
                stop.set()
                await projecting_on
                await same(store, records)
    finally:
        await store.aclose()


@pytest.mark.slow
def test_an_engine_killed_between_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill -9 of the engine while a projector writes: it goes on by itself, and nothing is lost or doubled."""
    monkeypatch.setattr(projecting, "EVENTS_MAX", 2)
    with running(tmp_path / "engine") as engine:
        asyncio.run(project_under_fire(engine, tmp_path, story(120)))
