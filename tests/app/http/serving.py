"""A real server on a free port over a real journal; its graph is not there unless a test brings one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, cast

import httpx
import uvicorn
from starlette.routing import BaseRoute

from app.context import Context
from app.main import create_app
from app.metrics import Metrics
from app.settings import Settings
from graph_schema.errors import StoreUnavailable
from ingest.event_times import EventTimes
from ingest.inbox import Inbox
from ingest.journal import Journal
from ingest.run_events import RunEvents
from queries.statements import Statement
from queries.store import GraphStore, Row, Step


class AbsentStore:
    """The graph engine of a server that has none: every question finds nobody at home."""

    dialect = "neo4j"

    async def read(self, _statement: Statement, /, **_params: Any) -> list[Row]:
        self._absent()

    async def write(self, _steps: Sequence[Step], /) -> None:
        self._absent()

    async def ping(self) -> None:
        self._absent()

    async def aclose(self) -> None:
        """Close nothing."""

    def _absent(self) -> NoReturn:
        raise StoreUnavailable("there is no graph engine; start one")


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: a client for it, and the journal behind it."""

    client: httpx.Client
    journal: Journal
    context: Context
    port: int


@contextmanager
def serving(
    home: Path, *, store: GraphStore | None = None, routes: Sequence[BaseRoute] = (), **settings: Any
) -> Iterator[Served]:
    """Serve from a home folder until the block ends; `routes` are a test's own."""
    chosen = Settings(home=home, **settings)
    journal = Journal.open(chosen.journal_path, busy_timeout_s=0.3)
    inbox = Inbox(
        journal, waiting_records_max=chosen.waiting_events_max, waiting_bytes_max=chosen.waiting_bytes_max
    )
    context = Context(
        settings=chosen,
        store=store or cast("GraphStore", AbsentStore()),
        inbox=inbox,
        journal=journal,
        metrics=Metrics(),
        run_events=RunEvents(chosen.home / "state.sqlite", journal),
        event_times=EventTimes(chosen.home / "state.sqlite", journal),
    )
    app = create_app(context)
    app.router.routes.extend(routes)
    config = uvicorn.Config(app, port=0, log_level="critical", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            yield Served(client, journal, context, port)
    finally:
        server.should_exit = True
        thread.join(20)
        journal.close()
