"""Does the gateway let in whom it should, say who it was, and is that what comes into the journal?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from app.errors import ROWS
from ingest.journal import Journal
from ingest.sources.gateway.follow import Follower, Reading
from ingest.sources.gateway.lines import Names
from tests.app.http.serving import Served, serving
from tests.app.http.test_door import DOOR, body
from tests.facets import faults
from tests.workflow.envoy import ISSUER, KEY, LIMIT, Gateway, gateway
from tests.workflow.replay import Asked, Said, answering

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

RUN = "0190f4c2a1b07c3e9d5510e4ab12cd34"
NAMES = Names("envoy://gateway:5001", "mlflow://mlflow:5000")


def as_mlflow(asked: Asked) -> Said:
    """Answer as MLflow does where something is created; else say what was asked, as it arrived."""
    if asked.path.endswith("/runs/create"):
        tags = [{"key": "note", "value": 'a "run_id": "dead" in a text'}]
        info = {"run_uuid": RUN, "experiment_id": "3", "status": "RUNNING", "run_id": RUN}
        size = 100_000 if asked.query == "large" else 0
        answer: dict[str, Any] = {
            "run": {"info": info, "data": {"tags": tags}, "inputs": {"pad": "x" * size}}
        }
    elif asked.path.endswith("/experiments/create"):
        if asked.query == "taken":
            return Said(b'{"error_code": "RESOURCE_ALREADY_EXISTS"}', 400)
        answer = {"experiment_id": "7"}
    else:
        answer = {"path": asked.path, "headers": dict(asked.headers)}
    return Said(json.dumps(answer, indent=2).encode())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A Headwater that believes the gateway's key whom it names."""
    keys = SecretStr(f"gateway:{KEY}")
    with serving(
        tmp_path_factory.mktemp("home"),
        api_keys=keys,
        identity_header="x-headwater-person",
        identity_from="gateway",
    ) as running:
        yield running


@pytest.fixture(scope="module")
def passed(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """An Envoy in front of it, and of what answers as MLflow does."""
    with (
        answering(as_mlflow) as mlflow,
        gateway(
            tmp_path_factory.mktemp("gateway"), mlflow=mlflow, headwater=f"http://127.0.0.1:{served.port}"
        ) as running,
    ):
        yield running


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1_000_000_000},
        {"exp": None},
        {"aud": "somebody else"},
        {"aud": None},
        {"iss": "https://other.example"},
    ],
    ids=["expired", "for ever", "for somebody else", "for nobody", "of another issuer"],
)
def test_a_wrong_token_is_not_let_in(passed: Gateway, claims: dict[str, Any]) -> None:
    """Nobody behind the gateway hears of it."""
    with passed.client(**claims) as client:
        for url in (passed.mlflow, passed.headwater):
            assert client.get(f"{url}/anything").status_code in {401, 403}


def test_nobody_is_let_in_without_a_token(passed: Gateway) -> None:
    """Nor by one that somebody else signed; health is told to everybody."""
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = jwt.encode(
        jwt.decode(passed.token(), options={"verify_signature": False}),
        other,
        "RS256",
        headers={"kid": "one"},
    )
    for url in (passed.mlflow, passed.headwater):
        assert httpx.get(f"{url}/anything").status_code == 401
        assert httpx.get(f"{url}/anything", headers={"Authorization": "Bearer x.y.z"}).status_code == 401
        assert httpx.get(f"{url}/anything", headers={"Authorization": f"Bearer {forged}"}).status_code == 401
        assert httpx.get(f"{url}/healthz").status_code == 200


def test_who_somebody_is_says_the_token_alone(passed: Gateway) -> None:
    """What a client sends of itself is dropped: person, request id, key; also where its token names no person."""
    forged = {"x-headwater-person": "mallory", "x-request-id": "forged", "x-api-key": "mine"}
    with passed.client() as client:
        seen = client.get(f"{passed.mlflow}/api/x", headers=forged).json()["headers"]
    assert seen["x-headwater-person"] == "ada@loans.example"
    assert seen["x-request-id"] != "forged"
    assert "x-api-key" not in seen
    assert "authorization" not in seen
    assert seen["host"] == "mlflow:5000"
    with passed.client(email=None) as client:
        seen = client.get(f"{passed.mlflow}/api/x", headers=forged).json()["headers"]
    assert "x-headwater-person" not in seen


def test_headwater_believes_the_gateway(passed: Gateway, served: Served) -> None:
    """What comes through it is from the person of the token; who knocks at Headwater itself may not say so."""
    event = json.loads(body())
    event["job"]["name"] = "through the gateway"
    with passed.client() as client:
        answer = client.post(
            f"{passed.headwater}{DOOR}", content=json.dumps(event), headers={"x-headwater-person": "m"}
        )
    assert answer.status_code == 201, answer.text
    (stored,) = served.journal.read_after(int(answer.json()["position"]) - 1, 1)
    assert stored.source == "http:ada@loans.example"
    assert served.client.get("/metrics", headers={"x-headwater-person": "mallory"}).status_code == 401


def test_over_the_limit_the_gateway_says_so(tmp_path: Path, served: Served) -> None:
    """429 with `Retry-After`, by Envoy and never by Headwater, whose clients would take any 4xx for good."""
    few = LIMIT.replace("200", "5").replace("100", "1").replace("1s", "60s")
    with (
        answering(as_mlflow) as mlflow,
        gateway(tmp_path, mlflow=mlflow, headwater=f"http://127.0.0.1:{served.port}", limit=few) as running,
        running.client() as client,
    ):
        answers = [client.get(f"{running.mlflow}/api/x") for _ in range(8)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 3
        assert answers[-1].headers["retry-after"] == "1"
        assert httpx.get(f"{running.mlflow}/api/x").status_code == 401  # who is not known uses nothing up
        last = running.lines(9)[7]
        assert (last["status"], last["person"]) == (429, "ada@loans.example")
    assert 429 not in {row.status for row in ROWS.values()}


def events_of(home: Path, log: Path) -> list[dict[str, Any]]:
    """Follow a log to its end, and give the events of the home."""
    home.mkdir(exist_ok=True)
    with closing(Journal.open(home / "journal.sqlite")) as journal:
        follower = Follower(home, journal, Reading(log, NAMES))
        asyncio.run(follower.run(asyncio.Event(), once=True))
        assert follower.counts["refused"] == 0
        return [json.loads(one.body) for one in journal.read_after(0, 1_000)]


def test_who_created_what_comes_into_the_journal(tmp_path: Path, served: Served) -> None:
    """By Envoy's own log, rotated in between: a run and an experiment, their person by the token, their ids by MLflow's answers;
    an answer too large to look into names no run, and what MLflow refused created nothing.
    """
    with (
        answering(as_mlflow) as mlflow,
        gateway(tmp_path, mlflow=mlflow, headwater=f"http://127.0.0.1:{served.port}") as running,
    ):
        api = f"{running.mlflow}/api/2.0/mlflow"
        with running.client() as ada, running.client(sub="u2", email="bo@loans.example") as bo:
            assert ada.post(f"{api}/experiments/create", json={"name": "loans"}).json() == {
                "experiment_id": "7"
            }
            assert ada.post(f"{api}/experiments/create?taken", json={"name": "loans"}).status_code == 400
            assert bo.get(f"{api}/runs/create").status_code == 200
            running.lines(3)
            running.log.rename(tmp_path / "access.log.1")
            assert httpx.post(f"{running.admin}/reopen_logs").status_code == 200
            assert bo.post(f"{running.mlflow}/ajax-api/2.0/mlflow/runs/create", json={}).status_code == 200
            assert bo.post(f"{api}/runs/create?large", json={}).status_code == 200
            running.lines(2)
        found = events_of(tmp_path / "home", running.log)
    facets = [event["run"]["facets"]["gateway_access"] for event in found]
    assert [(one["person"], one["act"], one["run"], one["experiment"]) for one in facets] == [
        (
            "ada@loans.example",
            "CREATED_EXPERIMENT",
            None,
            {"namespace": "mlflow://mlflow:5000", "experimentId": "7"},
        ),
        (
            "bo@loans.example",
            "CREATED_RUN",
            "0190f4c2-a1b0-7c3e-9d55-10e4ab12cd34",
            {"namespace": "mlflow://mlflow:5000", "experimentId": "3"},
        ),
        ("bo@loans.example", "CREATED_RUN", None, None),
    ]
    assert {(one["subject"], one["issuer"]) for one in facets} == {("u1", ISSUER), ("u2", ISSUER)}
    assert [faults(event) for event in found] == [[], [], []]
    assert events_of(tmp_path / "home", running.log) == found
