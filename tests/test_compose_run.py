"""Do the services of docker-compose.yml work? Each is run here as it is written there, without Docker.

Entry point, command, environment and health check are taken from the files; only places are mapped: the home to a
scratch folder, ports to free ones, and `neo4j:7687` to an engine that runs here.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from app.demo.scratch import COMMAND, free_port
from tests.arrows import key_of, story
from tests.compose import PROFILES, SECRETS, Config, read, whole
from tests.engine import Database, on_arcadedb
from tests.ingest.sources.gateway.test_lines import LINE as ACCESS
from tests.needs import ROOT, need
from tests.neo4j import server as neo4j_server
from tests.neo4j.jars import LINES, is_here
from tests.neo4j.words import known_words
from tests.postgres.following import digests_of, until
from tests.postgres.marquez import make_empty
from tests.postgres.server import OWNER
from tests.postgres.server import started as postgres_started

HOME: Final = "/var/lib/headwater"
PATIENCE_S: Final = 180.0
KEY: Final = {"Authorization": f"Bearer {SECRETS['HEADWATER_API_KEY']}"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return whole(read(SECRETS, tmp_path_factory.mktemp("compose"), profiles=PROFILES))


@dataclass
class Composed:
    """The two services over a graph, the way they would run in their containers."""

    config: Config
    home: Path
    graph: Mapping[str, str]
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self, name: str) -> dict[str, str]:
        """What a service's process finds: what the file says, places mapped, and nothing else of ours."""
        given = {key: str(value) for key, value in self.config["services"][name]["environment"].items()}
        mapped = {"HEADWATER_HOME": str(self.home), **self.graph}
        if "HEADWATER_PORT" in given:
            mapped |= {"HEADWATER_PORT": str(self.port), "HEADWATER_SERVER": self.url}
        path = f"{Path(COMMAND).parent}{os.pathsep}{os.environ['PATH']}"
        return {**given, **mapped, "PATH": path}

    @contextmanager
    def running(self, name: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a service's own command until the block ends; it has to end in order when it is told to."""
        entry = json.loads(
            re.findall(r"^ENTRYPOINT (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[0]
        )
        log = self.home.with_name(f"{name}.log")
        with log.open("ab") as output:
            process = subprocess.Popen(
                [*entry, *self.config["services"][name]["command"]],
                stdout=output, stderr=output, env=self.environment(name), cwd=self.home, start_new_session=True,
            )  # fmt: skip
        try:
            yield process
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            assert process.wait(60) in {0, -signal.SIGKILL}, log.read_text()[-3000:]
        except BaseException:
            sys.stderr.write(f"{name} said last:\n{log.read_text()[-3000:]}\n")
            raise
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    def check(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run a service's health check, as its container would."""
        kind, *command = self.config["services"][name]["healthcheck"]["test"]
        assert kind == "CMD"
        mapped = [part.replace(HOME, str(self.home)) for part in command]
        return subprocess.run(mapped, env=self.environment(name), capture_output=True, text=True, check=False)

    def wait_healthy(self, name: str) -> None:
        """Wait until the health check passes."""
        deadline = time.monotonic() + PATIENCE_S
        while (found := self.check(name)).returncode != 0:
            assert time.monotonic() < deadline, found.stdout + found.stderr
            time.sleep(0.5)


def ask(composed: Composed, key: str, at_least: str) -> Any:
    """Ask what is downstream, once an event is in the graph."""
    answer = httpx.get(
        f"{composed.url}/api/v1/graph/downstream",
        params={"key": key, "at_least": at_least}, headers=KEY, timeout=60,
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    return [row["node"]["key"] for row in answer.json()["nodes"]]


def post(composed: Composed, *lines: str) -> str:
    """Post a story, and give the position after it."""
    events = [event for event, _ in story(*lines)]
    answer = httpx.post(f"{composed.url}/api/v1/lineage/batch", json=events, headers=KEY, timeout=60)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["position"])


def try_services(composed: Composed) -> None:
    """Start both, post, ask, kill the projector, see that its check notices and nothing is lost; rebuild."""
    with ExitStack() as stack:
        stack.enter_context(composed.running("headwater-serve"))
        composed.wait_healthy("headwater-serve")
        assert composed.check("headwater-work").returncode == 3  # nobody writes the graph yet
        with composed.running("headwater-work") as work:
            composed.wait_healthy("headwater-work")
            first = post(composed, "1 COMPLETE r1 load: a -> b")
            assert ask(composed, key_of("a"), first) == [key_of("b")]
            os.killpg(work.pid, signal.SIGKILL)
            work.wait()
        found = composed.check("headwater-work")
        assert (found.returncode, "headwater work" in found.stdout) == (3, True)
        then = post(composed, "2 COMPLETE r2 mart: b -> c")
        assert composed.check("headwater-serve").returncode == 0
        with composed.running("headwater-work"):
            composed.wait_healthy("headwater-work")
            assert ask(composed, key_of("a"), then) == [key_of("b"), key_of("c")]
            again = subprocess.run(
                [COMMAND, "rebuild", "--json"], env=composed.environment("headwater-work"), check=False
            )
            assert again.returncode == 0
            assert ask(composed, key_of("a"), then) == [key_of("b"), key_of("c")]
            refused = httpx.post(f"{composed.url}/graphql", json={"query": "{ __typename }"}, timeout=30)
            assert refused.status_code == 401  # the key is asked for where others can reach the port


@on_arcadedb
def test_the_services_work_as_they_are_written(config: Config, graph: Database, tmp_path: Path) -> None:
    """Serve takes events without a projector, work projects them, and each check says how its service is."""
    home = tmp_path / "home"
    home.mkdir()
    mapped = {
        "HEADWATER_GRAPH": graph.uri,
        "HEADWATER_GRAPH_USER": graph.user,
        "HEADWATER_GRAPH_PASSWORD": graph.password,
        "HEADWATER_GRAPH_DATABASE": graph.name,
    }
    try_services(Composed(config, home, mapped))


def in_conf(variable: str) -> str:
    """Turn a variable of Neo4j's image into the name of its setting: `_` is a dot, `__` an underscore."""
    return variable.removeprefix("NEO4J_").replace("__", "\0").replace("_", ".").replace("\0", "_")


@pytest.mark.parametrize(
    ("variable", "setting"),
    [
        ("NEO4J_server_memory_heap_initial__size", "server.memory.heap.initial_size"),
        ("NEO4J_server_memory_pagecache_size", "server.memory.pagecache.size"),
        ("NEO4J_db_transaction_timeout", "db.transaction.timeout"),
    ],
)
def test_neo4js_variables_are_its_settings(config: Config, variable: str, setting: str) -> None:
    """As the image's entry point translates them."""
    assert in_conf(variable) == setting
    assert variable in config["services"]["neo4j"]["environment"]


def test_the_services_work_on_the_neo4j_of_the_file(config: Config, tmp_path: Path) -> None:
    """The version of the image, with the settings of the file, which Neo4j itself checks; and its health check."""
    service = config["services"]["neo4j"]
    line = next(one for one in LINES.values() if f":{one.version}-" in service["image"])
    need(f"Neo4j {line.version}", here=is_here(line), get_it="run `make neo4j-fetch`")
    given = {key: str(value) for key, value in service["environment"].items()}
    user, _, password = given.pop("NEO4J_AUTH").partition("/")
    http = free_port()
    settings = {in_conf(key): value for key, value in given.items()} | {
        "server.config.strict_validation.enabled": "true",
        "server.http.enabled": "true",
        "server.http.listen_address": f"127.0.0.1:{http}",
    }
    folder = tmp_path / "neo4j"
    folder.mkdir()
    planned = neo4j_server.plan(line, folder, heap_mb=512, settings=settings)
    with neo4j_server.started(planned):
        known_words(planned)
        (listed,) = neo4j_server.run(
            planned, "SHOW SETTINGS 'db.transaction.timeout' YIELD value RETURN value"
        )
        assert listed["value"] in {"2m30s", "150s"}
        check = [part.replace("7474", str(http)) for part in service["healthcheck"]["test"][1:]]
        assert subprocess.run(check, check=False).returncode == 0
        home = tmp_path / "home"
        home.mkdir()
        assert user == neo4j_server.USER
        assert password == SECRETS["NEO4J_PASSWORD"]
        mapped = {"HEADWATER_GRAPH": planned.uri, "HEADWATER_GRAPH_PASSWORD": planned.password}
        try_services(Composed(config, home, mapped))
    assert subprocess.run(check, check=False).returncode != 0


def test_the_follower_reads_by_the_role_of_the_file(config: Config, tmp_path: Path) -> None:
    """What PostgreSQL's image runs makes a role that reads tables which Marquez makes later, and writes none; the service
    follows by it, and its check tells when it is not up. So does the database's own.
    """
    given = config["services"]["headwater-follow"]["environment"]
    mounted = str(config["services"]["marquez-db"]["volumes"])
    assert "deploy/marquez-db-reader.sh" in mounted
    assert "/docker-entrypoint-initdb.d/" in mounted
    with postgres_started() as server:
        database = make_empty(server, "marquez")
        script = {
            "POSTGRES_USER": OWNER, "POSTGRES_DB": "marquez", "PGHOST": "127.0.0.1", "PGPORT": str(server.port),
            "PGPASSWORD": server.password, "HEADWATER_MARQUEZ_PASSWORD": SECRETS["HEADWATER_MARQUEZ_PASSWORD"],
            "PATH": f"{server.binaries}{os.pathsep}{os.environ['PATH']}",
        }  # fmt: skip
        subprocess.run([ROOT / "deploy" / "marquez-db-reader.sh"], env=script, check=True)
        kind, *healthy = config["services"]["marquez-db"]["healthcheck"]["test"]
        assert (kind, subprocess.run(healthy, env=script, check=False).returncode) == ("CMD", 0)
        database.make_table()
        with database.connect() as connection:
            for event, _ in story("1 COMPLETE r1 load: a -> b"):
                database.insert(connection, event)
            rights = [
                connection.execute(
                    "SELECT has_table_privilege('headwater', 'lineage_events', %s)", [right]
                ).fetchone()
                for right in ("SELECT", "INSERT")
            ]
            assert rights == [(True,), (False,)]
        home = tmp_path / "home"
        home.mkdir()
        address = given["HEADWATER_FOLLOW"].replace("marquez-db:5432", f"127.0.0.1:{server.port}")
        composed = Composed(config, home, {"HEADWATER_FOLLOW": address})
        assert composed.check("headwater-follow").returncode == 3
        with composed.running("headwater-follow"):
            composed.wait_healthy("headwater-follow")
            until(lambda: len(digests_of(home)) == 1)
        found = composed.check("headwater-follow")
        assert (found.returncode, "stopped" in found.stdout) == (3, True)
    assert subprocess.run(healthy, env=script, check=False).returncode != 0


def test_the_gateways_log_is_read_as_it_is_written(config: Config, tmp_path: Path) -> None:
    """The service follows the log that the gateway of the file writes, and its check tells when it is not up."""
    home, log = tmp_path / "home", tmp_path / "access.log"
    home.mkdir()
    log.write_text("")
    composed = Composed(config, home, {"HEADWATER_GATEWAY_LOG": str(log)})
    assert composed.check("headwater-gateway").returncode == 3
    with composed.running("headwater-gateway"):
        composed.wait_healthy("headwater-gateway")
        log.write_text(json.dumps(ACCESS) + "\n")
        until(lambda: len(digests_of(home)) == 1)
    found = composed.check("headwater-gateway")
    assert (found.returncode, "nobody reads gateway" in found.stderr) == (3, True)
