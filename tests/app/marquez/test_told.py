"""What do Marquez's smaller paths tell: search, tags, sources, statistics, states, run lineage, columns as of a version?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from app.demo.scratch import Server
from tests.app.marquez.asked import event, post

Json = dict[str, Any]
NS = "shop"


def facet(**says: Any) -> Json:
    return {"_producer": "https://example.com", "_schemaURL": "https://example.com", **says}


def columns(*sources: tuple[str, str]) -> Json:
    inputs = [{"namespace": NS, "name": name, "field": field} for name, field in sources]
    return facet(fields={"x": {"inputFields": inputs}})


def story() -> list[Json]:
    """r1 writes raw; r2 reads raw and writes mart from raw.a; r3 does so later from raw.b; r4 fails; r5 runs now."""
    fields = facet(fields=[{"name": name, "type": "INT"} for name in ("a", "b", "x")])
    source = facet(name="db", uri="postgres://me:secret@db:5432/shop")
    first = event(1, "COMPLETE", 1, (NS, "load"), outputs=[(NS, "raw")])
    first["outputs"][0]["facets"] = {
        "schema": fields,
        "dataSource": source,
        "tags": facet(tags=[{"key": "pii"}]),
    }
    then = [first]
    for run, minute, column in ((2, 10, "a"), (3, 20, "b")):
        one = event(minute, "COMPLETE", run, (NS, "mart job"), inputs=[(NS, "raw")], outputs=[(NS, "mart")])
        one["outputs"][0]["facets"] = {"schema": fields, "columnLineage": columns(("raw", column))}
        then.append(one)
    then.append(event(30, "FAIL", 4, (NS, "broken"), inputs=[(NS, "mart")]))
    now = event(0, "START", 5, (NS, "now"))
    now["eventTime"] = datetime.now(UTC).isoformat()
    return [*then, now]


@pytest.fixture(scope="module")
def posted(server: Server) -> Server:
    post(server, story())
    return server


def get(server: Server, path: str, **params: Any) -> Any:
    answer = httpx.get(f"{server.url}/api/v1{path}", params=params, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_upstream_runs(posted: Server) -> None:
    """Nearest first; each input with the run that wrote it, or null; depth 0 is the run with its inputs."""
    run = "00000000-0000-7000-8000-000000000004"
    told = get(posted, "/runlineage/upstream", runId=run)["runs"]
    assert [(one["job"]["name"], one["run"]["status"]) for one in told] == [
        ("broken", "FAILED"),
        ("mart job", "COMPLETED"),
        ("load", "COMPLETED"),
    ]
    (read,) = told[0]["inputs"]
    assert (read["name"], read["producedByRunId"]) == ("mart", "00000000-0000-7000-8000-000000000003")
    assert read["version"] == get(posted, f"/namespaces/{NS}/datasets/mart")["currentVersion"]
    assert told[2]["inputs"] == []
    assert get(posted, "/runlineage/upstream", runId=run, depth=0)["runs"] == told[:1]


def test_columns_as_of_a_version(posted: Server) -> None:
    """Each version of mart.x comes from another column; now it is that of the newest."""
    versions = get(posted, f"/namespaces/{NS}/datasets/mart/versions")["versions"]
    found = []
    for one in versions:
        node = f"datasetField:{NS}:mart:x#{one['version']}"
        graph = get(posted, "/column-lineage", nodeId=node)["graph"]
        found.append({each["data"]["field"] for each in graph} - {"x"})
    assert found == [{"b"}, {"a"}]
    now = get(posted, "/column-lineage", nodeId=f"dataset:{NS}:mart")["graph"]
    assert {each["data"]["field"] for each in now} == {"b", "x"}
    refused = httpx.get(
        f"{posted.url}/api/v1/column-lineage",
        params={"nodeId": f"dataset:{NS}:mart#{versions[0]['version']}", "withDownstream": True},
        timeout=30,
    )
    assert refused.status_code == 400


def test_search(posted: Server) -> None:
    """Datasets and jobs, filtered by kind, namespace and day, sorted where asked."""
    found = get(posted, "/search", q="mart")
    assert {(one["type"], one["nodeId"]) for one in found["results"]} == {
        ("DATASET", f"dataset:{NS}:mart"),
        ("JOB", f"job:{NS}:mart job"),
    }
    assert found["totalCount"] == 2
    assert [one["name"] for one in get(posted, "/search", q="mart", filter="job")["results"]] == ["mart job"]
    assert get(posted, "/search", q="mart", namespace="other")["results"] == []
    assert get(posted, "/search", q="mart", before="2026-03-01")["results"] == []
    assert (
        len(get(posted, "/search", q="mart", after="2026-03-01", sort="update_at", limit=1)["results"]) == 1
    )


def test_tags_and_sources(posted: Server) -> None:
    """From facets; passwords in addresses are replaced."""
    assert get(posted, "/tags")["tags"] == [{"name": "pii", "description": None}]
    (source,) = get(posted, "/sources")["sources"]
    assert (source["name"], source["type"]) == ("db", "POSTGRES")
    assert source["connectionUrl"] == "postgres://me:***@db:5432/shop"
    assert get(posted, "/sources/db") == source
    dataset = get(posted, f"/namespaces/{NS}/datasets/raw")
    assert (dataset["tags"], "secret" in str(dataset)) == (["pii"], False)


def test_jobs_by_state(posted: Server) -> None:
    """Of each job the newest run counts; the count is of those that were found."""
    failed = get(posted, "/jobs", lastRunStates="FAILED")
    assert ([one["name"] for one in failed["jobs"]], failed["totalCount"]) == (["broken"], 1)
    both = get(posted, f"/namespaces/{NS}/jobs", lastRunStates=["FAILED", "RUNNING"])
    assert [one["name"] for one in both["jobs"]] == ["broken", "now"]


def test_statistics(posted: Server) -> None:
    """24 hours up to now, and 7 days up to today; jobs and datasets add up, events are those of each interval."""
    hours = get(posted, "/stats/lineage-events", period="DAY")
    assert len(hours) == 24
    assert (sum(one["start"] for one in hours), sum(one["fail"] for one in hours)) == (1, 0)
    days = get(posted, "/stats/jobs", period="WEEK", timezone="Asia/Kathmandu")
    assert [one["count"] for one in days] == [3] * 6 + [4]
    starts = [datetime.fromisoformat(one["startInterval"]) for one in days]
    assert {(one.hour, one.minute) for one in starts} == {(18, 15)}
    assert {after - before for before, after in pairwise(starts)} == {timedelta(days=1)}
    assert get(posted, "/stats/datasets", period="DAY")[-1]["count"] == 2
    assert get(posted, "/stats/sources", period="day")[-1]["count"] == 1


def test_facets_of_a_run(posted: Server) -> None:
    """Those of the run, those of its job; those of datasets are told with its versions."""
    run = "/jobs/runs/00000000-0000-7000-8000-000000000002"
    assert get(posted, f"{run}/facets", type="run") == {"runId": run[-36:], "facets": {}}
    assert get(posted, f"{run}/facets", type="job")["facets"] == {}
    assert get(posted, run)["jobVersion"]["name"] == "mart job"
