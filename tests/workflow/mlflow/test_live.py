"""Does a real MLflow server become the right events, each once, whatever it forgets to say?"""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest.sources.faults import ForeignSource
from ingest.sources.mlflow.mapping.names import run_uuid
from tests.needs import ROOT
from tests.workflow.mlflow.polling import (
    NAMESPACE,
    names,
    of_dataset,
    of_run,
    poll,
    position,
    shape,
    told,
)
from tests.workflow.mlflow.server import Mlflow

pytestmark = pytest.mark.workflow

YEAR_MS = 365 * 24 * 3_600 * 1_000
Json = dict[str, Any]


def dataset(name: str, source_type: str, source: Json, context: str = "training") -> Json:
    """A dataset as a run logs it."""
    about = {"name": name, "digest": "d1", "source_type": source_type, "source": json.dumps(source)}
    about["profile"] = json.dumps({"num_rows": 4})
    return {"tags": [{"key": "mlflow.data.context", "value": context}], "dataset": about}


def retrieval(refs: str, project: str = "loans", **more: str) -> dict[str, str]:
    """The tags that Feast writes."""
    return {
        "feast.project": project,
        "feast.feature_refs": refs,
        "feast.retrieval_type": "historical",
        **more,
    }


def test_what_is_told_of_a_run(mlflow: Mlflow, tmp_path: Path) -> None:
    """Its job by its role, its times, inputs by their true names, features fetched; and a second look tells nothing."""
    experiment = mlflow.experiment("told", **{"mlflow.note.content": "Approves loans."})
    model = mlflow.logged_model(experiment)
    run_id = mlflow.run(
        experiment,
        start=1_700_000_000_000,
        end=1_700_000_060_000,
        tags=retrieval("income:salary,income:years", **{"feast.feature_service": "scoring"}),
        datasets=[
            dataset("applications", "s3", {"uri": "s3://lake/loans/a.parquet"}),
            dataset("local", "local", {"uri": "/data/x.csv"}),
            dataset("relative", "local", {"uri": "data/x.csv"}),
            dataset("feast_training_data", "local", {"uri": "feast.get_historical_features"}),
            dataset("made", "code", {"tags": {}}),
        ],
        logged=[model],
    )
    poll(tmp_path, mlflow.url)
    start, end = of_run(told(tmp_path), run_id)
    assert shape([start, end]) == [("START", "told/train"), ("COMPLETE", "told/train")]
    assert (start["eventTime"], end["eventTime"]) == (
        "2023-11-14T22:13:20.000000Z",
        "2023-11-14T22:14:20.000000Z",
    )
    assert names(end, "outputs") == [(NAMESPACE, f"models/{model}")]
    assert set(names(end, "inputs")) == {
        ("s3://lake", "loans/a.parquet"),
        ("file", "/data/x.csv"),
        (NAMESPACE, "datasets/relative"),
        (NAMESPACE, "datasets/made"),
        ("loans", "income"),
    }
    view = next(one for one in end["inputs"] if one["namespace"] == "loans")
    assert view["inputFacets"]["feast_featureSelection"]["features"] == ["salary", "years"]
    facets = end["run"]["facets"]
    assert facets["feast_retrieval"]["service_is_guess"] is True
    assert (facets["mlflow_run"]["userId"], facets["mlflow_run"]["metrics"]) == ("ada", {"auc": 0.9})
    assert end["job"]["facets"]["documentation"]["description"] == "Approves loans."
    assert poll(tmp_path, mlflow.url, resync=True)["events"] == 0


def test_the_model_of_a_validation_is_found(mlflow: Mlflow, tmp_path: Path) -> None:
    """`runs/search` leaves model inputs out; a run with models in and none out validates, one that says so scores."""
    experiment = mlflow.experiment("roles")
    model = mlflow.logged_model(experiment)
    validation = mlflow.run(experiment, given=[model])
    scoring = mlflow.run(experiment, tags={"feast.model_name": "loan", "feast.model_version": "2"})
    plain = mlflow.run(experiment, status="FAILED")
    killed = mlflow.run(experiment, status="KILLED")
    poll(tmp_path, mlflow.url)
    events = told(tmp_path)
    assert shape(of_run(events, validation))[1] == ("COMPLETE", "roles/validate")
    assert names(of_run(events, validation)[1], "inputs") == [(NAMESPACE, f"models/{model}")]
    assert shape(of_run(events, scoring))[1] == ("COMPLETE", "roles/score")
    assert names(of_run(events, scoring)[1], "inputs") == [(NAMESPACE, "models/loan/2")]
    assert shape(of_run(events, plain))[1] == ("FAIL", "roles/run")
    assert shape(of_run(events, killed))[1] == ("ABORT", "roles/run")


def test_what_moves_no_time_is_found(mlflow: Mlflow, tmp_path: Path) -> None:
    """A late tag by the sweep, a moved alias at each look; each is told once, at the time it was found."""
    experiment = mlflow.experiment("late")
    run_id = mlflow.run(experiment, start=1_700_000_000_000)
    mlflow.post("registered-models/create", name="late")
    model = mlflow.logged_model(experiment, run_id)
    for _ in range(2):
        mlflow.version("late", f"models:/{model}", run_id)
    mlflow.post("registered-models/alias", name="late", alias="champion", version="1")
    poll(tmp_path, mlflow.url)
    before = position(tmp_path)
    mlflow.post("runs/set-tag", run_id=run_id, key="reviewed", value="yes")
    mlflow.post("registered-models/alias", name="late", alias="champion", version="2")
    poll(tmp_path, mlflow.url, resync=True)
    events = told(tmp_path, before)
    assert shape(of_run(events, run_id)) == [("OTHER", "late/run")]
    assert of_run(events, run_id)[0]["run"]["facets"]["mlflow_run"]["tags"]["reviewed"] == "yes"
    moved = [of_dataset(events, f"models/late/{number}")[0]["dataset"]["facets"] for number in (1, 2)]
    assert [one["mlflow_modelVersion"]["aliases"] for one in moved] == [[], ["champion"]]
    assert moved[1]["mlflow_registeredModel"]["aliases"] == {"champion": "2"}
    assert poll(tmp_path, mlflow.url, resync=True)["events"] == 0


def test_a_registration_is_a_run_of_its_own(mlflow: Mlflow, tmp_path: Path) -> None:
    """From a logged model or from what a run wrote; at the time it was made; prompts are no models."""
    experiment = mlflow.experiment("registering")
    run_id = mlflow.run(experiment, logged=[(model := mlflow.logged_model(experiment))])
    plain = mlflow.run(experiment)
    for name in ("reg", "prompted"):
        mark = [{"key": "mlflow.prompt.is_prompt", "value": "true"}] if name == "prompted" else []
        mlflow.post("registered-models/create", name=name, tags=mark)
    mlflow.version("reg", f"models:/{model}")
    mlflow.version("reg", f"runs:/{plain}/old/model", plain)
    text = {"key": "mlflow.prompt.text", "value": "Approve {{ name }}?"}
    mlflow.post("model-versions/create", name="prompted", source="prompt-template", tags=[*mark, text])
    poll(tmp_path, mlflow.url)
    events = told(tmp_path)
    made = [one for one in events if one.get("job", {}).get("name") == "registry/reg"]
    assert [one["eventType"] for one in made] == ["COMPLETE", "COMPLETE"]
    assert {names(one, "outputs")[0][1]: names(one, "inputs")[0][1] for one in made} == {
        "models/reg/1": f"models/{model}",
        "models/reg/2": f"runs/{plain}/artifacts/old/model",
    }
    assert "parent" not in made[0]["run"]["facets"]
    assert made[0]["run"]["runId"] != made[1]["run"]["runId"]
    assert "models/prompted" not in json.dumps(events)
    written = of_run(events, plain)[-1]
    assert shape([written]) == [("COMPLETE", "registering/train")]
    assert names(written, "outputs") == [(NAMESPACE, f"runs/{plain}/artifacts/old/model")]
    assert shape(of_run(events, run_id))[1] == ("COMPLETE", "registering/train")


def test_operations_of_feast_are_no_experiments(mlflow: Mlflow, tmp_path: Path) -> None:
    """Nor is what an operator leaves out."""
    for name in ("loans-feast-ops", "scratch-1", "kept"):
        mlflow.run(mlflow.experiment(name))
    poll(tmp_path, mlflow.url, excluded=["scratch-*"])
    jobs = {one["job"]["name"] for one in told(tmp_path) if "job" in one}
    assert "kept/run" in jobs
    assert not {job for job in jobs if job.startswith(("loans-feast-ops", "scratch-"))}


def test_what_is_not_certain_is_no_edge(mlflow: Mlflow, tmp_path: Path) -> None:
    """Two retrievals kept by the plugin, a list that was cut, a guessed service: views and features that are certain alone."""
    experiment = mlflow.experiment("uncertain")
    long = "income:salary," + ",".join(f"credit:f{number:04}" for number in range(400)) + ",credit:f99..."
    cut = mlflow.run(experiment, tags=retrieval(long, **{"feast.feature_service": "guessed"}))
    first, last = retrieval("income:salary"), retrieval("credit@v2:score", "cards")
    both = mlflow.run(
        experiment,
        tags={
            **last,
            **{f"headwater.feast_retrieval.{n}": json.dumps(one) for n, one in enumerate((first, last), 1)},
        },
    )
    poll(tmp_path, mlflow.url, feast=["cards=feast://features.example/cards"])
    events = told(tmp_path)
    end = of_run(events, cut)[1]
    assert end["run"]["facets"]["feast_retrieval"]["cut"] is True
    assert end["run"]["facets"]["feast_retrieval"]["feature_service"] == "guessed"
    assert names(end, "inputs") == [("loans", "credit"), ("loans", "income")]
    assert "f99" not in end["inputs"][0]["inputFacets"]["feast_featureSelection"]["features"]
    assert set(names(of_run(events, both)[1], "inputs")) == {
        ("loans", "income"),
        ("feast://features.example/cards", "credit"),
    }
    assert not any(
        tag.startswith("headwater.") for tag in of_run(events, both)[1]["run"]["facets"]["mlflow_run"]["tags"]
    )


def test_what_is_renamed_or_deleted_keeps_its_history(mlflow: Mlflow, tmp_path: Path) -> None:
    """A job keeps its name, a renamed model knows the old one, what is gone is said to be gone."""
    experiment = mlflow.experiment("before")
    run_id = mlflow.run(experiment)
    model = mlflow.logged_model(experiment, run_id)
    for name in ("renamed-old", "kept-model", "gone-model"):
        mlflow.post("registered-models/create", name=name)
        mlflow.version(name, f"models:/{model}", run_id)
    poll(tmp_path, mlflow.url)
    before = position(tmp_path)
    mlflow.post("experiments/update", experiment_id=experiment, new_name="after")
    mlflow.post("registered-models/rename", name="renamed-old", new_name="renamed-new")
    mlflow.version("kept-model", f"models:/{model}")
    mlflow.delete("model-versions/delete", name="kept-model", version="1")
    mlflow.delete("registered-models/delete", name="gone-model")
    mlflow.post("runs/delete", run_id=run_id)
    later = mlflow.run(experiment)
    poll(tmp_path, mlflow.url, resync=True)
    events = told(tmp_path, before)
    deleted = of_run(events, run_id)
    assert shape(deleted) == [("OTHER", "before/run")]
    assert deleted[0]["run"]["facets"]["mlflow_run"]["lifecycleStage"] == "deleted"
    assert shape(of_run(events, later))[1] == ("COMPLETE", "after/run")
    renamed = [one for one in events if "run" not in one and one.get("job", {}).get("name") == "before/run"]
    assert renamed[0]["job"]["facets"]["mlflow_experiment"]["name"] == "after"
    new = of_dataset(events, "models/renamed-new/1")[0]["dataset"]["facets"]
    assert new["lifecycleStateChange"]["previousIdentifier"]["name"] == "models/renamed-old/1"
    old = of_dataset(events, "models/renamed-old/1")[-1]["dataset"]["facets"]
    assert (old["mlflow_modelVersion"]["deleted"], "lifecycleStateChange" in old) == (True, False)
    for name, model_gone in (("models/kept-model/1", False), ("models/gone-model/1", True)):
        facets = of_dataset(events, name)[-1]["dataset"]["facets"]
        assert facets["mlflow_modelVersion"]["deleted"] is True
        assert facets["mlflow_registeredModel"].get("deleted", False) is model_gone
        assert facets["lifecycleStateChange"]["lifecycleStateChange"] == "DROP"
    assert poll(tmp_path, mlflow.url, resync=True)["events"] == 0


def test_a_run_dated_back_is_found(mlflow: Mlflow, tmp_path: Path) -> None:
    """It began and ended long ago, and was made just now: the sweep finds it."""
    experiment = mlflow.experiment("dated")
    mlflow.run(experiment)
    poll(tmp_path, mlflow.url)
    old = int(time.time() * 1000) - YEAR_MS
    run_id = mlflow.run(experiment, start=old, end=old + 1_000)
    assert poll(tmp_path, mlflow.url)["events"] == 0
    poll(tmp_path, mlflow.url, resync=True)
    assert [one["eventType"] for one in of_run(told(tmp_path), run_id)] == ["START", "COMPLETE"]


def test_runs_that_are_open_wait(mlflow: Mlflow, tmp_path: Path) -> None:
    """An open run's role is not said, but for one that has logged a model; a child waits until its parent's is known."""
    experiment = mlflow.experiment("open")
    parent = mlflow.run(experiment, status="RUNNING")
    child = mlflow.run(experiment, tags={"mlflow.parentRunId": parent})
    training = mlflow.run(experiment, status="RUNNING", logged=[mlflow.logged_model(experiment)])
    poll(tmp_path, mlflow.url)
    events = told(tmp_path)
    assert of_run(events, parent) == []
    assert shape(of_run(events, training)) == [("START", "open/train")]
    assert "parent" not in of_run(events, child)[1]["run"]["facets"]
    before = position(tmp_path)
    mlflow.end(parent)
    mlflow.end(training, "FAILED")
    poll(tmp_path, mlflow.url)
    events = told(tmp_path, before)
    assert shape(of_run(events, parent)) == [("START", "open/run"), ("COMPLETE", "open/run")]
    assert shape(of_run(events, training)) == [("FAIL", "open/train")]
    nested = of_run(events, child)
    assert shape(nested) == [("OTHER", "open/run")]
    assert nested[0]["eventTime"] == of_run(events, parent)[1]["eventTime"]
    assert nested[0]["run"]["facets"]["parent"]["run"]["runId"] == run_uuid(parent)
    assert poll(tmp_path, mlflow.url, resync=True)["events"] == 0


CRASHING = """
import os, sys
from ingest.journal import Journal
from ingest.sources.mlflow.ledger import Ledger
from ingest.sources.mlflow.__main__ import main

def dying(act):
    def acted(*given, **named):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), 9)
        return act(*given, **named)
    return acted

left = int(sys.argv.pop())
Journal.append = dying(Journal.append)
Ledger.save, Ledger.note_found = dying(Ledger.save), dying(Ledger.note_found)
main()
"""
"""The poller, which is killed with -9 as it begins its n-th write, into the journal or the ledger."""


def test_killed_anywhere_nothing_is_missed_or_doubled(mlflow: Mlflow, tmp_path: Path) -> None:
    """Kill -9 before each of its writes in turn: the journal has what an undisturbed poller's has, each event once."""
    experiment = mlflow.experiment("killing")
    for number in range(5):
        mlflow.run(experiment, start=1_700_000_000_000 + number * 1_000)
    mlflow.post("registered-models/create", name="killing")
    for _ in range(3):
        mlflow.version("killing", f"models:/{mlflow.logged_model(experiment)}")
    mlflow.post("registered-models/alias", name="killing", alias="champion", version="3")
    home, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    poll(undisturbed, mlflow.url)
    home.mkdir()
    for writes in (0, 1, 2, 3, 5):
        crashed(home, mlflow.url, writes)
    poll(home, mlflow.url)
    mlflow.post("registered-models/alias", name="killing", alias="champion", version="2")
    poll(undisturbed, mlflow.url)
    for writes in (1, 2):
        crashed(home, mlflow.url, writes)
    poll(home, mlflow.url)
    assert sorted(map(timeless, told(home))) == sorted(map(timeless, told(undisturbed)))


def crashed(home: Path, url: str, writes: int) -> None:
    """Let a poller die at its n-th write."""
    given = {"HEADWATER_MLFLOW_ADDRESS": json.dumps({"text": url, "namespace": NAMESPACE}), "PATH": ""}
    command = [sys.executable, "-c", CRASHING, "--home", str(home), "--every-s", "0.1", str(writes)]
    done = subprocess.run(command, env=given, cwd=ROOT, stderr=subprocess.DEVNULL, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL


def timeless(event: Json) -> str:
    """An event without the time at which something was found, which differs between two pollers."""
    found = "dataset" in event or event.get("eventType") == "OTHER"
    return json.dumps({**event, "eventTime": "found"} if found else event, sort_keys=True)


def test_two_servers_may_have_a_model_of_one_name(mlflow: Mlflow, tmp_path: Path) -> None:
    """Each is known by its namespace, in the names and in the ledger; and other data under one namespace is refused."""
    mlflow.run(mlflow.experiment("twice"))
    first = poll(tmp_path, mlflow.url, namespace="mlflow://a")
    second = poll(tmp_path, mlflow.url, namespace="mlflow://b")
    assert first["events"] == second["events"] > 0
    assert poll(tmp_path, mlflow.url, namespace="mlflow://a")["events"] == 0
    spaces = {
        one["job"]["namespace"] for one in told(tmp_path) if one.get("job", {}).get("name") == "twice/run"
    }
    assert spaces == {"mlflow://a", "mlflow://b"}
    with closing(sqlite3.connect(tmp_path / "mlflow.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE fact SET value = '1' WHERE name = 'identity'")
    with pytest.raises(ForeignSource, match="--namespace"):
        poll(tmp_path, mlflow.url, namespace="mlflow://a")
