"""How does what an MLflow server holds get into the journal, whatever happens in between?

    look:  registry whole -> experiments -> runs that may be other than they were -> new logged models -> a page of the sweep
    then wait, shorter where somebody says that there is something new

The first look reads all that is there. Whatever goes wrong is told and tried again for ever.
"""

from __future__ import annotations

import asyncio
import math
import sqlite3
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from graph_schema.errors import LineageError
from ingest.journal import Journal
from ingest.sources.condition import CATCHING_UP, FOLLOWING, Condition, wait
from ingest.sources.faults import ForeignSource
from ingest.sources.mlflow import registry, tracking
from ingest.sources.mlflow.address import Address
from ingest.sources.mlflow.ledger import Counts, Ledger
from ingest.sources.mlflow.mapping.facets import Json
from ingest.sources.mlflow.reading import Server, opened
from ingest.sources.mlflow.telling import Batch, tell
from ingest.sources.mlflow.tracking import Look
from ingest.standing import NUDGES, nudged_at

SWEEP_PAUSE_S: Final = 600.0
NUDGE_S: Final = 0.25
RETRY_FIRST_S: Final = 0.5
RETRY_LONGEST_S: Final = 30.0
DEFAULT_EXPERIMENT: Final = "0"


class Stopped(Exception):
    """Whoever reads was told to stop, in the middle of a look; all that was told is noted."""


class Poller:
    """Reads one server into one journal. Its place in the home must be held: `ledger.locked`."""

    def __init__(self, home: Path, journal: Journal, address: Address, *, name: str = "mlflow") -> None:
        """Open the ledger; `name` is that under which it says how it is."""
        self._home, self._journal, self._address, self._name = home, journal, address, name
        self._ledger = Ledger(home, journal, address.place.namespace)
        self._condition = Condition(home, name, RETRY_FIRST_S, RETRY_LONGEST_S)
        self._version = ""
        self._sweeping = False
        self._nudged = 0
        self._stop = asyncio.Event()
        self._resynced = nudged_at(home, name, what=NUDGES[1])

    @property
    def counts(self) -> Counts:
        """Say what came of it so far, also in earlier processes."""
        return self._ledger.counts

    def begin_anew(self) -> None:
        """Forget what was told, and whose it was."""
        self._ledger.begin_anew()

    async def run(
        self,
        stop: asyncio.Event,
        *,
        every_s: float = 10.0,
        once: bool = False,
        resync: bool = False,
        patience_s: float = math.inf,
    ) -> None:
        """Look again and again until told to stop; with `once` until all that is there was told, with `resync` compared whole.

        Raises what went wrong once it has lasted for `patience_s`.
        """
        self._sweeping, self._stop = resync, stop
        try:
            async with self._condition.telling(self.standing):
                await self._run(stop, every_s=every_s, once=once, patience_s=patience_s)
        finally:
            self._ledger.close()

    async def _run(self, stop: asyncio.Event, *, every_s: float, once: bool, patience_s: float) -> None:
        while not stop.is_set():
            try:
                await self._while_well(stop, every_s=every_s, once=once)
            except Stopped:
                return
            except (LineageError, sqlite3.Error, OSError) as error:
                if self._condition.failing_s >= patience_s:
                    raise
                self._condition.goes_wrong(error)
                await self._wait(stop, self._condition.pause_s)
            else:
                return

    async def _while_well(self, stop: asyncio.Event, *, every_s: float, once: bool) -> None:
        async with opened(self._address) as server:
            self._version = await server.version()
            await self._check_identity(server)
            while not stop.is_set():
                began, self._nudged = time.monotonic(), nudged_at(self._home, self._name)
                resync = nudged_at(self._home, self._name, what=NUDGES[1])
                self._sweeping = self._sweeping or resync > self._resynced
                self._resynced = resync
                swept = await self._look(server, stop, sweeps=not once)
                self._condition.whole_at = began
                self._condition.goes_on()
                if once and (swept or not self._sweeping):
                    return
                if not self._sweeping:
                    await self._wait(stop, every_s)

    async def _look(self, server: Server, stop: asyncio.Event, *, sweeps: bool) -> bool:
        """Look once, with a page of the sweep where one is due; tells whether a sweep came through."""
        if self._ledger.cursor.ended is None:
            self._condition.become(CATCHING_UP)
        now_ms = int(time.time() * 1_000)
        batch = Batch(self._ledger)
        paths = await registry.look(server, batch, self._address.place)
        await self._take(batch)
        here = Look(server, self._address, self._ledger, self._take, paths)
        await tracking.look(here, now_ms=now_ms)
        self._condition.become(FOLLOWING)
        cursor = self._ledger.cursor
        due = sweeps and (cursor.sweep is not None or now_ms / 1_000 - cursor.swept_at >= SWEEP_PAUSE_S)
        swept = False
        while (due or self._sweeping) and not swept and not stop.is_set():
            swept = await tracking.sweep(here, now_ms=now_ms)
            if not self._sweeping:
                break
        await self._take(Batch(self._ledger))
        self._sweeping = self._sweeping and not swept
        return swept

    async def _check_identity(self, server: Server) -> None:
        """See that this is the server that was read before, by when its first experiment was made."""
        listed: list[Json] = await server.experiments()
        made = [one.get("creation_time") for one in listed if one.get("experiment_id") == DEFAULT_EXPERIMENT]
        identity = str(made[0]) if made and made[0] else ""
        if self._ledger.identity and identity and identity != self._ledger.identity:
            raise ForeignSource(
                f"{self._address.shown} holds other data than what was read as {self._address.place.namespace} so far; give "
                "that server, or name this one by another --namespace, or read it from its beginning with --anew",
                address=self._address.shown,
            )
        if identity and not self._ledger.identity:
            self._ledger.note_identity(identity)

    async def _take(self, batch: Batch) -> None:
        await asyncio.to_thread(tell, batch, self._journal)
        if self._stop.is_set():
            raise Stopped

    async def _wait(self, stop: asyncio.Event, seconds: float) -> None:
        """Wait for the next look, or until somebody says that there is something new."""
        end = time.monotonic() + seconds
        while not stop.is_set() and time.monotonic() < end:
            if nudged_at(self._home, self._name) > self._nudged:
                return
            await wait(stop, min(NUDGE_S, seconds))

    def standing(self) -> dict[str, Any]:
        """Say how it is, for `/readyz`, `headwater status` and the metrics."""
        return self._condition.said(
            address=self._address.shown,
            namespace=self._address.place.namespace,
            version=self._version or None,
            open_runs=self._ledger.count_open(),
            sweeps=self._ledger.cursor.sweeps,
            notes=[],
            **asdict(self.counts),
        )
