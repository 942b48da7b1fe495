"""Does Neo4j find what each statement starts from by an index, and has it nothing to warn of?

Asked while labels have been filled but not yet counted by their indexes: then its planner holds the scan of an index
for free, and keeps such a plan for ten seconds and more. So each statement says by which index it seeks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import neo4j

from queries.migrate import migrate
from queries.statements import Statement, all_statements
from queries.store import GraphStore
from tests.engine import Database, adhoc, on_neo4j

READS_ALL: Final = {
    "migrations/any_node": "stops at the first node of all",
    "marquez/datasets_named_since": "counts a whole label by when its nodes were first named",
    "marquez/jobs_named_since": "counts a whole label by when its nodes were first named",
    "marquez/namespaces": "namespaces are no nodes: they are those of all datasets and jobs",
    "marquez/tags": "tags are no nodes: they are those of all datasets and jobs",
    "migrations/recorded": "there are as many as migrations",
    "near/any_dataset": "stops at the first dataset",
    "projection/left": "stops at the first node that is not the projector's own",
    "projection/wipe": "takes nodes away whatever they are",
    **{
        f"export/{label}_cuts": "samples the keys of a whole label, once per export"
        for label in (
            "approval",
            "check",
            "dataset",
            "deployment",
            "experiment",
            "facet",
            "field",
            "job",
            "model",
            "person",
            "run",
        )
    },
}
"""Statements that may read a label, or everything, and why."""

KINDS_OF_VALUES: Final[dict[str, Any]] = {
    **{
        name: ["text"] for name in ("keys", "firsts", "starts", "kinds", "types", "subtypes", "jobs", "names")
    },
    **dict.fromkeys(("limit", "offset", "rows_max", "depth_max", "from_depth", "shown", "wide", "enough"), 1),
    "rows": [{"key": "text"}],
    "runs": [["run", "job", "started_at"]],
    "bounds": [["job", "ended_at"]],
    "cursor": {"key": "projection"},
    "by_kind": True,
}
"""The planner looks at the kind of a parameter: no index is sought with a null. All others are texts."""

SOME: Final = adhoc(
    """
    UNWIND range(1, 300) AS i
    CREATE (d:Dataset {key: 'd' + i, unmerged: 'd' + i}), (f:Field {key: 'f' + i, dataset: 'd' + i}), (j:Job {key: 'j' + i}),
      (r:Run {key: 'r' + i, job: 'j' + i, started_at: 's', ended_at: 'e', processing: 'SERVICE', clash: 'r' + i,
      experiment: 'x' + i}),
      (x:Experiment {key: 'x' + i}), (m:Model {key: 'm' + i}), (y:Deployment {key: 'y' + i}), (a:Approval {key: 'a' + i}),
      (c:Check {key: 'c' + i}),
      (p:Person {key: 'p' + i}), (s:Facet {key: 's' + i}),
      (d)-[:FEEDS]->(d), (d)-[:FED]->(d), (f)-[:FEEDS_FIELD]->(f), (f)-[:FED_FIELD]->(f), (f)-[:SHAPES]->(d),
      (d)-[:HAS_FIELD]->(f), (d)-[:HAS_FACET]->(s), (j)-[:HAS_FACET]->(s), (r)-[:CHECKED]->(c),
      (c)-[:CHECK_OF]->(d), (d)-[:ALIAS_OF]->(d), (d)-[:OWNED_BY]->(p), (j)-[:OWNED_BY]->(p),
      (d)-[:INPUT_TO]->(j), (j)-[:OUTPUTS]->(d), (r)-[:RUN_OF]->(j), (r)-[:READ]->(d), (r)-[:WROTE]->(d),
      (r)-[:IN_EXPERIMENT]->(x), (d)-[:VERSION_OF]->(m), (r)-[:USED_FEATURE]->(f), (r)-[:STARTED_BY]->(p),
      (x)-[:STARTED_BY]->(p), (a)-[:APPROVES]->(d), (a)-[:DECIDED_BY]->(p), (d)-[:FEEDS]->(y), (d)-[:FED]->(y)
    """,
    mode="write",
)


async def filled(store: GraphStore) -> None:
    """Write some of everything; the indexes count it later, when they come to it."""
    await migrate(store)
    await store.write([(SOME, {})])


def operators(plan: dict[str, Any]) -> Iterator[str]:
    """Give the names of a plan's operators, inner ones first."""
    for child in plan.get("children", ()):
        yield from operators(child)
    yield plan["operatorType"].partition("@")[0]


def faults(session: neo4j.Session, made: Statement) -> list[str]:
    """Say what is wrong with the plan of a statement."""
    values = {name: KINDS_OF_VALUES.get(name, "text") for name in made.params}
    summary = session.run(f"EXPLAIN {made.text}", values).consume()
    found = list(operators(summary.plan or {}))
    warned = [
        one.status_description
        for one in summary.gql_status_objects
        if one.severity == neo4j.NotificationSeverity.WARNING
    ]
    said = [f"{made.name}: {words}" for words in warned]
    scans = [name for name in found if name.endswith("Scan")]
    if scans and made.name not in READS_ALL:
        said.append(f"{made.name}: {scans}")
    if not scans and made.name in READS_ALL:
        said.append(f"{made.name}: needs no leave to scan any more: {found}")
    starts = scans or [name for name in found if "IndexSeek" in name or "FromCountStore" in name]
    if "MATCH" in made.text and not starts:
        said.append(f"{made.name}: starts from {found}")
    return said


@on_neo4j
def test_every_statement_starts_from_an_index(graph: Database) -> None:
    """No statement reads a whole label to find a key, multiplies two sets, or uses a word that will go away."""
    graph.run(filled, migrated=False)
    statements = [one for one in all_statements() if one.mode != "schema" and one.dialect in {None, "neo4j"}]
    assert len(statements) > 100
    auth = (graph.user, graph.password)
    with (
        neo4j.GraphDatabase.driver(graph.uri, auth=auth) as driver,
        driver.session(database=graph.name) as session,
    ):
        assert [fault for made in statements for fault in faults(session, made)] == []


@on_neo4j
def test_runs_of_a_job_come_by_their_index(graph: Database) -> None:
    """DESIGN 9: a job may have 100,000 runs; they are listed from the index on (job, started_at), which sorts them."""
    graph.run(filled, migrated=False)
    made = next(one for one in all_statements() if one.name == "nodes/runs_of")
    auth = (graph.user, graph.password)
    values = {"job": "j1", "started_at": "t", "key": "", "limit": 5}
    with (
        neo4j.GraphDatabase.driver(graph.uri, auth=auth) as driver,
        driver.session(database=graph.name) as session,
    ):
        plan = session.run(f"EXPLAIN {made.text}", values).consume().plan
    assert "NodeIndexSeek" in set(operators(plan or {}))
    assert "RUN_OF" not in made.text
