"""What do commands do without a running server? This module alone of `app.cli` may touch `ingest`."""

from __future__ import annotations

import asyncio
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from app import lock
from app.settings import Settings
from graph_schema.errors import BadInput, LineageError, NotCaughtUp, StoreUnavailable

if TYPE_CHECKING:
    from app.cli.sending import Event
    from ingest.chain import VerifyReport
    from ingest.forward.forwarder import Sending

NOTE_POLL_S: Final = 0.2

PATIENCE_S: Final = 120.0
"""So long `backfill --once` waits for a database that went away."""

Progress = Callable[[str, int, int], None]
Said = Callable[[int, int, int, str | None], None]
"""Told of rows, of how many, their bytes, and what stands in the way."""


def make_settings(**given: Any) -> Settings:
    """Build settings from options, the environment and defaults; raises BadInput with the first fault."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        fault = error.errors()[0]
        where = "_".join(str(part) for part in fault["loc"]).upper()
        named = f"HEADWATER_{where}: " if where else ""
        raise BadInput(f"{named}{fault['msg']}; see docs/operations.md for all settings") from error


def serve(settings: Settings, ready: Callable[[str], object]) -> None:
    """Serve until told to stop; `ready` is told the address."""
    from app.serve import run_serve

    run_serve(settings, ready)


def work(settings: Settings) -> None:
    """Project a journal into a graph that serves elsewhere, until told to stop."""
    from ingest.__main__ import work as project
    from ingest.log import log_to_stderr

    if settings.graph == "embedded":
        raise BadInput(
            "`headwater serve` does this work itself for the embedded graph; give --graph bolt://HOST:7687"
        )
    log_to_stderr(settings.log_level)
    with lock.held(settings.home):
        arguments = Namespace(
            home=settings.home,
            graph=settings.graph,
            user=settings.graph_user,
            database=settings.graph_database,
            bulk_url="",
            timeout_s=settings.graph_write_timeout_s,
            ca_file=settings.graph_ca_file,
            lifeline=False,
        )
        asyncio.run(project(arguments))


def backfill(settings: Settings, text: str, *, once: bool, anew: bool, say: Said) -> dict[str, Any]:
    """Take over what a Marquez stored; gives what came of it, and what is to be known about it."""
    from ingest.sources.marquez.address import address_of
    from ingest.sources.marquez.faults import check_installed

    _log_faults_only()
    address = address_of(text, settings.marquez_password.get_secret_value())
    if address.is_http:
        from ingest.sources.marquez.over_http import take_over

        return take_over(settings.home, address, say)
    check_installed()
    from ingest.sources.marquez.backfill import backfilled

    return asyncio.run(
        backfilled(
            settings.home,
            address,
            timeout_s=settings.follow_timeout_s,
            anew=anew,
            patience_s=PATIENCE_S if once else None,
            say=say,
        )
    )


def follow(settings: Settings) -> None:
    """Follow a Marquez into a home's journal, until told to stop."""
    from app.following import check_follow
    from ingest.log import log_to_stderr
    from ingest.sources.marquez.address import address_of

    if not settings.follow.get_secret_value():
        raise BadInput(
            "say what to follow: headwater follow marquez://USER@HOST:5432/marquez, or HEADWATER_FOLLOW"
        )
    check_follow(settings)
    from ingest.sources.marquez.__main__ import follow_table

    log_to_stderr(settings.log_level)
    address = address_of(settings.follow.get_secret_value(), settings.marquez_password.get_secret_value())
    asyncio.run(follow_table(settings.home, address, timeout_s=settings.follow_timeout_s))


def follow_standing(settings: Settings) -> dict[str, Any]:
    """Say how the follower of a home is."""
    from ingest.sources.faults import SourceUnavailable
    from ingest.standing import told

    standing = told(settings.home, "follow")
    if standing is None:
        raise SourceUnavailable(
            f"nobody follows a Marquez into {settings.home}; start `headwater follow ADDRESS`"
        )
    return standing


def forward(settings: Settings) -> None:
    """Send a journal's events on to a Marquez, until told to stop."""
    from ingest.forward.__main__ import forward as send_on
    from ingest.log import log_to_stderr

    if not settings.forward:
        raise BadInput("say where to: --to http://marquez:5000, or HEADWATER_FORWARD")
    _must_hold(settings)
    log_to_stderr(settings.log_level)
    asyncio.run(send_on(settings.home, sending(settings)))


def sending(settings: Settings) -> Sending:
    """Say where events are sent on to, and how, by the settings."""
    from ingest.forward.forwarder import Sending
    from ingest.forward.pace import Pace

    return Sending(
        url=settings.forward,
        api_key=settings.forward_api_key.get_secret_value(),
        first=settings.forward_begin == "first",
        connections=settings.forward_connections_max,
        timeout_s=settings.forward_timeout_s,
        ca_file=settings.forward_ca_file,
        pace=Pace(
            pause_longest_s=settings.forward_pause_max_s,
            tries_max=settings.forward_tries_max,
            tries_s=settings.forward_tries_s,
        ),
    )


def forward_standing(settings: Settings) -> dict[str, Any]:
    """Say how the forwarder of a home is; raises StoreUnavailable where none ever was."""
    from ingest.standing import told

    standing = told(settings.home, "forward")
    if standing is None:
        raise StoreUnavailable(f"nothing forwards from {settings.home}; start `headwater forward run`")
    return standing


def forward_again(settings: Settings, positions: Sequence[int]) -> int:
    """Order refused events to be sent again; gives how many."""
    from ingest.forward.ledger import order_again

    return order_again(settings.home, positions)


def forward_skip(settings: Settings, position: int) -> None:
    """Order an event to be passed by."""
    from ingest.forward.ledger import order_skip

    order_skip(settings.home, position)


def events_in(paths: Iterable[str]) -> Iterator[Event]:
    """Read the events of files."""
    from ingest.sources import files

    return files.events_in(paths)


def export(settings: Settings, write: Callable[[bytes], object]) -> None:
    """Export from a home that no server uses."""
    _must_hold(settings)
    _log_faults_only()
    asyncio.run(_export_here(settings, write))


async def _export_here(settings: Settings, write: Callable[[bytes], object]) -> None:
    from app.serve import offline
    from queries.export import export_blocks

    async with offline(settings) as (_, graph), aclosing(export_blocks(graph.store)) as blocks:
        async for block in blocks:
            write(block)


def rebuild(settings: Settings, say: Progress) -> int | None:
    """Make the graph anew; of a running server, by asking its projector. Gives how many events, if known."""
    _must_hold(settings)
    if _in_use(settings.home):
        _ask_projector(settings.home, say)
        return None
    _log_faults_only()
    return asyncio.run(_rebuild_here(settings, say))


async def _rebuild_here(settings: Settings, say: Progress) -> int:
    from app.serve import offline
    from ingest.cycles import look_seldom
    from ingest.rebuild import rebuild as rebuild_graph

    look_seldom()
    async with offline(settings) as (journal, graph):
        state = settings.home / "state.sqlite"
        return await rebuild_graph(journal, state, graph.store, say, bulk=graph.access.bulk())


def _ask_projector(home: Path, say: Progress) -> None:
    from ingest.projector import REBUILD_NOTE, told_progress

    note = home / REBUILD_NOTE
    note.touch()
    say("asking the running server", 0, 0)
    while note.exists():
        if told := told_progress(note):
            say(*told)
        time.sleep(NOTE_POLL_S)


def verify(settings: Settings, say: Progress) -> VerifyReport:
    """Recompute the journal's chain; a running server is not disturbed."""
    from ingest.journal import Journal

    _must_hold(settings)
    with closing(Journal.open(settings.journal_path, read_only=True)) as journal:
        end = journal.last_position()
        return journal.verify(report=lambda position: say("records", position, max(end, position)))


def status(settings: Settings, stuck_after_s: float | None) -> dict[str, Any]:
    """Say how a home and its graph are, from beside the processes that use them."""
    from app.http.health import blocked_note
    from ingest.standing import all_told

    _must_hold(settings)
    if settings.graph == "embedded":
        raise BadInput("the embedded graph answers through its server alone: leave --home out")
    _log_faults_only()
    answer = asyncio.run(_status_here(settings))
    worked_on, blocked = _in_use(settings.home), blocked_note(settings.home)
    if blocked is not None:
        answer["blocked"] = blocked
    ready = answer["ready"] and worked_on and blocked is None
    answer |= {"ready": ready, "home": str(settings.home), "worked_on": worked_on, **all_told(settings.home)}
    if not worked_on:
        answer.setdefault(
            "reason", _reason(StoreUnavailable("nobody writes the graph; start `headwater work`"))
        )
    waited_s = _waited_s(answer["waiting_since"])
    if stuck_after_s is not None and waited_s > stuck_after_s:
        what = f"the oldest event that is not in the graph has waited {waited_s:.0f} s; see the log of `work`"
        answer |= {"ready": False, "reason": _reason(NotCaughtUp(what))}
    return answer


async def _status_here(settings: Settings) -> dict[str, Any]:
    from app.http.health import progress
    from app.serve import beside

    async with beside(settings) as (journal, store):
        answer = await progress(journal, store)
        waiting = journal.read_after(int(answer["projected"] or 0), 1) if answer["lag"] else []
        return {**answer, "waiting_since": waiting[0].received_at if waiting else None}


def _reason(error: LineageError) -> dict[str, str]:
    return {"code": error.code, "message": error.message}


def _waited_s(since: str | None) -> float:
    if since is None:
        return 0.0
    return (datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds()


def log_to_standard_error(settings: Settings, *, faults_only: bool) -> None:
    """Say on standard error how it goes, or faults alone."""
    from ingest.log import log_to_stderr

    if faults_only:
        _log_faults_only()
    else:
        log_to_stderr(settings.log_level)


def _log_faults_only() -> None:
    """Keep standard output for the answer; what a start and a rebuild log goes to standard error."""
    import logging

    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _must_hold(settings: Settings) -> None:
    if not settings.journal_path.exists():
        raise BadInput(
            f"there is no journal in {settings.home}; give --home DIR, the folder `serve` was started with",
            home=str(settings.home),
        )


def _in_use(home: Path) -> bool:
    try:
        with lock.held(home, wait_s=0):
            return False
    except lock.HomeInUse:
        return True
