"""Does a reader get what it wrote, and no half-made graph?"""

from __future__ import annotations

import asyncio

import pytest

from graph_schema.errors import BadInput, NotCaughtUp, Rebuilding
from queries.projection import Projection, readable, wait_for
from queries.store import GraphStore
from tests.engine import Database, adhoc

PUT = adhoc(
    "MERGE (p:Projection {key: 'projection'}) SET p.cursor = $cursor, p.rebuilding = $rebuilding",
    mode="write",
    params=("cursor", "rebuilding"),
)


def test_a_reader_waits_until_the_graph_is_there(graph: Database) -> None:
    """A graph that nothing was projected into stands at 0; waiting ends as soon as the cursor is there."""

    async def work(store: GraphStore) -> None:
        assert await wait_for(store, None, 1) == Projection(cursor=0)
        with pytest.raises(NotCaughtUp) as caught:
            await wait_for(store, "3", 0.1)
        assert caught.value.values["position"] == "0"
        waiting = asyncio.create_task(wait_for(store, "3", 20))
        await asyncio.sleep(0.05)
        await store.write([(PUT, {"cursor": 4, "rebuilding": False})])
        assert (await waiting).position == "4"

    graph.run(work)


def test_a_graph_being_rebuilt_is_not_read(graph: Database) -> None:
    """It holds only part of the truth, so every question answers REBUILDING."""

    async def work(store: GraphStore) -> None:
        await store.write([(PUT, {"cursor": 4, "rebuilding": True})])
        with pytest.raises(Rebuilding):
            await readable(store)
        with pytest.raises(Rebuilding):
            await wait_for(store, "1", 1)

    graph.run(work)


@pytest.mark.parametrize("text", ["", "x", "-1", "1.0", "９", "9" * 30])
def test_only_positions_are_waited_for(graph: Database, text: str) -> None:
    """Anything but the text that POST answered is BAD_INPUT."""

    async def work(store: GraphStore) -> None:
        with pytest.raises(BadInput):
            await wait_for(store, text, 0.1)

    graph.run(work)
