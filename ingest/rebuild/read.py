"""How do all events of a journal get into an empty state? Read on all processors, joined in order, derived later."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from ingest.children import here
from ingest.journal import Journal, Stored
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


def fold_all(state: State, journal: Journal, end: int, say: Progress, *, over: Everywhere = here) -> int:
    """Join every event up to a position into an empty state, deriving nothing yet; give how many there were."""
    events = 0
    chunks: deque[list[Stored]] = deque()
    for read in over(read_here, _received(journal, end, chunks)):
        stored = chunks.popleft()
        failed = [(one, said) for one, said in zip(stored, read, strict=True) if isinstance(said, str)]
        for one, reason in failed:
            set_aside(journal, one, reason)
        state.begin()
        join(state, [said for said in read if not isinstance(said, str)], Touched())
        state.commit()
        events += len(read) - len(failed)
        say("fold", stored[-1].position, end)
    return events


def _received(journal: Journal, end: int, chunks: deque[list[Stored]]) -> Iterator[list[Received]]:
    """Read the journal chunk by chunk, without what was set aside; `chunks` remembers what was given."""
    aside = set_aside_digests(journal)
    cursor = 0
    while stored := [
        one for one in journal.read_after(cursor, _EVENTS, bytes_max=BYTES_MAX) if one.position <= end
    ]:
        cursor = stored[-1].position
        kept = [one for one in stored if one.digest and one.digest not in aside]
        if kept:
            chunks.append(kept)
            yield [received(one) for one in kept]
