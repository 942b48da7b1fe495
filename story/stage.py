"""Which programs stand on the stage, and how are they started and stopped? All on loopback, all in one scratch folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from app.demo.scratch import Server, free_port, serving
from tests.workflow import envoy, feast_server
from tests.workflow.mlflow import server as mlflow_server

ACTS: Final = Path(__file__).with_name("acts")
PROJECT: Final = Path(__file__).with_name("feature_repo")
MLFLOW: Final = "mlflow://loans.example"
FEAST: Final = "feast://loans.example/loans"
GATEWAY: Final = "envoy://loans.example"
LAKE: Final = "file"
SETTLED_S: Final = 120.0
TOLD_S: Final = 2.0
NOT_GOOD_ENOUGH: Final = "not good enough"
"""What a script says first that did its work and found a model wanting."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What runs, and where: Headwater, MLflow, the gateway before both, and the feature project."""

    folder: Path
    headwater: Server
    mlflow_url: str
    gateway: envoy.Gateway
    project: Path

    def act(self, script: str, *arguments: str, person: str) -> str:
        """Have somebody run a script against MLflow, through the gateway, under their own name; gives what it printed."""
        done = subprocess.run(
            [str(mlflow_server.BIN / "python"), str(ACTS / script), *arguments],
            cwd=self.folder, env=self.environment(person), capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = done.stdout.strip().splitlines()
        if done.returncode and not any(line.startswith(NOT_GOOD_ENOUGH) for line in said):
            raise RuntimeError(f"{script} failed:\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}")
        return next((line for line in said if line.startswith(NOT_GOOD_ENOUGH)), said[-1] if said else "")

    def settle(self) -> None:
        """Wait until what MLflow, Feast and the gateway hold by now is in the graph."""
        began, deadline = time.monotonic(), time.monotonic() + SETTLED_S
        while True:
            ready = httpx.get(f"{self.headwater.url}/readyz", timeout=10).json()
            behind = [
                name
                for name in ("mlflow", "feast", "gateway")
                if not _has_read(ready.get(name), time.monotonic() - began)
            ]
            if not behind and ready["lag"] == 0:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"{', '.join(behind) or 'the graph'} did not settle: {ready}")
            time.sleep(0.2)

    def stand_ins(self) -> dict[str, str]:
        """Say by which name each place of this one performance goes in a record."""
        repository = subprocess.run(
            [shutil.which("git") or "git", "config", "--get", "remote.origin.url"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()
        return {
            str(self.folder): "/srv/loans",
            str(ACTS.parent): "/srv/loans/story",
            **({repository: "https://git.loans.example/loans.git"} if repository else {}),
        }

    def environment(self, person: str) -> dict[str, str]:
        return {
            **mlflow_server.bare(),
            **mlflow_server.QUIET,
            "PATH": f"{mlflow_server.BIN}{os.pathsep}{os.environ.get('PATH', '')}",
            "MLFLOW_TRACKING_URI": self.gateway.mlflow,
            "MLFLOW_TRACKING_TOKEN": self.gateway.token(sub=person.partition("@")[0], email=person),
            "LOGNAME": person.partition("@")[0],
            "USER": person.partition("@")[0],
            "OPENLINEAGE_URL": self.headwater.url,
            "HEADWATER_MLFLOW_NAMESPACE": MLFLOW,
            "HEADWATER_FEAST_NAMESPACE": FEAST,
            "GIT_PYTHON_REFRESH": "quiet",
            "PYTHONWARNINGS": "ignore",
        }


@contextmanager
def set_up(folder: Path) -> Iterator[Stage]:
    """Start all of it; stop all of it in the end, however that comes. Feast's registry is served once it is there."""
    project = Path(shutil.copytree(PROJECT, folder / "feature_repo"))
    with (project / "feature_store.yaml").open("a", encoding="utf-8") as settings:
        # Feast tags the MLflow run that fetches features, and says which.
        settings.write("mlflow:\n  enabled: true\n")
    with ExitStack() as running:
        mlflow_url = running.enter_context(mlflow_server.serving(folder, hosts=("mlflow:5000",))).url
        with feast_server.driven(project) as feast:
            feast.do("prepare")
        feast_url = running.enter_context(feast_server.serving(project))
        log = folder / "envoy"
        log.mkdir()
        port = free_port()
        gateway = running.enter_context(
            envoy.gateway(log, mlflow=mlflow_url, headwater=f"http://127.0.0.1:{port}")
        )
        headwater = running.enter_context(
            serving(
                folder / "home", "--mlflow", mlflow_url, "--feast", feast_url, "--gateway-log", str(gateway.log),
                port=port, env=_settings(project),
            )
        )  # fmt: skip
        yield Stage(folder, headwater, mlflow_url, gateway, project)


def _settings(project: Path) -> dict[str, str]:
    aliases = " ".join(
        f"{name}_file={LAKE}/{project / 'data' / f'{name}.parquet'}"
        for name in ("applicants", "bureau", "payments")
    )
    return {
        "HEADWATER_MLFLOW_NAMESPACE": MLFLOW,
        "HEADWATER_MLFLOW_EVERY_S": "1",
        "HEADWATER_FEAST_NAMESPACE": FEAST,
        "HEADWATER_FEAST_ALIASES": aliases,
        "HEADWATER_FEAST_PAUSE_S": "1",
        "HEADWATER_GATEWAY_NAMESPACE": GATEWAY,
    }


def _has_read(standing: Mapping[str, object] | None, since_s: float) -> bool:
    """Tell whether one that reads beside the server has looked since; what it says of itself is up to a second old."""
    if not standing or not standing.get("up"):
        return False
    lag_s = standing.get("lag_s")
    return isinstance(lag_s, int | float) and lag_s < since_s - TOLD_S
