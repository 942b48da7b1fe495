"""How are paths shown on a terminal? One below the other, each node on a line of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from app.cli.columns import done_to
from app.cli.screen import console, counted, indented

NAMED_JOBS_MAX = 2


def show_paths(answer: Mapping[str, Any]) -> None:
    """Show the paths, then how many there are and how far that is the whole truth."""
    out = console()
    for number, path in enumerate(answer["paths"], start=1):
        out.print(indented(Text(path["keys"][0]), out, f"{number}. "))
        for key, edge in zip(path["keys"][1:], path["edges"], strict=True):
            out.print(indented(_line(key, edge), out, "   → "))
    for line in _remarks(answer):
        out.print(Text(line, overflow="fold"))


def _line(key: str, edge: Mapping[str, Any]) -> Text:
    line = Text(key)
    if edge["evidence"] == "PRODUCT":
        line.append("  ~guess", style="yellow")
    if edge.get("types"):
        line.append(f"  {done_to(edge)}".rstrip(), style="magenta")
    line.append(f"  by {_named(edge['jobs'])}" if edge["jobs"] else "", style="dim")
    return line


def _named(jobs: Sequence[str]) -> str:
    more = len(jobs) - NAMED_JOBS_MAX
    return ", ".join(jobs[:NAMED_JOBS_MAX]) + (f" and {more} more" if more > 0 else "")


def _remarks(answer: Mapping[str, Any]) -> list[str]:
    done, shown, count = answer["completeness"], len(answer["paths"]), answer["path_count_at_least"]
    number = f"{int(count):,}" if len(count) <= len("1,000,000,000") else f"{float(count):.3g}"
    on_any = counted(len(answer["nodes_on_any_path"]), "node")
    if count == "0":
        known = "no path leads from the one to the other"
        said = [known if answer["path_count_exact"] else f"{known}, as far as was looked"]
    else:
        least = "" if answer["path_count_exact"] else "at least "
        all_shown = answer["path_count_exact"] and count == str(shown)
        said = [f"{counted(shown, 'path')}, the nearest of {least}{number}; {on_any} on any path"]
        if all_shown:
            said = [f"{counted(shown, 'path')}, no more; {on_any} on any path"]
    if done["guessed_edges"]:
        said.append(
            f"~guess: the job read and wrote them, no more is known ({counted(done['guessed_edges'], 'edge')})"
        )
    if done["truncated_by"]:
        said.append(f"cut by a limit of the server: {', '.join(done['truncated_by'])}")
    return said
