"""How is an MLflow server read by somebody who waits for it?"""

from __future__ import annotations

import asyncio
import math
import signal
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ingest.sources.child import journal_in
from ingest.sources.mlflow.address import Address
from ingest.sources.mlflow.ledger import locked, mark_of
from ingest.sources.mlflow.poll import Poller
from ingest.standing import forget


async def polled(
    home: Path, address: Address, *, follow: bool, resync: bool, anew: bool, every_s: float
) -> dict[str, Any]:
    """Read a server into a home's journal: once, or until SIGINT or SIGTERM. Gives what came of it in this process.

    Read once, what stands in the way is raised; following, it is tried again.
    """
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    name = f"mlflow-{mark_of(address.place.namespace)}"
    with (
        locked(home, address.place.namespace),
        journal_in(home) as journal,
    ):
        poller = Poller(home, journal, address, name=name)
        if anew:
            poller.begin_anew()
        before = asdict(poller.counts)
        try:
            await poller.run(
                stop,
                every_s=every_s,
                once=not follow,
                resync=resync,
                patience_s=math.inf if follow else 0,
            )
        finally:
            forget(home, name)
        counted = {one: number - before[one] for one, number in asdict(poller.counts).items()}
        return {"address": address.shown, "namespace": address.place.namespace, **counted}
