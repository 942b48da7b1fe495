"""Are the paths between two things those that plain graph search finds, at any time, on every engine?"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_schema.errors import BadInput, LimitExceeded, LineageError, NodeNotFound, NotSupported
from queries.limits import Limits
from queries.paths import PathQuestion, paths
from queries.projection import read_projection
from queries.results import PathSet
from queries.store import GraphStore
from tests.engine import Database, on_arcadedb
from tests.queries.edges import (
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
    short,
)
from tests.queries.links import DAYS, SIZE, Link, links, says
from tests.queries.simple_paths import simple_paths

_numbers = itertools.count()


@dataclass(frozen=True)
class Asked:
    source: int
    target: int
    at: int | None
    first: int


questions = st.builds(
    Asked,
    source=st.integers(0, SIZE - 1),
    target=st.integers(0, SIZE - 1),
    at=st.none() | st.integers(0, DAYS + 1),
    first=st.integers(0, 6),
)


async def ask(
    store: GraphStore, source: str, target: str, limits: Limits | None = None, **more: Any
) -> PathSet:
    question = PathQuestion(source=source, target=target, **more)
    return await paths(store, question, limits or Limits(), projection=await read_projection(store))


def check(answer: PathSet, found: list[Link], asked: Asked) -> None:
    """The nearest paths, each with its edges; the count; and all nodes between."""
    holding = {(str(link.source), str(link.target)) for link in found if link.holds(asked.at, None)}
    source, target = str(asked.source), str(asked.target)
    expected = simple_paths(holding, {source}, {target})
    assert [tuple(map(short, path.keys)) for path in answer.paths] == expected[: asked.first]
    for path in answer.paths:
        assert [(one.source, one.target) for one in path.edges] == list(pairwise(path.keys))
    assert (answer.path_count_at_least, answer.path_count_exact) == (str(len(expected)), True)
    graph: nx.DiGraph[Any] = nx.DiGraph(holding)
    graph.add_nodes_from([source, target])
    between = ({source} | nx.descendants(graph, source)) & ({target} | nx.ancestors(graph, target))
    assert set(map(short, answer.nodes_on_any_path)) == (between if expected else set())
    assert answer.completeness.complete


def test_paths_equal_the_oracle(graph: Database) -> None:
    """The nearest paths over the edges that hold at an instant are the first of all simple ones."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 60), deadline=None)
        @given(found=links(), asked=questions)
        def law(found: list[Link], asked: Asked) -> None:
            space = f"p{next(_numbers)}"

            async def work(store: GraphStore) -> PathSet:
                nodes = [node(n, namespace=space) for n in range(SIZE)]
                rows = [edge(key(one.source, space), key(one.target, space), **says(one)) for one in found]
                await load(store, nodes, rows)
                as_of = None if asked.at is None else day(asked.at)
                source, target = key(asked.source, space), key(asked.target, space)
                return await ask(store, source, target, as_of=as_of, first=asked.first)

            check(run(work), found, asked)

        law()


def test_paths_of_fields_equal_the_oracle(graph: Database) -> None:
    """Columns obey the same law, and their edges say what was done to the data."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 30), deadline=None)
        @given(found=links(), asked=questions)
        def law(found: list[Link], asked: Asked) -> None:
            space = f"q{next(_numbers)}"
            owner = key("t", space)

            async def work(store: GraphStore) -> PathSet:
                await load(store, [node("t", namespace=space)], [])
                fields = [field(n, owner) for n in range(SIZE)]
                names = [one["key"] for one in fields]
                rows = [column(names[one.source], names[one.target], **says(one)) for one in found]
                await load_fields(store, fields, rows)
                as_of = None if asked.at is None else day(asked.at)
                source, target = names[asked.source], names[asked.target]
                return await ask(store, source, target, as_of=as_of, first=asked.first, granularity="FIELD")

            answer = run(work)
            check(answer, found, asked)
            assert all(one.types for path in answer.paths for one in path.edges)

        law()


def test_a_lattice_is_counted_and_not_enumerated(graph: Database) -> None:
    """Through 59 layers of two lead 2^59 paths: counted exactly, ten shown, all nodes named."""
    layers = [["top"], *([f"{layer}.{side}" for side in "ab"] for layer in range(59)), ["bottom"]]
    pairs = [(a, b) for upper, lower in pairwise(layers) for a in upper for b in lower]
    with on_store(graph) as run:

        async def work(store: GraphStore) -> PathSet:
            await load(
                store,
                [node(name) for layer in layers for name in layer],
                [edge(key(a), key(b)) for a, b in pairs],
            )
            return await ask(store, key("top"), key("bottom"))

        answer = run(work)
    assert (answer.path_count_at_least, answer.path_count_exact) == (str(2**59), True)
    assert {len(path.keys) for path in answer.paths} == {61}
    assert (len(answer.paths), len(answer.nodes_on_any_path)) == (10, 120)
    assert answer.completeness.guessed_edges == len(
        {pair for path in answer.paths for pair in pairwise(path.keys)}
    )


def test_beside_a_hub_only_the_small_side_is_walked(graph: Database) -> None:
    """What a hub feeds otherwise is not walked: a limit of a hundred nodes does for a path past 3,000."""
    with on_store(graph) as run:

        async def work(store: GraphStore) -> PathSet:
            names = ["hub", *range(3_000), "end"]
            rows = [edge(key("hub"), key(n)) for n in range(3_000)]
            await load(store, [node(name) for name in names], [*rows, edge(key(7), key("end"))])
            return await ask(store, key("hub"), key("end"), Limits(nodes_max=100))

        answer = run(work)
    assert [[short(one) for one in path.keys] for path in answer.paths] == [["hub", "7", "end"]]
    assert answer.completeness.complete


@on_arcadedb
def test_a_limit_that_cuts_is_said(graph: Database) -> None:
    """Where limits end the walk, what was found is told, as a lower bound, with the limit's name."""
    rows = [edge(key(n), key(n + 1)) for n in range(40)] + [edge(key(0), key(40))]
    with on_store(graph) as run:

        async def work(store: GraphStore) -> tuple[PathSet, PathSet, PathSet]:
            await load(store, [node(n) for n in range(41)], rows)
            return (
                await ask(store, key(0), key(40), Limits(nodes_max=9)),
                await ask(store, key(0), key(40), Limits(time_s=30, page_max=10)),
                await ask(store, key(0), key(40), first=1),
            )

        cut, short_list, one = run(work)
    assert [len(path.keys) for path in cut.paths] == [2]
    assert (cut.path_count_at_least, cut.path_count_exact) == ("1", False)
    assert (cut.completeness.complete, cut.completeness.truncated_by) == (False, ["nodes"])
    assert short_list.completeness.truncated_by == ["nodes_on_any_path"]
    assert (len(short_list.nodes_on_any_path), short_list.path_count_at_least) == (10, "2")
    # Fewer paths than there are were asked for: that cuts nothing.
    assert (len(one.paths), one.path_count_at_least, one.completeness.complete) == (1, "2", True)


@on_arcadedb
@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"source": "dataset:n:nowhere"}, NodeNotFound),
        ({"target": "dataset:n:nowhere"}, NodeNotFound),
        ({"granularity": "RUN"}, NotSupported),
        ({"granularity": "TABLE"}, BadInput),
        ({"first": -1}, BadInput),
        ({"first": 1_001}, LimitExceeded),
        ({"source": "nonsense"}, LineageError),
    ],
)
def test_what_cannot_be_asked_is_refused(
    graph: Database, asked: dict[str, Any], error: type[LineageError]
) -> None:
    """A typed error says what is wrong."""
    with on_store(graph) as run:

        async def work(store: GraphStore) -> PathSet:
            await load(store, [node(0), node(1)], [])
            return await ask(store, **{"source": key(0), "target": key(1), **asked})

        with pytest.raises(error):
            run(work)
