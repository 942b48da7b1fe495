"""How is asked on the command line what changed, and how are differences shown?"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Annotated, Any, Final

import typer

from app.cli.options import SERVER_DEFAULT, ApiKey, AsJson, AtLeast, Granularity, KnownAt, Server
from app.cli.telling import write_json
from app.errors import FOUND

_MARKS: Final = {"ADDED": ("+", "green"), "REMOVED": ("-", "red"), "CHANGED": ("~", "yellow")}
_SHORT: Final = 60
"""A value of so many characters stands on the line of its name."""


def diff(  # noqa: PLR0913 - each parameter is an option
    a: Annotated[str, typer.Argument(help="The key of the one.", metavar="A")],
    b: Annotated[
        str | None, typer.Argument(help="Of the other; without it A as it is now.", metavar="B")
    ] = None,
    *,
    a_as_of: Annotated[str | None, typer.Option(help="A as it was at this time.", metavar="TIME")] = None,
    b_as_of: Annotated[str | None, typer.Option(help="B as it was at this time.", metavar="TIME")] = None,
    direction: Annotated[str, typer.Option(help="Look upstream or downstream.")] = "upstream",
    depth: Annotated[int | None, typer.Option(help="Compare so many edges deep.")] = None,
    granularity: Granularity = None,
    limit: Annotated[int, typer.Option(help="Differences on this page.")] = 200,
    after: Annotated[str | None, typer.Option(help="Go on after a page.", metavar="CURSOR")] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 when there are any.")] = False,
    at_least: AtLeast = None,
    known_at: KnownAt = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Show what changed from A to B: two runs, two datasets or model versions, or one at two times."""
    from app.cli.connection import ask, connected

    asked = {
        "a": a, "b": b, "a_as_of": a_as_of, "b_as_of": b_as_of, "direction": direction, "depth": depth,
        "granularity": granularity, "limit": limit, "after": after, "at_least": at_least, "known_at": known_at,
    }  # fmt: skip
    with connected(server, api_key) as client:
        answer = ask(client, "/api/v1/graph/diff", asked)
    if as_json:
        write_json(answer)
    else:
        show_diff(answer)
    if exit_code and answer["counts"]:
        raise typer.Exit(FOUND)


def show_diff(answer: Mapping[str, Any]) -> None:
    """Show the two sides, then the differences by category, then how many there are of each."""
    from rich.text import Text

    from app.cli.screen import console, indented

    out = console()
    for name in ("a", "b"):
        out.print(indented(Text(_side(answer[name]), style="dim"), out, f"{name}  "))
    for category, some in groupby(answer["differences"], key=lambda one: one["category"]):
        out.print(Text(category, style="bold"))
        for one in some:
            mark, style = _MARKS[one["change"]]
            out.print(indented(Text(_line(one), style=style), out, f"  {mark} "))
            for line, colour in _values(one):
                out.print(indented(Text(line, style=colour), out, "      "))
    for remark in _remarks(answer):
        out.print(Text(remark, overflow="fold"))


def _side(side: Mapping[str, Any]) -> str:
    when = f"  as of {side['as_of']}" if side["as_of"] else ""
    key = side["node"]["key"]
    run = f"  {side['run']}" if side["run"] and side["run"] != key else ""
    return f"{key}{when}{run}"


def _line(one: Mapping[str, Any]) -> str:
    """Say what differs; a short value stands beside its name."""
    ends = " → ".join(filter(None, (one["subject"], one["target"])))
    named = f"{one['what'].lower().replace('_', ' ')} {ends}" + (f"  {one['name']}" if one["name"] else "")
    before, after = one["before"] or "", one["after"] or ""
    if _is_long(one):
        return named
    if one["change"] == "CHANGED":
        return f"{named}  {before or 'nothing'} → {after or 'nothing'}"
    return f"{named}  {before or after}".rstrip()


def _is_long(one: Mapping[str, Any]) -> bool:
    values = [one["before"] or "", one["after"] or ""]
    return any(len(value) > _SHORT or "\n" in value for value in values)


def _values(one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Show long values line by line, as far as they differ."""
    if not _is_long(one):
        return
    before, after = ((one[side] or "").splitlines() for side in ("before", "after"))
    for line in list(difflib.unified_diff(before, after, lineterm="", n=1))[2:]:
        if not line.startswith("@@"):
            yield line, {"+": "green", "-": "red"}.get(line[:1], "dim")


def _remarks(answer: Mapping[str, Any]) -> Iterator[str]:
    from app.cli.screen import counted

    done, shown = answer["completeness"], len(answer["differences"])
    total = sum(one["count"] for one in answer["counts"])
    if not total:
        yield "no difference"
    else:
        parts = ", ".join(
            f"{one['count']} {one['category'].lower()} {one['change'].lower()}" for one in answer["counts"]
        )
        yield f"{counted(total, 'difference')}: {parts}"
    if done["truncated_by"]:
        depth = answer["compared_depth"]
        far = f"; compared {counted(depth, 'edge')} deep" if depth is not None else ""
        yield f"cut by a limit of the server: {', '.join(done['truncated_by'])}{far}"
    if answer["page_info"]["has_next_page"]:
        yield f"{shown} shown; there is more: --after {answer['page_info']['end_cursor']}"
