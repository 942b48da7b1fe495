"""What can be done on the command line?

Exit codes: 0 fine, 1 found a problem it was asked to look for, 2 wrong use, 3 unavailable. Failures say what
went wrong and what to do next; with --json they are JSON on standard error.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from app.cli.options import SERVER_DEFAULT, ApiKey, AsJson, AtLeast, Home, Key, Server
from app.errors import FOUND, UNAVAILABLE, body_of, row_of
from graph_schema.errors import BadInput, LineageError

app = typer.Typer(
    name="headwater",
    help="OpenLineage events in; one graph; answers out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
SHOWN_MAX: Final = 20


def run() -> None:
    """Run a command; a failure is told in a sentence, never as a traceback."""
    try:
        app()
    except LineageError as error:
        _tell(error)
        sys.exit(row_of(error).exit)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _tell(error: LineageError) -> None:
    if "--json" in sys.argv:
        sys.stderr.write(json.dumps(body_of(error), default=str) + "\n")
        return
    from rich.text import Text

    from app.cli.screen import console

    screen = console(stderr=True)
    # In one piece, so that it folds at the width of the screen.
    screen.print(Text.assemble((f"{error.code}: ", "bold red"), error.message))
    for near in (error.values.get("near") or ())[1:]:  # the message names the first
        screen.print(Text(f"  or {near}", overflow="fold"))


@app.command()
def serve(
    *,
    home: Home = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    graph: Annotated[
        str | None, typer.Option(help="embedded, or a bolt:// or neo4j:// address.", metavar="GRAPH")
    ] = None,
) -> None:
    """Answer questions and take events, until stopped."""
    from app.cli import local

    local.serve(local.make_settings(home=home, host=host, port=port, graph=graph))


@app.command(short_help="Project the journal into a graph, until stopped.")
def work(
    *,
    home: Home = None,
    graph: Annotated[str | None, typer.Option(help="A bolt:// or neo4j:// address.", metavar="GRAPH")] = None,
) -> None:
    """Project the journal into a graph, until stopped; `serve` does it by itself unless told otherwise."""
    from app.cli import local

    local.work(local.make_settings(home=home, graph=graph))


@app.command(short_help="Send files of events to a server.")
def ingest(
    files: Annotated[
        list[str],
        typer.Argument(help="Files of events (.json, .ndjson, also .gz); - is stdin.", metavar="FILE"),
    ],
    *,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Return once the events are safe.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send files of events to a server, and wait until the graph holds them."""
    from app.cli import report

    outcome = report.ingest(files, server=server, api_key=api_key, wait=not no_wait, as_json=as_json)
    if outcome.rejected:
        raise typer.Exit(FOUND)


@app.command("downstream", help="Ask what something's data goes into, nearest first.")
@app.command("upstream", help="Ask what something's data comes from, nearest first.")
def walk(  # noqa: PLR0913 - each parameter is an option
    context: typer.Context,
    key: Key,
    *,
    depth: Annotated[int | None, typer.Option(help="How many edges far.")] = None,
    as_of: Annotated[str | None, typer.Option(help="As it was at this time.", metavar="TIME")] = None,
    seen_since: Annotated[str | None, typer.Option(help="Only what was seen since.", metavar="TIME")] = None,
    granularity: Annotated[str | None, typer.Option(help="DATASET, or FIELD for columns.")] = None,
    kinds: Annotated[str | None, typer.Option(help="List these kinds alone, by commas.")] = None,
    limit: Annotated[int, typer.Option(help="Rows on this page.")] = 200,
    after: Annotated[str | None, typer.Option(help="Go on after a page.", metavar="CURSOR")] = None,
    totals: Annotated[bool, typer.Option("--totals", help="Count everything, beyond the page too.")] = False,
    at_least: AtLeast = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Ask in the direction that the command is called by."""
    from app.cli.connection import ask, connected
    from app.cli.screen import show_lineage

    direction = str(context.info_name)
    asked = {
        "key": key, "depth": depth, "as_of": as_of, "seen_since": seen_since, "granularity": granularity,
        "kinds": kinds, "limit": limit, "after": after, "totals": "true" if totals else None,
        "at_least": at_least,
    }  # fmt: skip
    with connected(server, api_key) as client:
        answer = ask(client, f"/api/v1/graph/{direction}", asked)
    if as_json:
        _write_json(answer)
    else:
        show_lineage(answer, direction, depth=depth)


@app.command()
def node(
    key: Key,
    *,
    at_least: AtLeast = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Show one node and what belongs to it."""
    from app.cli.connection import ask, connected

    with connected(server, api_key) as client:
        asked = {"key": key, "details": "true", "at_least": at_least}
        answer = ask(client, "/api/v1/graph/node", asked)
    if as_json:
        _write_json(answer)
        return
    from app.cli.screen import show_node

    show_node(answer)


@app.command(short_help="Write the whole graph as ndjson.")
def export(
    *,
    home: Home = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write to.")] = None,
    as_json: AsJson = False,  # noqa: ARG001 - every command has it, and this one always writes JSON
) -> None:
    """Write the whole graph as ndjson, from a server, or with --home from a stopped one."""
    from app.cli import report

    report.export(home=home, server=server, api_key=api_key, output=output)


@app.command(short_help="Make the graph anew from the journal.")
def rebuild(*, home: Home = None, as_json: AsJson = False) -> None:
    """Make the graph anew from the journal; a running server answers REBUILDING meanwhile."""
    from app.cli import report

    report.rebuild(home=home, as_json=as_json)


@app.command()
def verify(*, home: Home = None, as_json: AsJson = False) -> None:
    """Recompute the journal's chain: has any record been changed?"""
    from dataclasses import asdict

    from app.cli import local

    found = local.verify(local.make_settings(home=home))
    if as_json:
        _write_json(asdict(found))
    elif found.ok:
        typer.echo(f"{found.records:,} records, the chain holds; its last link is {found.head}")
    else:
        typer.echo(
            f"the chain breaks at position {found.first_broken_position}: {found.reason}; "
            f"{found.records:,} records before it are good. Bring the journal back from a copy."
        )
    if not found.ok:
        raise typer.Exit(FOUND)


@app.command()
def oddities(
    kind: Annotated[
        str | None,
        typer.Argument(help="rejected, set_aside, job_clash or symlink_group_too_big.", metavar="[KIND]"),
    ] = None,
    *,
    limit: Annotated[int, typer.Option(help="Rows of each kind.")] = 20,
    after: Annotated[str | None, typer.Option(help="Go on after a page.", metavar="CURSOR")] = None,
    at_least: AtLeast = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """List what to look into: refused events, clashing ids and more."""
    from app.cli.connection import ask, connected
    from app.cli.screen import show_oddities
    from queries.results import ODDITY_KINDS

    if after is not None and kind is None:
        raise BadInput("a cursor belongs to one kind: name it")
    with connected(server, api_key) as client:
        asked = {"limit": limit, "after": after, "at_least": at_least}
        answers = [
            ask(client, "/api/v1/oddities", {"kind": one, **asked})
            for one in ([kind] if kind is not None else ODDITY_KINDS)
        ]
    if as_json:
        _write_json(answers[0] if kind is not None else {answer["kind"]: answer for answer in answers})
    else:
        show_oddities(answers)


@app.command()
def status(*, server: Server = SERVER_DEFAULT, api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """Say whether a server is ready and how far its graph is behind."""
    from app.cli.connection import connected

    with connected(server, api_key) as client:
        answer = client.get("/readyz")
        if answer.status_code not in {200, 503}:
            from app.cli.connection import check

            check(answer)
        body = answer.json()
    if as_json:
        _write_json({"server": server, **body})
    else:
        _say_status(server, body)
    if not body.get("ready"):
        raise typer.Exit(UNAVAILABLE)


def _say_status(server: str, body: dict[str, Any]) -> None:
    lag = body.get("lag")
    behind = "lag unknown" if lag is None else "caught up" if lag == 0 else f"{lag:,} events behind"
    typer.echo(f"{server} is {'ready' if body.get('ready') else 'not ready'}, {behind}")
    typer.echo(f"journal ends at {body.get('journal_end')}, graph holds up to {body.get('projected')}")
    reason = body.get("reason")
    if isinstance(reason, dict):
        typer.echo(f"{reason.get('code')}: {reason.get('message')}")
    blocked = body.get("blocked")
    if isinstance(blocked, dict):
        typer.echo(
            f"the projector cannot go on since {blocked.get('since')}: "
            f"{blocked.get('code')}: {blocked.get('message')}"
        )
    for name, child in (body.get("children") or {}).items():
        typer.echo(_child_line(name, child))


def _child_line(name: str, child: dict[str, Any]) -> str:
    from app.cli.screen import counted

    restarts = counted(child.get("restarts", 0), "restart")
    return f"{name}: {child.get('state')} since {child.get('since')}, pid {child.get('pid')}, {restarts}"


def _write_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
