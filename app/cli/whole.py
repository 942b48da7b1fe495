"""Which commands ask about many things at once?"""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli import completion
from app.cli.options import (
    SERVER_DEFAULT,
    ApiKey,
    AsJson,
    AtLeast,
    Granularity,
    Grouping,
    Key,
    KnownAt,
    Server,
    Transformations,
)
from app.cli.telling import write_json


def columns(  # noqa: PLR0913 - each parameter is an option
    key: Annotated[str, typer.Argument(help="The key of a dataset.", metavar="DATASET")],
    *,
    depth: Annotated[int, typer.Option(help="How many edges far on each side.")] = 1,
    as_of: Annotated[str | None, typer.Option(help="As it was at this time.", metavar="TIME")] = None,
    seen_since: Annotated[str | None, typer.Option(help="Only what was seen since.", metavar="TIME")] = None,
    transformations: Transformations = None,
    limit: Annotated[int, typer.Option(help="Columns on this page.")] = 200,
    after: Annotated[str | None, typer.Option(help="Go on after a page.", metavar="CURSOR")] = None,
    at_least: AtLeast = None,
    known_at: KnownAt = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Show where each column of a table comes from, and where it goes."""
    from app.cli.connection import ask, connected
    from app.cli.fields import show_fields

    asked = {
        "dataset": key, "depth": depth, "as_of": as_of, "seen_since": seen_since,
        "transformations": transformations, "limit": limit, "after": after, "at_least": at_least, "known_at": known_at,
    }  # fmt: skip
    with connected(server, api_key) as client:
        answer = ask(client, "/api/v1/graph/field_lineage", asked)
    if as_json:
        write_json(answer)
    else:
        show_fields(answer)


def rollup(  # noqa: PLR0913 - each parameter is an option
    key: Key,
    *,
    upstream: Annotated[
        bool, typer.Option("--upstream", help="Towards the sources, not with the data.")
    ] = False,
    by: Grouping = None,
    hide: Annotated[
        str | None,
        typer.Option(
            "--hide",
            help="Leave these kinds out and join through them.",
            autocompletion=completion.node_kinds,
        ),
    ] = None,
    ignore_as_hops: Annotated[
        str | None,
        typer.Option(
            help="Show these kinds, do not count them in depth.", autocompletion=completion.node_kinds
        ),
    ] = None,
    depth: Annotated[int | None, typer.Option(help="How many edges far.")] = None,
    as_of: Annotated[str | None, typer.Option(help="As it was at this time.", metavar="TIME")] = None,
    seen_since: Annotated[str | None, typer.Option(help="Only what was seen since.", metavar="TIME")] = None,
    granularity: Granularity = None,
    limit: Annotated[int, typer.Option(help="Groups on this page.")] = 200,
    after: Annotated[str | None, typer.Option(help="Go on after a page.", metavar="CURSOR")] = None,
    at_least: AtLeast = None,
    known_at: KnownAt = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Show the whole of a walk in groups: namespaces, schemas, or parent jobs."""
    from app.cli.connection import ask, connected
    from app.cli.groups import show_rollup

    asked = {
        "key": key, "direction": "upstream" if upstream else "downstream", "group_by": by, "hide_kinds": hide,
        "ignore_as_hops": ignore_as_hops, "depth": depth, "as_of": as_of, "seen_since": seen_since,
        "granularity": granularity, "limit": limit, "after": after, "at_least": at_least, "known_at": known_at,
    }  # fmt: skip
    with connected(server, api_key) as client:
        answer = ask(client, "/api/v1/graph/rollup", asked)
    if as_json:
        write_json(answer)
    else:
        show_rollup(answer)
