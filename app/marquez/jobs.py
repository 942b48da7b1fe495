"""How does Marquez tell of jobs and their versions?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.http.waiting import Reading, reading, while_connected
from app.marquez.answers import Jobs, JobVersions
from app.marquez.asking import TOLD_MAX, answer, cut_by, page_asked
from graph_schema.errors import BadInput, NodeNotFound
from queries.marquez.catalog import has_namespace, no_namespace, page_of, span_of
from queries.marquez.jobs import STATES, find_job, job_versions, jobs_in_states, tell_jobs

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from queries.marquez.catalog import Page
    from queries.marquez.shapes import Job, JobVersion


async def list_jobs(request: Request) -> Response:
    """GET /namespaces/{namespace}/jobs, and GET /jobs for those of all namespaces."""
    page, limits = page_asked(request, most=TOLD_MAX)
    states = _states(request)
    namespace = request.path_params.get("namespace")
    read = await reading(request)
    found, count, whole = await while_connected(request, _listed(read, namespace, page, states=states))
    cut = [*cut_by(limits, page, count), *([] if whole else ["jobs"])]
    return answer(Jobs(jobs=found, total_count=count), read.projection.position, cut)


def _states(request: Request) -> frozenset[str]:
    asked = [text for text in request.query_params.getlist("lastRunStates") if text]
    states = frozenset(word.strip().upper() for text in asked for word in text.split(","))
    unknown = sorted(states - {*STATES})
    if unknown:
        raise BadInput(f"lastRunStates are of {', '.join(STATES)}, not {unknown[0][:60]!r}")
    return states


async def _listed(
    read: Reading, namespace: str | None, page: Page, *, states: frozenset[str]
) -> tuple[list[Job], int, bool]:
    span = span_of("job", namespace)
    if states:
        keys, count, whole = await jobs_in_states(read.store, span, states, page=page)
    else:
        keys, count = await page_of(read.store, span, page)
        whole = True
    if not count and namespace is not None and not await has_namespace(read.store, namespace):
        raise no_namespace(namespace)
    return await tell_jobs(read.store, keys), count, whole


async def get_job(request: Request) -> Response:
    """GET /namespaces/{namespace}/jobs/{job}."""
    read = await reading(request)
    found = await while_connected(request, _one(read, **request.path_params))
    return answer(found, read.projection.position)


async def _one(read: Reading, *, namespace: str, job: str) -> Job:
    known = await find_job(read.store, namespace, job)
    return (await tell_jobs(read.store, [known.key]))[0]


async def list_versions(request: Request) -> Response:
    """GET /namespaces/{namespace}/jobs/{job}/versions."""
    page, limits = page_asked(request, most=TOLD_MAX)
    read = await reading(request)
    found, whole = await while_connected(request, _versions(read, **request.path_params))
    cut = [*cut_by(limits, page, len(found)), *([] if whole else ["runs"])]
    return answer(JobVersions(versions=found[page.offset : page.end]), read.projection.position, cut)


async def get_version(request: Request) -> Response:
    """GET /namespaces/{namespace}/jobs/{job}/versions/{version}."""
    read = await reading(request)
    names = dict(request.path_params)
    version = names.pop("version").lower()
    found, whole = await while_connected(request, _versions(read, **names))
    for one in found:
        if one.version == version:
            return answer(one, read.projection.position, [] if whole else ["runs"])
    raise NodeNotFound(f"Job version '{version[:100]}' not found.", job=names["job"][:300])


async def _versions(read: Reading, *, namespace: str, job: str) -> tuple[list[JobVersion], bool]:
    return await job_versions(read.store, await find_job(read.store, namespace, job))
