"""What shapes do answers have?

Values only: frozen, unknown = None, times as text. REST writes them as they are; GraphQL wraps them.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

DATASET_KINDS: Final = (
    "TABLE", "VIEW", "FILE", "TOPIC", "FEATURE_VIEW", "FEATURE_SERVICE", "LOGGED_MODEL", "MODEL_VERSION", "OTHER",
)  # fmt: skip
OTHER_KINDS: Final = (
    "FIELD", "JOB", "RUN", "CHECK", "FACET", "EXPERIMENT", "MODEL", "DEPLOYMENT", "PERSON", "APPROVAL",
)  # fmt: skip
NODE_KINDS: Final = DATASET_KINDS + OTHER_KINDS
ODDITY_KINDS: Final = ("rejected", "set_aside", "job_clash", "symlink_group_too_big", "forward_refused")
"""What to look into: the first two are in the journal alone, the next in the graph, the last in the forwarder's ledger."""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """What every node tells of itself."""

    key: str
    kind: str
    namespace: str | None = None
    name: str


class OfModel(msgspec.Struct, frozen=True, kw_only=True):
    """What only a dataset of a model tells: `model` and `made_by` are keys, `aliases` those of its registry."""

    model: str | None = None
    model_id: str | None = None
    version: str | None = None
    aliases: list[str] | None = None
    stage: str | None = None
    status: str | None = None
    made_by: str | None = None
    deleted: bool | None = None
    catalogue_state: str | None = None
    catalogue_at: str | None = None
    catalogue_by: str | None = None


class Dataset(Node, frozen=True, kw_only=True):
    """A dataset under one name; `alias_of` is the key of the name its lineage is kept under.

    `of_model` is there for datasets of models alone.
    """

    live: bool | None = None
    placeholder: bool | None = None
    created_at: str | None = None
    last_written_at: str | None = None
    unmerged: str | None = None
    description: str | None = None
    tags: list[str] | None = None
    alias_of: str | None = None
    of_model: OfModel | None = None


class Field(Node, frozen=True, kw_only=True):
    """A column or feature of a dataset."""

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
    experiment: str | None = None


class Person(Node, frozen=True, kw_only=True):
    """An owner, author or approver."""


class Facet(Node, frozen=True, kw_only=True):
    """The newest facet of one name on a dataset or job; its body is read only when asked for."""

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


class Io(msgspec.Struct, frozen=True):
    """The other end of an INPUT_TO or OUTPUTS edge, and what the edge says."""

    key: str
    evidence: str | None = None
    declared: bool | None = None
    current: bool | None = None


class Act(msgspec.Struct, frozen=True):
    """What a run read or wrote, on the name it sent; `facets` is JSON text."""

    run: str
    dataset: str
    at: str | None = None
    version: str | None = None
    row_count: int | None = None
    bytes: int | None = None
    file_count: int | None = None
    facets: str | None = None


class JobClash(msgspec.Struct, frozen=True):
    """A run whose id several jobs used: it counts as a run of `job`."""

    run: str
    job: str | None
    others: list[str]


class UnmergedGroup(msgspec.Struct, frozen=True):
    """Names that symlinks connect and that are too many to be one dataset; `keys` are the first of them."""

    first: str
    names: int
    keys: list[str]


class LineageNode(msgspec.Struct, frozen=True):
    """A row of a lineage answer."""

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
    """One (source, target), the rows of its jobs joined.

    Between fields `types`, `subtypes` and `maskings` are parallel lists of what was done to the data; between
    datasets they are None. Between runs `through` says which datasets the data went through.
    """

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
    """That a field decides over a whole dataset, as a filter, a join or a sort does; it is never walked."""

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
    """A job that reads a dataset and outputs nothing: data ends there, in a check, a dashboard or a report."""

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
    """How much the whole walk reached: rows (after `kinds`), and edges of the walk."""

    nodes: int
    edges: int
    by_kind: list[KindCount]
    by_depth: list[DepthCount]


class Completeness(msgspec.Struct, frozen=True):
    """How far an answer can be trusted to be the whole one.

    `truncated_by` names the limits that were hit, or says `untimed` where a job reads or outputs something of which no time
    is known and a time was asked about; `hidden` counts rows the asker may not see, `guessed_edges`
    counts edges of this page that are a mere product, `position` is up to where the journal was projected.
    """

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
    """One page of what lies upstream or downstream of a root.

    `totals` is None where not asked for; `shapes` is None where no fields were walked; `consumers` where not asked for.
    """

    root: Node
    nodes: list[LineageNode]
    edges: list[LineageEdge]
    totals: LineageTotals | None
    completeness: Completeness
    page_info: PageInfo
    shapes: list[ShapeEdge] | None = None
    consumers: list[Consumer] | None = None


class Path(msgspec.Struct, frozen=True):
    """One way from a start to an end: its nodes in order, and the edge between each two of them."""

    keys: list[str]
    edges: list[LineageEdge]


class PathSet(msgspec.Struct, frozen=True):
    """The nearest paths from one node to another, and what is known of all.

    `path_count_at_least` is text, since it can be greater than any number JSON readers take; it is the number of
    paths where `path_count_exact`. `nodes_on_any_path` are downstream of the one and upstream of the other.
    """

    paths: list[Path]
    nodes_on_any_path: list[str]
    path_count_at_least: str
    path_count_exact: bool
    completeness: Completeness


class Interval(msgspec.Struct, frozen=True):
    """One time during which an edge held: from ≤ t < to.

    `opened_by` and `closed_by` are keys of the runs that ended at that instant by writing the target; None where
    no run can be named, which is so for what a job or dataset event declared.
    """

    valid_from: str | None
    valid_to: str | None
    opened_by: list[str] | None
    closed_by: list[str] | None


class EdgeHistory(msgspec.Struct, frozen=True):
    """Every interval of one edge of one job, oldest first; `earlier` counts those before that are not kept."""

    source: str
    target: str
    job: str | None
    evidence: str
    last_at: str | None
    earlier: int
    intervals: list[Interval]


class Change(msgspec.Struct, frozen=True):
    """CREATED, DROPPED, RENAMED_FROM or RENAMED_TO: what happened to a dataset's name, by which run."""

    kind: str
    at: str | None
    other: str | None = None
    run: str | None = None


class History(msgspec.Struct, frozen=True):
    """What happened to a dataset, and one page of the edges that ever entered it, or came from `source` alone."""

    dataset: str
    source: str | None
    changes: list[Change]
    edges: list[EdgeHistory]
    completeness: Completeness
    page_info: PageInfo


class RunEvent(msgspec.Struct, frozen=True):
    """An event of a run as it was accepted, passwords in addresses replaced.

    `event_time` is None for a suspect one; `order` is its place among the run's events, opaque outside.
    """

    position: str
    event_time: str | None
    event_type: str | None
    received_at: str
    source: str
    suspect: bool
    body: Any
    order: str


class RunEventPage(msgspec.Struct, frozen=True):
    """One page of a run's events."""

    run: str
    events: list[RunEvent]
    page_info: PageInfo
    position: str


class StatedSchema(msgspec.Struct, frozen=True):
    """The schema facet of a dataset as one run stated it, whatever was stated since; `direction` is INPUT or OUTPUT."""

    dataset: str
    direction: str
    schema: Any


class RunCode(msgspec.Struct, frozen=True):
    """What a run said of the code that it ran: facets of its job, each as it came."""

    sql: str | None = None
    source_code: Any = None
    source_code_location: Any = None
