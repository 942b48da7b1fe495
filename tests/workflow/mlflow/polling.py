"""How do tests read a real MLflow server, and see what came into the journal?"""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from ingest.journal import Journal
from ingest.sources.mlflow.address import Address, address_of
from ingest.sources.mlflow.once import polled
from tests.facets import faults

Json = dict[str, Any]
NAMESPACE: Final = "mlflow://mlflow.example:5000"


def address(url: str, **more: Any) -> Address:
    """Name the server as it would be named in production: the free port of a test is no name."""
    return address_of(url, **{"namespace": NAMESPACE, **more})


def poll(home: Path, url: str, *, resync: bool = False, **more: Any) -> Json:
    """Read a server once; gives what came of it."""
    reading = polled(home, address(url, **more), follow=False, resync=resync, anew=False, every_s=1)
    return asyncio.run(reading)


def told(home: Path, after: int = 0) -> list[Json]:
    """Give the events of a journal; each facet of ours is as its schema says."""
    with closing(Journal.open(home / "journal.sqlite", read_only=True)) as journal:
        records = journal.read_after(after, 100_000)
    events = [json.loads(record.body) for record in records]
    assert [fault for event in events for fault in faults(event)] == []
    return events


def position(home: Path) -> int:
    """Give the end of a journal."""
    with closing(Journal.open(home / "journal.sqlite")) as journal:
        return journal.last_position()


def of_run(events: list[Json], run_id: str) -> list[Json]:
    """Give the events of an MLflow run."""
    return [one for one in events if one.get("run", {}).get("runId", "").replace("-", "") == run_id]


def of_dataset(events: list[Json], name: str) -> list[Json]:
    """Give the dataset events about a name."""
    return [one for one in events if one.get("dataset", {}).get("name") == name]


def shape(events: list[Json]) -> list[tuple[str, str]]:
    """Give type and job of each event."""
    return [(one["eventType"], one["job"]["name"]) for one in events]


def names(event: Json, side: str) -> list[tuple[str, str]]:
    """Give the datasets on a side of an event."""
    return [(one["namespace"], one["name"]) for one in event[side]]
