"""How are ways from data to deployments, and differences of models, asked for and shown on the command line?"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from app.cli.options import SERVER_DEFAULT, ApiKey, AsJson, AtLeast, KnownAt, Server
from app.cli.telling import write_json
from app.errors import FOUND

Json = Mapping[str, Any]
_MARKS: Final = {"ADDED": ("+", "green"), "REMOVED": ("-", "red"), "CHANGED": ("~", "yellow")}


def ml_paths(  # noqa: PLR0913 - each parameter is an option
    *,
    dataset: Annotated[str | None, typer.Option(help="From this data on.", metavar="KEY")] = None,
    feature: Annotated[str | None, typer.Option(help="Over this feature.", metavar="KEY")] = None,
    experiment: Annotated[str | None, typer.Option(help="In this experiment.", metavar="KEY")] = None,
    model: Annotated[
        str | None, typer.Option(help="To this model, or version of one.", metavar="MODEL")
    ] = None,
    limit: Annotated[int, typer.Option(help="Rows on this page.")] = 50,
    after: Annotated[str | None, typer.Option(help="Go on after a page.", metavar="CURSOR")] = None,
    at_least: AtLeast = None,
    known_at: KnownAt = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Show the ways from data over features and runs to versions and deployments; say one end at least."""
    from app.cli.connection import ask, connected

    asked = {
        "dataset": dataset, "feature": feature, "experiment": experiment, "model": model, "limit": limit,
        "after": after, "at_least": at_least, "known_at": known_at,
    }  # fmt: skip
    with connected(server, api_key) as client:
        answer = ask(client, "/api/v1/graph/ml_paths", asked)
    if as_json:
        write_json(answer)
    else:
        show_ml_paths(answer)


def compare_models(  # noqa: PLR0913 - each parameter is an option
    a: Annotated[str, typer.Argument(help="A model's name or key, or a version's key.", metavar="A")],
    b: Annotated[
        str | None, typer.Argument(help="The other; without it A's --b-version.", metavar="B")
    ] = None,
    *,
    a_version: Annotated[str | None, typer.Option(help="The version of A.")] = None,
    b_version: Annotated[str | None, typer.Option(help="The version of B, or of A.")] = None,
    namespace: Annotated[
        str | None, typer.Option(help="Where several models have the name.", metavar="NAMESPACE")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="As they were at this time.", metavar="TIME")] = None,
    limit: Annotated[int, typer.Option(help="Differences on this page.")] = 200,
    after: Annotated[str | None, typer.Option(help="Go on after a page.", metavar="CURSOR")] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 when there are any.")] = False,
    at_least: AtLeast = None,
    known_at: KnownAt = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Show what is different between two versions: data, features, parameters, metrics, code, decisions."""
    from app.cli.connection import ask, connected

    asked = {
        "a": a, "b": b, "a_version": a_version, "b_version": b_version, "namespace": namespace, "as_of": as_of,
        "limit": limit, "after": after, "at_least": at_least, "known_at": known_at,
    }  # fmt: skip
    with connected(server, api_key) as client:
        answer = ask(client, "/api/v1/graph/compare_models", asked)
    if as_json:
        write_json(answer)
    else:
        show_comparison(answer)
    if exit_code and answer["counts"]:
        raise typer.Exit(FOUND)


def show_ml_paths(answer: Json) -> None:
    """Show the ways by run: what it took, then what became of it; each stands once, whatever the number of ways."""
    from app.cli.screen import console, counted, indented

    out = console()
    for (run, experiment), some in groupby(answer["paths"], key=lambda row: (row["run"], row["experiment"])):
        rows = list(some)
        where = f"  in {experiment}" if experiment else ""
        out.print(indented(Text.assemble((run, "bold"), (where, "magenta")), out, ""))
        for line in dict.fromkeys(_taken(row) for row in rows):
            out.print(indented(Text.assemble(*line), out, "  "))
        for line in dict.fromkeys(_became(row) for row in rows):
            out.print(indented(Text.assemble(*line), out, "  → "))
    done, page = answer["completeness"], answer["page_info"]
    if not answer["paths"]:
        out.print("no way leads over what was given")
    else:
        out.print(counted(len(answer["paths"]), "way"))
    if done["guessed_edges"]:
        out.print("~guess: the job read and wrote them, no more is known")
    if done["truncated_by"]:
        out.print(f"cut by a limit of the server: {', '.join(done['truncated_by'])}")
    if page["has_next_page"]:
        out.print(f"there is more: --after {page['end_cursor']}")


def _taken(row: Json) -> tuple[tuple[str, str], ...]:
    """Write what a run took: data by itself, or over a feature."""
    start = [(row["dataset"] or "no data is known", "" if row["dataset"] else "dim")]
    if row["evidence"] == "PRODUCT":
        start.append(("  ~guess", "yellow"))
    if row["feature"]:
        start.append((f" → {row['feature']}", ""))
    if row["used"]:
        start.append(("  used", "green"))
    elif row["certain"] is False:
        start.append(("  perhaps", "yellow"))
    return tuple(start)


def _became(row: Json) -> tuple[tuple[str, str], ...]:
    """Write what became of a run's model."""
    if not row["version"]:
        return (("no version", "dim"),)
    if not row["deployment"]:
        return ((row["version"], ""), ("  not deployed", "dim"))
    serves = ("  serves it", "green") if row["serving"] else ("  served it", "dim")
    return ((row["version"], ""), (f" → {row['deployment']}", ""), serves)


def show_comparison(answer: Json) -> None:
    """Show the two versions, then the differences by category."""
    from app.cli.screen import console, counted, indented

    out = console()
    for side in ("a", "b"):
        one = answer[side]
        made = f"  made at {one['made_at']}" if one["made_at"] else ""
        out.print(indented(Text(f"{one['key']}{made}", style="dim"), out, f"{side}  "))
    for category, some in groupby(answer["differences"], key=lambda one: one["category"]):
        out.print(Text(category, style="bold"))
        for one in some:
            mark, style = _MARKS[one["change"]]
            out.print(indented(Text(_line(one), style=style), out, f"  {mark} "))
    total = sum(one["count"] for one in answer["counts"])
    said = ", ".join(
        f"{one['count']} {one['category'].lower()} {one['change'].lower()}" for one in answer["counts"]
    )
    out.print(f"{counted(total, 'difference')}: {said}" if total else "no difference")
    if answer["completeness"]["truncated_by"]:
        out.print(f"cut by a limit of the server: {', '.join(answer['completeness']['truncated_by'])}")
    if answer["page_info"]["has_next_page"]:
        out.print(f"there is more: --after {answer['page_info']['end_cursor']}")


def _line(one: Json) -> str:
    before, after = (_short(one[side]) for side in ("before", "after"))
    if one["change"] == "CHANGED":
        return f"{one['name']}  {before or 'nothing'} → {after or 'nothing'}"
    return f"{one['name']}  {before or after}".rstrip()


def _short(value: str | None) -> str:
    first, _, more = (value or "").partition("\n")
    return f"{first} ..." if more else first
