"""How is a process that reads a source: what does it do, since when, what stands in its way, and when does it try again?"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog

from graph_schema import instants
from ingest.standing import tell

TELL_S: Final = 1.0
STARTING, CATCHING_UP, FOLLOWING, WAITING, STOPPED = (
    "starting",
    "catching up",
    "following",
    "waiting",
    "stopped",
)


@dataclass(slots=True)
class Condition:
    """What a process says of itself under a name in its home, and how long it waits before it tries again.

    `pause_s` is `first_s` after a first failure and twice as long after each further one, up to `longest_s`.
    """

    home: Path
    name: str
    first_s: float
    longest_s: float
    state: str = STARTING
    since: str = field(default_factory=instants.now)
    error: dict[str, str] | None = None
    pause_s: float = 0.0
    failing_since: float | None = None
    whole_at: float | None = None
    """When the look began that last came through, by the monotonic clock: what was there by then is known."""

    def become(self, state: str) -> None:
        """Be in a state, since now where it was in another."""
        if state != self.state:
            self.state, self.since = state, instants.now()

    def goes_wrong(self, error: Exception) -> None:
        """Take note of a failure, and say so in the log."""
        code = getattr(error, "code", "STATE")
        if self.error is None:
            self.failing_since, self.pause_s = time.monotonic(), self.first_s
        else:
            self.pause_s = min(self.pause_s * 2, self.longest_s)
        since = instants.now() if self.error is None else self.error["since"]
        self.error = {"code": code, "message": str(error), "since": since}
        self.become(WAITING)
        structlog.get_logger(self.name).warning(
            "cannot read", code=code, error=str(error), again_in_s=self.pause_s
        )

    def goes_on(self) -> None:
        """Take note that nothing stands in its way."""
        if self.error is not None:
            structlog.get_logger(self.name).info("goes on", since=self.error["since"])
            self.error = self.failing_since = None

    def pause_after(self, usual_s: float) -> float:
        """Say how long to wait before the next look: as usual, or as long as failures have it."""
        return usual_s if self.error is None else self.pause_s

    @property
    def failing_s(self) -> float:
        """Say how long it has not come through."""
        return 0.0 if self.failing_since is None else time.monotonic() - self.failing_since

    @property
    def lag_s(self) -> float | None:
        """Say of how long ago everything is known; None where no look came through, or nobody looks any more."""
        if self.whole_at is None or self.state == STOPPED:
            return None
        return round(time.monotonic() - self.whole_at, 3)

    def said(self, **more: Any) -> dict[str, Any]:
        """Give all of it as it is told, with what this source has to say besides."""
        error = {} if self.error is None else {"error": self.error}
        return {"state": self.state, "since": self.since, "lag_s": self.lag_s, **more, **error}

    @asynccontextmanager
    async def telling(self, standing: Callable[[], dict[str, Any]]) -> AsyncIterator[None]:
        """Tell how it is, every second for the length of a block, and in the end that it has stopped."""
        keeps_telling = asyncio.create_task(self._keep_telling(standing))
        try:
            yield
        finally:
            keeps_telling.cancel()
            with suppress(asyncio.CancelledError):
                await keeps_telling
            self.become(STOPPED)
            tell(self.home, self.name, standing())

    async def _keep_telling(self, standing: Callable[[], dict[str, Any]]) -> None:
        while True:
            tell(self.home, self.name, standing())
            await asyncio.sleep(TELL_S)


async def wait(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until told to stop."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds if math.isfinite(seconds) else None):
            await stop.wait()
