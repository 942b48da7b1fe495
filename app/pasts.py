"""What would have been answered then? By a graph of the events that the journal held then, made when somebody asks.

Such a past is a database of an embedded engine of its own, whatever engine the graph itself is in: `python -m
ingest.past` fills it from the beginning of the journal, as a rebuild does. One is made at a time; a few are kept for
some minutes and used again for the same position. Their folder is this server's alone, and goes when it ends; what a
killed server left is swept away by the next one.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import orjson
import structlog

from app import lock
from app.engine import arcadedb
from app.settings import Settings
from app.supervise import Child, kept, run_once, until_up
from graph_schema.errors import LineageError, Preparing, StoreUnavailable
from queries.migrate import migrate
from queries.store import GraphStore
from queries.stores.arcadedb_bulk import ArcadeBulk
from queries.stores.bolt import open_store

log = structlog.get_logger()

ENGINE_START_S: Final = 90.0
NICENESS: Final = 10
"""A past stands back for the door, for questions and for the projector."""
LOOK_EVERY_S: Final = 1.0
"""How finely it is looked for pasts that nobody asked for any more."""


@dataclass(slots=True, eq=False)
class Past:
    """A graph up to a position: the work of making it, who reads it now, and when it was last asked for."""

    position: int
    folder: Path
    readers: int = 0
    used_at: float = 0.0
    making: asyncio.Task[GraphStore] | None = None

    @property
    def database(self) -> str:
        """Name the database that it is in."""
        return self.folder.name

    @property
    def note(self) -> Path:
        """Say where its maker tells how far it is."""
        return self.folder / "note"

    @property
    def ready(self) -> bool:
        """Tell whether it can be asked."""
        made = self.making
        return made is not None and made.done() and not made.cancelled() and made.exception() is None

    def status(self) -> dict[str, Any]:
        """Say how far it is: the stage of its making, how much of it is done, and of how much (0: not known)."""
        said: dict[str, Any] = {"position": str(self.position), "ready": self.ready}
        if not self.ready:
            stage, done, total = "start", 0, 0
            with suppress(OSError, ValueError):
                stage, done, total = orjson.loads(self.note.read_bytes())
            said |= {"stage": stage, "done": done, "total": total}
        return said


@dataclass(slots=True, eq=False)
class Pasts:
    """The pasts that a server keeps, none at first. `held` are open files that their processes keep, such as a lock."""

    settings: Settings
    held: tuple[int, ...] = ()
    folder: Path = field(init=False)
    _kept: dict[int, Past] = field(default_factory=dict)
    _engine: arcadedb.Engine | None = None
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _changing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        """Choose a folder; nothing is made until somebody asks."""
        self.folder = self.settings.home / "pasts" / uuid4().hex

    def status(self) -> list[dict[str, Any]]:
        """Say which pasts there are, and how far each is."""
        return [past.status() for past in self._kept.values()]

    @asynccontextmanager
    async def at(self, position: int) -> AsyncIterator[GraphStore]:
        """Give the graph up to a position for the length of a block; raises Preparing while it is not there yet."""
        past = self._kept.get(position) or self._begin(position)
        past.readers += 1
        try:
            yield await self._made(past)
        finally:
            past.readers -= 1
            past.used_at = asyncio.get_running_loop().time()

    def _begin(self, position: int) -> Past:
        """Begin to make a past, where there is room: one that nobody reads gives way, the one longest unasked first."""
        making = next((past for past in self._kept.values() if not past.ready), None)
        if making is not None:
            raise Preparing(
                f"the graph as of position {making.position} is being made, one at a time; ask again",
                **making.status(),
            )
        leaving = None
        if len(self._kept) >= self.settings.pasts_max:
            idle = [past for past in self._kept.values() if not past.readers]
            if not idle:
                raise Preparing(
                    f"{len(self._kept)} pasts are being read, and HEADWATER_PASTS_MAX allows no more; ask again"
                )
            leaving = self._kept.pop(min(idle, key=lambda past: past.used_at).position)
        past = Past(position, self.folder / f"p{position}_{uuid4().hex[:8]}")
        past.making = asyncio.create_task(self._make(past, leaving), name=f"past {position}")
        past.making.add_done_callback(partial(self._forget_failed, past))
        self._kept[position] = past
        return past

    def _forget_failed(self, past: Past, made: asyncio.Task[GraphStore]) -> None:
        """Let the next one who asks try again."""
        if not made.cancelled() and made.exception() is not None:
            log.warning("a past could not be made", position=past.position, error=str(made.exception()))
            self._kept.pop(past.position, None)

    async def _made(self, past: Past) -> GraphStore:
        """Wait for a past as long as one question may wait."""
        if past.making is None:
            raise AssertionError("a past is kept from when its making began")
        done, _ = await asyncio.wait({past.making}, timeout=self.settings.pasts_timeout_s)
        if not done:
            said = past.status()
            raise Preparing(
                f"the graph as of position {past.position} is being made ({said['stage']}, {said['done']} of "
                f"{said['total'] or '?'}); ask again",
                **said,
            )
        return past.making.result()

    async def _make(self, past: Past, leaving: Past | None) -> GraphStore:
        if leaving is not None:
            await self._drop(leaving)
        engine = await self._running()
        bulk = _bulk(engine, past)
        await bulk.create()
        past.folder.mkdir(mode=0o700)
        store = await open_store(
            engine.uri,
            user=arcadedb.USER,
            password=engine.password,
            database=past.database,
            timeout_s=self.settings.graph_timeout_s,
            connections_max=self.settings.graph_connections_max,
        )
        try:
            await migrate(store)
            await bulk.index_words()
            await self._fill(past, engine)
        except BaseException:
            await store.aclose()
            with suppress(LineageError):
                await bulk.drop()
            raise
        finally:
            shutil.rmtree(past.folder, ignore_errors=True)  # the state it was made of is needed no more
        return store

    async def _fill(self, past: Past, engine: arcadedb.Engine) -> None:
        """Let a process of its own read the journal up to the position, and fill the database."""
        command = [
            *(sys.executable, "-m", "ingest.past", "--journal", str(self.settings.journal_path.absolute())),
            *("--folder", str(past.folder.absolute()), "--until", str(past.position)),
            *("--graph", engine.uri, "--user", arcadedb.USER, "--database", past.database),
            *("--bulk-url", engine.http_url, "--timeout-s", str(self.settings.graph_write_timeout_s)),
        ]
        maker = Child(
            "past",
            command=lambda: command,
            pid_file=past.folder / "pid",
            env={"HEADWATER_GRAPH_PASSWORD": engine.password, "HEADWATER_LOG_LEVEL": self.settings.log_level},
            held=self.held,
            niceness=NICENESS,
        )
        code = await run_once(maker)
        if code:
            raise StoreUnavailable(
                f"the graph as of position {past.position} could not be made (exit code {code}); see the server's log"
            )

    async def _running(self) -> arcadedb.Engine:
        """Give the engine of the pasts, and start it where it does not run."""
        async with self._changing:
            if self._engine is None:
                sweep(self.settings)
                mine = self._stack.enter_context(_own(self.folder))
                engine = arcadedb.plan(self.folder / "engine", heap_mb=self.settings.engine_heap_mb)
                child = Child(
                    "pasts",
                    command=partial(arcadedb.prepare, engine),
                    pid_file=self.folder / "engine.pid",
                    answers=partial(arcadedb.answers, engine),
                    folder=engine.folder,
                    output=engine.log,
                    held=(*self.held, mine),
                    niceness=NICENESS,
                )
                try:
                    await self._stack.enter_async_context(kept(child))
                    await until_up(child, timeout_s=ENGINE_START_S)
                except BaseException:
                    await self._stack.aclose()
                    raise
                self._engine = engine
            return self._engine

    async def _drop(self, past: Past) -> None:
        """Forget a past that is made, and give its room back."""
        if past.making is not None and past.ready:
            await past.making.result().aclose()
        if self._engine is not None:
            with suppress(LineageError):
                await _bulk(self._engine, past).drop()

    async def forget_unasked(self) -> None:
        """Take pasts away that nobody asked for in the time that they are kept, and the engine with the last."""
        now = asyncio.get_running_loop().time()
        old = [
            past for past in self._kept.values()
            if past.ready and not past.readers and now - past.used_at > self.settings.pasts_keep_s
        ]  # fmt: skip
        for past in old:
            del self._kept[past.position]
        for past in old:
            await self._drop(past)
        async with self._changing:
            if self._engine is not None and not self._kept:
                self._engine = None
                await self._stack.aclose()

    async def aclose(self) -> None:
        """Stop what is being made, and take everything away."""
        pasts = list(self._kept.values())
        for past in pasts:
            if past.making is not None and not past.making.done():
                past.making.cancel()
                with suppress(asyncio.CancelledError, LineageError):
                    await past.making
            elif past.making is not None and past.ready:
                await past.making.result().aclose()
        self._kept.clear()
        self._engine = None
        await self._stack.aclose()


@asynccontextmanager
async def keeping_pasts(settings: Settings, *, held: tuple[int, ...] = ()) -> AsyncIterator[Pasts]:
    """Keep pasts for the length of a block; what earlier servers left is swept away first."""
    sweep(settings)
    pasts = Pasts(settings, held)
    looking = asyncio.create_task(_look(pasts), name="pasts")
    try:
        yield pasts
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        await pasts.aclose()


async def _look(pasts: Pasts) -> None:
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        with suppress(LineageError, OSError):  # the engine is being started again: the next look finds it
            await pasts.forget_unasked()


def sweep(settings: Settings) -> None:
    """Take away what servers left that are no more; folders of living ones, over the same home, are locked."""
    for folder in (settings.home / "pasts").glob("*"):
        with suppress(lock.HomeInUse, OSError), lock.held(folder, wait_s=0):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _own(folder: Path) -> Iterator[int]:
    """Hold a folder, and take it away at the end."""
    with lock.held(folder, wait_s=1) as held:
        try:
            yield held
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            with suppress(OSError):
                os.rmdir(folder.parent)  # noqa: PTH106 - pathlib's says the same


def _bulk(engine: arcadedb.Engine, past: Past) -> ArcadeBulk:
    return ArcadeBulk(engine.http_url, user=arcadedb.USER, password=engine.password, database=past.database)
