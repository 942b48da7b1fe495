"""Which tools' own records can be read into a home? One command for each; `serve` keeps them running by itself."""

from __future__ import annotations

import typer

from app.cli.examples import epilog
from app.cli.source_feast import feast
from app.cli.source_gateway import gateway

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Read what other tools have on record, and tell it as events. `serve` does it by\n"
    "itself when it is told where they are; how it goes is in `headwater status`.",
    epilog="\b\n`headwater source COMMAND --help` has examples.",
)
app.command("gateway", short_help="Follow a gateway's access log.", epilog=epilog("source gateway"))(gateway)
app.command("feast", short_help="Read a Feast registry.", epilog=epilog("source feast"))(feast)
