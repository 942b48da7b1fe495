"""What becomes of runs whose events come odd: early, late, twice, never, under two names (hazards 1 to 12, 17, 18)?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx

from tests.arrows import event, hour
from tests.hazards.telling import RUN, Story

Tell = Callable[..., Story]


def names(acts: list[dict[str, Any]]) -> set[str]:
    return {act["dataset"]["name"] for act in acts}


def seen(run: dict[str, Any]) -> tuple[Any, ...]:
    return run["state"], run["startedAt"], run["endedAt"], run["attempts"]


def test_hazard_01_complete_before_start(tell_any: Tell) -> None:
    """Hazard 1: COMPLETED, start and end from eventTime, whichever came first."""
    story = tell_any("1 START r1 load: a -> b", "2 COMPLETE r1 load: a -> b")
    assert seen(story.run("r1")) == ("COMPLETED", hour(1), hour(2), 1)
    assert story.told("b") == {"a -> b PRODUCT 2-"}


def test_hazard_02_every_event_three_times(tell_any: Tell) -> None:
    """Hazard 2: one run, one edge with one interval, one field, one check; it stays COMPLETED."""
    complete, _ = event("3 COMPLETE r1 load: a -> b | schema=b:x columns=b:x<a.p")
    complete["outputs"][0]["facets"]["dataQualityAssertions"] = {
        "assertions": [{"assertion": "unique", "success": True}]
    }
    lines = ["1 START r1 load: a -> b", "2 RUNNING r1 load: a -> b", complete]
    otherwise, _ = event("1 START r1 load: a -> b")
    otherwise["producer"] = "https://sent.again"
    story = tell_any(*lines, *lines, *lines, lines[0], otherwise)
    assert seen(story.run("r1")) == ("COMPLETED", hour(1), hour(3), 1)
    rows = story.rows()
    counted = Counter(row["type"] for row in rows)
    assert counted == {
        "run": 1, "job": 1, "feeds": 1, "feeds_field": 1, "io": 2, "field": 2, "dataset": 2, "check": 1,
        "check_of": 1, "checked": 1, "facet": 3, "has_facet": 3,
    }  # fmt: skip
    (edge,) = (row for row in rows if row["type"] == "feeds")
    assert (edge["valid_from"], edge["valid_to"], edge["earlier"]) == ([hour(3)], [None], 0)


def test_hazard_03_no_terminal_event(tell_any: Tell) -> None:
    """Hazard 3: it stays open, without an end, shown as stale; its lineage is there."""
    story = tell_any("1 START r1 load: a -> b", "2 RUNNING r1 load:")
    run = story.run("r1")
    assert (seen(run), run["stale"]) == (("RUNNING", hour(1), None, 1), True)
    assert story.edges("b") == {"a -> b"}


def test_hazard_04_only_complete(tell: Tell) -> None:
    """Hazard 4: COMPLETED; a start that nobody told is unknown."""
    story = tell("2 COMPLETE r1 load: a -> b")
    assert seen(story.run("r1")) == ("COMPLETED", None, hour(2), 1)
    assert story.edges("b") == {"a -> b"}


def test_hazard_05_no_event_type(tell_any: Tell) -> None:
    """Hazard 5: what an untyped event tells is kept; state, start and end are not its to set."""
    story = tell_any(
        "1 UNTYPED r1 load: a -> b | schema=b:x", "3 START r2 load: a ->", "4 COMPLETE r2 load: -> b",
        "9 UNTYPED r2 load: c ->",
    )  # fmt: skip
    assert seen(story.run("r1")) == ("UNKNOWN", None, None, 1)
    assert [field["path"] for field in story.dataset("b")["fields"]] == ["x"]
    assert seen(story.run("r2")) == ("COMPLETED", hour(3), hour(4), 1)
    assert names(story.run("r2")["inputs"]) == {"a", "c"}


def test_hazard_06_other_before_start_and_after_complete(tell_any: Tell) -> None:
    """Hazard 6: OTHER adds datasets and facets, and never touches state, start or end."""
    late, _ = event("9 OTHER r1 load: c -> b")
    late["run"]["facets"]["custom"] = {"rows": 7}
    story = tell_any("1 OTHER r1 load: a ->", "2 START r1 load:", "3 COMPLETE r1 load: -> b", late)
    run = story.run("r1")
    assert seen(run) == ("COMPLETED", hour(2), hour(3), 1)
    assert run["facets"]["run"]["custom"] == {"rows": 7}
    assert story.edges("b") == {"a -> b", "c -> b"}


def test_hazard_07_fail_then_complete(tell_any: Tell) -> None:
    """Hazard 7: the terminal event with the latest eventTime counts, both stand in the history."""
    story = tell_any(
        "1 START r1 load: a -> b", "2 FAIL r1 load: a -> b", "3 COMPLETE r1 load: a -> b",
        "1 START r2 undo: c -> d", "2 COMPLETE r2 undo: c -> d", "3 FAIL r2 undo: c -> d",
    )  # fmt: skip
    run = story.run("r1")
    assert seen(run) == ("COMPLETED", hour(1), hour(3), 1)
    assert [one["eventType"] for one in run["transitions"]] == ["START", "FAIL", "COMPLETE"]
    assert seen(story.run("r2")) == ("FAILED", hour(1), hour(3), 1)
    assert (story.edges("b"), story.edges("d")) == ({"a -> b"}, set())


def test_hazard_08_two_starts_and_a_late_running(tell_any: Tell) -> None:
    """Hazard 8: the earliest START counts, and nothing goes back to RUNNING."""
    story = tell_any(
        "1 START r1 load: a -> b", "2 RUNNING r1 load:", "3 START r1 load:", "4 COMPLETE r1 load:",
        "5 RUNNING r1 load:",
    )  # fmt: skip
    assert seen(story.run("r1")) == ("COMPLETED", hour(1), hour(4), 1)


def test_hazard_08_a_cleared_task_begins_a_new_attempt(tell_any: Tell) -> None:
    """Hazard 8, F4: a START after the end is another attempt; the one that ended last is shown."""
    story = tell_any(
        "1 START r1 load: a -> b", "2 FAIL r1 load:", "3 START r1 load: c -> b", "4 COMPLETE r1 load:"
    )
    assert seen(story.run("r1")) == ("COMPLETED", hour(3), hour(4), 2)
    assert story.edges("b") == {"c -> b"}


def test_hazard_09_lists_spread_over_events(tell_any: Tell) -> None:
    """Hazard 9: inputs and outputs unite over the run's events; an empty list at the end erases nothing."""
    story = tell_any("1 START r1 load: a ->", "2 RUNNING r1 load: b -> c", "3 COMPLETE r1 load: ->")
    assert story.edges("c") == {"a -> c", "b -> c"}
    run = story.run("r1")
    assert (names(run["inputs"]), names(run["outputs"])) == ({"a", "b"}, {"c"})


def test_hazard_09_a_failed_run_fed_nothing(tell_any: Tell) -> None:
    """Hazard 9: a failed run says what it touched, and is told apart: no FEEDS, evidence `other`, not current."""
    story = tell_any("1 START r1 load: a -> b", "2 FAIL r1 load:", "4 COMPLETE r2 mart: a -> c")
    run = story.run("r1")
    assert (run["state"], names(run["inputs"]), names(run["outputs"])) == ("FAILED", {"a"}, {"b"})
    assert story.edges("a", "downstream") == {"a -> c"}
    told = {row["job"]["name"]: (row["evidence"], row["current"]) for row in story.rows("io")}
    assert told == {"load": ("other", False), "mart": ("complete", True)}
    assert story.dataset("b")["lastWrittenAt"] is None


def test_hazard_11_one_uuid_in_many_spellings(tell_any: Tell) -> None:
    """Hazard 11: upper case, undashed, braces, urn:uuid: one run, found by any of them."""
    own = str(uuid4())
    spellings = [own, own.upper(), own.replace("-", ""), f"{{{own}}}", f"urn:uuid:{own}"]
    lines = [event(f"{n + 1} RUNNING r1 load: i{n} -> o")[0] for n in range(5)]
    story = tell_any(*(
        {**line, "run": {"runId": text}} for line, text in zip(lines, spellings, strict=True)
    ))  # fmt: skip
    assert [row["key"] for row in story.rows("run")] == [f"run:{own}"]
    found = [story.graphql(RUN, id=text)["run"] for text in (*spellings, f"run:{own}")]
    assert all(run == found[0] for run in found)
    assert names(found[0]["inputs"]) == {f"i{n}" for n in range(5)}
    assert (found[0]["sentId"], found[0]["warnings"]) == (None, None)


def test_hazard_12_a_run_id_that_is_no_uuid(tell_any: Tell) -> None:
    """Hazard 12: one run per job and text, made the same way each time; the text as sent is kept."""
    text = "scheduled__2026-05-01T00:00:00+00:00"
    story = tell_any(*(
        {**event(f"{at} {kind} r1 {job}: a -> b")[0], "run": {"runId": text}}
        for job in ("load", "mart") for at, kind in ((1, "START"), (2, "COMPLETE"))
    ))  # fmt: skip
    assert len(story.rows("run")) == 2
    for job in ("load", "mart"):
        run = story.run(text, job)
        assert (seen(run), run["job"]["name"], run["sentId"]) == (
            ("COMPLETED", hour(1), hour(2), 1),
            job,
            text,
        )
        assert run["warnings"] == [["RUN_ID_NOT_UUID", "/run/runId"]]


def test_hazard_12_an_event_without_run_id(tell: Tell) -> None:
    """Hazard 12: without a usable run id the names and facets of an event are kept, and nothing is declared."""
    body, _ = event("1 COMPLETE r1 load: a -> b | schema=b:x")
    story = tell({**body, "run": {"facets": {}}})
    assert [field["path"] for field in story.dataset("b")["fields"]] == ["x"]
    assert (story.rows("run", "feeds", "io"), len(story.rows("job"))) == ([], 1)


def test_hazard_17_a_parent_that_never_reports(tell_any: Tell) -> None:
    """Hazard 17: it is a placeholder without state; containment stays when a later event leaves it out."""
    story = tell_any(
        "1 START r1 task: a -> b | parent=r9/dag root=r8/top", "2 COMPLETE r1 task:", "3 OTHER r1 task:"
    )
    run = story.run("r1")
    assert run["parent"] == {"key": story.run_key("r9"), "state": None, "job": {"name": "dag"}}
    assert run["root"] == {"key": story.run_key("r8")}
    jobs = {row["key"]: (row["placeholder"], row["parent"]) for row in story.rows("job")}
    assert jobs == {
        story.job("task"): (False, story.job("dag")), story.job("dag"): (True, None),
        story.job("top"): (True, None),
    }  # fmt: skip
    assert {row["key"]: row["state"] for row in story.rows("run")} == {
        story.run_key("r1"): "COMPLETED", story.run_key("r9"): None, story.run_key("r8"): None,
    }  # fmt: skip
    assert story.edges("b") == {"a -> b"}, "containment is no data flow"


def test_hazard_17_the_old_spelling_and_an_empty_parent_run(tell_any: Tell) -> None:
    """Hazard 17: `parentRun` is `parent`; `parent.run: {}` names a job and no run, and makes no second job."""
    old, _ = event("1 START r1 task: | parent=r9/dag")
    old["run"]["facets"]["parentRun"] = old["run"]["facets"].pop("parent")
    bare, _ = event("1 START r2 other:")
    bare["run"]["facets"]["parent"] = {"run": {}, "job": {"namespace": "jobs", "name": "dag"}}
    story = tell_any(old, bare, "2 COMPLETE r9 dag:")
    assert story.run("r1")["parent"] == {
        "key": story.run_key("r9"),
        "state": "COMPLETED",
        "job": {"name": "dag"},
    }
    assert story.run("r2")["parent"] is None
    parents = {row["name"]: row["parent"] for row in story.rows("job")}
    assert parents == {"task": story.job("dag"), "other": story.job("dag"), "dag": None}


def test_hazard_18_one_run_id_under_two_jobs(tell_any: Tell) -> None:
    """Hazard 18: the run belongs to the job that used its id first, and shows the clash; nothing vanishes."""
    story = tell_any("1 START r1 load: a -> b", "2 START r1 mart: c -> d", "3 COMPLETE r1 mart: c -> d")
    run = story.run("r1")
    assert (run["job"]["name"], run["jobClash"], run["state"]) == ("load", [story.job("mart")], "COMPLETED")
    assert (names(run["inputs"]), names(run["outputs"])) == ({"a", "c"}, {"b", "d"})
    assert {row["name"] for row in story.rows("job")} == {"load", "mart"}


def test_hazard_10_a_time_that_is_no_time_leaves_nothing(client: httpx.Client) -> None:
    """Hazard 10: a number, a bare date, year 9999: refused with the reason, and none of its names is in the graph."""
    story = Story(client)
    for time in (1777629600, "2026-05-01", "9999-01-01T00:00:00Z"):
        body = {**event("1 COMPLETE r1 refused: a -> b")[0], "eventTime": time}
        answer = client.post("/api/v1/lineage", content=story.text(body))
        assert (answer.status_code, answer.json()["pointer"]) == (422, "/eventTime")
    assert story.post("1 COMPLETE r2 load: c -> d").rows("run") != []
    assert {row["name"] for row in story.rows("job", "dataset")} == {"load", "c", "d"}


def test_hazard_10_instants(tell_any: Tell) -> None:
    """Hazard 10: no zone is UTC, offsets are counted, fractions are cut, a region after an offset is ignored."""
    start, _ = event("1 START r1 load: a -> b")
    end, _ = event("2 COMPLETE r1 load: a -> b")
    story = tell_any(
        {**start, "eventTime": "2026-05-01T10:00:00"},
        {**end, "eventTime": "2026-05-01T13:30:00.123456789+02:00[Europe/Paris]"},
    )
    assert seen(story.run("r1"))[1:3] == ("2026-05-01T10:00:00.000000Z", "2026-05-01T11:30:00.123456Z")


def test_hazard_10_a_far_future_time_is_not_the_latest_for_ever(tell_any: Tell) -> None:
    """Hazard 10, F1: what a far-future event says yields to every later event with a believable time."""
    far: dict[str, Any] = event("1 COMPLETE r1 load: x -> b | schema=b:wrong")[0]
    far["eventTime"] = "9000-01-01T00:00:00Z"
    far["job"]["facets"]["documentation"] = {"description": "wrong"}
    good, _ = event("2 COMPLETE r2 load: a -> b | schema=b:right")
    good["job"]["facets"]["documentation"] = {"description": "right"}
    story = tell_any(far, good)
    dataset = story.dataset("b")
    assert [(f["path"], f["current"]) for f in dataset["fields"]] == [("right", True), ("wrong", False)]
    assert (dataset["createdAt"], dataset["lastWrittenAt"]) == (hour(2), hour(2))
    assert story.told("b") == {"a -> b PRODUCT 2-"}
    (job,) = [row for row in story.rows("facet") if row["name"] == "documentation"]
    assert "right" in job["body"]
