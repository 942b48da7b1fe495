"""Which sources and columns are open when, for each (job, output)?

The choosing and uniting of D1, the guess rule of D2, the intervals of D3 and the columns of D4;
readings 11, 12, 19, 21, 22 and 23 of decision 0002.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.laws.naive_events import Order
from tests.laws.naive_observations import COMPLETED, DECLARED, PROVISIONAL, RENAMED, Act, Observation
from tests.laws.naive_sources import ColumnEdge, Stated, Transformation

FAR: Order = (2, "")
"""Later than every instant: the end of an open run."""


@dataclass(slots=True)
class Track:
    """The life of one edge: closed intervals, where it is open from, what was last said of it."""

    closed: list[tuple[Order, Order]] = field(default_factory=list)
    since: Order | None = None
    last_at: Order = (0, "")
    evidence: str = ""
    transformations: frozenset[Transformation] = frozenset()
    stated: bool = False
    renamed: Order | None = None

    def close(self, at: Order) -> None:
        """End the open interval, if there is one."""
        if self.since is not None:
            self.closed.append((self.since, at))
        self.since, self.stated, self.renamed = None, False, None


@dataclass(slots=True)
class Sequence:
    """D3, D4: the edges of one (J, O)."""

    sources: dict[str, Track] = field(default_factory=dict)
    columns: dict[ColumnEdge, Track] = field(default_factory=dict)


Pair = tuple[str, str]


def boundaries(output: str, acts: list[Act]) -> list[Order]:
    """D3: the DROPs of O, under every job."""
    return sorted({act.at for act in acts if act.old is None and act.dataset == output})


def stretch(at: Order, drops: list[Order]) -> int:
    """D3: a boundary is sorted before the observations of the same instant."""
    return sum(1 for drop in drops if drop <= at)


def by_pair(found: list[Observation]) -> dict[Pair, list[Observation]]:
    """The observations of each (J, O)."""
    pairs: dict[Pair, list[Observation]] = {}
    for observation in found:
        pairs.setdefault((observation.job, observation.output), []).append(observation)
    return pairs


def chosen(found: list[Observation], acts: list[Act]) -> list[Observation]:
    """Reading 12: the provisional rule, then the map_index selection (declared ones still in)."""
    result = []
    for (_, output), observations in by_pair(found).items():
        drops = boundaries(output, acts)
        kept = [each for each in observations if not _superseded(each, observations, drops)]
        result += [each for each in kept if not _retried(each, kept, drops)]
    return result


def _superseded(one: Observation, observations: list[Observation], drops: list[Order]) -> bool:
    """D1: provisional ones only while the stretch has no completed non-silent one."""
    return one.origin == PROVISIONAL and any(
        other.origin in (COMPLETED, RENAMED)
        and not other.stated.silent
        and stretch(other.at, drops) == stretch(one.at, drops)
        for other in observations
    )


def _mapped(one: Observation) -> tuple[str, int] | None:
    """The parent run and map_index of a completed or provisional batch run's observation."""
    if one.origin not in (COMPLETED, PROVISIONAL) or one.attempt is None:
        return None
    parent, index = one.attempt.parent, one.attempt.map_index
    return None if parent is None or index is None else (parent, index)


def _retried(one: Observation, observations: list[Observation], drops: list[Order]) -> bool:
    """D1: of one index under a parent run only the greatest `at` in a stretch counts; ties stay."""
    return _mapped(one) is not None and any(
        _mapped(other) == _mapped(one)
        and stretch(other.at, drops) == stretch(one.at, drops)
        and other.at > one.at
        for other in observations
    )


def _span(one: Observation) -> tuple[Order, Order]:
    """D1: unknown start = end, open run = no end."""
    assert one.attempt is not None
    end = FAR if one.attempt.ended is None else one.attempt.ended
    return (end if one.attempt.started is None else one.attempt.started), end


def _unite_directly(one: Observation, other: Observation) -> bool:
    """D1: equal `at`; or batch runs under one parent run that overlap or differ in map_index."""
    if one.at == other.at:
        return True
    batch = (COMPLETED, PROVISIONAL)
    if one.origin not in batch or other.origin not in batch or one.attempt is None or other.attempt is None:
        return False
    if one.attempt.parent is None or one.attempt.parent != other.attempt.parent:
        return False
    mine, theirs = one.attempt.map_index, other.attempt.map_index
    if mine is not None and theirs is not None and mine != theirs:
        return True
    (start, end), (other_start, other_end) = _span(one), _span(other)
    return start < other_end and other_start < end


def united(observations: list[Observation], drops: list[Order]) -> list[Observation]:
    """D1: unite transitively within a stretch: latest `at`, strongest evidence."""
    groups: list[list[Observation]] = []
    for one in observations:
        near = [
            group
            for group in groups
            if any(stretch(one.at, drops) == stretch(e.at, drops) and _unite_directly(one, e) for e in group)
        ]
        groups = [group for group in groups if not any(group is each for each in near)]
        groups.append([one, *(each for group in near for each in group)])
    return sorted((_one_of(group) for group in groups), key=lambda each: each.at)


def _one_of(group: list[Observation]) -> Observation:
    """The union; `none` keeps that some part stated none (reading 21)."""
    stated = Stated()
    for part in group:
        stated.unite(part.stated)
    return Observation(
        group[0].job,
        group[0].output,
        max(part.at for part in group),
        stated,
        "UNITED",
        renames={source for part in group for source in part.renames},
        none_by_entry=any(part.none_by_entry for part in group) and not stated.sources,
    )


def counting(observations: list[Observation]) -> list[Observation]:
    """D1: DECLARED ones count only while (J, O) has no non-silent observation by a run."""
    observed = any(each.by_run and not each.stated.silent for each in observations)
    return [each for each in observations if each.origin != DECLARED or not observed]


def _closers(
    output: str, renamed: set[str], writes: list[Observation], acts: list[Act]
) -> Iterator[tuple[Order, str]]:
    """D2: writes of an old name by runs that do not themselves rename it to O."""
    for write in writes:
        own = any(
            act.attempt is write.attempt and act.old == write.output and act.dataset == output for act in acts
        )
        if write.output in renamed and not own:
            yield write.at, write.output


def sequence(
    output: str, observations: list[Observation], writes: list[Observation], acts: list[Act]
) -> Sequence:
    """D3: walk boundaries, later writes of renamed names, and observations in order."""
    drops = boundaries(output, acts)
    line = united(counting(observations), drops)
    renamed = {source for each in line for source in each.renames}
    steps: list[tuple[Order, int, str, Observation | None]] = [(drop, 0, "", None) for drop in drops]
    steps += [(at, 1, source, None) for at, source in _closers(output, renamed, writes, acts)]
    steps += [(each.at, 2, "", each) for each in line]
    result = Sequence()
    states_lineage = False
    for at, rank, source, observation in sorted(steps, key=lambda step: step[:3]):
        if observation is not None:
            if not _is_silent(observation, result, states_lineage=states_lineage):
                _observe(result, observation)
                strong = {"EXPLICIT", "COLUMN"} & set(observation.stated.sources.values())
                states_lineage = bool(strong) or observation.none_by_entry
            _touch(result, at)
        elif rank == 0:
            states_lineage = False
            for track in [*result.sources.values(), *result.columns.values()]:
                track.close(at)
        else:
            _written_again(result.sources.get(source), at)
    return result


def _is_silent(observation: Observation, now: Sequence, *, states_lineage: bool) -> bool:
    """D2: silent, or a guess that would replace knowledge (reading 21)."""
    if observation.stated.silent:
        return True
    evidence = set(observation.stated.sources.values())
    guess = evidence == {"PRODUCT"} and not observation.stated.none
    stated = {source for source, track in now.sources.items() if track.stated}
    return guess and states_lineage and stated <= set(observation.stated.sources)


def _observe(now: Sequence, observation: Observation) -> None:
    """D3 and D4: what the observation has opens or stays, what it lacks closes."""
    at, said = observation.at, observation.stated
    for source, track in now.sources.items():
        if source not in said.sources and track.since is not None:
            track.stated = False
            if track.renamed is None:
                track.close(at)
    for source, evidence in said.sources.items():
        track = now.sources.setdefault(source, Track())
        track.since = at if track.since is None else track.since
        track.evidence = evidence
        track.stated = evidence != "RENAME"
        track.renamed = at if source in observation.renames else track.renamed
    for edge, track in now.columns.items():
        if edge not in said.columns and (said.columns or edge.source not in said.sources):
            track.close(at)
    for edge, transformations in said.columns.items():
        track = now.columns.setdefault(edge, Track())
        track.since = at if track.since is None else track.since
        track.transformations = transformations


def _written_again(track: Track | None, at: Order) -> None:
    """D2: a RENAME's source is open until the first later write of the old name."""
    if track is None or track.renamed is None or track.renamed >= at:
        return
    track.renamed = None
    if not track.stated:
        track.close(at)


def _touch(now: Sequence, at: Order) -> None:
    """D3: `last_at` is the newest observation while the edge is open, silent ones included."""
    for track in [*now.sources.values(), *now.columns.values()]:
        if track.since is not None:
            track.last_at = at
