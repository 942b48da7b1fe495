"""Do the parts that a person should look into carry their marks, whatever the order (rules F8, F9, laws L1 to L4)?"""

from __future__ import annotations

from typing import Any

import pytest

from graph_schema.identity import run_key
from ingest import canonical
from ingest.derive.groups import GROUP_MAX
from tests.arrows import event, key_of, run_text
from tests.laws.graph import Graph
from tests.laws.real import real_graph

NAMES = [f"n{n:03d}" for n in range(GROUP_MAX)]
MANY = f"1 DATASET hub | symlinks=hub:{','.join(NAMES)}"


def graph_of(*lines: str, batches: tuple[int, ...] = ()) -> Graph:
    return real_graph([(canonical.canonical(event(line)[0]), False) for line in lines], batches)


def marked(graph: Graph, noun: str, mark: str) -> dict[str, Any]:
    return {key: row[mark] for key, row in graph.nodes.get(noun, {}).items() if row.get(mark) is not None}


ORDERS = pytest.mark.parametrize("backwards", [False, True])
BATCHES = pytest.mark.parametrize("batches", [(), (1, 1, 1, 1)])


@ORDERS
@BATCHES
def test_a_group_that_is_too_large_is_marked_and_not_merged(
    *, backwards: bool, batches: tuple[int, ...]
) -> None:
    """F9: every name of a group above 256 bears the group's first name, and none has an alias."""
    lines = [MANY, "2 COMPLETE r1 load: a -> n007"][:: -1 if backwards else 1]
    graph = graph_of(*lines, batches=batches)
    first = key_of("hub")
    assert marked(graph, "dataset", "unmerged") == {key_of(name): first for name in ("hub", *NAMES)}
    assert not graph.edges.get("link_alias")
    assert [ends[:2] for ends in graph.edges["feeds"]] == [(key_of("a"), key_of("n007"))]


@ORDERS
@BATCHES
def test_a_group_that_shrinks_is_merged(*, backwards: bool, batches: tuple[int, ...]) -> None:
    """F9: with one name less the group is one dataset again, and bears no mark."""
    fewer = f"3 DATASET hub | symlinks=hub:{','.join(NAMES[1:])}"
    graph = graph_of(
        *[MANY, "2 COMPLETE r1 load: a -> n007", fewer][:: -1 if backwards else 1], batches=batches
    )
    assert marked(graph, "dataset", "unmerged") == {}
    assert len(graph.edges["link_alias"]) == GROUP_MAX - 1
    assert [ends[:2] for ends in graph.edges["feeds"]] == [(key_of("a"), key_of("hub"))]


@ORDERS
@BATCHES
def test_a_large_group_that_falls_apart(*, backwards: bool, batches: tuple[int, ...]) -> None:
    """F9: where the link between two large groups is undone each is marked with its own first name."""
    other = [f"m{n:03d}" for n in range(GROUP_MAX)]
    lines = [MANY, f"1 DATASET big | symlinks=big:{','.join(other)}", "1 DATASET x | symlinks=x:hub,big",
             "2 DATASET x | symlinks=x:!"]  # fmt: skip
    graph = graph_of(*lines[:: -1 if backwards else 1], batches=batches)
    found = marked(graph, "dataset", "unmerged")
    assert (found[key_of("n001")], found[key_of("m001")]) == (key_of("hub"), key_of("big"))
    assert key_of("x") not in found


@ORDERS
@BATCHES
def test_a_clash_is_marked(*, backwards: bool, batches: tuple[int, ...]) -> None:
    """F8: a run whose id several jobs used bears the mark by which it is listed; others, and later the same, do not."""
    lines = ["1 START r1 load: a -> b", "2 COMPLETE r1 mart: a -> c", "3 COMPLETE r2 load: a -> b",
             "4 START r3 load: | parent=r8/dag", "5 START r4 load: | parent=r8/top"]  # fmt: skip
    graph = graph_of(*lines[:: -1 if backwards else 1], batches=batches)
    keys = {run_key(run_text(name)) for name in ("r1", "r8")}
    assert marked(graph, "run", "clash") == {key: key for key in keys}
    assert {key for key, row in graph.nodes["run"].items() if row["job_clash"]} == keys
