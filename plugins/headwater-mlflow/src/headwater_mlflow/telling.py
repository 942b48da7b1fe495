"""How does what ended get told, without the training waiting for it?

In a thread of its own, one thing after another: it is read back from MLflow, made into events and emitted by
openlineage-python, to wherever that is configured (OPENLINEAGE_URL, a config file). Where nothing is configured nothing is told.
When the program ends, what is still to be told gets some seconds.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

import yaml
from mlflow.utils.rest_utils import http_request

from headwater_mlflow.emitting import Emitter
from headwater_mlflow.mapping import models, runs
from headwater_mlflow.mapping.names import Place, namespace_of, run_uuid

log = logging.getLogger("headwater_mlflow")

API: Final = "/api/2.0/mlflow"
MODEL_FILES: Final = "/ajax-api/2.0/mlflow/logged-models/{}/artifacts/files"
ANSWER_S: Final = 20
OK: Final = 200
FILES: Final = ("openlineage.yml", str(Path("~/.openlineage/openlineage.yml").expanduser()))


def is_configured() -> bool:
    """Tell whether openlineage-python knows where to send events."""
    if os.environ.get("OPENLINEAGE_DISABLED", "").lower() in {"1", "true"}:
        return False
    named = any(name in os.environ for name in ("OPENLINEAGE_URL", "OPENLINEAGE_CONFIG"))
    nested = any(name.startswith("OPENLINEAGE__TRANSPORT") for name in os.environ)
    return named or nested or any(Path(path).is_file() for path in FILES)


def place_of(host: str) -> Place:
    """Say how things at a server are named, by the same variables as `headwater source mlflow`."""
    pairs = os.environ.get("HEADWATER_MLFLOW_FEAST_NAMESPACES", "").split(",")
    feast = dict(pair.split("=", 1) for pair in (one.strip() for one in pairs) if "=" in pair)
    namespace = os.environ.get("HEADWATER_MLFLOW_NAMESPACE", "") or namespace_of(host)
    tables, before = (
        os.environ.get(name, "") for name in ("HEADWATER_MLFLOW_TABLE_NAMESPACE", "HEADWATER_FEAST_NAMESPACE")
    )
    return Place(namespace, feast, tables, before)


class Teller:
    """Tells what happened at one MLflow server."""

    def __init__(self, get_host_creds: Callable[[], Any]) -> None:
        """Know how the server is asked."""
        self._creds = get_host_creds
        self._children: dict[str, list[str]] = {}
        self._told: dict[str, str] = {}

    def run_ended(self, run_id: str) -> None:
        """Tell a run, and the runs in it that waited to know under what they ran."""
        self._later(lambda emitter: self._tell_run(emitter, run_id))

    def version_made(self, name: str, number: str) -> None:
        """Tell that a version was registered."""
        self._later(
            lambda emitter: emitter.emit(
                models.registration_event(self._place(), self._version(name, number))
            )
        )

    def version_changed(self, name: str, number: str) -> None:
        """Tell a version anew, at the time of the change."""
        at = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: UP017 - Python 3.10
        self._later(lambda emitter: self._tell_version(emitter, name, number, at))

    def _later(self, act: Callable[[Emitter], object]) -> None:
        if is_configured():
            _work(act)

    def _tell_run(self, emitter: Emitter, run_id: str) -> None:
        seen = self._seen(run_id)
        place, of = self._place(), runs.job_of(seen)
        told = runs.content(place, seen, of)
        kind, ended = runs.end_of(seen)
        emitter.emit(runs.start_event(place, seen, of))
        emitter.emit(runs.told_event(kind, ended, told))
        self._told[run_id] = ended
        self._post("runs/set-tag", {"run_id": run_id, "key": runs.TOLD, "value": runs.digest_of(told)})
        above = runs.parent_id(seen.run)
        if above and seen.parent is None:
            self._children.setdefault(above, []).append(run_id)
        for child in self._children.pop(run_id, []):
            below = self._seen(child)
            if below.parent is not None:
                at = max(ended, self._told.get(child, ended))
                emitter.emit(runs.told_event("OTHER", at, runs.content(place, below, runs.job_of(below))))

    def _tell_version(self, emitter: Emitter, name: str, number: str, at: str) -> None:
        registered = self._get("registered-models/get", {"name": name})["registered_model"]
        given = models.version_facets(registered, self._version(name, number))
        emitter.emit(models.version_event(self._place(), given, at, name=name, number=number))

    def _seen(self, run_id: str) -> runs.RunSeen:
        run = self._get("runs/get", {"run_id": run_id})["run"]
        experiment = self._experiment(run)
        found = {model_id: self._model(model_id) for model_id in runs.model_ids(run, "outputs")}
        above = runs.parent_id(run)
        return runs.RunSeen(run, experiment, found, (), self._parent(above) if above else None)

    def _parent(self, run_id: str) -> tuple[str, tuple[str, str]] | None:
        """Give a parent's run and job, once its job is certain: it has ended, or has logged a model."""
        run = self._get("runs/get", {"run_id": run_id})["run"]
        seen = runs.RunSeen(run, self._experiment(run))
        if not runs.is_over(run) and runs.role(seen) != "train":
            return None
        return run_uuid(run_id), (self._place().namespace, runs.job_of(seen))

    def _experiment(self, run: Any) -> Any:
        return self._get("experiments/get", {"experiment_id": run["info"]["experiment_id"]})["experiment"]

    def _model(self, model_id: str) -> models.ModelSeen:
        model = self._get(f"logged-models/{model_id}", {})["model"]
        answer = self._ask(MODEL_FILES.format(model_id), {"artifact_file_path": "MLmodel"})
        read = yaml.safe_load(answer.text) if answer.status_code == OK else {}
        signature = read.get("signature") if isinstance(read, dict) else None
        inputs = signature.get("inputs") if isinstance(signature, dict) else None
        return models.ModelSeen(model, inputs if isinstance(inputs, str) else "")

    def _version(self, name: str, number: str) -> Any:
        return self._get("model-versions/get", {"name": name, "version": number})["model_version"]

    def _place(self) -> Place:
        return place_of(self._creds().host)

    def _get(self, path: str, params: dict[str, str]) -> Any:
        answer = self._ask(f"{API}/{path}", params)
        answer.raise_for_status()
        return json.loads(answer.text)

    def _ask(self, path: str, params: dict[str, str]) -> Any:
        return http_request(
            self._creds(), path, "GET", params=params, timeout=ANSWER_S, max_retries=2, raise_on_status=False
        )

    def _post(self, path: str, body: dict[str, str]) -> None:
        http_request(self._creds(), f"{API}/{path}", "POST", json=body, timeout=ANSWER_S, max_retries=2)


class _Worker:
    """The thread that tells, and what it has still to tell."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.waiting: queue.Queue[Callable[[Emitter], object]] = queue.Queue()
        threading.Thread(target=self._run, name="headwater-mlflow", daemon=True).start()
        atexit.register(self.finish)

    def _run(self) -> None:
        emitter: Emitter | None = None
        while True:
            act = self.waiting.get()
            try:
                emitter = emitter or Emitter()
                act(emitter)
            except Exception as error:  # noqa: BLE001 - whatever it is, the training goes on
                log.warning("lineage was not told: %s: %s", type(error).__name__, error)
            finally:
                self.waiting.task_done()

    def finish(self) -> None:
        """Wait for what is still to be told, for so many seconds and no longer."""
        if self.pid != os.getpid():
            return
        end = time.monotonic() + float(os.environ.get("HEADWATER_MLFLOW_FLUSH_S", "10"))
        while self.waiting.unfinished_tasks and time.monotonic() < end:
            time.sleep(0.02)
        if self.waiting.unfinished_tasks:
            log.warning(
                "the program ends before all lineage was told: %d left", self.waiting.unfinished_tasks
            )


_held: dict[int, _Worker] = {}
_making = threading.Lock()


def _work(act: Callable[[Emitter], object]) -> None:
    """Hand over to this process's thread; a forked process has none of its parent's."""
    with _making:
        pid = os.getpid()
        worker = _held.get(pid)
        if worker is None:
            _held.clear()
            worker = _held[pid] = _Worker()
    worker.waiting.put(act)
