"""How is something decided about a model version on the command line, and how is what was decided shown?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

from app.cli import completion
from app.cli.examples import epilog
from app.cli.options import SERVER_DEFAULT, ApiKey, AsJson, AtLeast, KnownAt, Server
from app.cli.telling import write_json
from graph_schema.errors import BadInput

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Decide about model versions, and see what was decided, beside what MLflow's\nregistry says of them.",
    epilog="\b\n`headwater catalogue COMMAND --help` has examples.",
)

Json = Mapping[str, Any]
Model = Annotated[
    str, typer.Argument(help="A model's name, or its key model:NAMESPACE:NAME.", metavar="MODEL")
]
Version = Annotated[str, typer.Argument(help="Its version.", metavar="VERSION")]
Namespace = Annotated[
    str | None,
    typer.Option("--namespace", help="Where several models have the name.", metavar="NAMESPACE"),
]
By = Annotated[
    str | None, typer.Option("--by", help="Who decides, where the key does not say it.", metavar="NAME")
]
Reason = Annotated[str | None, typer.Option("--reason", help="Why.", metavar="TEXT")]
EvidenceGiven = Annotated[
    list[str] | None,
    typer.Option(
        "--evidence", help="What it rests on, such as run=UUID; may be repeated.", metavar="KIND=REF"
    ),
]
At = Annotated[str | None, typer.Option("--at", help="When, if not now.", metavar="TIME")]
ActId = Annotated[
    str | None, typer.Option("--id", help="An id of yours: sent again, it is done once.", metavar="ID")
]
Force = Annotated[bool, typer.Option("--force", help="Take what would be refused; needs --reason.")]


@app.command(short_help="Take a model version into the catalogue.", epilog=epilog("catalogue register"))
def register(  # noqa: PLR0913 - each parameter is an option
    model: Model,
    version: Version,
    *,
    namespace: Namespace = None,
    by: By = None,
    reason: Reason = None,
    evidence: EvidenceGiven = None,
    at: At = None,
    act_id: ActId = None,
    force: Force = False,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Take a model version into the catalogue."""
    said = {
        "model": model, "version": version, "namespace": namespace, "by": by, "reason": reason,
        "evidence": read_evidence(evidence), "at": at, "id": act_id, "force": force or None,
    }  # fmt: skip
    _do("/api/v1/catalogue/register", said, server=server, api_key=api_key, as_json=as_json)


@app.command(short_help="Say that a version is in another state.", epilog=epilog("catalogue state"))
def state(  # noqa: PLR0913 - each parameter is an option
    model: Model,
    version: Version,
    state: Annotated[
        str,
        typer.Argument(
            help="VALIDATED, APPROVED, DEPLOYED, RETIRED, REJECTED or REGISTERED.",
            metavar="STATE",
            autocompletion=completion.catalogue_states,
        ),
    ],
    *,
    namespace: Namespace = None,
    by: By = None,
    reason: Reason = None,
    evidence: EvidenceGiven = None,
    at: At = None,
    act_id: ActId = None,
    force: Force = False,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Say that a model version is in another state from now on: validated, approved, and so on."""
    said = {
        "model": model, "version": version, "state": state, "namespace": namespace, "by": by, "reason": reason,
        "evidence": read_evidence(evidence), "at": at, "id": act_id, "force": force or None,
    }  # fmt: skip
    _do("/api/v1/catalogue/state", said, server=server, api_key=api_key, as_json=as_json)


@app.command(short_help="Show what was decided about a model.", epilog=epilog("catalogue show"))
def show(
    model: Model,
    *,
    version: Annotated[str | None, typer.Option("--version", help="This version alone.")] = None,
    namespace: Namespace = None,
    limit: Annotated[int, typer.Option(help="Versions on this page.")] = 20,
    after: Annotated[str | None, typer.Option(help="Go on after a page.", metavar="CURSOR")] = None,
    at_least: AtLeast = None,
    known_at: KnownAt = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Show what was decided about the versions of a model, newest first, and what its registry says."""
    from app.cli.connection import ask, connected

    asked = {
        "model": model, "version": version, "namespace": namespace, "limit": limit, "after": after,
        "at_least": at_least, "known_at": known_at,
    }  # fmt: skip
    with connected(server, api_key) as client:
        answer = ask(client, "/api/v1/catalogue", asked)
    if as_json:
        write_json(answer)
    else:
        show_catalogue(answer)


def read_evidence(given: Sequence[str] | None) -> list[dict[str, str]] | None:
    """Read `kind=ref` as often as it was given; raises BadInput."""
    pairs = [one.partition("=") for one in given or ()]
    for kind, mark, ref in pairs:
        if not (kind and mark and ref):
            raise BadInput(f"evidence is written KIND=REF, such as run=UUID, not {kind[:60]!r}")
    return [{"kind": kind, "ref": ref} for kind, _, ref in pairs] or None


def _do(path: str, said: Json, *, server: str, api_key: str, as_json: bool) -> None:
    from app.cli.connection import connected, tell

    with connected(server, api_key) as client:
        done = tell(client, path, said)
    if as_json:
        write_json(done)
    else:
        show_act(done)


def show_act(done: Json) -> None:
    """Say what was done, and how the version stands with it."""
    from rich.text import Text

    from app.cli.screen import console, indented

    out = console()
    before = f" (was {done['before']})" if done["before"] else ""
    forced = ", forced" if done["forced"] else ""
    again = "already: " if done["duplicate"] else ""
    who = f"{done['by']} {'' if done['by_evidence'] == 'AUTHENTICATED' else '(as claimed)'}".rstrip()
    out.print(indented(Text(f"{again}{done['model_version']} is {done['state']}{before}{forced}"), out, ""))
    out.print(
        indented(
            Text(f"by {who} at {done['at']}; {done['act']}, position {done['position']}", style="dim"), out
        )
    )
    for warning in done["warnings"]:
        if warning["code"] == "VERSION_UNKNOWN":
            out.print(
                indented(Text("no event told of this version before; names are exact", style="yellow"), out)
            )
    if done["entry"] is not None:
        out.print(indented(Text(registry_line(done["entry"]["registry"]), style="dim"), out))


def show_catalogue(answer: Json) -> None:
    """Show each version: what was decided, act by act, then what the registry says."""
    from rich.text import Text

    from app.cli.screen import console, counted, indented

    out = console()
    out.print(Text(answer["model"], style="bold", overflow="fold"))
    for entry in answer["versions"]:
        state = entry["catalogue"]["state"]
        out.print(Text.assemble((f"version {entry['version']}", "bold"), "  catalogue: ", _coloured(state)))
        for act in entry["catalogue"]["acts"]:
            out.print(indented(Text(act_line(act)), out, "    "))
        out.print(indented(Text(registry_line(entry["registry"]), style="dim"), out, "  "))
    if not answer["versions"]:
        out.print("no version of it is known")
    page = answer["page_info"]
    if page["has_next_page"]:
        out.print(
            f"{counted(len(answer['versions']), 'version')} shown; there is more: --after {page['end_cursor']}"
        )


def act_line(act: Json) -> str:
    """Write one act: when, what, by whom, why and by which evidence."""
    return "  ".join(_act_parts(act))


def _act_parts(act: Json) -> Iterator[str]:
    yield f"{act['at'] or 'at a suspect time'}  {act['act']}"
    if act["by"]:
        claimed = "" if act["by_evidence"] == "AUTHENTICATED" else " (as claimed)"
        yield f"by {act['by']}{claimed}"
    if act["forced"]:
        yield f"forced, was {act['before'] or 'never registered'}"
    if act["reason"]:
        yield f'"{act["reason"]}"'
    if act["evidence"]:
        yield "on " + ", ".join(f"{one['kind']} {one['ref']}" for one in act["evidence"])


def registry_line(registry: Json | None) -> str:
    """Write what the registry says, so that nobody takes it for what was decided here."""
    if registry is None:
        return "registry: said nothing of it"
    stage = f"stage {registry['stage']}" if registry["stage"] and registry["stage"] != "None" else "no stage"
    aliases = f"aliases {', '.join(registry['aliases'])}" if registry["aliases"] else "no alias"
    deleted = ", deleted there" if registry["deleted"] else ""
    return f"registry: {stage}, {aliases}{deleted}"


def _coloured(state: str | None) -> tuple[str, str]:
    colour = {"APPROVED": "green", "DEPLOYED": "green", "REJECTED": "red", "RETIRED": "dim"}.get(
        state or "", ""
    )
    return state or "nothing was decided", colour
