"""What is an observation? (job, output, at, sources, evidence), rule D1."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

import msgspec

from ingest.facets.stated import Column, Transformation


class Evidence(IntEnum):
    """How a source is known, strongest first (rule D2)."""

    EXPLICIT = 0
    COLUMN = 1
    RENAME = 2
    DECLARED = 3
    PRODUCT = 4


class Kind(IntEnum):
    """What gave an observation."""

    COMPLETED = 0
    PROVISIONAL = 1
    STREAM = 2
    SNAPSHOT_WITHOUT = 3
    SERVICE = 4
    SERVICE_END = 5
    RENAME = 6
    DECLARED = 7
    DECLARED_NONE = 8
    TOLD = 9
    SERVICE_WITHOUT = 10


WRITES: Final = frozenset({Kind.COMPLETED, Kind.PROVISIONAL, Kind.STREAM, Kind.SERVICE, Kind.RENAME})
"""The kinds that count for `last_written_at`, when a run gave them (rule F13)."""


SERVING: Final = frozenset({Kind.SERVICE, Kind.SERVICE_WITHOUT})
"""The kinds that a service run gives while it is open."""

DECLARATIONS: Final = frozenset({Kind.DECLARED, Kind.DECLARED_NONE})
"""The kinds that count only while no run has stated anything (rule D1)."""


class Content(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What an observation says of its output, shared by all that say the same.

    `sources` are (dataset key as sent, evidence); a name that was renamed may stand there twice.
    Nothing stated: no sources and not `none`, so silent.
    `none_by_entry`: it states none by an entry of a run, which is knowledge (rule D2).
    """

    sources: tuple[tuple[str, int], ...] = ()
    columns: tuple[tuple[Column, tuple[Transformation, ...]], ...] = ()
    none: bool = False
    none_by_entry: bool = False

    @property
    def silent(self) -> bool:
        """Tell whether nothing is stated about sources."""
        return not self.sources and not self.none


SILENT: Final = Content()
NONE: Final = Content(none=True)


class Observation(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One observation of an output, on canonical names. `at` is a moment: suspect or not, and time.

    The rest is what uniting and the rules on runs need: the run and attempt that gave it, its parent run,
    its span (moments; `end` "~" is open), its map index, and the place of its event in the
    attempt. For a service run, `start` and `end` span its being open.
    """

    output: str
    at: str
    kind: int
    content: Content
    run: str = ""
    attempt: int = 0
    parent: str | None = None
    start: str = ""
    end: str = ""
    map_index: int | None = None
    place: int = 0


def completes(observation: Observation) -> bool:
    """Tell whether an observation, being given, takes the place of provisional ones in its stretch (rule D1)."""
    done = observation.kind in {Kind.COMPLETED, Kind.RENAME} and not observation.content.silent
    return bool(observation.run) and done


class Boundary(NamedTuple):
    """A DROP of the output: its moment, and the run attempt that did it ("" for a DatasetEvent)."""

    at: str
    run: str
    attempt: int


OPEN: Final = "~"
"""A moment later than every other: the end of an open span."""
