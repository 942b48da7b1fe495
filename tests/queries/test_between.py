"""Are the paths between nodes all of them, nearest first, and counted truly? networkx is the oracle."""

from __future__ import annotations

import itertools

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from queries.between import between, find_paths
from tests.queries.simple_paths import simple_paths

NODES = "abcdefg"
PLENTY = 10_000_000
links = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=18)
some = st.sets(st.sampled_from(NODES), min_size=1, max_size=3)


@given(links, some, some, st.integers(0, 30))
def test_paths_equal_all_simple_paths_in_order(
    all_links: list[tuple[str, str]], starts: set[str], ends: set[str], first: int
) -> None:
    """The first paths are those of the whole list, by length, then by key; a small count is exact."""
    space = between(all_links, starts, ends)
    expected = simple_paths(all_links, starts, ends)
    found = find_paths(space, first, links_max=PLENTY)
    assert found.paths == expected[:first]
    assert (found.count, found.exact, found.given_up) == (len(expected), True, False)


@given(links, some, some)
def test_nodes_between_are_below_a_start_and_above_an_end(
    all_links: list[tuple[str, str]], starts: set[str], ends: set[str]
) -> None:
    """What lies between is what is downstream of a start and upstream of an end, if a way leads over at all."""
    space = between(all_links, starts, ends)
    graph: nx.DiGraph[str] = nx.DiGraph(all_links)
    graph.add_nodes_from(NODES)
    below = starts.union(*(nx.descendants(graph, one) for one in starts))
    above = ends.union(*(nx.ancestors(graph, one) for one in ends))
    assert set(space.nodes) == (below & above if simple_paths(all_links, starts, ends) else set())


@given(links, some, some, st.integers(0, 60))
def test_where_the_work_is_too_much_what_is_told_is_true(
    all_links: list[tuple[str, str]], starts: set[str], ends: set[str], links_max: int
) -> None:
    """With little effort the paths are still the nearest ones, and the count is never too high."""
    expected = simple_paths(all_links, starts, ends)
    found = find_paths(between(all_links, starts, ends), 10, links_max=links_max)
    assert found.paths == expected[: len(found.paths)]
    assert len(found.paths) <= found.count <= len(expected)
    assert found.count == len(expected) or not found.exact
    assert found.given_up or found.paths == expected[:10]


def test_two_to_the_sixtieth_paths_are_counted_and_the_first_are_listed() -> None:
    """A lattice of 61 layers by 2 has 2^60 paths from its top to its bottom; no list of them is made."""
    layers = [[f"{layer:02}.{side}" for side in "ab"] for layer in range(1, 60)]
    whole = [["top"], *layers, ["bottom"]]
    all_links = [
        (one, other) for upper, lower in itertools.pairwise(whole) for one in upper for other in lower
    ]
    found = find_paths(between(all_links, ["top"], ["bottom"]), 10, links_max=PLENTY)
    assert (found.count, found.exact) == (2**59, True)
    assert len(found.paths) == 10
    assert found.paths == sorted(found.paths)


def test_a_complete_graph_is_not_enumerated() -> None:
    """Among 60 nodes that all lead to each other there are more paths than could be listed: a bound is given."""
    names = [f"{number:02}" for number in range(60)]
    all_links = [(one, other) for one in names for other in names]
    found = find_paths(between(all_links, ["00"], ["59"]), 5, links_max=1_000_000)
    assert found.paths == [("00", "59"), *(("00", name, "59") for name in names[1:5])]
    assert (found.exact, found.given_up) == (False, False)
    assert found.count >= 59


def test_a_long_chain_has_one_path() -> None:
    """A chain of 10,000 is one path, found at once."""
    names = [f"{number:05}" for number in range(10_000)]
    found = find_paths(between(itertools.pairwise(names), names[:1], names[-1:]), 10, links_max=PLENTY * 10)
    assert (found.paths, found.count) == ([tuple(names)], 1)
