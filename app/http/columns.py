"""How is asked over plain HTTP where the columns of a whole table come from, and where they go?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from starlette.routing import Route

from app.http.questions import instant, integer, json_answer, limits_of, parameters, typed
from app.http.waiting import reading, while_connected
from graph_schema.errors import BadInput
from graph_schema.identity import dataset_key
from queries.columns import FIELDS_DEFAULT, ColumnsQuestion
from queries.columns import field_lineage as find_field_lineage

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from app.context import Context

_ASKED: Final = frozenset(
    {"dataset", "namespace", "name", "depth", "as_of", "seen_since", "transformations", "limit", "after", "at_least", "known_at"}
)  # fmt: skip


async def field_lineage(request: Request) -> Response:
    """GET /api/v1/graph/field_lineage: the fields of a dataset, each with the column edges on its two sides."""
    return await typed(request, _field_lineage)


async def _field_lineage(request: Request) -> Response:
    context: Context = request.app.state.context
    asked = parameters(request, _ASKED)
    depth, first = integer(asked, "depth", 1), integer(asked, "limit", FIELDS_DEFAULT)
    question = ColumnsQuestion(
        dataset=_dataset(asked),
        depth=depth or 0,
        as_of=instant(asked, "as_of"),
        seen_since=instant(asked, "seen_since"),
        transformations=asked.get("transformations", "ALL").upper(),
        first=first or 0,
        after=asked.get("after") or None,
    )
    read = await reading(request)
    answering = find_field_lineage(
        read.store, question, limits_of(context.settings), projection=read.projection
    )
    answer = await while_connected(request, answering)
    return json_answer(msgspec.json.encode(answer), read.projection.position)


def _dataset(asked: dict[str, str]) -> str:
    """Take `dataset`, a key, or `namespace` and `name`."""
    if asked.get("dataset"):
        return asked["dataset"]
    if "namespace" not in asked or "name" not in asked:
        raise BadInput("say of which dataset: dataset=dataset:..., or namespace= and name=")
    return dataset_key(asked["namespace"], asked["name"])


routes: Final = [Route("/api/v1/graph/field_lineage", field_lineage, methods=["GET"])]
