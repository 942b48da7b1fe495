"""Is a database made ready once, and somebody else's left alone?"""

from __future__ import annotations

import pytest

from graph_schema.errors import ForeignStore
from queries.migrate import migrate, migrations
from queries.store import GraphStore, StatementFailed
from tests.engine import Database, adhoc, forget_schema

LABELS = (
    "Dataset", "Field", "Job", "Run", "Check", "Facet", "Experiment", "Model", "Deployment", "Person",
    "Approval", "Projection", "Migration",
)  # fmt: skip
COUNT = adhoc("MATCH (n) RETURN count(n) AS n", returns=("n",))
TWICE = adhoc("CREATE (a:Job {key: 'same'}) CREATE (b:Job {key: 'same'})", mode="write")


def test_migrations_run_once_and_are_recorded(graph: Database) -> None:
    """The first call applies all in order, the second none; nothing but the records is in the graph."""
    forget_schema(graph)

    async def work(store: GraphStore) -> None:
        applied = await migrate(store)
        assert applied == list(migrations(graph.dialect))
        assert await migrate(store) == []
        assert await store.read(COUNT) == [{"n": len(applied)}]

    graph.run(work, migrated=False)


def test_a_half_done_migration_is_done_again(graph: Database) -> None:
    """A crash between a migration and its record is harmless: every statement may run twice."""
    forget = adhoc("MATCH (m:Migration) DELETE m", mode="write")

    async def work(store: GraphStore) -> None:
        await store.write([(forget, {})])
        assert await migrate(store) == list(migrations(graph.dialect))

    graph.run(work)


def test_keys_are_unique(graph: Database) -> None:
    """Two nodes of one label never have the same key."""

    async def work(store: GraphStore) -> None:
        with pytest.raises(StatementFailed):
            await store.write([(TWICE, {})])

    graph.run(work)


@pytest.mark.parametrize("dialect", ["neo4j", "arcadedb"])
def test_every_label_has_its_key(dialect: str) -> None:
    """Each label of the graph has a uniqueness constraint on key, on either engine."""
    texts = [one.text for steps in migrations(dialect).values() for one in steps]
    keyed = {text.split("(n:")[1].split(")")[0] for text in texts if "REQUIRE n.key IS UNIQUE" in text}
    assert keyed == set(LABELS)


def test_somebody_elses_data_is_left_alone(graph: Database) -> None:
    """A database with nodes and without our records is refused, and not changed."""

    async def work(store: GraphStore) -> None:
        await store.write([(adhoc("CREATE (:Movie {title: 'x'})", mode="write"), {})])
        with pytest.raises(ForeignStore, match=":Movie"):
            await migrate(store)
        assert await store.read(COUNT) == [{"n": 1}]

    graph.run(work, migrated=False)


def test_a_newer_graph_is_left_alone(graph: Database) -> None:
    """A graph with a migration that this version does not know is refused."""

    async def work(store: GraphStore) -> None:
        await store.write([(adhoc("CREATE (:Migration {key: '9999_later'})", mode="write"), {})])
        with pytest.raises(ForeignStore, match="9999_later"):
            await migrate(store)

    graph.run(work)
