"""Which process sends accepted events on to a Marquez, and how far is it behind?"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import chain
from typing import Any, Final

from app.settings import Settings
from app.supervise import Child
from graph_schema.errors import LineageError
from ingest.inbox import Journal

FORWARDER_NICENESS: Final = 2
"""Sending on stands back for the door."""


def forwarder(settings: Settings, held: int) -> Child:
    """Say how it is run; the key goes by the environment, never by the command line."""
    options = {
        "--home": str(settings.home.absolute()),
        "--url": settings.forward,
        "--begin": settings.forward_begin,
        "--connections": str(settings.forward_connections_max),
        "--timeout-s": str(settings.forward_timeout_s),
        "--pause-longest-s": str(settings.forward_pause_max_s),
        "--tries-max": str(settings.forward_tries_max),
        "--tries-s": str(settings.forward_tries_s),
    }
    if settings.forward_ca_file is not None:
        options["--ca-file"] = str(settings.forward_ca_file.absolute())
    key = settings.forward_api_key.get_secret_value()
    return Child(
        "forwarder",
        command=lambda: [sys.executable, "-m", "ingest.forward", *chain.from_iterable(options.items())],
        pid_file=settings.home / "run" / "forwarder.pid",
        env={"HEADWATER_FORWARD_API_KEY": key, "HEADWATER_LOG_LEVEL": settings.log_level},
        held=(held,) if held >= 0 else (),
        niceness=FORWARDER_NICENESS,
    )


def with_waiting(
    settings: Settings, journal: Journal, told: Callable[[], dict[str, dict[str, Any]]]
) -> dict[str, dict[str, Any]]:
    """Give what works beside this server, with what waits to be forwarded, counted here: a forwarder may be away."""
    found = told()
    forward = found.get("forward")
    if forward is None and settings.forward:
        found["forward"] = {"state": "starting", "up": False}
    if forward is not None and "cursor" in forward:
        with suppress(LineageError):
            waiting = journal.count_after(int(forward["cursor"])) - int(forward["beyond"])
            forward["waiting"] = max(waiting, 0)
    return found
