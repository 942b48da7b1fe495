"""What becomes of lineage that is stated twice, loops, moves, flows on or is declared (hazards 24 to 26, 29, 30)?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.arrows import event, hour
from tests.hazards.telling import Story

Tell = Callable[..., Story]


def test_hazard_24_column_lineage_narrows(tell_any: Tell) -> None:
    """Hazard 24: outputs with column lineage come from what it names, not from every input."""
    story = tell_any("1 START r1 load:", "2 COMPLETE r1 load: a b -> c d | columns=c:x<a.p columns=d:y<b.q")
    assert story.told("c") == {"a -> c COLUMN 2-"}
    assert story.told("d") == {"b -> d COLUMN 2-"}


def test_hazard_24_an_input_that_nobody_names_is_a_guess(tell: Tell) -> None:
    """Hazard 24: an input that no column lineage of the run names feeds the outputs as a guess, shown as one."""
    story = tell("2 COMPLETE r1 load: a b -> c | columns=c:x<a.p")
    assert story.told("c") == {"a -> c COLUMN 2-", "b -> c PRODUCT 2-"}
    answer = story.get("graph/upstream", key=story.key("c"))
    assert answer["completeness"]["guessed_edges"] == 1


def test_hazard_24_the_lineage_facet_narrows_further(tell_any: Tell) -> None:
    """Hazard 24: the lineage facet goes before column lineage and before the product: no false edge."""
    story = tell_any(
        "1 START r1 load:", "2 COMPLETE r1 load: a b -> c d | entry=c<a columns=c:x<b.q columns=d:y<b.q"
    )
    assert story.told("c") == {"a -> c EXPLICIT 2-"}
    assert story.told("d") == {"b -> d COLUMN 2-"}
    assert story.edges("a", "downstream") == {"a -> c"}


def test_hazard_24_an_entry_that_states_none(tell: Tell) -> None:
    """Hazard 24: `inputs: []` says that the output comes from nothing, whatever else the run read."""
    assert tell("2 COMPLETE r1 load: a -> c | entry=c<").edges("c") == set()


def test_hazard_25_sources_that_are_no_inputs(tell_any: Tell) -> None:
    """Hazard 25: a dataset that column lineage alone names is a placeholder, and a source."""
    story = tell_any("1 START r1 load: a -> c", "2 COMPLETE r1 load: a -> c | columns=c:x<a.p,cte.q")
    assert story.told("c") == {"a -> c COLUMN 2-", "cte -> c COLUMN 2-"}
    told = {row["name"]: row["placeholder"] for row in story.rows("dataset")}
    assert told == {"a": False, "c": False, "cte": True}


def test_hazard_25_loops_and_cycles(tell_any: Tell) -> None:
    """Hazard 25: walks over self loops and cycles end, each node stands once, and the root is not its own row."""
    story = tell_any(
        "1 COMPLETE r1 ab: a -> b", "2 COMPLETE r2 bc: b -> c", "3 COMPLETE r3 ca: c -> a", "4 COMPLETE r4 bb: b -> b",
        "5 COMPLETE r5 cols: c -> c | columns=c:x<c.x",
    )  # fmt: skip
    for direction, order in (("downstream", [("b", 1), ("c", 2)]), ("upstream", [("c", 1), ("b", 2)])):
        answer = story.get(f"graph/{direction}", key=story.key("a"))
        assert [(node["node"]["name"], node["depth"]) for node in answer["nodes"]] == order
        assert answer["completeness"]["complete"]
    assert story.edges("a", "downstream") == {"a -> b", "b -> c", "c -> a", "b -> b", "c -> c"}
    (column,) = story.rows("feeds_field")
    assert (column["source"], column["target"]) == (f"{story.key('c')}#x", f"{story.key('c')}#x")


LIFE = [
    "1 COMPLETE r1 load: a -> old", "2 COMPLETE r2 move: -> new | rename=new<old", "3 COMPLETE r3 load: a -> new",
    "5 COMPLETE r4 clean: -> new | drop=new", "7 COMPLETE r5 load: b -> new", "8 COMPLETE r6 clean: -> new | truncate=new",
]  # fmt: skip


def test_hazard_26_rename_drop_create_truncate(tell_any: Tell) -> None:
    """Hazard 26: a rename is followed to the old name, a drop ends a life, and past and current lives are apart."""
    story = tell_any(*LIFE)
    assert story.told("new") == {"b -> new PRODUCT 7-"}
    assert story.edges("new", as_of=hour(4)) == {"a -> new", "old -> new", "a -> old"}
    assert story.edges("new", as_of=hour(6)) == set()
    assert story.edges("new", as_of=hour(1)) == set()
    assert (story.dataset("old")["live"], story.dataset("new")["live"]) == (False, True)
    closed = {(row["source"], tuple(row["valid_from"]), tuple(row["valid_to"])) for row in story.rows("fed")}
    assert closed == {
        (story.key("a"), (hour(3),), (hour(5),)), (story.key("old"), (hour(2),), (hour(5),)),
    }  # fmt: skip


def test_hazard_26_dropped_and_not_yet_made_again(tell_any: Tell) -> None:
    """Hazard 26: a dropped dataset is marked, not gone, and can still be asked about."""
    story = tell_any("1 COMPLETE r1 load: a -> c", "2 COMPLETE r2 clean: -> c | drop=c")
    dataset = story.dataset("c")
    assert (dataset["live"], dataset["lastWrittenAt"]) == (False, hour(1))
    assert (story.edges("c"), story.edges("c", as_of=hour(1))) == (set(), {"a -> c"})
    assert [one["current"] for one in dataset["producers"]["nodes"] if one["job"]["name"] == "load"] == [
        False
    ]


def counted(line: str, rows: int) -> dict[str, Any]:
    """A running job's event whose output was given so many rows."""
    body, _ = event(f"{line} | jobtype=STREAMING")
    body["outputs"][0]["outputFacets"] = {"outputStatistics": {"rowCount": rows}}
    return body


def test_hazard_29_streaming(tell_any: Tell) -> None:
    """Hazard 29: RUNNING and not stale; each event has lineage; counts are the newest, never a sum."""
    story = tell_any(
        "1 START r1 stream: | jobtype=STREAMING", counted("2 RUNNING r1 stream: t1 -> o", 10),
        counted("4 RUNNING r1 stream: t2 -> o", 25),
    )  # fmt: skip
    run = story.run("r1")
    assert (run["state"], run["stale"], run["endedAt"]) == ("RUNNING", False, None)
    assert [act["rowCount"] for act in run["outputs"]] == ["25"]
    assert story.told("o") == {"t1 -> o PRODUCT 2-", "t2 -> o PRODUCT 4-"}


def test_hazard_29_snapshots(tell_any: Tell) -> None:
    """Hazard 29: with complete snapshots the newest one is current: a topic that it leaves out no longer feeds."""
    kind = "| jobtype=STREAMING+snapshot"
    story = tell_any(
        f"1 START r1 stream: {kind}", f"2 RUNNING r1 stream: t1 -> o {kind}", f"4 RUNNING r1 stream: t2 -> o {kind}",
        f"6 RUNNING r1 stream: t2 -> p {kind}",
    )  # fmt: skip
    assert (story.edges("o"), story.told("p")) == (set(), {"t2 -> p PRODUCT 6-"})
    assert story.told("o", as_of=hour(5)) == {"t2 -> o PRODUCT 4-6"}
    assert story.told("o", as_of=hour(3)) == {"t1 -> o PRODUCT 2-4"}


def test_hazard_30_a_newer_declaration_replaces_the_older(tell_any: Tell) -> None:
    """Hazard 30: what a JobEvent declares replaces what the one before declared, and makes no run."""
    story = tell_any("1 JOB load: a -> c", "3 JOB load: b -> c")
    assert story.told("c") == {"b -> c PRODUCT 3-"}
    assert story.told("c", as_of=hour(2)) == {"a -> c PRODUCT 1-3"}
    assert story.rows("run") == []
    io = {
        row["dataset"]["name"]: (row["evidence"], row["declared"], row["current"]) for row in story.rows("io")
    }
    assert io == {"b": ("static", True, True), "c": ("static", True, True)}


def test_hazard_30_a_run_that_did_otherwise(tell_any: Tell) -> None:
    """Hazard 30: where a run says what it did the declaration is no lineage, but stays to be seen beside it."""
    story = tell_any("1 JOB load: a -> c", "2 COMPLETE r1 load: x -> c")
    assert story.told("c") == {"x -> c PRODUCT 2-"}
    io = {
        row["dataset"]["name"]: (row["evidence"], row["declared"], row["current"]) for row in story.rows("io")
    }
    assert io == {"a": ("static", True, False), "c": ("complete", True, True), "x": ("complete", False, True)}


@pytest.mark.parametrize(
    ("envelope", "kinds"),
    [
        ({"job": "j", "dataset": "d"}, {"job", "dataset"}),
        ({"dataset": "d"}, {"dataset"}),
        ({"run": "x", "dataset": "d"}, {"dataset"}),
        ({"run": "x", "job": "j", "dataset": "d"}, {"run", "job", "dataset"}),
    ],
)
def test_hazard_30_an_ambiguous_envelope(tell: Tell, envelope: dict[str, str], kinds: set[str]) -> None:
    """Hazard 30: run and job, else job, else dataset, by content; the facets of a dataset beside a job count."""
    body: dict[str, Any] = {"eventTime": hour(1), "producer": "p", "schemaURL": ""}
    for member, name in envelope.items():
        body[member] = {"runId": name} if member == "run" else {"namespace": "db", "name": name}
    if "dataset" in body:
        body["dataset"]["facets"] = {"documentation": {"description": "told"}}
    story = tell(body)
    assert {row["type"] for row in story.rows("run", "job", "dataset")} == kinds
    assert story.dataset("d")["description"] == "told"
