"""What do a job's declarations, and a dataset's own statements, observe (rules F6, D1)?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ingest.derive.batch import renamed
from ingest.derive.observations import NONE, SILENT, Content, Evidence, Kind, Observation
from ingest.derive.sources import Statement, contents
from ingest.facts import DELETED, moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ingest.facets.stated import Stated
    from ingest.facts import Declared, Sha, Told


class Declarations(NamedTuple):
    """A job's declared registers as they stand now, and the observation each JobEvent was."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    observations: list[Observation]


def declarations(events: Iterable[Declared], stated: Callable[[Sha], Stated]) -> Declarations:
    """Replay a job's JobEvents by stamp: each observes every output the registers hold, or held until then."""
    inputs: tuple[str, ...] | None = None
    holder: Declared | None = None
    outputs: tuple[str, ...] = ()
    observations: list[Observation] = []
    for event in sorted(events, key=lambda declared: declared.order):
        inputs = inputs if event.inputs is None else event.inputs
        gone: list[str] = []
        if event.outputs is not None:
            holder = event
            now = tuple(
                dict.fromkeys([*(o for o, _, _ in event.outputs), *(target for target, _ in event.entries)])
            )
            gone = [output for output in outputs if output not in now]
            outputs = now
        at = moment_of(event.order)
        observations.extend(Observation(output, at, Kind.DECLARED_NONE, NONE) for output in gone)
        if holder is not None:
            observations.extend(
                _observe(at, inputs, outputs, _statement(holder, inputs or (), outputs, stated))
            )
    return Declarations(inputs or (), outputs, observations)


def _observe(
    at: str, inputs: tuple[str, ...] | None, outputs: tuple[str, ...], said: Statement
) -> Iterable[Observation]:
    for output, content in contents(said, outputs).items():
        if content.sources:
            yield Observation(output, at, Kind.DECLARED, _as_declared(content))
        elif inputs == () or content.none:
            yield Observation(output, at, Kind.DECLARED_NONE, NONE)
        else:
            yield Observation(output, at, Kind.DECLARED, SILENT)


def _as_declared(content: Content) -> Content:
    """Rate what lineage states as declared; a declared product stays a guess."""
    rated = tuple(
        (source, evidence if evidence == Evidence.PRODUCT else int(Evidence.DECLARED))
        for source, evidence in content.sources
    )
    return Content(rated, content.columns)


def _statement(
    holder: Declared, inputs: tuple[str, ...], outputs: tuple[str, ...], stated: Callable[[Sha], Stated]
) -> Statement:
    entries: dict[str, list[Stated]] = {}
    columns: dict[str, Stated] = {}
    for target, sha in holder.entries:
        entries.setdefault(target, []).append(stated(sha))
    for output, column_lineage, lineage in holder.outputs or ():
        if lineage is not None and lineage != DELETED:
            entries.setdefault(output, []).append(stated(lineage))
        if column_lineage is not None and column_lineage != DELETED:
            columns[output] = stated(column_lineage)
        elif column_lineage == DELETED:
            columns.pop(output, None)
    has_lineage = holder.has_lineage or bool(entries)
    return Statement(inputs, outputs, has_lineage, {o: tuple(found) for o, found in entries.items()}, columns)


def told_observations(
    dataset: str, events: Iterable[Told], stated: Callable[[Sha], Stated]
) -> list[Observation]:
    """Give what a dataset's own events observe of it, without any job (rule F6)."""
    observations: list[Observation] = []
    for event in events:
        at = moment_of(event.order)
        content = _told_content(event, stated)
        if content is not None:
            observations.append(Observation(dataset, at, Kind.TOLD, content))
        if event.lifecycle is not None and event.lifecycle.kind == "RENAME":
            observations.append(Observation(dataset, at, Kind.RENAME, renamed(event.lifecycle)))
    return observations


def _told_content(event: Told, stated: Callable[[Sha], Stated]) -> Content | None:
    if event.lineage is None and event.column_lineage is None:
        return None
    if event.lineage is not None and event.lineage != DELETED:
        own = stated(event.lineage)
        rated = tuple((source, int(Evidence.EXPLICIT)) for source in own.sources)
        return Content(rated, own.columns, own.none, own.none)
    if event.column_lineage is not None and event.column_lineage != DELETED:
        found = stated(event.column_lineage)
        if found.sources:
            return Content(tuple((source, int(Evidence.COLUMN)) for source in found.sources), found.columns)
    deleted = DELETED in (event.lineage, event.column_lineage)
    return NONE if deleted else SILENT
