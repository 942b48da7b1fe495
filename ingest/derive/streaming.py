"""Which observations does a streaming or service run give (rule D1)?

One at each event that lists something, whatever the final state. What the other service runs of the job add
is settled where all of them are seen together, in `sequence.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.derive.observations import NONE, OPEN, Kind, Observation
from ingest.derive.runs import TERMINAL, writes
from ingest.derive.sources import contents
from ingest.derive.statement import Together, state_together
from ingest.facets.job_type import SERVICE
from ingest.facts import moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ingest.derive.observations import Content
    from ingest.derive.runs import Attempt, Run
    from ingest.facets.stated import Stated
    from ingest.facts import Sha


def streaming_observations(run: Run, attempt: Attempt, stated: Callable[[Sha], Stated]) -> list[Observation]:
    """Go through the run's events in order and observe at each one that lists something."""
    if attempt.processing[0] == SERVICE and failed_before_running(attempt):
        return []
    observe = _snapshots if attempt.processing[1] else _accumulated
    found: list[Observation] = []
    for place, given in observe(attempt, stated):
        found += [_of_run(run, attempt, place, one) for one in given]
    return found


def _accumulated(
    attempt: Attempt, stated: Callable[[Sha], Stated]
) -> Iterator[tuple[int, list[Observation]]]:
    """Observe at each event what the run's events up to it state together."""
    service = attempt.processing[0] == SERVICE
    together = Together()
    known: list[Observation] = []
    stale = True
    for place, fact in enumerate(attempt.facts):
        stale = together.add(fact) or stale
        if service and fact.type in TERMINAL:
            yield place, _ends(attempt)
        elif fact.inputs or fact.outputs or fact.entries:
            if stale:
                said = together.statement(stated)
                known, stale = _observed(contents(said, said.outputs), service=service), False
            yield place, known


def _snapshots(attempt: Attempt, stated: Callable[[Sha], Stated]) -> Iterator[tuple[int, list[Observation]]]:
    """Observe at each event what it states alone, and which outputs of earlier ones it leaves out."""
    service = attempt.processing[0] == SERVICE
    without = Kind.SERVICE_WITHOUT if service else Kind.SNAPSHOT_WITHOUT
    known: dict[str, None] = {}
    for place, fact in enumerate(attempt.facts):
        if service and fact.type in TERMINAL:
            yield place, _ends(attempt)
        elif fact.inputs or fact.outputs or fact.entries:
            said = state_together((fact,), stated)
            gone = [output for output in known if said.outputs and output not in said.outputs]
            left_out = [Observation(output, "", without, NONE) for output in gone]
            yield place, _observed(contents(said, said.outputs), service=service) + left_out
            known.update(dict.fromkeys(said.outputs))


def _observed(found: dict[str, Content], *, service: bool) -> list[Observation]:
    kind = Kind.SERVICE if service else Kind.STREAM
    return [Observation(output, "", kind, content) for output, content in found.items()]


def _ends(attempt: Attempt) -> list[Observation]:
    """Observe every output of a SERVICE run at its terminal event."""
    return [Observation(output, "", Kind.SERVICE_END, NONE) for output in writes(attempt.facts)]


def _of_run(run: Run, attempt: Attempt, place: int, bare: Observation) -> Observation:
    """Complete an observation made at the attempt's event of that place."""
    at = moment_of(attempt.facts[place].order)
    start, end = moment_of(attempt.facts[0].order), attempt.end or OPEN
    return Observation(
        bare.output, at, bare.kind, bare.content, run.uuid, attempt.number, None, start, end, None, place
    )


def failed_before_running(attempt: Attempt) -> bool:
    """Tell whether a service never served: such a run gives no observation (rule D1)."""
    if attempt.state != "FAILED" or attempt.end is None:
        return False
    return not any(fact.type == "RUNNING" and moment_of(fact.order) <= attempt.end for fact in attempt.facts)
