"""What differs between two graphs, and between two runs? Pure, sorted, each difference once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

import msgspec

from queries.results import Completeness, LineageEdge, Node, PageInfo
from queries.said import Said

CATEGORIES: Final = ("STRUCTURE", "SCHEMA", "PARAMETERS", "CODE")
CHANGES: Final = ("ADDED", "REMOVED", "CHANGED")
WHATS: Final = ("NODE", "EDGE", "INPUT", "OUTPUT", "COLUMN_EDGE", "COLUMN", "PARAMETER", "CODE")

K = TypeVar("K", bound=Hashable)


class Difference(msgspec.Struct, frozen=True):
    """One thing that is on one side alone, or not the same on both.

    `category` is STRUCTURE, SCHEMA, PARAMETERS or CODE; `change` ADDED, REMOVED or CHANGED; `what` the sort of thing.
    `subject` is its key (of an edge the source, of a column its dataset, of a parameter or of code its job), `target` the
    other end of an edge, `name` a column's path or the dotted name of a value; `before` and `after` what it was and is.
    """

    category: str
    change: str
    what: str
    subject: str
    target: str | None
    name: str | None
    before: str | None
    after: str | None


class DiffSide(msgspec.Struct, frozen=True):
    """What was compared: a node, at an instant or as it is now, and the run that made it where one is known."""

    node: Node
    as_of: str | None
    run: str | None


class DifferenceCount(msgspec.Struct, frozen=True):
    """How many differences are of a category and a change."""

    category: str
    change: str
    count: int


class Diff(msgspec.Struct, frozen=True):
    """One page of the differences from side a to side b; `counts` are of all pages.

    `compared_depth` is how far from the roots both sides were compared, None for as far as they go.
    """

    a: DiffSide
    b: DiffSide
    differences: list[Difference]
    counts: list[DifferenceCount]
    compared_depth: int | None
    completeness: Completeness
    page_info: PageInfo


class Graph(NamedTuple):
    """One side: what was walked from a root, and what the runs of its jobs said at that time."""

    root: str
    depth_of: Mapping[str, int]
    edges: Sequence[LineageEdge]
    said: Mapping[str, Said]
    """job -> what the run that counts on this side said"""

    def within(self, depth: int | None) -> Graph:
        """Leave out what lies deeper."""
        if depth is None:
            return self
        near = {key: at for key, at in self.depth_of.items() if at <= depth}
        kept = [edge for edge in self.edges if edge.source in near and edge.target in near]
        return self._replace(depth_of=near, edges=kept)

    def called(self, root: str) -> Graph:
        """Call the root, and its fields, by another name: the roots of two sides stand for one another."""
        if root == self.root:
            return self

        def name(key: str) -> str:
            if key == self.root:
                return root
            return root + key[len(self.root) :] if key.startswith(self.root + "#") else key

        edges = [
            msgspec.structs.replace(edge, source=name(edge.source), target=name(edge.target))
            for edge in self.edges
        ]
        said = {job: one.called(name) for job, one in self.said.items()}
        return Graph(root, {name(key): at for key, at in self.depth_of.items()}, edges, said)


def compare_graphs(before: Graph, after: Graph) -> list[Difference]:
    """Compare two sides: nodes and edges, then the schemas, parameters and code by which each was made."""
    before = before.called(after.root)
    found = [
        *_members("STRUCTURE", "NODE", dict.fromkeys(before.depth_of, ""), dict.fromkeys(after.depth_of, "")),
        *_edges(before.edges, after.edges),
        *_columns(_schemas(before), _schemas(after)),
    ]
    for job in before.said.keys() & after.said.keys():
        found += _making(job, before.said[job], after.said[job])
    return in_order(found)


def compare_runs(before: Said, after: Said) -> list[Difference]:
    """Compare two runs: what each took and gave, of which schema, by which parameters and code."""
    edges = [
        Difference("STRUCTURE", change, "COLUMN_EDGE", ends[0], ends[1], None, was, now)
        for ends, change, was, now in changes_of(before.column_edges, after.column_edges)
    ]
    return in_order(
        [
            *_members("STRUCTURE", "INPUT", before.inputs, after.inputs),
            *_members("STRUCTURE", "OUTPUT", before.outputs, after.outputs),
            *edges,
            *_columns(before.columns, after.columns),
            *_making(after.job, before, after),
        ]
    )


def in_order(found: Sequence[Difference]) -> list[Difference]:
    """Sort differences: by category and what differs, then by keys and names."""
    return sorted(set(found), key=place)


def place(one: Difference) -> tuple[int, int, str, str, str]:
    """Give where a difference stands among all."""
    return (
        CATEGORIES.index(one.category),
        WHATS.index(one.what),
        one.subject,
        one.target or "",
        one.name or "",
    )


def changes_of(
    before: Mapping[K, str], after: Mapping[K, str]
) -> Iterator[tuple[K, str, str | None, str | None]]:
    """Compare values by key: yield (key, how it changed, value before, value after)."""
    for key in before.keys() | after.keys():
        was, now = before.get(key), after.get(key)
        if was != now:
            change = "ADDED" if was is None else "REMOVED" if now is None else "CHANGED"
            yield key, change, was or None, now or None


def _members(
    category: str, what: str, before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[Difference]:
    for key, change, was, now in changes_of(before, after):
        yield Difference(category, change, what, key, None, None, was, now)


def _edges(before: Sequence[LineageEdge], after: Sequence[LineageEdge]) -> Iterator[Difference]:
    sides = [{(edge.source, edge.target): _known(edge) for edge in edges} for edges in (before, after)]
    for ends, change, was, now in changes_of(*sides):
        yield Difference("STRUCTURE", change, "EDGE", ends[0], ends[1], None, was, now)


def _known(edge: LineageEdge) -> str:
    """Say by what an edge is known, and what was done to the data."""
    done = [" ".join(filter(None, way)) for way in zip(edge.types or (), edge.subtypes or (), strict=False)]
    by = f" by {', '.join(edge.jobs)}" if edge.jobs else ""
    return f"{edge.evidence}{by}{': ' if done else ''}{', '.join(dict.fromkeys(done))}"


def _schemas(graph: Graph) -> dict[str, dict[str, str]]:
    """Give the columns of each dataset of a side, as the run that wrote it stated them, else one that read it."""
    found: dict[str, dict[str, str]] = {}
    for _, one in sorted(graph.said.items()):
        for dataset, columns in one.columns.items():
            if dataset in one.outputs or dataset not in found:
                found[dataset] = columns
    walked = {key.partition("#")[0] for key in graph.depth_of}
    return {dataset: columns for dataset, columns in found.items() if dataset in walked}


def _columns(
    before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]
) -> Iterator[Difference]:
    """Compare the schemas of datasets that have one on both sides: what was not stated is not known to differ."""
    for dataset in before.keys() & after.keys():
        for path, change, was, now in changes_of(before[dataset], after[dataset]):
            yield Difference("SCHEMA", change, "COLUMN", dataset, None, path, was, now)


def _making(job: str, before: Said, after: Said) -> Iterator[Difference]:
    """Compare how two runs were made."""
    for name, change, was, now in changes_of(before.parameters, after.parameters):
        yield Difference("PARAMETERS", change, "PARAMETER", job, None, name, was, now)
    for name, change, was, now in changes_of(before.code, after.code):
        yield Difference("CODE", change, "CODE", job, None, name, was, now)
