"""How is a server put together, and taken apart again?

    lock -> address -> journal -> engine -> migrations -> projector -> follower, sources -> pasts -> application

Each is opened after the one before it and closed before it, whatever goes wrong. This is the one module that
wires `app` and `ingest` together.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

import structlog
import uvicorn

from app import lock
from app.context import Context
from app.engine import arcadedb
from app.following import check_follow, follower_of, poller_of
from app.forwarding import forwarder, with_waiting
from app.graphql.route import BODY_BYTES_MAX
from app.main import create_app
from app.metrics import Metrics
from app.pasts import keeping_pasts
from app.settings import Settings, check_exposure
from app.sources import check_sources, sources_of
from app.supervise import Child, kept, until_up
from graph_schema.errors import LineageError, StoreUnavailable
from ingest.cycles import look_seldom
from ingest.event_times import EventTimes
from ingest.forward.ledger import refused
from ingest.forward.post import address
from ingest.inbox import Inbox
from ingest.journal import Journal
from ingest.log import log_to_stderr
from ingest.run_events import RunEvents
from ingest.standing import all_told, nudge
from queries.migrate import migrate, migrated
from queries.store import GraphStore
from queries.stores.arcadedb_bulk import ArcadeBulk
from queries.stores.bolt import check_address, open_store
from queries.stores.driver_errors import NotLetIn
from queries.stores.late import LateStore

log = structlog.get_logger()

EMBEDDED: Final = "embedded"
ENGINE_START_S: Final = 90.0
PROJECTOR_NICENESS: Final = 5
"""Folding stands back for the door and for questions when processors are short."""

DRAIN_S: Final = 10
KEEP_ALIVE_S: Final = 75
BACKLOG: Final = 2048


class AddressInUse(LineageError):
    """The address to listen on cannot be had."""

    code = "ADDRESS_IN_USE"


@dataclass(frozen=True, slots=True)
class Access:
    """What it takes to open a graph, from here or from another process; `bulk_url` is the embedded engine's."""

    uri: str
    user: str
    password: str = field(repr=False)
    database: str
    ca_file: Path | None = None
    bulk_url: str = ""

    def bulk(self) -> ArcadeBulk | None:
        """Give the engine's own import, where it has one."""
        if not self.bulk_url:
            return None
        return ArcadeBulk(self.bulk_url, user=self.user, password=self.password, database=self.database)


@dataclass(frozen=True, slots=True)
class Graph:
    """An open graph, and the children that it runs in."""

    store: GraphStore
    access: Access
    children: tuple[Child, ...] = ()


def run_serve(settings: Settings, ready: Callable[[str], object] = lambda _: None) -> None:
    """Serve until SIGTERM or SIGINT, and tell `ready` the address; raises LineageError when it cannot start."""
    check_exposure(settings)
    check_follow(settings)
    check_sources(settings)
    if settings.graph != EMBEDDED:
        check_address(settings.graph)
    if settings.forward:
        address(settings.forward)
    log_to_stderr(settings.log_level)  # standard output holds the one line with the address
    # The lock is waited for before there is an event loop, so that Ctrl-C ends the waiting.
    with _home(settings) as held, asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(settings, held, ready))


@asynccontextmanager
async def offline(settings: Settings) -> AsyncIterator[tuple[Journal, Graph]]:
    """Open the journal and the graph while no server runs on this home; nothing is projected meanwhile.

    For `export`, `rebuild` and `verify`. Raises HomeInUse when a server does run.
    """
    async with AsyncExitStack() as stack:
        held = stack.enter_context(lock.held(settings.home))
        journal = stack.enter_context(closing(Journal.open(settings.journal_path)))
        graph = await stack.enter_async_context(_graph(settings, held))
        await _ready(graph)
        yield journal, graph


@asynccontextmanager
async def beside(settings: Settings) -> AsyncIterator[tuple[Journal, GraphStore]]:
    """Open journal and graph beside those who use them, to look and change nothing; not an embedded graph."""
    async with AsyncExitStack() as stack:
        journal = stack.enter_context(closing(Journal.open(settings.journal_path, read_only=True)))
        graph = await stack.enter_async_context(_graph(settings, -1))
        yield journal, graph.store


async def _serve(settings: Settings, held: int, ready: Callable[[str], object]) -> None:
    stopping = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stopping.set)
    async with AsyncExitStack() as stack:
        listening = stack.enter_context(_address(settings))
        opening = asyncio.create_task(_open(stack, settings, held))
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait({opening, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not opening.done():
            opening.cancel()
            with suppress(asyncio.CancelledError):
                await opening
            return
        await _answer(opening.result(), listening, stopping, ready)


async def _open(stack: AsyncExitStack, settings: Settings, held: int) -> Context:
    metrics = Metrics()

    def restarted(name: str) -> None:
        metrics.child_restarts.labels(name).inc()

    journal = stack.enter_context(
        closing(Journal.open(settings.journal_path, busy_timeout_s=settings.journal_busy_timeout_s))
    )
    graph = await stack.enter_async_context(_graph(settings, held, on_restart=restarted, late=True))
    try:
        await _ready(graph)
    except StoreUnavailable as error:
        if settings.graph == EMBEDDED or isinstance(error, NotLetIn):
            raise
        log.warning("the graph cannot be used yet: events are taken, questions wait", error=error.message)
    children = list(graph.children)
    if settings.projector == "child":
        projector = _projector(settings, graph, held)
        children.append(await stack.enter_async_context(kept(projector, on_restart=restarted)))
    if follower := follower_of(settings, held):
        children.append(await stack.enter_async_context(kept(follower, on_restart=restarted)))
    if poller := poller_of(settings, held):
        children.append(await stack.enter_async_context(kept(poller, on_restart=restarted)))
    children += [
        await stack.enter_async_context(kept(source, on_restart=restarted))
        for source in sources_of(settings, held)
    ]
    if settings.forward:
        forwarding = kept(forwarder(settings, held), on_restart=restarted)
        children.append(await stack.enter_async_context(forwarding))
    pasts = await stack.enter_async_context(keeping_pasts(settings, held=(held,) if held >= 0 else ()))
    inbox = Inbox(
        journal,
        waiting_records_max=settings.waiting_events_max,
        waiting_bytes_max=settings.waiting_bytes_max,
    )
    return Context(
        settings=settings,
        store=graph.store,
        inbox=inbox,
        journal=journal,
        metrics=metrics,
        run_events=RunEvents(settings.home / "state.sqlite", journal),
        event_times=EventTimes(settings.home / "state.sqlite", journal),
        children=lambda: {child.name: child.status() for child in children},
        pasts=pasts,
        standings=partial(with_waiting, settings, journal, partial(all_told, settings.home)),
        refusals=partial(refused, settings.home),
        nudge=partial(nudge, settings.home),
    )


@asynccontextmanager
async def _graph(
    settings: Settings, held: int, *, on_restart: Callable[[str], None] | None = None, late: bool = False
) -> AsyncIterator[Graph]:
    """Open the graph of the settings; with `late` one elsewhere may be away, and is opened when it is there."""
    if settings.graph != EMBEDDED:
        access = Access(
            settings.graph,
            user=settings.graph_user,
            password=settings.graph_password.get_secret_value(),
            database=settings.graph_database,
            ca_file=settings.graph_ca_file,
        )
        async with _store(access, settings, late=late) as store:
            yield Graph(store, access)
        return
    engine = arcadedb.plan(settings.home / "engine", heap_mb=settings.engine_heap_mb)
    child = Child(
        "engine",
        command=partial(arcadedb.prepare, engine),
        pid_file=settings.home / "run" / "engine.pid",
        answers=partial(arcadedb.answers, engine),
        folder=engine.folder,
        output=engine.log,
        held=(held,),
        explains=partial(arcadedb.why_ended, engine),
    )
    async with kept(child, on_restart=on_restart):
        await until_up(child, timeout_s=ENGINE_START_S)
        access = Access(
            engine.uri, arcadedb.USER, engine.password, arcadedb.DATABASE, bulk_url=engine.http_url
        )
        try:
            async with _store(access, settings) as store:
                yield Graph(store, access, (child,))
        except StoreUnavailable as error:
            why = child.why or child.explains()
            if why is None:
                raise
            raise StoreUnavailable(why) from error


async def _ready(graph: Graph) -> None:
    """Make the database of a graph what this version needs; one that is opened late has it done then."""
    if isinstance(graph.store, LateStore):
        await graph.store.ping()
    else:
        await migrate(graph.store)
    bulk = graph.access.bulk()
    if bulk is not None:
        await bulk.index_words()


@asynccontextmanager
async def _store(access: Access, settings: Settings, *, late: bool = False) -> AsyncIterator[GraphStore]:
    async def opening() -> GraphStore:
        store = await open_store(
            access.uri,
            user=access.user,
            password=access.password,
            database=access.database,
            timeout_s=settings.graph_timeout_s,
            ca_file=access.ca_file,
            connections_max=settings.graph_connections_max,
        )
        return await migrated(store) if late else store

    store = LateStore(opening) if late else await opening()
    try:
        yield store
    finally:
        await store.aclose()


def _projector(settings: Settings, graph: Graph, held: int) -> Child:
    access = graph.access
    options = {
        "--home": str(settings.home.absolute()),
        "--graph": access.uri,
        "--user": access.user,
        "--database": access.database,
        "--bulk-url": access.bulk_url,
        "--timeout-s": str(settings.graph_write_timeout_s),
    }
    if access.ca_file is not None:
        options["--ca-file"] = str(access.ca_file.absolute())
    return Child(
        "projector",
        command=lambda: [sys.executable, "-m", "ingest", *chain.from_iterable(options.items())],
        pid_file=settings.home / "run" / "projector.pid",
        env={"HEADWATER_GRAPH_PASSWORD": access.password, "HEADWATER_LOG_LEVEL": settings.log_level},
        held=(held,),
        niceness=PROJECTOR_NICENESS,
    )


async def _answer(
    context: Context, listening: socket.socket, stopping: asyncio.Event, ready: Callable[[str], object]
) -> None:
    app = create_app(context)
    config = uvicorn.Config(
        app,
        loop="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=DRAIN_S,
        ws_max_size=BODY_BYTES_MAX,
    )
    look_seldom()
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn tells by a flag only
        await asyncio.sleep(0.01)
    if server.started:
        host, port = listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        ready(f"http://{shown}:{port}{context.settings.base_path}")
    ended = asyncio.create_task(stopping.wait())
    await asyncio.wait({serving, ended}, return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    await app.state.watching.aclose()  # else the answers of subscriptions would be waited for
    server.should_exit = True
    await serving


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: the children must be ended after the last answer, before this process."""
        yield


@contextmanager
def _home(settings: Settings) -> Iterator[int]:
    """Hold the home, unless this server is one of several over a graph that another process writes."""
    if settings.graph != EMBEDDED and settings.projector == "elsewhere":
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield -1
        return
    with lock.held(settings.home) as held:
        yield held


@contextmanager
def _address(settings: Settings) -> Iterator[socket.socket]:
    """Take the address before anything slow is started; nobody is answered until the server listens."""
    host = settings.host.strip("[]")
    with ExitStack() as stack:
        try:
            found = socket.getaddrinfo(host, settings.port, type=socket.SOCK_STREAM)
            family, kind, protocol, _, address = found[0]
            listening = stack.enter_context(socket.socket(family, kind, protocol))
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except OSError as error:
            message = f"cannot listen on {host}:{settings.port} ({error.strerror}); choose another --port"
            raise AddressInUse(message, host=host, port=settings.port) from error
        yield listening


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if importlib.util.find_spec("uvloop") is None:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module("uvloop").new_event_loop
    return factory
