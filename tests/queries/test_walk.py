"""Does a walk reach what plain graph search reaches? networkx is the oracle, as-of included (law L6)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.results import Lineage
from queries.store import GraphStore
from queries.walk import Budget, Reach, Walk, levels, start_walk
from tests.engine import Database
from tests.queries.edges import (
    all_pages,
    arrows,
    column,
    day,
    edge,
    examples,
    field,
    key,
    load,
    load_fields,
    node,
    on_store,
)
from tests.queries.links import DAYS, SIZE, Link, links, says

_numbers = itertools.count()


@dataclass(frozen=True)
class Asked:
    """One question over a drawn graph; `starts` are the nodes it sets out from."""

    at: int | None
    since: int | None
    depth: int | None
    first: int
    upstream: bool
    starts: tuple[int, ...] = (0,)

    def words(self) -> dict[str, Any]:
        return {
            "direction": "upstream" if self.upstream else "downstream",
            "depth": self.depth,
            "first": self.first,
            "as_of": None if self.at is None else day(self.at),
            "seen_since": None if self.since is None else day(self.since),
            "totals": True,
        }


questions = st.builds(
    Asked,
    at=st.none() | st.integers(0, DAYS + 1),
    since=st.none() | st.integers(0, DAYS),
    depth=st.none() | st.integers(0, 4),
    first=st.integers(1, 4),
    upstream=st.booleans(),
)


def expected(found: list[Link], asked: Asked) -> tuple[dict[str, int], set[tuple[str, str]]]:
    """Every node reached with its depth, starts included, and the edges among them."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(str(n) for n in range(SIZE))
    graph.add_edges_from(
        (str(link.source), str(link.target)) for link in found if link.holds(asked.at, asked.since)
    )
    walked = graph.reverse() if asked.upstream else graph
    reached: dict[str, int] = {}
    for start in asked.starts:
        for name, far in nx.single_source_shortest_path_length(
            walked, str(start), cutoff=asked.depth
        ).items():
            reached[name] = min(far, reached.get(name, far))
    return reached, {(a, b) for a, b in graph.edges if a in reached and b in reached}


def check(pages: list[Lineage], reached: dict[str, int], edges: set[tuple[str, str]], *, root: bool) -> None:
    """Rows, edges, their pages and the totals; with `root` the start is no row."""
    rows = {name: far for name, far in reached.items() if far or not root}
    listed = [(row.depth, row.node.name) for page in pages for row in page.nodes]
    assert listed == sorted((far, name) for name, far in rows.items())
    shown = [arrow for page in pages for arrow in arrows(page)]
    assert len(shown) == len(set(shown))
    assert set(shown) == edges
    for number, page in enumerate(pages):
        here = {row.node.name for row in page.nodes} | ({"0"} if root and number == 0 else set())
        assert all(max(ends, key=lambda name: (reached[name], name)) in here for ends in arrows(page))
    totals = pages[0].totals
    assert totals is not None
    assert (totals.nodes, totals.edges) == (len(rows), len(edges))
    assert sum(one.count for one in totals.by_depth) == len(rows)


def test_pages_equal_the_oracle(graph: Database) -> None:
    """Rows, depths, edges and totals over all pages are those of a plain search over the edges that hold."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 60), deadline=None)
        @given(found=links(), asked=questions)
        def law(found: list[Link], asked: Asked) -> None:
            space = f"n{next(_numbers)}"

            async def work(store: GraphStore) -> list[Lineage]:
                nodes = [node(n, namespace=space) for n in range(SIZE)]
                rows = [edge(key(one.source, space), key(one.target, space), **says(one)) for one in found]
                await load(store, nodes, rows)
                return await all_pages(store, key(0, space), **asked.words())

            check(run(work), *expected(found, asked), root=True)

        law()


def test_pages_of_fields_equal_the_oracle(graph: Database) -> None:
    """Columns obey the same law, from one field and from all fields of a dataset at once."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 60), deadline=None)
        @given(found=links(), asked=questions, whole=st.booleans())
        def law(found: list[Link], asked: Asked, *, whole: bool) -> None:
            space = f"f{next(_numbers)}"
            asked = replace(asked, starts=(0, 1) if whole else (0,))
            owners = {n: key("s" if n in {0, 1} else "t", space) for n in range(SIZE)}

            async def work(store: GraphStore) -> list[Lineage]:
                await load(store, [node("s", namespace=space), node("t", namespace=space)], [])
                fields = [field(n, owner) for n, owner in owners.items()]
                names = [one["key"] for one in fields]
                rows = [column(names[one.source], names[one.target], **says(one)) for one in found]
                await load_fields(store, fields, rows)
                of = key("s", space) if whole else names[0]
                return await all_pages(store, of, granularity="FIELD", **asked.words())

            check(run(work), *expected(found, asked), root=not whole)

        law()


def test_time_that_is_over_cuts_a_walk_and_keeps_what_it_reached(graph: Database) -> None:
    """Between hops the clock is looked at: what was reached by then is told, and that time cut it."""
    with on_store(graph) as run:

        async def work(store: GraphStore) -> tuple[list[int], Walk]:
            await load(store, [node(n) for n in range(9)], [edge(key(n), key(n + 1)) for n in range(8)])
            walk = start_walk(Reach("downstream"), Budget(100, 100, float("inf")), [key(0)])
            depths = []
            async for level in levels(store, walk):
                depths.append(level.depth)
                if level.depth == 3:
                    walk.budget = Budget(100, 100, ends_at=0.0)
            return depths, walk

        depths, walk = run(work)
    assert (depths, walk.truncated_by, len(walk.depth_of)) == ([1, 2, 3], ["time"], 4)
