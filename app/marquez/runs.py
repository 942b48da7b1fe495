"""How does Marquez tell of runs and their facets?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.http.waiting import Reading, reading, while_connected
from app.marquez.answers import RunFacets, Runs
from app.marquez.asking import TOLD_MAX, answer, choice, cut_by, page_asked
from graph_schema.errors import BadInput
from queries.marquez.jobs import find_job
from queries.marquez.runs import find_run, runs_page, tell_runs
from queries.nodes import read_run_texts
from queries.said import part

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from queries.marquez.catalog import Page
    from queries.marquez.shapes import Run

_FACETS_OF: Final = ("RUN", "JOB", "DATASET")


async def list_runs(request: Request) -> Response:
    """GET /namespaces/{namespace}/jobs/{job}/runs."""
    page, limits = page_asked(request, most=TOLD_MAX)
    read = await reading(request)
    found, count = await while_connected(request, _listed(read, page, **request.path_params))
    body = Runs(runs=found, total_count=count)
    return answer(body, read.projection.position, cut_by(limits, page, count))


async def _listed(read: Reading, page: Page, *, namespace: str, job: str) -> tuple[list[Run], int]:
    known = await find_job(read.store, namespace, job)
    runs, count = await runs_page(read.store, known.key, page)
    told = await tell_runs(read.store, runs)
    return [told[run.key] for run in runs], count


async def get_run(request: Request) -> Response:
    """GET /jobs/runs/{run}."""
    read = await reading(request)
    found = await while_connected(request, _one(read, request.path_params["run"]))
    return answer(found, read.projection.position)


async def _one(read: Reading, run: str) -> Run:
    known = await find_run(read.store, run)
    return (await tell_runs(read.store, [known]))[known.key]


async def get_facets(request: Request) -> Response:
    """GET /jobs/runs/{run}/facets?type=run|job: what a run said of itself, or of its job."""
    kind = choice(request, "type", _FACETS_OF)
    if kind is None:
        raise BadInput("say whose facets: type=run or type=job", parameter="type")
    read = await reading(request)
    found = await while_connected(request, _facets(read, request.path_params["run"], kind.lower()))
    return answer(found, read.projection.position)


async def _facets(read: Reading, run: str, kind: str) -> RunFacets:
    known = await find_run(read.store, run)
    texts = await read_run_texts(read.store, [known.key])
    said = {} if kind == "dataset" else part(part(texts.get(known.key), "facets"), kind)
    return RunFacets(run_id=known.name, facets=said)
