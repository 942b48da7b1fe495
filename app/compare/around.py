"""What does an answer of a Marquez hold beside what was asked for? Pure; judged by the answer's own edges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

Nodes = Mapping[str, Mapping[str, Any]]


def beside(nodes: Nodes, root: str) -> tuple[str, ...]:
    """List the jobs of a lineage answer that hang together with the root and lie neither upstream nor downstream of it."""
    down, up = defaultdict(set), defaultdict(set)
    for node in nodes.values():
        for edge in (*node.get("inEdges", ()), *node.get("outEdges", ())):
            down[edge["origin"]].add(edge["destination"])
            up[edge["destination"]].add(edge["origin"])
    either = {node: down[node] | up[node] for node in {*down, *up}}
    found = _reached(either, root) - _reached(down, root) - _reached(up, root)
    return tuple(sorted(node for node in found if node in nodes and nodes[node].get("type") == "JOB"))


def backward(nodes: Iterable[Mapping[str, Any]]) -> str | None:
    """Find a node of a column lineage answer whose in-edges do not end at it."""
    for node in nodes:
        if any(edge["destination"] != node["id"] for edge in node.get("inEdges", ())):
            return str(node["id"])
    return None


def _reached(next_to: Mapping[str, set[str]], root: str) -> set[str]:
    seen, waiting = {root}, [root]
    while waiting:
        for node in next_to.get(waiting.pop(), ()):
            if node not in seen:
                seen.add(node)
                waiting.append(node)
    return seen
