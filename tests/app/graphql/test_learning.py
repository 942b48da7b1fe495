"""How are experiments, models, deployments, decisions and features asked for, in GraphQL and REST, and told by the client?"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from app.demo.scratch import Server
from headwater import nodes
from headwater.client import Headwater
from tests import loans
from tests.app.asked import graphql
from tests.loans import DEPLOYMENT, EXPERIMENT, INCOME, MODEL, TRAINED, VERSION_1, VERSION_2

Json = dict[str, Any]

MODELS = """query($key: ID!, $first: Int, $after: String) { node(key: $key) { ... on Model { tags deleted
  aliases { alias version }
  versions(first: $first, after: $after) { nodes { key version catalogueState modelAliases
    madeBy { key experiment { name startedBy { evidence person { name } } } }
    approvals { nodes { decision at reason evidence evidenceHash decidedBy { name } datasets { key } model { key } } }
    model { key } } pageInfo { hasNextPage endCursor } } } } }"""
RUNS = """query($key: ID!, $first: Int, $after: String) { node(key: $key) { ... on Experiment {
  experimentId runs { nodes { key startedBy { evidence at person { key } }
    featuresUsed(first: $first, after: $after) { nodes { mode certain feature { key role } } pageInfo { hasNextPage endCursor } }
  } } } } }"""
SERVED = """query($key: ID!) { node(key: $key) { key kind ... on Deployment { state running environment revision configuration
  job { key } sources { key } versions { key version } runs { nodes { state } } } } }"""


@pytest.fixture(scope="module")
def asked(server: Server) -> dict[str, str]:
    """Headers of a reader who waits for the whole story of loans."""
    answer = httpx.post(f"{server.url}/api/v1/lineage/batch", json=list(loans.STORY), timeout=30)
    assert answer.json()["summary"]["failed"] == 0, answer.text
    return {"X-Headwater-At-Least": str(answer.json()["position"])}


def node(server: Server, query: str, asked: dict[str, str] | None = None, **variables: Any) -> Json:
    answer = graphql(server, query, asked, **variables)
    assert "errors" not in answer, answer
    found: Json = answer["data"]["node"]
    return found


def test_a_model_leads_to_its_versions_their_makers_and_decisions(
    server: Server, asked: dict[str, str]
) -> None:
    """In one question, newest version first, page by page."""
    first = node(server, MODELS, asked, key=MODEL, first=1)
    assert first["aliases"] == [{"alias": "champion", "version": "2"}]
    assert [one["key"] for one in first["versions"]["nodes"]] == [VERSION_2]
    after = first["versions"]["pageInfo"]["endCursor"]
    rest = node(server, MODELS, key=MODEL, first=5, after=after)["versions"]
    (version,) = rest["nodes"]
    assert (version["key"], version["version"], version["catalogueState"]) == (VERSION_1, "1", "APPROVED")
    assert rest["pageInfo"]["hasNextPage"] is False
    assert (version["madeBy"]["key"], version["madeBy"]["experiment"]["name"]) == (TRAINED, "loan approval")
    (approval,) = version["approvals"]["nodes"]
    assert (approval["decidedBy"], approval["datasets"]) == ([{"name": "mo"}], [{"key": VERSION_1}])
    assert (approval["evidence"], len(approval["evidenceHash"])) == (
        [{"kind": "run", "ref": loans.uuid(1)}],
        64,
    )


def test_a_model_is_found_by_its_name(server: Server, asked: dict[str, str]) -> None:
    """Without its namespace where one registry has it; a name that nobody has is not found."""
    query = "query($name: String!, $in: String) { model(name: $name, namespace: $in) { key } }"
    for more in ({}, {"in": loans.MLFLOW}):
        assert graphql(server, query, asked, name="loan", **more)["data"]["model"] == {"key": MODEL}
    for more in ({"name": "loa"}, {"name": "loan", "in": "mlflow://elsewhere"}):
        (error,) = graphql(server, query, asked, **more)["errors"]
        assert error["extensions"]["code"] == "NOT_FOUND"


def test_an_experiment_leads_to_its_runs_and_their_features(server: Server, asked: dict[str, str]) -> None:
    """Fetched before used; whether the gateway saw who started a run, or the run says so, stands beside it."""
    found: list[Json] = []
    after = None
    while True:
        (run,) = node(server, RUNS, asked, key=EXPERIMENT, first=1, after=after)["runs"]["nodes"]
        found += run["featuresUsed"]["nodes"]
        if not run["featuresUsed"]["pageInfo"]["hasNextPage"]:
            break
        after = run["featuresUsed"]["pageInfo"]["endCursor"]
    assert run["key"] == TRAINED
    assert [one["evidence"] for one in run["startedBy"]] == ["gateway", "mlflow.user"]
    assert [(one["mode"], one["certain"]) for one in found] == [
        ("FETCHED", False), ("FETCHED", True), ("FETCHED", True), ("USED", True),
    ]  # fmt: skip
    assert found[-1]["feature"] == {"key": INCOME, "role": "FEATURE"}


def test_a_deployment_leads_to_what_it_serves(server: Server, asked: dict[str, str]) -> None:
    """Its state, its job, its revisions, and the versions that feed it now."""
    found = node(server, SERVED, asked, key=DEPLOYMENT)
    assert (found["kind"], found["state"], found["running"]) == ("DEPLOYMENT", "RUNNING", 1)
    assert found["versions"] == [{"key": VERSION_2, "version": "2"}]
    assert [one["state"] for one in found["runs"]["nodes"]] == ["RUNNING", "COMPLETED"]


def test_plain_http_and_the_client_tell_the_same(server: Server, asked: dict[str, str]) -> None:
    """By key, with details; what only datasets of models have stands together."""

    def told(key: str) -> Json:
        answer = httpx.get(
            f"{server.url}/api/v1/graph/node",
            params={"key": key, "details": "true"},
            headers=asked,
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    assert told(MODEL)["versions"] == [VERSION_2, VERSION_1]
    assert told(VERSION_1)["of_model"]["catalogue_state"] == "APPROVED"
    assert told(loans.CREDIT)["of_model"] is None
    assert told(DEPLOYMENT)["sources"] == [VERSION_2]
    assert told(EXPERIMENT)["started_by"][0]["evidence"] == "gateway"
    assert {one["mode"] for one in told(TRAINED)["features_used"]} == {"FETCHED", "USED"}
    with Headwater(server.url) as client:
        kinds = [type(client.node(key)) for key in (EXPERIMENT, MODEL, DEPLOYMENT)]
        assert kinds == [nodes.Experiment, nodes.Model, nodes.Deployment]
        assert [row.node.key for row in client.downstream(VERSION_2)] == [DEPLOYMENT]
