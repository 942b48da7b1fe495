"""Are the questions about models answered in GraphQL as they are over plain HTTP?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.demo.scratch import Server, serving, wait_ready
from tests.app.asked import graphql
from tests.workflow import estate
from tests.workflow.estate import BUREAU, DEPLOYMENT, EXPERIMENT, INCOME, MLFLOW, MODEL, VERSION_1, VERSION_2


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has the small estate."""
    with serving(tmp_path_factory.mktemp("models") / "home") as running:
        httpx.post(f"{running.url}/api/v1/lineage/batch", json=estate.STORY, timeout=60)
        wait_ready(running)
        yield running


def rest(server: Server, question: str, **asked: str) -> Any:
    return httpx.get(f"{server.url}/api/v1/graph/{question}", params=asked, timeout=60).json()


def test_provenance_is_told_alike(server: Server) -> None:
    """Every list has the rows of plain HTTP; runs and checks are counted where fewer are asked for."""
    asked = """{ provenance(model: "loan", version: "2") {
      model version { key kind } versionName madeAt runCount checkCount
      runs { run { key state } role experiment parameters { name value } metrics { name value } code { name value } }
      few: runs(first: 2) { role } checks { key outcome }
      datasets { key kind depth asOf madeBy } edges { source target job run evidence readAt }
      features { key view name run fetched used certain } experiments { key name }
      people { key name how what evidence at } catalogue { state acts { act forced before } } registry { aliases }
      deployments { key revisions { run revision state reason trafficPercent } } completeness { complete guessedEdges }
    } }"""
    told = graphql(server, asked)["data"]["provenance"]
    plain = rest(server, "provenance", model="loan", version="2")
    assert (told["model"], told["version"]) == (MODEL, {"key": VERSION_2, "kind": "MODEL_VERSION"})
    assert [(one["run"]["key"], one["role"], one["metrics"]) for one in told["runs"]] == [
        (one["run"]["key"], one["role"], one["metrics"]) for one in plain["runs"]
    ]
    assert (told["runCount"], len(told["few"]), told["checkCount"]) == (len(plain["runs"]), 2, 2)
    for name in ("datasets", "edges", "features", "people", "deployments"):
        assert len(told[name]) == len(plain[name]) > 0
    assert BUREAU in {one["key"] for one in told["datasets"]}
    assert told["madeAt"] == plain["made_at"]
    assert told["catalogue"]["acts"][0] == {"act": "APPROVED", "forced": True, "before": "REGISTERED"}


def test_ways_and_differences_are_told_alike(server: Server) -> None:
    """Rows and counts; a model by its names too."""
    asked = f"""{{
      mlPaths(feature: "{INCOME}", first: 1) {{ nodes {{ dataset version deployment used serving }}
        pageInfo {{ hasNextPage endCursor }} }}
      all: mlPaths(experiment: "{EXPERIMENT}") {{ nodes {{ run }} }}
      compareModels(a: "loan", aVersion: "1", bVersion: "2") {{ a {{ key }}
        differences {{ category change name }} counts {{ count }} }}
      model(name: "loan", namespace: "{MLFLOW}") {{ key }}
    }}"""
    told = graphql(server, asked)["data"]
    (first,) = told["mlPaths"]["nodes"]
    assert (first["version"], first["deployment"], first["used"], first["serving"]) == (
        VERSION_1, DEPLOYMENT, True, False,
    )  # fmt: skip
    assert told["mlPaths"]["pageInfo"]["hasNextPage"] is True
    assert len(told["all"]["nodes"]) == len(rest(server, "ml_paths", experiment=EXPERIMENT)["paths"])
    plain = rest(server, "compare_models", a="loan", a_version="1", b_version="2")
    assert told["compareModels"]["differences"] == [
        {name: one[name] for name in ("category", "change", "name")} for one in plain["differences"]
    ]
    assert told["model"] == {"key": MODEL}


def test_refusals_have_their_codes(server: Server) -> None:
    """As everywhere: unknown names, no end, a version that was not there yet."""
    for question, code in (
        ('provenance(model: "lone") { madeAt }', "NOT_FOUND"),
        ('provenance(model: "loan", version: "1", asOf: "2026-05-01T01:00:00Z") { madeAt }', "NOT_FOUND"),
        ("mlPaths { nodes { run } }", "BAD_INPUT"),
        ('compareModels(a: "loan", aVersion: "1", bVersion: "9") { counts { count } }', "NOT_FOUND"),
        ('catalogue(model: "lone") { name }', "NOT_FOUND"),
    ):
        answer = graphql(server, f"{{ {question} }}")
        assert answer["errors"][0]["extensions"]["code"] == code, question
