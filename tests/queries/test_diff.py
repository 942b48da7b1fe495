"""Is what changed between two instants what plain graph search finds to differ, on every engine?"""

from __future__ import annotations

import itertools
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_schema.errors import BadInput, LimitExceeded, NodeNotFound, NotSupported
from queries.diff import DiffQuestion, SideAsked, diff
from queries.differences import Diff
from queries.limits import Limits
from queries.projection import read_projection
from queries.store import GraphStore
from tests.engine import Database, on_arcadedb
from tests.queries.edges import day, edge, examples, key, load, node, on_store, short
from tests.queries.links import DAYS, SIZE, Link, links, says

_numbers = itertools.count()
Sides = dict[tuple[str, ...], str]


async def ask(
    store: GraphStore, a: SideAsked, b: SideAsked, limits: Limits | None = None, **more: Any
) -> Diff:
    question = DiffQuestion(before=a, after=b, **more)
    return await diff(store, question, limits or Limits(), projection=await read_projection(store))


def side(found: list[Link], root: str, at: int | None, *, upstream: bool, depth: int | None) -> Sides:
    """What one side is made of, by plain graph search: nodes, and edges with the jobs that hold."""
    holding = [link for link in found if link.holds(at, None)]
    graph: nx.DiGraph[Any] = nx.DiGraph([(str(link.source), str(link.target)) for link in holding])
    graph.add_node(root)
    walked = graph.reverse() if upstream else graph
    near = set(nx.single_source_shortest_path_length(walked, root, cutoff=depth))
    sides: Sides = {(name,): "" for name in near}
    for source, target in graph.subgraph(near).edges:
        jobs = sorted(
            {f"job:n:{one.job}" for one in holding if (str(one.source), str(one.target)) == (source, target)}
        )
        sides[source, target] = ", ".join(jobs)
    return sides


def test_two_instants_differ_as_the_oracle_says(graph: Database) -> None:
    """L6 for diff: added, removed and changed nodes and edges are those of the sets of both instants."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 50), deadline=None)
        @given(
            found=links(),
            root=st.integers(0, SIZE - 1),
            times=st.tuples(*[st.none() | st.integers(0, DAYS + 1)] * 2),
            upstream=st.booleans(),
            depth=st.none() | st.integers(0, 4),
        )
        def law(
            found: list[Link],
            root: int,
            times: tuple[int | None, int | None],
            *,
            upstream: bool,
            depth: int | None,
        ) -> None:
            space = f"d{next(_numbers)}"

            async def work(store: GraphStore) -> Diff:
                nodes = [node(n, namespace=space) for n in range(SIZE)]
                rows = [edge(key(one.source, space), key(one.target, space), **says(one)) for one in found]
                await load(store, nodes, rows)
                a, b = (SideAsked(key(root, space), None if at is None else day(at)) for at in times)
                return await ask(store, a, b, direction="upstream" if upstream else "downstream", depth=depth)

            answer = run(work)
            was, now = (side(found, str(root), at, upstream=upstream, depth=depth) for at in times)
            expected = {
                (thing, "ADDED" if thing not in was else "REMOVED" if thing not in now else "CHANGED")
                for thing in was.keys() | now.keys()
                if was.get(thing) != now.get(thing)
            }
            told = {
                (tuple(short(end) for end in (one.subject, one.target) if end), one.change)
                for one in answer.differences
            }
            assert told == expected
            assert sum(one.count for one in answer.counts) == len(expected)
            assert answer.completeness.complete

        law()


@on_arcadedb
def test_a_cut_side_is_compared_as_far_as_both_are_whole(graph: Database) -> None:
    """Where a limit cut one side, what lies deeper is not told as removed, and the answer says how deep it went."""
    with on_store(graph) as run:

        async def work(store: GraphStore) -> Diff:
            nodes = [node(n, namespace="cut") for n in range(9)]
            chain = [edge(key(n + 1, "cut"), key(n, "cut")) for n in range(8)]
            late = [edge(key(n, "cut"), key(0, "cut"), valid_from=[day(5)]) for n in (3, 4, 5)]
            await load(store, nodes, [*chain, *late])
            root = key(0, "cut")
            return await ask(store, SideAsked(root, day(2)), SideAsked(root), Limits(page_max=6), first=6)

        answer = run(work)
        assert answer.completeness.truncated_by == ["nodes"]
        assert answer.compared_depth == 1
        ends = [(short(one.subject), one.target and short(one.target)) for one in answer.differences]
        assert ends == [*((n, None) for n in "345"), ("3", "0"), ("4", "0"), ("4", "3")]
        assert [(one.change, one.count) for one in answer.counts] == [("ADDED", 8)]


@on_arcadedb
def test_pages_of_differences_are_the_whole(graph: Database) -> None:
    """Going on by the cursor gives every difference once, in order; with another question it is refused."""
    with on_store(graph) as run:

        async def work(store: GraphStore) -> tuple[Diff, list[Diff]]:
            await load(
                store,
                [node(n, namespace="page") for n in range(8)],
                [edge(key(n, "page"), key(0, "page"), valid_from=[day(5)]) for n in range(1, 8)],
            )
            sides = SideAsked(key(0, "page"), day(1)), SideAsked(key(0, "page"))
            whole = await ask(store, *sides)
            pages = [await ask(store, *sides, first=4)]
            while pages[-1].page_info.has_next_page:
                pages.append(await ask(store, *sides, first=4, after_cursor=pages[-1].page_info.end_cursor))
            with pytest.raises(BadInput, match="another question"):
                await ask(store, *sides, depth=1, after_cursor=pages[0].page_info.end_cursor)
            return whole, pages

        whole, pages = run(work)
        assert len(whole.differences) == 14
        assert [one for page in pages for one in page.differences] == whole.differences
        assert [page.counts for page in pages] == [whole.counts] * 4


@on_arcadedb
def test_what_cannot_be_compared_is_refused(graph: Database) -> None:
    """Unknown keys, odd depths, pages too long, and granularities that have no differences: each a typed error."""
    with on_store(graph) as run:

        async def work(store: GraphStore) -> None:
            await load(store, [node(0, namespace="no")], [])
            known, unknown = SideAsked(key(0, "no")), SideAsked(key(99, "no"))
            for wrong, error in (
                ({"depth": -1}, BadInput), ({"granularity": "JOB"}, NotSupported), ({"granularity": "X"}, BadInput),
                ({"first": -1}, BadInput), ({"first": 10_000_000}, LimitExceeded), ({"after_cursor": "x"}, BadInput),
            ):  # fmt: skip
                with pytest.raises(error):
                    await ask(store, known, known, **wrong)
            with pytest.raises(NodeNotFound):
                await ask(store, known, unknown)

        run(work)
