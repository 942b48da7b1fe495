"""How is a dataset's history shown on a terminal? What happened to it, then each edge with its intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.text import Text

from app.cli.options import SERVER_DEFAULT, ApiKey, AsJson, AtLeast, Key, KnownAt, Server
from app.cli.telling import write_json

Json = Mapping[str, Any]


def history(
    key: Key,
    *,
    source: Annotated[
        str | None, typer.Option("--source", help="Only edges from this dataset.", metavar="KEY")
    ] = None,
    limit: Annotated[int, typer.Option(help="Edges on this page.")] = 20,
    after: Annotated[str | None, typer.Option(help="Go on after a page.", metavar="CURSOR")] = None,
    at_least: AtLeast = None,
    known_at: KnownAt = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Show what a dataset was made of, from when to when, and the runs that began and ended it."""
    from app.cli.connection import ask, connected

    asked = {
        "key": key,
        "source": source,
        "limit": limit,
        "after": after,
        "at_least": at_least,
        "known_at": known_at,
    }
    with connected(server, api_key) as client:
        answer = ask(client, "/api/v1/graph/history", asked)
    if as_json:
        write_json(answer)
    else:
        show_history(answer)


def show_history(answer: Json) -> None:
    """Show the changes of the name, then the edges, then how far that is the whole history."""
    from app.cli.screen import console, counted, indented

    out = console()
    out.print(Text(answer["dataset"], style="bold", overflow="fold"))
    for change in answer["changes"]:
        out.print(indented(_change(change), out))
    for edge in answer["edges"]:
        out.print()
        out.print(indented(_edge(edge), out, ""))
        for interval in edge["intervals"]:
            out.print(indented(_interval(interval), out))
        if edge["earlier"]:
            out.print(f"  and {counted(edge['earlier'], 'interval')} before that, not kept")
    if not answer["edges"]:
        out.print("no data is known to have flowed into it" + (" from there" if answer["source"] else ""))
    if "changes" in answer["completeness"]["truncated_by"]:
        out.print("what happened to its name before that is not kept")
    if answer["page_info"]["has_next_page"]:
        out.print(escape(f"there is more: --after {answer['page_info']['end_cursor']}"))


def _change(change: Json) -> Text:
    said = change["kind"].lower().replace("_", " ")
    line = Text(f"{change['at'] or 'at an unknown time'}  {said}")
    if change["other"]:
        line.append(f" {change['other']}")
    line.append(f"  by {change['run']}" if change["run"] else "", style="dim")
    return line


def _edge(edge: Json) -> Text:
    line = Text(f"from {edge['source']}")
    line.append(f"  by {edge['job']}" if edge["job"] else "  told by a dataset event", style="dim")
    line.append(
        "  ~guess" if edge["evidence"] == "PRODUCT" else f"  {edge['evidence']}",
        style="yellow" if edge["evidence"] == "PRODUCT" else "cyan",
    )
    return line


def _interval(interval: Json) -> Text:
    begins = interval["valid_from"] or "an unknown time"
    line = Text(f"{begins} → {interval['valid_to'] or 'now'}")
    for said, runs in (("opened", interval["opened_by"]), ("closed", interval["closed_by"])):
        line.append(_by(said, runs), style="dim")
    return line


def _by(said: str, runs: Sequence[str] | None) -> str:
    return f"  {said} by {', '.join(runs)}" if runs else ""
