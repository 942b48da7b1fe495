"""What does one event contribute to the state?

`contribute` is pure: event in, contribution out. A contribution is joined into the state by set union, by
greatest stamp or by least time, each of which is associative, commutative and idempotent; so the state is a
function of the set of events (DESIGN 6, laws L1 to L3).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from graph_schema.schema_facet import fields_of
from ingest.checked import checked_outside_runs
from ingest.facets import NAMING, column_lineage, feast, job_type, lifecycle, lineage, parent
from ingest.facts import DELETED, Declared, Facets, Fact, Lifecycle, Listed, Sha, Told
from ingest.memo import Memo
from ingest.reading import (
    PLACE_DATASET,
    PLACE_INPUT,
    PLACE_OUTPUT,
    Name,
    Reading,
    Register,
    Said,
    SchemaClaim,
    StartedBy,
)
from ingest.saying import feast_entries, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.facets.job_type import Processing
    from ingest.facets.names import Names
    from ingest.facts import Checked
    from ingest.openlineage import Event, Io, Named

_encode = msgspec.msgpack.encode


class Contribution(NamedTuple):
    """Everything one event adds to the state."""

    order: str
    bodies: dict[Sha, bytes]
    names: dict[str, Name]
    fields: set[tuple[str, str]]
    registers: list[Register]
    schemas: list[SchemaClaim]
    mentions: list[tuple[str, str | None]]
    run: tuple[str, Fact] | None
    declared: tuple[str, Declared] | None
    told: tuple[str, Told] | None
    processing: tuple[str, Processing] | None
    job_parent: tuple[str, str] | None
    checked: list[Checked]
    said: list[Said]
    started: list[StartedBy]
    keyed: list[tuple[str, str]]


_REMEMBERED: Final = 8192
_names: Memo[Names] = Memo(_REMEMBERED)
_columns: Memo[bytes] = Memo(_REMEMBERED)
_has_fields: Memo[bool] = Memo(_REMEMBERED)
"""Producers send the same facet with every run: what one of a dataset or job means is remembered by its hash."""


def contribute(event: Event, digest: bytes, *, suspect: bool) -> Contribution:
    """Say what one event adds to the state. Pure; `digest` is the event's canonical hash."""
    reading = Reading(event, digest, suspect=suspect)
    job_facets = _job_facets(reading)
    _name_everything(reading)
    learned = say(reading)
    inputs = [_listed(reading, io, PLACE_INPUT) for io in event.inputs or ()]
    outputs = [_listed(reading, io, PLACE_OUTPUT) for io in event.outputs or ()]
    told = _listed(reading, event.dataset, PLACE_DATASET) if event.dataset else None
    has_lineage, entries = _entries(reading)
    run = declared = tale = processing = None
    stated_type = _processing(event)
    if event.job is not None and stated_type is not None:
        processing = (event.job.key, stated_type)
    if event.kind == "run" and event.run is not None:
        run = (
            event.run,
            _fact(
                reading,
                job_facets,
                inputs,
                outputs,
                has_lineage=has_lineage,
                entries=entries,
                learned=learned,
            ),
        )
    elif event.kind == "job" and event.job is not None:
        declared = (
            event.job.key,
            _declared(reading, inputs, outputs, has_lineage=has_lineage, entries=entries),
        )
    elif event.kind == "dataset" and told is not None:
        tale = _told(reading, told)
    job_parent = _job_parent(event)
    return Contribution(
        reading.order, reading.bodies, reading.names, reading.fields, reading.registers, reading.schemas,
        reading.mentions, run, declared, tale, processing, job_parent,
        checked_outside_runs(event, reading.order), reading.said, reading.started, reading.keyed,
    )  # fmt: skip


def _is_deleted(body: dict[str, Any]) -> bool:
    return body.get("_deleted") is True


def _job_facets(reading: Reading) -> Facets:
    event = reading.event
    kept: Facets = {}
    if event.job is None:
        return kept
    for facet, body in event.job_facets.items():
        kept[facet] = DELETED if _is_deleted(body) else reading.keep(body)
        stamp = f"{reading.order}{PLACE_INPUT}{0:06d}"
        reading.registers.append(Register(event.job.key, facet, stamp, kept[facet]))
    return kept


def _listed(reading: Reading, io: Io, place: int) -> Listed:
    """Keep a listed dataset: its facets as registers of the dataset and as what the run was given."""
    dataset = io.dataset.key
    stamp = f"{reading.order}{place}{io.place:06d}"
    kept: Facets = {}
    for facet, body in io.facets.items():
        if facet == "schema":
            sha = _schema(reading, dataset, stamp, body, place)
            if sha is not None:
                kept[facet] = sha
            continue
        kept[facet] = sha = DELETED if _is_deleted(body) else reading.keep(body)
        reading.registers.append(Register(dataset, facet, stamp, sha))
    stated: dict[str, Sha | None] = {"columnLineage": None, "lineage": None}
    for facet in stated if place != PLACE_INPUT else ():
        given = io.facets.get(facet)
        if given is not None:
            stated[facet] = DELETED if _is_deleted(given) else _keep_stated(reading, facet, given)
    run_facets = {facet: reading.keep(body) for facet, body in io.run_facets.items()}
    return Listed(dataset, kept, run_facets, stated["columnLineage"], stated["lineage"])


def _keep_stated(reading: Reading, facet: str, body: dict[str, Any]) -> Sha:
    if facet == "lineage":
        return reading.keep_stated(lineage.read_target(body))
    return reading.keep_bytes(reading.remembered(_columns, body, lambda: _encode(column_lineage.read(body))))


def _schema(reading: Reading, dataset: str, stamp: str, body: dict[str, Any], place: int) -> Sha | None:
    """Claim a schema; one without fields counts as absent, a tombstone ranks as a schema in its place would."""
    if not _is_deleted(body) and not reading.remembered(_has_fields, body, lambda: bool(fields_of(body))):
        return None
    sha = DELETED if _is_deleted(body) else reading.keep(body)
    event = reading.event
    run = event.run if place == PLACE_OUTPUT and event.kind == "run" and event.run else ""
    reading.schemas.append(SchemaClaim(dataset, stamp, run, place == PLACE_INPUT, sha))
    return sha


def _name_everything(reading: Reading) -> None:
    """Collect every name the event holds (rule F13)."""
    event = reading.event
    listed = [*(event.inputs or ()), *(event.outputs or ())]
    if event.dataset is not None:
        listed.append(event.dataset)
    if event.job is not None:
        reading.name(event.job, "job", real=True)
    for io in listed:
        reading.name(io.dataset, "dataset", real=True)
    holders = [("run", "", event.run_facets), ("dataset", "", {})]
    if event.job is not None:
        holders.append(("job", event.job.key, event.job_facets))
    holders += [("dataset", io.dataset.key, io.facets) for io in listed]
    for owner, key, facets in holders:
        _name_facets(reading, owner, key, facets)


def _name_facets(reading: Reading, owner: str, key: str, facets: dict[str, dict[str, Any]]) -> None:
    for place, naming in enumerate(NAMING):
        body = facets.get(naming.facet) if naming.owner == owner else None
        if body is None or (_is_deleted(body) and owner != "run"):
            continue
        found = (
            naming.names(body, key)  # each run has a parent of its own
            if owner == "run"
            else reading.remembered(_names, body, partial(naming.names, body, key), place, key)
        )
        for dataset in found.datasets:
            reading.name(dataset, "dataset", real=False)
        for job in found.jobs:
            reading.name(job, "job", real=False)
        for person in found.persons:
            reading.name(person, "person", real=False)
        reading.mentions.extend((run.uuid, run.job.key if run.job else None) for run in found.runs)
        reading.fields.update(found.fields)


def _entries(reading: Reading) -> tuple[bool, tuple[tuple[str, Sha], ...]]:
    body = reading.event.job_facets.get("lineage")
    if reading.event.job is None or body is None or _is_deleted(body):
        return (False, ()) if reading.event.job is None else feast_entries(reading)
    found = [(entry.target.key, reading.keep_stated(entry.stated)) for entry in lineage.read_entries(body)]
    return True, tuple(found)


def _processing(event: Event) -> Processing | None:
    body = event.job_facets.get("jobType")
    if body is None:
        return None
    return job_type.UNSTATED if _is_deleted(body) else job_type.read(body)


def _job_parent(event: Event) -> tuple[str, str] | None:
    """Give (job, parent job) as the event's parent facet states it; a job is never its own parent (rule F7)."""
    above = event.run_facets.get("parent")
    if event.job is None or above is None:
        return None
    job = parent.read(above)[0].job
    return (event.job.key, job.key) if job is not None and job.key != event.job.key else None


def _fact(
    reading: Reading,
    job_facets: Facets,
    inputs: list[Listed],
    outputs: list[Listed],
    *,
    has_lineage: bool,
    entries: tuple[tuple[str, Sha], ...],
    learned: tuple[Named | None, Named | None],
) -> Fact:
    event = reading.event
    above = event.run_facets.get("parent")
    sides = parent.read(above) if above is not None else None
    airflow = event.run_facets.get("airflow", {}).get("taskInstance")
    index = airflow.get("map_index") if isinstance(airflow, dict) else None
    return Fact(
        order=reading.order,
        type=event.type,
        job=event.job.key if event.job else "",
        processing=_processing(event),
        parent=(sides[0].run, sides[0].job.key if sides[0].job else None) if sides else None,
        root=(sides[1].run, sides[1].job.key if sides[1].job else None) if sides else None,
        airflow="airflow" in event.run_facets,
        map_index=index
        if isinstance(index, int) and not isinstance(index, bool) and abs(index) < 2**63
        else None,
        run_facets={facet: reading.keep(body) for facet, body in event.run_facets.items()},
        job_facets=job_facets,
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        has_lineage=has_lineage,
        entries=entries,
        lifecycles=_lifecycles(event),
        warnings=_warnings(event),
        sent_id=event.run_text,
        experiment=learned[0].key if learned[0] else None,
        person=learned[1].key if learned[1] else None,
    )


def _warnings(event: Event) -> tuple[tuple[str, str], ...]:
    """List what was left out of the event, and the product that is not believed."""
    found = tuple((warned.code, warned.pointer) for warned in event.warnings)
    return (
        (*found, (feast.NOT_BELIEVED, "/outputs"))
        if feast.applies(event) and "lineage" not in event.job_facets
        else found
    )


def _lifecycles(event: Event) -> tuple[Lifecycle, ...]:
    """List the event's lifecycle changes, one per dataset: the one in the greatest place (rule F2)."""
    found: dict[str, Lifecycle] = {}
    by_place: Iterable[Io] = [
        *(event.inputs or ()),
        *([event.dataset] if event.dataset else ()),
        *(event.outputs or ()),
    ]
    for io in by_place:
        body = io.facets.get("lifecycleStateChange")
        if body is not None:
            # Names of one group are told apart by place later, so order counts.
            found.pop(io.dataset.key, None)
            found[io.dataset.key] = _lifecycle(io.dataset.key, body)
    return tuple(found.values())


def _lifecycle(dataset: str, body: dict[str, Any]) -> Lifecycle:
    if _is_deleted(body):
        return Lifecycle(dataset, "", None)
    change = lifecycle.read(body)
    return Lifecycle(dataset, change.kind, change.previous.key if change.previous else None)


def _declared(
    reading: Reading,
    inputs: list[Listed],
    outputs: list[Listed],
    *,
    has_lineage: bool,
    entries: tuple[tuple[str, Sha], ...],
) -> Declared:
    event = reading.event
    listed = tuple((io.dataset, io.column_lineage, io.lineage) for io in outputs)
    return Declared(
        order=reading.order,
        inputs=None if event.inputs is None else tuple(dict.fromkeys(io.dataset for io in inputs)),
        outputs=None if event.outputs is None and not entries else listed,
        has_lineage=has_lineage,
        entries=entries,
    )


def _told(reading: Reading, told: Listed) -> tuple[str, Told] | None:
    change = reading.event.dataset.facets.get("lifecycleStateChange") if reading.event.dataset else None
    if told.column_lineage is None and told.lineage is None and change is None:
        return None
    moved = _lifecycle(told.dataset, change) if change is not None else None
    return told.dataset, Told(reading.order, told.lineage, told.column_lineage, moved)
