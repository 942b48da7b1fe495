"""Is a whole table's column lineage what plain loops find over the column edges, at any time, on every engine?"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_schema.errors import BadInput, LimitExceeded, LineageError, NodeNotFound
from queries.columns import ColumnsQuestion, FieldLineage, field_lineage
from queries.limits import Limits
from queries.projection import read_projection
from queries.store import GraphStore
from tests.engine import Database, on_arcadedb
from tests.queries.edges import column, day, examples, field, key, load, load_fields, node, on_store
from tests.queries.links import DAYS, SIZE, Link, links, says

_numbers = itertools.count()
TABLES = 3
Pair = tuple[str, str]


async def ask(store: GraphStore, dataset: str, limits: Limits | None = None, **more: Any) -> FieldLineage:
    question = ColumnsQuestion(dataset=dataset, **more)
    return await field_lineage(store, question, limits or Limits(), projection=await read_projection(store))


async def all_pages(store: GraphStore, dataset: str, **more: Any) -> list[FieldLineage]:
    pages = [await ask(store, dataset, **more)]
    while pages[-1].page_info.has_next_page:
        pages.append(await ask(store, dataset, after=pages[-1].page_info.end_cursor, **more))
    return pages


def name_of(number: int, space: str) -> str:
    """Field `number` is in one of a few tables."""
    return f"{key(number % TABLES, space)}#f{number}"


async def fill(store: GraphStore, found: list[Link], space: str) -> None:
    await load(store, [node(n, namespace=space) for n in range(TABLES)], [])
    rows = [field(f"f{n}", key(n % TABLES, space), ordinal=SIZE - n) for n in range(SIZE)]
    edges = [column(name_of(one.source, space), name_of(one.target, space), **says(one)) for one in found]
    await load_fields(store, rows, edges)


def walked(pairs: set[Pair], start: str, depth: int, *, upstream: bool) -> list[Pair]:
    """The edges met within so many hops: nearest first, those of a hop in order."""
    met: list[Pair] = []
    frontier, known = {start}, {start}
    for _ in range(depth):
        hop = {pair for pair in pairs if pair[upstream] in frontier}
        met += sorted(hop - set(met))
        frontier = {pair[not upstream] for pair in hop} - known
        known |= frontier
    return met


def test_every_column_has_the_edges_on_its_sides(graph: Database) -> None:
    """Each field once, in the order of the schema, on whichever page; its edges within `depth` on each side."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 50), deadline=None)
        @given(
            found=links(),
            depth=st.integers(0, 3),
            at=st.none() | st.integers(0, DAYS),
            first=st.integers(1, 3),
        )
        def law(found: list[Link], depth: int, at: int | None, first: int) -> None:
            space = f"c{next(_numbers)}"

            async def work(store: GraphStore) -> list[FieldLineage]:
                await fill(store, found, space)
                as_of = None if at is None else day(at)
                return await all_pages(store, key(0, space), depth=depth, as_of=as_of, first=first)

            pages = run(work)
            rows = [row for page in pages for row in page.fields]
            own = [name_of(number, space) for number in reversed(range(0, SIZE, TABLES))]
            assert [row.field.key for row in rows] == own
            pairs = {
                (name_of(one.source, space), name_of(one.target, space))
                for one in found
                if one.holds(at, None)
            }
            for row in rows:
                told = [(edge.source, edge.target) for edge in row.sources]
                assert told == walked(pairs, row.field.key, depth, upstream=True)
                told = [(edge.source, edge.target) for edge in row.targets]
                assert told == walked(pairs, row.field.key, depth, upstream=False)
            assert all(page.completeness.complete for page in pages)

        law()


@on_arcadedb
def test_what_is_said_of_edges_and_what_shapes_stand_beside(graph: Database) -> None:
    """Edges say what was done to the data; filters stand apart, on both sides; transformations are chosen."""
    hashed, sorted_by = ("DIRECT", "TRANSFORMATION", True), ("INDIRECT", "SORT", False)
    a, b = key("a"), key("b")

    async def work(store: GraphStore) -> None:
        await load(store, [node("a"), node("b")], [])
        fields = [field("id", a), field("by", a), field("id", b), field("gone", b, current=False)]
        edges = [column(f"{a}#id", f"{b}#id", hashed), column(f"{a}#by", f"{b}#id", sorted_by)]
        await load_fields(store, fields, edges, [column(f"{a}#by", b, ("INDIRECT", "FILTER", False))])
        answer = await ask(store, b)
        assert [row.field.path for row in answer.fields] == ["id", "gone"]
        assert [(one.source, one.types, one.maskings) for one in answer.fields[0].sources] == [
            (f"{a}#by", ["INDIRECT"], [False]),
            (f"{a}#id", ["DIRECT"], [True]),
        ]
        assert ([one.source for one in answer.shaped_by], answer.shapes) == ([f"{a}#by"], [])
        above = await ask(store, f"{a}#id")  # a field means its table
        assert (above.dataset.key, [one.target for one in above.shapes]) == (a, [b])
        values = await ask(store, b, transformations="VALUES")
        assert [one.source for one in values.fields[0].sources] == [f"{a}#id"]
        cut = await ask(store, b, Limits(page_max=1), first=1)
        assert len(cut.fields[0].sources) == 1
        assert (cut.completeness.complete, cut.completeness.truncated_by) == (False, ["edges"])

    graph.run(work)


@on_arcadedb
def test_a_limit_of_depth_is_said(graph: Database) -> None:
    """Where the server goes less deep than was asked for, and there was something at its last hop, it says so."""

    async def work(store: GraphStore) -> None:
        await fill(store, [Link(n, n + 1, 0, ((0, None),), 1) for n in range(3)], "n")
        for limit, said in ((1, ["depth"]), (3, ["depth"]), (4, [])):
            answer = await ask(store, key(0), Limits(depth_max=limit), depth=9)
            assert answer.completeness.truncated_by == said, limit
        assert (await ask(store, key(0), Limits(depth_max=1))).completeness.complete

    graph.run(work)


@on_arcadedb
@pytest.mark.parametrize(
    ("dataset", "more", "error"),
    [
        ("job:n:j", {}, BadInput),
        (key(9), {}, NodeNotFound),
        (key(0), {"depth": -1}, BadInput),
        (key(0), {"first": 10_001}, LimitExceeded),
        (key(0), {"after": "x"}, BadInput),
        (key(0), {"transformations": "SOME"}, BadInput),
    ],
)
def test_what_cannot_be_asked_is_refused(
    graph: Database, dataset: str, more: dict[str, Any], error: type[LineageError]
) -> None:
    """Columns are those of a dataset that is there."""

    async def work(store: GraphStore) -> None:
        await fill(store, [], "n")
        with pytest.raises(error):
            await ask(store, dataset, **more)

    graph.run(work)
