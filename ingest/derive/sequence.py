"""From the observations of (job, output) to the intervals in which its sources fed it (rules D1 to D3).

The steps, each a small function: settle what service runs say together, leave out what does not count,
unite what is one observation, then go through them in order and open and close sources. A long sequence goes on from
where an earlier replay left it (`ingest/derive/settled.py`), so that only its newest part is read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ingest.derive.columns import ColumnTracks
from ingest.derive.observations import (
    DECLARATIONS,
    NONE,
    OPEN,
    SERVING,
    WRITES,
    Boundary,
    Content,
    Kind,
    Observation,
    completes,
)
from ingest.derive.settled import BEGINNING, PACE, Pace, Settled, settling
from ingest.derive.tracks import Track, Tracks
from ingest.derive.unite import United, unite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ingest.derive.settled import Settling
    from ingest.facets.stated import Column, Transformation


class Derived(NamedTuple):
    """What a pair's sequence comes to: an edge per source, and per column; `settled` is where to go on next time."""

    sources: dict[str, Track]
    columns: dict[Column, Track]
    settled: Settled


def given_observations(
    observations: Sequence[Observation], boundaries: Sequence[Boundary], before: Settled = BEGINNING
) -> list[bool]:
    """Tell which observations by runs are given at all: the rules on DROP, provisional runs and map indexes."""
    moments = sorted(boundary.at for boundary in boundaries)
    droppers = {(boundary.run, boundary.attempt) for boundary in boundaries if boundary.run}
    given = [not o.run or (o.run, o.attempt) not in droppers for o in observations]
    stretch = [bisect_right(moments, o.at) for o in observations]
    done = {stretch[i] for i, o in enumerate(observations) if given[i] and completes(o)}
    if before.completed:
        done.add(0)
    for i, o in enumerate(observations):
        if o.kind == Kind.PROVISIONAL and stretch[i] in done:
            given[i] = False
    newest: dict[tuple[int, str, int], str] = {}
    mapped = [i for i, o in enumerate(observations) if given[i] and o.parent is not None and o.map_index is not None
              and o.kind in {Kind.COMPLETED, Kind.PROVISIONAL}]  # fmt: skip
    for i in mapped:
        group = _map_group(observations[i], stretch[i])
        newest[group] = max(newest.get(group, ""), observations[i].at)
    for i in mapped:
        given[i] = observations[i].at == newest[_map_group(observations[i], stretch[i])]
    return given


def _map_group(observation: Observation, stretch: int) -> tuple[int, str, int]:
    return stretch, observation.parent or "", observation.map_index or 0


def is_write(observation: Observation) -> bool:
    """Tell whether an observation that is given counts for `last_written_at` (rule F13)."""
    return bool(observation.run) and observation.kind in WRITES


def derive_sequence(
    observations: Sequence[Observation],
    boundaries: Sequence[Boundary],
    rewritten: Callable[[str, str], str | None],
    before: Settled = BEGINNING,
    *,
    given: Sequence[bool],
    pace: Pace = PACE,
) -> Derived:
    """Derive a pair's source and column intervals from its observations and boundaries, on canonical names.

    `before` is what came of those up to `before.at`, which are left out here; `given` is what `given_observations`
    says of the others.
    `rewritten(old, at)` is the moment of the first write of `old` after `at` by a run that does not itself rename it
    to this output.
    """
    said = _settle_services(
        observations
    )  # what an open run states counts for the others even where it gives none
    counted = [o for o, counts in zip(said, given, strict=True) if counts]
    if before.by_run or any(o.run and not o.content.silent for o in counted):
        counted = [o for o in counted if o.kind not in DECLARATIONS]
    moments = sorted({boundary.at for boundary in boundaries})
    united = unite(counted, moments)
    replay = _Replay(before, moments, rewritten)
    settled, found = before, settling(observations, given, boundaries, before, pace=pace)
    if found is not None:
        inside = sum(u.at <= found.at for u in united)
        replay.run(united[:inside])
        replay.pass_boundaries(found.at)
        united, settled = united[inside:], replay.settled(found)
    replay.run(united)
    replay.pass_boundaries(OPEN)
    return Derived(replay.sources.tracks(), replay.columns.tracks(), settled)


def _settle_services(observations: Sequence[Observation]) -> list[Observation]:
    """Add to each service observation what the job's other open service runs last stated (rule D1)."""
    own: dict[tuple[str, int], list[Observation]] = defaultdict(list)
    for o in observations:
        if o.kind in SERVING and not o.content.silent:
            own[o.run, o.attempt].append(o)
    settled = []
    for o in observations:
        if o.kind == Kind.SERVICE_END or (o.kind in SERVING and not o.content.silent):
            others = [_last_stated(stated, o.at) for run, stated in own.items() if run != (o.run, o.attempt)]
            parts = ([] if o.kind == Kind.SERVICE_END else [o.content]) + [part for part in others if part]
            settled.append(msgspec.structs.replace(o, content=_joined(parts)))
        else:
            settled.append(o)
    return settled


def _last_stated(stated: list[Observation], at: str) -> Content | None:
    """Give what a service run last stated by a moment, if it was open then."""
    if not stated[0].start <= at < stated[0].end:
        return None
    before = [o for o in stated if o.at <= at]
    return max(before, key=lambda o: (o.at, o.place)).content if before else None


def _joined(parts: Iterable[Content]) -> Content:
    sources: dict[str, int] = {}
    columns: dict[Column, tuple[Transformation, ...]] = {}
    by_entry = False
    for part in parts:
        for source, evidence in part.sources:
            sources[source] = min(evidence, sources.get(source, evidence))
        for column, transformations in part.columns:
            columns[column] = tuple(sorted({*columns.get(column, ()), *transformations}))
        by_entry = by_entry or part.none_by_entry
    if not sources:
        return Content(none=True, none_by_entry=by_entry) if by_entry else NONE
    return Content(tuple(sorted(sources.items())), tuple(columns.items()), none=False, none_by_entry=by_entry)


class _Replay:
    """Opens and closes sources and columns along a sequence (D2's guess rule, D3, D4)."""

    def __init__(
        self, before: Settled, moments: Sequence[str], rewritten: Callable[[str, str], str | None]
    ) -> None:
        self.sources = Tracks(before.sources, before.sources_closed, before.last)
        self.columns = ColumnTracks(dict(before.columns), dict(before.columns_closed), before.last)
        self.knowing = before.knowing
        self._moments = moments
        self._passed = 0
        self._rewritten = rewritten

    def run(self, united: Sequence[United]) -> None:
        """Go through the next observations."""
        for u in united:
            self.pass_boundaries(u.at)
            self.sources.expire(u.at)
            self._pass(u)

    def pass_boundaries(self, until: str) -> None:
        """Close everything at each boundary up to a moment; one at an observation's moment comes before it."""
        while self._passed < len(self._moments) and self._moments[self._passed] <= until:
            moment = self._moments[self._passed]
            self.sources.expire(moment)
            self.sources.close_all(moment)
            self.columns.close_all(moment)
            self.knowing = False
            self._passed += 1
        if until == OPEN:
            self.sources.expire(OPEN)

    def settled(self, found: Settling) -> Settled:
        """Keep where the replay is now, to go on from."""
        return Settled(
            found.at,
            found.observations,
            self.knowing,
            found.completed,
            found.by_run,
            self.sources.last,
            dict(self.sources.opened),
            dict(self.sources.closed),
            list(self.columns.opened.items()),
            list(self.columns.closed.items()),
        )

    def _pass(self, u: United) -> None:
        guess_only = u.product_only and self.knowing and self.sources.ordinary() <= u.sources.keys()
        if u.silent or guess_only:
            self.sources.see(u.at)
            self.columns.see(u.at)
            return
        self.knowing = u.states_lineage
        self.sources.observe(
            u.at, u.sources, {old: self._rewritten(old, u.at) or OPEN for old in u.renamed_from}
        )
        self.columns.observe(u.at, u.columns, {*u.sources, *u.renamed_from})
