"""Is a watched set the one that plain graph search finds, and is every change of it told, on every engine?"""

from __future__ import annotations

import itertools
from typing import Any, Literal

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_schema.errors import BadInput, BadKey, LimitExceeded, LineageError, NodeNotFound, NotSupported
from queries.limits import Limits
from queries.projection import read_projection
from queries.results import Completeness
from queries.store import GraphStore
from queries.watched import LISTED_MAX, Present, change, present, watched
from tests.engine import Database, on_arcadedb
from tests.queries.edges import edge, examples, key, load, node, on_store, short
from tests.queries.links import SIZE, Link, links, says

Way = Literal["upstream", "downstream"]
_numbers = itertools.count()
names = st.frozensets(st.sampled_from("abcdefgh"))


async def look(
    store: GraphStore, of: str, way: Way, limits: Limits | None = None, depth: int | None = None
) -> Present:
    asked = watched(of, way, granularity="DATASET", depth=depth)
    return await present(store, asked, limits or Limits(), projection=await read_projection(store))


def reached(pairs: set[tuple[int, int]], root: int, way: Way, depth: int | None) -> set[int]:
    graph: nx.DiGraph[int] = nx.DiGraph(pairs)
    graph.add_nodes_from(range(SIZE))
    facing = graph if way == "downstream" else graph.reverse()
    return set(nx.single_source_shortest_path_length(facing, root, cutoff=depth)) - {root}


def test_the_set_and_its_edges_equal_the_oracle(graph: Database) -> None:
    """The keys that networkx reaches over open edges, and as many edges as there are among them and the root."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 40), deadline=None)
        @given(
            found=links(),
            root=st.integers(0, SIZE - 1),
            way=st.sampled_from(["upstream", "downstream"]),
            depth=st.none() | st.integers(0, 3),
        )
        def law(found: list[Link], root: int, way: Way, depth: int | None) -> None:
            space = f"w{next(_numbers)}"

            async def work(store: GraphStore) -> Present:
                nodes = [node(n, namespace=space) for n in range(SIZE)]
                rows = [edge(key(one.source, space), key(one.target, space), **says(one)) for one in found]
                await load(store, nodes, rows)
                return await look(store, key(root, space), way, depth=depth)

            now = run(work)
            open_now = {(one.source, one.target) for one in found if one.holds(None, None)}
            expected = reached(open_now, root, way, depth)
            assert {int(short(one)) for one in now.keys} == expected
            inside = {root, *expected}
            assert now.edges == sum(a in inside and b in inside for a, b in open_now)

        law()


def test_an_edge_that_moves_is_a_change(graph: Database) -> None:
    """As many nodes and as many edges as before, and one of them another one: told as a change of edges."""
    one, other = [("a", "b"), ("a", "c"), ("b", "d")], [("a", "b"), ("a", "c"), ("c", "d")]

    async def work(store: GraphStore) -> list[Present]:
        found = []
        for space, pairs in (("x", one), ("y", other)):
            nodes = [node(name, namespace=space) for name in "abcd"]
            await load(store, nodes, [edge(key(a, space), key(b, space)) for a, b in pairs])
            found.append(await look(store, key("a", space), "downstream"))
        return [*found, await look(store, key("a", "x"), "downstream")]

    before, after, again = graph.run(work)
    assert (before.edges, after.edges) == (3, 3)
    assert before.mark != after.mark
    assert before.same(again)
    assert change(before, again).edges_changed is False


def state(keys: frozenset[str], **more: Any) -> Present:
    known = {"root": "r", "edges": 0, "mark": 0, "truncated_by": (), "position": "7"}
    return Present(keys=keys, **{**known, **more})


@given(names, names)
def test_changes_add_up(before: frozenset[str], after: frozenset[str]) -> None:
    """What was there, with what came and without what went, is what is there now."""
    told = change(state(before), state(after))
    assert (before | set(told.added)) - set(told.removed) == after
    assert not set(told.added) & set(told.removed)
    assert (told.added_count, told.removed_count) == (len(told.added), len(told.removed))
    assert (told.added, told.removed) == (sorted(told.added), sorted(told.removed))
    assert told.nodes == len(after)


def test_the_first_message_adds_nothing() -> None:
    """It says how much is there and up to which position."""
    told = change(None, state(frozenset("ab"), edges=2))
    assert (told.added, told.removed, told.edges_changed, told.nodes, told.edges) == ([], [], False, 2, 2)
    assert told.completeness == Completeness(
        complete=True, truncated_by=[], hidden=0, guessed_edges=0, position="7"
    )


def test_a_long_list_is_cut_and_says_so() -> None:
    """The first keys by name, and the whole count."""
    many = frozenset(f"{n:05}" for n in range(LISTED_MAX + 1))
    told = change(state(frozenset()), state(many))
    assert (len(told.added), told.added[0], told.added_count) == (LISTED_MAX, "00000", LISTED_MAX + 1)
    assert (told.completeness.complete, told.completeness.truncated_by) == (False, ["listed"])


@on_arcadedb
def test_a_set_that_is_too_big_is_refused_whole(graph: Database) -> None:
    """What is cut cannot be compared: the limit is named, and a smaller depth is taken."""

    async def work(store: GraphStore) -> None:
        await load(store, [node(n) for n in range(6)], [edge(key(n), key(n + 1)) for n in range(5)])
        assert len((await look(store, key(0), "downstream", Limits(nodes_max=5))).keys) == 5
        with pytest.raises(LimitExceeded, match="HEADWATER_WATCHED_NODES_MAX"):
            await look(store, key(0), "downstream", Limits(nodes_max=4))
        assert len((await look(store, key(0), "downstream", Limits(nodes_max=4), depth=4)).keys) == 4
        cut = await look(store, key(0), "downstream", Limits(depth_max=2))
        assert (len(cut.keys), change(None, cut).completeness.truncated_by) == (2, ["depth"])
        with pytest.raises(NodeNotFound):
            await look(store, key(99), "downstream")

    graph.run(work)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"of": "nope"}, BadKey),
        ({"granularity": "RUN"}, NotSupported),
        ({"granularity": "NOPE"}, BadInput),
        ({"depth": -1}, BadInput),
    ],
)
def test_what_cannot_be_watched_is_refused(asked: dict[str, Any], error: type[LineageError]) -> None:
    """Before anything is read."""
    with pytest.raises(error):
        watched(**{"of": key("a"), "direction": "upstream", "granularity": "DATASET", "depth": None, **asked})
