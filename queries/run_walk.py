"""Which runs fed a run, or a version of a dataset, and which did it feed?

Every hop uses the state at that run's own reads, not today's (rule D6): what a run read is matched with what was written
by then (`queries/acts.py`). Rows are runs; where no run is known at the other end, the dataset itself is the row. All
acts on a dataset are read at most once for an answer, and each read is matched in memory, by halving: a walk through
the whole history of a job costs what that history holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from queries.acts import Match, Read, Write, Writes
from queries.lists import read_lists
from queries.nodes import read_datasets, told
from queries.reached import Page
from queries.results import Dataset, LineageEdge, RunFlow
from queries.roots import Root
from queries.statements import statement
from queries.store import GraphStore
from queries.walk import ANY_TIME, LAST_OPEN_INSTANT, Level, Walk

_RUNS_MAX: Final = 2_000
_DATASETS_MAX: Final = 200
EVIDENCE: Final = "EXPLICIT"
"""Both runs said what they read and wrote; how the write was found is told by `matched_by`."""

Pair = tuple[str, str]


class _Acts(NamedTuple):
    """What was done to one dataset: its writes to look up, and, where readers are asked for, who read which."""

    writes: Writes
    readers: Mapping[str, Sequence[Match]]
    unmatched: Sequence[Read]
    matches: int


class _Change(NamedTuple):
    """What happened to a name of the dataset, or to one that the run wrote, that was asked about."""

    of: str
    kind: str
    at: str
    other: str
    run: str


class RunWalk:
    """A walk from run to run. Edges are kept as they are met, with what went over them."""

    def __init__(self, store: GraphStore, walk: Walk) -> None:
        """Set out from the walk's starts; as many acts are looked at as nodes may be reached."""
        self._store = store
        self._walk = walk
        self._downstream = walk.reach.direction == "downstream"
        self._acts_left = walk.budget.nodes_max
        self._acts: dict[str, _Acts] = {}
        self._flows: dict[Pair, set[RunFlow]] = {}
        self._expanded: set[str] = set()
        self._left_out: set[str] = set()
        self._matches = 0

    async def fill(self, page: Page, root: Root, as_of: str | None) -> None:
        """Walk as far as the page needs, and on where totals are asked for; then meet the edges of its last rows."""
        if root.listed:
            page.take(Level(0, dict.fromkeys(root.starts, "RUN")))
        if not page.done:
            async for level in self._levels(root, as_of):
                page.take(level)
                if page.done:
                    break
        if page.totals:
            await self._expand(self._walk.frontier)
            known = self._walk.depth_of
            self._walk.pairs = sum(1 for ends in self._flows if ends[0] in known and ends[1] in known)
        if page.shown:
            # Edges are met from one side alone: from rows of this page that the walk did not go on from, too.
            last = page.shown[-1]
            await self._expand([key for key, depth in self._walk.depth_of.items() if (depth, key) <= last])

    async def edges(self, shown: Sequence[str]) -> list[LineageEdge]:
        """Give the edges whose later end in page order is one of some nodes; they were all met by now."""
        depth_of = self._walk.depth_of
        on_page = frozenset(shown)
        pairs = [
            ends
            for ends in self._flows
            if ends[0] in depth_of
            and ends[1] in depth_of
            and max(ends, key=lambda key: (depth_of[key], key)) in on_page
        ]
        return [_edge(ends, self._flows[ends]) for ends in sorted(pairs)]

    async def _levels(self, root: Root, as_of: str | None) -> AsyncIterator[Level]:
        walk = self._walk
        first = await self._from_dataset(root.node.key, as_of) if isinstance(root.node, Dataset) else None
        while not walk.ended:
            met = await self._expand(walk.frontier) if first is None else first
            first = None
            level = Level(walk.depth + 1, await self._kinds(met - walk.depth_of.keys()))
            walk.enter(level)
            if level.kinds:
                yield level

    async def _kinds(self, keys: set[str]) -> dict[str, str]:
        """Say what new nodes are, as many as there is room for."""
        room = max(self._walk.budget.nodes_max - len(self._walk.depth_of), 0)
        if len(keys) > room:
            self._cut("nodes")
        kept = sorted(keys)[:room]
        ends = await read_datasets(self._store, [key for key in kept if not key.startswith("run:")])
        return {key: ends[key].kind if key in ends else "RUN" for key in kept}

    async def _from_dataset(self, dataset: str, as_of: str | None) -> set[str]:
        """Set out from the last write of a dataset: to who wrote it, or to who read that."""
        acts = (await self._acts_on([dataset])).get(dataset)
        if acts is None:
            return set()
        written = acts.writes.read_by(Read("", dataset, as_of or LAST_OPEN_INSTANT))
        if not self._downstream:
            flows = [((one.write.run, dataset), _written(one.write)) for one in written]
        elif written:
            matches = [match for one in written for match in acts.readers.get(one.write.run, ())]
            flows = [((dataset, match.read.run), _flow(match)) for match in matches]
        else:
            flows = [((dataset, read.run), _read(read)) for read in acts.unmatched]
        return self._meet(flows)

    async def _expand(self, keys: Iterable[str]) -> set[str]:
        """Meet the edges of runs that were not gone on from yet; give the nodes at their other ends."""
        runs = sorted(key for key in {*keys} - self._expanded if key.startswith("run:"))
        self._expanded.update(runs)
        flows: list[tuple[Pair, RunFlow]] = []
        for start in range(0, len(runs), _RUNS_MAX):
            if self._time_is_up():
                break
            if self._matches > self._walk.budget.nodes_max:
                self._cut("acts")
                break
            some = runs[start : start + _RUNS_MAX]
            flows += await (self._fed_by(some) if self._downstream else self._feeding(some))
        return self._meet(flows)

    async def _feeding(self, runs: Sequence[str]) -> list[tuple[Pair, RunFlow]]:
        """Find what runs read: who had written it, or the dataset alone where nobody is known to have."""
        rows = await read_lists(self._store, statement("runs/reads_of"), runs, size=_RUNS_MAX)
        reads = [Read(*act) for row in rows for act in row["acts"]]
        changes = await self._changes("runs/renames_by", runs)
        reads += [
            Read(one.run, one.other, one.at)
            for one in changes
            if one.kind == "RENAMED_FROM" and one.run == one.of
        ]
        acts = await self._acts_on({read.dataset for read in reads})
        flows: list[tuple[Pair, RunFlow]] = []
        for read in reads:
            if read.dataset in acts:
                found = acts[read.dataset].writes.read_by(read)
                self._matches += len(found)
                flows += [((match.write.run, read.run), _flow(match)) for match in found]
                flows += [] if found else [((read.dataset, read.run), _read(read))]
        return flows

    async def _fed_by(self, runs: Sequence[str]) -> list[tuple[Pair, RunFlow]]:
        """Find who read what runs wrote, or the dataset alone where nobody is known to have."""
        rows = await read_lists(self._store, statement("runs/writes_of"), runs, size=_RUNS_MAX)
        writes = [Write(*act) for row in rows for act in row["acts"]]
        made = [write for write in writes if write.counts or write.open]
        acts = await self._acts_on({write.dataset for write in made})
        flows: list[tuple[Pair, RunFlow]] = []
        for write in made:
            if write.dataset in acts:
                found = acts[write.dataset].readers.get(write.run, ())
                flows += [((write.run, match.read.run), _flow(match)) for match in found]
                flows += [] if found else [((write.run, write.dataset), _written(write))]
        return flows

    def _meet(self, flows: Iterable[tuple[Pair, RunFlow]]) -> set[str]:
        """Keep what went over edges; give the ends that lie further on."""
        since, onward = self._walk.reach.seen_since or ANY_TIME, int(self._downstream)
        met = set()
        for ends, flow in flows:
            if max(_flowed_at(flow), ANY_TIME) >= since:
                self._flows.setdefault(ends, set()).add(flow)
                met.add(ends[onward])
        return met

    async def _acts_on(self, datasets: Iterable[str]) -> dict[str, _Acts]:
        """Give the acts on datasets, read at the first time; without those for which there were too many."""
        wanted = {*datasets}
        new = sorted(wanted - self._acts.keys() - self._left_out)
        for start in range(0, len(new), _DATASETS_MAX):
            if self._time_is_up():
                self._left_out.update(new[start:])
                break
            await self._read_acts(new[start : start + _DATASETS_MAX])
        return {dataset: self._acts[dataset] for dataset in wanted if dataset in self._acts}

    async def _read_acts(self, datasets: Sequence[str]) -> None:
        writes = [Write(*act) for act in await self._read("runs/writes_to", datasets)]
        reads: list[Read] = []
        if self._downstream and self._acts_left >= 0:
            reads = [Read(*act) for act in await self._read("runs/reads_from", datasets)]
        if self._acts_left < 0:
            # Some are missing, so nothing can be said of any: a write that was not read might be the last one.
            self._leave_out(datasets)
            return
        changes = await self._changes("runs/changes_of", datasets)
        if self._downstream:
            # Who gave a dataset another name took over what was written under the old one.
            moved = [one for one in changes if one.kind == "RENAMED_TO" and one.run]
            reads += [Read(one.run, one.of, one.at) for one in moved]
        drops: dict[str, list[str]] = {}
        for one in changes:
            if one.kind == "DROPPED":
                drops.setdefault(one.of, []).append(one.at)
        # A million acts take seconds: others are answered meanwhile.
        made = await asyncio.to_thread(
            _acts_of, datasets, writes, reads, drops, most=self._walk.budget.nodes_max - self._matches
        )
        self._acts |= made
        self._matches += sum(acts.matches for acts in made.values())
        if len(made) < len(datasets):
            self._leave_out(set(datasets) - made.keys())

    def _time_is_up(self) -> bool:
        """Tell whether the walk has to end here, and note that it did."""
        is_up = asyncio.get_running_loop().time() >= self._walk.budget.ends_at
        if is_up:
            self._cut("time")
        return is_up

    def _leave_out(self, datasets: Iterable[str]) -> None:
        self._left_out.update(datasets)
        self._cut("acts")

    async def _read(self, name: str, datasets: Sequence[str]) -> list[Any]:
        limit = max(self._acts_left, 0) + 1
        rows = await self._store.read(statement(name), keys=list(datasets), limit=limit)
        found = [act for row in rows for act in row["acts"]]
        self._acts_left -= len(found)
        return found

    async def _changes(self, name: str, keys: Sequence[str]) -> list[_Change]:
        rows = await read_lists(self._store, statement(name), keys, size=_RUNS_MAX)
        return [
            _Change(of, *change)
            for row in rows
            for of, *lists in row["changes"]
            for change in zip(*lists, strict=True)
        ]

    def _cut(self, limit: str) -> None:
        if limit not in self._walk.truncated_by:
            self._walk.truncated_by.append(limit)


def _acts_of(
    datasets: Sequence[str],
    writes: Iterable[Write],
    reads: Iterable[Read],
    drops: Mapping[str, Sequence[str]],
    *,
    most: int,
) -> dict[str, _Acts]:
    """Match all reads of some datasets, as long as there are not too many matches."""
    writes_to, reads_from = _by_dataset(writes), _by_dataset(reads)
    found: dict[str, _Acts] = {}
    for dataset in datasets:
        known = Writes(writes_to.get(dataset, ()), drops.get(dataset, ()))
        acts = _matched(known, reads_from.get(dataset, ()), most)
        if acts is None:
            break
        found[dataset] = acts
        most -= acts.matches
    return found


def _by_dataset(acts: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for act in acts:
        found.setdefault(act.dataset, []).append(act)
    return found


def _matched(writes: Writes, reads: Iterable[Read], most: int) -> _Acts | None:
    """Match every read of a dataset, and list the matches of each writer; None where there are too many."""
    readers: dict[str, list[Match]] = {}
    unmatched = []
    matches = 0
    for read in reads:
        found = writes.read_by(read)
        matches += len(found)
        if matches > most:
            return None
        for match in found:
            readers.setdefault(match.write.run, []).append(match)
        if not found:
            unmatched.append(read)
    return _Acts(writes, readers, unmatched, matches)


def _flow(match: Match) -> RunFlow:
    write, read = match.write, match.read
    # What a stream says last of a version is not said of each that it read.
    version = write.version or (read.version if read.until is None else None)
    return RunFlow(write.dataset, version, told(write.at), told(read.at), match.how)


def _written(write: Write) -> RunFlow:
    return RunFlow(write.dataset, write.version, told(write.at), None, None)


def _read(read: Read) -> RunFlow:
    return RunFlow(read.dataset, read.version, None, told(read.at), None)


def _flowed_at(flow: RunFlow) -> str:
    """Say when a version got over: when it was read, or, to a stream that had begun before, when it was written."""
    return max(flow.read_at or "", flow.written_at or "")


def _edge(ends: Pair, flows: Iterable[RunFlow]) -> LineageEdge:
    through = sorted(flows, key=lambda flow: (flow.dataset, flow.read_at or "", flow.written_at or ""))
    last_at = max(_flowed_at(flow) for flow in through)
    return LineageEdge(
        *ends,
        jobs=[],
        evidence=EVIDENCE,
        valid_from=None,
        valid_to=None,
        last_at=last_at or None,
        through=through,
    )
