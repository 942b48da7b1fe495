"""Does a deployment through MLflow tell Headwater what happens, and never suffer from it? With MLflow itself."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.demo.scratch import Server, serving, wait_ready
from tests.needs import ROOT, need
from tests.workflow import estate
from tests.workflow.mlflow.server import BIN, QUIET

Json = dict[str, Any]
TARGET = '''
import sys, types
from mlflow.deployments import BaseDeploymentClient, get_deploy_client
from mlflow.deployments.interface import plugin_store

class Fake(BaseDeploymentClient):
    """A target that is told by its configuration to fail."""
    def create_deployment(self, name, model_uri, flavor=None, config=None, endpoint=None):
        if (config or {}).get("fail"):
            raise RuntimeError("no memory left")
        return {"name": name, "endpoint_url": "https://fake.example/" + name}
    def update_deployment(self, name, model_uri=None, flavor=None, config=None, endpoint=None):
        if (config or {}).get("fail"):
            raise RuntimeError("no disk left")
    def delete_deployment(self, name, config=None, endpoint=None):
        pass
    def list_deployments(self, endpoint=None):
        return [{"name": "loans"}]
    def get_deployment(self, name, endpoint=None):
        return {"name": name}
    def predict(self, deployment_name=None, inputs=None, endpoint=None):
        return {"predictions": inputs}
    def only_here(self):
        return "only here"

module = types.ModuleType("fake_target")
module.Fake, module.target_help, module.run_local = Fake, lambda: "", lambda *a, **k: None
plugin_store.registry["fake"] = module
client = get_deploy_client("headwater:/fake")
'''


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that knows two versions of a model."""
    need("MLflow", here=(BIN.parent / ".ready").exists(), get_it="`make workflow` installs it")
    with serving(tmp_path_factory.mktemp("plugin") / "home") as running:
        told = [one for one in estate.STORY if "headwater" not in one["producer"]]
        httpx.post(f"{running.url}/api/v1/lineage/batch", json=told, timeout=60)
        yield running


def script(text: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a script beside a target that is only there."""
    set_to = {
        **QUIET,
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db",
        "HEADWATER_MLFLOW_NAMESPACE": estate.MLFLOW,
    }
    return subprocess.run(
        [str(BIN / "python"), "-c", TARGET + text], env={**os.environ, **set_to, **env}, cwd=folder, capture_output=True,
        text=True, timeout=180, check=False,
    )  # fmt: skip


def runs_of(server: Server, name: str) -> list[Json]:
    """The revisions of a deployment, oldest first."""
    wait_ready(server)
    key = f"job:fake:{name}"
    found = httpx.get(f"{server.url}/api/v1/graph/node", params={"key": key, "details": "true"}, timeout=60)
    return sorted(found.json()["runs"], key=lambda run: str(run["started_at"]))


def test_each_call_is_told_around_the_target(server: Server, tmp_path: Path) -> None:
    """Created, updated and deleted: two revisions, one after the other; what the target answers is passed on."""
    done = script(
        """
print(client.create_deployment("loans", "models:/loan/1", config={"replicas": 2, "api_key": "hush"})["endpoint_url"])
client.update_deployment("loans", "models:/loan/2")
client.update_deployment("loans", config={"replicas": 3})
print(client.predict("loans", [1]), client.list_deployments(), client.only_here())
client.delete_deployment("loans")
""",
        tmp_path,
        HEADWATER_SERVER=server.url,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split("\n")[0] == "https://fake.example/loans"
    assert "{'predictions': [1]} [{'name': 'loans'}] only here" in done.stdout
    runs = runs_of(server, "loans")
    assert [run["state"] for run in runs] == ["COMPLETED", "COMPLETED"]
    told = httpx.get(
        f"{server.url}/api/v1/graph/run_events", params={"key": runs[0]["key"]}, timeout=60
    ).json()
    bodies = [one["body"] for one in told["events"]]
    assert [one["eventType"] for one in bodies] == ["START", "RUNNING", "COMPLETE"]
    assert [(one["namespace"], one["name"]) for one in bodies[0]["inputs"]] == [
        (estate.MLFLOW, "models/loan/1")
    ]
    facet = bodies[0]["job"]["facets"]["mlops_deployment"]
    assert facet["configuration"] == {"replicas": "2", "api_key": "***"}
    assert "hush" not in json.dumps(bodies)
    assert bodies[1]["job"]["facets"]["mlops_deployment"]["endpoint"] == "https://fake.example/loans"


def test_what_fails_is_told_and_raised(server: Server, tmp_path: Path) -> None:
    """A failed creation and a failed update are revisions that failed, with the target's own reason."""
    done = script(
        """
for call in (lambda: client.create_deployment("broken", "models:/loan/2", config={"fail": True}),
             lambda: client.update_deployment("broken", config={"fail": True})):
    try:
        call()
    except RuntimeError as error:
        print("raised", error)
""",
        tmp_path,
        HEADWATER_SERVER=server.url,
    )
    assert done.stdout == "raised no memory left\nraised no disk left\n", done.stderr
    assert [run["state"] for run in runs_of(server, "broken")] == ["FAILED", "FAILED"]
    found = httpx.get(
        f"{server.url}/api/v1/graph/provenance", params={"model": "loan", "version": "2"}, timeout=60
    ).json()
    broken = next(one for one in found["deployments"] if one["name"] == "broken")
    assert [(one["state"], one["reason"]) for one in broken["revisions"]] == [
        ("FAILED", "RuntimeError: no memory left")
    ]


def test_no_fault_of_the_telling_breaks_a_deployment(tmp_path: Path) -> None:
    """Nobody answers, or an alias that cannot be looked up: the deployment goes on, and the log says so."""
    need("MLflow", here=(BIN.parent / ".ready").exists(), get_it="`make workflow` installs it")
    done = script(
        'print(client.create_deployment("loans", "models:/none@champion")["name"]); client.delete_deployment("loans")',
        tmp_path,
        HEADWATER_SERVER="http://127.0.0.1:9",
        HEADWATER_TIMEOUT_S="1",
    )
    assert (done.returncode, done.stdout) == (0, "loans\n")
    assert "was not told" in done.stderr


def test_the_usual_targets_are_found_by_name() -> None:
    """MLflow finds a target by its exact name: the entry points list them, each the same module."""
    need("MLflow", here=(BIN.parent / ".ready").exists(), get_it="`make workflow` installs it")
    asked = (
        "from mlflow.deployments.interface import plugin_store as s\n"
        "print(sorted(name for name in s.registry if name.startswith('headwater')))"
    )
    done = subprocess.run(
        [str(BIN / "python"), "-c", asked], capture_output=True, text=True, timeout=120, check=False, cwd=ROOT
    )
    assert "headwater+sagemaker" in done.stdout, done.stderr
    assert "'headwater'" in done.stdout
