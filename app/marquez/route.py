"""Which of Marquez's paths are answered, and by what?"""

from __future__ import annotations

from typing import Final

from app.marquez import beside, datasets, events, jobs, lineage, namespaces, runs, search, stats
from app.marquez.routing import API, Path, Speaking

_DATASETS: Final = f"{API}/namespaces/{{namespace}}/datasets"
_JOBS: Final = f"{API}/namespaces/{{namespace}}/jobs"

READ: Final = (
    Path(f"{API}/lineage", lineage.get_lineage),
    Path(f"{API}/column-lineage", lineage.get_columns),
    Path(f"{API}/runlineage/upstream", lineage.get_upstream_runs),
    Path(f"{API}/search", search.get_search),
    Path("/api/v2beta/search/jobs", search.get_beta),
    Path("/api/v2beta/search/datasets", search.get_beta),
    Path(f"{API}/events/lineage", events.get_events),
    Path(f"{API}/stats/lineage-events", stats.get_events),
    Path(f"{API}/stats/jobs", stats.get_jobs),
    Path(f"{API}/stats/datasets", stats.get_datasets),
    Path(f"{API}/stats/sources", stats.get_sources),
    Path(f"{API}/tags", beside.get_tags),
    Path(f"{API}/sources/{{source}}", beside.get_source),
    Path(f"{API}/sources", beside.get_sources),
    Path(f"{API}/namespaces", namespaces.list_namespaces),
    Path(f"{API}/jobs", jobs.list_jobs),
    Path(f"{API}/jobs/runs/{{run}}/facets", runs.get_facets),
    Path(f"{API}/jobs/runs/{{run}}", runs.get_run),
    Path(f"{_DATASETS}/{{dataset}}/versions/{{version}}", datasets.get_version),
    Path(f"{_DATASETS}/{{dataset}}/versions", datasets.list_versions),
    Path(f"{_DATASETS}/{{dataset}}", datasets.get_dataset),
    Path(_DATASETS, datasets.list_datasets),
    Path(f"{_JOBS}/{{job}}/versions/{{version}}", jobs.get_version),
    Path(f"{_JOBS}/{{job}}/versions", jobs.list_versions),
    Path(f"{_JOBS}/{{job}}/runs", runs.list_runs),
    Path(f"{_JOBS}/{{job}}", jobs.get_job),
    Path(_JOBS, jobs.list_jobs),
    Path(f"{API}/namespaces/{{namespace}}", namespaces.get_namespace),
)
"""Longer paths first: where names hold slashes, the shorter ones would fit as well."""

WRITTEN: Final = tuple(
    Path(pattern, None)
    for pattern in (
        f"{_DATASETS}/{{dataset}}/tags/{{tag}}",
        f"{_DATASETS}/{{dataset}}/fields/{{field}}/tags/{{tag}}",
        f"{_JOBS}/{{job}}/tags/{{tag}}",
        f"{API}/jobs/runs/{{run}}/start",
        f"{API}/jobs/runs/{{run}}/complete",
        f"{API}/jobs/runs/{{run}}/fail",
        f"{API}/jobs/runs/{{run}}/abort",
        f"{API}/tags/{{tag}}",
    )
)
"""Paths that Marquez has for writing alone."""

routes: Final = [Speaking((*READ, *WRITTEN))]
