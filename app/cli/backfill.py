"""How is a Marquez followed from the command line, and how is it told how far that is and what came of it?"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.options import AsJson, Home
from app.cli.telling import write_json
from app.errors import UNAVAILABLE

if TYPE_CHECKING:
    from app.cli.local import Said


def backfill(
    address: Annotated[
        str, typer.Argument(help="marquez://USER@HOST:5432/DB, or http://HOST:5000.", metavar="URL")
    ],
    *,
    home: Home = None,
    once: Annotated[bool, typer.Option("--once", help="End when all that is there was read.")] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Read from the beginning, or another database.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take over what a Marquez stored, and go on following it until stopped.

    A server may be running on the same home. Killed, it goes on where it was. The password comes by
    HEADWATER_MARQUEZ_PASSWORD, PGPASSWORD or a passfile.
    """
    from app.cli import local

    began = time.monotonic()
    settings = local.make_settings(home=home)
    with _shown() as say:
        done = local.backfill(settings, address, once=once, anew=anew, say=say)
    answer = {**done, "seconds": round(time.monotonic() - began, 3)}
    if as_json:
        write_json(answer)
    else:
        _show(answer)


def follow(
    address: Annotated[str | None, typer.Argument(help="marquez://USER@HOST:5432/DB.", metavar="URL")] = None,
    *,
    home: Home = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say how the one that runs is; 3 if it is not up.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Follow a Marquez into a home's journal, until stopped; `serve --follow` does it by itself.

    The address may come by HEADWATER_FOLLOW, the password as for `backfill`. Whatever fails is tried again.
    """
    from app.cli import local

    settings = local.make_settings(home=home, follow=address)
    if not check:
        local.follow(settings)
        return
    standing = local.follow_standing(settings)
    if as_json:
        write_json(standing)
    else:
        from app.cli.screen import console
        from app.cli.standings import show_standings

        show_standings(console(), {"follow": standing})
    if not standing["up"]:
        raise typer.Exit(UNAVAILABLE)


@contextmanager
def _shown() -> Iterator[Said]:
    """Show a bar of rows, with the bytes so far and, where something is in the way, what."""
    from app.cli.bars import bars

    with bars() as bar:
        task = bar.add_task("rows", total=None)

        def say(rows: int, total: int, size: int, why: str | None) -> None:
            what = f"{size / 1_000_000:,.1f} MB, rows" if why is None else f"waiting: {why[:40]}"
            bar.update(task, description=what, completed=rows, total=total or None)

        yield say


def _show(answer: Mapping[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    from app.cli.screen import console

    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("rows", "new events", "duplicate", "refused", "MB"):
        table.add_column(name, justify="right")
    numbers = (answer["rows"], answer["events"], answer["duplicates"], answer["refused"])
    table.add_row(*(f"{number:,}" for number in numbers), f"{answer['bytes'] / 1_000_000:,.1f}")
    out.print(table)
    rate = answer["rows"] / answer["seconds"] if answer["seconds"] else 0
    out.print(f"from {answer['address']}, in {answer['seconds']:.1f} s ({rate:,.0f} rows/s)", markup=False)
    for line in (*answer["notes"], *answer["limits"]):
        out.print(Text(line, overflow="fold"))
