"""How fast is a Marquez's history taken over, and how soon is what it stores here?

On a real PostgreSQL with Marquez's table, which the tests start; Marquez itself is not needed.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from app.demo.scratch import serving
from bench import estate, targets
from bench.estate import Size
from bench.figures import Figure, timed
from bench.subjects import Engine, command
from bench.wire import Connection
from tests.postgres.marquez import PASSWORD, READER, MarquezDatabase, kind_of, make_database, make_roles
from tests.postgres.server import started

RATE_S: Final = 100
SECRET: Final = {"HEADWATER_MARQUEZ_PASSWORD": PASSWORD}

_LOOK_EVERY_S: Final = 0.05
_PATIENCE_S: Final = 60.0
_COPY: Final = "COPY lineage_events (event_time, event, _event_type, created_at) FROM STDIN"


def following(on: Engine, folder: Path, size: Size, *, lag_s: float) -> Iterator[Figure]:
    """Take over an estate that a Marquez stored, make a graph of it, and follow what comes at RATE_S events a second."""
    events = list(estate.events(size))
    with started() as server:
        make_roles(server)
        filled = make_database(server, "filled")
        _fill(filled, events)
        yield from _backfill(on, folder / "home", filled, len(events))
        empty = make_database(server, "empty")
        rows = events[: int(RATE_S * lag_s)]
        yield asyncio.run(_lag(on, folder / "follower", empty, rows))


def _fill(database: MarquezDatabase, events: Sequence[Any]) -> None:
    with database.connect() as connection, connection.cursor().copy(_COPY) as copy:
        for event in events:  # Marquez stored each when its time was
            at = event["eventTime"]
            copy.write_row((at, json.dumps(event), kind_of(event), at))


def _backfill(on: Engine, home: Path, database: MarquezDatabase, rows: int) -> Iterator[Figure]:
    url = database.server.url(database.name, READER, "")
    words = ("backfill", url, "--home", str(home), "--once")
    said, taken = command(*words, on=Engine(on.name, {**on.env, **SECRET}))
    if said["events"] != rows:
        raise RuntimeError(f"{rows} rows gave {said}")
    what = f"backfill of {rows:,} rows into an empty home"
    yield Figure(f"{what}, start-up included", rows / taken, "events/s", targets.BACKFILL)
    _, made = command("rebuild", "--home", str(home), on=on)
    yield Figure(f"{what}, and the graph made of it", rows / (taken + made), "events/s")


async def _lag(on: Engine, home: Path, database: MarquezDatabase, events: Sequence[Any]) -> Figure:
    """Write rows at a steady rate, and look which are in the journal, which holds nothing else."""
    env = {**on.env, **SECRET, "HEADWATER_FOLLOW": database.server.url(database.name, READER, "")}
    written: list[float] = []
    seen: list[float] = []
    with serving(home, env=env) as server:
        async with Connection(server.url) as connection:
            writing = asyncio.create_task(asyncio.to_thread(_write, database, events, written))
            deadline = time.monotonic() + len(events) / RATE_S + _PATIENCE_S
            while len(seen) < len(events):
                end = int((await connection.get("/readyz")).json()["journal_end"])
                seen += [time.monotonic()] * (end - len(seen))
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{len(seen)} of {len(events)} rows were seen")
                await asyncio.sleep(_LOOK_EVERY_S)
            await writing
    late = [at - wrote for wrote, at in zip(written, seen, strict=True)]
    what = f"from commit at Marquez to the journal, {RATE_S} rows a second"
    return timed(what, late, targets.FOLLOW_LAG, note=f"{len(events):,} rows")


def _write(database: MarquezDatabase, events: Sequence[Any], written: list[float]) -> None:
    begin = time.monotonic()
    with database.connect() as connection:
        for number, event in enumerate(events):
            time.sleep(max(0.0, begin + number / RATE_S - time.monotonic()))
            database.insert(connection, event)
            written.append(time.monotonic())
