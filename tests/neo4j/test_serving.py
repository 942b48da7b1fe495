"""Does a whole server run on Neo4j: door, projector, questions, rebuild, and several servers on one graph?"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.demo.scratch import COMMAND, Server, is_listening, serving, wait_ready
from ingest.sources.files import events_in
from tests.app.asked import STORY, graphql, post_story
from tests.arrows import key_of, story
from tests.engine import NEO4J, Database, adhoc, forget_schema
from tests.needs import corpus
from tests.neo4j import server as neo4j_server
from tests.neo4j.jars import LINES
from tests.server import ask, canonical_rows, export, headwater

pytestmark = [pytest.mark.parametrize("graph", NEO4J[:1], indirect=True), pytest.mark.slow]
Json = dict[str, Any]
NOBODYS = adhoc("CREATE (:Movie {title: 'x'})", mode="write")
COUNT = adhoc("MATCH (n) RETURN count(n) AS n", returns=("n",))
ABOUT = """query($key: ID!) {
  node(key: $key) { key kind name ... on Dataset { live createdAt lastWrittenAt fields { path dataType } } }
}"""


def environment(graph: Database) -> dict[str, str]:
    """Say by the environment, as an operator would, where the graph is."""
    return {
        "HEADWATER_GRAPH": graph.uri,
        "HEADWATER_GRAPH_USER": graph.user,
        "HEADWATER_GRAPH_PASSWORD": graph.password,
        "HEADWATER_GRAPH_DATABASE": graph.name,
    }


def post_corpus(server: Server) -> None:
    """Post what real producers sent."""
    bodies = [one.raw for one in events_in(str(path) for path in sorted(corpus().glob("*.*json")))]
    answer = httpx.post(
        f"{server.url}/api/v1/lineage/batch", content=b"[" + b",".join(bodies) + b"]", timeout=60
    )
    assert answer.json()["summary"]["failed"] == 0


def answers(server: Server, rows: list[Json]) -> dict[str, Any]:
    """Ask everything that can be asked over HTTP, of every few keys of each type."""
    told: dict[str, Any] = {}
    with httpx.Client(base_url=server.url, timeout=60) as client:
        for kind in ("dataset", "job", "run", "field", "person", "facet", "check"):
            keys = [row["key"] for row in rows if row["type"] == kind]
            for key in keys[:: max(1, len(keys) // 12)]:
                told[f"node {key}"] = client.get(
                    "/api/v1/graph/node", params={"key": key, "details": "true"}
                ).json()
                told[f"graphql {key}"] = graphql(server, ABOUT, key=key)
                told |= {
                    f"{direction} {key} {more}": client.get(
                        f"/api/v1/graph/{direction}", params={"key": key, "totals": "true", **more}
                    ).json()
                    for direction in ("upstream", "downstream")
                    for more in ({}, {"as_of": "2025-06-01T00:00:00Z"}, {"granularity": "JOB"})
                }
        told["oddities"] = client.get("/api/v1/oddities", params={"kind": "job_clash"}).json()
        told["unknown"] = client.get(
            "/api/v1/graph/node", params={"key": "dataset:nobody:nothing"}
        ).status_code
    return told


def test_moving_from_the_embedded_graph(graph: Database, tmp_path: Path) -> None:
    """`rebuild` against a Neo4j makes the same graph there: equal exports, equal answers to all questions (L7)."""
    home = tmp_path / "home"
    with serving(home) as server:
        post_corpus(server)
        rows = export(server)
        told = answers(server, rows)
    done = headwater("rebuild", "--home", str(home), env=environment(graph))
    assert (done.returncode, done.stderr) == (0, "")
    with serving(home, env=environment(graph)) as server:
        moved = export(server)
        assert canonical_rows(moved) == canonical_rows(rows)
        assert len(moved) == len(rows)
        again = answers(server, rows)
        assert {key: again[key] for key in told if again[key] != told[key]} == {}
        post_story(server)
        wait_ready(server)
        assert len(export(server)) > len(rows)


def test_events_come_in_and_the_graph_is_asked(graph: Database, tmp_path: Path) -> None:
    """`serve --graph bolt://` on a new home: what is posted is answered for, and `status` says all is well."""
    env = environment(graph)
    uri = env.pop("HEADWATER_GRAPH")
    with serving(tmp_path / "home", "--graph", uri, env=env) as server:
        position = post_story(server)
        found = ask(server, "downstream", key_of("a"), at_least=position)
        assert [row["node"]["name"] for row in found["nodes"]] == ["b", "c", "d"]
        assert headwater("status", "--server", server.url).returncode == 0
        assert set(httpx.get(f"{server.url}/readyz", timeout=10).json()["children"]) == {"projector"}


def test_a_database_of_somebody_else_is_refused(graph: Database, tmp_path: Path) -> None:
    """Exit code 3 with the reason; the data that is there stays as it is."""

    async def put(store: Any) -> None:
        await store.write([(NOBODYS, {})])

    async def count(store: Any) -> Any:
        return await store.read(COUNT)

    forget_schema(graph)
    graph.run(put, migrated=False)
    for command in ("serve", "work"):
        done = headwater(command, "--home", str(tmp_path / command), env=environment(graph))
        assert done.returncode == 3
        assert "FOREIGN_STORE" in done.stderr
        assert ":Movie" in done.stderr
    assert graph.run(count, migrated=False) == [{"n": 1}]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"HEADWATER_GRAPH": "bolt://127.0.0.1:9"}, "bolt://127.0.0.1:9"),
        ({"HEADWATER_GRAPH_DATABASE": "nobody"}, "nobody"),
    ],
    ids=["address", "database"],
)
def test_a_graph_that_cannot_be_used_is_told_and_events_are_taken(
    graph: Database, tmp_path: Path, wrong: dict[str, str], said: str
) -> None:
    """A wrong address or database: the door is open, questions are 503 with a code and what to look at."""
    home, env = tmp_path / "home", {**environment(graph), **wrong}
    with serving(home, env=env, until=is_listening) as server:
        post_story(server)
        answer = httpx.get(f"{server.url}/api/v1/graph/downstream", params={"key": key_of("a")}, timeout=30)
        assert (answer.status_code, answer.json()["code"]) == (503, "STORE_UNAVAILABLE")
        assert said in answer.json()["message"]
        blocked = until(lambda: httpx.get(f"{server.url}/readyz", timeout=30).json().get("blocked"))
        assert blocked["code"] == "STORE_UNAVAILABLE"
        ready = httpx.get(f"{server.url}/readyz", timeout=30)
        assert (ready.status_code, ready.json()["ready"]) == (503, False)
        told = f"{answer.text}{ready.text}"
    assert graph.password not in told


def test_a_wrong_password_ends_the_start(graph: Database, tmp_path: Path) -> None:
    """Exit code 3 and what to look at: to try on would lock the user out at Neo4j for everybody."""
    env = {**environment(graph), "HEADWATER_GRAPH_PASSWORD": "wrong"}
    done = headwater("serve", "--home", str(tmp_path / "home"), env=env)
    assert done.returncode == 3
    assert "STORE_UNAVAILABLE" in done.stderr
    assert "password" in done.stderr
    assert graph.password not in done.stderr


def test_a_graph_that_comes_later_is_found(graph: Database, tmp_path: Path) -> None:
    """Started while its Neo4j is away, a server goes on by itself when it is there; what was posted is answered for."""
    planned = neo4j_server.plan(LINES["5.26"], tmp_path / "neo4j")
    env = {**environment(graph), "HEADWATER_GRAPH": planned.uri, "HEADWATER_GRAPH_PASSWORD": planned.password}
    with neo4j_server.started(planned):
        pass  # its first start, which sets the password
    with serving(tmp_path / "home", env=env, until=is_listening) as server:
        position = post_story(server)
        with neo4j_server.started(planned):
            wait_ready(server)
            found = ask(server, "downstream", key_of("a"), at_least=position)
            assert [row["node"]["name"] for row in found["nodes"]] == ["b", "c", "d"]


def until(found: Callable[[], Any], *, seconds: float = 30.0) -> Any:
    """Ask again and again until there is an answer."""
    end = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < end
        time.sleep(0.2)
    return answer


@contextmanager
def working(home: Path, env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run `headwater work` in a process of its own."""
    with (home.parent / "work.log").open("ab") as log:
        process = subprocess.Popen([COMMAND, "work", "--home", str(home)], stderr=log, env=env)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_several_servers_and_one_worker(graph: Database, tmp_path: Path) -> None:
    """One door takes, one worker writes, another server answers what was just posted; a killed worker loses nothing."""
    home = tmp_path / "home"
    env = {**environment(graph), "HEADWATER_PROJECTOR": "elsewhere"}
    events = [event for event, _ in story(*STORY)]
    with serving(home, env=env) as door, serving(home, env=env) as other:
        assert "children" not in httpx.get(f"{door.url}/readyz", timeout=10).json()
        with working(home, {**os.environ, **env}):
            first = httpx.post(f"{door.url}/api/v1/lineage/batch", json=events[:2], timeout=30).json()
            found = httpx.get(
                f"{other.url}/api/v1/graph/downstream",
                params={"key": key_of("a"), "at_least": first["position"]},
                timeout=60,
            )
            assert [row["node"]["name"] for row in found.json()["nodes"]] == ["b"], found.text
        httpx.post(f"{door.url}/api/v1/lineage/batch", json=events[2:], timeout=30)
        assert httpx.get(f"{other.url}/readyz", timeout=10).json()["lag"] == len(events) - 2
        with working(home, {**os.environ, **env}):
            wait_ready(other)
            found = httpx.get(f"{other.url}/api/v1/graph/downstream", params={"key": key_of("a")}, timeout=60)
            assert [row["node"]["name"] for row in found.json()["nodes"]] == ["b", "c", "d"]


def test_what_was_known_is_asked_of_a_graph_beside(graph: Database, tmp_path: Path) -> None:
    """Also where the graph is in Neo4j: what was answered at a position is answered again with known_at."""
    env = {**environment(graph), "HEADWATER_PASTS_TIMEOUT_S": "60"}
    with (
        serving(tmp_path / "home", env=env) as server,
        httpx.Client(base_url=server.url, timeout=90) as client,
    ):
        events = [event for event, _ in story(*STORY)]
        position = client.post("/api/v1/lineage/batch", json=events[:4]).json()["position"]
        walked = ("/api/v1/graph/downstream", {"key": key_of("a"), "totals": "true"})
        then = client.get(walked[0], params={**walked[1], "at_least": position}).json()
        last = client.post("/api/v1/lineage/batch", json=events[4:]).json()["position"]
        now = client.get(walked[0], params={**walked[1], "at_least": last}).json()
        assert now["nodes"] != then["nodes"]
        assert client.get(walked[0], params={**walked[1], "known_at": position}).json() == then
