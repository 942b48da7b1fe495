"""What did one run state, and which runs are part of it?

What a run stated is kept with it, whatever later ones said: its `facets` text holds run, job, inputs and outputs.
"""

from __future__ import annotations

from typing import Any, Final

from queries.nodes import make_node
from queries.results import Run, RunCode, StatedSchema
from queries.said import part
from queries.statements import statement
from queries.store import GraphStore

_SIDES: Final = (("INPUT", "inputs"), ("OUTPUT", "outputs"))


async def read_children(store: GraphStore, run: str, *, after: str, limit: int) -> list[Run]:
    """List the runs that a run contains, by key."""
    rows = await store.read(statement("nodes/children_of"), key=run, after=after, limit=limit)
    found = [make_node("run", one) for row in rows for one in row["runs"]]
    return [one for one in found if isinstance(one, Run)]


def stated_schemas(facets: Any) -> list[StatedSchema]:
    """Take the schemas that a run stated from its facets: of its inputs, then of its outputs, by dataset."""
    return [
        StatedSchema(dataset, direction, given["schema"])
        for direction, side in _SIDES
        for dataset, given in sorted(part(facets, side).items())
        if isinstance(given, dict) and "schema" in given
    ]


def stated_code(facets: Any) -> RunCode | None:
    """Take what a run said of its code from its facets; None where it said nothing."""
    job = part(facets, "job")
    sql = job.get("sql")
    query = sql.get("query") if isinstance(sql, dict) else None
    code = RunCode(
        sql=query if isinstance(query, str) else None,
        source_code=job.get("sourceCode"),
        source_code_location=job.get("sourceCodeLocation"),
    )
    return None if code == RunCode() else code
