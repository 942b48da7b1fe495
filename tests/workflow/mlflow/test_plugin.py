"""Does an unchanged training script tell its lineage where the plugin is installed, and never break by it?"""

from __future__ import annotations

from pathlib import Path

import pytest

from app.demo.scratch import free_port
from tests.app.http.serving import serving
from tests.workflow.mlflow.polling import NAMESPACE, names, of_dataset, of_run, poll, position, shape, told
from tests.workflow.mlflow.server import Mlflow

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

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


def test_a_script_tells_what_the_poller_tells(mlflow: Mlflow, tmp_path: Path) -> None:
    """START, the end, registration and alias by the plugin alone; then the poller adds nothing that contradicts them."""
    with serving(tmp_path) as served:
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
    """The endpoint refuses connections: the training ends well and its model is registered; the log says so."""
    done = mlflow.script(
        TRAINING.format(experiment="unheard"),
        OPENLINEAGE_URL=f"http://127.0.0.1:{free_port()}",
        HEADWATER_MLFLOW_FLUSH_S="5",
    )
    assert (done.returncode, "DONE" in done.stdout) == (0, True), done.stderr
    assert "lineage was not told" in done.stderr or "before all lineage was told" in done.stderr
    poll(tmp_path, mlflow.url)
    run_id = done.stdout.split("DONE")[1].split()[0]
    end = of_run(told(tmp_path), run_id)[1]
    assert set(names(end, "inputs")) >= {("loans", "income"), ("loans", "credit")}
