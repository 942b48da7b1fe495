"""What shapes do a server's answers have?

Values only: frozen, unknown = None, times as text, the names of docs/api.md. A field that a newer server sends besides
is passed over, and one that an older server leaves out is None where it may be unknown.
"""

from __future__ import annotations

from typing import Any

import msgspec

from headwater.nodes import Field, Node, node_of

Sent = dict[str, Any]


class LineageNode(msgspec.Struct, frozen=True):
    """A row of what lies upstream or downstream; `depth` counts edges from the root."""

    node: Node
    depth: int


class RunFlow(msgspec.Struct, frozen=True):
    """The version of a dataset that got from one run to another: what was written, and when it was read.

    `matched_by` is VERSION (both said the same version), TIME (the last write before the read), STREAM (written while a
    streaming run read) or OPEN (the last write of a run that has not ended, where no other is known); None where no run
    is known at the other end, which then is the dataset itself.
    """

    dataset: str
    version: str | None
    written_at: str | None
    read_at: str | None
    matched_by: str | None


class LineageEdge(msgspec.Struct, frozen=True):
    """That data flowed from `source` to `target`, the rows of its jobs joined; between fields, what was done to it."""

    source: str
    target: str
    jobs: list[str]
    evidence: str
    valid_from: str | None
    valid_to: str | None
    last_at: str | None
    types: list[str | None] | None = None
    subtypes: list[str | None] | None = None
    maskings: list[bool | None] | None = None
    through: list[RunFlow] | None = None


class ShapeEdge(msgspec.Struct, frozen=True):
    """That a field decides over a whole dataset, as a filter, a join or a sort does."""

    source: str
    target: str
    jobs: list[str]
    types: list[str | None]
    subtypes: list[str | None]
    maskings: list[bool | None]
    valid_from: str | None
    valid_to: str | None
    last_at: str | None


class Consumer(msgspec.Struct, frozen=True):
    """A job that reads a dataset and outputs nothing."""

    dataset: str
    job: str


class KindCount(msgspec.Struct, frozen=True):
    """How many rows have one kind."""

    kind: str
    count: int


class DepthCount(msgspec.Struct, frozen=True):
    """How many rows lie at one depth."""

    depth: int
    count: int


class LineageTotals(msgspec.Struct, frozen=True):
    """How much a whole walk reached, all pages."""

    nodes: int
    edges: int
    by_kind: list[KindCount]
    by_depth: list[DepthCount]


class Completeness(msgspec.Struct, frozen=True):
    """How far an answer is the whole one: `truncated_by` names the limits of the server that cut it."""

    complete: bool
    truncated_by: list[str]
    hidden: int
    guessed_edges: int
    position: str


class PageInfo(msgspec.Struct, frozen=True):
    """Whether there is more, and where to go on."""

    has_next_page: bool
    end_cursor: str | None


class Lineage(msgspec.Struct, frozen=True):
    """One page of what lies upstream or downstream of a root."""

    root: Node
    nodes: list[LineageNode]
    edges: list[LineageEdge]
    totals: LineageTotals | None
    completeness: Completeness
    page_info: PageInfo
    shapes: list[ShapeEdge] | None = None
    consumers: list[Consumer] | None = None


class Found(msgspec.Struct, frozen=True):
    """One page of what a search found, best first."""

    nodes: list[Node]
    completeness: Completeness
    page_info: PageInfo


class Path(msgspec.Struct, frozen=True):
    """One way from a start to an end: its nodes in order, and the edge between each two of them."""

    keys: list[str]
    edges: list[LineageEdge]


class PathSet(msgspec.Struct, frozen=True):
    """The nearest paths; `path_count_at_least` is text, and the number of all paths where `path_count_exact`."""

    paths: list[Path]
    nodes_on_any_path: list[str]
    path_count_at_least: str
    path_count_exact: bool
    completeness: Completeness


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group of nodes, or one node by itself; `inside` counts the edges between two of its members."""

    key: str
    namespace: str | None
    name: str
    depth: int
    nodes: int
    by_kind: list[KindCount]
    inside: int
    node: Node | None = None


class GroupEdge(msgspec.Struct, frozen=True):
    """How many edges lead from one group to another; how many of them are guesses, or lead through hidden nodes."""

    source: str
    target: str
    edges: int
    guesses: int
    via: int


class RollupTotals(msgspec.Struct, frozen=True):
    """How many groups there are on all pages, nodes in them, and edges between nodes, inside groups or not."""

    groups: int
    nodes: int
    edges: int


class Rollup(msgspec.Struct, frozen=True):
    """One page of a walk in groups, nearest first; an edge is on the page of its later end."""

    root: Node
    groups: list[Group]
    edges: list[GroupEdge]
    totals: RollupTotals
    completeness: Completeness
    page_info: PageInfo


class FieldEnds(msgspec.Struct, frozen=True):
    """A field, and the column edges upstream and downstream of it, nearest first."""

    field: Field
    sources: list[LineageEdge]
    targets: list[LineageEdge]


class FieldLineage(msgspec.Struct, frozen=True):
    """One page of a dataset's fields; the fields that shape it; the datasets that fields of this page shape."""

    dataset: Node
    fields: list[FieldEnds]
    shaped_by: list[ShapeEdge]
    shapes: list[ShapeEdge]
    completeness: Completeness
    page_info: PageInfo


def lineage_of(sent: Sent) -> Lineage:
    """Make a page of lineage; raises msgspec.ValidationError."""
    page = msgspec.convert(sent, Lineage)
    rows = [LineageNode(node_of(row["node"]), row["depth"]) for row in sent["nodes"]]
    return msgspec.structs.replace(page, root=node_of(sent["root"]), nodes=rows)


def found_of(sent: Sent) -> Found:
    """Make a page of a search; raises msgspec.ValidationError."""
    return msgspec.structs.replace(
        msgspec.convert(sent, Found), nodes=[node_of(one) for one in sent["nodes"]]
    )


def rollup_of(sent: Sent) -> Rollup:
    """Make a page of a walk in groups; raises msgspec.ValidationError."""
    page = msgspec.convert(sent, Rollup)
    groups = [
        group if told.get("node") is None else msgspec.structs.replace(group, node=node_of(told["node"]))
        for group, told in zip(page.groups, sent["groups"], strict=True)
    ]
    return msgspec.structs.replace(page, root=node_of(sent["root"]), groups=groups)


def field_lineage_of(sent: Sent) -> FieldLineage:
    """Make a page of a dataset's fields; raises msgspec.ValidationError."""
    return msgspec.structs.replace(msgspec.convert(sent, FieldLineage), dataset=node_of(sent["dataset"]))


def united(before: Completeness | None, page: Completeness) -> Completeness:
    """Say how far the pages read so far are the whole answer; guesses add up, and the first position counts."""
    if before is None:
        return page
    cut = dict.fromkeys([*before.truncated_by, *page.truncated_by])
    return Completeness(
        complete=before.complete and page.complete,
        truncated_by=list(cut),
        hidden=before.hidden + page.hidden,
        guessed_edges=before.guessed_edges + page.guessed_edges,
        position=before.position,
    )
