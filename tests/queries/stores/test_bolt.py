"""Does the store keep its promises on a real engine?"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from graph_schema.errors import BadInput, StoreUnavailable, TimedOut
from queries.statements import BadStatement, all_statements, statement
from queries.store import GraphStore, StatementFailed
from queries.stores.bolt import dialect_of, open_store
from tests.engine import Database, adhoc, on_arcadedb, on_every_engine

PUT = adhoc(
    "UNWIND $rows AS row MERGE (n:Dataset {key: row.key}) SET n = row", mode="write", params=("rows",)
)
ALL = adhoc("MATCH (n:Dataset) RETURN n.key AS key, n.a AS a ORDER BY key", returns=("key", "a"))
ENDLESS = adhoc(
    "UNWIND range(1, 5000) AS a UNWIND range(1, 5000) AS b UNWIND range(1, 5000) AS c RETURN count(*) AS n",
    returns=("n",),
)


def put(*rows: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    return PUT, {"rows": list(rows)}


def test_what_is_written_is_read(graph: Database) -> None:
    """Rows come as dictionaries by the names of the header; null means absent."""

    async def work(store: GraphStore) -> None:
        await store.write([put({"key": "x", "a": 1}, {"key": "y"})])
        assert await store.read(ALL) == [{"key": "x", "a": 1}, {"key": "y", "a": None}]
        await store.write([put({"key": "x", "a": None})])
        assert await store.read(ALL) == [{"key": "x", "a": None}, {"key": "y", "a": None}]

    graph.run(work)


def test_the_dialect_is_known_by_the_agent(graph: Database) -> None:
    """ArcadeDB claims to be Neo4j everywhere but in its agent string."""

    async def work(store: GraphStore) -> str:
        return store.dialect

    assert graph.run(work) == graph.dialect
    assert dialect_of("Neo4j/5.26.30") == "neo4j"
    assert dialect_of("Neo4j/2026.08.1") == "neo4j"
    with pytest.raises(StoreUnavailable, match="Memgraph"):
        dialect_of("Neo4j/v5.11.0 compatible graph database server - Memgraph")


def test_steps_are_one_transaction(graph: Database) -> None:
    """When a step is refused, nothing of the steps before it stays."""

    async def work(store: GraphStore) -> None:
        broken = adhoc("CREATE (n:Dataset {key: $key}) SET n.a = 1 / 0", mode="write", params=("key",))
        with pytest.raises(StatementFailed):
            await store.write([put({"key": "x"}), (broken, {"key": "y"})])
        assert await store.read(ALL) == []

    graph.run(work)


def test_an_unpackable_value_is_told_and_harms_nothing(graph: Database) -> None:
    """A lone surrogate or a too large integer is a StatementFailed; the store works on."""

    async def work(store: GraphStore) -> None:
        echo = adhoc("RETURN $x AS x", params=("x",), returns=("x",))
        for bad in ("\ud800", 2**70, object()):
            with pytest.raises(StatementFailed):
                await store.read(echo, x=bad)
        assert await store.read(echo, x="a\0\u2028\U0001f600") == [{"x": "a\0\u2028\U0001f600"}]

    graph.run(work)


def test_values_are_never_part_of_the_text(graph: Database) -> None:
    """A name that looks like Cypher is a name."""
    name = "x'}) DETACH DELETE n //"

    async def work(store: GraphStore) -> None:
        await store.write([put({"key": "keep"}, {"key": name})])
        assert [row["key"] for row in await store.read(ALL)] == ["keep", name]

    graph.run(work)


def test_a_time_limit_is_kept_on_this_side(graph: Database) -> None:
    """A statement that never ends is given up after `timeout_s`, and the store works on."""

    async def work(store: GraphStore) -> float:
        began = time.monotonic()
        with pytest.raises(TimedOut):
            await store.read(ENDLESS)
        took_s = time.monotonic() - began
        await store.ping()
        return took_s

    assert graph.run(work, timeout_s=1.0) < 3


def test_a_caller_may_give_up_earlier(graph: Database) -> None:
    """Cancelling a read ends it at once and costs no more than its connection."""

    async def work(store: GraphStore) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await store.read(ENDLESS)
        await asyncio.gather(*(store.ping() for _ in range(10)))

    graph.run(work)


def test_reads_run_side_by_side(graph: Database) -> None:
    """A slow read does not hold up a quick one."""

    async def work(store: GraphStore) -> None:
        slow = asyncio.create_task(store.read(ENDLESS))
        await asyncio.sleep(0.2)
        began = time.monotonic()
        await store.ping()
        assert time.monotonic() - began < 2
        assert not slow.done()
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow

    graph.run(work)


def test_two_writers_of_the_same_new_nodes_both_succeed(graph: Database) -> None:
    """ArcadeDB lets one of two MERGEs of a new key fail with a constraint violation; it is tried again."""

    async def work(store: GraphStore) -> None:
        rows = [{"key": f"k{number:03}", "a": number} for number in range(200)]
        await asyncio.gather(*(store.write([put(*rows)]) for _ in range(4)))
        assert len(await store.read(ALL)) == 200

    graph.run(work)


@on_every_engine
def test_a_statement_is_used_as_its_mode_says(graph: Database) -> None:
    """Reads are read, writes are written, and a schema is changed alone."""

    async def work(store: GraphStore) -> None:
        index = adhoc("CREATE INDEX i IF NOT EXISTS FOR (n:Dataset) ON (n.a)", mode="schema")
        with pytest.raises(BadStatement):
            await store.read(PUT, rows=[])
        with pytest.raises(BadStatement):
            await store.write([(index, {}), put({"key": "x"})])
        await store.write([])

    graph.run(work)


def test_columns_are_those_of_the_header(graph: Database) -> None:
    """A header cannot lie about what comes back."""

    async def work(store: GraphStore) -> None:
        with pytest.raises(BadStatement, match="header says"):
            await store.read(adhoc("RETURN 1 AS one, 2 AS two", returns=("two", "one")))

    graph.run(work)


def test_a_refused_connection_is_told(graph: Database) -> None:
    """Nobody there, a wrong password and an unknown database are StoreUnavailable, soon."""

    async def attempt(uri: str, *, password: str, database: str) -> None:
        with pytest.raises(StoreUnavailable):
            await open_store(uri, user=graph.user, password=password, database=database, timeout_s=5)

    uri, password = graph.uri, graph.password
    began = time.monotonic()
    asyncio.run(attempt("bolt://127.0.0.1:9", password=password, database=graph.name))
    asyncio.run(attempt(uri, password="wrong", database=graph.name))
    asyncio.run(attempt(uri, password=password, database="nobody"))
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("uri", ["http://localhost", "localhost:7687", "", "bolt://user:secret@host"])
def test_an_address_that_cannot_be_used_is_refused(uri: str) -> None:
    """The scheme is bolt or neo4j; a password in an address would end up in logs, so none is taken."""
    with pytest.raises(BadInput) as caught:
        asyncio.run(open_store(uri, user="u", password="p", database="d"))
    assert "secret" not in caught.value.message


def test_the_routing_scheme_works_too(graph: Database) -> None:
    """neo4j:// asks for a routing table first; each engine gives one."""

    async def work() -> None:
        uri = graph.uri.replace("bolt", "neo4j")
        store = await open_store(
            uri, user=graph.user, password=graph.password, database=graph.name, timeout_s=10
        )
        try:
            await store.ping()
        finally:
            await store.aclose()

    asyncio.run(work())


@on_arcadedb  # what Neo4j makes of each is in tests/queries/test_indexes.py
def test_every_reading_statement_is_understood(graph: Database) -> None:
    """Each `.cypher` file is accepted by the engine with null for every parameter, on an empty graph."""

    async def work(store: GraphStore) -> list[str]:
        refused = []
        for made in all_statements():
            if made.mode != "read" or made.dialect not in {None, graph.dialect}:
                continue
            values: dict[str, Any] = dict.fromkeys(made.params)
            values |= {
                name: 1
                for name in made.params
                if name.endswith(("limit", "offset", "_max", "wide", "enough"))
            }
            if "index" in made.params:
                values |= {"index": "Dataset[words]", "query": "+qa"}
            try:
                await store.read(statement(made.name), **values)
            except StatementFailed as error:
                refused.append(f"{made.name}: {error.values['reason']}")
        return refused

    assert graph.run(work) == []
