"""How is a process that works beside the server: what did it last do, and what stands in its way?

It says so itself, in a small JSON file in the home (`run/follow.json`, `run/forward.json`, `run/mlflow.json`) that is
replaced whole, so that a reader never sees half of one. A process that was killed says nothing more: `up` is about how old
its word is, too.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from graph_schema import instants

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAMES: Final = ("follow", "forward", "mlflow", "feast", "gateway")
"""Who may have something to say."""

NUDGES: Final = ("look", "resync")
"""What a process that looks at something now and then can be asked for from outside: to look now, or at all of it."""

SILENT_AFTER_S: Final = 20.0
"""A process tells at least every few seconds; one that has not for so long is not up."""

STATES_UP: Final = frozenset({"catching up", "following", "forwarding"})


def tell(home: Path, name: str, standing: Mapping[str, Any]) -> None:
    """Write how a process is, with its id and the time; a full disk keeps nobody from working."""
    path = _path(home, name)
    part = path.with_suffix(f".{os.getpid()}.part")
    told = {**standing, "pid": os.getpid(), "told_at": instants.now()}
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.write_text(json.dumps(told))
        part.replace(path)


def forget(home: Path, name: str) -> None:
    """Take away what a process said: it is not asked for any more."""
    with suppress(OSError):
        _path(home, name).unlink(missing_ok=True)


def told(home: Path, name: str) -> dict[str, Any] | None:
    """Read how a process last said it was, and whether it is up; None where it never said anything."""
    try:
        standing = json.loads(_path(home, name).read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(standing, dict):
        return None
    return {**standing, "up": _is_up(standing)}


def all_told(home: Path) -> dict[str, dict[str, Any]]:
    """Read how each process is that has something to say."""
    found = {name: told(home, name) for name in NAMES}
    return {name: standing for name, standing in found.items() if standing is not None}


def nudge(home: Path, name: str, *, what: str = NUDGES[0]) -> None:
    """Ask a process to look now; it finds that out by the time of a file."""
    for one in dict.fromkeys((NUDGES[0], what)):
        path = _nudge(home, name, one)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch()
        os.utime(path)


def nudged_at(home: Path, name: str, *, what: str = NUDGES[0]) -> int:
    """Say when a process was last asked, in nanoseconds; 0 for never."""
    try:
        return _nudge(home, name, what).stat().st_mtime_ns
    except OSError:
        return 0


def _nudge(home: Path, name: str, what: str) -> Path:
    return home / "run" / f"{name}.{what}"


def _is_up(standing: Mapping[str, Any]) -> bool:
    return standing.get("state") in STATES_UP and _age_s(standing.get("told_at")) < SILENT_AFTER_S


def _age_s(told_at: Any) -> float:
    if not isinstance(told_at, str) or not instants.is_canonical(told_at):
        return float("inf")
    return (datetime.now(UTC) - instants.to_datetime(told_at)).total_seconds()


def _path(home: Path, name: str) -> Path:
    return home / "run" / f"{name}.json"
