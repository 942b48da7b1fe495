"""What can be done on the command line?

Exit codes: 0 fine, 1 found a problem it was asked to look for, 2 wrong use, 3 unavailable. Failures say what
went wrong and what to do next; with --json they are JSON on standard error.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli import compare as comparing
from app.cli import completion as completing
from app.cli import forward as forwarding
from app.cli import source as sources
from app.cli import workflow
from app.cli.backfill import backfill, follow
from app.cli.diff import diff
from app.cli.events import events
from app.cli.examples import epilog
from app.cli.history import history
from app.cli.options import (
    SERVER_DEFAULT,
    ApiKey,
    AsJson,
    AtLeast,
    Granularity,
    Home,
    Key,
    Kinds,
    KnownAt,
    Server,
    Transformations,
)
from app.cli.serving import serve, work
from app.cli.telling import Quietly, run_told, write_json
from app.cli.whole import columns, rollup
from app.errors import FOUND, UNAVAILABLE
from graph_schema.errors import BadInput

app = typer.Typer(
    name="headwater",
    cls=Quietly,
    help="OpenLineage events in; one graph; answers out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
    epilog="\b\n`headwater COMMAND --help` has examples. Exit codes: 0 fine, 1 found a problem\n"
    "it was asked to look for, 2 wrong use, 3 unavailable.",
)


def run() -> None:
    """Run a command of this command line."""
    completing.get_ready()
    run_told(app)


def _say_version(asked: bool) -> None:  # noqa: FBT001 - typer passes it so
    if asked:
        from importlib.metadata import version

        typer.echo(f"headwater {version('headwater')}")
        raise typer.Exit


@app.callback()
def headwater(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", help="Say which version this is.", callback=_say_version, is_eager=True),
    ] = False,
) -> None:
    """OpenLineage events in; one graph; answers out."""


app.command(epilog=epilog("serve"))(serve)
app.command(short_help="Project the journal into a graph, until stopped.", epilog=epilog("work"))(work)


@app.command(short_help="Send files of events to a server.", epilog=epilog("ingest"))
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


@app.command(
    "downstream",
    help="Ask what something's data goes into, nearest first.",
    epilog=epilog("downstream"),
)
@app.command(
    "upstream",
    help="Ask what something's data comes from, nearest first.",
    epilog=epilog("upstream"),
)
def walk(  # noqa: PLR0913 - each parameter is an option
    context: typer.Context,
    key: Key,
    *,
    depth: Annotated[int | None, typer.Option(help="How many edges far.")] = None,
    as_of: Annotated[str | None, typer.Option(help="As it was at this time.", metavar="TIME")] = None,
    seen_since: Annotated[str | None, typer.Option(help="Only what was seen since.", metavar="TIME")] = None,
    granularity: Granularity = None,
    transformations: Transformations = None,
    kinds: Kinds = None,
    limit: Annotated[int, typer.Option(help="Rows on this page.")] = 200,
    after: Annotated[str | None, typer.Option(help="Go on after a page.", metavar="CURSOR")] = None,
    totals: Annotated[bool, typer.Option("--totals", help="Count everything, beyond the page too.")] = False,
    consumers: Annotated[
        bool, typer.Option("--consumers", help="Name jobs downstream that read and write nothing.")
    ] = False,
    at_least: AtLeast = None,
    known_at: KnownAt = None,
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
        "transformations": transformations,
        "kinds": kinds, "limit": limit, "after": after, "totals": "true" if totals else None,
        "consumers": "true" if consumers else None,
        "at_least": at_least, "known_at": known_at,
    }  # fmt: skip
    with connected(server, api_key) as client:
        answer = ask(client, f"/api/v1/graph/{direction}", asked)
    if as_json:
        write_json(answer)
    else:
        show_lineage(answer, direction, depth=depth)


@app.command(short_help="Show the nearest paths between two things.", epilog=epilog("paths"))
def paths(  # noqa: PLR0913 - each parameter is an option
    start: Annotated[str, typer.Argument(help="The key to come from.", metavar="FROM")],
    end: Annotated[str, typer.Argument(help="The key to get to.", metavar="TO")],
    *,
    as_of: Annotated[str | None, typer.Option(help="As it was at this time.", metavar="TIME")] = None,
    granularity: Granularity = None,
    transformations: Transformations = None,
    limit: Annotated[int, typer.Option(help="How many paths to show.")] = 10,
    at_least: AtLeast = None,
    known_at: KnownAt = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Show the nearest paths from one thing to another, and count all."""
    from app.cli.connection import ask, connected
    from app.cli.paths import show_paths

    asked = {
        "from": start, "to": end, "as_of": as_of, "granularity": granularity, "transformations": transformations, "limit": limit,
        "at_least": at_least, "known_at": known_at,
    }  # fmt: skip
    with connected(server, api_key) as client:
        answer = ask(client, "/api/v1/graph/paths", asked)
    if as_json:
        write_json(answer)
    else:
        show_paths(answer)


app.command(short_help="Show what changed between two of something.", epilog=epilog("diff"))(diff)
app.command(short_help="Take over what a Marquez stored.", epilog=epilog("backfill"))(backfill)
app.command(short_help="Follow a Marquez, until stopped.", epilog=epilog("follow"))(follow)
app.command(short_help="Show where columns come from and go.", epilog=epilog("columns"))(columns)
app.command(short_help="Show a walk in groups.", epilog=epilog("rollup"))(rollup)


@app.command(short_help="Find things by parts of their names.", epilog=epilog("search"))
def search(
    text: Annotated[list[str], typer.Argument(help="Words to find; the last may be cut.", metavar="TEXT")],
    *,
    kinds: Kinds = None,
    limit: Annotated[int, typer.Option(help="Rows on this page.")] = 20,
    after: Annotated[str | None, typer.Option(help="Go on after a page.", metavar="CURSOR")] = None,
    at_least: AtLeast = None,
    known_at: KnownAt = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Find things by words of their names, namespaces, tags, owners and columns, best first."""
    from app.cli.connection import ask, connected
    from app.cli.found import show_found

    asked = {
        "q": " ".join(text), "kinds": kinds, "limit": limit, "after": after, "at_least": at_least,
        "known_at": known_at,
    }  # fmt: skip
    with connected(server, api_key) as client:
        answer = ask(client, "/api/v1/graph/search", asked)
    if as_json:
        write_json(answer)
    else:
        show_found(answer)


app.command(short_help="Show what something was made of through time.", epilog=epilog("history"))(history)

app.command(short_help="List the events of a run as they were accepted.", epilog=epilog("events"))(events)


@app.command(epilog=epilog("node"))
def node(
    key: Key,
    *,
    at_least: AtLeast = None,
    known_at: KnownAt = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Show one node and what belongs to it."""
    from app.cli.connection import ask, connected

    with connected(server, api_key) as client:
        asked = {"key": key, "details": "true", "at_least": at_least, "known_at": known_at}
        answer = ask(client, "/api/v1/graph/node", asked)
    if as_json:
        write_json(answer)
        return
    from app.cli.screen import show_node

    show_node(answer)


@app.command(short_help="Write the whole graph as ndjson.", epilog=epilog("export"))
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


@app.command(short_help="Make the graph anew from the journal.", epilog=epilog("rebuild"))
def rebuild(*, home: Home = None, as_json: AsJson = False) -> None:
    """Make the graph anew from the journal; a running server answers REBUILDING meanwhile."""
    from app.cli import report

    report.rebuild(home=home, as_json=as_json)


@app.command(short_help="Recompute the journal's chain of hashes.", epilog=epilog("verify"))
def verify(*, home: Home = None, as_json: AsJson = False) -> None:
    """Recompute the journal's chain: has any record been changed?"""
    from app.cli import report

    if not report.verify(home=home, as_json=as_json):
        raise typer.Exit(FOUND)


@app.command(short_help="List what to look into: refused events and more.", epilog=epilog("oddities"))
def oddities(
    kind: Annotated[
        str | None,
        typer.Argument(
            help="rejected, set_aside, job_clash, symlink_group_too_big, forward_refused.",
            metavar="[KIND]",
            autocompletion=completing.oddity_kinds,
        ),
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
        write_json(answers[0] if kind is not None else {answer["kind"]: answer for answer in answers})
    else:
        show_oddities(answers)


@app.command(short_help="Say whether a server is ready, and how far behind.", epilog=epilog("status"))
def status(
    *,
    home: Annotated[
        Path | None,
        typer.Option("--home", help="Ask a home folder and its graph, without a server.", metavar="DIR"),
    ] = None,
    stuck_after: Annotated[
        float | None,
        typer.Option(help="With --home: not ready if an event waits longer.", metavar="SECONDS"),
    ] = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Say whether a server is ready and how far its graph is behind."""
    from app.cli import report

    if not report.status(home, stuck_after, server=server, api_key=api_key, as_json=as_json):
        raise typer.Exit(UNAVAILABLE)


workflow.add_to(app)
app.add_typer(forwarding.app, name="forward", short_help="Send accepted events on to a Marquez.")
app.add_typer(sources.app, name="source", short_help="Read what MLflow, Feast or a gateway say.")
app.add_typer(comparing.app, name="compare", short_help="Compare with a Marquez, and say why they differ.")


@app.command(short_help="Write what lets a shell complete commands and options.", epilog=epilog("completion"))
def completion(
    shell: Annotated[
        str, typer.Argument(help="bash, zsh or fish.", metavar="SHELL", autocompletion=completing.shells)
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Write the script that lets a shell complete commands, options and words."""
    script = completing.script(shell)
    if as_json:
        write_json({"shell": shell, "script": script})
    else:
        typer.echo(script)
