"""What shapes do a server's answers have?

Values only: frozen, unknown = None, times as text, the names of docs/api.md. A field that a newer server sends besides
is passed over, and one that an older server leaves out is None where it may be unknown.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """What every node tells of itself; a kind that this client does not know is only this."""

    key: str
    kind: str
    namespace: str | None = None
    name: str


class Dataset(Node, frozen=True, kw_only=True):
    """A dataset under one name; `alias_of` is the key of the name its lineage is kept under."""

    live: bool | None = None
    placeholder: bool | None = None
    created_at: str | None = None
    last_written_at: str | None = None
    unmerged: str | None = None
    description: str | None = None
    tags: list[str] | None = None
    alias_of: str | None = None


class Field(Node, frozen=True, kw_only=True):
    """A column or feature of a dataset, which is named by its key."""

    dataset: str
    path: str
    data_type: str | None = None
    ordinal: int | None = None
    role: str | None = None
    current: bool | None = None


class Job(Node, frozen=True, kw_only=True):
    """A job; `parent` is the key of the job it is part of."""

    parent: str | None = None
    processing_type: str | None = None
    integration: str | None = None
    job_type: str | None = None
    placeholder: bool | None = None
    created_at: str | None = None
    description: str | None = None
    tags: list[str] | None = None


class Run(Node, frozen=True, kw_only=True):
    """A run: its job, parent and root are keys."""

    job: str | None = None
    state: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    nominal_start: str | None = None
    nominal_end: str | None = None
    created_at: str | None = None
    last_event_at: str | None = None
    parent: str | None = None
    root: str | None = None
    job_clash: list[str] | None = None
    sent_id: str | None = None
    attempts: int | None = None


class Person(Node, frozen=True, kw_only=True):
    """An owner, author or approver."""


class Facet(Node, frozen=True, kw_only=True):
    """The newest facet of one name on a dataset or job."""

    entity: str
    event: str | None = None
    deleted: bool | None = None


class Check(Node, frozen=True, kw_only=True):
    """One result of a check on a dataset."""

    outcome: str | None = None
    severity: str | None = None
    at: str | None = None
    dataset: str | None = None
    run: str | None = None
    column: str | None = None
    expected: Any = None
    actual: Any = None


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


class Warned(msgspec.Struct, frozen=True):
    """A part of an event that was left out or changed; `index` says of which event, where several were sent."""

    code: str
    pointer: str = ""
    count: int | None = None
    index: int | None = None


class Receipt(msgspec.Struct, frozen=True):
    """That an event is on the server's disk; `position` is what a question gives as `at_least`."""

    position: str
    id: str
    duplicate: bool
    warnings: list[Warned]


class Failed(msgspec.Struct, frozen=True):
    """An event that was refused: the `index` it has among those sent, and why."""

    index: int
    code: str
    reason: str
    pointer: str = ""


class Receipts(msgspec.Struct, frozen=True):
    """What became of many events; `position` is None where none were sent."""

    accepted: int
    duplicates: int
    failed: list[Failed]
    warnings: list[Warned]
    position: str | None


class Status(msgspec.Struct, frozen=True):
    """How a server is: `lag` counts events accepted and not yet in the graph; None is what cannot be asked now.

    `reason` says why the graph cannot be asked, `blocked` why it does not grow.
    """

    ready: bool
    lag: int | None
    journal_end: str | None
    projected: str | None
    reason: dict[str, Any] | None = None
    blocked: dict[str, Any] | None = None
    children: dict[str, Any] | None = None


_DATASET_KINDS: Final = (
    "TABLE", "VIEW", "FILE", "TOPIC", "FEATURE_VIEW", "FEATURE_SERVICE", "LOGGED_MODEL", "MODEL_VERSION", "OTHER",
)  # fmt: skip
_TYPES: Final[dict[str, type[Node]]] = {
    **dict.fromkeys(_DATASET_KINDS, Dataset),
    "FIELD": Field,
    "JOB": Job,
    "RUN": Run,
    "PERSON": Person,
    "FACET": Facet,
    "CHECK": Check,
}
_Sent = dict[str, Any]


def node_of(sent: _Sent) -> Node:
    """Make the value of a node by its kind; raises msgspec.ValidationError for what is none."""
    return msgspec.convert(sent, _TYPES.get(str(sent.get("kind")), Node))


def lineage_of(sent: _Sent) -> Lineage:
    """Make a page of lineage; raises msgspec.ValidationError."""
    page = msgspec.convert(sent, Lineage)
    rows = [LineageNode(node_of(row["node"]), row["depth"]) for row in sent["nodes"]]
    return msgspec.structs.replace(page, root=node_of(sent["root"]), nodes=rows)


def found_of(sent: _Sent) -> Found:
    """Make a page of a search; raises msgspec.ValidationError."""
    return msgspec.structs.replace(
        msgspec.convert(sent, Found), nodes=[node_of(one) for one in sent["nodes"]]
    )


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
