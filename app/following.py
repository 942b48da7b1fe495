"""What does `headwater serve` keep that follows a Marquez? A process of its own, which says how it is in the home."""

from __future__ import annotations

import sys
from typing import Final

from app.settings import Settings
from app.supervise import Child
from graph_schema.errors import BadInput
from ingest.sources.marquez.address import address_of
from ingest.sources.marquez.faults import check_installed
from ingest.standing import forget

NICENESS: Final = 5
"""Following stands back for the door and for questions when processors are short."""


def check_follow(settings: Settings) -> None:
    """Raise BadInput or NotInstalled where what is to be followed cannot be, before anything is started."""
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
