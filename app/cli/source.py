"""How is something read that sends no events by itself?"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from app.cli.examples import epilog
from app.cli.options import AsJson, Home
from app.cli.source_feast import feast
from app.cli.source_gateway import gateway
from app.cli.telling import write_json
from app.errors import UNAVAILABLE

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Read from where events are not sent by themselves. `serve` can do it by itself; how it\n"
    "goes is in `headwater status`.",
    epilog="\b\n`headwater source COMMAND --help` has examples.",
)


app.command("feast", short_help="Read a Feast registry.", epilog=epilog("source feast"))(feast)
app.command("gateway", short_help="Read a gateway's access log.", epilog=epilog("source gateway"))(gateway)


@app.command(short_help="Read an MLflow server.", epilog=epilog("source mlflow"))
def mlflow(
    *,
    url: Annotated[
        str | None, typer.Option("--url", help="Its address, else HEADWATER_MLFLOW.", metavar="URL")
    ] = None,
    home: Home = None,
    follow: Annotated[bool, typer.Option("--follow/--once", help="Go on until stopped, or end.")] = False,
    resync: Annotated[bool, typer.Option("--resync", help="Compare every run and model anew.")] = False,
    anew: Annotated[bool, typer.Option("--anew", help="Forget what was told; read another server.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Say how the one that runs is; 3 if it is not up.")
    ] = False,
    namespace: Annotated[
        str | None,
        typer.Option("--namespace", help="Namespace, else mlflow://HOST:PORT.", metavar="NAMESPACE"),
    ] = None,
    feast_namespace: Annotated[
        list[str] | None,
        typer.Option("--feast-namespace", help="PROJECT=NAMESPACE of Feast; repeat it.", metavar="PAIR"),
    ] = None,
    experiment_exclude: Annotated[
        list[str] | None,
        typer.Option("--experiment-exclude", help="Leave out, with *; repeat it.", metavar="NAME"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read what an MLflow server holds into a home's journal: runs, models, versions, aliases.

    A server may be running on the same home. Killed, it goes on where it was. Login by HEADWATER_MLFLOW_USERNAME and
    HEADWATER_MLFLOW_PASSWORD, or HEADWATER_MLFLOW_TOKEN.
    """
    from app import following
    from app.cli import local

    settings = local.make_settings(
        home=home,
        mlflow=url,
        mlflow_namespace=namespace,
        mlflow_feast_namespaces=_joined(feast_namespace),
        mlflow_experiments_excluded=_joined(experiment_exclude),
    )
    if check:
        _show_standing(following.mlflow_standing(settings), as_json=as_json)
        return
    began = time.monotonic()
    local.log_to_standard_error(settings, faults_only=not follow)
    done = following.read_mlflow(settings, follow=follow, resync=resync, anew=anew)
    answer = {**done, "seconds": round(time.monotonic() - began, 3)}
    if as_json:
        write_json(answer)
    else:
        _show(answer)


def _joined(given: list[str] | None) -> str | None:
    return ",".join(given) if given else None


def _show_standing(standing: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        write_json(standing)
    else:
        from app.cli.screen import console
        from app.cli.standings import show_standings

        show_standings(console(), {"mlflow": standing})
    if not standing["up"]:
        raise typer.Exit(UNAVAILABLE)


def _show(answer: Mapping[str, Any]) -> None:
    from app.cli.screen import console

    out = console()
    if answer.get("asked"):
        said = f"{answer['address']} is read by a running process, which was asked to look now; see `headwater status`"
        out.print(said, markup=False)
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("runs looked at", "new events", "duplicate", "refused"):
        table.add_column(name, justify="right")
    table.add_row(*(f"{answer[name]:,}" for name in ("looked", "events", "duplicates", "refused")))
    out.print(table)
    out.print(
        f"from {answer['address']} as {answer['namespace']}, in {answer['seconds']:.1f} s", markup=False
    )
