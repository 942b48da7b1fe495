"""Is a rolled-up walk what plain graph search and the quotient say, on every engine?"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_schema.errors import BadInput, LimitExceeded, LineageError, NodeNotFound, NotSupported
from queries.limits import Limits
from queries.projection import read_projection
from queries.rollup import Rollup, RollupQuestion, rollup
from queries.store import GraphStore
from tests.engine import Database, adhoc, on_arcadedb
from tests.queries.edges import day, edge, examples, key, load, node, on_store
from tests.queries.links import DAYS, SIZE, Link, links, says
from tests.queries.test_jobs import World, fill, job_key, worlds

_numbers = itertools.count()
_parents = adhoc(
    "UNWIND $rows AS row MATCH (j:Job {key: row.key}) SET j.parent = row.parent",
    mode="write",
    params=("rows",),
)
KINDS = ("TABLE", "VIEW", "FILE")


async def ask(store: GraphStore, of: str, limits: Limits | None = None, **more: Any) -> Rollup:
    question = RollupQuestion(of=of, **{"direction": "downstream", **more})
    return await rollup(store, question, limits or Limits(), projection=await read_projection(store))


async def all_pages(store: GraphStore, of: str, **more: Any) -> list[Rollup]:
    pages = [await ask(store, of, **more)]
    while pages[-1].page_info.has_next_page:
        pages.append(await ask(store, of, after=pages[-1].page_info.end_cursor, **more))
    return pages


def depths(pairs: set[tuple[str, str]], start: str, free: set[str]) -> dict[str, int]:
    """How many edges away each node is, where leaving one that is no hop costs nothing."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_node(start)
    graph.add_weighted_edges_from((a, b, 0 if a in free and a != start else 1) for a, b in pairs)
    return {key: int(far) for key, far in nx.single_source_dijkstra_path_length(graph, start).items()}


def within(pairs: set[tuple[str, str]], start: str, free: set[str], depth: int | None) -> dict[str, int]:
    return {key: far for key, far in depths(pairs, start, free).items() if depth is None or far <= depth}


def test_a_grouped_walk_equals_the_oracle(graph: Database) -> None:
    """Namespaces of what is reached, nearest first, members and edges counted, on pages, at an instant too."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 50), deadline=None)
        @given(
            found=links(), upstream=st.sampled_from([False, True]), depth=st.none() | st.integers(0, 3),
            at=st.none() | st.integers(0, DAYS), first=st.integers(1, 3),
            no_hops=st.frozensets(st.sampled_from(KINDS)),
        )  # fmt: skip
        def law(
            found: list[Link],
            upstream: Any,
            depth: int | None,
            at: int | None,
            first: int,
            no_hops: frozenset[str],
        ) -> None:
            tag = f"q{next(_numbers)}"
            space = [f"{tag}{'abc'[n % 3]}" for n in range(SIZE)]
            keys = [key(n, space[n]) for n in range(SIZE)]

            async def work(store: GraphStore) -> list[Rollup]:
                nodes = [node(n, namespace=space[n], kind=KINDS[n % 2]) for n in range(SIZE)]
                edges = [edge(keys[one.source], keys[one.target], **says(one)) for one in found]
                await load(store, nodes, edges)
                return await all_pages(
                    store, keys[0], direction="upstream" if upstream else "downstream", depth=depth,
                    as_of=None if at is None else day(at), group_by="NAMESPACE", first=first,
                    ignore_as_hops=no_hops,
                )  # fmt: skip

            pages = run(work)
            pairs = {(keys[one.source], keys[one.target]) for one in found if one.holds(at, None)}
            walked = {(b, a) for a, b in pairs} if upstream else pairs
            free = {keys[n] for n in range(SIZE) if KINDS[n % 2] in no_hops}
            reached = within(walked, keys[0], free, depth)
            groups = [group for page in pages for group in page.groups]
            block = {one: f"namespace:{space[number]}" for number, one in enumerate(keys)}
            nearest = Counter(
                {block[one]: -far for one, far in sorted(reached.items(), key=lambda row: -row[1])}
            )
            assert [(group.depth, group.key) for group in groups] == sorted(
                (-far, name) for name, far in nearest.items()
            )
            assert {group.key: group.nodes for group in groups} == Counter(block[one] for one in reached)
            counted = Counter((block[a], block[b]) for a, b in pairs if {a, b} <= reached.keys())
            told = {(one.source, one.target): one.edges for page in pages for one in page.edges}
            inside = {(group.key, group.key): group.inside for group in groups if group.inside}
            assert told | inside == counted
            assert all(page.totals.edges == counted.total() for page in pages)
            assert all(one.guesses == one.edges for page in pages for one in page.edges)
            assert all(page.completeness.complete for page in pages)

        law()


def test_jobs_are_hidden_and_are_no_hops(graph: Database) -> None:
    """At JOB, hiding jobs joins the datasets that they connect; jobs that are no hops leave depth to datasets."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 40), deadline=None)
        @given(world=worlds, depth=st.none() | st.integers(0, 3), start=st.integers(0, 4))
        def law(world: World, depth: int | None, start: int) -> None:
            space = f"r{next(_numbers)}"

            async def work(store: GraphStore) -> tuple[Rollup, Rollup]:
                await fill(store, world, space)
                asked: dict[str, Any] = {
                    "granularity": "JOB",
                    "depth": depth,
                    "ignore_as_hops": frozenset({"JOB"}),
                }
                of = key(start, space)
                hidden = await ask(store, of, hide_kinds=frozenset({"JOB"}), **asked)
                return await ask(store, of, **asked), hidden

            shown, hidden = run(work)
            root = key(world.canonical(start), space)
            pairs = world.arrows(space)
            reached = within(pairs, root, {job_key(n, space) for n in range(3)}, depth)
            assert {group.key: group.depth for group in shown.groups} == reached
            assert [(group.depth, group.key) for group in hidden.groups] == sorted(
                (far, one) for one, far in reached.items() if not one.startswith("job:")
            )
            inner = {(a, b) for a, b in pairs if {a, b} <= reached.keys()}
            joined = {(a, d) for a, b in inner for c, d in inner if b == c and b.startswith("job:")}
            assert {(one.source, one.target) for one in hidden.edges} == {(a, b) for a, b in joined if a != b}
            assert {group.key for group in hidden.groups if group.inside} == {a for a, b in joined if a == b}
            assert all((one.edges, one.via) == (1, 1) for one in hidden.edges)

        law()


@on_arcadedb
def test_jobs_are_rolled_up_into_their_outermost_parents(graph: Database) -> None:
    """A task's and a model's jobs become one row of the outermost job; datasets stand for themselves."""
    world = World(frozenset({(0, 0, True), (1, 1, True)}), frozenset({(0, 1, True), (1, 2, True)}))

    async def work(store: GraphStore) -> None:
        await fill(store, world, "n")
        rows = [(job_key(0), job_key(2)), (job_key(1), job_key(0))]
        await store.write([(_parents, {"rows": [{"key": one, "parent": other} for one, other in rows]})])
        asked: dict[str, Any] = {"granularity": "JOB", "group_by": "PARENT_JOB"}
        answer = await ask(store, key(0), **asked)
        assert [(group.depth, group.key, group.nodes) for group in answer.groups] == [
            (0, key(0), 1), (1, job_key(2), 2), (2, key(1), 1), (4, key(2), 1),
        ]  # fmt: skip
        (parent,) = (group.node for group in answer.groups if group.nodes == 2)
        assert parent is not None
        assert parent.key == job_key(2)
        tables = frozenset({"TABLE"})
        alone = await ask(store, key(0), hide_kinds=tables, **asked)  # the root is never hidden
        assert [(one.source, one.target, one.edges) for one in alone.edges] == [(key(0), job_key(2), 1)]
        assert [(group.inside, group.nodes) for group in alone.groups] == [(0, 1), (1, 2)]

    graph.run(work)


@on_arcadedb
def test_datasets_are_rolled_up_into_schemas(graph: Database) -> None:
    """What stands before the last dot, under its namespace; the namespace where there is none."""

    async def work(store: GraphStore) -> None:
        await load(
            store,
            [node("db.a.x"), node("db.b.y"), node("db.a.z"), node("w")],
            [
                edge(key("db.a.x"), key("db.b.y")),
                edge(key("db.b.y"), key("db.a.z")),
                edge(key("db.b.y"), key("w")),
            ],
        )
        answer = await ask(store, key("db.a.x"), group_by="SCHEMA")
        assert [(group.key, group.namespace, group.name, group.nodes) for group in answer.groups] == [
            ("schema:n:db.a", "n", "db.a", 2), ("schema:n:db.b", "n", "db.b", 1), ("namespace:n", "n", "n", 1),
        ]  # fmt: skip
        assert answer.completeness.guessed_edges == 3

    graph.run(work)


@on_arcadedb
def test_limits_cut_and_say_so(graph: Database) -> None:
    """Nodes and depth, as in any walk; a depth that was asked for cuts nothing."""

    async def work(store: GraphStore) -> None:
        await load(store, [node(n) for n in range(5)], [edge(key(n), key(n + 1)) for n in range(4)])
        for limits, depth, said in (
            (Limits(nodes_max=3), None, ["nodes"]),
            (Limits(depth_max=2), None, ["depth"]),
            (Limits(), 2, []),
        ):
            answer = await ask(store, key(0), limits, depth=depth)
            assert answer.completeness.truncated_by == said
            assert (answer.totals.nodes, answer.completeness.complete) == (3, not said)

    graph.run(work)


@on_arcadedb
@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"granularity": "FIELD"}, NotSupported),
        ({"granularity": "X"}, BadInput),
        ({"direction": "sideways"}, BadInput),
        ({"group_by": "COLOUR"}, BadInput),
        ({"group_by": "PARENT_JOB"}, BadInput),
        ({"depth": -1}, BadInput),
        ({"first": 10_001}, LimitExceeded),
        ({"after": "x"}, BadInput),
        ({"of": key(9)}, NodeNotFound),
    ],
)
def test_what_cannot_be_asked_is_refused(
    graph: Database, more: dict[str, Any], error: type[LineageError]
) -> None:
    """Each with what to ask instead."""

    async def work(store: GraphStore) -> None:
        await load(store, [node(0)], [])
        with pytest.raises(error):
            await ask(store, **{"of": key(0), **more})

    graph.run(work)
