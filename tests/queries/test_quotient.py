"""Does hiding keep reachability, and does grouping give the quotient? networkx is the oracle."""

from __future__ import annotations

from collections import Counter
from typing import Any

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from queries.quotient import Arrow, join_through, quotient
from queries.rollup import outermost

NODES = "abcdefgh"
_node = st.sampled_from(NODES)
graphs = st.dictionaries(st.tuples(_node, _node), st.booleans(), max_size=20).map(
    lambda pairs: [Arrow(*pair, guess) for pair, guess in sorted(pairs.items())]
)
subsets = st.frozensets(_node)


def through(arrows: list[Arrow], hidden: frozenset[str], source: str, target: str) -> bool:
    """Is there a way from the one to the other with hidden nodes alone between? One edge at least."""
    inner: nx.DiGraph[Any] = nx.DiGraph()
    for arrow in arrows:  # ends are split, so that a way may come back to where it began
        begin = ("out", arrow.source) if arrow.source not in hidden else arrow.source
        end = ("in", arrow.target) if arrow.target not in hidden else arrow.target
        inner.add_edge(begin, end)
    ends = ("out", source), ("in", target)
    return all(end in inner for end in ends) and nx.has_path(inner, *ends)


@given(arrows=graphs, hidden=subsets)
def test_what_is_joined_is_what_hidden_nodes_connect(arrows: list[Arrow], hidden: frozenset[str]) -> None:
    """An edge for each way through hidden nodes alone; `via` where there was none, a guess where no way is sure."""
    joined = join_through(arrows, hidden)
    assert not joined.given_up
    shown = set(NODES) - hidden
    wanted = {(a, b) for a in shown for b in shown if through(arrows, hidden, a, b)}
    assert [(one.source, one.target) for one in joined.arrows] == sorted(wanted)
    sure = [arrow for arrow in arrows if not arrow.guess]
    direct = {(arrow.source, arrow.target) for arrow in arrows}
    for one in joined.arrows:
        assert one.via == ((one.source, one.target) not in direct)
        assert one.guess == (not through(sure, hidden, one.source, one.target))


@given(arrows=graphs, hidden=subsets)
def test_hiding_keeps_reachability(arrows: list[Arrow], hidden: frozenset[str]) -> None:
    """Among what is shown, one thing is reached from another exactly where it was before."""
    before: nx.DiGraph[str] = nx.DiGraph([(one.source, one.target) for one in arrows])
    after: nx.DiGraph[str] = nx.DiGraph(
        [(one.source, one.target) for one in join_through(arrows, hidden).arrows]
    )
    before.add_nodes_from(NODES)
    after.add_nodes_from(NODES)
    for node in set(NODES) - hidden:
        assert nx.descendants(after, node) == nx.descendants(before, node) - hidden


@given(arrows=graphs, groups=st.lists(st.integers(0, 3), min_size=len(NODES), max_size=len(NODES)))
def test_the_quotient_is_that_of_networkx(arrows: list[Arrow], groups: list[int]) -> None:
    """Each node in one group; edges between groups counted, edges inside apart, none lost."""
    group_of = {node: str(group) for node, group in zip(NODES, groups, strict=True)}
    nodes = {node: (number, "AB"[number % 2]) for number, node in enumerate(NODES)}
    found = quotient(nodes, arrows, group_of.__getitem__)
    blocks = {group: {node for node in NODES if group_of[node] == group} for group in set(group_of.values())}
    graph: nx.DiGraph[str] = nx.DiGraph([(one.source, one.target) for one in arrows])
    graph.add_nodes_from(NODES)
    oracle = nx.quotient_graph(graph, list(blocks.values()))
    names = {frozenset(block): group for group, block in blocks.items()}
    assert {(names[a], names[b]) for a, b in oracle.edges if a != b} == found.edges.keys()
    assert {group: members.kinds.total() for group, members in found.groups.items()} == {
        group: len(block) for group, block in blocks.items()
    }
    for group, members in found.groups.items():
        assert members.depth == min(nodes[node][0] for node in blocks[group])
        assert members.kinds == Counter(nodes[node][1] for node in blocks[group])
        assert members.inside.edges == graph.subgraph(blocks[group]).number_of_edges()
    counted = Counter((group_of[one.source], group_of[one.target]) for one in arrows)
    guessed = Counter((group_of[one.source], group_of[one.target]) for one in arrows if one.guess)
    for ends, bundle in found.edges.items():
        assert (bundle.edges, bundle.guesses) == (counted[ends], guessed[ends])


def test_joining_is_given_up_and_says_so() -> None:
    """A hub that is hidden connects everything with everything: beyond a number of links it stops."""
    arrows = [Arrow(f"s{n}", "hub") for n in range(50)] + [Arrow("hub", f"t{n}") for n in range(50)]
    whole = join_through(arrows, {"hub"})
    assert (len(whole.arrows), whole.given_up) == (2_500, False)
    cut = join_through(arrows, {"hub"}, links_max=1_000)
    assert cut.given_up
    assert cut.arrows == whole.arrows[: len(cut.arrows)]


def test_the_outermost_parent_speaks_for_a_job() -> None:
    """Parents are followed to the end; in a ring of parents the least key speaks for all of them."""
    parents = {
        "task": "dag",
        "dag": None,
        "model": "task",
        "x": "gone",
        "a": "b",
        "b": "c",
        "c": "a",
        "in": "b",
    }
    assert [outermost(parents, key) for key in parents] == ["dag", "dag", "dag", "x", "a", "a", "a", "a"]
