"""Which tools' own records can be read into a home? One command for each; `serve` keeps them running by itself."""

from __future__ import annotations

import typer

from app.cli.examples import epilog
from app.cli.source_feast import feast

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Read what other tools have on record, and tell it as events. `serve` does it by\n"
    "itself when it is told where they are; how it goes is in `headwater status`.",
    epilog="\b\n`headwater source COMMAND --help` has examples.",
)
app.command("feast", short_help="Read a Feast registry.", epilog=epilog("source feast"))(feast)
