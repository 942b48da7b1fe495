"""Does `headwater serve` keep the processes that read a registry and a gateway's log, and say how they are?"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.demo.scratch import free_port, serving, wait_ready
from app.settings import Settings
from app.sources import gateway_reading, sources_of
from ingest.standing import all_told, tell
from tests.ingest.sources.gateway.test_lines import LINE
from tests.postgres.following import until
from tests.server import headwater
from tests.workflow.recorded import answers
from tests.workflow.replay import Asked, Said, answering, registry


def series(url: str) -> dict[str, float]:
    """Give the series of both."""
    text = httpx.get(f"{url}/metrics").text
    found = re.findall(r"^(headwater_(?:feast|gateway)_\w+) (\S+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in found}


@pytest.mark.slow
def test_serve_reads_a_registry_and_a_log(tmp_path: Path) -> None:
    """What they hold comes into its graph; /readyz, status and metrics tell how it goes, also while the registry fails, and not a
    word of its token.
    """
    log = tmp_path / "access.log"
    log.write_text(json.dumps(LINE) + "\nno line\n")
    env = {
        "HEADWATER_FEAST_NAMESPACE": "feast://loans.example",
        "HEADWATER_FEAST_TOKEN": "the-registrys-token",
        "HEADWATER_FEAST_PAUSE_S": "0.3",
        "HEADWATER_GATEWAY_LOG": str(log),
        "HEADWATER_GATEWAY_MLFLOW_NAMESPACE": "mlflow://mlflow:5000",
    }
    here = [True]

    def answer(asked: Asked) -> Said:
        return registry(answers)(asked) if here[0] else Said(b'{"detail":"boom"}', 500)

    with answering(answer) as url, serving(tmp_path / "home", env={**env, "HEADWATER_FEAST": url}) as server:
        until(lambda: series(server.url).get("headwater_feast_events_total") == 16)
        until(lambda: series(server.url).get("headwater_gateway_events_total") == 1)
        wait_ready(server)
        key = "dataset:feast%3A//loans.example/loans:credit_history"
        found = httpx.get(f"{server.url}/api/v1/graph/node", params={"key": key}, timeout=30)
        assert found.status_code == 200
        until(lambda: httpx.get(f"{server.url}/readyz").json()["feast"]["state"] == "following")
        state = httpx.get(f"{server.url}/readyz").json()
        assert {state["children"][name]["state"] for name in ("feast", "gateway")} == {"running"}
        assert (state["feast"]["things"], state["gateway"]["refused"]) == (13, 1)
        told = series(server.url)
        assert (told["headwater_feast_up"], told["headwater_gateway_up"]) == (1, 1)
        status = headwater("status", "--server", server.url).stdout
        assert "1 project, 13 things, 16 events" in status.replace("0 refused", "")
        assert "1 request, 1 event" in status
        assert "3 sources without a place outside Feast" in " ".join(status.split())
        here[0] = False
        until(lambda: series(server.url).get("headwater_feast_up") == 0)
        shown = headwater("status", "--server", server.url).stdout
        assert "SOURCE_UNAVAILABLE since" in shown
        assert "the-registrys-token" not in shown + server.log
        here[0] = True
        until(lambda: series(server.url).get("headwater_feast_up") == 1)


def test_a_server_that_is_told_of_none_says_nothing_of_them(tmp_path: Path) -> None:
    """What a process of an earlier start said is forgotten."""
    for name in ("feast", "gateway"):
        tell(tmp_path, name, {"state": "following"})
    assert sources_of(Settings(home=tmp_path), -1) == []
    assert all_told(tmp_path) == {}


@pytest.mark.parametrize(
    ("options", "step"),
    [
        (("--feast", "localhost:6572"), "write http://HOST:6572"),
        (("--gateway-log", "access.log"), "--mlflow-namespace mlflow://HOST:5000"),
    ],
)
def test_what_cannot_be_read_ends_the_start(tmp_path: Path, options: tuple[str, str], step: str) -> None:
    """Before anything is started, with the next step."""
    done = headwater("serve", "--home", str(tmp_path / "home"), "--port", str(free_port()), *options)
    assert done.returncode == 2
    assert step in " ".join(done.stderr.split())


def test_a_bad_alias_ends_the_start(tmp_path: Path) -> None:
    """With an example of a good one."""
    done = headwater(
        "source",
        "feast",
        "--url",
        "http://127.0.0.1:1",
        "--alias",
        "nonsense",
        "--home",
        str(tmp_path / "home"),
    )
    assert done.returncode == 2
    assert "applicants_file=s3://lake/raw/applicants.parquet" in done.stderr


def test_a_command_reads_once_and_counts(tmp_path: Path) -> None:
    """For people as a table, for programs as JSON; and says how one that runs is."""
    home = ("--home", str(tmp_path / "home"))
    log = tmp_path / "access.log"
    log.write_text(json.dumps(LINE) + "\n")
    with answering(registry(answers)) as url:
        done = headwater("source", "feast", "--url", url, *home)
        assert (done.returncode, done.stdout.split()[:9]) == (
            0,
            ["projects", "things", "new", "events", "duplicates", "1", "13", "16", "0"],
        )
        again = json.loads(headwater("source", "feast", "--url", url, *home, "--json").stdout)
        assert (again["events"], again["version"], again["address"]) == (0, "0.67.0", url)
    named = ("--mlflow-namespace", "mlflow://mlflow:5000")
    read = json.loads(headwater("source", "gateway", "--log", str(log), *named, *home, "--json").stdout)
    assert [read[name] for name in ("requests", "events", "duplicates", "refused")] == [1, 1, 0, 0]
    assert headwater("source", "feast", *home, "--check").returncode == 3
    missing = headwater("source", "gateway", "--log", str(tmp_path / "none"), *named, *home)
    assert (missing.returncode, "start the gateway" in missing.stderr) == (3, True)


@pytest.mark.parametrize(
    ("given", "namespace"),
    [
        ({"mlflow": "http://127.0.0.1:5000"}, "mlflow://127.0.0.1:5000"),
        ({"mlflow": "http://127.0.0.1:5000", "mlflow_namespace": "mlflow://ml"}, "mlflow://ml"),
        (
            {"mlflow_namespace": "mlflow://ml", "gateway_mlflow_namespace": "mlflow://behind"},
            "mlflow://behind",
        ),
    ],
)
def test_the_mlflow_behind_the_gateway_is_the_one_that_is_read(given: dict[str, Any], namespace: str) -> None:
    """Unless it is said to be another: else one experiment would be two."""
    reading = gateway_reading(Settings(gateway_log=Path("access.log"), **given))
    assert reading.names.mlflow == namespace
