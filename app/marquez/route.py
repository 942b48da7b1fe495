"""Which of Marquez's paths are answered, and by what?"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app.marquez import answers, beside, datasets, events, jobs, lineage, namespaces, runs, search, stats
from app.marquez.openapi import document
from app.marquez.routing import API, Path, Speaking
from queries.marquez import shapes

_NAMESPACE: Final = f"{API}/namespaces/{{namespace}}"
_DATASET: Final = f"{_NAMESPACE}/datasets/{{dataset}}"
_JOB: Final = f"{_NAMESPACE}/jobs/{{job}}"
_RUN: Final = f"{API}/jobs/runs/{{run}}"
_PAGE: Final = ("limit", "offset")
_PERIOD: Final = ("period!", "timezone")

READ: Final = (
    Path(
        f"{API}/lineage", lineage.get_lineage, "What lies upstream and downstream of a dataset or a job.",
        answers.Lineage, ("nodeId!", "depth", "withSiblings"), is_door=True,
    ),
    Path(
        f"{API}/column-lineage", lineage.get_columns, "What a column is made from, and what is made of it.",
        answers.Lineage, ("nodeId!", "depth", "withDownstream"),
    ),
    Path(
        f"{API}/runlineage/upstream", lineage.get_upstream_runs, "Which runs made what a run read, nearest first.",
        answers.UpstreamRuns, ("runId!", "depth"),
    ),
    Path(
        f"{API}/search", search.get_search, "Datasets and jobs by words of their names, best first.",
        answers.SearchResults, ("q!", "filter", "sort", "limit", "namespace", "before day", "after day"),
    ),
    Path("/api/v2beta/search/jobs", search.get_beta, "Answered 503, as by a Marquez without OpenSearch."),
    Path("/api/v2beta/search/datasets", search.get_beta, "Answered 503, as by a Marquez without OpenSearch."),
    Path(
        f"{API}/events/lineage", events.get_events, "Run events by their times, as they were accepted.",
        answers.Events, ("before", "after", "sortDirection", *_PAGE),
    ),
    Path(
        f"{API}/stats/lineage-events", stats.get_events, "Run events of each hour of a day, or day of a week.",
        list[shapes.EventCounts], _PERIOD,
    ),
    Path(
        f"{API}/stats/jobs", stats.get_jobs, "How many jobs there were by each hour, or day.", list[shapes.Count], _PERIOD
    ),
    Path(
        f"{API}/stats/datasets", stats.get_datasets, "How many datasets there were by each hour, or day.",
        list[shapes.Count], _PERIOD,
    ),
    Path(
        f"{API}/stats/sources", stats.get_sources, "How many sources there were by each hour, or day.",
        list[shapes.Count], _PERIOD,
    ),
    Path(f"{API}/tags", beside.get_tags, "Tags of datasets and jobs, by name.", answers.Tags, _PAGE),
    Path(f"{API}/sources/{{source}}", beside.get_source, "One source.", shapes.Source),
    Path(f"{API}/sources", beside.get_sources, "Sources that dataSource facets name.", answers.Sources, _PAGE),
    Path(f"{API}/namespaces", namespaces.list_namespaces, "Namespaces by name.", answers.Namespaces, _PAGE),
    Path(f"{API}/jobs", jobs.list_jobs, "Jobs of all namespaces.", answers.Jobs, ("lastRunStates", *_PAGE)),
    Path(f"{_RUN}/facets", runs.get_facets, "What a run said of itself, or of its job.", answers.RunFacets, ("type!",)),
    Path(_RUN, runs.get_run, "One run.", shapes.Run),
    Path(f"{_DATASET}/versions/{{version}}", datasets.get_version, "A dataset as of a version.", shapes.DatasetVersion),
    Path(
        f"{_DATASET}/versions", datasets.list_versions, "A dataset as each run wrote it, newest first.",
        answers.DatasetVersions, _PAGE,
    ),
    Path(_DATASET, datasets.get_dataset, "One dataset.", shapes.Dataset),
    Path(f"{_NAMESPACE}/datasets", datasets.list_datasets, "Datasets of a namespace.", answers.Datasets, _PAGE),
    Path(f"{_JOB}/versions/{{version}}", jobs.get_version, "What a job read and wrote in some runs.", shapes.JobVersion),
    Path(
        f"{_JOB}/versions", jobs.list_versions, "What a job read and wrote in its newest runs that ended.",
        answers.JobVersions, _PAGE,
    ),
    Path(f"{_JOB}/runs", runs.list_runs, "Runs of a job, newest first.", answers.Runs, _PAGE),
    Path(_JOB, jobs.get_job, "One job, with its newest runs.", shapes.Job),
    Path(f"{_NAMESPACE}/jobs", jobs.list_jobs, "Jobs of a namespace.", answers.Jobs, ("lastRunStates", *_PAGE)),
    Path(_NAMESPACE, namespaces.get_namespace, "One namespace.", shapes.Namespace),
)  # fmt: skip
"""Longer paths first: where names hold slashes, the shorter ones would fit as well."""

WRITTEN: Final = tuple(
    Path(pattern, None)
    for pattern in (
        f"{_DATASET}/fields/{{field}}/tags/{{tag}}",
        f"{_DATASET}/tags/{{tag}}",
        f"{_JOB}/tags/{{tag}}",
        f"{_RUN}/start",
        f"{_RUN}/complete",
        f"{_RUN}/fail",
        f"{_RUN}/abort",
        f"{API}/tags/{{tag}}",
    )
)
"""Paths that Marquez has for writing alone."""


async def openapi(request: Request) -> Response:
    """GET /openapi-marquez.json: Marquez's paths, as they are answered here."""
    return Response(document(READ, request.scope.get("root_path", "")), media_type="application/json")


routes: Final[list[BaseRoute]] = [
    Speaking((*READ, *WRITTEN)),
    Route("/openapi-marquez.json", openapi, methods=["GET"]),
]
