"""What happens, act by act, who does it, and with which program?"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from app.demo.scratch import COMMAND, free_port
from app.demo.showing import title
from story.stage import MLFLOW, Stage
from tests.workflow import feast_server
from tests.workflow.mlflow.server import BIN, ended

DANA, SAM, MARIA = "dana@loans.example", "sam@loans.example", "maria@loans.example"
MODEL: Final = "loan_approval"
DEPLOYMENT: Final = "deployment:serving%3A//loans.example:loan-approval"
SERVED_S: Final = 120.0
LOAN: Final = {
    "amount": 9000.0, "months": 36, "income": 3100.0, "employed_years": 6.0, "credit_score": 690, "open_loans": 1,
    "missed_payments": 0, "paid_30d": 310.0, "late_30d": 0, "rate_to_income": 0.08, "amount_to_income": 2.9,
}  # fmt: skip
"""What somebody asks for, as the second model wants to know it."""


def play(stage: Stage) -> None:
    """Play all six acts."""
    repo = str(stage.project)
    title("1. dana, data engineer: raw data is loaded and checked, and becomes features")
    stage.act("ingest.py", str(stage.project / "data"), person=DANA)
    with feast_server.driven(stage.project) as feast:
        feast.do("send", stage.headwater.url)
        feast.do("materialize")
    title("2. sam, data scientist: an experiment, through the gateway")
    stage.act("experiment.py", person=SAM)
    title("3. sam: two models are trained on features of the store")
    first = stage.act("train.py", repo, "loan_approval_1", "few-features", person=SAM)
    second = stage.act("train.py", repo, "loan_approval_2", "all-features", person=SAM)
    title("4. maria, ML engineer: are they good enough?")
    for service, model in (("loan_approval_1", first), ("loan_approval_2", second)):
        print(f"   {service}: {stage.act('validate.py', repo, service, model, person=MARIA)}")
    title("5. maria: both are registered, one is approved")
    stage.act("register.py", MODEL, first, person=MARIA)
    stage.act("register.py", MODEL, second, "champion", person=MARIA)
    stage.settle()
    for version in ("1", "2"):
        _catalogue(stage, "register", version)
    _catalogue(stage, "state", "1", "rejected", "--reason", "it finds too few of those who pay back")
    _catalogue(stage, "state", "2", "validated", "--reason", "accuracy and recall are as asked for")
    _catalogue(stage, "state", "2", "approved", "--reason", "risk committee, session of today")
    title("6. maria: it is deployed; the first try fails, the second serves")
    _deploy(stage)


def _catalogue(stage: Stage, act: str, version: str, *more: str) -> None:
    _headwater(stage, "catalogue", act, MODEL, version, *more, "--namespace", MLFLOW, "--by", MARIA)


def _deploy(stage: Stage) -> None:
    chosen = ("--model", MODEL, "--version", "2", "--model-namespace", MLFLOW, "--by", MARIA)
    _tell(stage, "requested", "1", *chosen)
    _tell(stage, "failed", "1", "--reason", _serve_badly(stage))
    _tell(stage, "requested", "2", *chosen)
    with _served(stage) as url:
        _tell(stage, "started", "2", "--endpoint", url, "--percent", "100")
        print(f"   asked for one loan, it says: {_predicted(url)}")


def _tell(stage: Stage, happened: str, revision: str, *more: str) -> None:
    _headwater(stage, "deploy-event", happened, DEPLOYMENT, "--revision", revision, *more)


def _serve_command(version: str, port: int) -> list[str]:
    model = f"models:/{MODEL}{version}"
    return [str(BIN / "mlflow"), "models", "serve", "-m", model, "-p", str(port), "--env-manager", "local"]


def _serve_badly(stage: Stage) -> str:
    """Serve a version that is not there, as a release with a slip of the pen does; gives what went wrong."""
    done = subprocess.run(
        _serve_command("/22", free_port()),
        cwd=stage.folder, env=stage.environment(MARIA), capture_output=True, text=True, check=False,
    )  # fmt: skip
    return next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "it did not start")[
        -200:
    ]


@contextmanager
def _served(stage: Stage) -> Iterator[str]:
    """Serve the model by MLflow until the block ends; gives its address."""
    port, said = free_port(), stage.folder / "serving.log"
    with said.open("wb") as log:
        process = subprocess.Popen(
            _serve_command("@champion", port),
            cwd=stage.folder, env=stage.environment(MARIA), stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + SERVED_S
    try:
        while not _answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(said.read_text(errors="replace")[-3000:])
            time.sleep(0.3)
        yield url
    finally:
        ended(process)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ping", timeout=5).is_success
    except httpx.HTTPError:
        return False


def _predicted(url: str) -> str:
    asked = {"dataframe_split": {"columns": list(LOAN), "data": [list(LOAN.values())]}}
    answer = httpx.post(f"{url}/invocations", json=asked, timeout=60).raise_for_status()
    return "give it" if answer.json()["predictions"][0] else "do not give it"


def _headwater(stage: Stage, *words: str) -> None:
    done = subprocess.run(
        [COMMAND, *words, "--server", stage.headwater.url], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"headwater {' '.join(words)}:\n{done.stderr}")
