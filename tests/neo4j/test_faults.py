"""What happens to a running server when its Neo4j fails it? Each fault is made on a real one.

Always: events are taken meanwhile, a question is told 503 (504 when it took too long) with a code, the projector says
that it cannot go on, goes on by itself when it can, and then the graph is what it would have been without the fault.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import neo4j
import pytest

from app.demo.scratch import Server, serving, wait_ready
from ingest.journal import Journal
from ingest.project.batch import Received
from tests.arrows import story
from tests.engine import NEO4J
from tests.laws.compare import difference, known
from tests.laws.real import project_received
from tests.needs import need
from tests.neo4j import server as neo4j_server
from tests.neo4j.jars import LINES, is_here
from tests.server import export, headwater

pytestmark = pytest.mark.slow
Json = dict[str, Any]
WAIT_S: Final = 180.0
SETTINGS: Final = {
    "db.lock.acquisition.timeout": "2s",
    # The test itself must be let in to put a password back while Headwater keeps trying the wrong one.
    "dbms.security.auth_max_failed_attempts": "0",
}
_numbers = itertools.count(1)


@dataclass
class Victim:
    """A Neo4j that can be killed and started again with other settings, and the server that uses it."""

    neo4j: neo4j_server.Neo4j
    lives: ExitStack = field(default_factory=ExitStack)
    server: Server | None = None
    lives_by: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        assert self.server is not None
        return self.server.url

    def start(self, **settings: str) -> None:
        """Start Neo4j, with further settings for this life."""
        wanted = {
            **self.neo4j.settings,
            **{name.replace("__", "."): value for name, value in settings.items()},
        }
        self.lives.enter_context(neo4j_server.started(dataclasses.replace(self.neo4j, settings=wanted)))

    def kill(self) -> None:
        neo4j_server.kill(self.neo4j)

    def readyz(self) -> httpx.Response:
        return httpx.get(f"{self.url}/readyz", timeout=60)

    def ask(self) -> httpx.Response:
        """Ask a question that reads the graph."""
        return httpx.get(f"{self.url}/api/v1/graph/node", params={"key": "dataset:db:nobody"}, timeout=60)

    def post(self, events: int = 4) -> None:
        """Post events that nobody sent before; each is taken whatever the graph's engine does."""
        for _ in range(events):
            number = next(_numbers)
            ((event, _),) = story(
                f"{number} COMPLETE r{number} j{number % 3}: a{number % 5} -> b{number % 7}"
            )
            answer = httpx.post(f"{self.url}/api/v1/lineage", json=event, timeout=30)
            assert answer.status_code == 201, answer.text

    def until(self, holds: Callable[[Json], bool]) -> Json:
        """Wait until /readyz says something."""
        deadline = time.monotonic() + WAIT_S
        while True:
            said: Json = self.readyz().json()
            if holds(said):
                return said
            assert time.monotonic() < deadline, said
            time.sleep(0.2)

    def until_blocked(self, code: str) -> str:
        """Wait until the projector says that it cannot go on for this reason; give its words."""
        said = self.until(lambda said: said.get("blocked", {}).get("code") == code)
        return str(said["blocked"]["message"])

    def until_well(self) -> None:
        """Wait until all is in the graph, and see that it is the graph of the journal: nothing lost or doubled."""
        assert self.server is not None
        wait_ready(self.server)
        assert "blocked" not in self.until(lambda said: "blocked" not in said)
        journal = Journal.open(self.server.home / "journal.sqlite", read_only=True)
        try:
            events = journal.read_after(0, 100_000)
        finally:
            journal.close()
        wanted = project_received([Received(one.body, one.digest or b"", one.suspect) for one in events])
        said = difference(wanted.export(), known(export(self.server)), names=("in memory", "in Neo4j"))
        assert not said, f"\n{said}"


@pytest.fixture(scope="module", params=NEO4J[-1:])
def victim(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    """Run a Neo4j for these tests alone, and a server on it.

    It is of the newest line. What codes the lines give is in tests/queries/stores/test_driver_errors.py.
    """
    line = LINES[request.param.partition("-")[2]]
    need(f"Neo4j {line.version}", here=is_here(line), get_it="run `make neo4j-fetch`")
    folder = tmp_path_factory.mktemp("victim")
    made = Victim(
        neo4j_server.plan(line, folder / "neo4j", settings=SETTINGS),
    )
    env = {
        "HEADWATER_GRAPH": made.neo4j.uri,
        "HEADWATER_GRAPH_PASSWORD": made.neo4j.password,
        "HEADWATER_GRAPH_TIMEOUT_S": "5",
        "HEADWATER_GRAPH_WRITE_TIMEOUT_S": "5",
    }
    with made.lives:
        made.start()
        with serving(folder / "home", env=env) as made.server:
            made.post()
            made.until_well()
            yield made
            made.kill()


@pytest.fixture(autouse=True)
def up(victim: Victim) -> None:
    """Each test finds Neo4j running as usual, whatever became of the test before it."""
    if victim.lives_by:
        victim.kill()
    if not victim.neo4j.pid_file.exists():
        victim.start()


def test_killed_and_started_again(victim: Victim) -> None:
    """While Neo4j is away a question is told 503 STORE_UNAVAILABLE with Retry-After, and events are taken."""
    victim.kill()
    victim.post(10)
    told = victim.ask()
    assert (told.status_code, told.json()["code"]) == (503, "STORE_UNAVAILABLE")
    assert int(told.headers["Retry-After"]) > 0
    ready = victim.readyz()
    assert (ready.status_code, ready.json()["reason"]["code"]) == (503, "STORE_UNAVAILABLE")
    victim.until_blocked("STORE_UNAVAILABLE")
    status = headwater("status", "--server", victim.url)
    assert status.returncode == 3
    assert "cannot go on" in status.stdout
    victim.start()
    victim.until_well()
    assert victim.ask().status_code == 404


def test_killed_again_and_again_while_events_come_in(victim: Victim) -> None:
    """A leader that goes away between tries, twice within one stream of events: nothing is lost or doubled."""
    for _ in range(2):
        victim.post(20)
        victim.kill()
        victim.post(5)
        victim.start()
    victim.until_well()


def test_a_read_only_database(victim: Victim) -> None:
    """Questions are answered; the projector says that it may not write, and goes on once it may."""
    victim.kill()
    victim.start(server__databases__default_to_read_only="true")
    victim.until(lambda said: said["ready"])
    victim.post()
    assert "read" in victim.until_blocked("STORE_UNAVAILABLE").lower()
    said = victim.readyz()
    assert (said.status_code, said.json()["lag"]) == (200, 4)
    assert victim.ask().status_code == 404
    assert victim.server is not None
    assert "blocked" in victim.server.log
    victim.kill()
    victim.start()
    victim.until_well()


def test_an_engine_without_memory(victim: Victim) -> None:
    """A transaction that Neo4j has no memory for blocks the projector, which asks for less, and again."""
    victim.kill()
    victim.start(dbms__memory__transaction__total__max="10m")
    victim.until(lambda said: said["ready"])
    wide = [
        {
            "eventTime": "2026-05-03T00:00:00Z",
            "job": {"namespace": "jobs", "name": "wide"},
            "inputs": [{"namespace": "db", "name": f"wide{number}" + "x" * 1800} for number in range(4_000)],
            "outputs": [{"namespace": "db", "name": "narrow"}],
        }
    ]
    assert httpx.post(f"{victim.url}/api/v1/lineage", json=wide, timeout=60).status_code in {200, 201}
    assert "memory" in victim.until_blocked("STORE_UNAVAILABLE").lower()
    assert victim.ask().status_code == 404
    victim.kill()
    victim.start()
    victim.until_well()


def test_a_lock_that_somebody_holds(victim: Victim) -> None:
    """The projector waits for a lock as long as it may, says TIMED_OUT, and goes on when the lock is free."""
    auth = (neo4j_server.USER, victim.neo4j.password)
    with (
        neo4j.GraphDatabase.driver(victim.neo4j.uri, auth=auth) as driver,
        driver.session(database=neo4j_server.DATABASE) as session,
        session.begin_transaction() as transaction,
    ):
        transaction.run("MATCH (p:Projection) SET p.held = true").consume()
        victim.post()
        victim.until_blocked("TIMED_OUT")
        assert victim.readyz().json()["lag"] == 4
        assert victim.ask().status_code == 404
        transaction.rollback()
    victim.until_well()


def test_a_password_that_was_changed(victim: Victim) -> None:
    """A new password that Headwater was not told: 503, not a crash; with the old one back it goes on."""
    other = "another-password"
    change(victim, victim.neo4j.password, other)
    victim.kill()
    changed = dataclasses.replace(victim.neo4j, password=other)
    with neo4j_server.started(changed):
        victim.post()
        victim.until_blocked("STORE_UNAVAILABLE")
        told = victim.ask()
        assert (told.status_code, told.json()["code"]) == (503, "STORE_UNAVAILABLE")
        assert victim.neo4j.password not in json.dumps(told.json())
        change(victim, other, victim.neo4j.password)
        victim.until_well()
    victim.start()
    victim.until_well()


def change(victim: Victim, old: str, new: str) -> None:
    with neo4j.GraphDatabase.driver(victim.neo4j.uri, auth=(neo4j_server.USER, old)) as driver:
        driver.execute_query(
            "ALTER CURRENT USER SET PASSWORD FROM $old TO $new", {"old": old, "new": new}, database_="system"
        )


def test_a_full_disk(victim: Victim) -> None:
    """Files that cannot grow stop Neo4j's writing; with room again the projector goes on by itself."""
    victim.kill()
    full = dataclasses.replace(victim.neo4j, bytes_max=largest_file(victim) + 64 * 1024)
    with neo4j_server.started(full):
        victim.until(lambda said: said["ready"])
        deadline = time.monotonic() + WAIT_S
        while "blocked" not in victim.readyz().json():
            victim.post(25)
            assert time.monotonic() < deadline
        victim.until_blocked("STORE_UNAVAILABLE")
        victim.kill()
    victim.start()
    victim.until_well()


def largest_file(victim: Victim) -> int:
    """Measure the largest file that Neo4j wrote."""
    return max(path.stat().st_size for path in victim.neo4j.folder.rglob("*") if path.is_file())
