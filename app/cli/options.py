"""Which options do several commands share?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli import completion

SERVER_DEFAULT = "http://127.0.0.1:8020"

Server = Annotated[
    str,
    typer.Option("--server", envvar="HEADWATER_SERVER", help="Address of a running server.", metavar="URL"),
]
ApiKey = Annotated[
    str, typer.Option("--api-key", envvar="HEADWATER_API_KEY", help="API key or token.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]
Home = Annotated[
    Path | None, typer.Option("--home", help="Folder that holds everything the server keeps.", metavar="DIR")
]
AtLeast = Annotated[
    str | None,
    typer.Option("--at-least", help="Wait until this position is in the graph.", metavar="POSITION"),
]
KnownAt = Annotated[
    str | None,
    typer.Option(
        "--known-at", help="As it was known then: a position, or a time of receipt.", metavar="WHEN"
    ),
]
Key = Annotated[str, typer.Argument(help="A key, such as dataset:NAMESPACE:NAME.", metavar="KEY")]
Granularity = Annotated[
    str | None,
    typer.Option(
        "--granularity",
        help="DATASET, FIELD for columns, JOB for jobs too, RUN for runs.",
        autocompletion=completion.granularities,
    ),
]
Transformations = Annotated[
    str | None,
    typer.Option(
        "--transformations",
        help="Of columns: DIRECT or VALUES alone.",
        autocompletion=completion.transformations,
    ),
]
Grouping = Annotated[
    str | None,
    typer.Option(
        "--by", help="NAMESPACE, SCHEMA, or PARENT_JOB at JOB.", autocompletion=completion.groupings
    ),
]
Kinds = Annotated[
    str | None,
    typer.Option("--kinds", help="List these kinds alone, by commas.", autocompletion=completion.node_kinds),
]
Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")]
Graph = Annotated[
    str | None, typer.Option(help="embedded, or a bolt:// or neo4j:// address.", metavar="GRAPH")
]
Follow = Annotated[
    str | None,
    typer.Option("--follow", help="Follow a Marquez's table: marquez://USER@HOST/DB.", metavar="URL"),
]
Feast = Annotated[
    str | None,
    typer.Option("--feast", help="Read a Feast registry's REST server: http://HOST:6572.", metavar="URL"),
]
GatewayLog = Annotated[
    Path | None,
    typer.Option("--gateway-log", help="Follow a gateway's access log.", metavar="FILE"),
]
Mlflow = Annotated[
    str | None, typer.Option("--mlflow", help="Address of an MLflow server to read.", metavar="URL")
]
Forward = Annotated[
    str | None,
    typer.Option("--forward", help="Address of a Marquez that gets every accepted event.", metavar="URL"),
]
