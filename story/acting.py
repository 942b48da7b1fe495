"""What happens, act by act, who does it, and with which program?"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import httpx

from app.demo.scratch import COMMAND, free_port
from story.stage import MLFLOW, Stage
from tests.workflow import feast_server
from tests.workflow.mlflow.server import BIN

DANA, SAM, MARIA = "dana@loans.example", "sam@loans.example", "maria@loans.example"
MODEL: Final = "loan_approval"
PLATFORM: Final = "serving://loans.example"
DEPLOYMENT: Final = "deployment:serving%3A//loans.example:loan-approval"
SERVED_S: Final = 120.0


def play(stage: Stage) -> None:
    """Play all six acts."""
    _title("1. dana, data engineer: raw data is loaded and checked, and becomes features")
    stage.act("ingest.py", str(stage.project / "data"), person=DANA)
    with feast_server.driven(stage.project) as feast:
        feast.do("send", stage.headwater.url)
        feast.do("materialize")
    _title("2. sam, data scientist: an experiment, through the gateway")
    stage.act("experiment.py", person=SAM)
    _title("3. sam: two models are trained on features of the store")
    first = stage.act("train.py", str(stage.project), "loan_approval_1", "few-features", person=SAM)
    second = stage.act("train.py", str(stage.project), "loan_approval_2", "all-features", person=SAM)
    _title("4. maria, ML engineer: are they good enough?")
    told = stage.act("validate.py", str(stage.project), "loan_approval_1", first, person=MARIA)
    print(f"   the first is {told}")
    stage.act("validate.py", str(stage.project), "loan_approval_2", second, person=MARIA)
    print("   the second is")
    _title("5. maria: both are registered, one is approved")
    for number, model in (("1", first), ("2", second)):
        version = stage.act("register.py", MODEL, model, *(["champion"] if number == "2" else []), person=MARIA)
        assert version == number, version
    stage.settle()
    for number in ("1", "2"):
        _headwater(stage, "catalogue", "register", MODEL, number, "--namespace", MLFLOW, "--by", MARIA)
    _decide(stage, "1", "rejected", "it finds too few who pay back")
    _decide(stage, "2", "validated", "accuracy and recall are as asked for")
    _decide(stage, "2", "approved", "risk committee, session of today")
    _title("6. maria: it is deployed; the first try fails, the second serves")
    _deploy(stage)


def _decide(stage: Stage, version: str, state: str, reason: str) -> None:
    _headwater(stage, "catalogue", "state", MODEL, version, state, "--namespace", MLFLOW, "--by", MARIA, "--reason", reason)


def _deploy(stage: Stage) -> None:
    chosen = ("--model", MODEL, "--version", "2", "--model-namespace", MLFLOW)
    _headwater(stage, "deploy-event", "requested", DEPLOYMENT, "--revision", "1", *chosen, "--by", MARIA)
    said = _serve_badly(stage)
    _headwater(stage, "deploy-event", "failed", DEPLOYMENT, "--revision", "1", "--reason", said)
    _headwater(stage, "deploy-event", "requested", DEPLOYMENT, "--revision", "2", *chosen, "--by", MARIA)
    with _Serving(stage) as url:
        _headwater(stage, "deploy-event", "started", DEPLOYMENT, "--revision", "2", "--endpoint", url, "--percent", "100")
        print(f"   asked for one loan, it says: {_predicted(url)}")


def _serve_badly(stage: Stage) -> str:
    """Serve a version that is not there, as a release with a slip of the pen does; gives what went wrong."""
    done = subprocess.run(
        [str(BIN / "mlflow"), "models", "serve", "-m", f"models:/{MODEL}/22", "-p", str(free_port()), "--env-manager", "local"],
        cwd=stage.folder, env=stage.environment(MARIA), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    return next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "it did not start")[-200:]


class _Serving:
    """The model, served by MLflow for the length of a block."""

    def __init__(self, stage: Stage) -> None:
        """Remember where."""
        self._stage = stage

    def __enter__(self) -> str:
        port = free_port()
        self._log = (self._stage.folder / "serving.log").open("wb")
        self._process = subprocess.Popen(
            [str(BIN / "mlflow"), "models", "serve", "-m", f"models:/{MODEL}@champion", "-p", str(port), "--env-manager", "local"],
            cwd=self._stage.folder, env=self._stage.environment(MARIA), stdout=self._log, stderr=self._log, start_new_session=True,
        )  # fmt: skip
        url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + SERVED_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if httpx.get(f"{url}/ping", timeout=5).is_success:
                    return url
            except httpx.HTTPError:
                time.sleep(0.3)
        raise TimeoutError(Path(self._log.name).read_text(errors="replace")[-3000:])

    def __exit__(self, *_: object) -> None:
        from tests.workflow.mlflow.server import ended

        ended(self._process)
        self._log.close()


def _predicted(url: str) -> str:
    wanted = httpx.post(f"{url}/invocations", json={"dataframe_split": _loan()}, timeout=60)
    assert wanted.is_success, wanted.text
    return "give it" if wanted.json()["predictions"][0] else "do not give it"


def _loan() -> dict[str, list[object]]:
    columns = {
        "amount": 9000.0, "months": 36, "income": 3100.0, "employed_years": 6.0, "credit_score": 690, "open_loans": 1,
        "missed_payments": 0, "paid_30d": 310.0, "late_30d": 0, "rate_to_income": 0.08, "amount_to_income": 2.9,
    }  # fmt: skip
    return {"columns": list(columns), "data": [list(columns.values())]}


def _headwater(stage: Stage, *words: str) -> None:
    done = subprocess.run([COMMAND, *words, "--server", stage.headwater.url], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"headwater {' '.join(words)}:\n{done.stderr}")


def _title(words: str) -> None:
    print(f"\n\033[1m{words}\033[0m" if sys.stdout.isatty() else f"\n{words}", flush=True)
