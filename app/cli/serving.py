"""How is a server started, and what writes the graph beside it?"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from app.cli.options import AsJson, Feast, Follow, Forward, GatewayLog, Graph, Home, Host, Mlflow, Port


def serve(
    *,
    home: Home = None,
    host: Host = None,
    port: Port = None,
    graph: Graph = None,
    follow: Follow = None,
    forward: Forward = None,
    mlflow: Mlflow = None,
    feast: Feast = None,
    gateway_log: GatewayLog = None,
    as_json: AsJson = False,
) -> None:
    """Answer questions and take events, until stopped."""
    from app.cli import local

    given = {"home": home, "host": host, "port": port, "graph": graph}
    read = {"follow": follow, "mlflow": mlflow, "feast": feast, "gateway_log": gateway_log}
    settings = local.make_settings(**given, **read, forward=forward)

    def ready(address: str) -> None:
        typer.echo(json.dumps({"address": address}) if as_json else f"headwater is ready at {address}")

    local.serve(settings, ready)


def work(
    *,
    home: Home = None,
    graph: Annotated[str | None, typer.Option(help="A bolt:// or neo4j:// address.", metavar="GRAPH")] = None,
    as_json: AsJson = False,  # noqa: ARG001 - failures alone have something to say
) -> None:
    """Project the journal into a graph, until stopped; `serve` does it by itself unless told otherwise."""
    from app.cli import local

    local.work(local.make_settings(home=home, graph=graph))
