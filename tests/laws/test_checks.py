"""Do check results become the same checks whoever stated them, and in whatever order (rule F11, laws L1 to L4)?

The naive implementation knows no checks, so whole graphs are compared with each other and with what is written here.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_schema.identity import run_key
from ingest import canonical
from tests.arrows import event, hour, key_of, run_text
from tests.laws.graph import Graph
from tests.laws.real import real_graph

Json = dict[str, Any]
History = list[tuple[Json, bool]]


def assertion(name: str, column: str | None = None, *, success: bool = True, **more: Any) -> Json:
    return {"assertion": name, "column": column, "success": success, **more}


def quality(*assertions: Json, **metrics: Any) -> Json:
    """The quality facets, metrics where there are any."""
    facets: Json = {"dataQualityAssertions": {"assertions": list(assertions)}} if assertions else {}
    return facets | ({"dataQualityMetrics": metrics} if metrics else {})


def told(hour_: int, name: str, facets: Json) -> Json:
    body, _ = event(f"{hour_} DATASET {name}")
    body["dataset"]["facets"] = facets
    return body


def listed(line: str, place: str = "facets", **facets: Json) -> Json:
    """A run event or JobEvent whose inputs have these quality facets."""
    body, _ = event(line)
    for item in body["inputs"]:
        item[place] = facets[item["name"]]
    return body


def examined(line: str, *tests: Json) -> Json:
    body, _ = event(line)
    body["run"]["facets"]["test"] = {"tests": list(tests)}
    return body


HISTORY: History = [
    (told(1, "a", quality(assertion("not_null", "x"), assertion("unique", "x", success=False))), False),
    (told(2, "a", quality(assertion("not_null", "x", success=False), rowCount=3)), False),
    (told(3, "a", {"dataQualityAssertions": {"_deleted": True}, "dataQualityMetrics": {"_deleted": True}}), False),
    (told(20, "a", quality(assertion("not_null", "x"))), True),
    (told(4, "b", quality(assertion("recent"), bytes=7) | {"symlinks": {"identifiers": [
        {"namespace": "db", "name": "a", "type": "TABLE"}]}}), False),
    (listed("5 JOB j: a -> b", a=quality(assertion("declared"))), False),
    (listed("6 START r1 j: a c -> b", "inputFacets", a=quality(assertion("both"), rowCount=1), c={}), False),
    (listed("7 COMPLETE r1 j: a c -> b", a=quality(assertion("both")), c=quality(assertion("own"))), False),
    (examined("8 COMPLETE r2 j: c ->", {"name": "t", "status": "fail", "severity": "error"}), False),
    (told(1, "a", quality(assertion("not_null", "x"), assertion("unique", "x", success=False))) | {"run": {}}, False),
]  # fmt: skip


def forms(history: History) -> History:
    return [(canonical.canonical(body), suspect) for body, suspect in history]


def checks(graph: Graph) -> list[Json]:
    return list(graph.nodes.get("check", {}).values())


def told_of(graph: Graph) -> list[tuple[Any, ...]]:
    """What the checks say, without their keys."""
    names = ("dataset", "run", "name", "column", "outcome", "at")
    return sorted((tuple(row[name] for name in names) for row in checks(graph)), key=repr)


A, B, C = key_of("a"), key_of("b"), key_of("c")
R1, R2 = run_key(run_text("r1")), run_key(run_text("r2"))
WANTED: list[tuple[Any, ...]] = [
    (A, None, "not_null", "x", "pass", hour(1)),
    (A, None, "unique", "x", "fail", hour(1)),
    (A, None, "not_null", "x", "fail", hour(2)),
    (A, None, "dataQualityMetrics", None, None, hour(2)),
    (A, None, "not_null", "x", "pass", None),
    (A, None, "declared", None, "pass", hour(5)),
    (A, None, "not_null", "x", "pass", hour(1)),
    (A, None, "unique", "x", "fail", hour(1)),
    (B, None, "recent", None, "pass", hour(4)),
    (B, None, "dataQualityMetrics", None, None, hour(4)),
    (A, R1, "both", None, "pass", hour(7)),
    (A, R1, "dataQualityMetrics", None, None, hour(7)),
    (C, R1, "own", None, "pass", hour(7)),
    (C, R2, "t", None, "fail", hour(8)),
]


def test_every_statement_becomes_checks() -> None:
    """F11: each result is a check with outcome and time, on the dataset and the run, or none, it speaks of."""
    graph = real_graph(forms(HISTORY))
    assert told_of(graph) == sorted(WANTED, key=repr)
    of = {(row["key"], row["dataset"]) for row in graph.edges["link_check_dataset"].values()}
    assert of == {(row["key"], row["dataset"]) for row in checks(graph)}
    made = {(row["key"], row["run"]) for row in graph.edges["link_check_run"].values()}
    assert made == {(row["key"], row["run"]) for row in checks(graph) if row["run"]}


def test_a_result_in_both_places_counts_once() -> None:
    """F11: facets and inputFacets of one event, or of several of its run, state a result together, not twice."""
    both = quality(assertion("same"))
    body = listed("1 COMPLETE r1 j: a -> b", a=both)
    body["inputs"][0]["inputFacets"] = both
    assert [row["name"] for row in checks(real_graph(forms([(body, False)])))] == ["same"]
    body["inputs"][0]["inputFacets"] = quality(assertion("other"))
    assert sorted(row["name"] for row in checks(real_graph(forms([(body, False)])))) == ["other", "same"]


def test_a_failure_is_not_hidden() -> None:
    """F11: of two results that differ in nothing but the outcome both are kept."""
    twice = quality(assertion("between", "x", success=False), assertion("between", "x"))
    for body in (told(1, "a", twice), listed("1 COMPLETE r1 j: a ->", a=twice)):
        assert {row["outcome"] for row in checks(real_graph(forms([(body, False)])))} == {"pass", "fail"}


@pytest.mark.parametrize(
    "junk", [None, 3, "x", [], [None, 3], {}, {"assertions": None}, {"assertions": [None, {}]}]
)
def test_junk_states_no_more_than_it_can(junk: Any) -> None:
    """F11, F10: facets of a wrong shape state nothing or a nameless check, and are never a failure."""
    graph = real_graph(forms([(told(1, "a", {"dataQualityAssertions": junk}), False)]))
    assert {row["name"] for row in checks(graph)} <= {"assertion"}


@given(data=st.data())
def test_order_copies_and_batches_do_not_matter(data: st.DataObject) -> None:
    """L1, L2, L3: whole graphs, checks included, are equal for any order, copies and batching."""
    history = forms(HISTORY)
    copies = data.draw(st.lists(st.sampled_from(history), max_size=3))
    other = data.draw(st.permutations(history + copies))
    sizes = data.draw(st.lists(st.integers(1, 4), max_size=len(other)))
    assert real_graph(other, sizes).everything() == real_graph(history).everything()
