"""How does Neo4j plan the statements of lineage? By keys and edges alone, and the walks pruned.

Asked on an empty database, where the planner knows nothing: a plan that is good there only by luck would be kept
while the first million edges are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import neo4j
import pytest

from queries.migrate import migrate
from queries.statements import Statement, all_statements
from queries.store import GraphStore
from tests.engine import Database, on_neo4j

SUBJECTS: Final = ("lineage/", "columns/", "nodes/datasets", "nodes/fields")
PARAMS: Final[dict[str, Any]] = {
    "starts": ["a"], "keys": ["a"], "key": "a", "depth_max": 9, "by_kind": True,
    "kinds": None, "from_depth": 0, "rows": 9, "wide": 9, "limit": 9, "as_of": "2026", "seen_since": "2025",
    "types": ["DIRECT"], "subtypes": None,
}  # fmt: skip
STATEMENTS: Final = [
    made
    for made in all_statements()
    if made.name.startswith(SUBJECTS) and not made.name.endswith("/size") and made.dialect != "arcadedb"
]
WALKS: Final = [made for made in STATEMENTS if made.dialect == "neo4j"]


def operators(plan: Any) -> Iterator[str]:
    """List what a plan does, from its result to its sources."""
    yield plan["operatorType"].partition("@")[0]
    for child in plan.get("children", ()):
        yield from operators(child)


def planned(graph: Database, statements: list[Statement]) -> dict[str, list[str]]:
    """Ask for plans."""

    async def nothing(store: GraphStore) -> None:
        await migrate(store)

    graph.run(nothing)
    with (
        neo4j.GraphDatabase.driver(graph.uri, auth=(graph.user, graph.password)) as driver,
        driver.session(database=graph.name) as session,
    ):
        plans = {}
        for one in statements:
            asked = {name: PARAMS[name] for name in one.params}
            plan = session.run(neo4j.Query(f"EXPLAIN {one.text}"), asked).consume().plan
            plans[one.name] = list(operators(plan))
        return plans


@on_neo4j
def test_walks_are_pruned(graph: Database) -> None:
    """Every statement that Neo4j alone gets is run as a pruned search in breadth, filtered ones included."""
    assert len(WALKS) == 16
    for name, steps in planned(graph, WALKS).items():
        expands = {step for step in steps if step.startswith("VarLengthExpand")}
        assert expands == {"VarLengthExpand(Pruning,BFS,All)"}, (name, steps)


@pytest.mark.parametrize("made", STATEMENTS, ids=lambda made: made.name)
def test_only_neo4j_gets_paths_of_any_length(made: Statement) -> None:
    """ArcadeDB lists all paths for such a pattern and cannot be stopped: it never gets one."""
    assert ("*" in made.text.replace("count(*)", "")) == (made.dialect == "neo4j" and "_" in made.name)
