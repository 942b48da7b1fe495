"""How is the forwarder run by hand, and told what to do with events that a Marquez did not take?"""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.examples import epilog
from app.cli.options import AsJson, Home
from app.cli.telling import write_json
from app.errors import UNAVAILABLE

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Send every accepted event on to a Marquez. `serve --forward URL` does it by itself;\n"
    "what it refuses is in `headwater oddities forward_refused`, how it goes in\n`headwater status`.",
    epilog="\b\n`headwater forward COMMAND --help` has examples.",
)

Positions = Annotated[
    list[int] | None,
    typer.Argument(help="Positions from the list; all when none is given.", metavar="POSITION"),
]


@app.command(short_help="Send the journal's events on, until stopped.", epilog=epilog("forward run"))
def run(
    *,
    to: Annotated[
        str | None, typer.Option("--to", help="Address of a Marquez, else HEADWATER_FORWARD.", metavar="URL")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,  # noqa: ARG001 - failures alone have something to say
) -> None:
    """Send the journal's events on, until stopped; beside `serve`, or without it."""
    from app.cli import local

    local.forward(local.make_settings(home=home, forward=to))


@app.command(short_help="Say how it goes.", epilog=epilog("forward status"))
def status(*, home: Home = None, as_json: AsJson = False) -> None:
    """Say how a home's forwarder is; ends with 3 where it is not running or the Marquez does not take events."""
    from app.cli import local

    settings = local.make_settings(home=home)
    standing = local.forward_standing(settings)
    if as_json:
        write_json(standing)
    else:
        from app.cli.screen import console
        from app.cli.standings import show_standings

        show_standings(console(), {"forward": standing})
    if not standing["up"]:
        raise typer.Exit(UNAVAILABLE)


@app.command(short_help="Send refused events again.", epilog=epilog("forward retry"))
def retry(positions: Positions = None, *, home: Home = None, as_json: AsJson = False) -> None:
    """Send events again that were refused or given up: all of the list, or those named."""
    from app.cli import local

    count = local.forward_again(local.make_settings(home=home), positions or ())
    if as_json:
        write_json({"again": count})
        return
    from app.cli.screen import console, counted

    console().print(f"{counted(count, 'event')} will be sent again")


@app.command(short_help="Pass by an event that holds others up.", epilog=epilog("forward skip"))
def skip(
    position: Annotated[int, typer.Argument(help="The event's position.", metavar="POSITION")],
    *,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Pass by an event that is tried again and again; it is listed with what was refused."""
    from app.cli import local

    local.forward_skip(local.make_settings(home=home), position)
    if as_json:
        write_json({"skip": str(position)})
        return
    from app.cli.screen import console

    console().print(f"the event at position {position} is passed by at its next turn")
