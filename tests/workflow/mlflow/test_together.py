"""Do the client plugin, the poller and `headwater serve` beside a real MLflow do what they are for, together?"""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from app.demo.scratch import free_port, serving, wait_ready
from graph_schema.identity import dataset_key
from tests.app.http import serving as bare
from tests.postgres.following import until
from tests.server import headwater
from tests.workflow.mlflow.polling import NAMESPACE, names, of_dataset, of_run, poll, position, shape, told
from tests.workflow.mlflow.server import Mlflow

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

SECRET = "the webhook's secret"
TOKEN = "the token"

TRAINING = """
import mlflow, pandas
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression

mlflow.set_experiment("{experiment}")
frame = pandas.DataFrame({{"salary": [1.0, 2, 3, 4], "score": [4.0, 3, 2, 1], "age": [1.0, 2, 1, 2]}})
client = mlflow.MlflowClient()
with mlflow.start_run() as run:
    for project, refs in (("loans", "income:salary"), ("loans", "credit:score,income:age")):
        client.set_tag(run.info.run_id, "feast.project", project)
        client.set_tag(run.info.run_id, "feast.retrieval_type", "historical")
        client.set_tag(run.info.run_id, "feast.feature_refs", refs)
    mlflow.log_input(mlflow.data.from_pandas(frame, source="/data/loans.parquet", name="loans"), context="training")
    model = LogisticRegression().fit(frame, [0, 0, 1, 1])
    with mlflow.start_run(nested=True) as child:
        mlflow.log_metric("fold", 1)
    mlflow.sklearn.log_model(model, name="model", signature=infer_signature(frame, model.predict(frame)),
                             registered_model_name="{experiment}")
client.set_registered_model_alias("{experiment}", "champion", "1")
print("DONE", run.info.run_id, child.info.run_id)
"""


SHORT = """
import mlflow
mlflow.set_experiment("unheard")
client = mlflow.MlflowClient()
with mlflow.start_run() as run:
    for refs in ("income:salary", "credit:score"):
        client.set_tag(run.info.run_id, "feast.project", "loans")
        client.set_tag(run.info.run_id, "feast.feature_refs", refs)
print("DONE", run.info.run_id)
"""


def test_a_script_tells_what_the_poller_tells(mlflow: Mlflow, tmp_path: Path) -> None:
    """START, the end, registration and alias by the plugin alone; then the poller adds nothing that contradicts them."""
    with bare.serving(tmp_path) as served:
        done = mlflow.script(
            TRAINING.format(experiment="plugged"),
            OPENLINEAGE_URL=f"http://127.0.0.1:{served.port}",
            OPENLINEAGE_PARENT_ID="airflow://a/loans.train/0190f4c2-a1b0-7c3e-9d55-10e4ab12cd34",
            HEADWATER_MLFLOW_NAMESPACE=NAMESPACE,
        )
        assert "DONE" in done.stdout, done.stderr
        assert "lineage was not told" not in done.stderr
        run_id, child = done.stdout.split("DONE")[1].split()[:2]
        events = told(tmp_path)
    start, end = of_run(events, run_id)
    assert shape([start, end]) == [("START", "plugged/train"), ("COMPLETE", "plugged/train")]
    assert set(names(end, "inputs")) == {
        ("file", "/data/loans.parquet"),
        ("loans", "income"),
        ("loans", "credit"),
    }
    assert end["run"]["facets"]["parent"]["job"] == {"namespace": "airflow://a", "name": "loans.train"}
    (model,) = end["outputs"]
    assert set(model["facets"]["columnLineage"]["fields"]) == {"salary", "score", "age"}
    nested = of_run(events, child)[-1]
    assert nested["run"]["facets"]["parent"]["run"]["runId"] == start["run"]["runId"]
    (registration,) = [one for one in events if one.get("job", {}).get("name") == "registry/plugged"]
    assert names(registration, "inputs") == [(model["namespace"], model["name"])]
    alias = of_dataset(events, "models/plugged/1")[-1]["dataset"]["facets"]["mlflow_modelVersion"]
    assert alias["aliases"] == ["champion"]

    before = position(tmp_path)
    poll(tmp_path, mlflow.url)
    polled = of_run(told(tmp_path, before), run_id)
    assert shape(polled) == [("START", "plugged/train"), ("COMPLETE", "plugged/train")]
    for ours, plugins in zip(polled, (start, end), strict=True):
        assert ours["eventTime"] == plugins["eventTime"]
        for side in ("inputs", "outputs"):
            assert names(ours, side) == names(plugins, side)
    of_client = end["run"]["facets"].pop("tags")
    assert of_client["tags"][0]["key"] == "openlineage_client_version"
    assert polled[1]["run"]["facets"] == end["run"]["facets"]
    assert polled[1]["outputs"][0]["facets"] == model["facets"]


def test_a_script_goes_on_when_nobody_listens(mlflow: Mlflow, tmp_path: Path) -> None:
    """The endpoint refuses connections: the script ends well, the log says so."""
    done = mlflow.script(
        SHORT,
        OPENLINEAGE_URL=f"http://127.0.0.1:{free_port()}",
        HEADWATER_MLFLOW_FLUSH_S="2",
    )
    assert (done.returncode, "DONE" in done.stdout) == (0, True), done.stderr
    assert "lineage was not told" in done.stderr or "before all lineage was told" in done.stderr
    poll(tmp_path, mlflow.url)
    run_id = done.stdout.split("DONE")[1].split()[0]
    end = of_run(told(tmp_path), run_id)[1]
    assert set(names(end, "inputs")) >= {("loans", "income"), ("loans", "credit")}


def series(url: str) -> dict[str, float]:
    """Give the series of the poller."""
    found = re.findall(r"^(headwater_mlflow_\w+) (\S+)$", httpx.get(f"{url}/metrics").text, re.MULTILINE)
    return {name: float(value) for name, value in found}


def test_serve_reads_an_mlflow(mlflow: Mlflow, tmp_path: Path) -> None:
    """What is there comes into the graph; a webhook makes it look at once; /readyz, status and metrics tell how it goes."""
    experiment = mlflow.experiment("served")
    model = mlflow.logged_model(experiment)
    mlflow.run(experiment, logged=[model])
    mlflow.post("registered-models/create", name="served")
    port = free_port()
    env = {
        "HEADWATER_MLFLOW": mlflow.url,
        "HEADWATER_MLFLOW_NAMESPACE": NAMESPACE,
        "HEADWATER_MLFLOW_TOKEN": TOKEN,
        "HEADWATER_MLFLOW_EVERY_S": "600",
        "HEADWATER_MLFLOW_WEBHOOK_SECRET": SECRET,
        "HEADWATER_PORT": str(port),
    }
    with serving(tmp_path / "home", env=env) as server:
        until(lambda: httpx.get(f"{server.url}/readyz").json().get("mlflow", {}).get("state") == "following")
        state = httpx.get(f"{server.url}/readyz").json()
        assert state["children"]["mlflow"]["state"] == "running"
        assert (state["mlflow"]["namespace"], state["mlflow"]["up"]) == (NAMESPACE, True)
        told = series(server.url)
        assert told["headwater_mlflow_up"] == 1
        assert told["headwater_mlflow_events_total"] == state["mlflow"]["events"] > 0
        mlflow.version("served", f"models:/{model}")
        made = mlflow.post(
            "webhooks",
            name="headwater",
            url=f"{server.url}/api/v1/webhooks/mlflow",
            secret=SECRET,
            events=[{"entity": "MODEL_VERSION", "action": "CREATED"}],
        )
        # MLflow keeps its list of webhooks for a minute, so that it is asked to deliver one now.
        sent = mlflow.post(f"webhooks/{made['webhook']['webhook_id']}/test")["result"]
        assert sent["response_status"] == 200, sent
        key = dataset_key(NAMESPACE, "models/served/1")
        wait_ready(server)
        until(lambda: httpx.get(f"{server.url}/api/v1/graph/node", params={"key": key}).status_code == 200)
        status = headwater("status", "--server", server.url)
        assert "mlflow: following since" in status.stdout
        assert mlflow.url in status.stdout
        assert TOKEN not in status.stdout + server.log
        assert SECRET not in status.stdout + server.log
