"""Which paths are there at all? All of them, by networkx, for graphs small enough."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx


def simple_paths(
    all_links: Iterable[tuple[str, str]], starts: set[str], ends: set[str]
) -> list[tuple[str, ...]]:
    """All paths that visit no node twice, and those that end where they began."""
    graph: nx.DiGraph[str] = nx.DiGraph(all_links)
    graph.add_nodes_from(starts | ends)
    open_ones = (
        tuple(path)
        for start in starts
        for end in ends - {start}
        for path in nx.all_simple_paths(graph, start, end)
    )
    closed = (
        (*path, node)
        for node in starts & ends
        for before in graph.predecessors(node)
        for path in ([(node,)] if before == node else map(tuple, nx.all_simple_paths(graph, node, before)))
    )
    return sorted({*open_ones, *closed}, key=lambda path: (len(path), path))
