"""How is a Marquez's history taken over by somebody who waits for it?"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from ingest.sources.child import journal_in
from ingest.sources.marquez.address import Address
from ingest.sources.marquez.follow import Follower
from ingest.sources.marquez.kept import locked
from ingest.sources.marquez.rows import Counts
from ingest.standing import forget

WITHOUT_END_S: Final = 10.0**9


async def backfilled(
    home: Path,
    address: Address,
    *,
    timeout_s: float,
    anew: bool,
    patience_s: float | None,
    say: Callable[[int, int, int, str | None], object],
) -> dict[str, Any]:
    """Read a Marquez's table into a home's journal, and go on until SIGINT or SIGTERM, or with a patience until the end.

    Gives what came of it in this process. Raises what stands in the way at once while nothing could be read, and later
    when the patience is over.
    """
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    with (
        locked(home),
        journal_in(home) as journal,
    ):
        follower = Follower(home, journal, address, timeout_s=timeout_s)
        if anew:
            follower.begin_anew()
        before = Counts(**asdict(follower.counts))
        follower.hear(
            lambda rows, total, size, why: say(
                rows - before.rows, total - before.rows, size - before.bytes, why
            )
        )
        try:
            await follower.run(stop, once=patience_s is not None, patience_s=patience_s or WITHOUT_END_S)
        finally:
            forget(home, "follow")  # a server beside this is not to be alarmed that nobody follows now
    return told(before, follower.counts, address, follower.standing()["notes"])


def told(before: Counts, after: Counts, address: Address, notes: list[str]) -> dict[str, Any]:
    """Give what came of a backfill."""
    counted = {name: number - getattr(before, name) for name, number in asdict(after).items()}
    return {"address": address.shown, **counted, "notes": notes, "limits": []}
