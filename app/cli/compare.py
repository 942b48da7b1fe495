"""How are both sides compared on the command line, and how is what was found shown?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from app.cli.examples import epilog
from app.cli.options import SERVER_DEFAULT, ApiKey, AsJson, Server
from app.cli.telling import write_json
from app.compare.differences import THERE
from app.errors import FOUND

if TYPE_CHECKING:
    from rich.text import Text

    from app.compare.differences import Difference
    from app.compare.report import Comparison, Told

EACH_SHOWN: Final = 5

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Compare what Headwater and another server say of the same events.",
    epilog="\b\n`headwater compare COMMAND --help` has examples.",
)


@app.callback()
def compare() -> None:
    """Compare what Headwater and another server say of the same events."""


@app.command(short_help="Compare with a Marquez, and say why they differ.", epilog=epilog("compare marquez"))
def marquez(  # noqa: PLR0913 - each parameter is an option
    *,
    url: Annotated[
        str, typer.Option(help="Address of the Marquez.", metavar="URL", envvar="HEADWATER_FORWARD")
    ],
    marquez_key: Annotated[
        str, typer.Option(envvar="HEADWATER_FORWARD_API_KEY", help="Bearer key for it.", show_default=False)
    ] = "",
    html: Annotated[Path | None, typer.Option("--html", help="Write a page, too.", metavar="FILE")] = None,
    namespace: Annotated[
        list[str] | None,
        typer.Option(help="Compare this namespace alone; may be given again.", metavar="NAME"),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help=f"Show all differences, not {EACH_SHOWN} of each cause.")
    ] = False,
    runs: Annotated[int, typer.Option(help="Compare so many newest runs of a job.", min=1)] = 1_000,
    at_once: Annotated[int, typer.Option(help="Questions to it at once.", min=1, max=64)] = 4,
    timeout_s: Annotated[float, typer.Option(help="Wait so long for an answer of it.", min=0.1)] = 60.0,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Compare jobs, runs, datasets, columns and edges with a Marquez, and say why they differ.

    Ends with 1 when a difference is unexplained, with 3 when a side cannot be read.
    """
    from app.cli.bars import stages
    from app.cli.connection import connected
    from app.cli.screen import console
    from app.compare.reading import compare_with, reading
    from app.compare.report import to_json

    with stages() as say, connected(server, api_key) as client:
        peer = reading(url, api_key=marquez_key, timeout_s=timeout_s, at_once=at_once)
        found = compare_with(client, peer, say, at_once=at_once, runs_max=runs, only=namespace or ())
    if html is not None:
        from app.compare.page import to_html

        html.write_text(to_html(found, ours=server, theirs=url), encoding="utf-8", errors="replace")
    if as_json:
        write_json(to_json(found))
    else:
        show(found, each=None if everything else EACH_SHOWN)
        if html is not None:
            console().print(f"written to {html}", markup=False)
    if found.unexplained:
        raise typer.Exit(FOUND)


def show(found: Comparison, *, each: int | None = EACH_SHOWN) -> None:
    """Show the counts, then each cause with its differences, then what could not be read."""
    from rich.table import Table
    from rich.text import Text

    from app.cli.screen import console, indented
    from app.compare.report import NAMES

    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("Headwater", justify="right")
    table.add_column("Marquez", justify="right")
    for name, (ours, theirs) in found.counts.items():
        table.add_row(NAMES[name], f"{ours:,}", f"{theirs:,}")
    out.print(table)
    for text, indent in _lines(found, each):
        out.print(indented(text, out, indent) if indent else text)
    for one in found.unreadable:
        text = Text(f"unreadable: {one.what}, {one.times} times; {one.answer}", style="yellow")
        out.print(indented(text, out, ""))
    for note in found.notes:
        out.print(indented(Text(f"note: {note}", style="yellow"), out, ""))
    out.print(Text(_verdict(found), style="bold", overflow="fold"))


def _lines(found: Comparison, each: int | None) -> Iterator[tuple[Text, str]]:
    from rich.text import Text

    from app.compare.cause import UNEXPLAINED
    from app.compare.report import sentence

    for cause, count in sorted(found.by_cause.items(), key=lambda one: (one[0] != UNEXPLAINED, -one[1])):
        style = "bold red" if cause == UNEXPLAINED else "bold"
        yield Text.assemble((f"{cause} ({count})", style), f"  {sentence(cause)}", overflow="fold"), ""
        some = [one for one in found.told if one.cause.code == cause]
        shown = some if each is None or cause == UNEXPLAINED else some[:each]
        for one in shown:
            yield Text(line(one)), "  "
            for evidence in one.cause.evidence[:2]:
                yield Text(evidence, style="dim"), "      "
        if len(some) > len(shown):
            yield Text(f"and {len(some) - len(shown):,} more; --all shows them", style="dim"), "  "


def line(told: Told) -> str:
    """Say a difference on one line."""
    one = told.difference
    if one.kind in {"job name", "run id", "dataset name"}:
        return f"{one.kind}: {one.ours} here, {one.theirs} in Marquez"
    what = one.subject if one.other is None else f"{one.subject} → {one.other}"
    if one.kind in {"run", "run state"}:
        what = one.subject + (f" of {one.other}" if one.other else "")
    return f"{one.kind} {what}: {_said(one)}"


def _said(one: Difference) -> str:
    if one.theirs is None:
        return "only here" + ("" if one.ours == THERE else f", {one.ours}")
    if one.ours is None:
        return "only in Marquez" + ("" if one.theirs == THERE else f", {one.theirs}")
    return f"{one.ours} here, {one.theirs} in Marquez"


def _verdict(found: Comparison) -> str:
    from app.cli.screen import counted

    if not found.told:
        return "both say the same"
    total = counted(len(found.told), "difference")
    return f"{total}, {'all explained' if not found.unexplained else f'{found.unexplained:,} unexplained'}"
