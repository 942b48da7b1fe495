"""Does a walk reach what plain graph search reaches? networkx is the oracle, as-of included (law L6)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_schema.instants import OPEN_END
from queries.results import Lineage
from queries.store import GraphStore
from tests.engine import Database
from tests.queries.edges import all_pages, day, edge, key, load, node, on_store

SIZE = 7
DAYS = 9
_numbers = itertools.count()


@dataclass(frozen=True)
class Link:
    source: int
    target: int
    job: int
    spans: tuple[tuple[int, int | None], ...]
    last: int

    def holds(self, at: int | None, since: int | None) -> bool:
        inside = [
            end is None if at is None else start <= at and (end is None or at < end)
            for start, end in self.spans
        ]
        return any(inside) and (since is None or self.last >= since)


@st.composite
def links(draw: st.DrawFn) -> list[Link]:
    found: dict[tuple[int, int, int], Link] = {}
    for _ in range(draw(st.integers(0, 14))):
        source, target = draw(st.integers(0, SIZE - 1)), draw(st.integers(0, SIZE - 1))
        job = draw(st.integers(0, 1))
        times = sorted(draw(st.sets(st.integers(0, DAYS), min_size=1, max_size=4)))
        spans = [(start, end) for start, end in zip(times[::2], [*times[1::2], None], strict=False)]
        found[source, target, job] = Link(source, target, job, tuple(spans), draw(st.integers(0, DAYS)))
    return list(found.values())


def written(link: Link, namespace: str) -> dict[str, Any]:
    return edge(
        key(link.source, namespace),
        key(link.target, namespace),
        job=f"job:n:{link.job}",
        valid_from=[day(start) for start, _ in link.spans],
        valid_to=[OPEN_END if end is None else day(end) for _, end in link.spans],
        last_at=day(link.last),
    )


def expected(
    found: list[Link], at: int | None, since: int | None, *, depth: int | None, upstream: bool
) -> tuple[dict[str, int], set[tuple[str, str]]]:
    arrows: nx.DiGraph[str] = nx.DiGraph()
    arrows.add_nodes_from(str(n) for n in range(SIZE))
    arrows.add_edges_from((str(link.source), str(link.target)) for link in found if link.holds(at, since))
    walked = arrows.reverse() if upstream else arrows
    reached = nx.single_source_shortest_path_length(walked, "0", cutoff=depth)
    kept = {(a, b) for a, b in arrows.edges if a in reached and b in reached}
    return {name: far for name, far in reached.items() if name != "0"}, kept


def check(pages: list[Lineage], rows: dict[str, int], edges: set[tuple[str, str]]) -> None:
    listed = [(row.depth, row.node.name) for page in pages for row in page.nodes]
    assert listed == sorted((far, name) for name, far in rows.items())
    shown = [
        tuple(end.rpartition(":")[2] for end in (one.source, one.target)) for p in pages for one in p.edges
    ]
    assert len(shown) == len(set(shown))
    assert set(shown) == edges
    place = {"0": (0, "0"), **{name: (far, name) for name, far in rows.items()}}
    for number, page in enumerate(pages):
        here = {row.node.name for row in page.nodes} | ({"0"} if number == 0 else set())
        for one in page.edges:
            ends = (one.source.rpartition(":")[2], one.target.rpartition(":")[2])
            assert max(ends, key=lambda name: place[name]) in here
    totals = pages[0].totals
    assert totals is not None
    assert (totals.nodes, totals.edges) == (len(rows), len(edges))
    assert sum(one.count for one in totals.by_depth) == len(rows)


def test_pages_equal_the_oracle(graph: Database) -> None:
    """Rows, depths, edges and totals over all pages are those of a plain search over the edges that hold."""
    with on_store(graph) as run:

        @settings(max_examples=60, deadline=None)
        @given(
            found=links(),
            at=st.none() | st.integers(0, DAYS + 1),
            since=st.none() | st.integers(0, DAYS),
            depth=st.none() | st.integers(0, 4),
            first=st.integers(1, 4),
            upstream=st.booleans(),
        )
        def law(
            *,
            found: list[Link],
            at: int | None,
            since: int | None,
            depth: int | None,
            first: int,
            upstream: bool,
        ) -> None:
            namespace = f"n{next(_numbers)}"

            async def work(store: GraphStore) -> list[Lineage]:
                nodes = [node(n, namespace=namespace) for n in range(SIZE)]
                await load(store, nodes, [written(link, namespace) for link in found])
                return await all_pages(
                    store,
                    key(0, namespace),
                    direction="upstream" if upstream else "downstream",
                    depth=depth,
                    first=first,
                    as_of=None if at is None else day(at),
                    seen_since=None if since is None else day(since),
                    totals=True,
                )

            check(run(work), *expected(found, at, since, depth=depth, upstream=upstream))

        law()
