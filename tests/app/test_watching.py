"""Do many who watch cost one look, is nothing told that did not change, and is everything freed when they leave?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any

import pytest
from prometheus_client import Gauge

from app.settings import Settings
from app.watching import TooManySubscriptions, Watching
from graph_schema.errors import LimitExceeded, LineageError, NodeNotFound, StoreUnavailable, Unauthorized
from queries.projection import read_projection
from queries.statements import Statement, statement
from queries.store import GraphStore, Row, Step
from queries.watched import SetChange, watched
from tests.engine import Database, adhoc
from tests.queries.edges import edge, key, load, node

PAUSE_S = 0.05
SOON_S = 20.0
DROP = adhoc(
    "MATCH (a:Dataset {key: $source})-[r:FEEDS]->(b:Dataset {key: $target}) DELETE r",
    mode="write",
    params=("source", "target"),
)


class Counted:
    """The real store, which counts what it is asked and can be taken away for a while."""

    def __init__(self, store: GraphStore) -> None:
        self._store = store
        self.dialect = store.dialect
        self.asked: list[str] = []
        self.away: LineageError | ZeroDivisionError | None = None

    async def read(self, asked: Statement, /, **params: Any) -> list[Row]:
        self.asked.append(asked.name)
        if self.away is not None:
            raise self.away
        return await self._store.read(asked, **params)

    async def write(self, steps: Sequence[Step], /) -> None:
        await self._store.write(steps)

    async def ping(self) -> None:
        await self._store.ping()

    async def aclose(self) -> None:
        await self._store.aclose()

    @property
    def walks(self) -> int:
        return self.asked.count("lineage/links_out")


class Scene:
    """A small graph whose edges come and go, as a projector would have it: each write moves the cursor."""

    def __init__(self, store: GraphStore, **more: Any) -> None:
        self.store = Counted(store)
        self.gauge = Gauge("watched", "In this test.", registry=None)
        settings = Settings(subscription_pause_s=PAUSE_S, **more)
        self.watching = Watching(self.store, settings, self.gauge)
        self._cursor = 0

    async def begin(self) -> None:
        await load(self.store, [node(name) for name in "abcd"], [edge(key("a"), key("b"))])
        await self.move()

    async def move(self) -> None:
        """Say that another event is in the graph."""
        self._cursor += 1
        said = {"key": "projection", "cursor": self._cursor, "rebuilding": False}
        await self.store.write([(statement("projection/set_cursor"), {"cursor": said})])

    async def link(self, source: str, target: str) -> None:
        await load(self.store, [], [edge(key(source), key(target))])
        await self.move()

    async def unlink(self, source: str, target: str) -> None:
        await self.store.write([(DROP, {"source": key(source), "target": key(target)})])
        await self.move()

    async def listen(self, of: str = "a", until: float | None = None) -> AsyncGenerator[SetChange, None]:
        asked = watched(key(of), "downstream", granularity="DATASET", depth=None)
        position = await read_projection(self.store)
        async with aclosing(self.watching.changes(asked, position, until=until)) as told:
            async for one in told:
                yield one

    async def looked(self) -> None:
        """Wait until the cursor was read twice more: whatever was to be noticed was."""
        seen = self.store.asked.count("projection_read/cursor")
        async with asyncio.timeout(SOON_S):
            while self.store.asked.count("projection_read/cursor") < seen + 3:  # noqa: ASYNC110
                await asyncio.sleep(PAUSE_S / 5)


def played(graph: Database, play: Callable[[Scene], Awaitable[None]], **settings: Any) -> None:
    """Play a scene on an engine, and see that nothing is left of it."""

    async def work(store: GraphStore) -> None:
        scene = Scene(store, **settings)
        await scene.begin()
        await play(scene)
        assert (scene.watching.open, scene.watching.watched, scene.gauge._value.get()) == (0, 0, 0)
        await scene.watching.aclose()
        await asyncio.sleep(PAUSE_S)  # a task that was cancelled ends in the next turn of the loop
        assert {task for task in asyncio.all_tasks() if task is not asyncio.current_task()} == set()

    graph.run(work)


async def soon(told: AsyncGenerator[SetChange, None]) -> SetChange:
    return await asyncio.wait_for(anext(told), SOON_S)


def test_what_comes_and_goes_is_told_and_nothing_else(graph: Database) -> None:
    """First what is there; then each change, with the position at which it was seen."""

    async def play(scene: Scene) -> None:
        async with aclosing(scene.listen()) as told:
            first = await soon(told)
            assert (first.nodes, first.edges, first.added, first.position) == (1, 1, [], "1")
            await scene.link("b", "c")
            second = await soon(told)
            assert (second.added, second.removed, second.nodes, second.edges) == ([key("c")], [], 2, 2)
            assert (second.edges_changed, second.position) == (True, "2")
            await scene.move()  # an event that changes nothing here
            await scene.looked()
            await scene.link("a", "c")  # a new way, no new node
            third = await soon(told)
            assert (third.added, third.removed, third.edges, third.position) == ([], [], 3, "4")
            assert third.edges_changed
            await scene.unlink("a", "c")
            await soon(told)
            await scene.unlink("a", "b")
            last = await soon(told)
            assert (last.removed, last.nodes, last.edges) == ([key("b"), key("c")], 0, 0)

    played(graph, play)


def test_many_listeners_cost_one_look_and_a_quiet_graph_none(graph: Database) -> None:
    """Three who ask the same: the set is read once for all, and again only when the graph moved on."""

    async def play(scene: Scene) -> None:
        async with (
            aclosing(scene.listen()) as one,
            aclosing(scene.listen()) as two,
            aclosing(scene.listen()) as three,
        ):
            for told in (one, two, three):
                await soon(told)
            assert (scene.watching.open, scene.watching.watched, scene.gauge._value.get()) == (3, 1, 3)
            await scene.looked()
            assert scene.store.walks == 1
            await scene.link("b", "c")
            heard = [await soon(told) for told in (one, two, three)]
            assert [change.added for change in heard] == [[key("c")]] * 3
            await scene.looked()
            assert scene.store.walks == 2

    played(graph, play)


def test_who_is_slow_hears_it_in_one(graph: Database) -> None:
    """What came and went meanwhile is told as what became of it in all; what came to nothing is not told."""

    async def play(scene: Scene) -> None:
        async with aclosing(scene.listen()) as slow:
            await soon(slow)
            for pair in (("b", "c"), ("c", "d")):
                await scene.link(*pair)
                await scene.looked()
            change = await soon(slow)
            assert (change.added, change.position) == ([key("c"), key("d")], "3")
            await scene.unlink("c", "d")
            await scene.looked()
            await scene.link("c", "d")
            await scene.looked()
            waiting = asyncio.create_task(soon(slow))
            await scene.looked()
            assert not waiting.done()
            await scene.unlink("b", "c")
            assert (await waiting).removed == [key("c"), key("d")]

    played(graph, play)


def test_one_too_many_is_refused_and_room_is_made_by_leaving(graph: Database) -> None:
    """The refusal names the setting; whoever leaves makes room."""

    async def play(scene: Scene) -> None:
        async with aclosing(scene.listen()) as first:
            await soon(first)
            with pytest.raises(TooManySubscriptions, match="HEADWATER_SUBSCRIPTIONS_MAX"):
                await soon(scene.listen("b"))
        async with aclosing(scene.listen("b")) as second:
            assert (await soon(second)).root == key("b")

    played(graph, play, subscriptions_max=1)


def test_what_cannot_go_on_ends_with_a_reason(graph: Database) -> None:
    """A set that grows beyond the limit; a key that is not there ends at once. Others hear on."""

    async def play(scene: Scene) -> None:
        with pytest.raises(NodeNotFound):
            await soon(scene.listen("zz"))
        async with aclosing(scene.listen()) as grows, aclosing(scene.listen("b")) as other:
            await soon(grows)
            await soon(other)
            await scene.link("b", "c")
            with pytest.raises(LimitExceeded, match="HEADWATER_WATCHED_NODES_MAX"):
                await soon(grows)
            assert (await soon(other)).added == [key("c")]
            with pytest.raises(LimitExceeded):
                await soon(scene.listen())

    played(graph, play, watched_nodes_max=1)


def test_a_graph_that_is_away_is_waited_for(graph: Database) -> None:
    """Nobody is told anything until it is back; then what changed meanwhile."""

    async def play(scene: Scene) -> None:
        async with aclosing(scene.listen()) as told:
            await soon(told)
            scene.store.away = StoreUnavailable("away")
            await scene.link("b", "c")
            await scene.looked()
            scene.store.away = None
            assert (await soon(told)).added == [key("c")]

    played(graph, play)


def test_a_bug_is_heard_of(graph: Database) -> None:
    """What nobody foresaw ends the subscriptions that met it, rather than leaving them waiting."""

    async def play(scene: Scene) -> None:
        async with aclosing(scene.listen()) as told:
            await soon(told)
            await scene.link("b", "c")
            read, scene.store.read = scene.store.read, broken_walks(scene.store.read)  # type: ignore[method-assign]
            with pytest.raises(ZeroDivisionError):
                await soon(told)
            scene.store.read = read  # type: ignore[method-assign]

    played(graph, play)


def broken_walks(read: Callable[..., Awaitable[list[Row]]]) -> Any:
    """Reads the cursor, and fails at everything else."""

    async def reading(asked: Statement, /, **params: Any) -> list[Row]:
        if asked.name.startswith("lineage/"):
            raise ZeroDivisionError
        return await read(asked, **params)

    return reading


def test_nobody_listens_longer_than_their_leave(graph: Database) -> None:
    """When it ends, whether anything changes or not, the subscription does; others hear on."""

    async def play(scene: Scene) -> None:
        async with aclosing(scene.listen()) as other, aclosing(scene.listen(until=time.time() + 1)) as told:
            await soon(other)
            await soon(told)
            with pytest.raises(Unauthorized, match="expired"):
                await soon(told)
            await scene.link("b", "c")
            assert (await soon(other)).added == [key("c")]

    played(graph, play)


def test_at_the_end_everybody_is_let_go(graph: Database) -> None:
    """Closing ends those who listen, without an error, and lets nobody wait who comes later."""

    async def play(scene: Scene) -> None:
        told = scene.listen()
        await soon(told)
        waiting = asyncio.create_task(soon(told))
        await scene.looked()
        await scene.watching.aclose()
        with pytest.raises(StopAsyncIteration):
            await waiting

    played(graph, play)
