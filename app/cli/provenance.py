"""How is asked on the command line where a model version comes from, and how is it shown?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from app.cli.catalogue import act_line, registry_line
from app.cli.options import SERVER_DEFAULT, ApiKey, AsJson, AtLeast, KnownAt, Server
from app.cli.telling import write_json

Json = Mapping[str, Any]
SHOWN_MAX = 40
"""Rows of each part; --json has all."""


def provenance(
    model: Annotated[
        str, typer.Argument(help="A model's name or key, or the key of a version.", metavar="MODEL")
    ],
    *,
    version: Annotated[str | None, typer.Option("--version", help="Which; the newest without.")] = None,
    namespace: Annotated[
        str | None, typer.Option(help="Where several models have the name.", metavar="NAMESPACE")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="As it was at this time.", metavar="TIME")] = None,
    at_least: AtLeast = None,
    known_at: KnownAt = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Show how a version of a model came to be, who stands behind it, and where it runs."""
    from app.cli.connection import ask, connected

    asked = {
        "model": model, "version": version, "namespace": namespace, "as_of": as_of, "at_least": at_least,
        "known_at": known_at,
    }  # fmt: skip
    with connected(server, api_key) as client:
        answer = ask(client, "/api/v1/graph/provenance", asked)
    if as_json:
        write_json(answer)
    else:
        show_provenance(answer)


def show_provenance(answer: Json) -> None:
    """Show the version, then part by part what went into it, who acted, and what became of it."""
    from app.cli.screen import console, indented

    out = console()
    made = f"  made at {answer['made_at']}" if answer["made_at"] else ""
    out.print(indented(Text.assemble((answer["version"]["key"], "bold"), (made, "dim")), out, ""))
    for title, lines in _parts(answer):
        shown = list(lines)
        if not shown:
            continue
        out.print(Text(title, style="bold"))
        for line in shown[:SHOWN_MAX]:
            out.print(indented(line if isinstance(line, Text) else Text(line), out, "  "))
        if len(shown) > SHOWN_MAX:
            out.print(f"  and {len(shown) - SHOWN_MAX} more; --json has all")
    _remarks(out, answer)


def _parts(answer: Json) -> Iterator[tuple[str, Iterator[str | Text]]]:
    yield "made from", _datasets(answer)
    yield "features", _features(answer["features"])
    yield "runs", _runs(answer)
    for run in answer["runs"]:
        if run["role"] in {"TRAINING", "VALIDATION"}:
            word = run["role"].lower()
            for part in ("parameters", "metrics", "code"):
                yield f"{part} of {word} {run['run']['name']}", _values(run[part])
    yield "checks", (_check(one) for one in answer["checks"])
    yield "people", (_person(one) for one in answer["people"] if one["how"] != "DECIDED")
    yield "catalogue", (act_line(act) for act in answer["catalogue"]["acts"])
    yield (
        "registry",
        iter([registry_line(answer["registry"]).removeprefix("registry: ")] if answer["registry"] else []),
    )
    yield "deployments", _deployments(answer["deployments"])


def _datasets(answer: Json) -> Iterator[str | Text]:
    """Write what went into it, deeper the further away, each as of when it was read."""
    guessed = {edge["source"] for edge in answer["edges"] if edge["evidence"] == "PRODUCT"} - {
        edge["source"] for edge in answer["edges"] if edge["evidence"] != "PRODUCT"
    }
    for one in answer["datasets"]:
        line = Text(f"{'  ' * (one['depth'] - 1)}{one['key']}")
        line.append(f"  {one['kind']}", style="cyan")
        if one["as_of"]:
            line.append(f"  as of {one['as_of']}", style="dim")
        if one["key"] in guessed:
            line.append("  ~guess", style="yellow")
        yield line


def _features(features: Sequence[Json]) -> Iterator[str | Text]:
    for one in features:
        how = "used" if one["used"] else "fetched" if one["certain"] else "perhaps fetched"
        yield f"{one['key']}  {how}"


def _runs(answer: Json) -> Iterator[str | Text]:
    experiments = {one["key"]: one["name"] for one in answer["experiments"]}
    for one in answer["runs"]:
        run = one["run"]
        line = Text(f"{one['role'].lower():<12} {run['key']}")
        line.append(
            f"  {run['job'] or ''}  {run['state'] or ''}  {run['ended_at'] or run['started_at'] or ''}",
            style="dim",
        )
        if one["experiment"]:
            line.append(
                f"  experiment {experiments.get(one['experiment'], one['experiment'])}", style="magenta"
            )
        yield line


def _values(values: Sequence[Json]) -> Iterator[str | Text]:
    wide = min(max((len(one["name"]) for one in values), default=0), 30)
    for one in values:
        first, _, more = one["value"].partition("\n")
        yield f"{one['name']:<{wide}}  {first}{' ...' if more else ''}"


def _check(one: Json) -> Text:
    colour = {"PASS": "green", "FAIL": "red"}.get(str(one["outcome"]).upper()[:4], "")
    line = Text.assemble((str(one["outcome"]), colour), f"  {one['name']}")
    if one["expected"] is not None or one["actual"] is not None:
        line.append(f"  expected {one['expected']}, was {one['actual']}")
    line.append(f"  {one['run'] or ''}", style="dim")
    return line


def _person(one: Json) -> str:
    how = {"OWNS": "owns", "STARTED": "started"}[one["how"]]
    evidence = f"  ({one['evidence']})" if one["evidence"] and one["how"] != "OWNS" else ""
    return f"{one['name']} {how} {one['what']}{evidence}"


def _deployments(deployments: Sequence[Json]) -> Iterator[str | Text]:
    for one in deployments:
        where = "  ".join(filter(None, (one["environment"], one["endpoint"])))
        yield Text.assemble(one["key"], (f"  {where}", "dim"))
        for each in one["revisions"]:
            colour = {"RUNNING": "green", "FAILED": "red"}.get(each["state"] or "", "")
            line = Text.assemble(
                "  ", (each["state"] or "?", colour), f"  revision {each['revision'] or '?'}"
            )
            if each["traffic_percent"] is not None:
                line.append(f"  {each['traffic_percent']:g} %")
            line.append(f"  from {each['started_at'] or '?'}", style="dim")
            line.append(f" to {each['ended_at']}" if each["ended_at"] else "", style="dim")
            line.append(f"  {each['reason']}" if each["reason"] else "")
            yield line


def _remarks(out: Console, answer: Json) -> None:
    done = answer["completeness"]
    if done["guessed_edges"]:
        out.print("~guess: the job read and wrote them, no more is known")
    if done["truncated_by"]:
        out.print(f"cut by a limit of the server: {', '.join(done['truncated_by'])}")
