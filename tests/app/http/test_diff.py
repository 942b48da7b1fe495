"""Is what changed told over plain HTTP, GraphQL and the command line alike, by a real server?"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from app.demo.scratch import Server
from graph_schema.identity import dataset_key, job_key, run_key
from tests.app.asked import graphql
from tests.arrows import hour, run_text
from tests.server import headwater

JOB, RAW, PREPARED, V1, V2 = (
    job_key("ml", "train"),
    *(dataset_key("lake", name) for name in ("raw", "prepared")),
    *(dataset_key("mlflow", f"churn/{version}") for version in (1, 2)),
)
R1, R2 = (run_key(run_text(name)) for name in ("r71", "r72"))
QUERY = """query($a: ID!, $b: ID, $aAsOf: DateTime, $first: Int) { diff(a: $a, b: $b, aAsOf: $aAsOf, first: $first) {
  a { node { key } asOf run } b { node { key } asOf run }
  differences { category change what subject target name before after }
  counts { category change count } comparedDepth completeness { complete truncatedBy } pageInfo { hasNextPage } } }"""


def listed(namespace: str, name: str, **facets: Any) -> dict[str, Any]:
    return {"namespace": namespace, "name": name, "facets": facets}


def schema(**columns: str) -> dict[str, Any]:
    return {"fields": [{"name": name, "type": kind} for name, kind in columns.items()]}


def trained(
    at: int, run: str, version: int, rate: float, sql: str, columns: dict[str, str]
) -> dict[str, Any]:
    """A training run that writes one model version."""
    return {
        "eventTime": hour(at), "eventType": "COMPLETE", "producer": "https://test.example", "schemaURL": "",
        "run": {"runId": run_text(run), "facets": {"hyper": {"learning_rate": rate}}},
        "job": {"namespace": "ml", "name": "train", "facets": {"sql": {"query": sql}}},
        "inputs": [listed("lake", "prepared", schema=schema(**columns), version={"datasetVersion": f"p{at}"})],
        "outputs": [listed(
            "mlflow", f"churn/{version}",
            datasetType={"datasetType": "MODEL"}, version={"datasetVersion": str(version)},
        )],
    }  # fmt: skip


def prepared(at: int, run: str, *sources: str) -> dict[str, Any]:
    return {
        "eventTime": hour(at), "eventType": "COMPLETE", "producer": "https://test.example", "schemaURL": "",
        "run": {"runId": run_text(run)}, "job": {"namespace": "ml", "name": "prepare"},
        "inputs": [listed("lake", source) for source in sources], "outputs": [listed("lake", "prepared")],
    }  # fmt: skip


@pytest.fixture(scope="module")
def position(server: Server) -> str:
    """Two model versions, the second from another source, rate, query and schema; then a source joins later."""
    events = [
        prepared(1, "r61", "raw"),
        trained(2, "r71", 1, 0.1, "select age\nfrom prepared", {"age": "INT", "plan": "STRING"}),
        prepared(3, "r62", "raw", "web"),
        trained(4, "r72", 2, 0.2, "select age, visits\nfrom prepared", {"age": "BIGINT", "visits": "INT"}),
        prepared(5, "r63", "raw", "web", "late"),
    ]
    answer = httpx.post(f"{server.url}/api/v1/lineage/batch", json=events, timeout=30)
    assert answer.json()["summary"]["failed"] == 0, answer.text
    return str(answer.json()["position"])


def get(server: Server, **asked: Any) -> httpx.Response:
    return httpx.get(f"{server.url}/api/v1/graph/diff", params=asked, timeout=30)


def told(body: dict[str, Any]) -> list[tuple[str | None, ...]]:
    names = ("category", "change", "what", "subject", "target", "name", "before", "after")
    return [tuple(one[name] for name in names) for one in body["differences"]]


MADE = [
    ("SCHEMA", "CHANGED", "COLUMN", PREPARED, None, "age", "INT", "BIGINT"),
    ("SCHEMA", "REMOVED", "COLUMN", PREPARED, None, "plan", "STRING", None),
    ("SCHEMA", "ADDED", "COLUMN", PREPARED, None, "visits", None, "INT"),
    ("PARAMETERS", "CHANGED", "PARAMETER", JOB, None, "hyper.learning_rate", "0.1", "0.2"),
    ("CODE", "CHANGED", "CODE", JOB, None, "sql.query", "select age\nfrom prepared", "select age, visits\nfrom prepared"),
]  # fmt: skip


def test_two_runs_differ_in_what_they_took_gave_and_how(server: Server, position: str) -> None:
    """Inputs with their versions, outputs, columns, parameters and SQL, each classed; nothing else."""
    body = get(server, a=R1, b=R2, at_least=position).json()
    assert told(body) == [
        ("STRUCTURE", "CHANGED", "INPUT", PREPARED, None, None, "p2", "p4"),
        ("STRUCTURE", "REMOVED", "OUTPUT", V1, None, None, "1", None),
        ("STRUCTURE", "ADDED", "OUTPUT", V2, None, None, None, "2"),
        *MADE,
    ]
    assert body["counts"][0] == {"category": "STRUCTURE", "change": "ADDED", "count": 1}
    assert sum(one["count"] for one in body["counts"]) == 8
    assert (body["a"]["run"], body["b"]["node"]["key"], body["compared_depth"]) == (R1, R2, None)


def test_model_versions_are_compared_as_they_were_made(server: Server, position: str) -> None:
    """D6: each at the end of the run that wrote it, so that what its sources became later is no difference."""
    body = get(server, a=V1, b=V2, at_least=position).json()
    web = dataset_key("lake", "web")
    by = f"PRODUCT by {job_key('ml', 'prepare')}"
    assert told(body) == [
        ("STRUCTURE", "ADDED", "NODE", web, None, None, None, None),
        ("STRUCTURE", "ADDED", "EDGE", web, PREPARED, None, None, by),
        *MADE,
    ]
    assert [(body[side]["as_of"], body[side]["run"]) for side in "ab"] == [(hour(2), R1), (hour(4), R2)]


def test_a_dataset_is_compared_with_itself_at_another_time(server: Server, position: str) -> None:
    """Without b the other side is the same dataset as it is now; a job means its newest completed run by then."""
    body = get(server, a=PREPARED, a_as_of=hour(4), at_least=position).json()
    assert [(one["what"], one["change"], one["subject"]) for one in body["differences"]] == [
        ("NODE", "ADDED", dataset_key("lake", "late")), ("EDGE", "ADDED", dataset_key("lake", "late")),
    ]  # fmt: skip
    runs = get(server, a=JOB, a_as_of=hour(3)).json()
    assert (runs["a"]["run"], runs["b"]["run"]) == (R1, R2)
    assert told(runs)[-5:] == MADE
    assert get(server, a=RAW, b_as_of=hour(2)).json()["differences"] == []


def test_every_surface_tells_the_same(server: Server, position: str) -> None:
    """GraphQL and the command line give what REST gives; --exit-code makes a difference the command's outcome."""
    body = get(server, a=V1, b=V2, limit=4, at_least=position).json()
    said = graphql(server, QUERY, None, a=V1, b=V2, first=4)["data"]["diff"]
    assert (said["differences"], said["counts"]) == (body["differences"], body["counts"])
    assert (said["a"]["run"], said["pageInfo"]["hasNextPage"]) == (R1, True)
    where = ("--server", server.url)
    plain = headwater("diff", V1, V2, "--limit", "4", "--json", *where)
    assert (plain.returncode, json.loads(plain.stdout)["differences"]) == (0, body["differences"])
    shown = headwater("diff", V1, V2, "--exit-code", *where, env={"COLUMNS": "160"})
    assert shown.returncode == 1
    lines = shown.stdout.splitlines()
    assert lines[0] == f"a  {V1}  as of {hour(2)}  {R1}"
    assert f"  ~ column {PREPARED}  age  INT → BIGINT" in lines
    assert f"  ~ parameter {JOB}  hyper.learning_rate  0.1 → 0.2" in lines
    assert lines[-1].startswith("7 differences: 2 structure added, ")
    start = lines.index(f"  ~ code {JOB}  sql.query")
    assert [line.strip() for line in lines[start + 1 : start + 4]] == [
        "-select age", "+select age, visits", "from prepared",
    ]  # fmt: skip
    same = headwater("diff", R1, R1, "--exit-code", *where)
    assert (same.returncode, same.stdout.splitlines()[-1]) == (0, "no difference")


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 400, "BAD_INPUT"),
        ({"a": "dataset:no:where"}, 404, "NOT_FOUND"),
        ({"a": R1, "b": V1}, 400, "BAD_INPUT"),
        ({"a": R1, "a_as_of": hour(1)}, 400, "BAD_INPUT"),
        ({"a": V1, "a_as_of": "yesterday"}, 400, "BAD_INPUT"),
        ({"a": V1, "direction": "sideways"}, 400, "BAD_INPUT"),
        ({"a": V1, "granularity": "RUN"}, 400, "NOT_SUPPORTED"),
        ({"a": V1, "asof": hour(1)}, 400, "BAD_INPUT"),
        ({"a": V1, "depth": "-1"}, 400, "BAD_INPUT"),
        ({"a": JOB, "a_as_of": hour(0)}, 404, "NOT_FOUND"),
        ({"a": "job:ml"}, 400, "BAD_KEY"),
    ],
)
def test_what_cannot_be_compared_is_told(
    server: Server, position: str, asked: dict[str, str], status: int, code: str
) -> None:
    """A clear typed error with a next step; the server goes on."""
    answer = get(server, **asked, at_least=position)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
