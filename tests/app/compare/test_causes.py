"""Is each cause proven where it holds, and nothing explained where it does not?

The stories are those of `research/marquez-run.md` 2.2, in which a real Marquez was seen to show what `theirs` says.
"""

from __future__ import annotations

from typing import Any

import pytest

from app.compare.around import beside
from app.compare.by_rule import edges_by_rule, state_by_rule
from app.compare.cause import CAUSES, UNEXPLAINED
from app.compare.report import compare, to_json
from app.compare.side import Run, Side
from graph_schema.identity import field_key, job_key
from tests.app.compare.sides import LOAD, accepted, causes, compared, db, run, said, side
from tests.needs import ROOT

STORIES: dict[str, tuple[list[str], list[str], list[str], str]] = {
    "a failed run counts there": (
        ["1 START r1 load: a -> b", "2 FAIL r1 load: a -> b"],
        [], ["a ->", "-> b"], "failed_run_counted",
    ),
    "a START without datasets takes all away": (
        ["1 COMPLETE r1 load: a -> b", "2 START r2 load"],
        ["a ->", "-> b"], [], "start_without_datasets",
    ),
    "a failed run without datasets after it": (
        ["1 COMPLETE r1 load: a -> b", "2 START r2 load", "3 FAIL r2 load"],
        ["a ->", "-> b"], [], "failed_run_counted",
    ),
    "an older run that arrives later": (
        ["12 COMPLETE r1 load: a -> b", "9 COMPLETE r2 load: c -> d"],
        ["a ->", "-> b"], ["c ->", "-> d"], "arrival_order",
    ),
    "OTHER with outputs only after COMPLETE": (
        ["1 COMPLETE r1 load: a -> b", "2 OTHER r1 load: -> b"],
        ["a ->", "-> b"], ["-> b"], "start_without_datasets",
    ),
    "no run has ended": (
        ["1 START r1 load: a -> b", "2 RUNNING r1 load: a -> b"],
        ["a ->", "-> b"], [], "not_finished",
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_edges(story: str) -> None:
    """What was measured is what the rules give, and it is explained by what decided it."""
    lines, ours, theirs, cause = STORIES[story]
    shown = edges_by_rule(said(*lines))
    there = side(*theirs)
    assert {(one, job_key("jobs", "load")) for one in shown.inputs} == there.inputs
    found = compared(side(*ours), there, accepted(*lines))
    assert {code for _, code in causes(found)} == {cause}
    assert all(one.cause.evidence for one in found.told)


@pytest.mark.parametrize("story", STORIES)
def test_what_marquez_would_not_show_is_unexplained(story: str) -> None:
    """Whatever else is in the story, an edge that neither side can have from it is explained by no rule."""
    lines, ours, theirs, _ = STORIES[story]
    found = compared(side(*ours), side(*theirs, "q ->", "-> q"), accepted(*lines))
    wrong = [
        one for one in found.told if "q" in {str(one.difference.subject)[-1], str(one.difference.other)[-1]}
    ]
    assert {one.cause.code for one in wrong} == {UNEXPLAINED}


@pytest.mark.parametrize(
    ("lines", "ours", "theirs", "cause"),
    [
        (["2 COMPLETE r1 load: a -> b", "1 START r1 load"], "COMPLETED", "RUNNING", "arrival_order"),
        (["1 COMPLETE r1 load: a -> b", "2 OTHER r1 load: -> b"], "COMPLETED", "RUNNING", "event_after_end"),
        (["2 FAIL r1 load", "1 COMPLETE r1 load"], "FAILED", "COMPLETED", "arrival_order"),
    ],
)
def test_states(lines: list[str], ours: str, theirs: str, cause: str) -> None:
    """The state of the last event by arrival, explained by what came late."""
    assert state_by_rule(said(*lines))[0] == theirs
    found = compared(side(state=ours), side(state=theirs), accepted(*lines))
    assert causes(found) == {("run state", cause)}
    other = compared(side(state=ours), side(state="ABORTED"), accepted(*lines))
    assert causes(other) == {("run state", UNEXPLAINED)}


def test_a_job_is_filed_under_its_parent() -> None:
    """PARENT.JOB there is JOB here, by the event that says both; edges and runs are compared all the same."""
    lines = accepted("1 COMPLETE r1 load: a -> b | parent=r9/dag")
    there = side("a ->", "-> b", job=job_key("jobs", "dag.load"), state="COMPLETED")
    there.jobs.add(job_key("jobs", "dag"))
    there.runs[run("r9")] = Run(job_key("jobs", "dag"), "COMPLETED")
    ours = side("a ->", "-> b", state="COMPLETED")
    ours.jobs.add(job_key("jobs", "dag"))
    found = compared(ours, there, lines)
    assert causes(found) == {("job name", "parent_in_name"), ("run", "parent_invented")}


def test_a_parent_that_was_never_seen_is_invented_there() -> None:
    """In the child's namespace, with a run of its own; in another namespace it is unexplained."""
    lines = accepted("1 COMPLETE r1 load: a -> b | parent=r9/dag")
    for namespace, cause in (("jobs", "parent_invented"), ("elsewhere", UNEXPLAINED)):
        there = side("a ->", "-> b", state="COMPLETED")
        there.jobs.add(job_key(namespace, "dag"))
        there.runs[run("r77")] = Run(job_key(namespace, "dag"), "COMPLETED")
        found = compared(side("a ->", "-> b", state="COMPLETED"), there, lines)
        assert causes(found) == {("job", cause), ("run", cause)}
    stranger = side("a ->", "-> b", state="COMPLETED")
    stranger.jobs.add(job_key("jobs", "stranger"))
    assert causes(compared(side("a ->", "-> b", state="COMPLETED"), stranger, lines)) == {
        ("job", UNEXPLAINED)
    }


def test_a_run_id_that_is_no_uuid() -> None:
    """Java's name-based UUID there, another one here: one run."""
    lines = accepted("1 COMPLETE manual__2026 load: a -> b")
    ours = side("a ->", "-> b")
    own = said("1 COMPLETE manual__2026 load: a -> b")[0].run
    assert own is not None
    ours.runs[own] = Run(job_key("jobs", "load"), "COMPLETED")
    there = side("a ->", "-> b")
    hashed = said("1 COMPLETE manual__2026 load: a -> b")[0].run_there
    there.runs = {str(hashed): Run(job_key("jobs", "load"), "COMPLETED")}
    assert causes(compared(ours, there, lines)) == {("run id", "run_id_hashed")}


def test_what_was_refused_there() -> None:
    """By the Marquez's own answer where we forward, and by what was measured where we do not."""
    lines = accepted("1 COMPLETE r1 load: a -> b")
    ours, nothing = side("a ->", state="COMPLETED"), Side(datasets={db(name) for name in "abcd"})
    told = compared(ours, nothing, lines, refused={1: '{"errors":["no"]}'})
    assert {code for _, code in causes(told)} == {"refused_there"}
    assert any("errors" in text for one in told.told for text in one.cause.evidence)
    lines[0]["body"]["run"]["facets"]["parent"] = {"run": {}, "job": {"namespace": "n", "name": "x"}}
    assert {code for _, code in causes(compared(ours, nothing, lines))} == {"refused_there"}
    good = accepted("1 COMPLETE r1 load: a -> b")
    assert UNEXPLAINED in {code for _, code in causes(compared(ours, nothing, good))}


def test_what_is_not_forwarded_yet() -> None:
    """What only events behind the forwarder's cursor say is on its way."""
    lines = accepted("1 COMPLETE r1 load: a -> b")
    found = compared(
        side("a ->", state="COMPLETED"), Side(datasets={db(name) for name in "abcd"}), lines, not_sent=0
    )
    assert {code for _, code in causes(found)} == {"not_forwarded"}


COLUMN = (field_key(db("a"), "p"), field_key(db("b"), "x"))


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("1 COMPLETE r1 load: a -> b | columns=b:x<a.p", "column_not_in_schema"),
        ("1 COMPLETE r1 load: a -> b | columns=b:x<a.p schema=b:x", "column_input_unknown"),
        ("1 COMPLETE r1 load: c -> b | columns=b:x<a.p schema=b:x", "column_input_unknown"),
        ("1 DATASET b | columns=b:x<a.p schema=b:x", "no_run"),
        ("1 COMPLETE r1 load: a -> b | columns=b:x<a.p schema=b:x schema=a:p", UNEXPLAINED),
        ("1 COMPLETE r1 load: a -> b | entry=b:x<a.p", "newer_facet"),
        ("1 COMPLETE r1 load: a -> b", UNEXPLAINED),
    ],
)
def test_column_edges_that_are_dropped_there(line: str, cause: str) -> None:
    """By the first rule of Marquez that the event breaks; one that breaks none is unexplained."""
    lines = accepted(line)
    if "DATASET" in line:
        lines[0]["body"]["schemaURL"] = (
            "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent"
        )
    for io in lines[0]["body"].get("outputs", []) + lines[0]["body"].get("inputs", []):
        for one in io.get("facets", {}).get("schema", {}).get("fields", ()):
            one.setdefault("type", "int")
    found = compared(side(columns={COLUMN}), side(), lines)
    assert causes(found) == {("column edge", cause)}


def test_column_edges_that_are_kept_there() -> None:
    """One that we closed; one that we never had is unexplained."""
    lines = accepted("1 COMPLETE r1 load: a -> b | columns=b:x<a.p")
    closed = side(columns_closed={COLUMN})
    assert causes(compared(closed, side(columns={COLUMN}), lines)) == {("column edge", "column_kept")}
    assert causes(compared(side(), side(columns={COLUMN}), lines)) == {("column edge", UNEXPLAINED)}


def test_names_that_symlinks_join() -> None:
    """Seen apart first: two datasets there. First heard of in the facet: one there, under the other name."""
    joined = {db("b"): db("a")}
    late = accepted("1 COMPLETE r1 load: a -> b", "2 COMPLETE r2 load: a -> b | symlinks=b:a")
    found = compared(side(canonical=joined), side(), late)
    assert causes(found) == {("dataset name", "symlink_not_merged")}
    assert causes(compared(side(canonical=joined), side(), late[:1])) == {("dataset name", UNEXPLAINED)}
    early = accepted("1 COMPLETE r1 load: -> a | symlinks=a:b", "2 COMPLETE r2 load: b ->")
    there = side()
    there.datasets.remove(db("b"))
    assert causes(compared(side(canonical=joined), there, early)) == {("dataset", "symlink_merged")}
    assert causes(compared(side(canonical=joined), there, late)) == {("dataset", UNEXPLAINED)}


def _node(name: str, kind: str, *, before: str = "", after: str = "") -> dict[str, Any]:
    return {
        "id": name,
        "type": kind,
        "inEdges": [{"origin": one, "destination": name} for one in before.split()],
        "outEdges": [{"origin": name, "destination": one} for one in after.split()],
    }


def test_who_stands_beside_a_job_in_a_lineage() -> None:
    """Jobs that share a dataset and lie neither up nor down (the story of siblings); nodes that hang on nothing do not."""
    nodes = {
        one["id"]: one
        for one in (
            _node("w", "JOB", after="A"),
            _node("A", "DATASET", before="w", after="r1 r2"),
            _node("r1", "JOB", before="A", after="B"),
            _node("r2", "JOB", before="A", after="C"),
            _node("B", "DATASET", before="r1 other_w", after="below"),
            _node("other_w", "JOB", after="B"),
            _node("below", "JOB", before="B"),
            _node("alone", "JOB"),
        )
    }
    assert beside(nodes, "r1") == ("other_w", "r2")
    there = side(beside={LOAD: beside(nodes, "r1")})
    found = compared(side(), there, [])
    assert causes(found) == {("lineage", "siblings")}
    assert found.told[0].cause.evidence == ("other_w", "r2")


def test_two_equal_sides_ask_for_no_events() -> None:
    """Facts are read only where the sides differ."""

    def never(_: set[str]) -> None:
        raise AssertionError

    found = compare(side("a ->", state="COMPLETED"), side("a ->", state="COMPLETED"), never)  # type: ignore[arg-type]
    assert (found.told, found.unexplained) == ([], 0)


def test_every_cause_is_a_sentence() -> None:
    """JSON tells it with each difference, and docs/marquez.md has all of them."""
    told_of = (ROOT / "docs" / "marquez.md").read_text()
    for cause, text in CAUSES.items():
        assert text.endswith(".")
        assert f"| `{cause}` | {text} |" in told_of
    lines, ours, theirs, _ = STORIES["a failed run counts there"]
    told = to_json(compared(side(*ours), side(*theirs), accepted(*lines)))
    assert told["unexplained"] == 0
    assert told["causes"] == {"failed_run_counted": 2}
    assert told["differences"][0]["because"] == CAUSES["failed_run_counted"]


def test_some_namespaces_alone() -> None:
    """Jobs and datasets of the named ones; an edge goes with its job, a column edge with the dataset that it makes."""
    whole = side("a ->", "-> b", state="COMPLETED", columns={COLUMN})
    assert whole.within(()) == whole
    jobs = whole.within(["jobs"])
    assert (jobs.jobs, jobs.inputs, jobs.runs, jobs.datasets) == (whole.jobs, whole.inputs, whole.runs, set())
    datasets = whole.within(["db"])
    assert (datasets.datasets, datasets.columns, datasets.jobs) == (whole.datasets, {COLUMN}, set())
