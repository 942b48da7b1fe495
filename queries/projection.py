"""Up to where is the graph made, and has it reached the position a reader needs?

A position is the decimal text of a journal position. The projector writes its cursor in the same transaction
as the rows, so what the cursor says is what the graph holds.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Final

from graph_schema.errors import BadInput, NotCaughtUp, Rebuilding
from queries.statements import statement
from queries.store import GraphStore

BLOCKED_NOTE: Final = "projector.blocked"
"""File beside the journal in which a projector that cannot go on says why: JSON with code, message and since."""

_POSITION = re.compile(r"[0-9]{1,18}", re.ASCII)
POLL_FIRST_S: Final = 0.01
POLL_LONGEST_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Projection:
    """Where the projector stands. A graph that was never projected stands at 0."""

    cursor: int
    journal: str | None = None
    state: str | None = None
    rebuilding: bool = False
    version: int | None = None

    @property
    def position(self) -> str:
        """Give the cursor as it is written on the wire."""
        return str(self.cursor)


async def read_projection(store: GraphStore) -> Projection:
    """Say where the projector stands, a rebuild going on included."""
    rows = await store.read(statement("projection_read/cursor"))
    if not rows:
        return Projection(cursor=0)
    row = rows[0]
    return Projection(
        int(row["cursor"] or 0), row["journal"], row["state"], bool(row["rebuilding"]), row["version"]
    )


async def readable(store: GraphStore) -> Projection:
    """Say where the projector stands; raises Rebuilding while the graph is only partly there."""
    projection = await read_projection(store)
    if projection.rebuilding:
        raise Rebuilding("the graph is being rebuilt from the journal; ask again when /readyz answers 200")
    return projection


async def wait_for(store: GraphStore, position: str | None, timeout_s: float) -> Projection:
    """Wait until the graph holds everything up to a position (None: do not wait), then say where it stands.

    Raises NotCaughtUp when that takes longer than `timeout_s`, Rebuilding, or BadInput for no position.
    """
    projection = await readable(store)
    if position is None:
        return projection
    wanted = parse_position(position)
    loop = asyncio.get_running_loop()
    end, pause_s = loop.time() + timeout_s, POLL_FIRST_S
    while projection.cursor < wanted:
        left_s = end - loop.time()
        if left_s <= 0:
            raise NotCaughtUp(
                f"the graph holds events up to position {projection.cursor}, not yet {wanted}; ask again, "
                "or see the lag at /readyz",
                position=projection.position,
                at_least=position,
            )
        await asyncio.sleep(min(pause_s, left_s))
        pause_s = min(pause_s * 1.5, POLL_LONGEST_S)
        projection = await readable(store)
    return projection


def parse_position(text: str) -> int:
    """Read a position; raises BadInput."""
    if _POSITION.fullmatch(text) is None:
        raise BadInput("`at_least` is no position; use what POST answered, unchanged", at_least=text[:60])
    return int(text)
