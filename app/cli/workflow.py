"""Which commands speak of models: what was decided, where they came from, where they run?"""

from __future__ import annotations

import typer

from app.cli import catalogue
from app.cli.deployments import deploy_event
from app.cli.examples import epilog
from app.cli.ml_paths import compare_models, ml_paths
from app.cli.provenance import provenance


def add_to(app: typer.Typer) -> None:
    """Add the commands to a command line."""
    app.command(short_help="Show how a model version came to be.", epilog=epilog("provenance"))(provenance)
    app.command("ml-paths", short_help="Show ways from data to deployments.", epilog=epilog("ml-paths"))(
        ml_paths
    )
    app.command(
        "compare-models",
        short_help="Show what differs between two versions.",
        epilog=epilog("compare-models"),
    )(compare_models)
    app.command(
        "deploy-event", short_help="Tell what happened to a deployment.", epilog=epilog("deploy-event")
    )(deploy_event)
    app.add_typer(catalogue.app, name="catalogue", short_help="Decide about model versions.")
