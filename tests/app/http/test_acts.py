"""Do decisions about model versions and what is told of deployments become events, checked and answered? A real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from app.demo.scratch import Server, serving
from headwater.client import Headwater
from tests.app.asked import graphql
from tests.app.http import serving as bare
from tests.facets import faults
from tests.server import headwater
from tests.workflow import estate
from tests.workflow.estate import MLFLOW, VERSION_1

Json = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that knows what MLflow said of two versions, and nothing of the catalogue; `ci` is a key's name."""
    with serving(tmp_path_factory.mktemp("acts") / "home") as running:
        told = [one for one in estate.STORY if "headwater" not in one["producer"]]
        assert httpx.post(f"{running.url}/api/v1/lineage/batch", json=told, timeout=60).status_code == 200
        yield running


def post(server: Server, path: str, **body: Any) -> httpx.Response:
    return httpx.post(f"{server.url}/api/v1/{path}", json=body, timeout=60)


def events_of(server: Server, run: str) -> list[Json]:
    """The bodies of a run's events."""
    answer = httpx.get(f"{server.url}/api/v1/graph/run_events", params={"key": run}, timeout=60).json()
    return [one["body"] for one in answer["events"]]


def test_an_act_is_an_event_and_told_with_what_the_registry_says(server: Server) -> None:
    """201 with a position that is projected; the event follows its schema, and both voices are told apart."""
    answer = post(
        server,
        "catalogue/register",
        model="loan",
        version=1,
        by="mo",
        reason="first",
        evidence=[{"kind": "run", "ref": "x"}],
    )
    done = answer.json()
    assert answer.status_code == 201, done
    assert (done["state"], done["before"], done["forced"]) == ("REGISTERED", None, False)
    assert (done["model_version"], done["by_evidence"]) == (VERSION_1, "CLAIMED")
    (event,) = events_of(server, done["run"])
    assert faults(event) == []
    assert event["job"] == {"namespace": MLFLOW, "name": "catalogue/loan"}
    assert done["entry"]["catalogue"]["state"] == "REGISTERED"
    assert done["entry"]["registry"]["aliases"] == ["champion"]
    told = httpx.get(f"{server.url}/api/v1/catalogue", params={"model": "loan"}, timeout=60).json()
    assert [(one["version"], one["catalogue"]["state"]) for one in told["versions"]] == [
        ("2", None),
        ("1", "REGISTERED"),
    ]
    (act,) = told["versions"][1]["catalogue"]["acts"]
    assert (act["key"], act["by"], act["evidence"]) == (done["act"], "mo", [{"kind": "run", "ref": "x"}])


def test_what_cannot_follow_is_refused_and_can_be_forced(server: Server) -> None:
    """409 that says what may follow, and nothing kept; forced with a reason, it is marked."""
    asked = {"model": "loan", "version": "2", "by": "mo"}
    refused = post(server, "catalogue/state", **asked, state="approved")
    assert (refused.status_code, refused.json()["code"]) == (409, "IMPOSSIBLE_ACT")
    assert refused.json()["allowed"] == ["REGISTERED"]
    assert (
        post(server, "catalogue/state", **asked, state="approved", force=True).json()["parameter"] == "reason"
    )
    done = post(server, "catalogue/state", **asked, state="approved", force=True, reason="board").json()
    assert (done["state"], done["before"], done["forced"]) == ("APPROVED", None, True)
    (event,) = events_of(server, done["run"])
    assert event["run"]["facets"]["catalogue_act"]["forced"] is True
    assert faults(event) == []


def test_an_act_that_is_sent_again_is_done_once(server: Server) -> None:
    """The same id and content: 200, a duplicate; other content under it: 409; many at once: one is done."""
    asked = {"model": "loan", "version": "1", "by": "mo", "state": "VALIDATED", "id": "v-1", "reason": "r"}
    first, second = (post(server, "catalogue/state", **asked) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    told = second.json()
    assert (told["duplicate"], told["act"], told["at"]) == (True, first.json()["act"], first.json()["at"])
    other = post(server, "catalogue/state", **{**asked, "reason": "another"})
    assert (other.status_code, other.json()["code"]) == (409, "ID_TAKEN")
    approve = {**asked, "state": "APPROVED", "id": "a-1"}
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: post(server, "catalogue/state", **approve).status_code, range(8)))
    assert sorted(codes) == [200] * 7 + [201]


def test_unknown_versions_and_models_are_told(server: Server) -> None:
    """A typing error does not become an approved model: 404 with near names; registering one needs its namespace."""
    unknown = post(server, "catalogue/state", model="loan", version="11", by="mo", state="VALIDATED")
    assert (unknown.status_code, VERSION_1 in unknown.json()["near"]) == (404, True)
    assert post(server, "catalogue/register", model="lone", version="1", by="mo").status_code == 404
    own = post(
        server, "catalogue/register", model="scorer", version="a", namespace="seldon://x", by="mo"
    ).json()
    assert [one["code"] for one in own["warnings"]] == ["VERSION_UNKNOWN"]
    told = httpx.get(f"{server.url}/api/v1/catalogue", params={"model": "scorer"}, timeout=60).json()
    assert [(one["version"], one["catalogue"]["state"], one["registry"]) for one in told["versions"]] == [
        ("a", "REGISTERED", None)
    ]


def test_acts_come_in_order(server: Server) -> None:
    """A time before the newest act is refused; without one each act is later than the one before it."""
    late = post(
        server,
        "catalogue/state",
        model="scorer",
        version="a",
        by="mo",
        state="VALIDATED",
        at="2026-01-01T00:00:00Z",
    )
    assert (late.status_code, late.json()["parameter"]) == (400, "at")
    done = [
        post(server, "catalogue/state", model="scorer", version="a", by="mo", state="VALIDATED").json()["at"]
        for _ in range(3)
    ]
    assert done == sorted(set(done))


def test_graphql_decides_alike(server: Server) -> None:
    """The same act by a mutation, with its refusals as codes; the schema's names."""
    ask = """mutation ($input: ActInput!, $state: String!) {
      setModelState(input: $input, state: $state) { state before duplicate entry { catalogue { state acts { act by } }
        registry { aliases } } position }
    }"""
    given = {"model": "loan", "version": "1", "by": "eve", "id": "gql"}
    done = graphql(server, ask, input=given, state="deployed")["data"]["setModelState"]
    assert (done["state"], done["before"], done["duplicate"]) == ("DEPLOYED", "APPROVED", False)
    assert done["entry"]["catalogue"]["acts"][0] == {"act": "DEPLOYED", "by": "eve"}
    refused = graphql(server, ask, input={**given, "id": "gql2"}, state="VALIDATED")
    assert refused["errors"][0]["extensions"]["code"] == "IMPOSSIBLE_ACT"
    asked = graphql(server, '{ catalogue(model: "loan", version: "1") { versions { catalogue { state } } } }')
    assert asked["data"]["catalogue"]["versions"][0]["catalogue"]["state"] == "DEPLOYED"


def test_a_release_pipeline_tells_of_a_deployment(server: Server) -> None:
    """From request to withdrawal as one run; what is left out stays; a failed rollout is told with its reason."""
    of = {"namespace": "k8s://prod", "name": "loans"}
    model = {"name": "loan", "version": 1}
    first = post(
        server, "deployments/events", event="requested", **of, revision="1", model=model, environment="prod"
    )
    assert first.status_code == 201, first.text
    for event, more in (
        ("started", {"endpoint": "https://loans.example"}),
        ("traffic", {"traffic_percent": 40}),
    ):
        told = post(server, "deployments/events", event=event, **of, revision="1", **more).json()
        assert told["warnings"] == []
    failed = post(
        server, "deployments/events", event="requested", **of, revision="2", model={**model, "version": 2}
    ).json()
    post(server, "deployments/events", event="failed", **of, revision="2", reason="no memory left")
    events = events_of(server, first.json()["run"])
    assert [one["eventType"] for one in events] == ["START", "RUNNING", "RUNNING"]
    assert [fault for one in events for fault in faults(one)] == []
    facet = events[-1]["job"]["facets"]["mlops_deployment"]
    assert (facet["environment"], facet["endpoint"], facet["trafficPercent"]) == (
        "prod",
        "https://loans.example",
        40,
    )
    found = httpx.get(
        f"{server.url}/api/v1/graph/provenance", params={"model": "loan", "version": "2"}, timeout=60
    )
    (deployment,) = found.json()["deployments"]
    assert [(one["run"], one["state"], one["reason"]) for one in deployment["revisions"]] == [
        (failed["run"], "FAILED", "no memory left")
    ]
    for body, said in (
        ({"event": "started", **of}, "revision"),
        ({"event": "requested", **of, "revision": "3"}, "model"),
        ({"event": "requested", **of, "revision": "3", "model": {"name": "lone", "version": 1}}, "lone"),
    ):
        answer = post(server, "deployments/events", **body)
        assert answer.status_code in {400, 404}
        assert said in answer.json()["message"]


def test_the_client_and_the_command_line_do_the_same(server: Server) -> None:
    """Typed answers and errors; the position of an act is one that a question can wait for."""
    with Headwater(server.url) as hw:
        done = hw.register_model_version("loan", "7", by="mo", namespace=MLFLOW, evidence=[("ticket", "17")])
        assert (done.state, done.warnings[0].code) == ("REGISTERED", "VERSION_UNKNOWN")
        (entry,) = hw.catalogue("loan", version="7", at_least=done.position)
        assert (entry.catalogue.state, entry.registry) == ("REGISTERED", None)
        told = hw.tell_deployment(
            "requested",
            "k8s://x",
            "y",
            revision="1",
            model={"name": "loan", "version": "7", "namespace": MLFLOW},
        )
        found = hw.provenance("loan", "7", at_least=told.position)
        assert [one.key for one in found.deployments] == ["deployment:k8s%3A//x:y"]
        assert [row.version for row in hw.ml_paths(model=VERSION_1)] == [VERSION_1] * 3
        assert {one.category for one in hw.compare_models("loan", a_version="1", b_version="2")} >= {
            "METRICS",
            "DATASETS",
        }
    shown = headwater(
        "catalogue",
        "state",
        "loan",
        "7",
        "validated",
        "--by",
        "eve",
        "--evidence",
        "run=1",
        "--server",
        server.url,
    )
    assert (shown.returncode, "is VALIDATED (was REGISTERED)" in shown.stdout) == (0, True), shown.stderr
    refused = headwater(
        "catalogue", "state", "loan", "7", "deployed", "--by", "eve", "--server", server.url, "--json"
    )
    assert (refused.returncode, json.loads(refused.stderr)["code"]) == (2, "IMPOSSIBLE_ACT")
    told_of = headwater(
        "deploy-event",
        "started",
        "deployment:k8s%3A//x:y",
        "--revision",
        "1",
        "--percent",
        "5",
        "--server",
        server.url,
    )
    assert (told_of.returncode, "started" in told_of.stdout) == (0, True), told_of.stderr
    tree = headwater("provenance", "loan", "--version", "1", "--server", server.url).stdout
    assert VERSION_1 in tree
    assert "champion" in tree


def test_the_caller_that_auth_knows_is_who_decides(tmp_path: Path) -> None:
    """A key with a name, not what the request says; without the graph an act cannot be checked, and a rollout is taken."""
    with bare.serving(tmp_path, api_keys=SecretStr("ci:k1,k2")) as served:
        body = {"model": "m", "namespace": "n", "version": "1", "by": "ana"}
        act = served.client.post("/api/v1/catalogue/register", json=body, headers={"X-API-Key": "k1"})
        assert (act.status_code, act.json()["code"]) == (503, "STORE_UNAVAILABLE")
        for key, by, evidence, claimed in (
            ("k1", "ci", "AUTHENTICATED", "ana"),
            ("k2", "ana", "CLAIMED", None),
        ):
            told = served.client.post(
                "/api/v1/deployments/events", headers={"X-API-Key": key},
                json={"event": "failed", "namespace": "k", "name": key, "revision": "1", "reason": "x", "by": "ana"},
            )  # fmt: skip
            assert told.status_code == 201
            assert [one["code"] for one in told.json()["warnings"]] == ["NOT_FILLED_IN"]
            body = json.loads(
                next(iter(served.journal.read_after(int(told.json()["position"]) - 1, limit=1))).body
            )
            facet = body["job"]["facets"]["mlops_deployment"]
            assert (facet["by"], facet["byEvidence"], facet.get("byClaimed")) == (by, evidence, claimed)
