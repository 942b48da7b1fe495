"""How does Marquez name things and write times, and what do its names mean here?

Its node ids are `dataset:namespace:name`, unescaped, so that a namespace with colons can be read in several ways: all of
them are candidates, Marquez's own reading first. Versions have no id in OpenLineage; here one is made of what it
stands for, so that it is the same on every server and can be read back (decision 0052).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Final
from urllib.parse import unquote
from uuid import NAMESPACE_URL, UUID, uuid5

from graph_schema.identity import dataset_key, field_key, job_key, run_key, stored_namespace, uuid_of
from graph_schema.instants import SUSPECT, render_instant, to_datetime

CANDIDATES_MAX: Final = 64
"""Readings of one node id that are looked up; a name with so many colons has not been seen."""

_MADE: Final = uuid5(NAMESPACE_URL, "headwater:marquez")
_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
_MICRO: Final = timedelta(microseconds=1)
_RANDOM_BITS: Final = 62
"""Bits of a UUID below its version and variant; microseconds since year 1 need 59."""
_OWN_COLON: Final = re.compile(r":(?!//|[0-9])")
"""Where Marquez divides an id: not before the `//` of an address, nor before a port."""
_VERSIONED: Final = re.compile(r"(.*)#([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})", re.DOTALL)


def wire_time(instant: str | None) -> str | None:
    """Write an instant as Marquez does: fractions of a second in groups of three digits, none where they are zero."""
    if instant is None:
        return None
    whole, _, micros = instant[:-1].partition(".")
    if micros == "000000":
        return f"{whole}Z"
    return f"{whole}.{micros[:3]}Z" if micros.endswith("000") else instant


def short_time(instant: str) -> str:
    """Write an instant as Marquez does in the args of runs: without seconds where they are zero."""
    told = wire_time(instant) or ""
    return f"{told.removesuffix(':00Z')}Z" if told.endswith(":00Z") else told


def dataset_version(key: str, at: str | None) -> str:
    """Give the id of a dataset as it was at an instant."""
    since = (to_datetime(at or SUSPECT) - _FIRST) // _MICRO
    return str(UUID(int=uuid5(_MADE, key).int ^ since))


def version_instant(key: str, version: str) -> str | None:
    """Read from a version's id as of when it is; None for what is no version of this dataset."""
    own = uuid_of(version)
    if own is None:
        return None
    since = UUID(own).int ^ uuid5(_MADE, key).int
    if since >> _RANDOM_BITS:
        return None
    try:
        return render_instant(_FIRST + since * _MICRO)
    except OverflowError:
        return None


def job_version(key: str, inputs: Sequence[str], outputs: Sequence[str]) -> str:
    """Give the id of what a job reads and writes: the same datasets, the same version."""
    return str(uuid5(_MADE, "\n".join([key, *sorted(inputs), "", *sorted(outputs)])))


def made_uuid(*parts: str) -> str:
    """Give the id of what Marquez has a random one for."""
    return str(uuid5(_MADE, "\n".join(parts)))


def node_id(kind: str, *parts: str) -> str:
    """Write a node id as Marquez does: unescaped."""
    return ":".join([kind, *parts])


@dataclass(frozen=True, slots=True)
class NodeId:
    """A node id that was asked about: its kind, the keys that it may mean, best first, and the version, if one is named."""

    text: str
    kind: str
    keys: tuple[str, ...]
    version: str | None = None


def parse_node_id(text: str) -> NodeId | None:
    """Read a node id, Marquez's or a key of ours; None for any other text."""
    kind, colon, rest = text.partition(":")
    if not colon or kind not in {"dataset", "datasetField", "job", "run"}:
        return None
    versioned = _VERSIONED.fullmatch(rest)
    body, version = (versioned[1], versioned[2]) if versioned else (rest, None)
    if kind == "run":
        own = uuid_of(body)
        return None if own is None else NodeId(text, kind, (run_key(own),))
    keys: dict[str, None] = {}
    for key in islice(_keys(kind, body), 2 * CANDIDATES_MAX):
        keys.setdefault(key)
    return NodeId(text, kind, tuple(keys)[:CANDIDATES_MAX], version) if keys else None


def _keys(kind: str, body: str) -> Iterator[str]:
    for parts in _parts(body, 3 if kind == "datasetField" else 2):
        for one in (parts, tuple(unquote(part) for part in parts)):
            if kind == "job":
                yield job_key(stored_namespace(one[0]), one[1])
            elif kind == "dataset":
                yield dataset_key(stored_namespace(one[0]), one[1])
            else:
                yield field_key(dataset_key(stored_namespace(one[0]), one[1]), one[2])


def _parts(body: str, wanted: int) -> Iterator[tuple[str, ...]]:
    """Divide a text at its colons in every way: Marquez's first, then with as much as can be in the namespace."""
    own = [found.start() for found in islice(_OWN_COLON.finditer(body), wanted - 1)]
    if len(own) == wanted - 1:
        yield _cut(body, own)
    places = [at for at, letter in enumerate(body) if letter == ":"]
    if wanted == 2:  # noqa: PLR2004 - namespace and name
        yield from (_cut(body, [at]) for at in reversed(places))
        return
    for last in reversed(places):
        yield from (_cut(body, [at, last]) for at in reversed(places) if at < last)


def _cut(body: str, places: Sequence[int]) -> tuple[str, ...]:
    edges = [-1, *places, len(body)]
    return tuple(body[start + 1 : end] for start, end in pairwise(edges))
