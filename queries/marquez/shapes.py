"""What shapes do Marquez's answers have?

Values only, with its names and in its order; unknown is null, as Marquez has it. Times are written by
`queries.marquez.names.wire_time`.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Shape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A part of an answer; members are written in camelCase."""


class Id(Shape, frozen=True, kw_only=True):
    """What names a dataset or a job."""

    namespace: str
    name: str


class VersionId(Id, frozen=True, kw_only=True):
    """What names a version of a dataset or a job."""

    version: str


class Namespace(Shape, frozen=True, kw_only=True):
    """A namespace: that of datasets, of jobs, or of both."""

    name: str
    created_at: str | None
    updated_at: str | None
    owner_name: str = "anonymous"
    description: str | None = None
    is_hidden: bool = False


class Field(Shape, frozen=True, kw_only=True):
    """A column as the schema facet states it."""

    name: str
    type: str | None = None
    tags: list[str] = []
    description: str | None = None


class InputField(Shape, frozen=True, kw_only=True):
    """A column that another one is made from."""

    namespace: str
    dataset: str
    field: str
    transformation_description: str | None = None
    transformation_type: str | None = None


class ColumnLineage(Shape, frozen=True, kw_only=True):
    """What one column of a dataset is made from."""

    name: str
    input_fields: list[InputField]
    transformation_description: str | None = None
    transformation_type: str | None = None


class Described(Shape, frozen=True, kw_only=True):
    """What every telling of a dataset begins with."""

    id: Id
    type: str = "DB_TABLE"
    name: str
    physical_name: str
    created_at: str | None


class DatasetData(Described, frozen=True, kw_only=True):
    """A dataset as a node of lineage."""

    updated_at: str | None
    namespace: str
    source_name: str
    fields: list[Field]
    tags: list[str]
    last_modified_at: str | None
    description: str | None
    last_lifecycle_state: str | None


class Dataset(Described, frozen=True, kw_only=True):
    """A dataset as it is now."""

    updated_at: str | None
    namespace: str
    source_name: str
    fields: list[Field]
    tags: list[str]
    last_modified_at: str | None
    last_lifecycle_state: str | None
    description: str | None
    current_version: str | None
    column_lineage: list[ColumnLineage] | None
    facets: dict[str, Any]
    deleted: bool


class RunDataset(Shape, frozen=True, kw_only=True):
    """A dataset that a run read or wrote, as it was then."""

    dataset_version_id: VersionId
    facets: dict[str, Any]


class Run(Shape, frozen=True, kw_only=True):
    """A run."""

    id: str
    created_at: str | None
    updated_at: str | None
    nominal_start_time: str | None
    nominal_end_time: str | None
    state: str
    started_at: str | None
    ended_at: str | None
    duration_ms: int | None
    args: dict[str, str]
    job_version: VersionId | None
    input_dataset_versions: list[RunDataset]
    output_dataset_versions: list[RunDataset]
    facets: dict[str, Any]


class DatasetVersion(Described, frozen=True, kw_only=True):
    """A dataset as one run wrote it."""

    version: str
    namespace: str
    source_name: str
    fields: list[Field]
    tags: list[str]
    lifecycle_state: str | None
    description: str | None
    current_schema_version: str | None
    created_by_run: Run | None
    facets: dict[str, Any]


class JobData(Shape, frozen=True, kw_only=True):
    """A job as a node of lineage."""

    id: Id
    type: str
    name: str
    simple_name: str
    parent_job_name: str | None
    parent_job_uuid: str | None
    current_run_uuid: str | None
    created_at: str | None
    updated_at: str | None
    namespace: str
    inputs: list[Id]
    outputs: list[Id]
    location: str | None
    description: str | None
    latest_run: Run | None


class Job(Shape, frozen=True, kw_only=True):
    """A job as it is now."""

    id: Id
    type: str
    name: str
    simple_name: str
    parent_job_name: str | None
    parent_job_uuid: str | None
    created_at: str | None
    updated_at: str | None
    namespace: str
    inputs: list[Id]
    outputs: list[Id]
    location: str | None
    description: str | None
    latest_run: Run | None
    latest_runs: list[Run]
    facets: dict[str, Any]
    current_version: str | None
    labels: list[str]
    tags: list[str]


class JobVersion(Shape, frozen=True, kw_only=True):
    """What a job read and wrote in some of its runs."""

    id: VersionId
    name: str
    created_at: str | None
    version: str
    namespace: str
    location: str | None
    inputs: list[Id]
    outputs: list[Id]
    latest_run: Run | None


class Edge(Shape, frozen=True, kw_only=True):
    """An edge between two nodes of lineage."""

    origin: str
    destination: str


class Node(Shape, frozen=True, kw_only=True):
    """A node of lineage, with its edges within the answer."""

    id: str
    type: str
    data: Any
    in_edges: list[Edge]
    out_edges: list[Edge]


class FieldInput(Shape, frozen=True, kw_only=True):
    """A column that a node of column lineage is made from."""

    namespace: str
    dataset: str
    dataset_version: str | None
    field: str
    transformation_description: str | None = None
    transformation_type: str | None = None


class FieldData(Shape, frozen=True, kw_only=True):
    """A column as a node of column lineage."""

    namespace: str
    dataset: str
    dataset_version: str | None
    field: str
    field_type: str
    transformation_description: str | None = None
    transformation_type: str | None = None
    input_fields: list[FieldInput]


class SearchResult(Shape, frozen=True, kw_only=True):
    """Something that was found."""

    type: str
    name: str
    updated_at: str | None
    namespace: str
    node_id: str


class UpstreamJob(Shape, frozen=True, kw_only=True):
    """The job of a run of run lineage."""

    namespace: str
    name: str
    version: str | None


class UpstreamRunSummary(Shape, frozen=True, kw_only=True):
    """A run of run lineage."""

    id: str
    start: str | None
    end: str | None
    status: str


class UpstreamInput(Shape, frozen=True, kw_only=True):
    """What a run of run lineage read, and who had written it; null where nobody is known to have."""

    namespace: str
    name: str
    version: str | None
    produced_by_run_id: str | None


class UpstreamRun(Shape, frozen=True, kw_only=True):
    """A run, its job and its inputs."""

    job: UpstreamJob | None
    run: UpstreamRunSummary
    inputs: list[UpstreamInput]


class Tag(Shape, frozen=True, kw_only=True):
    """A tag that datasets or jobs have."""

    name: str
    description: str | None = None


class Source(Shape, frozen=True, kw_only=True):
    """A source as dataSource facets state it."""

    type: str
    name: str
    created_at: str | None
    updated_at: str | None
    connection_url: str | None
    description: str | None = None


class EventCounts(Shape, frozen=True, kw_only=True):
    """How many run events of each type have their time within an interval."""

    start_interval: str
    end_interval: str
    fail: int
    start: int
    complete: int
    abort: int


class Count(Shape, frozen=True, kw_only=True):
    """How many there were by the end of an interval."""

    start_interval: str
    end_interval: str
    count: int
