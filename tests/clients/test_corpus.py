"""Does a running server take every event that real producers sent, and say of them what the journal says?"""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.demo.scratch import Server
from ingest.journal import Journal, Record
from ingest.sources.files import events_in
from queries.store import GraphStore
from tests.engine import Database
from tests.laws.projected import home
from tests.needs import corpus
from tests.server import canonical_rows, export

pytestmark = [pytest.mark.clients, pytest.mark.slow]
Json = dict[str, Any]


def bodies_by_file() -> dict[str, list[bytes]]:
    files = sorted(str(path) for path in corpus().glob("*.*json"))
    return {file: [one.raw for one in events_in([file])] for file in files}


def post_singly(client: httpx.Client, bodies: list[bytes]) -> list[tuple[int, Json]]:
    answers = (client.post("/api/v1/lineage", content=body) for body in bodies)
    return [(answer.status_code, answer.json()) for answer in answers]


def journalled(server: Server, kind: str) -> list[Record]:
    """Read what the server's journal holds of a kind."""
    with closing(Journal.open(server.home / "journal.sqlite", read_only=True)) as journal:
        return [
            Record(kind, one.body, one.digest, one.suspect, one.received_at, one.source, one.reason)
            for one in journal.read_after(0, 100_000, kind=kind)
        ]


async def replayed(store: GraphStore, folder: Path, records: list[Record]) -> list[Json]:
    """Give the export of these events, projected in this process."""
    async with home(store, folder, records) as made:
        await made.project()
        return (await made.found()).export


def test_every_real_event_is_taken_and_shown(server: Server, embedded: Database, tmp_path: Path) -> None:
    """DESIGN 3: 201, then 200 as a duplicate, never 5xx; nothing is set aside, and the export is that of the journal."""
    files = bodies_by_file()
    known: set[str] = set()
    with httpx.Client(base_url=server.url, timeout=60) as client:
        for file, bodies in files.items():
            for status, body in post_singly(client, bodies):
                assert status == (200 if body["id"] in known else 201), (file, body)
                assert body["duplicate"] is (status == 200), file
                known.add(body["id"])
            batch = client.post("/api/v1/lineage/batch", content=b"[" + b",".join(bodies) + b"]")
            told = batch.json()
            assert (batch.status_code, told["status"]) == (200, "success"), (file, told)
            assert told["summary"]["duplicates"] == told["summary"]["received"] == len(bodies), file
    shown = export(server)
    assert httpx.get(f"{server.url}/readyz", timeout=10).json()["lag"] == 0
    assert (journalled(server, "rejected"), journalled(server, "set-aside")) == ([], [])
    records = journalled(server, "event")
    assert {(one.digest or b"").hex() for one in records} == known
    again = embedded.run(lambda store: replayed(store, tmp_path, records))
    assert canonical_rows(shown) == canonical_rows(again)
    assert len(shown) == len(again)


def test_a_broken_event_is_refused_and_the_others_of_its_array_are_not(server: Server) -> None:
    """DESIGN 3: 400 for bad JSON and 422 for a bad event, each with a code; a batch takes what it can."""
    good = json.dumps(
        {"eventTime": "2026-05-01T00:00:00Z", "job": {"namespace": "n", "name": "array"}}
    ).encode()
    with httpx.Client(base_url=server.url, timeout=60) as client:
        for body in (body for bodies in bodies_by_file().values() for body in bodies[:1]):
            cut = client.post("/api/v1/lineage", content=body[:-1])
            assert (cut.status_code, cut.json()["code"]) == (400, "BAD_JSON")
            timeless = {name: value for name, value in json.loads(body).items() if name != "eventTime"}
            refused = client.post("/api/v1/lineage", json=timeless)
            assert (refused.status_code, refused.json()["pointer"]) == (422, "/eventTime")
        told = client.post("/api/v1/lineage/batch", content=b'[{"a": 1},' + good + b", 3]").json()
    assert [failed["index"] for failed in told["failed_events"]] == [0, 2]
    assert (told["status"], told["summary"]["successful"]) == ("partial_success", 1)
