"""Is anything missed or doubled when the follower is killed while Marquez's table fills?"""

from __future__ import annotations

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from app.demo.scratch import serving
from ingest.inbox import judge
from tests.needs import corpus
from tests.postgres.following import digests_of, follower_process, rejected_of, standing, until
from tests.postgres.marquez import SCENARIOS, MarquezDatabase, posted, recorded
from tests.server import canonical_rows, export, headwater

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(900)]

WRITERS: Final = 8
KILLS: Final = 8
SEED: Final = 6
AT: Final = "2026-05-01T10:00:00.000000Z"


def write_mixed(database: MarquezDatabase, rows: list[Any], rng: random.Random) -> None:
    """Write rows over one connection, some in transactions that stay open for a while."""
    with database.connect() as connection:
        for row in rows:
            pause_s = rng.choice([0, 0, 0.02, 0.1])
            with connection.transaction():
                database.insert(connection, row)
                time.sleep(pause_s)


def direct() -> list[bytes]:
    """Give the same events as they were posted to that Marquez, where it stored them."""
    found = []
    for scenario in SCENARIOS:
        for post in posted(scenario):
            body = (corpus() / post["file"]).read_bytes()
            if post["status"] in {201, 400}:
                found.append(body.splitlines()[post["line"]] if post["file"].endswith(".ndjson") else body)
    return found


def graphs(home: Path, bodies: list[bytes]) -> tuple[set[str], set[str]]:
    """Give the graph of a home, before and after these events are posted to its server."""
    with serving(home) as server:
        before = canonical_rows(export(server))
        for body in bodies:
            answer = httpx.post(f"{server.url}/api/v1/lineage", content=body, timeout=60)
            assert answer.status_code in {200, 201, 422}, answer.text
        return before, canonical_rows(export(server))


def as_stored(rows: set[str]) -> set[str]:
    """Write the hash that an event has once Marquez rewrote its `nominalTime`, where a facet names the event it is of."""
    records = [record_of(body) for body in direct()]
    stored = {one.digest.hex(): one.alias.hex() for one in records if one.digest and one.alias}
    found = [json.loads(row) for row in rows]
    return canonical_rows(
        {**row, "event": stored.get(row["event"], row["event"])} if row["type"] == "facet" else row
        for row in found
    )


def test_nothing_is_missed_or_doubled(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """All that a real Marquez stored, from eight connections at once, with broken events among it, while the follower is
    killed eight times: the graph is that of the same events posted directly, and posting them as well changes nothing.
    """
    home, rng = tmp_path / "followed", random.Random(SEED)
    events = [row["event"] for scenario in SCENARIOS for row in recorded(scenario)]
    mixed = [*events, *({"broken": number} for number in range(40))]
    rng.shuffle(mixed)
    with ThreadPoolExecutor(WRITERS) as pool:
        written = [
            pool.submit(write_mixed, marquez_db, mixed[number::WRITERS], random.Random(number))
            for number in range(WRITERS)
        ]
        for _ in range(KILLS):
            with follower_process(home, marquez_db.address) as process:
                time.sleep(rng.uniform(0.6, 2.0))
                assert process.poll() is None
        for one in written:
            one.result()
    expected = {
        record.alias or record.digest for record in map(record_of, direct()) if record.kind == "event"
    }
    with follower_process(home, marquez_db.address) as process:
        until(lambda: (home / "journal.sqlite").exists() and set(digests_of(home)) == expected, timeout_s=90)
        until(lambda: len(rejected_of(home)) >= 40)
        # Its own word: what the one that was killed last said stands there until then.
        until(lambda: (standing(home)["pid"], standing(home)["state"]) == (process.pid, "following"))
        process.terminate()
        assert process.wait(20) == 0
    assert len(digests_of(home)) == len(expected)
    assert len(rejected_of(home)) == len(set(rejected_of(home))) == 40
    assert headwater("verify", "--home", str(home)).returncode == 0
    followed, posted_too = graphs(home, direct())
    empty, posted_alone = graphs(tmp_path / "posted", direct())
    assert empty == set()
    assert followed == posted_too == as_stored(posted_alone)
    assert len(digests_of(home)) == len(expected)


def record_of(body: bytes) -> Any:
    return judge(body, received_at=AT, source="http").record
