"""Who wants to hear when a set changes, and when is it looked at again?

The graph is looked at again only when it has moved on, no more often than a pause allows, and each distinct question once
however many ask it. Looking takes a fifth of the time at most: the busier the graph, the longer the pauses. Whoever is
slow to listen is told later what changed in all; nothing is queued for them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from graph_schema.errors import BadInput, LimitExceeded, LineageError, NodeNotFound, TimedOut, Unauthorized
from queries.limits import Limits
from queries.projection import Projection, readable
from queries.watched import Present, SetChange, Watched, change, present

if TYPE_CHECKING:
    from prometheus_client import Gauge

    from app.settings import Settings
    from queries.store import GraphStore

PAUSE_SHARE: Final = 4
"""For each second of looking, so many are spent waiting."""

WAIT_LONGEST_S: Final = 3600.0
"""Timers of an event loop have an end; the clock is looked at again."""

_FINAL: Final = (NodeNotFound, BadInput, LimitExceeded, TimedOut)
"""What ends a subscription; anything else (a graph that is away, or being rebuilt) passes, and is waited for."""


class TooManySubscriptions(LineageError):
    """As many are being served as may be at once."""

    code = "TOO_MANY_SUBSCRIPTIONS"


def too_many(most: int) -> TooManySubscriptions:
    """Make the refusal of one subscription, or one WebSocket, beyond what may be."""
    return TooManySubscriptions(
        f"{most} are being served (HEADWATER_SUBSCRIPTIONS_MAX); end one, or try later",
        setting="HEADWATER_SUBSCRIPTIONS_MAX",
        limit=most,
    )


@dataclass(slots=True, eq=False)
class _Watch:
    """One distinct question: what was found last, at which cursor, and how many want to hear of it."""

    asked: Watched
    present: Present | None = None
    cursor: int = -1
    ended: Exception | None = None
    listeners: int = 0
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    turned: asyncio.Event = field(default_factory=asyncio.Event)

    def turn(self) -> None:
        """Wake everybody who waits for news."""
        turned, self.turned = self.turned, asyncio.Event()
        turned.set()


class Watching:
    """All subscriptions of one server; they end when it is closed."""

    def __init__(self, store: GraphStore, settings: Settings, told: Gauge) -> None:
        """Watch a store; `told` shows how many subscriptions there are."""
        self._store = store
        self._most = settings.subscriptions_max
        self._pause_s = settings.subscription_pause_s
        self._limits = Limits(
            depth_max=settings.depth_max,
            nodes_max=settings.watched_nodes_max,
            page_max=settings.page_max,
            time_s=settings.question_timeout_s,
        )
        self._gauge = told
        self._watches: dict[Watched, _Watch] = {}
        self._open = 0
        self._keeping: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def open(self) -> int:
        """Say how many subscriptions there are."""
        return self._open

    @property
    def watched(self) -> int:
        """Say how many distinct questions they ask."""
        return len(self._watches)

    async def changes(
        self, asked: Watched, projection: Projection, *, until: float | None = None
    ) -> AsyncGenerator[SetChange, None]:
        """Tell what a set is at `projection` or later, then each change of it; ends when the server does.

        `until` is when the listener's leave ends, in seconds since 1970: Unauthorized is raised then. Raises
        TooManySubscriptions, and what `queries.watched.present` raises.
        """
        with self._listening(asked) as watch:
            await self._look(watch, projection)
            seen = watch.present
            if seen is None:
                return
            yield change(None, seen)
            while True:
                now = await self._newer(watch, seen, until)
                if now is None:
                    return
                if not now.same(seen):
                    yield change(seen, now)
                seen = now

    async def aclose(self) -> None:
        """End every subscription; new ones end at once."""
        self._closed = True
        for watch in self._watches.values():
            watch.turn()
        keeping = self._keeping
        if keeping is not None:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping

    @contextmanager
    def _listening(self, asked: Watched) -> Iterator[_Watch]:
        if self._open >= self._most:
            raise too_many(self._most)
        watch = self._watches.setdefault(asked, _Watch(asked))
        watch.listeners += 1
        self._count(1)
        if self._keeping is None and not self._closed:
            self._keeping = asyncio.create_task(self._keep_up())
        try:
            yield watch
        finally:
            watch.listeners -= 1
            self._count(-1)
            if not watch.listeners:
                self._forget(watch)
            if not self._watches and self._keeping is not None:
                self._keeping.cancel()
                self._keeping = None

    def _forget(self, watch: _Watch) -> None:
        if self._watches.get(watch.asked) is watch:
            del self._watches[watch.asked]

    def _count(self, by: int) -> None:
        self._open += by
        self._gauge.set(self._open)

    async def _newer(self, watch: _Watch, seen: Present, until: float | None) -> Present | None:
        """Wait for what is not what was seen; None when there will be nothing more."""
        while not self._closed:
            if watch.ended is not None:
                raise watch.ended
            left_s = None if until is None else until - time.time()
            if left_s is not None and left_s <= 0:
                raise Unauthorized("the token has expired; subscribe anew with a valid one")
            if watch.present is not seen:
                return watch.present
            with suppress(TimeoutError):
                await asyncio.wait_for(
                    watch.turned.wait(), None if left_s is None else min(left_s, WAIT_LONGEST_S)
                )
        return None

    async def _look(self, watch: _Watch, projection: Projection) -> None:
        """Look at what is watched, unless that was done at this position."""
        async with watch.looking:
            if watch.cursor == projection.cursor:
                return
            found = await present(self._store, watch.asked, self._limits, projection=projection)
            watch.cursor = projection.cursor
            if watch.present is None or not found.same(watch.present):
                watch.present = found
                watch.turn()

    async def _keep_up(self) -> None:
        """Look again whenever the graph has moved on; lasts as long as anybody listens."""
        now = asyncio.get_running_loop().time
        pause_s = self._pause_s
        while True:
            await asyncio.sleep(pause_s)
            began = now()
            with suppress(LineageError):  # it passes: the graph is away, or being rebuilt
                projection = await readable(self._store)
                for watch in list(self._watches.values()):
                    await self._look_again(watch, projection)
            pause_s = max(self._pause_s, PAUSE_SHARE * (now() - began))

    async def _look_again(self, watch: _Watch, projection: Projection) -> None:
        try:
            await self._look(watch, projection)
        except LineageError as error:
            if not isinstance(error, _FINAL):
                return
            watch.ended = error
        except Exception as error:  # noqa: BLE001 - whatever it was, those who wait must hear of it
            watch.ended = error
        if watch.ended is not None:
            self._forget(watch)  # whoever asks from now on asks anew
            watch.turn()
