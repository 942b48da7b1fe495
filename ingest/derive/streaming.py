"""Which observations does a streaming or service run give (rule D1)?

One at each event that lists something, whatever the final state. What the other service runs of the job add
is settled where all of them are seen together, in `sequence.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.derive.observations import NONE, OPEN, Kind, Observation
from ingest.derive.runs import TERMINAL, writes
from ingest.derive.sources import contents
from ingest.derive.statement import state_together
from ingest.facets.job_type import SERVICE
from ingest.facts import moment_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.derive.runs import Attempt, Run
    from ingest.facets.stated import Stated
    from ingest.facts import Sha


def streaming_observations(run: Run, attempt: Attempt, stated: Callable[[Sha], Stated]) -> list[Observation]:
    """Go through the run's events in order and observe at each one that lists something."""
    service = attempt.processing[0] == SERVICE
    if service and failed_before_running(attempt):
        return []
    found: list[Observation] = []
    known: dict[str, None] = {}
    for place, fact in enumerate(attempt.facts):
        if service and fact.type in TERMINAL:
            outputs = writes(attempt.facts)
            found += [
                _of_run(run, attempt, place, Observation(o, "", Kind.SERVICE_END, NONE)) for o in outputs
            ]
        elif fact.inputs or fact.outputs or fact.entries:
            snapshot = attempt.processing[1]
            said = state_together((fact,) if snapshot else attempt.facts[: place + 1], stated)
            kind = Kind.SERVICE if service else Kind.STREAM
            for output, content in contents(said, said.outputs).items():
                found.append(_of_run(run, attempt, place, Observation(output, "", kind, content)))
            if snapshot and said.outputs:
                gone = [output for output in known if output not in said.outputs]
                without = Kind.SERVICE_WITHOUT if service else Kind.SNAPSHOT_WITHOUT
                found += [_of_run(run, attempt, place, Observation(o, "", without, NONE)) for o in gone]
            known.update(dict.fromkeys(said.outputs))
    return found


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
