"""What else does `headwater serve` read beside what is posted to it? One process for each source that the settings name.

Each says in the home how it is (`ingest/standing.py`). Addresses and tokens go by the environment, never by the command line.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.following import NICENESS, mlflow_address
from app.settings import Settings
from app.supervise import Child
from graph_schema.errors import BadInput, LineageError
from ingest.log import log_to_stderr
from ingest.sources.child import journal_in
from ingest.sources.feast import asking as feast_asking
from ingest.sources.feast import kept as feast_kept
from ingest.sources.feast.follow import Follower as FeastFollower
from ingest.sources.feast.follow import Reading as FeastReading
from ingest.sources.feast.places import aliases_of
from ingest.sources.gateway import kept as gateway_kept
from ingest.sources.gateway.follow import Follower as GatewayFollower
from ingest.sources.gateway.follow import Reading as GatewayReading
from ingest.sources.gateway.lines import Names as GatewayNames
from ingest.standing import forget, told
from ingest.stopping import told_to_stop

Said = Callable[[int, str | None], object]
"""Told of events so far, and what stands in the way."""


def check_sources(settings: Settings) -> None:
    """Raise what is wrong with a source's settings, before anything is started."""
    if settings.feast.get_secret_value():
        feast_reading(settings)
    if settings.gateway_log is not None:
        gateway_reading(settings)


def sources_of(settings: Settings, held: int) -> list[Child]:
    """Plan a process for each source that is to be read."""
    planned = [_feast(settings, held), _gateway(settings, held)]
    return [child for child in planned if child is not None]


def feast_reading(settings: Settings) -> FeastReading:
    """Say which Feast registry is read, and how it is named; raises BadInput."""
    address = settings.feast.get_secret_value()
    if not address:
        raise BadInput(
            "say which registry: headwater source feast --url http://HOST:6572, or HEADWATER_FEAST"
        )
    access = feast_asking.access_of(
        address,
        token=settings.feast_token.get_secret_value(),
        timeout_s=settings.feast_timeout_s,
        ca_file=settings.feast_ca_file,
    )
    aliases = aliases_of(settings.feast_aliases.split())
    return FeastReading(access, settings.feast_namespace, aliases, settings.feast_pause_s)


def _feast(settings: Settings, held: int) -> Child | None:
    if not settings.feast.get_secret_value():
        forget(settings.home, "feast")
        return None
    options = [
        *("--home", str(settings.home.absolute())),
        *("--timeout-s", str(settings.feast_timeout_s), "--pause-s", str(settings.feast_pause_s)),
    ]
    if settings.feast_ca_file is not None:
        options += ["--ca-file", str(settings.feast_ca_file.absolute())]
    env = {
        "HEADWATER_FEAST": settings.feast.get_secret_value(),
        "HEADWATER_FEAST_TOKEN": settings.feast_token.get_secret_value(),
        "HEADWATER_FEAST_NAMESPACE": settings.feast_namespace,
        "HEADWATER_FEAST_ALIASES": settings.feast_aliases,
    }
    return _child("feast", settings, held, options=options, env=env)


def gateway_reading(settings: Settings) -> GatewayReading:
    """Say which gateway's log is followed, and how it and the MLflow behind it are named; raises BadInput."""
    if settings.gateway_log is None:
        raise BadInput("say which log: headwater source gateway --log access.log, or HEADWATER_GATEWAY_LOG")
    mlflow = settings.gateway_mlflow_namespace or settings.mlflow_namespace
    if not mlflow and settings.mlflow.get_secret_value():
        mlflow = mlflow_address(settings).place.namespace
    if not mlflow:
        raise BadInput(
            "say how the MLflow behind the gateway is named, as its own source has it: --mlflow-namespace "
            "mlflow://HOST:5000, or HEADWATER_GATEWAY_MLFLOW_NAMESPACE"
        )
    names = GatewayNames(settings.gateway_namespace, mlflow)
    return GatewayReading(settings.gateway_log, names)


def _gateway(settings: Settings, held: int) -> Child | None:
    if settings.gateway_log is None:
        forget(settings.home, "gateway")
        return None
    reading = gateway_reading(settings)
    options = [
        *("--home", str(settings.home.absolute()), "--log", str(settings.gateway_log.absolute())),
        *("--namespace", reading.names.gateway, "--mlflow-namespace", reading.names.mlflow),
    ]
    return _child("gateway", settings, held, options=options, env={})


def _child(name: str, settings: Settings, held: int, *, options: Sequence[str], env: dict[str, str]) -> Child:
    return Child(
        name,
        command=lambda: [sys.executable, "-m", f"ingest.sources.{name}", *options],
        pid_file=settings.home / "run" / f"{name}.pid",
        env={**env, "HEADWATER_LOG_LEVEL": settings.log_level},
        held=(held,) if held >= 0 else (),
        niceness=NICENESS,
    )


def read_feast(
    settings: Settings, *, once: bool, again: bool, anew: bool, say: Said | None = None
) -> dict[str, Any]:
    """Read a registry for somebody who waits for it, with `once` until all was read; gives how that went."""
    log_to_stderr("warning" if once else settings.log_level)
    return asyncio.run(
        _read_feast(settings, feast_reading(settings), once=once, again=again, anew=anew, say=say)
    )


async def _read_feast(
    settings: Settings, reading: FeastReading, *, once: bool, again: bool, anew: bool, say: Said | None
) -> dict[str, Any]:
    with (
        feast_kept.locked(settings.home),
        journal_in(settings.home) as journal,
    ):
        follower = FeastFollower(settings.home, journal, reading)
        before = dict(follower.counts)
        if say is not None:
            follower.hear(lambda events, why: say(events - before["events"], why))
        try:
            await follower.run(told_to_stop(), once=once, again=again, anew=anew)
        finally:
            forget(settings.home, "feast")  # a server beside this is not to be alarmed that nobody reads now
        standing = follower.standing()
    return {**standing, **{name: number - before[name] for name, number in follower.counts.items()}}


def read_gateway(settings: Settings, *, once: bool, again: bool, say: Said | None = None) -> dict[str, Any]:
    """Follow a gateway's log for somebody who waits for it, with `once` to its end; gives how that went."""
    log_to_stderr("warning" if once else settings.log_level)
    return asyncio.run(_read_gateway(settings, gateway_reading(settings), once=once, again=again, say=say))


async def _read_gateway(
    settings: Settings, reading: GatewayReading, *, once: bool, again: bool, say: Said | None
) -> dict[str, Any]:
    with (
        gateway_kept.locked(settings.home),
        journal_in(settings.home) as journal,
    ):
        follower = GatewayFollower(settings.home, journal, reading)
        before = dict(follower.counts)
        if say is not None:
            follower.hear(lambda events, why: say(events - before["events"], why))
        try:
            await follower.run(told_to_stop(), once=once, again=again)
        finally:
            forget(settings.home, "gateway")  # as with Feast
        standing = follower.standing()
    return {**standing, **{name: number - before[name] for name, number in follower.counts.items()}}


def standing_of(home: Path, name: str) -> dict[str, Any]:
    """Say how a source of a home is; raises where none ever was."""
    standing = told(home, name)
    if standing is None:
        raise NotRead(f"nobody reads {name} into {home}; start `headwater source {name}`")
    return standing


class NotRead(LineageError):
    """A source that is asked about is read by nobody."""

    code = "SOURCE_UNAVAILABLE"
