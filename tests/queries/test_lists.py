"""Are long lists of keys read whole, in order, and left without anything still being read?"""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from queries.lists import answers, read_lists, together
from queries.migrate import migrate
from queries.statements import statement
from queries.store import GraphStore, StatementFailed
from tests.engine import Database, adhoc, on_arcadedb
from tests.queries.edges import key, load, node

SLOW = adhoc(
    "UNWIND $keys AS k UNWIND range(1, toInteger(k)) AS i RETURN count(i) AS n",
    params=("keys",),
    returns=("n",),
)
KEYS = [key(number) for number in range(7)]
BROKEN = adhoc("UNWIND $keys AS k RETURN toInteger([k]) / 0 AS n", params=("keys",), returns=("n",))


@on_arcadedb
def test_lists_are_read_in_their_order_whatever_their_size(graph: Database) -> None:
    """Every key is asked about once, and answers come in the order of the keys."""

    async def asked(store: GraphStore) -> None:
        await migrate(store)
        await load(store, [node(number) for number in range(7)], [])
        for size in (1, 2, 3, 7, 100):
            rows = await read_lists(store, statement("nodes/datasets"), KEYS, size=size)
            assert [one["key"] for row in rows for one in row["nodes"]] == KEYS
        assert await read_lists(store, statement("nodes/datasets"), [], size=2) == []

    graph.run(asked)


@on_arcadedb
def test_nothing_is_read_on_when_the_caller_leaves(graph: Database) -> None:
    """A caller that leaves early, or meets an error, leaves no statement behind."""

    async def left(store: GraphStore) -> None:
        await migrate(store)
        await asyncio.gather(
            store.ping(), store.ping()
        )  # the driver forgets a socket that it is still opening
        before = asyncio.all_tasks()
        found = answers(store, SLOW, ["1", "3000000", "1"], size=1)
        async with aclosing(found):
            await anext(found)
            assert asyncio.all_tasks() > before, "the next list is being read"
        assert asyncio.all_tasks() == before
        with pytest.raises(StatementFailed):
            await read_lists(store, BROKEN, KEYS, size=1)
        assert asyncio.all_tasks() == before

    graph.run(left)


@on_arcadedb
def test_what_is_asked_side_by_side_ends_together(graph: Database) -> None:
    """Both answers are given; where one fails, the other is not read on."""

    async def asked(store: GraphStore) -> None:
        await asyncio.gather(store.ping(), store.ping())
        one, other = await together(store.read(SLOW, keys=["1"]), store.read(SLOW, keys=["2"]))
        assert (one, other) == ([{"n": 1}], [{"n": 2}])
        before = asyncio.all_tasks()
        with pytest.raises(StatementFailed):
            await together(store.read(SLOW, keys=["30000000"]), store.read(BROKEN, keys=["1"]))
        assert asyncio.all_tasks() == before

    graph.run(asked)
