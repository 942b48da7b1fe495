"""Are questions answered over GraphQL, by a real server?"""

from __future__ import annotations

import httpx
import pytest

from app.demo.scratch import Server
from tests.app.asked import graphql, post_story
from tests.arrows import job_key_of, key_of, run_key_of

NODE = "query($key: ID!) { node(key: $key) { key } }"
WALK = """query($of: ID!, $first: Int, $after: String) { downstream(of: $of, first: $first, after: $after) {
  root { key } nodes { depth node { key kind ... on Dataset { live } } }
  edges { source target jobs evidence validFrom validTo lastAt }
  completeness { complete truncatedBy hidden guessedEdges position } pageInfo { hasNextPage endCursor } } }"""


COSTLY = """{ upstream(of: "dataset:db:a", first: 5000) { nodes { node { ... on Dataset {
  producers(first: 100) { nodes { job { key } } } } } } } }"""


@pytest.fixture(scope="module")
def asked(server: Server) -> dict[str, str]:
    """Headers of a reader who waits for the whole story."""
    return {"X-Headwater-At-Least": post_story(server)}


def test_a_walk_is_answered_page_by_page(server: Server, asked: dict[str, str]) -> None:
    """Nearest first; a guess is counted as one; the cursor goes on where the page ended."""
    first = graphql(server, WALK, asked, of=key_of("a"), first=2)["data"]["downstream"]
    assert [(row["depth"], row["node"]["key"]) for row in first["nodes"]] == [
        (1, key_of("b")),
        (2, key_of("c")),
    ]
    assert [(one["evidence"], one["jobs"]) for one in first["edges"]] == [
        ("COLUMN", [job_key_of("load")]),
        ("PRODUCT", [job_key_of("mart")]),
    ]
    assert first["edges"][0]["validFrom"] == "2026-05-01T02:00:00.000000Z"
    assert first["edges"][0]["validTo"] is None
    assert first["completeness"] == {
        "complete": True, "truncatedBy": [], "hidden": 0, "guessedEdges": 1,
        "position": asked["X-Headwater-At-Least"],
    }  # fmt: skip
    rest = graphql(server, WALK, of=key_of("a"), first=2, after=first["pageInfo"]["endCursor"])["data"]
    assert [row["node"]["key"] for row in rest["downstream"]["nodes"]] == [key_of("d")]


def test_columns_are_walked_when_asked_for(server: Server, asked: dict[str, str]) -> None:
    """At FIELD a field's node shows its dataset; edges say what was done, datasets' edges do not."""
    query = """query($of: ID!, $what: Granularity!) { downstream(of: $of, granularity: $what) { root { key }
      nodes { depth node { key ... on Field { path dataType role dataset { key } } } }
      edges { source target types subtypes maskings } shapes { source target types jobs validTo } } }"""
    of = f"{key_of('a')}#p"
    answer = graphql(server, query, asked, of=of, what="FIELD")["data"]["downstream"]
    assert answer["root"]["key"] == of
    (row,) = answer["nodes"]
    assert (row["depth"], row["node"]["path"], row["node"]["dataset"]["key"]) == (1, "x", key_of("b"))
    (edge,) = answer["edges"]
    assert (edge["types"], edge["subtypes"], edge["maskings"]) == (["DIRECT"], ["IDENTITY"], [False])
    assert answer["shapes"] == []
    plain = graphql(server, query, asked, of=of, what="DATASET")["data"]["downstream"]
    assert (plain["root"]["key"], plain["edges"][0]["types"], plain["shapes"]) == (key_of("a"), None, None)


def test_totals_are_counted_when_selected(server: Server, asked: dict[str, str]) -> None:
    """Also inside a fragment, and beyond the page."""
    query = """query($of: ID!) { upstream(of: $of, first: 1) { ...T } }
      fragment T on Lineage { totals { nodes edges byKind { kind count } byDepth { depth count } } }"""
    totals = graphql(server, query, asked, of=key_of("d"))["data"]["upstream"]["totals"]
    assert (totals["nodes"], totals["edges"], totals["byKind"]) == (3, 3, [{"kind": "OTHER", "count": 3}])


def test_what_belongs_to_nodes_is_asked_in_one_go(server: Server, asked: dict[str, str]) -> None:
    """Jobs, runs, fields, facets and acts nest; a run that a later one overtook is stale."""
    query = """{ job(namespace: "jobs", name: "mart") { key
      inputs { nodes { dataset { key fields { path current } } evidence current } }
      runs(first: 1) { nodes { key state stale job { key } inputs { dataset { key } }
        transitions { eventType at } facets } pageInfo { hasNextPage endCursor } } } }"""
    job = graphql(server, query, asked)["data"]["job"]
    assert job["inputs"]["nodes"][0]["dataset"]["key"] == key_of("b")
    assert [field["path"] for field in job["inputs"]["nodes"][0]["dataset"]["fields"]] == ["x", "y"]
    (run,) = job["runs"]["nodes"]
    assert (run["key"], run["state"], run["job"]["key"]) == (run_key_of("r3"), "STARTED", job["key"])
    assert run["stale"] is True  # nothing was heard of it since May
    assert run["transitions"] == [{"eventType": "START", "at": "2026-05-01T05:00:00.000000Z"}]
    after = job["runs"]["pageInfo"]["endCursor"]
    more = """query($after: String) { job(namespace: "jobs", name: "mart") {
      runs(after: $after) { nodes { key } } } }"""
    nodes = graphql(server, more, after=after)["data"]["job"]["runs"]["nodes"]
    assert [one["key"] for one in nodes] == [run_key_of("r2")]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('{ node(key: "dataset:db:nope") { key } }', "NOT_FOUND"),
        ('{ node(key: "nope") { key } }', "BAD_KEY"),
        ('{ dataset(namespace: "db", name: "A") { key } }', "NOT_FOUND"),
        ('{ run(id: "x") { key } }', "BAD_KEY"),
        (
            '{ paths(from: "dataset:db:a", to: "dataset:db:b", granularity: RUN) { nodesOnAnyPath } }',
            "NOT_SUPPORTED",
        ),
        ('{ upstream(of: "dataset:db:a", first: 10001) { root { key } } }', "LIMIT_EXCEEDED"),
        ('{ upstream(of: "dataset:db:a", asOf: "yesterday") { root { key } } }', "BAD_INPUT"),
        ('{ upstream(of: "dataset:db:a", after: "x") { root { key } } }', "BAD_INPUT"),
        ("{ nope }", "BAD_QUERY"),
        ("{ nope", "BAD_QUERY"),
        ("{" + " ".join(f"a{n}: __typename" for n in range(40)) + "}", "LIMIT_EXCEEDED"),
        ("{" + " ".join(["__typename"] * 3000) + "}", "LIMIT_EXCEEDED"),
        (COSTLY, "LIMIT_EXCEEDED"),
        ('{ job(namespace: "j", name: "n") ' + "{ parent " * 20 + "{ key }" + " }" * 21, "LIMIT_EXCEEDED"),
    ],
)  # fmt: skip
def test_failures_have_codes(server: Server, asked: dict[str, str], query: str, code: str) -> None:
    """Every error says its code in `extensions`, the same as REST; none is ours."""
    answer = graphql(server, query, asked)
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code], answer


def test_an_unknown_key_is_told_with_names_like_it(server: Server, asked: dict[str, str]) -> None:
    """The names that resemble it stand in the error."""
    (error,) = graphql(server, NODE, asked, key="dataset:db:aa")["errors"]
    assert error["extensions"]["near"][0] == key_of("a")
    assert error["path"] == ["node"]


def test_reading_waits_for_what_was_written(server: Server, asked: dict[str, str]) -> None:
    """Every answer says its position; one that is not reached in time is NOT_CAUGHT_UP."""
    answer = graphql(server, NODE, asked, key=key_of("a"))
    assert int(answer["extensions"]["position"]) >= int(asked["X-Headwater-At-Least"])
    wrong = graphql(server, NODE, {"X-Headwater-At-Least": "soon"}, key=key_of("a"))
    assert wrong["errors"][0]["extensions"]["code"] == "BAD_INPUT"


def test_numbers_of_producers_are_exact_text(server: Server, asked: dict[str, str]) -> None:
    """An ordinal, a count of rows and of bytes beyond 2^53, where GraphQL's Int fails and JavaScript rounds."""
    big, run = 2**53 + 1, "0198c3a8-0000-7000-8000-000000000099"
    table = {
        "namespace": "db",
        "name": "big",
        "facets": {"schema": {"fields": [{"name": "x", "type": "INT", "ordinal_position": big}]}},
        "outputFacets": {"outputStatistics": {"rowCount": big, "size": big + 2}},
    }
    event = {
        "eventType": "COMPLETE",
        "eventTime": "2026-05-01T10:00:00Z",
        "run": {"runId": run},
        "job": {"namespace": "jobs", "name": "count"},
        "outputs": [table],
    }
    position = httpx.post(f"{server.url}/api/v1/lineage", json=event, timeout=30).json()["position"]
    query = """{ dataset(namespace: "db", name: "big") { fields { path ordinal } }
      run(id: "%s") { outputs { rowCount bytes fileCount } } }"""
    data = graphql(server, query % run, {"X-Headwater-At-Least": position})["data"]
    assert data["dataset"]["fields"] == [{"path": "x", "ordinal": str(big)}]
    assert data["run"]["outputs"] == [{"rowCount": str(big), "bytes": str(big + 2), "fileCount": None}]


def test_the_page_needs_no_internet(server: Server) -> None:
    """GraphiQL comes from this server alone, and nothing it names is missing."""
    page = httpx.get(f"{server.url}/graphql", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "//" not in page.text.replace("<!doctype", "")
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    names = [part.split('"')[0] for part in page.text.split('"/graphql/files/')[1:]]
    assert len(names) == 8
    assert {httpx.get(f"{server.url}/graphql/files/{name}").status_code for name in names} == {200}


def test_bodies_and_queries_by_get_are_limited(server: Server) -> None:
    """Over a mebibyte is refused; a query in the address is not run."""
    big = httpx.post(f"{server.url}/graphql", json={"query": "{ __typename }" + " " * 1_100_000}, timeout=30)
    assert (big.status_code, big.json()["code"]) == (413, "TOO_LARGE")
    got = httpx.get(f"{server.url}/graphql", params={"query": "{ __typename }"})
    assert "data" not in got.text or got.status_code == 400
