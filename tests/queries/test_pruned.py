"""Does Neo4j's own walk give what hopping gives, and does it end when nobody waits for it any more?"""

from __future__ import annotations

import asyncio
import itertools
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_schema.errors import TimedOut
from queries.pruned import WIDE, Part, Reached, pruned_walk
from queries.reached import HOPS_FIRST
from queries.store import GraphStore
from queries.walk import Budget, Level, Reach, Walk, levels, start_walk
from tests.engine import TIMEOUT_S, Database, adhoc, on_neo4j
from tests.queries.edges import ask, edge, examples, key, listed, load, node, on_store
from tests.queries.links import SIZE, Link, links, says
from tests.queries.test_walk import Asked, questions

ENDLESS: Final = adhoc(
    "MATCH p = (:Dataset {key: $key})-[:FEEDS*1..]->(t) RETURN count(p) AS paths",
    params=("key",),
    returns=("paths",),
)
RUNNING: Final = adhoc(
    "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery CONTAINS $text RETURN count(*) AS number",
    params=("text",),
    returns=("number",),
)
SOON_S: Final = 10.0
"""Well before the engine's own limit of time would end a statement."""
LOOK_EVERY_S: Final = 0.05
_numbers = itertools.count()

parts = st.builds(
    Part,
    rows=st.integers(0, SIZE),
    from_depth=st.integers(0, 3),
    kinds=st.none() | st.just(frozenset({"VIEW"})),
    totals=st.booleans(),
)


async def both(
    store: GraphStore, asked: Asked, starts: list[str], part: Part
) -> tuple[Reached | None, list[Level], Walk]:
    """Walk in the engine, and by hops."""
    ends_at = asyncio.get_running_loop().time() + TIMEOUT_S
    reach = Reach(asked.words()["direction"], asked.words()["as_of"], asked.words()["seen_since"])
    budget = Budget(100 if asked.depth is None else asked.depth, 100, ends_at)
    found = await pruned_walk(store, start_walk(reach, budget, starts), starts, part)
    walk = start_walk(reach, budget, starts)
    return found, [level async for level in levels(store, walk)], walk


def agree(found: Reached, hopped: list[Level], walk: Walk, part: Part) -> None:
    """The levels are the same as far as they are needed, and so are counts and pairs."""
    counted: dict[int, int] = {}
    for depth, _, number in found.counts:
        counted[depth] = counted.get(depth, 0) + number
    assert {depth: n for depth, n in counted.items() if depth} == {
        one.depth: len(one.kinds) for one in hopped
    }
    given_levels = found.levels[1:]
    assert given_levels == hopped[: len(given_levels)]
    rows = [
        name
        for one in given_levels
        if one.depth > part.from_depth
        for name, kind in one.kinds.items()
        if part.kinds is None or kind in part.kinds
    ]
    assert len(rows) >= part.rows or len(given_levels) == len(hopped)
    if part.totals:
        assert found.pairs == walk.pairs


@on_neo4j
def test_both_ways_give_the_same_levels(graph: Database) -> None:
    """Over drawn graphs, times, bounds, kinds, and one to three starts."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 80), deadline=None)
        @given(found=links(), asked=questions, part=parts, starts=st.integers(1, 3))
        def law(found: list[Link], asked: Asked, part: Part, starts: int) -> None:
            space = f"p{next(_numbers)}"

            async def work(store: GraphStore) -> None:
                kinds = [node(n, namespace=space, kind="VIEW" if n % 2 else "TABLE") for n in range(SIZE)]
                rows = [edge(key(one.source, space), key(one.target, space), **says(one)) for one in found]
                await load(store, kinds, rows)
                roots = [key(n, space) for n in range(starts)]
                reached, hopped, walk = await both(store, asked, roots, part)
                if reached is None:
                    assert part.totals  # only totals of a walk that its bound cut are left to hopping
                    assert walk.at_bound
                else:
                    agree(reached, hopped, walk, part)

            run(work)

        law()


@on_neo4j
def test_what_several_starts_reach_is_counted_once(graph: Database) -> None:
    """Also where one of them reaches itself: Neo4j by itself would list it once for each start."""

    async def work(store: GraphStore) -> None:
        await load(store, [node("a"), node("b")], [edge(key("a"), key("b")), edge(key("a"), key("a"))])
        asked = Asked(at=None, since=None, depth=None, first=1, upstream=True)
        part = Part(rows=0, from_depth=0, kinds=None, totals=True)
        reached, hopped, walk = await both(store, asked, [key("a"), key("b")], part)
        assert reached is not None
        assert reached.pairs == 2
        agree(reached, hopped, walk, part)

    graph.run(work)


@on_neo4j
def test_a_page_of_what_is_far_and_wide_is_found(graph: Database) -> None:
    """Beyond the first hops, few nodes are walked in the engine, many by hops: the pages are the same."""

    async def work(store: GraphStore) -> None:
        chain = [f"x{n:02d}" for n in range(HOPS_FIRST + 4)]
        leaves = [f"y{n:05d}" for n in range(WIDE + 1)]
        narrow = [edge(key(a), key(b)) for a, b in pairwise(chain)]
        await load(store, [node(name) for name in [*chain, *leaves]], narrow)
        wanted = [(depth, name) for depth, name in enumerate(chain) if depth]
        assert listed(await ask(store, key("x00"), first=10)) == wanted
        await load(store, [], [edge(key(chain[-1]), key(name)) for name in leaves])
        answer = await ask(store, key("x00"), first=10)
        assert listed(answer) == [*wanted, *((len(chain), name) for name in leaves[: 10 - len(wanted)])]
        assert answer.page_info.has_next_page
        counted = await ask(store, key("x00"), first=10, totals=True)
        assert listed(counted) == listed(answer)
        assert counted.totals is not None
        assert counted.totals.nodes == len(wanted) + len(leaves)

    graph.run(work)


async def lattice(store: GraphStore) -> None:
    """60 layers of 2, each joined to all of the next."""
    layers = [[f"l{layer:02d}_{n}" for n in range(2)] for layer in range(60)]
    rows = [edge(key(a), key(b)) for one, two in pairwise(layers) for a in one for b in two]
    await load(store, [node(name) for layer in layers for name in layer], rows)


async def soon(store: GraphStore, *, running: bool) -> None:
    """Wait until a transaction that lists paths runs, or none does."""
    for _ in range(round(SOON_S / LOOK_EVERY_S)):
        rows = await store.read(RUNNING, text="[:FEEDS*1..]->(t) RETURN count(p)")
        if (rows[0]["number"] > 0) == running:
            return
        await asyncio.sleep(LOOK_EVERY_S)
    raise AssertionError(f"{rows[0]['number']} transactions list paths")


@on_neo4j
def test_a_walk_that_nobody_waits_for_ends_in_the_engine(graph: Database) -> None:
    """Giving up a read ends its transaction on the server at once, not only when its time is over."""

    async def work(store: GraphStore) -> None:
        await lattice(store)
        asking = asyncio.create_task(store.read(ENDLESS, key=key("l00_0")))
        await soon(store, running=True)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await soon(store, running=False)
        assert len((await ask(store, key("l00_0"))).nodes) == 118

    graph.run(work)


@on_neo4j
def test_a_walk_without_end_ends_with_its_time(graph: Database) -> None:
    """The limit of time is kept by the server too: what it started is gone afterwards."""

    async def work(store: GraphStore) -> None:
        await lattice(store)
        with pytest.raises(TimedOut):
            await store.read(ENDLESS, key=key("l00_0"))
        await soon(store, running=False)

    graph.run(work, timeout_s=4)
