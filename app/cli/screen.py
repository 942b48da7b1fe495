"""How is an answer shown on a terminal?

A tree while it is small, a table beyond. Keys stand whole: on a terminal they fold, in a pipe lines are as
long as they need to be. What was cut and what is a guess is said under the answer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from app.cli.columns import done_to, shape_lines
from app.cli.runs import of_run, through
from app.cli.standings import show_standings

Json = Mapping[str, Any]

TREE_ROWS_MAX: Final = 60
PIPE_COLUMNS: Final = 1_000_000
START_COLUMNS_MAX: Final = 40
"""Names up to here stand in a column of their own; a longer one moves its line alone."""

_UNSAID: Final = frozenset({"key", "kind", "run", "name", "job", "namespace", "dataset"})
_HIDDEN: Final = frozenset({"key", "kind", "position", "more"})


def console(*, stderr: bool = False) -> Console:
    """Give the screen; a pipe gets no colours and no folding."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PIPE_COLUMNS
    return Console(file=stream, width=width, highlight=False, soft_wrap=not stream.isatty())


def show_lineage(answer: Json, direction: str, *, depth: int | None) -> None:
    """Show a lineage answer, then how far it is the whole one."""
    out = console()
    rows = answer["nodes"]
    if not rows:
        out.print(f"nothing is {direction} of {escape(answer['root']['key'])}")
    elif len(rows) <= TREE_ROWS_MAX:
        out.print(_tree(answer, direction))
    else:
        _table(out, answer, direction)
    for shape in shape_lines(answer.get("shapes") or ()):
        out.print(shape)
    for end in answer.get("consumers") or ():
        out.print(indented(Text(f"{end['dataset']} ends in {end['job']}"), out, ""))
    for line in _remarks(answer, direction, depth):
        out.print(line)


def _tree(answer: Json, direction: str) -> Tree:
    depth_of = {row["node"]["key"]: row["depth"] for row in answer["nodes"]}
    root = answer["root"]["key"]
    tree = Tree(_node_text(answer["root"]))
    branches: dict[str, Tree] = {root: tree}
    ends = ("source", "target") if direction == "downstream" else ("target", "source")
    into: dict[str, list[Json]] = {}
    for edge in answer["edges"]:
        into.setdefault(edge[ends[1]], []).append(edge)
    for row in answer["nodes"]:
        key = row["node"]["key"]
        nearer = [
            edge for edge in into.get(key, ()) if edge[ends[0]] in branches and edge[ends[0]] != key
            and depth_of.get(edge[ends[0]], 0) < row["depth"]
        ]  # fmt: skip
        chosen = min(nearer, key=lambda edge: str(edge[ends[0]]), default=None)
        text = _node_text(row["node"])
        text.append(of_run(row["node"]), style="dim")
        if chosen is not None and chosen["evidence"] == "PRODUCT":
            text.append("  ~guess", style="yellow")
        if chosen is not None and chosen.get("through"):
            text.append(f"  {through(chosen)}", style="magenta")
        if chosen is not None and chosen.get("types"):
            text.append(f"  {done_to(chosen)}".rstrip(), style="magenta")
        others = len(into.get(key, ())) - 1
        if chosen is not None and others > 0:
            text.append(f"  (and {others} more way{'s' if others > 1 else ''})", style="dim")
        branches[key] = branches[chosen[ends[0]] if chosen else root].add(text)
    return tree


def _node_text(node: Json) -> Text:
    text = Text(node["key"], overflow="fold")
    text.append(f"  {node['kind']}", style="cyan")
    _mark(text, node)
    return text


def _mark(text: Text, node: Json, *, guess: bool = False) -> None:
    """Say beside a key what else there is to know of a row."""
    if node.get("data_type"):
        text.append(f" {node['data_type']}", style="dim")
    if node.get("live") is False:
        text.append("  dropped", style="red")
    if node.get("placeholder"):
        text.append("  never seen itself", style="dim")
    if guess:
        text.append("  ~guess", style="yellow")


def _table(out: Console, answer: Json, direction: str) -> None:
    guesses = _guessed(answer, direction)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("depth", justify="right")
    table.add_column("kind", no_wrap=True)
    table.add_column("key", overflow="fold")
    for row in answer["nodes"]:
        text = Text(row["node"]["key"])
        text.append(of_run(row["node"]), style="dim")
        _mark(text, row["node"], guess=row["node"]["key"] in guesses)
        table.add_row(str(row["depth"]), row["node"]["kind"], text)
    out.print(table)


def _guessed(answer: Json, direction: str) -> set[str]:
    """Name the rows that are reached over guesses alone, as far as this page shows."""
    near, far = ("source", "target") if direction == "downstream" else ("target", "source")
    rank = {row["node"]["key"]: row["depth"] for row in answer["nodes"]}
    into: dict[str, set[bool]] = {}
    for edge in answer["edges"]:
        if rank.get(edge[near], -1) < rank.get(edge[far], -1):
            into.setdefault(edge[far], set()).add(edge["evidence"] == "PRODUCT")
    return {key for key, guesses in into.items() if guesses == {True}}


def _remarks(answer: Json, direction: str, depth: int | None) -> list[str]:
    done, rows = answer["completeness"], answer["nodes"]
    said = [f"{counted(len(rows), 'node')} {direction}, {counted(len(answer['edges']), 'edge')}"]
    if done["guessed_edges"]:
        said[0] += (
            f", {done['guessed_edges']} of them a guess (~: the job read and wrote them, no more is known)"
        )
    totals = answer.get("totals")
    if totals:
        by_kind = ", ".join(f"{one['count']} {one['kind']}" for one in totals["by_kind"])
        said.append(
            f"in all {counted(totals['nodes'], 'node')} and {counted(totals['edges'], 'edge')}: {by_kind}"
        )
    if done["truncated_by"]:
        said.append(f"cut by a limit of the server: {', '.join(done['truncated_by'])}")
    if done["hidden"]:
        said.append(f"{done['hidden']} hidden from you")
    if depth is not None and any(row["depth"] >= depth for row in rows):
        said.append(f"not looked beyond depth {depth}, as asked")
    page = answer["page_info"]
    if page["has_next_page"]:
        said.append(f"there is more: --after {page['end_cursor']}")
    nothing = not rows and not answer["edges"]  # which was said already, in words
    return [escape(line) for line in (said[1:] if nothing else said)]


def show_node(answer: Json) -> None:
    """Show a node: what it is, then the lists that belong to it."""
    out = console()
    out.print(_node_text(answer), style="bold")
    lists = {name: value for name, value in answer.items() if isinstance(value, list) and name != "tags"}
    for name, value in answer.items():
        if name not in lists and name not in _HIDDEN and value is not None:
            out.print(Text(f"{name:<16} {_plain(value)}", overflow="fold"))
    for name, values in lists.items():
        if values and name not in _HIDDEN:
            more = ", the first ones" if name in answer.get("more", ()) else ""
            out.print(f"\n{name} ({len(values)}{more})", style="bold")
            wide = min(max(len(_list_start(name, value)) for value in values), START_COLUMNS_MAX)
            for value in values:
                line = f"{_list_start(name, value):<{wide}}  {_list_line(name, value)}"
                out.print(indented(Text(line.rstrip()), out))


def show_oddities(answers: Sequence[Json]) -> None:
    """Show lists of what to look into, one line each."""
    out = console()
    for answer in answers:
        rows, page = answer["oddities"], answer["page_info"]
        more = ", the first ones" if page["has_next_page"] else ""
        out.print(f"{answer['kind']} ({len(rows)}{more})", style="bold")
        for row in rows:
            told = (
                f"{name}={_plain(value)}" for name, value in row.items() if value is not None and value != ""
            )
            out.print(indented(Text("  ".join(told)), out))
        if page["has_next_page"]:
            out.print(f"  there is more: headwater oddities {answer['kind']} --after {page['end_cursor']}")


def show_status(subject: str, body: Json) -> None:
    """Show how a server or a home is: ready or not, how far behind, and its processes."""
    out = console()
    ready = bool(body.get("ready"))
    lag = body.get("lag")
    behind = "lag unknown" if lag is None else "caught up" if lag == 0 else f"{counted(lag, 'event')} behind"
    word = Text("ready", style="green") if ready else Text("not ready", style="bold red")
    out.print(Text.assemble(f"{subject} is ", word, f", {behind}", overflow="fold"))
    out.print(f"journal ends at {_known(body, 'journal_end')}, graph holds up to {_known(body, 'projected')}")
    reason = body.get("reason")
    if isinstance(reason, Mapping):
        out.print(Text(f"{reason.get('code')}: {reason.get('message')}", overflow="fold"))
    blocked = body.get("blocked")
    if isinstance(blocked, Mapping):
        what = f"{blocked.get('code')}: {blocked.get('message')}"
        out.print(Text(f"the projector cannot go on since {blocked.get('since')}: {what}", overflow="fold"))
    if body.get("waiting_since"):
        out.print(f"the oldest event that is not in the graph came at {body['waiting_since']}")
    for name, child in (body.get("children") or {}).items():
        restarts = counted(child.get("restarts", 0), "restart")
        out.print(
            f"{name}: {child.get('state')} since {child.get('since')}, pid {child.get('pid')}, {restarts}"
        )
        if child.get("why"):
            out.print(Text(f"  it ended before: {child['why']}", overflow="fold"))
    show_standings(out, body)


def _known(body: Json, name: str) -> str:
    return "an unknown position" if body.get(name) is None else str(body[name])


def _list_start(name: str, value: Any) -> str:
    if not isinstance(value, dict):
        return _plain(value)
    return str(value["path"] if name == "fields" else value.get("key") or value.get("dataset") or "")


def _list_line(name: str, value: Any) -> str:
    if name == "fields":
        gone = "" if value["current"] in {True, None} else "  not current"
        return f"{value['data_type'] or '?'}{gone}"
    if not isinstance(value, dict):
        return ""
    return "  ".join(
        f"{member}={_plain(found)}" for member, found in value.items()
        if found is not None and found != [] and member not in _UNSAID
    )  # fmt: skip


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return json.dumps({name: one for name, one in value.items() if one is not None}, ensure_ascii=False)
    if isinstance(value, list):
        return " ".join(_plain(one) for one in value)
    return str(value)


def indented(text: Text, screen: Console, begin: str = "  ") -> Text:
    """Begin a line so, and go on further in where it folds: rows are told from what is left of the row before."""
    if screen.soft_wrap:
        return Text(begin).append_text(text)
    rest = " " * (len(begin) + 2)
    lines = text.wrap(screen, max(screen.width - len(rest), 1), overflow="fold")
    begins = (rest if number else begin for number in range(len(lines)))
    return Text("\n").join(Text(start).append_text(line) for start, line in zip(begins, lines, strict=True))


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: 1 edge, 2 edges."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
