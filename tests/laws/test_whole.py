"""Is everything in the graph a function of the set of events, also what the naive implementation does not know?

Whole graphs are compared: every node and edge with every property, owners, checks, facets and acts of runs too.
`tests/laws/test_engine.py` does the same on a real engine, less often.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_schema.identity import job_key
from tests.arrows import event, hour
from tests.laws.compare import difference
from tests.laws.histories import SUBJECTS, History, histories
from tests.laws.kept import kept_histories, records_of
from tests.laws.projected import everything_of, received
from tests.laws.real import project_received

Row = dict[str, Any]


def whole(past: History, sizes: list[int]) -> list[Row]:
    return everything_of(project_received(received(records_of(past)), sizes))


@pytest.mark.parametrize("subject", [*SUBJECTS, "mixed", "kept"])
@given(data=st.data())
def test_nothing_depends_on_order_copies_or_batches(subject: str, data: st.DataObject) -> None:
    """L1 to L4: every node, edge and property is the same after any permutation, duplication and batching."""
    past = data.draw(kept_histories() if subject == "kept" else histories(subject))
    copies = data.draw(st.lists(st.sampled_from(past), max_size=3))
    other = data.draw(st.permutations(past + copies))
    sizes = data.draw(st.lists(st.integers(1, 3), max_size=len(other)))
    # A flag holds for every copy of its event, so the copies are there both times (F1).
    said = difference(whole([*past, *copies], []), whole(other, sizes), names=("at once", "otherwise"))
    assert not said, f"\n{said}"


def alone(past: History) -> None:
    """Both orders, one by one and at once, give one graph."""
    wanted = whole(past, [])
    for order in (past, past[::-1]):
        assert difference(wanted, whole(order, [1] * len(order)), names=("at once", "one by one")) == ""


def test_who_was_once_named_as_owner_stays() -> None:
    """F13: a person exists because an event names them, whether or not a newer facet arrived first."""
    past: History = []
    for time, name in ((1, "mo"), (2, "ann")):
        body, suspect = event(f"{time} DATASET a")
        body["dataset"]["facets"] = {"ownership": {"owners": [{"name": name}]}}
        past.append((body, suspect))
    alone(past)
    rows = whole(past, [])
    assert {row["key"] for row in rows if row["type"] == "Person"} == {"person::mo", "person::ann"}
    assert [row["target"] for row in rows if row["type"] == "OWNED_BY"] == ["person::ann"]


def test_an_unsuspect_mention_of_a_run_counts_before_a_suspect_one() -> None:
    """F8: a run named as parent belongs to the job of the least unsuspect mention, also within one batch."""
    past = [event("1 COMPLETE r1 j | parent=r9/late suspect"), event("2 COMPLETE r2 j | parent=r9/dag")]
    again = [event("3 COMPLETE r3 j | parent=r9/late"), event("4 COMPLETE r4 j | parent=r9/dag suspect")]
    alone([*past, *again])
    (run,) = (row for row in whole([*past, *again], []) if row.get("key", "").endswith("9"))
    assert (run["type"], run["props"]["job"], run["props"]["created_at"]) == (
        "Run",
        job_key("jobs", "dag"),
        hour(2),
    )
