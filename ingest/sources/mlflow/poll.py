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
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import structlog

from graph_schema import instants
from graph_schema.errors import LineageError
from ingest.journal import Journal
from ingest.sources.mlflow import registry, tracking
from ingest.sources.mlflow.address import Address
from ingest.sources.mlflow.faults import ForeignSource
from ingest.sources.mlflow.ledger import Counts, Ledger
from ingest.sources.mlflow.mapping.facets import Json
from ingest.sources.mlflow.reading import Server, opened
from ingest.sources.mlflow.telling import Batch, tell
from ingest.sources.mlflow.tracking import Look
from ingest.standing import NUDGES, nudged_at
from ingest.standing import tell as tell_standing

SWEEP_PAUSE_S: Final = 600.0
TELL_S: Final = 1.0
NUDGE_S: Final = 0.25
RETRY_FIRST_S: Final = 0.5
RETRY_LONGEST_S: Final = 30.0
DEFAULT_EXPERIMENT: Final = "0"

log = structlog.get_logger("mlflow")


class Stopped(Exception):
    """Whoever reads was told to stop, in the middle of a look; all that was told is noted."""


class Poller:
    """Reads one server into one journal. Its place in the home must be held: `ledger.locked`."""

    def __init__(self, home: Path, journal: Journal, address: Address, *, name: str = "mlflow") -> None:
        """Open the ledger; `name` is that under which it says how it is."""
        self._home, self._journal, self._address, self._name = home, journal, address, name
        self._ledger = Ledger(home, journal, address.place.namespace)
        self._state, self._since = "starting", instants.now()
        self._error: dict[str, str] | None = None
        self._version = ""
        self._whole_at: float | None = None
        self._failing_since: float | None = None
        self._pause_s = RETRY_FIRST_S
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
        telling = asyncio.create_task(self._keep_telling())
        try:
            while not stop.is_set():
                try:
                    await self._while_well(stop, every_s=every_s, once=once)
                except Stopped:
                    return
                except (LineageError, sqlite3.Error, OSError) as error:
                    if self._failing_since is None:
                        self._failing_since = time.monotonic()
                    if time.monotonic() - self._failing_since >= patience_s:
                        raise
                    self._goes_wrong(error)
                    await self._wait(stop, self._pause_s)
                    self._pause_s = min(self._pause_s * 2, RETRY_LONGEST_S)
                else:
                    return
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling
            self._become("stopped")
            self._tell()
            self._ledger.close()

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
                self._whole_at = began
                self._goes_on()
                if once and (swept or not self._sweeping):
                    return
                if not self._sweeping:
                    await self._wait(stop, every_s)

    async def _look(self, server: Server, stop: asyncio.Event, *, sweeps: bool) -> bool:
        """Look once, with a page of the sweep where one is due; tells whether a sweep came through."""
        if self._ledger.cursor.ended is None:
            self._become("catching up")
        now_ms = int(time.time() * 1_000)
        batch = Batch(self._ledger)
        paths = await registry.look(server, batch, self._address.place)
        await self._take(batch)
        here = Look(server, self._address, self._ledger, self._take, paths)
        await tracking.look(here, now_ms=now_ms)
        self._become("following")
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
            with suppress(TimeoutError):
                async with asyncio.timeout(min(NUDGE_S, seconds)):
                    await stop.wait()

    def _become(self, state: str) -> None:
        if state != self._state:
            self._state, self._since = state, instants.now()

    def _goes_wrong(self, error: Exception) -> None:
        code, message = getattr(error, "code", "STATE"), str(error)
        since = self._error["since"] if self._error is not None else instants.now()
        self._error = {"code": code, "message": message, "since": since}
        self._become("waiting")
        self._tell()
        log.warning("cannot read", code=code, error=message, again_in_s=self._pause_s)

    def _goes_on(self) -> None:
        self._failing_since, self._pause_s = None, RETRY_FIRST_S
        if self._error is not None:
            log.info("goes on", since=self._error["since"])
            self._error = None

    async def _keep_telling(self) -> None:
        while True:
            self._tell()
            await asyncio.sleep(TELL_S)

    def _tell(self) -> None:
        tell_standing(self._home, self._name, self.standing())

    def standing(self) -> dict[str, Any]:
        """Say how it is, for `/readyz`, `headwater status` and the metrics."""
        cursor, open_runs = self._ledger.cursor, self._ledger.count_open()
        stopped = self._state == "stopped" or self._whole_at is None
        lag_s = None if stopped else time.monotonic() - (self._whole_at or 0)
        return {
            "state": self._state,
            "since": self._since,
            "address": self._address.shown,
            "namespace": self._address.place.namespace,
            "version": self._version or None,
            "lag_s": None if lag_s is None else round(lag_s, 3),
            "open_runs": open_runs,
            "sweeps": cursor.sweeps,
            **asdict(self.counts),
            **({"error": self._error} if self._error is not None else {}),
            "notes": [],
        }
