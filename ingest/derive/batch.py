"""Which observations does a batch run give (rule D1)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.derive.observations import OPEN, SILENT, Content, Evidence, Kind, Observation
from ingest.derive.runs import writes
from ingest.derive.sources import contents
from ingest.derive.statement import state_together
from ingest.facts import moment_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.derive.runs import Attempt, Run
    from ingest.facets.stated import Stated
    from ingest.facts import Fact, Lifecycle, Sha


def batch_observations(run: Run, attempt: Attempt, stated: Callable[[Sha], Stated]) -> list[Observation]:
    """Give one observation per output: at the end of a completed run, provisional while it is open.

    A RENAME of a completed run is part of its own observation of the new name (rule D2).
    """
    if attempt.state in {"FAILED", "ABORTED"}:
        return []
    said = state_together(attempt.facts, stated)
    found = contents(said, said.outputs)
    for change in lifecycles(attempt):
        if change.kind == "RENAME":
            found[change.dataset] = _with_rename(found.get(change.dataset, SILENT), change)
    kind = Kind.COMPLETED if attempt.end else Kind.PROVISIONAL
    end = attempt.end or OPEN
    rest = (run.uuid, attempt.number, run.parent, attempt.start or end, end, map_index(attempt))
    return [
        Observation(output, attempt.end or _newest_naming(attempt.facts, output), kind, content, *rest)
        for output, content in found.items()
    ]


def _with_rename(content: Content, change: Lifecycle) -> Content:
    added = renamed(change)
    if added.silent:
        return content
    # Lineage that names the old name too is a second reason for the source to be open; a guess is not.
    own = {(key, evidence) for key, evidence in content.sources
           if key != change.previous or evidence < Evidence.RENAME}  # fmt: skip
    sources = tuple(sorted({*own, *added.sources}))
    return Content(sources, content.columns, content.none, content.none_by_entry)


def map_index(attempt: Attempt) -> int | None:
    """Give the map index that the attempt's newest `airflow` facet states."""
    stated = [fact.map_index for fact in attempt.facts if fact.airflow]
    return stated[-1] if stated else None


def _newest_naming(facts: tuple[Fact, ...], output: str) -> str:
    return max(moment_of(fact.order) for fact in facts if output in writes((fact,)))


def lifecycles(attempt: Attempt) -> list[Lifecycle]:
    """List what a completed run did to names: the newest change of each dataset (rules F9, D2, D3)."""
    if attempt.state != "COMPLETED":
        return []
    newest = {change.dataset: change for fact in attempt.facts for change in fact.lifecycles}
    return [change for change in newest.values() if change.kind]


def rename_observations(run: Run, attempt: Attempt) -> list[Observation]:
    """Give each new name of a completed streaming run an observation at the run's end (rule D2)."""
    end = attempt.end or ""
    rest = (run.uuid, attempt.number, run.parent, attempt.start or end, end)
    return [
        Observation(change.dataset, end, Kind.RENAME, renamed(change), *rest)
        for change in lifecycles(attempt)
        if change.kind == "RENAME"
    ]


def renamed(change: Lifecycle) -> Content:
    """Say that the old name is the source of the new one; within one group a RENAME is nothing."""
    if change.previous is None or change.previous == change.dataset:
        return SILENT
    return Content(((change.previous, int(Evidence.RENAME)),))
