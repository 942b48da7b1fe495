"""Do Marquez's paths take the names that people have, page without gaps, and refuse what cannot be asked?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from app.demo.scratch import Server, serving
from app.marquez.route import READ, WRITTEN
from tests.app.marquez.asked import ODD_NAMES, event, path, post

Json = dict[str, Any]
NAMESPACES = ("s3://bucket", "postgres://db:5432", "plain")


@pytest.fixture(scope="module")
def posted(server: Server) -> Server:
    """For each odd name a job of that name that makes a dataset of that name, in each namespace, twice."""
    events = []
    for number, (namespace, name) in enumerate((one, name) for one in NAMESPACES for name in ODD_NAMES):
        other = [(namespace, ODD_NAMES[0])]
        for run in (2 * number, 2 * number + 1):
            events.append(event(run, "START", run, (namespace, name), inputs=other))
            events.append(event(run + 1, "COMPLETE", run, (namespace, name), outputs=[(namespace, name)]))
    post(server, events)
    return server


def get(server: Server, asked: str, **params: Any) -> httpx.Response:
    return httpx.get(f"{server.url}{asked}", params=params or None, timeout=60)


def fine(answer: httpx.Response) -> Json:
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Headwater-Position"]
    body: Json = answer.json()
    return body


@pytest.mark.parametrize("namespace", NAMESPACES)
@pytest.mark.parametrize("name", ODD_NAMES, ids=lambda name: name[:20])
def test_every_name_is_found_as_it_was_sent(posted: Server, namespace: str, name: str) -> None:
    """Escaped as clients do it; with its versions, its runs and its lineage; the lists name it the same."""
    dataset = fine(get(posted, path("namespaces", namespace, "datasets", name)))
    assert (dataset["namespace"], dataset["name"]) == (namespace, name)
    versions = fine(get(posted, path("namespaces", namespace, "datasets", name, "versions")))
    assert versions["totalCount"] == 2
    assert versions["versions"][0]["version"] == dataset["currentVersion"]
    version = path("namespaces", namespace, "datasets", name, "versions", dataset["currentVersion"])
    assert fine(get(posted, version)) == versions["versions"][0]
    job = fine(get(posted, path("namespaces", namespace, "jobs", name)))
    assert job["outputs"] == [{"namespace": namespace, "name": name}]
    runs = fine(get(posted, path("namespaces", namespace, "jobs", name, "runs")))
    assert [run["id"] for run in runs["runs"]] == [run["id"] for run in job["latestRuns"]]
    of_job = fine(get(posted, path("namespaces", namespace, "jobs", name, "versions")))["versions"]
    assert [one["version"] for one in of_job] == [job["currentVersion"]]
    node = f"dataset:{namespace}:{name}"
    graph = fine(get(posted, "/api/v1/lineage", nodeId=node, depth=0))["graph"]
    assert node in {one["id"] for one in graph}
    assert f"job:{namespace}:{name}" in {one["id"] for one in graph}


def test_a_gateway_that_unescapes_is_forgiven(posted: Server) -> None:
    """Names with slashes are found where no other path fits; what was escaped goes first."""
    for asked in ("s3://bucket/datasets/with/slash", "s3:%2F%2Fbucket/datasets/a/b/c"):
        assert fine(get(posted, f"/api/v1/namespaces/{asked}"))["namespace"] == "s3://bucket"
    found = fine(get(posted, "/api/v1/namespaces/s3://bucket/jobs/a/b/c/runs"))
    assert found["totalCount"] == 2
    assert fine(get(posted, "/api/v1/namespaces/s3://bucket"))["name"] == "s3://bucket"


@pytest.mark.parametrize(
    ("asked", "member", "names"),
    [
        ("/api/v1/namespaces", "namespaces", lambda one: one["name"]),
        (path("namespaces", "s3://bucket", "datasets"), "datasets", lambda one: one["name"]),
        (path("namespaces", "s3://bucket", "jobs"), "jobs", lambda one: one["name"]),
        ("/api/v1/jobs", "jobs", lambda one: (one["namespace"], one["name"])),
        (path("namespaces", "plain", "jobs", "plain", "runs"), "runs", lambda one: one["id"]),
        (
            path("namespaces", "plain", "datasets", "plain", "versions"),
            "versions",
            lambda one: one["version"],
        ),
        (
            "/api/v1/events/lineage",
            "events",
            lambda one: (one["eventTime"], one["run"]["runId"], one["eventType"]),
        ),
    ],
)
def test_pages_put_together_are_the_whole(posted: Server, asked: str, member: str, names: Any) -> None:
    """Whatever the size of a page: in one order, nothing twice, nothing missing, and counted right."""
    whole = fine(get(posted, asked, limit=1_000))
    rows = [names(one) for one in whole[member]]
    assert len(set(rows)) == len(rows)
    assert whole.get("totalCount", len(rows)) == len(rows)
    for size in (1, 2, 7):
        if len(rows) / size > 80:
            continue
        pages = [
            fine(get(posted, asked, limit=size, offset=start))[member]
            for start in range(0, len(rows) + size, size)
        ]
        assert [names(one) for page in pages for one in page] == rows
        assert pages[-1] == []
    assert fine(get(posted, asked, limit=0))[member] == []


def test_what_fits_is_not_cut(posted: Server) -> None:
    """However much is asked for."""
    answer = get(posted, "/api/v1/namespaces", limit=10**9)
    assert "X-Headwater-Truncated-By" not in answer.headers
    assert "truncatedBy" not in answer.json()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a key and a base path, and pages of two rows."""
    env = {"HEADWATER_PAGE_MAX": "2", "HEADWATER_API_KEYS": "k1", "HEADWATER_BASE_PATH": "/lin"}
    key = {"X-API-Key": "k1"}

    def is_ready(address: str) -> bool:
        try:
            return httpx.get(f"{address}/readyz", headers=key, timeout=10).status_code == 200
        except httpx.TransportError:
            return False

    with serving(tmp_path_factory.mktemp("guarded") / "home", env=env, until=is_ready) as server:
        for number in range(3):
            body = event(number, "COMPLETE", number, ("n/s", f"j{number}"), outputs=[("n/s", f"d{number}")])
            done = httpx.post(f"{server.url}/lin/api/v1/lineage", json=body, headers=key, timeout=30).json()
        httpx.get(
            f"{server.url}/api/v1/namespaces", params={"at_least": done["position"]}, headers=key, timeout=30
        ).raise_for_status()
        yield server


@pytest.mark.parametrize(
    ("asked", "member"),
    [
        ("/api/v1/namespaces/n%2Fs/datasets", "datasets"),
        ("/api/v1/namespaces/n%2Fs/jobs", "jobs"),
        ("/api/v1/jobs", "jobs"),
        ("/api/v1/events/lineage", "events"),
    ],
)
def test_a_page_that_was_cut_says_so(guarded: Server, asked: str, member: str) -> None:
    """More rows than a page may have are not given, and the answer names the limit; under the base path, with a key."""
    key = {"Authorization": "Bearer k1"}
    answer = httpx.get(f"{guarded.url}/lin{asked}", params={"limit": 10**9}, headers=key, timeout=30)
    assert answer.headers["X-Headwater-Truncated-By"] == "limit"
    body = fine(answer)
    assert (body["truncatedBy"], body["totalCount"], len(body[member])) == (["limit"], 3, 2)
    rest = httpx.get(f"{guarded.url}{asked}", params={"limit": 10**9, "offset": 2}, headers=key, timeout=30)
    assert "X-Headwater-Truncated-By" not in rest.headers
    assert len(fine(rest)[member]) == 1
    assert httpx.get(f"{guarded.url}/lin{asked}", timeout=30).status_code == 401


@pytest.mark.parametrize(
    ("asked", "status", "says"),
    [
        ("/api/v1/namespaces/nope", 404, "Namespace 'nope' not found."),
        ("/api/v1/namespaces/nope/jobs", 404, "Namespace 'nope' not found."),
        ("/api/v1/namespaces/nope/datasets", 404, "Namespace 'nope' not found."),
        ("/api/v1/namespaces/nope/jobs/nope", 404, "Namespace 'nope' not found."),
        ("/api/v1/namespaces/plain/jobs/nope", 404, "Job 'nope' not found."),
        ("/api/v1/namespaces/plain/jobs/nope/runs", 404, "Job 'nope' not found."),
        ("/api/v1/namespaces/plain/datasets/nope", 404, "Dataset 'nope' not found."),
        ("/api/v1/namespaces/plain/datasets/plain/versions/nope", 404, "version 'nope' not found"),
        ("/api/v1/namespaces/plain/jobs/plain/versions/nope", 404, "version 'nope' not found"),
        ("/api/v1/jobs/runs/nope", 404, "Run 'nope' not found."),
        ("/api/v1/jobs/runs/00000000-0000-7000-8000-999999999999", 404, "not found"),
        ("/api/v1/jobs/runs/00000000-0000-7000-8000-000000000001/facets", 400, "type=run"),
        ("/api/v1/jobs/runs/00000000-0000-7000-8000-000000000001/facets?type=x", 400, "type is one of"),
        ("/api/v1/lineage", 400, "nodeId must not be null"),
        ("/api/v1/lineage?nodeId=nonsense", 404, "nonsense"),
        ("/api/v1/lineage?nodeId=job:nope:nope", 404, "nope"),
        ("/api/v1/lineage?nodeId=run:00000000-0000-7000-8000-000000000001", 404, "dataset:namespace:name"),
        ("/api/v1/lineage?nodeId=job:plain:plain&depth=-1", 400, "depth is a whole number from 0 on"),
        ("/api/v1/lineage?nodeId=job:plain:plain&depth=1.5", 400, "depth is a whole number from 0 on"),
        ("/api/v1/lineage?nodeId=job:plain:plain&withSiblings=perhaps", 400, "withSiblings is true or false"),
        ("/api/v1/column-lineage", 400, "nodeId must not be null"),
        ("/api/v1/column-lineage?nodeId=dataset:nope:nope", 404, "nope"),
        ("/api/v1/column-lineage?nodeId=datasetField:plain:plain:nope", 404, "nope"),
        ("/api/v1/runlineage/upstream", 400, "runId must not be null"),
        ("/api/v1/runlineage/upstream?runId=nope", 404, "Run 'nope' not found."),
        ("/api/v1/search", 400, "say what to search for"),
        ("/api/v1/search?q=a&filter=x", 400, "filter is one of"),
        ("/api/v1/search?q=a&before=x", 400, "before is a day"),
        ("/api/v1/jobs?limit=-1", 400, "limit is a whole number from 0 on"),
        ("/api/v1/jobs?limit=x", 400, "limit is a whole number from 0 on"),
        ("/api/v1/jobs?offset=-1", 400, "offset is a whole number from 0 on"),
        ("/api/v1/jobs?lastRunStates=x", 400, "lastRunStates are of"),
        ("/api/v1/events/lineage?after=x", 400, "after: "),
        ("/api/v1/events/lineage?sortDirection=x", 400, "sortDirection is one of"),
        ("/api/v1/stats/jobs", 400, "period=DAY"),
        ("/api/v1/stats/jobs?period=YEAR", 400, "period is one of"),
        ("/api/v1/stats/jobs?period=WEEK", 400, "timezone"),
        ("/api/v1/stats/jobs?period=WEEK&timezone=Mars/Base", 400, "no time zone"),
        ("/api/v1/sources/nope", 404, "Source 'nope' not found."),
        ("/api/v2beta/search/jobs?q=a", 503, "no OpenSearch"),
        (f"/api/v1/namespaces/{'n' * 2_000}", 404, "not found"),
        (f"/api/v1/namespaces/plain/datasets/{quote('表' * 900)}", 404, "not found"),
        ("/api/v1/namespaces/%FF%FE", 404, "not found"),
        ("/api/v1/namespaces/%00", 404, "not found"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_says_why(posted: Server, asked: str, status: int, says: str) -> None:
    """In Marquez's form: the status as a number, a message with what to do; and our code beside it. Never a 500."""
    answer = get(posted, asked)
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["code"] == status
    assert says in body["message"]
    assert body["error"] in {"BAD_INPUT", "BAD_KEY", "NOT_FOUND", "STORE_UNAVAILABLE"}


def test_a_depth_without_end_is_the_whole(posted: Server) -> None:
    """There is no number too great to ask for; the walk ends where the graph does."""
    near = fine(get(posted, "/api/v1/lineage", nodeId="job:plain:plain", depth=100))
    assert fine(get(posted, "/api/v1/lineage", nodeId="job:plain:plain", depth=10**15)) == near


@pytest.mark.parametrize("one", [*READ, *WRITTEN], ids=lambda one: one.pattern)
def test_nothing_is_written(posted: Server, one: Any) -> None:
    """PUT, POST and DELETE of Marquez's are refused with what to do instead; but for POST of an event."""
    asked = one.pattern
    for name in ("namespace", "dataset", "job", "version", "run", "field", "tag", "source"):
        asked = asked.replace(f"{{{name}}}", "x")
    for method in ("PUT", "POST", "DELETE"):
        if (method, asked) == ("POST", "/api/v1/lineage"):
            continue
        answer = httpx.request(method, f"{posted.url}{asked}", timeout=30)
        assert answer.status_code == 405, answer.text
        assert answer.json()["code"] == 405
        assert "POST /api/v1/lineage" in answer.json()["message"]
        door = ", POST" if asked == "/api/v1/lineage" else ""
        assert answer.headers["Allow"] == (f"GET, HEAD{door}" if one.answer else "")


def test_a_reader_waits_for_what_it_wrote(posted: Server) -> None:
    """`at_least` by header or in the address, as with every question."""
    position = httpx.post(
        f"{posted.url}/api/v1/lineage", json=event(500, "START", 900, ("waiting", "job")), timeout=30
    ).json()["position"]
    answer = httpx.get(
        f"{posted.url}/api/v1/namespaces/waiting/jobs/job",
        headers={"X-Headwater-At-Least": position},
        timeout=30,
    )
    assert fine(answer)["latestRun"]["state"] == "RUNNING"
    far = get(posted, "/api/v1/namespaces", at_least=str(10**9))
    assert (far.status_code, far.json()["error"]) == (503, "NOT_CAUGHT_UP")
