"""How is lineage of runs told on a terminal: whose run, and what went from one to the other?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

FLOWS_MAX: Final = 2
_KNOWN: Final = {
    "VERSION": "", "TIME": " (the last write before)", "STREAM": " (streamed)", "OPEN": " (not ended)",
}  # fmt: skip


def of_run(run: Mapping[str, Any]) -> str:
    """Tell a run's job and state; nothing of what is no run."""
    if run["kind"] != "RUN":
        return ""
    return "".join(f"  {part}" for part in (run.get("job"), run.get("state")) if part)


def through(edge: Mapping[str, Any]) -> str:
    """Tell which versions of which datasets got over an edge, the first ones."""
    said = [
        f"{flow['dataset']}{'@' + flow['version'] if flow['version'] else ''}"
        f"{_KNOWN.get(flow['matched_by'] or '', '')}"
        for flow in edge["through"][:FLOWS_MAX]
    ]
    more = len(edge["through"]) - FLOWS_MAX
    return f"through {', '.join(said)}{f' and {more} more' if more > 0 else ''}"
