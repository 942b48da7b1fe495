"""How do the long commands say how far they are, and what came of it?"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, Final

import httpx
from rich.table import Table
from rich.text import Text

from app.cli import local
from app.cli.bars import bars, counting, stages
from app.cli.connection import check, connected
from app.cli.screen import console, counted, show_status
from app.cli.sending import Outcome, send_all, wait_projected
from app.cli.telling import write_json
from graph_schema.errors import BadInput
from headwater.asking import Unreachable

SHOWN_MAX: Final = 20


def ingest(files: Sequence[str], *, server: str, api_key: str, wait: bool, as_json: bool) -> Outcome:
    """Send files, wait for the graph, and say what became of the events."""
    began = time.monotonic()
    with connected(server, api_key) as client, bars() as bar:
        sending = bar.add_task("sent", total=None)

        def sent(outcome: Outcome) -> None:
            bar.update(sending, completed=outcome.sent)

        outcome = send_all(client, local.events_in(files), sent)
        bar.update(sending, total=outcome.sent, completed=outcome.sent)
        if wait and outcome.position:
            placing = bar.add_task("in the graph", total=outcome.position)
            wait_projected(client, outcome.position, lambda at: bar.update(placing, completed=at))
            bar.update(placing, completed=outcome.position)
    seconds = time.monotonic() - began
    if as_json:
        write_json(_summary(outcome, waited=wait, seconds=seconds))
    else:
        _show(outcome, waited=wait, seconds=seconds)
    return outcome


def _summary(outcome: Outcome, *, waited: bool, seconds: float) -> dict[str, Any]:
    return {
        "accepted": outcome.accepted,
        "duplicates": outcome.duplicates,
        "rejected": outcome.rejected,
        "warnings": outcome.warnings,
        "position": str(outcome.position),
        "projected": waited,
        "seconds": round(seconds, 3),
        "reasons": outcome.reasons,
    }


def _show(outcome: Outcome, *, waited: bool, seconds: float) -> None:
    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("accepted", "duplicate", "rejected", "with warnings"):
        table.add_column(name, justify="right")
    numbers = (outcome.accepted, outcome.duplicates, outcome.rejected, outcome.warnings)
    table.add_row(*(f"{number:,}" for number in numbers))
    out.print(table)
    where = "all in the graph" if waited else "safe in the journal, on their way into the graph"
    if outcome.position:
        out.print(f"{where}, up to position {outcome.position} ({seconds:.1f} s)")
    if not outcome.rejected:
        return
    reasons = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("file", "line", "code", "reason"):
        reasons.add_column(name, overflow="fold")
    for one in outcome.reasons[:SHOWN_MAX]:
        reasons.add_row(Text(one["file"]), str(one["line"]), one["code"], Text(one["reason"]))
    out.print(reasons)
    if outcome.rejected > SHOWN_MAX:
        out.print(f"and {counted(outcome.rejected - SHOWN_MAX, 'more')}; --json lists up to a thousand")


def export(*, home: Path | None, server: str, api_key: str, output: Path | None) -> None:
    """Write the whole graph: from a server, or of a stopped one from its home."""
    if output is None:
        with counting("rows", shown=not sys.stdout.isatty()) as count:
            _export(home, server, api_key, to=sys.stdout.buffer, count=count)
        return
    partial = output.with_name(output.name + ".part")
    with counting("rows") as count, partial.open("wb") as file:
        _export(home, server, api_key, to=file, count=count)
    partial.replace(output)


def _export(
    home: Path | None, server: str, api_key: str, *, to: IO[bytes], count: Callable[[int], None]
) -> None:
    def write(block: bytes) -> None:
        to.write(block)
        count(block.count(b"\n"))

    if home is None:
        try:
            _export_from_server(server, api_key, write)
        except Unreachable:
            settings = local.make_settings()
            if not settings.journal_path.exists():
                raise
            console(stderr=True).print(f"no server at {server}; reading {settings.home} itself", markup=False)
            local.export(settings, write)
    else:
        local.export(local.make_settings(home=home), write)
    to.flush()


def _export_from_server(server: str, api_key: str, write: Callable[[bytes], object]) -> None:
    with connected(server, api_key) as client, client.stream("GET", "/api/v1/export", timeout=None) as answer:
        if not answer.is_success:
            answer.read()
            check(answer)
        for block in answer.iter_bytes():
            write(block)


def rebuild(*, home: Path | None, as_json: bool) -> None:
    """Make the graph anew, and say how far it is."""
    began = time.monotonic()
    settings = local.make_settings(home=home)
    with stages() as say:
        events = local.rebuild(settings, say)
    seconds = time.monotonic() - began
    if as_json:
        write_json({"events": events, "seconds": round(seconds, 3)})
        return
    how_many = "the graph is" if events is None else f"{counted(events, 'event')}, the graph is"
    console().print(f"{how_many} made anew ({seconds:.1f} s)")


def verify(*, home: Path | None, as_json: bool) -> bool:
    """Recompute the journal's chain, and tell whether it holds."""
    settings = local.make_settings(home=home)
    with stages() as say:
        found = local.verify(settings, say)
    if as_json:
        write_json(asdict(found))
    elif found.ok:
        _say(f"{counted(found.records, 'record')}, the chain holds; its last link is", found.head)
    else:
        _say(
            f"the chain breaks at position {found.first_broken_position}: {found.reason};",
            f"{counted(found.records, 'record')} before it are good. Bring the journal back from a copy.",
        )
    return found.ok


def status(
    home: Path | None, stuck_after_s: float | None, *, server: str, api_key: str, as_json: bool
) -> bool:
    """Say how a server is, or a home without its server, and tell whether it is ready."""
    if home is not None:
        body = local.status(local.make_settings(home=home), stuck_after_s)
        subject = str(home)
    else:
        if stuck_after_s is not None:
            raise BadInput("how long events wait is known beside the home alone: give --home too")
        with connected(server, api_key) as client:
            answer = client.get("/readyz")
            if answer.status_code not in {httpx.codes.OK, httpx.codes.SERVICE_UNAVAILABLE}:
                check(answer)
            body = {"server": server, **answer.json()}
        subject = server
    if as_json:
        write_json(body)
    else:
        show_status(subject, body)
    return bool(body.get("ready"))


def _say(*parts: str) -> None:
    console().print(Text(" ".join(parts), overflow="fold"))
