"""How are the processes that work beside the server, as `headwater status` shows them?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.text import Text

NAMES: Final = ("follow", "forward", "mlflow", "feast", "gateway")
UP: Final = frozenset({"following", "catching up", "forwarding"})
COUNTED: Final = (
    *(
        "rows",
        "looked",
        "projects",
        "things",
        "requests",
        "events",
        "duplicates",
        "refused",
        "waiting",
        "forwarded",
        "retries",
    ),
    *("open_runs", "sweeps"),
)
"""What may be counted, in the order in which it is shown."""

WORDS: Final = {"looked": "runs looked at", "open_runs": "open runs", "sweeps": "sweeps"}


def show_standings(out: Console, body: Mapping[str, Any]) -> None:
    """Show the follower, the forwarder and the sources, where there are any."""
    for name in NAMES:
        standing = body.get(name)
        if isinstance(standing, Mapping):
            for line in _lines(name, standing):
                out.print(Text(line, overflow="fold"))


def _lines(name: str, standing: Mapping[str, Any]) -> list[str]:
    state = standing.get("state")
    silent = standing.get("up") is False and state in UP
    where = f", {standing['address']}" if standing.get("address") else ""
    since = f" since {standing['since']}, pid {standing.get('pid')}" if standing.get("since") else ""
    lines = [f"{name}: {state}{since}{where}"]
    if silent:
        lines.append(
            f"  has said nothing since {standing.get('told_at')}: it is not running any more, or stuck"
        )
    lag_s = standing.get("lag_s")
    lag = [] if lag_s is None else [f"{lag_s:,.1f} s behind"]
    counts = [_counted(standing[one], one) for one in COUNTED if isinstance(standing.get(one), int)]
    if lag or counts:
        lines.append(f"  {', '.join([*lag, *counts])}")
    error = standing.get("error")
    if isinstance(error, Mapping):
        lines.append(f"  {error.get('code')} since {error.get('since')}: {error.get('message')}")
    lines.extend(f"  {note}" for note in standing.get("notes") or ())
    return lines


def _counted(number: int, nouns: str) -> str:
    said = WORDS.get(nouns, nouns)
    return f"{number:,} {said.removesuffix('s') if number == 1 else said}"
