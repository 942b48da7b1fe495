"""Which commands speak of models: what was decided, where they came from, where they run?"""

from __future__ import annotations

import typer

from app.cli import catalogue
from app.cli.deployments import deploy_event
from app.cli.examples import epilog


def add_to(app: typer.Typer) -> None:
    """Add the commands to a command line."""
    app.command(
        "deploy-event", short_help="Tell what happened to a deployment.", epilog=epilog("deploy-event")
    )(deploy_event)
    app.add_typer(catalogue.app, name="catalogue", short_help="Decide about model versions.")
