"""Is what is told of a thing right, told once, and told anew exactly when it has changed?"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.canonical import canonical
from ingest.openlineage import read_event
from ingest.sources.mlflow import decide
from ingest.sources.mlflow.decide import Row
from ingest.sources.mlflow.mapping.models import ModelSeen
from ingest.sources.mlflow.mapping.names import Place
from ingest.sources.mlflow.mapping.runs import TOLD, RunSeen
from tests.facets import faults

Json = dict[str, Any]
LOAN: Json = json.loads((Path(__file__).parent / "captured" / "loan.json").read_text())
HERE = Place("mlflow://m:5000")
AT, LATER = "2026-12-01T00:00:00.000000Z", "2026-12-02T00:00:00.000000Z"


def seen(name: str = "train", **changes: Any) -> RunSeen:
    """A run as MLflow answered it, with some of its info changed."""
    run = copy.deepcopy(LOAN[name])
    run["info"].update(changes)
    model = LOAN["model"]
    return RunSeen(run, LOAN["experiment"], {model["info"]["model_id"]: ModelSeen(model, LOAN["signature"])})


def tagged(view: RunSeen, key: str, value: str) -> RunSeen:
    """The same run with one more tag."""
    run = copy.deepcopy(view.run)
    run["data"]["tags"].append({"key": key, "value": value})
    return RunSeen(run, view.experiment, view.models, view.paths, view.parent)


def well(events: tuple[Json, ...]) -> list[Json]:
    """Events that any reader takes without a warning, with facets as their schemas say."""
    for event in events:
        assert read_event(canonical(event)).warnings == ()
        assert faults(event) == []
    return list(events)


def test_a_training_as_mlflow_answered_it() -> None:
    """START and COMPLETE of the job of its role; data and features in, the logged model out, with what it uses."""
    start, end = well(decide.run(HERE, seen(), Row(), at=AT).events)
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert start["job"]["name"] == end["job"]["name"] == "loan-approval/train"
    assert start["eventTime"] < end["eventTime"] < AT
    assert [one["name"] for one in end["inputs"]] == ["/data/x.parquet", "income"]
    assert end["inputs"][0]["inputFacets"]["inputStatistics"]["rowCount"] == 4
    (model,) = end["outputs"]
    assert model["facets"]["datasetType"]["subType"] == "LOGGED_MODEL"
    assert set(model["facets"]["columnLineage"]["fields"]) == {"salary", "years_employed"}
    assert [one["name"] for one in model["facets"]["schema"]["fields"]] == ["salary", "years_employed"]


def test_a_validation_reads_the_model() -> None:
    """The model is its input; it makes nothing."""
    _, end = well(decide.run(HERE, seen("validate"), Row(), at=AT).events)
    assert end["job"]["name"] == "loan-approval/validate"
    assert [one["name"] for one in end["inputs"]] == [f"models/{LOAN['model']['info']['model_id']}"]
    assert end["outputs"] == []


def test_what_is_as_it_was_is_not_told() -> None:
    """The same content, whenever it is seen again."""
    first = decide.run(HERE, seen(), Row(), at=AT)
    assert decide.run(HERE, seen(), first.row, at=LATER).events == ()


def test_a_change_is_told_when_it_is_found() -> None:
    """By an event of type OTHER, under the job that was told, later than everything told before."""
    first = decide.run(HERE, seen(), Row(), at=AT)
    renamed = RunSeen(seen().run, {**LOAN["experiment"], "name": "renamed"}, seen().models)
    second = decide.run(HERE, tagged(renamed, "reviewed", "yes"), first.row, at=AT)
    (event,) = well(second.events)
    assert (event["eventType"], event["eventTime"], event["job"]["name"]) == (
        "OTHER",
        AT,
        "loan-approval/train",
    )
    third = decide.run(HERE, tagged(renamed, "reviewed", "no"), second.row, at=AT)
    assert third.events[0]["eventTime"] > event["eventTime"]


def test_a_run_that_is_taken_up_again_ends_again() -> None:
    """With its new end, as its new state."""
    first = decide.run(HERE, seen(), Row(), at=AT)
    resumed = decide.run(HERE, seen(status="RUNNING", end_time=None), first.row, at=AT)
    assert (resumed.events, resumed.row.is_open) == ((), True)
    ended = LOAN["train"]["info"]["end_time"] + 60_000
    (event,) = well(decide.run(HERE, seen(status="FAILED", end_time=ended), resumed.row, at=LATER).events)
    assert (event["eventType"], event["eventTime"] > first.row.at) == ("FAIL", True)


def test_a_client_that_told_other_content_does_not_win() -> None:
    """Two events of one time: what the run holds now is told once more, at the time it was found."""
    ours = decide.run(HERE, seen(), Row(), at=AT)
    agreed = decide.run(HERE, tagged(seen(), TOLD, ours.row.digest), Row(), at=AT)
    assert agreed.events == ours.events
    *_, last = well(decide.run(HERE, tagged(seen(), TOLD, "0" * 32), Row(), at=AT).events)
    assert (last["eventType"], last["eventTime"]) == ("OTHER", AT)


@given(st.permutations(range(4)), st.lists(st.integers(0, 3), max_size=6))
def test_the_newest_event_has_what_is_there_now(order: list[int], states: list[int]) -> None:
    """However often a run changes, and back: the event with the greatest time tells the content of the last look."""
    views = [seen(), tagged(seen(), "a", "1"), tagged(seen(), "b", "2"), seen(run_name="other")]
    row = Row()
    events: list[Json] = []
    for state in [*order, *states]:
        made = decide.run(HERE, views[state], row, at=AT)
        row = made.row
        events += made.events
    newest = max(events, key=lambda one: (one["eventTime"], one["eventType"] != "START"))
    last = decide.run(HERE, views[[*order, *states][-1]], Row(), at=AT).events[-1]
    assert newest["run"]["facets"]["mlflow_run"] == last["run"]["facets"]["mlflow_run"]
    times = [one["eventTime"] for one in events[1:]]
    assert times == sorted(set(times))


def test_what_a_run_may_lack() -> None:
    """A REST client sends what it wants: no times, no tags, no data."""
    bare = {"info": {"run_id": "0" * 32, "experiment_id": "1", "status": "FINISHED"}}
    start, end = well(decide.run(HERE, RunSeen(bare, LOAN["experiment"]), Row(), at=AT).events)
    assert start["eventTime"] == end["eventTime"] == "2026-11-26T20:02:50.112000Z"


def test_a_version_is_registered_once_and_told_as_it_is() -> None:
    """The registration says what never changes; aliases and the like come beside it, at the time they were found."""
    made = decide.version(HERE, LOAN["registered"], LOAN["version"], Row(), at=AT)
    registration, now = well(made.events)
    assert registration["job"]["name"] == "registry/loan"
    assert registration["inputs"][0]["name"] == f"models/{LOAN['model']['info']['model_id']}"
    assert "mlflow_registeredModel" not in registration["outputs"][0]["facets"]
    assert now["dataset"]["facets"]["mlflow_modelVersion"]["aliases"] == ["champion"]
    assert now["eventTime"] == AT
    plain = decide.version(HERE, {"name": "loan"}, LOAN["version"], Row(), at=AT)
    assert plain.events == (registration,)
    assert decide.version(HERE, LOAN["registered"], LOAN["version"], made.row, at=LATER).events == ()
    (gone,) = well(decide.version_gone(HERE, made.row, at=LATER, model_gone=True).events)
    facets = gone["dataset"]["facets"]
    assert facets["mlflow_modelVersion"]["deleted"] is facets["mlflow_registeredModel"]["deleted"] is True
    assert facets["mlflow_modelVersion"]["source"] == LOAN["version"]["source"]


def test_an_experiment_is_told_on_its_jobs() -> None:
    """At the time it was made, on that which is to train; what changes, on each job that has had runs."""
    first = decide.experiment(HERE, LOAN["experiment"], Row(), at=AT)
    (event,) = well(first.events)
    assert (event["job"]["name"], event["eventTime"]) == (
        "loan-approval/train",
        "2026-11-26T20:02:50.112000Z",
    )
    row = decide.with_job(first.row, "loan-approval/validate")
    again = decide.experiment(HERE, {**LOAN["experiment"], "name": "renamed"}, row, at=AT)
    assert [one["job"]["name"] for one in well(again.events)] == [
        "loan-approval/train",
        "loan-approval/validate",
    ]
    assert {one["job"]["facets"]["mlflow_experiment"]["name"] for one in again.events} == {"renamed"}
    assert {one["eventTime"] for one in again.events} == {AT}


def test_a_logged_model_is_told_by_its_run_or_for_itself() -> None:
    """Once; a metric that another run measured is told when it is found."""
    by_run = decide.logged_model(HERE, LOAN["model"], Row(), at=AT, told_by_run="2026-11-26T20:03:31.000000Z")
    assert by_run.events == ()
    alone = decide.logged_model(HERE, LOAN["model"], Row(), at=AT)
    assert well(alone.events)[0]["eventTime"] < AT
    measured = copy.deepcopy(LOAN["model"])
    measured["data"]["metrics"].append({"key": "f1", "value": "NaN", "run_id": "x"})
    (event,) = well(decide.logged_model(HERE, measured, by_run.row, at=AT).events)
    assert event["eventTime"] == AT
    (gone,) = well(decide.logged_model_gone(HERE, alone.row, at=AT).events)
    assert gone["dataset"]["facets"]["mlflow_loggedModel"]["deleted"] is True


@pytest.mark.parametrize(
    "broken", ["", "x", [], {"info": []}, {"data": {"tags": "x", "metrics": [1], "params": [{}]}}]
)
def test_a_run_of_another_shape_breaks_nothing(broken: Any) -> None:
    """What another version of MLflow may send: it is told as far as it can be read."""
    info = {"run_id": "0" * 32, "experiment_id": "1", "status": "FINISHED"}
    run = {"info": info, "inputs": broken, "outputs": broken}
    run.update(broken if isinstance(broken, dict) and "data" in broken else {})
    well(decide.run(HERE, RunSeen(run, LOAN["experiment"]), Row(), at=AT).events)
