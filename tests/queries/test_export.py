"""Is the export whole, ordered, and the same whatever the ranges it was read by?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from graph_schema.instants import SUSPECT
from queries import export as exporting
from queries.export import PARTS, export_blocks
from queries.store import GraphStore
from tests.engine import Database, adhoc
from tests.queries.edges import day, edge, key, load, node

REST = adhoc(
    """
    MATCH (a:Dataset {key: $a}) MATCH (b:Dataset {key: $b})
    CREATE (b)-[:ALIAS_OF]->(a)
    CREATE (fa:Field {key: $a + '#x', dataset: $a, name: 'x', path: 'x'})
    CREATE (fb:Field {key: $b + '#y', dataset: $b, name: 'y', path: 'y', ordinal: 1, current: true})
    CREATE (fa)-[:FEEDS_FIELD {job: 'job:n:j', types: ['DIRECT'], subtypes: [''], maskings: [false],
      valid_from: ['2026-01-01T00:00:00.000000Z'], valid_to: ['9999-12-31T23:59:59.999999Z'],
      last_at: '2026-01-01T00:00:00.000000Z', earlier: 0}]->(fb)
    CREATE (fa)-[:SHAPES {job: '', types: [], subtypes: [], maskings: [],
      valid_from: ['2026-01-01T00:00:00.000000Z'], valid_to: ['2026-01-02T00:00:00.000000Z'],
      last_at: '2026-01-01T00:00:00.000000Z', earlier: 3}]->(b)
    CREATE (j:Job {key: 'job:n:j', namespace: 'n', name: 'j', placeholder: false})
    CREATE (r:Run {key: 'run:1', job: 'job:n:j', state: 'FAILED', job_clash: ['job:n:z', 'job:n:k']})
    CREATE (a)-[:INPUT_TO {evidence: 'complete', declared: false, current: true}]->(j)
    CREATE (j)-[:OUTPUTS {evidence: 'static', declared: true, current: false}]->(b)
    CREATE (c:Check {key: 'check:a:b', name: 'n', outcome: 'PASSED', dataset: $a})
    CREATE (r)-[:CHECKED]->(c) CREATE (c)-[:CHECK_OF]->(a)
    CREATE (p:Person {key: 'person::mo', name: 'mo'}) CREATE (a)-[:OWNED_BY]->(p)
    CREATE (s:Facet {key: 'facet:x:schema', entity: $a, name: 'schema', event: 'ab', deleted: false,
      body: '{}'})
    CREATE (a)-[:HAS_FACET]->(s)
    CREATE (x:Experiment {key: 'experiment:n:1', namespace: 'n', name: 'one', experiment_id: '1'})
    CREATE (m:Model {key: 'model:n:m', namespace: 'n', name: 'm', aliases: ['next'], alias_versions: ['2']})
    CREATE (y:Deployment {key: 'deployment:n:j', namespace: 'n', name: 'j', job: 'job:n:j', running: 0})
    CREATE (v:Approval {key: 'approval:1', decision: 'APPROVED'})
    CREATE (r)-[:IN_EXPERIMENT]->(x) CREATE (a)-[:VERSION_OF]->(m) CREATE (v)-[:APPROVES]->(a) CREATE (v)-[:DECIDED_BY]->(p)
    CREATE (r)-[:USED_FEATURE {mode: 'USED', certain: false}]->(fa)
    CREATE (r)-[:STARTED_BY {evidence: 'mlflow.user'}]->(p)
    CREATE (x)-[:STARTED_BY {evidence: 'gateway', at: '2026-01-01T00:00:00.000000Z'}]->(p)
    """,
    mode="write",
    params=("a", "b"),
)


async def lines(store: GraphStore) -> list[str]:
    text = b"".join([block async for block in export_blocks(store)]).decode()
    return text.splitlines()


def rows_of(found: list[str], kind: str) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in found]
    return [
        {name: value for name, value in row.items() if name != "type"} for row in rows if row["type"] == kind
    ]


def test_every_type_has_exactly_its_fields(graph: Database) -> None:
    """DESIGN 10: unknown is null and never absent; no job and open ends are null; suspect instants stay."""

    async def work(store: GraphStore) -> list[str]:
        suspect = edge(key("b"), key("a"), job="", valid_from=[SUSPECT], valid_to=[day(3)], last_at=SUSPECT)
        await load(store, [node("a"), node("b")], [edge(key("a"), key("b"), earlier=2), suspect])
        await store.write([(REST, {"a": key("a"), "b": key("b")})])
        return await lines(store)

    found = graph.run(work)
    assert list(dict.fromkeys(json.loads(line)["type"] for line in found)) == [
        part.type for part in PARTS if part.type != "fed_field"
    ]
    unknown = {"created_at": None, "last_written_at": None}
    assert rows_of(found, "dataset")[1] == {**node("b"), **unknown, "alias_of": key("a")}
    assert rows_of(found, "field")[0] == {
        "key": key("a") + "#x", "dataset": key("a"), "name": "x", "path": "x", "data_type": None,
        "ordinal": None, "role": None, "current": None,
    }  # fmt: skip
    assert rows_of(found, "job") == [
        {"key": "job:n:j", "namespace": "n", "name": "j", "parent": None, "placeholder": False}
    ]
    assert rows_of(found, "run") == [
        {"key": "run:1", "job": "job:n:j", "state": "FAILED", "started_at": None, "ended_at": None,
         "parent": None, "root": None, "job_clash": ["job:n:k", "job:n:z"]}
    ]  # fmt: skip
    job = {"namespace": "n", "name": "j"}
    assert rows_of(found, "io") == [
        {"direction": "OUTPUT", "dataset": {"namespace": "n", "name": "b"}, "job": job,
         "evidence": "static", "declared": True, "current": False},
        {"direction": "INPUT", "dataset": {"namespace": "n", "name": "a"}, "job": job,
         "evidence": "complete", "declared": False, "current": True},
    ]  # fmt: skip
    assert rows_of(found, "feeds") == [
        {"source": key("a"), "target": key("b"), "job": "job:n:j", "evidence": "PRODUCT",
         "valid_from": [day(0)], "valid_to": [None], "last_at": day(1), "earlier": 2}
    ]  # fmt: skip
    assert rows_of(found, "fed") == [
        {"source": key("b"), "target": key("a"), "job": None, "evidence": "PRODUCT", "valid_from": [SUSPECT],
         "valid_to": [day(3)], "last_at": SUSPECT, "earlier": 0}
    ]  # fmt: skip
    (column,), (shape,) = rows_of(found, "feeds_field"), rows_of(found, "shapes")
    assert (column["maskings"], column["valid_to"], column["job"]) == ([False], [None], "job:n:j")
    assert (shape["job"], shape["target"], shape["earlier"]) == (None, key("b"), 3)
    assert rows_of(found, "owned_by") == [{"source": key("a"), "target": "person::mo"}]
    assert rows_of(found, "facet")[0]["body"] == "{}"
    learned(found)


def learned(found: list[str]) -> None:
    """What is told of experiments, models, deployments, decisions and people."""
    (model,), (deployment,), (approval,) = (
        rows_of(found, kind) for kind in ("model", "deployment", "approval")
    )
    assert (model["aliases"], model["alias_versions"], model["tags"], model["deleted"]) == (
        ["next"],
        ["2"],
        None,
        None,
    )
    assert (deployment["state"], deployment["running"], deployment["traffic_percent"]) == (None, 0, None)
    assert (approval["decision"], approval["evidence_hash"]) == ("APPROVED", None)
    (used,) = rows_of(found, "used_feature")
    assert used == {"source": "run:1", "target": key("a") + "#x", "mode": "USED", "certain": False}
    assert rows_of(found, "started_by") == [
        {
            "source": "experiment:n:1",
            "target": "person::mo",
            "evidence": "gateway",
            "at": "2026-01-01T00:00:00.000000Z",
        },
        {"source": "run:1", "target": "person::mo", "evidence": "mlflow.user", "at": None},
    ]
    assert rows_of(found, "in_experiment") == [{"source": "run:1", "target": "experiment:n:1"}]


def test_an_empty_graph_exports_nothing(graph: Database) -> None:
    """No rows, no failure."""
    assert graph.run(lines) == []


def test_rows_are_ordered_whatever_the_ranges(graph: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """By (type, key), rows without a key by their text; beyond ASCII too, and with sorting on disk."""
    names = [f"{start}{n}" for start in ("a", "é", "～", "😀", "%25", "~") for n in range(120)]
    nodes = [node(name) for name in names]
    links = [edge(key(a), key(b)) for a, b in zip(names, reversed(names), strict=True)]
    monkeypatch.setattr(exporting, "_SAMPLES_PER_RANGE", 1)
    monkeypatch.setattr(exporting, "_LINES_PER_RUN", 50)

    async def work(store: GraphStore) -> None:
        await load(store, nodes, links)
        for _ in range(3):
            found = await lines(store)
            datasets, feeds = found[: len(nodes)], found[len(nodes) :]
            assert [json.loads(line)["key"] for line in datasets] == sorted(one["key"] for one in nodes)
            assert len(feeds) == len(links)
            assert feeds == sorted(feeds)

    graph.run(work)
