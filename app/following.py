"""What does `headwater serve` keep that reads from elsewhere: a Marquez, an MLflow server? Processes of their own.

Each says how it is in the home. What they need to get in goes by the environment, never by a command line.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, Final

from app.settings import Settings
from app.supervise import Child
from graph_schema.errors import BadInput
from ingest.sources.faults import AlreadyFollowing, SourceUnavailable
from ingest.sources.marquez.address import address_of
from ingest.sources.marquez.faults import check_installed
from ingest.sources.mlflow.address import Address
from ingest.sources.mlflow.address import address_of as mlflow_address_of
from ingest.sources.mlflow.ledger import mark_of
from ingest.sources.mlflow.once import polled
from ingest.standing import NUDGES, forget, nudge, told

NICENESS: Final = 5
"""Following stands back for the door and for questions when processors are short."""


def check_follow(settings: Settings) -> None:
    """Raise BadInput or NotInstalled where what is to be followed cannot be, before anything is started."""
    if settings.mlflow.get_secret_value():
        mlflow_address(settings)
    follow = settings.follow.get_secret_value()
    if not follow:
        return
    if address_of(follow).is_http:
        what = "Marquez is followed by its database, not over HTTP"
        raise BadInput(f"{what}: give --follow marquez://USER@HOST:5432/marquez")
    check_installed()


def follower_of(settings: Settings, held: int) -> Child | None:
    """Plan the process; None where nothing is to be followed. Its address may hold a password: the environment tells it."""
    if not settings.follow.get_secret_value():
        forget(settings.home, "follow")
        return None
    options = ("--home", str(settings.home.absolute()), "--timeout-s", str(settings.follow_timeout_s))
    return Child(
        "follower",
        command=lambda: [sys.executable, "-m", "ingest.sources.marquez", *options],
        pid_file=settings.home / "run" / "follower.pid",
        env={
            "HEADWATER_FOLLOW": settings.follow.get_secret_value(),
            "HEADWATER_MARQUEZ_PASSWORD": settings.marquez_password.get_secret_value(),
            "HEADWATER_LOG_LEVEL": settings.log_level,
        },
        held=(held,) if held >= 0 else (),
        niceness=NICENESS,
    )


def mlflow_given(settings: Settings) -> dict[str, Any]:
    """Say how an MLflow server is reached, and how what is in it is named."""
    return {
        "text": settings.mlflow.get_secret_value(),
        "namespace": settings.mlflow_namespace,
        "feast": _listed(settings.mlflow_feast_namespaces),
        "feast_before": settings.feast_namespace,
        "tables": settings.mlflow_table_namespace,
        "excluded": _listed(settings.mlflow_experiments_excluded),
        "username": settings.mlflow_username,
        "password": settings.mlflow_password.get_secret_value(),
        "token": settings.mlflow_token.get_secret_value(),
        "timeout_s": settings.mlflow_timeout_s,
    }


def mlflow_address(settings: Settings) -> Address:
    """Read where the MLflow server is; raises BadInput."""
    if not settings.mlflow.get_secret_value():
        raise BadInput("say which MLflow server: --url http://127.0.0.1:5000, or HEADWATER_MLFLOW")
    return mlflow_address_of(**mlflow_given(settings))


def poller_of(settings: Settings, held: int) -> Child | None:
    """Plan the process that reads an MLflow server; None where none is to be read."""
    if not settings.mlflow.get_secret_value():
        forget(settings.home, "mlflow")
        return None
    options = ("--home", str(settings.home.absolute()), "--every-s", str(settings.mlflow_every_s))
    return Child(
        "mlflow",
        command=lambda: [sys.executable, "-m", "ingest.sources.mlflow", *options],
        pid_file=settings.home / "run" / "mlflow.pid",
        env={
            "HEADWATER_MLFLOW_ADDRESS": json.dumps(mlflow_given(settings)),
            "HEADWATER_LOG_LEVEL": settings.log_level,
        },
        held=(held,) if held >= 0 else (),
        niceness=NICENESS,
    )


def read_mlflow(settings: Settings, *, follow: bool, resync: bool, anew: bool) -> dict[str, Any]:
    """Read an MLflow server into a home's journal: once, or until told to stop. Gives what came of it.

    Where a process reads it already, that one is asked to look now.
    """
    address = mlflow_address(settings)
    reading = polled(
        settings.home, address, follow=follow, resync=resync, anew=anew, every_s=settings.mlflow_every_s
    )
    try:
        return asyncio.run(reading)
    except AlreadyFollowing:
        if follow or anew:
            raise
        for name in _names(address):
            nudge(settings.home, name, what=NUDGES[1] if resync else NUDGES[0])
        return {"address": address.shown, "namespace": address.place.namespace, "asked": True}


def mlflow_standing(settings: Settings) -> dict[str, Any]:
    """Say how the process is that reads an MLflow server; raises SourceUnavailable where there is none."""
    named = ["mlflow"]
    if settings.mlflow.get_secret_value():
        named = _names(mlflow_address(settings))
    found = next((one for name in named if (one := told(settings.home, name)) is not None), None)
    if found is None:
        raise SourceUnavailable(
            f"no MLflow server is read into {settings.home}; start `headwater source mlflow --url URL --follow`"
        )
    return found


def _names(address: Address) -> list[str]:
    return ["mlflow", f"mlflow-{mark_of(address.place.namespace)}"]


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
