"""Does a lineage answer keep what it promises, on the real engine?"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import pytest

from graph_schema.errors import BadInput, BadKey, LimitExceeded, NodeNotFound, TimedOut
from graph_schema.instants import OPEN_END, SUSPECT
from queries.limits import Limits
from queries.store import GraphStore
from tests.engine import Database, adhoc
from tests.queries.edges import all_pages, arrows, ask, day, edge, key, listed, load, node, on_store

RELATED = adhoc(
    """
    MATCH (a:Dataset {key: $a}) MATCH (b:Dataset {key: $b})
    CREATE (alias:Dataset {key: 'dataset:s3:alias', namespace: 's3', name: 'alias', kind: 'FILE'})
    CREATE (alias)-[:ALIAS_OF]->(a)
    CREATE (f:Field {key: $a + '#id', dataset: $a, name: 'id', path: 'id'})
    CREATE (a)-[:HAS_FIELD]->(f)
    CREATE (j:Job {key: 'job:n:j', namespace: 'n', name: 'j'})
    CREATE (r:Run {key: 'run:00000000-0000-4000-8000-000000000001', job: 'job:n:j', state: 'COMPLETED'})
    CREATE (r)-[:RUN_OF]->(j) CREATE (r)-[:READ]->(alias) CREATE (r)-[:WROTE]->(b)
    CREATE (alias)-[:INPUT_TO {current: true}]->(j) CREATE (j)-[:OUTPUTS {current: true}]->(b)
    CREATE (p:Person {key: 'person::mo', name: 'mo'})
    """,
    mode="write",
    params=("a", "b"),
)


async def chain(store: GraphStore) -> None:
    """Write a -> b -> c, with c a view, and what hangs on them."""
    await load(
        store,
        [node("a"), node("b"), node("c", kind="VIEW")],
        [edge(key("a"), key("b")), edge(key("b"), key("c"), evidence="COLUMN")],
    )
    await store.write([(RELATED, {"a": key("a"), "b": key("b")})])


def test_any_key_can_be_asked_about(graph: Database) -> None:
    """An alias means its canonical name, a field its dataset; of a run or job its datasets are at depth 0."""

    async def work(store: GraphStore) -> None:
        await chain(store)
        for of in (key("a"), "dataset:s3:alias", key("a") + "#id"):
            answer = await ask(store, of)
            assert answer.root.key == key("a")
            assert listed(answer) == [(1, "b"), (2, "c")]
        for of in ("run:00000000-0000-4000-8000-000000000001", "job:n:j"):
            answer = await ask(store, of)
            assert (answer.root.key, listed(answer)) == (of, [(0, "b"), (1, "c")])
            assert arrows(answer) == [("b", "c")]
            assert listed(await ask(store, of, direction="upstream")) == [(0, "a")]
        with pytest.raises(BadInput, match="person"):
            await ask(store, "person::mo")

    graph.run(work)


def test_kinds_filter_rows_and_not_the_walk(graph: Database) -> None:
    """A view behind a table is found when only views are asked for; totals count rows of the kind."""

    async def work(store: GraphStore) -> None:
        await chain(store)
        answer = await ask(store, key("a"), kinds=frozenset({"VIEW"}), totals=True)
        assert listed(answer) == [(2, "c")]
        assert arrows(answer) == [("b", "c")]
        assert answer.totals is not None
        assert [(one.kind, one.count) for one in answer.totals.by_kind] == [("VIEW", 1)]

    graph.run(work)


def test_rows_of_several_jobs_are_one_edge(graph: Database) -> None:
    """Jobs without null, earliest start, open end, newest sight, strongest evidence; suspect is unknown."""

    async def work(store: GraphStore) -> None:
        edges = [
            edge(key("a"), key("b"), job="job:n:y", evidence="DECLARED", valid_from=[day(2)], last_at=day(3)),
            edge(key("a"), key("b"), job="", evidence="PRODUCT", valid_from=[day(1)], last_at=day(9)),
            edge(key("a"), key("b"), job="job:n:x", valid_from=[day(0), day(5)], valid_to=[day(4), day(6)]),
            edge(key("b"), key("b"), valid_from=[SUSPECT], last_at=SUSPECT),
        ]
        await load(store, [node("a"), node("b")], edges)
        joined, self_edge = (await ask(store, key("a"))).edges
        assert (joined.jobs, joined.evidence) == (["job:n:y"], "DECLARED")
        assert (joined.valid_from, joined.valid_to, joined.last_at) == (day(1), None, day(9))
        assert (self_edge.source, self_edge.valid_from, self_edge.last_at) == (key("b"), None, None)
        (then,) = (await ask(store, key("a"), as_of=day(3), first=1)).edges[:1]
        assert (then.jobs, then.valid_from, then.valid_to) == (["job:n:x", "job:n:y"], day(0), None)

    graph.run(work)


def test_an_unknown_root_is_told_with_names_like_it(graph: Database) -> None:
    """NOT_FOUND lists names with the longest common beginnings; an empty graph says how to fill it."""

    async def work(store: GraphStore) -> None:
        with pytest.raises(NodeNotFound, match="headwater ingest"):
            await ask(store, key("nothing"))
        await load(store, [node(f"sales.order_{n}") for n in range(30)] + [node("sales.orders_daily")], [])
        with pytest.raises(NodeNotFound) as caught:
            await ask(store, key("sales.orders"))
        near: list[str] = caught.value.values["near"]
        assert near[0] == key("sales.orders_daily")
        assert len(near) == 5
        with pytest.raises(NodeNotFound) as caught:
            await ask(store, "job:elsewhere:x")
        assert caught.value.values["near"] == []
        with pytest.raises(BadKey):
            await ask(store, "sales.orders")

    graph.run(work)


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"first": 10_001}, LimitExceeded),
        ({"first": -1}, BadInput),
        ({"depth": -1}, BadInput),
        ({"granularity": "PLANET"}, BadInput),
        ({"after": "x"}, BadInput),
    ],
)
def test_what_cannot_be_asked_is_refused(
    graph: Database, more: dict[str, Any], error: type[Exception]
) -> None:
    """Limits and wrong words are typed errors, not empty answers."""

    async def work(store: GraphStore) -> None:
        await load(store, [node("a")], [])
        with pytest.raises(error):
            await ask(store, key("a"), **more)

    graph.run(work)


def test_a_cursor_is_bound_to_its_question(graph: Database) -> None:
    """A page's cursor goes on with its own question alone, and the size of the page may change."""

    async def work(store: GraphStore) -> None:
        await chain(store)
        first = await ask(store, key("a"), first=1)
        after = first.page_info.end_cursor
        assert first.page_info.has_next_page
        assert listed(await ask(store, key("a"), first=7, after=after)) == [(2, "c")]
        with pytest.raises(BadInput, match="another question"):
            await ask(store, key("a"), first=1, depth=3, after=after)

    graph.run(work)


def test_a_limit_that_cuts_is_said(graph: Database) -> None:
    """Nodes, depth and time that run out are named in truncatedBy; the nearest rows stay."""

    async def work(store: GraphStore) -> None:
        names = [f"x{n:02d}" for n in range(20)]
        links = [edge(key(a), key(b)) for a, b in pairwise(names)]
        await load(store, [node(name) for name in names], links)
        cut = await ask(store, key("x00"), Limits(nodes_max=5), totals=True)
        assert ([name for _, name in listed(cut)], cut.completeness.truncated_by) == (names[1:5], ["nodes"])
        assert not cut.completeness.complete
        cut = await ask(store, key("x00"), Limits(depth_max=3))
        assert (len(cut.nodes), cut.completeness.truncated_by) == (3, ["depth"])
        assert (await ask(store, key("x00"), depth=3)).completeness.complete
        with pytest.raises(TimedOut):
            await ask(store, key("x00"), Limits(time_s=0.0001))

    graph.run(work)


def test_a_lattice_of_2_to_the_60_paths_is_answered_at_once(graph: Database) -> None:
    """60 layers of 2, each joined to all of the next: nobody counts paths, so it takes less than a second."""
    layers = [[f"l{layer:02d}_{n}" for n in range(2)] for layer in range(60)]
    links = [edge(key(a), key(b)) for one, two in pairwise(layers) for a in one for b in two]
    nodes = [node("root"), *(node(name) for layer in layers for name in layer)]
    links += [edge(key("root"), key(name)) for name in layers[0]]
    with on_store(graph) as run:
        run(lambda store: load(store, nodes, links))
        began = time.perf_counter()
        answer = run(lambda store: ask(store, key("root"), totals=True))
        took_s = time.perf_counter() - began
        assert answer.totals is not None
        assert (answer.totals.nodes, answer.totals.edges) == (120, 2 + 59 * 4)
        assert len(answer.edges) == 2 + 59 * 4
        up = run(lambda store: ask(store, key("l59_1"), direction="upstream"))
        assert len(up.nodes) == 119
    assert took_s < 60  # a second on a quiet machine; here for what never ends


def test_a_hub_with_ten_thousand_children_is_paged(graph: Database) -> None:
    """The first pages of a hub come soon and do not overlap; every edge to the page's rows is there."""
    names = [f"c{n:05d}" for n in range(10_000)]
    links = [edge(key("hub"), key(name)) for name in names] + [edge(key("c00000"), key("leaf"))]
    with on_store(graph) as run:
        run(lambda store: load(store, [node("hub"), node("leaf"), *(node(name) for name in names)], links))
        began = time.perf_counter()
        page = run(lambda store: ask(store, key("hub"), first=500))
        took_s = time.perf_counter() - began
        assert [name for _, name in listed(page)] == names[:500]
        assert arrows(page) == [("hub", name) for name in names[:500]]
        pages = run(lambda store: all_pages(store, key("hub"), first=5_000))
        assert [len(one.nodes) for one in pages] == [5_000, 5_000, 1]
        assert arrows(pages[2]) == [("c00000", "leaf")]
        assert run(lambda store: ask(store, key("c00007"), direction="upstream")).nodes[0].node.name == "hub"
    assert took_s < 10


def test_open_ends_are_null(graph: Database) -> None:
    """An edge that is still fed has no end; one that ended then has one."""

    async def work(store: GraphStore) -> None:
        past = edge(key("a"), key("b"), valid_from=[day(1), day(4)], valid_to=[day(2), day(5)])
        await load(store, [node("a"), node("b")], [past])
        assert (await ask(store, key("a"))).nodes == []
        (then,) = (await ask(store, key("a"), as_of=day(4))).edges
        assert (then.valid_from, then.valid_to) == (day(4), day(5))
        assert (await ask(store, key("a"), as_of=day(2))).edges == []
        assert OPEN_END not in str(then)

    graph.run(work)
