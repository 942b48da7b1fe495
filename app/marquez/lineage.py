"""How does Marquez tell of lineage: of datasets and jobs, of columns, of runs?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.http.questions import limits_of
from app.http.waiting import reading, while_connected
from app.marquez.answers import Lineage, UpstreamRuns
from app.marquez.asking import answer, flag, number, settings_of
from graph_schema.errors import BadInput
from queries.marquez.column_lineage import ColumnQuestion, columns_of
from queries.marquez.lineage import DEPTH_DEFAULT, Question, graph_of
from queries.marquez.run_lineage import upstream_runs

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def get_lineage(request: Request) -> Response:
    """GET /lineage?nodeId=&depth=&withSiblings=."""
    question = Question(
        node=_needed(request, "nodeId", "dataset:namespace:name or job:namespace:name"),
        depth=number(request, "depth", DEPTH_DEFAULT),
        siblings=flag(request, "withSiblings"),
    )
    read = await reading(request)
    found = await while_connected(request, graph_of(read.store, question, limits_of(settings_of(request))))
    return answer(Lineage(graph=found.graph), read.projection.position, found.cut)


async def get_columns(request: Request) -> Response:
    """GET /column-lineage?nodeId=&depth=&withDownstream=."""
    question = ColumnQuestion(
        node=_needed(request, "nodeId", "datasetField:namespace:dataset:field, or a dataset or job"),
        depth=number(request, "depth", DEPTH_DEFAULT),
        downstream=flag(request, "withDownstream"),
    )
    read = await reading(request)
    found = await while_connected(request, columns_of(read.store, question, limits_of(settings_of(request))))
    return answer(Lineage(graph=found.graph), read.projection.position, found.cut)


async def get_upstream_runs(request: Request) -> Response:
    """GET /runlineage/upstream?runId=&depth=."""
    run = _needed(request, "runId", "the UUID of a run")
    depth = number(request, "depth", DEPTH_DEFAULT)
    read = await reading(request)
    asking = upstream_runs(
        read.store, run, depth, limits=limits_of(settings_of(request)), projection=read.projection
    )
    found, cut = await while_connected(request, asking)
    return answer(UpstreamRuns(runs=found), read.projection.position, cut)


def _needed(request: Request, name: str, example: str) -> str:
    text = request.query_params.get(name)
    if not text:
        raise BadInput(f"query param {name} must not be null: give {name}={example}", parameter=name)
    return text
