"""How is a real MLflow server started for tests, filled, and used by a training script?

On loopback, on a free port, with one worker and no telemetry, over a SQLite file in a folder of its own. What tests need in it
they write over MLflow's REST API, which takes milliseconds; only a training script imports MLflow.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from app.demo.scratch import free_port
from tests.needs import ROOT, need

BIN: Final = ROOT / ".workflow-venv" / "bin"
QUIET: Final = {
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "http,https",
    "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true",
}
START_S: Final = 90.0
Json = dict[str, Any]


@dataclass
class Mlflow:
    """A running server."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        """Connect."""
        self.client = httpx.Client(base_url=f"{self.url}/api/2.0/mlflow", timeout=30)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def post(self, path: str, **body: Any) -> Json:
        """Call the API."""
        return self._answer(self.client.post(f"/{path}", json=body))

    def patch(self, path: str, **body: Any) -> Json:
        return self._answer(self.client.patch(f"/{path}", json=body))

    def delete(self, path: str, **body: Any) -> Json:
        return self._answer(self.client.request("DELETE", f"/{path}", json=body))

    def get(self, path: str, **params: Any) -> Json:
        return self._answer(self.client.get(f"/{path}", params=params))

    def experiment(self, name: str, **tags: str) -> str:
        """Make an experiment; gives its id."""
        listed = [{"key": key, "value": value} for key, value in tags.items()]
        return str(self.post("experiments/create", name=name, tags=listed)["experiment_id"])

    def run(
        self,
        experiment: str,
        *,
        start: int | None = None,
        end: int | None = None,
        status: str = "FINISHED",
        tags: Mapping[str, str] | None = None,
        datasets: list[Json] | None = None,
        given: list[str] | None = None,
        logged: list[str] | None = None,
    ) -> str:
        """Make a run: `given` are the models put in, `logged` those it logged. RUNNING leaves it open."""
        start = int(time.time() * 1000) if start is None else start
        listed = [{"key": key, "value": value} for key, value in (tags or {}).items()]
        made = self.post(
            "runs/create", experiment_id=experiment, start_time=start, user_id="ada", tags=listed
        )
        run_id = str(made["run"]["info"]["run_id"])
        self.post(
            "runs/log-batch",
            run_id=run_id,
            params=[{"key": "C", "value": "0.5"}],
            metrics=[{"key": "auc", "value": 0.9, "timestamp": start, "step": 0}],
        )
        if datasets or given:
            models = [{"model_id": one} for one in given or ()]
            self.post("runs/log-inputs", run_id=run_id, datasets=datasets or [], models=models)
        if logged:
            self.post("runs/outputs", run_id=run_id, models=[{"model_id": one, "step": 0} for one in logged])
        if status != "RUNNING":
            self.end(run_id, status, end=end or start + 5)
        return run_id

    def end(self, run_id: str, status: str = "FINISHED", *, end: int | None = None) -> None:
        """End a run."""
        now = int(time.time() * 1000)
        self.post("runs/update", run_id=run_id, status=status, end_time=end or now)

    def logged_model(self, experiment: str, run_id: str = "", name: str = "model") -> str:
        """Make a logged model; gives its id."""
        source = {"source_run_id": run_id} if run_id else {}
        made = self.post("logged-models", experiment_id=experiment, name=name, **source)
        return str(made["model"]["info"]["model_id"])

    def version(self, name: str, source: str, run_id: str = "") -> str:
        """Register a version; gives its number."""
        given = {"run_id": run_id} if run_id else {}
        if source.startswith("models:/m-"):
            given["model_id"] = source.removeprefix("models:/")
        made = self.post("model-versions/create", name=name, source=source, **given)
        return str(made["model_version"]["version"])

    def script(self, text: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a script where MLflow and the client plugin are installed, against this server."""
        return subprocess.run(
            [str(BIN / "python"), "-c", text],
            env={**bare(), **QUIET, "MLFLOW_TRACKING_URI": self.url, **env},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def _answer(self, answer: httpx.Response) -> Json:
        assert answer.status_code == 200, answer.text
        read: Json = answer.json()
        return read


@contextmanager
def serving(folder: Path, *, hosts: tuple[str, ...] = ()) -> Iterator[Mlflow]:
    """Run a server until the block ends; `hosts` are further names that it is asked by."""
    need("MLflow", here=(BIN / "mlflow").exists(), get_it="run `make workflow`")
    port = free_port()
    command = [
        *(str(BIN / "mlflow"), "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
        *("--backend-store-uri", f"sqlite:///{folder}/mlflow.db"),
        *("--artifacts-destination", str(folder / "artifacts")),
        *(("--allowed-hosts", ",".join((*hosts, f"127.0.0.1:{port}"))) if hosts else ()),
    ]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, env={**bare(), **QUIET}, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
    try:
        mlflow = Mlflow(folder, port, process)
        _wait(mlflow)
        with mlflow.client:
            yield mlflow
    finally:
        ended(process)


def _wait(mlflow: Mlflow) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        assert mlflow.process.poll() is None, (mlflow.folder / "server.log").read_text()[-2000:]
        try:
            if httpx.get(f"{mlflow.url}/version", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise AssertionError((mlflow.folder / "server.log").read_text()[-2000:])


def ended(process: subprocess.Popen[bytes]) -> None:
    """End the server and its workers: they are a session of their own."""
    for signum in (15, 9):
        try:
            os.killpg(process.pid, signum)
        except ProcessLookupError:
            break
        try:
            process.wait(10)
            if signum == 9:
                break
        except subprocess.TimeoutExpired:
            continue
    process.wait(10)


def bare() -> dict[str, str]:
    """Give the environment without what would configure MLflow or OpenLineage."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MLFLOW_", "OPENLINEAGE", "HEADWATER_"))
    }
