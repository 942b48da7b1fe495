"""How do all events of a journal get into an empty state? Read on all processors, joined in order, derived later.

What is read is gathered where it is read: two thirds of an event are facets that were sent many times before, and
handing each over again would take as long as joining.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import uuid4

from ingest.children import here
from ingest.journal import Journal, Stored
from ingest.memo import Memo
from ingest.project.gather import Gathered, gather
from ingest.project.join import join
from ingest.project.touched import Touched
from ingest.projector_parts import BYTES_MAX, received, set_aside, set_aside_digests
from ingest.readers import read_here

if TYPE_CHECKING:
    from ingest.children import Everywhere
    from ingest.project.batch import Received
    from ingest.state import State

Progress = Callable[[str, int, int], None]
"""stage (`fold`, `wipe`, `derive runs`, `load`, ...), done, total; a total of 0 is not known."""

_EVENTS: Final = 1_000
_HANDED: Final = 200_000
"""Bodies that a process remembers having handed over: 20 MB."""


class Chunk(NamedTuple):
    """Events to read, and for which rebuild."""

    rebuild: str
    received: list[Received]


class Read(NamedTuple):
    """What a chunk's events contribute, and why each of some could not be read, by its place in the chunk."""

    gathered: Gathered
    failed: dict[int, str]


def fold_all(state: State, journal: Journal, end: int, say: Progress, *, over: Everywhere = here) -> int:
    """Join every event up to a position into an empty state, deriving nothing yet; give how many there were."""
    events = 0
    chunks: deque[list[Stored]] = deque()
    for read in over(read_chunk, _chunks(journal, end, chunks)):
        stored = chunks.popleft()
        for place, reason in read.failed.items():
            set_aside(journal, stored[place], reason)
        state.begin()
        join(state, read.gathered, Touched())
        state.commit()
        events += len(stored) - len(read.failed)
        say("fold", stored[-1].position, end)
    return events


def read_chunk(chunk: Chunk) -> Read:
    """Read events, and gather what they contribute but for the bodies that this process has handed over before."""
    said = read_here(chunk.received)
    gathered = gather([one for one in said if not isinstance(one, str)])
    handed = _handed(chunk.rebuild)
    new = {sha: text for sha, text in gathered.bodies.items() if not handed.get(sha)}
    for sha in new:
        handed.put(sha, True)  # noqa: FBT003 - remembered
    failed = {place: one for place, one in enumerate(said) if isinstance(one, str)}
    return Read(gathered._replace(bodies=new), failed)


@lru_cache(maxsize=1)
def _handed(_rebuild: str) -> Memo[bool]:
    return Memo(_HANDED)


def _chunks(journal: Journal, end: int, chunks: deque[list[Stored]]) -> Iterator[Chunk]:
    """Read the journal chunk by chunk, without what was set aside; `chunks` remembers what was given."""
    rebuild = str(uuid4())
    aside = set_aside_digests(journal)
    cursor = 0
    while stored := [
        one for one in journal.read_after(cursor, _EVENTS, bytes_max=BYTES_MAX) if one.position <= end
    ]:
        cursor = stored[-1].position
        kept = [one for one in stored if one.digest and one.digest not in aside]
        if kept:
            chunks.append(kept)
            yield Chunk(rebuild, [received(one) for one in kept])
