"""How is a gateway's access log followed from the command line?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import AsJson, Home
from app.cli.source_telling import check_source, counting, show_read


def gateway(
    *,
    log: Annotated[
        Path | None, typer.Option("--log", help="Its access log, else HEADWATER_GATEWAY_LOG.", metavar="FILE")
    ] = None,
    namespace: Annotated[
        str | None, typer.Option("--namespace", help="How the gateway is named.", metavar="NS")
    ] = None,
    mlflow_namespace: Annotated[
        str | None,
        typer.Option("--mlflow-namespace", help="How the MLflow behind it is named.", metavar="NS"),
    ] = None,
    home: Home = None,
    follow: Annotated[bool, typer.Option("--follow/--once", help="Go on until stopped, or end.")] = False,
    resync: Annotated[bool, typer.Option("--resync", help="Read the log from its beginning.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Say how the one that runs is; 3 if it is not up.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read a gateway's access log into a home's journal: who created which run and experiment.

    The log is that of deploy/envoy/envoy.yaml. It may be rotated; killed, this goes on where it was.
    """
    from app import sources
    from app.cli import local

    given = {"gateway_log": log, "gateway_namespace": namespace, "gateway_mlflow_namespace": mlflow_namespace}
    settings = local.make_settings(home=home, **given)
    if check:
        check_source(settings.home, "gateway", as_json=as_json)
        return
    with counting() as say:
        done = sources.read_gateway(settings, once=not follow, again=resync, say=say)
    show_read(done, as_json=as_json)
