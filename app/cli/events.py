"""How are a run's events shown on a terminal? One line each: when, what, and where it stands in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.text import Text

from app.cli.options import SERVER_DEFAULT, ApiKey, AsJson, AtLeast, Server
from app.cli.telling import write_json


def events(
    key: Annotated[str, typer.Argument(help="A run: run:UUID, or its UUID.", metavar="RUN")],
    *,
    limit: Annotated[int, typer.Option(help="Events on this page.")] = 20,
    after: Annotated[str | None, typer.Option(help="Go on after a page.", metavar="CURSOR")] = None,
    at_least: AtLeast = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """List the events of a run as they were accepted, by time; --json gives them whole."""
    from app.cli.connection import ask, connected

    asked = {"key": key, "limit": limit, "after": after, "at_least": at_least}
    with connected(server, api_key) as client:
        answer = ask(client, "/api/v1/graph/run_events", asked)
    if as_json:
        write_json(answer)
    else:
        show_events(answer)


def show_events(answer: Mapping[str, Any]) -> None:
    """Show each event in a line, then how to go on."""
    from app.cli.screen import console, counted, indented

    out = console()
    for event in answer["events"]:
        line = Text(f"{event['event_time'] or 'at a suspect time'}  {event['event_type'] or 'untyped'}")
        for side in ("inputs", "outputs"):
            listed = event["body"].get(side)
            if isinstance(listed, list) and listed:
                line.append(f"  {counted(len(listed), side.removesuffix('s'))}")
        line.append(f"  position {event['position']}, from {event['source']}", style="dim")
        out.print(indented(line, out, ""))
    if not answer["events"]:
        out.print("no event of it was accepted: others name it")
    if answer["page_info"]["has_next_page"]:
        out.print(escape(f"there is more: --after {answer['page_info']['end_cursor']}"))
