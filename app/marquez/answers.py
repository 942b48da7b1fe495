"""What does an answer of Marquez's consist of, one class per kind of path?"""

from __future__ import annotations

from typing import Any

from queries.marquez.shapes import (
    Dataset,
    DatasetVersion,
    Job,
    JobVersion,
    Namespace,
    Node,
    Run,
    SearchResult,
    Shape,
    Source,
    Tag,
    UpstreamRun,
)


class Namespaces(Shape, frozen=True, kw_only=True):
    """A page of namespaces."""

    namespaces: list[Namespace]


class Datasets(Shape, frozen=True, kw_only=True):
    """A page of datasets."""

    total_count: int
    datasets: list[Dataset]


class DatasetVersions(Shape, frozen=True, kw_only=True):
    """A page of a dataset's versions, newest first."""

    versions: list[DatasetVersion]
    total_count: int


class Jobs(Shape, frozen=True, kw_only=True):
    """A page of jobs."""

    jobs: list[Job]
    total_count: int


class JobVersions(Shape, frozen=True, kw_only=True):
    """A page of a job's versions, newest first."""

    versions: list[JobVersion]


class Runs(Shape, frozen=True, kw_only=True):
    """A page of a job's runs, newest first."""

    runs: list[Run]
    total_count: int


class RunFacets(Shape, frozen=True, kw_only=True):
    """What a run said of itself, or of its job."""

    run_id: str
    facets: dict[str, Any]


class Lineage(Shape, frozen=True, kw_only=True):
    """Nodes with the edges between them."""

    graph: list[Node]


class UpstreamRuns(Shape, frozen=True, kw_only=True):
    """Runs with what they read, nearest first."""

    runs: list[UpstreamRun]


class SearchResults(Shape, frozen=True, kw_only=True):
    """What was found, best first."""

    results: list[SearchResult]
    total_count: int


class Events(Shape, frozen=True, kw_only=True):
    """A page of events as they were accepted."""

    events: list[Any]
    total_count: int


class Tags(Shape, frozen=True, kw_only=True):
    """A page of tags."""

    tags: list[Tag]


class Sources(Shape, frozen=True, kw_only=True):
    """A page of sources."""

    sources: list[Source]


class Refusal(Shape, frozen=True, kw_only=True):
    """An error: `code` is the status, `error` the code that all other paths have."""

    code: int
    message: str
    error: str
