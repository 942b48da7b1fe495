"""How is a Feast registry read from the command line?"""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.options import AsJson, Home
from app.cli.source_telling import check_source, counting, show_read

Url = Annotated[
    str | None, typer.Option("--url", help="Where its REST server is, else HEADWATER_FEAST.", metavar="URL")
]


def feast(
    *,
    url: Url = None,
    namespace: Annotated[
        str | None, typer.Option("--namespace", help="In front of the projects' names.", metavar="NS")
    ] = None,
    alias: Annotated[
        list[str] | None,
        typer.Option("--alias", help="SOURCE=NAMESPACE/NAME: where a source lies.", metavar="ALIAS"),
    ] = None,
    home: Home = None,
    follow: Annotated[bool, typer.Option("--follow/--once", help="Go on until stopped, or end.")] = False,
    resync: Annotated[bool, typer.Option("--resync", help="Tell all once more, as of now.")] = False,
    anew: Annotated[bool, typer.Option("--anew", help="Begin anew, with another registry.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Say how the one that runs is; 3 if it is not up.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read a Feast registry into a home's journal: sources, views, services, what was materialized.

    Its server is `feast serve_registry --rest-api`; a token for it goes by HEADWATER_FEAST_TOKEN. A server may be
    running on the same home. Killed, it goes on where it was.
    """
    from app import sources
    from app.cli import local

    aliases = None if alias is None else " ".join(alias)
    settings = local.make_settings(home=home, feast=url, feast_namespace=namespace, feast_aliases=aliases)
    if check:
        check_source(settings.home, "feast", as_json=as_json)
        return
    with counting() as say:
        done = sources.read_feast(settings, once=not follow, again=resync, anew=anew, say=say)
    show_read(done, as_json=as_json)
