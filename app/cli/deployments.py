"""How does a release pipeline tell on the command line what happened to a deployment?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from app.cli import completion
from app.cli.options import SERVER_DEFAULT, ApiKey, AsJson, Server
from app.cli.telling import write_json
from graph_schema.errors import BadInput
from graph_schema.identity import parse_key

Repeated = list[str] | None
Environment = Annotated[str | None, typer.Option(help="Such as production.", metavar="TEXT")]
Reason = Annotated[str | None, typer.Option(help="Why, or why it failed.", metavar="TEXT")]
By = Annotated[str | None, typer.Option(help="Who, where the key does not say it.", metavar="NAME")]
At = Annotated[str | None, typer.Option(help="When, if not now.", metavar="TIME")]
FeatureService = Annotated[
    Repeated, typer.Option(help="What it asks for features; may be repeated.", metavar="KEY")
]
OnlineStore = Annotated[Repeated, typer.Option(help="Where it reads them; may be repeated.", metavar="KEY")]
Output = Annotated[Repeated, typer.Option(help="What it writes; may be repeated.", metavar="KEY")]
Setting = Annotated[
    Repeated, typer.Option("--set", help="A setting of it; may be repeated.", metavar="NAME=VALUE")
]


def deploy_event(  # noqa: PLR0913 - each parameter is an option
    event: Annotated[
        str,
        typer.Argument(
            help="requested, started, failed, traffic or withdrawn.",
            metavar="EVENT",
            autocompletion=completion.deployment_events,
        ),
    ],
    deployment: Annotated[
        str, typer.Argument(help="A deployment's key: deployment:NAMESPACE:NAME.", metavar="DEPLOYMENT")
    ],
    *,
    revision: Annotated[str | None, typer.Option(help="Which rollout of it.", metavar="TEXT")] = None,
    run_id: Annotated[str | None, typer.Option(help="Its own run, instead.", metavar="UUID")] = None,
    model: Annotated[
        str | None, typer.Option(help="What is deployed: its name, or key.", metavar="MODEL")
    ] = None,
    version: Annotated[str | None, typer.Option("--version", help="The model's version.")] = None,
    model_namespace: Annotated[
        str | None, typer.Option(help="Where several models have the name.", metavar="NAMESPACE")
    ] = None,
    environment: Environment = None,
    platform: Annotated[str | None, typer.Option(help="What it runs on.", metavar="TEXT")] = None,
    endpoint: Annotated[str | None, typer.Option(help="Where it answers.", metavar="URL")] = None,
    percent: Annotated[
        float | None, typer.Option(help="Of the traffic, that it gets.", metavar="0..100")
    ] = None,
    alias: Annotated[str | None, typer.Option(help="The alias that was asked for.", metavar="TEXT")] = None,
    image: Annotated[str | None, typer.Option(help="The image that runs.", metavar="TEXT")] = None,
    setting: Setting = None,
    feature_service: FeatureService = None,
    online_store: OnlineStore = None,
    output: Output = None,
    reason: Reason = None,
    by: By = None,
    at: At = None,
    server: Server = SERVER_DEFAULT,
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Tell what happened to a deployment; what is left out is as it was told before."""
    from app.cli.connection import connected, tell

    namespace, name = _names(deployment, "deployment")
    said = {
        "event": event.lower(), "namespace": namespace, "name": name, "revision": revision, "run_id": run_id,
        "model": _version(model, version, model_namespace), "environment": environment, "platform": platform,
        "endpoint": endpoint, "traffic_percent": percent, "requested_alias": alias, "image": image,
        "configuration": _settings(setting), "feature_services": _datasets(feature_service),
        "online_stores": _datasets(online_store), "outputs": _datasets(output), "reason": reason, "by": by, "at": at,
    }  # fmt: skip
    with connected(server, api_key) as client:
        told = tell(client, "/api/v1/deployments/events", said)
    if as_json:
        write_json(told)
    else:
        _show(told, event.lower())


def _version(model: str | None, version: str | None, namespace: str | None) -> dict[str, str] | None:
    if model is None and version is None:
        return None
    if model is None or version is None:
        raise BadInput("a model version is told by both: --model NAME --version VERSION")
    given = {"name": model, "version": version, "namespace": namespace}
    return {name: value for name, value in given.items() if value is not None}


def _settings(given: Sequence[str] | None) -> dict[str, str] | None:
    pairs = [one.partition("=") for one in given or ()]
    for name, mark, _ in pairs:
        if not (name and mark):
            raise BadInput(f"a setting is written NAME=VALUE, not {name[:60]!r}")
    return {name: value for name, _, value in pairs} or None


def _datasets(keys: Sequence[str] | None) -> list[dict[str, str]] | None:
    named = [_names(key, "dataset") for key in keys or ()]
    return [{"namespace": namespace, "name": name} for namespace, name in named] or None


def _names(text: str, kind: str) -> tuple[str, str]:
    key = parse_key(text)
    if key.kind != kind or not key.parts:
        raise BadInput(f"write it as a key, {kind}:NAMESPACE:NAME, not {text[:100]!r}")
    return key.parts[0], key.parts[1]


def _show(told: Mapping[str, Any], event: str) -> None:
    from rich.text import Text

    from app.cli.screen import console, indented

    out = console()
    again = ", as was told before" if told["duplicate"] else ""
    out.print(indented(Text(f"{told['deployment']} {event} at {told['at']}{again}"), out, ""))
    out.print(indented(Text(f"{told['run']}, position {told['position']}", style="dim"), out))
    if any(one["code"] == "NOT_FILLED_IN" for one in told["warnings"]):
        said = "the graph is behind: what was left out could not be filled in from what was told before"
        out.print(indented(Text(said, style="yellow"), out))
