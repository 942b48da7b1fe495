"""How is asked over plain HTTP where model versions come from, which ways lead to them, and how two differ?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from starlette.routing import Route

from app.http.questions import instant, integer, json_answer, limits_of, parameters, typed
from app.http.waiting import reading, while_connected
from graph_schema.errors import BadInput
from queries.compare_models import CompareModelsQuestion
from queries.compare_models import compare_models as find_differences
from queries.ml_paths import ROWS_DEFAULT, MlPathsQuestion
from queries.ml_paths import ml_paths as find_paths
from queries.provenance import ProvenanceQuestion
from queries.provenance import provenance as find_provenance

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from app.context import Context

_PROVENANCE: Final = frozenset({"model", "version", "namespace", "as_of", "at_least", "known_at"})
_PATHS: Final = frozenset(
    {"dataset", "feature", "experiment", "model", "limit", "after", "at_least", "known_at"}
)
_COMPARING: Final = frozenset(
    {"a", "a_version", "b", "b_version", "namespace", "as_of", "limit", "after", "at_least", "known_at"}
)


async def provenance(request: Request) -> Response:
    """GET /api/v1/graph/provenance: how a model version came to be, and what became of it."""
    return await typed(request, _provenance)


async def ml_paths(request: Request) -> Response:
    """GET /api/v1/graph/ml_paths: ways from datasets over features and runs to versions and deployments."""
    return await typed(request, _ml_paths)


async def compare_models(request: Request) -> Response:
    """GET /api/v1/graph/compare_models: what is different between two versions."""
    return await typed(request, _compare_models)


async def _provenance(request: Request) -> Response:
    context: Context = request.app.state.context
    asked = parameters(request, _PROVENANCE)
    if not asked.get("model"):
        raise BadInput("say which model: model=NAME, or its key, and version= of it; the newest without")
    question = ProvenanceQuestion(
        model=asked["model"],
        version=asked.get("version") or None,
        namespace=asked.get("namespace") or None,
        as_of=instant(asked, "as_of"),
    )
    read = await reading(request)
    answering = find_provenance(read.store, question, limits_of(context.settings), projection=read.projection)
    answer = await while_connected(request, answering)
    return json_answer(msgspec.json.encode(answer), read.projection.position)


async def _ml_paths(request: Request) -> Response:
    context: Context = request.app.state.context
    asked = parameters(request, _PATHS)
    question = MlPathsQuestion(
        dataset=asked.get("dataset") or None,
        feature=asked.get("feature") or None,
        experiment=asked.get("experiment") or None,
        model=asked.get("model") or None,
        first=integer(asked, "limit", ROWS_DEFAULT) or 0,
        after=asked.get("after") or None,
    )
    read = await reading(request)
    answering = find_paths(read.store, question, limits_of(context.settings), projection=read.projection)
    answer = await while_connected(request, answering)
    return json_answer(msgspec.json.encode(answer), read.projection.position)


async def _compare_models(request: Request) -> Response:
    context: Context = request.app.state.context
    asked = parameters(request, _COMPARING)
    if not asked.get("a") or not (asked.get("b") or asked.get("b_version")):
        raise BadInput(
            "say what to compare: a=MODEL&a_version=1&b_version=2, or a= and b= with keys of versions"
        )
    namespace, as_of = asked.get("namespace") or None, instant(asked, "as_of")
    sides = [
        ProvenanceQuestion(
            model=asked.get(side) or asked["a"],
            version=asked.get(f"{side}_version") or None,
            namespace=namespace,
            as_of=as_of,
        )
        for side in ("a", "b")
    ]
    question = CompareModelsQuestion(
        a=sides[0], b=sides[1], first=integer(asked, "limit", 200) or 0, after=asked.get("after") or None
    )
    read = await reading(request)
    answering = find_differences(
        read.store, question, limits_of(context.settings), projection=read.projection
    )
    answer = await while_connected(request, answering)
    return json_answer(msgspec.json.encode(answer), read.projection.position)


routes: Final = [
    Route("/api/v1/graph/provenance", provenance, methods=["GET"]),
    Route("/api/v1/graph/ml_paths", ml_paths, methods=["GET"]),
    Route("/api/v1/graph/compare_models", compare_models, methods=["GET"]),
]
