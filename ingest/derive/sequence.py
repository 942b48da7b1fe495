"""From all observations of (job, output) to the intervals in which its sources fed it (rules D1 to D3).

The steps, each a small function: settle what service runs say together, leave out what does not count,
unite what is one observation, then go through them in order and open and close sources.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ingest.derive.columns import ColumnTracks
from ingest.derive.observations import NONE, OPEN, WRITES, Content, Kind, Observation
from ingest.derive.tracks import Track, Tracks
from ingest.derive.unite import United, unite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ingest.facets.stated import Column, Transformation


class Boundary(NamedTuple):
    """A DROP of the output: its moment, and the run attempt that did it ("" for a DatasetEvent)."""

    at: str
    run: str
    attempt: int


class Derived(NamedTuple):
    """What a pair's sequence comes to: an edge per source, and per column."""

    sources: dict[str, Track]
    columns: dict[Column, Track]


_SERVING = frozenset({Kind.SERVICE, Kind.SERVICE_WITHOUT})


def given_observations(observations: Sequence[Observation], boundaries: Sequence[Boundary]) -> list[bool]:
    """Tell which observations by runs are given at all: the rules on DROP, provisional runs and map indexes."""
    moments = sorted(boundary.at for boundary in boundaries)
    droppers = {(boundary.run, boundary.attempt) for boundary in boundaries if boundary.run}
    given = [not o.run or (o.run, o.attempt) not in droppers for o in observations]
    stretch = [bisect_right(moments, o.at) for o in observations]
    done = {
        stretch[i]
        for i, o in enumerate(observations)
        if given[i] and o.run and o.kind in {Kind.COMPLETED, Kind.RENAME} and not o.content.silent
    }
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
) -> Derived:
    """Derive a pair's source and column intervals from all its observations, on canonical names.

    `rewritten(old, at)` is the moment of the first write of `old` after `at` by a run that does not itself rename it
    to this output.
    """
    given = given_observations(observations, boundaries)
    counted = [o for o, counts in zip(observations, given, strict=True) if counts]
    if any(o.run and not o.content.silent for o in counted):
        counted = [o for o in counted if o.kind not in {Kind.DECLARED, Kind.DECLARED_NONE}]
    moments = sorted({boundary.at for boundary in boundaries})
    sources, columns = _replay(unite(_settle_services(counted), moments), moments, rewritten)
    return Derived(sources.tracks(), columns.tracks())


def _settle_services(observations: list[Observation]) -> list[Observation]:
    """Add to each service observation what the job's other open service runs last stated (rule D1)."""
    own: dict[tuple[str, int], list[Observation]] = defaultdict(list)
    for o in observations:
        if o.kind in _SERVING and not o.content.silent:
            own[o.run, o.attempt].append(o)
    settled = []
    for o in observations:
        if o.kind == Kind.SERVICE_END or (o.kind in _SERVING and not o.content.silent):
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


def _replay(
    united: Sequence[United], moments: Sequence[str], rewritten: Callable[[str, str], str | None]
) -> tuple[Tracks, ColumnTracks]:
    """Open and close sources and columns along the sequence (D2's guess rule, D3, D4)."""
    sources, columns = Tracks(), ColumnTracks()
    knowing = False
    passed = 0
    for u in united:
        while passed < len(moments) and moments[passed] <= u.at:
            _pass_boundary(moments[passed], sources, columns)
            knowing = False
            passed += 1
        sources.expire(u.at)
        guess_only = u.product_only and knowing and sources.ordinary() <= u.sources.keys()
        if u.silent or guess_only:
            sources.see(u.at)
            columns.see(u.at)
            continue
        knowing = u.states_lineage
        sources.observe(u.at, u.sources, {old: rewritten(old, u.at) or OPEN for old in u.renamed_from})
        columns.observe(u.at, u.columns, {*u.sources, *u.renamed_from})
    for moment in moments[passed:]:
        _pass_boundary(moment, sources, columns)
    sources.expire(OPEN)
    return sources, columns


def _pass_boundary(moment: str, sources: Tracks, columns: ColumnTracks) -> None:
    sources.expire(moment)
    sources.close_all(moment)
    columns.close_all(moment)
