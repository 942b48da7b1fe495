"""From what was something made, looked at as things stood when it was made (rule D6)?

Each dataset is looked at as of the newest instant at which something on the way read it: the edges that held then, and
of each of their jobs the run that wrote last by then. What that run read, it read when it began. So the instants only
go back, the newest is settled first, and each dataset is looked at once: what happened later changes nothing.

A view is no copy: what is read through it is looked at when it was read, not when the view was defined. A model is
written once: it is looked at as its maker wrote it, also where a registry took it in while its run still went on.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from queries.acts import Read, Write, Writes
from queries.lists import read_lists
from queries.statements import statement
from queries.store import GraphStore

_KEYS_MAX: Final = 500
_LOOKED_THROUGH: Final = frozenset({"VIEW", "FEATURE_VIEW", "FEATURE_SERVICE"})
_MADE_ONCE: Final = frozenset({"LOGGED_MODEL", "MODEL_VERSION"})


class Entering(NamedTuple):
    """An edge into a dataset, of one job, with all its intervals."""

    source: str
    job: str | None
    evidence: str
    valid_from: Sequence[str]
    valid_to: Sequence[str]
    earlier: int

    def holds(self, at: str) -> bool:
        """Tell whether data flowed over it at an instant."""
        return any(start <= at < end for start, end in zip(self.valid_from, self.valid_to, strict=True))

    def is_forgotten(self, at: str) -> bool:
        """Tell whether the instant lies before the intervals that are kept."""
        return self.earlier > 0 and at < min(self.valid_from, default=at)


class Facts(NamedTuple):
    """All that is known of one dataset: what it is, the edges into it, and who wrote it."""

    kind: str | None
    made_by: str | None
    entering: Sequence[Entering]
    writes: Sequence[Write]
    drops: Sequence[str] = ()


class Source(NamedTuple):
    """What a dataset was made from: by which job and run, and as of which instant that is looked at in turn."""

    dataset: str
    job: str | None
    evidence: str
    run: str | None
    at: str


class Made(NamedTuple):
    """How a dataset stood at an instant: the runs that made it, newest first, and what from."""

    dataset: str
    at: str
    runs: tuple[str, ...]
    sources: tuple[Source, ...]
    forgotten: bool = False


@dataclass(slots=True)
class Anchored:
    """What was walked: each dataset as it stood, how many edges from the root it lies, and what cut the walk short."""

    root: str
    made: dict[str, Made] = field(default_factory=dict)
    depth_of: dict[str, int] = field(default_factory=dict)
    truncated_by: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a walk may look at: datasets, writes of all of them, and until which time of the loop."""

    datasets_max: int
    writes_max: int
    ends_at: float


def made(dataset: str, at: str, facts: Facts) -> Made:
    """Say how a dataset stood at an instant. Pure; this is the rule. Nothing was read later than that instant."""
    asked = at
    all_writes = Writes(facts.writes, facts.drops)
    last = [match.write for match in all_writes.read_by(Read("", dataset, at))]
    maker = _maker(facts, last, at)
    if maker is not None:
        last, at = [maker], maker.at
    held = [edge for edge in facts.entering if edge.holds(at)]
    sources: list[Source] = []
    runs: dict[str, str] = {}
    for edge in held:
        own = [one for one in facts.writes if one.job == edge.job]
        by = [match.write for match in Writes(own, facts.drops).read_by(Read("", dataset, at))]
        for write in by:
            runs[write.run] = write.at
            goes_on = write.began_at is not None or facts.kind in _LOOKED_THROUGH
            read_at = asked if goes_on else min(write.begins, asked)
            sources.append(Source(edge.source, edge.job, edge.evidence, write.run, read_at))
        if not by:
            sources.append(Source(edge.source, edge.job, edge.evidence, None, asked))
    if not runs:
        runs = {write.run: write.at for write in last}
    forgotten = any(edge.is_forgotten(at) for edge in facts.entering)
    newest = sorted(runs, key=lambda run: (runs[run], run), reverse=True)
    return Made(dataset, at, tuple(newest), tuple(sorted(sources, key=str)), forgotten)


def _maker(facts: Facts, last: Sequence[Write], at: str) -> Write | None:
    """Find the one write that is looked at as it was done, whatever the instant of the read; None where that counts.

    Of a model that of the run which its registry names, else the last. Of anything else that nobody had written by then,
    that of a run which was at it.
    """
    counted = sorted((one for one in facts.writes if one.counts), key=lambda one: (one.at, one.run))
    if facts.kind in _MADE_ONCE:
        named = [one for one in counted if one.run == facts.made_by] or list(last)
        if named:
            return max(named, key=lambda one: (one.at, one.run))
    return None if last else next((one for one in counted if one.begins <= at), None)


async def anchored_walk(store: GraphStore, root: str, at: str, bounds: Bounds) -> Anchored:
    """Walk upstream from a dataset as it stood at an instant."""
    walk = Anchored(root)
    facts: dict[str, Facts] = {}
    waiting: dict[str, str] = {root: at}
    heap = [(_later(at), root)]
    writes_left = bounds.writes_max
    while heap:
        _, dataset = heapq.heappop(heap)
        if dataset in walk.made:
            continue
        if dataset not in facts:
            missing = sorted(key for key in waiting if key not in facts)
            if asyncio.get_running_loop().time() >= bounds.ends_at or writes_left < 0:
                walk.truncated_by.append("writes" if writes_left < 0 else "time")
                break
            found = await read_facts(store, missing, writes_left)
            writes_left -= sum(len(one.writes) for one in found.values())
            facts |= found
        if len(walk.made) >= bounds.datasets_max:
            walk.truncated_by.append("nodes")
            break
        settled = walk.made[dataset] = made(dataset, waiting.pop(dataset), facts.pop(dataset))
        for source in settled.sources:
            if source.dataset not in walk.made and source.at > waiting.get(source.dataset, ""):
                waiting[source.dataset] = source.at
                heapq.heappush(heap, (_later(source.at), source.dataset))
    if any(one.forgotten for one in walk.made.values()):
        walk.truncated_by.append("intervals")
    walk.depth_of = _depths(root, walk.made)
    return walk


async def read_facts(store: GraphStore, keys: Sequence[str], writes_max: int) -> dict[str, Facts]:
    """Read what is known of datasets, all that matters whatever the instant."""
    what, entering, writes, changes = await asyncio.gather(
        read_lists(store, statement("ml/as_models"), keys, size=_KEYS_MAX),
        read_entering(store, keys),
        read_lists(store, statement("runs/writes_to"), keys, size=_KEYS_MAX, limit=max(writes_max, 0) + 1),
        read_lists(store, statement("runs/changes_of"), keys, size=_KEYS_MAX),
    )
    kinds = {key: (kind, made_by) for row in what for key, kind, made_by in row["datasets"]}
    written: dict[str, list[Write]] = {}
    for row in writes:
        for act in row["acts"]:
            written.setdefault(act[1], []).append(Write(*act))
    dropped: dict[str, list[str]] = {}
    for row in changes:
        for key, *lists in row["changes"]:
            dropped[key] = [at for kind, at, *_ in zip(*lists, strict=True) if kind == "DROPPED"]
    return {
        key: Facts(
            *kinds.get(key, (None, None)), entering.get(key, ()), written.get(key, ()), dropped.get(key, ())
        )
        for key in keys
    }


async def read_entering(store: GraphStore, keys: Sequence[str]) -> dict[str, list[Entering]]:
    """Read the edges that ever entered some datasets."""
    rows = await read_lists(store, statement("ml/entering"), keys, size=_KEYS_MAX)
    entering: dict[str, list[Entering]] = {}
    for row in rows:
        for key, source, job, evidence, valid_from, valid_to, earlier in row["edges"]:
            edge = Entering(source, job, evidence, valid_from, valid_to, earlier or 0)
            entering.setdefault(key, []).append(edge)
    return entering


def _later(at: str) -> tuple[int, ...]:
    """Order instants so that the newest comes first."""
    return tuple(-ord(sign) for sign in at)


def _depths(root: str, made_of: Mapping[str, Made]) -> dict[str, int]:
    """Count the edges between the root and each dataset that was settled."""
    depths = {root: 0} if root in made_of else {}
    frontier: Iterable[str] = list(depths)
    while frontier:
        further: list[str] = []
        for dataset in frontier:
            for source in made_of[dataset].sources:
                if source.dataset in made_of and source.dataset not in depths:
                    depths[source.dataset] = depths[dataset] + 1
                    further.append(source.dataset)
        frontier = further
    return depths
