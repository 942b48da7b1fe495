"""What is to be told now that was not told before, and with which time?

A thing is told when what is told of it differs from the last time, by its hash. Its event has the registry's own time of the
change where that moved, else the time at which the change was found; never a time before the last one told of it, nor one
ahead of the finding. What was never told before has the time of its making: the registry knows of no other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from graph_schema import instants
from ingest.sources.feast.thing import Thing, field
from ingest.sources.feast.things import Materialization
from ingest.sources.feast.written import Facets, Json, completed, dataset_event, facets, gone, run_id_of

Key = tuple[str, str]
Window = tuple[str, str, str]
"""A view, and between which times of its data it was materialized."""

DROPPED: Final = b""
TICK: Final = timedelta(microseconds=1)


class Row(NamedTuple):
    """What is kept of a thing that was told: the hash (DROPPED when it is gone), times, and which facets it has had."""

    digest: bytes
    updated: str
    at: str
    facets: tuple[str, ...]
    job: str
    job_facets: tuple[str, ...]


class Plan(NamedTuple):
    """Events to be told, the rows that differ afterwards, and what was materialized since."""

    events: list[Json]
    rows: dict[Key, Row]
    windows: list[Window]


def planned(
    before: Mapping[Key, Row], things: Sequence[Thing], *, namespace: str, found_at: str, again: bool = False
) -> Plan:
    """Compare what a project holds with what was told of it; with `again` all is told once more, as of now."""
    events: list[Json] = []
    rows: dict[Key, Row] = {}
    for thing in things:
        row = before.get(thing.key)
        if row is not None and row.digest == thing.digest and not again:
            if row.updated != thing.updated:
                rows[thing.key] = row._replace(updated=thing.updated)
            continue
        at = found_at if again and row is not None else _time_of(thing, row, found_at)
        at = at if row is None else _after(row.at, at)
        if row is not None and row.digest != DROPPED and row.job not in {"", thing.job}:
            events.append(_left(thing, row.job, at))
        events.append(_told(thing, row, at))
        rows[thing.key] = _row(thing, row, at)
    names = {thing.name for thing in things}
    held = {thing.key for thing in things}
    for key, row in before.items():
        if key in held or row.digest == DROPPED:
            continue
        at = _after(row.at, found_at)
        if key[1] not in names:  # a source and a view of one name are one dataset, which is still there
            events.append(_dropped(key, row, namespace, at))
        rows[key] = row._replace(digest=DROPPED, at=at)
    return Plan(events, rows, [])


def materialized(
    told: Collection[Window],
    windows: Iterable[Materialization],
    *,
    project: str,
    namespace: str,
    known: Collection[Key],
    found_at: str,
) -> Plan:
    """Tell what was written into the online store since: a run for each view and window.

    When it was, a registry does not say. Of a view that was read before it is when the view was last written; of any other the
    end of the window, which is mostly the present of whoever materialized, but not before the view was made.
    """
    events: list[Json] = []
    seen = set(told)
    views = {view for view, _, _ in told}
    fresh: list[Window] = []
    for one in windows:
        window = (one.view, one.start, one.end)
        if window in seen:
            continue
        seen.add(window)
        fresh.append(window)
        updated = min(one.meta.updated or found_at, found_at)
        end = _instant(one.end) or updated
        at = updated if ("view", one.view) in known else min(max(end, one.meta.created), updated)
        events.append(_run(one, project, namespace, at, first=one.view not in views))
        views.add(one.view)
    return Plan(events, {}, fresh)


def _time_of(thing: Thing, row: Row | None, found_at: str) -> str:
    if row is None:
        return min(thing.created or thing.updated or found_at, found_at)
    return min(thing.updated, found_at) if thing.updated > row.updated else found_at


def _after(before: str, at: str) -> str:
    return at if at > before else instants.render_instant(instants.to_datetime(before) + TICK)


def _row(thing: Thing, row: Row | None, at: str) -> Row:
    had = row or Row(b"", "", "", (), "", ())
    return Row(
        thing.digest,
        thing.updated,
        at,
        tuple(sorted({*had.facets, *thing.facets})),
        thing.job,
        tuple(sorted({*had.job_facets, *thing.job_facets}))
        if had.job in {"", thing.job}
        else tuple(thing.job_facets),
    )


def _told(thing: Thing, row: Row | None, at: str) -> Json:
    had = () if row is None else row.facets
    change = "CREATE" if row is None or row.digest == DROPPED else "ALTER"
    told = {
        **thing.facets,
        **gone(set(had) - set(thing.facets)),
        **facets({"lifecycleStateChange": {"lifecycleStateChange": change}}),
    }
    dataset = {"namespace": thing.namespace, "name": thing.name, "facets": told}
    if not thing.job:
        return dataset_event(dataset, at)
    had_job = row.job_facets if row is not None and row.job == thing.job else ()
    job = {
        "namespace": thing.namespace,
        "name": thing.job,
        "facets": {**thing.job_facets, **gone(set(had_job) - set(thing.job_facets))},
    }
    inputs = [{"namespace": thing.namespace, "name": name} for name in thing.inputs]
    run_id = run_id_of(thing.namespace, thing.job, thing.digest.hex(), at)
    return completed(run_id, job, at, run={}, inputs=inputs, outputs=[dataset])


def _left(thing: Thing, job: str, at: str) -> Json:
    """Say that a job makes something no more: a view became one of another kind."""
    dataset = {"namespace": thing.namespace, "name": thing.name}
    entries = {"entries": [{**dataset, "type": "DATASET", "inputs": []}]}
    return completed(
        run_id_of(thing.namespace, job, "left", at),
        {"namespace": thing.namespace, "name": job, "facets": facets({"lineage": entries})},
        at,
        run={},
        inputs=[],
        outputs=[dataset],
    )


def _dropped(key: Key, row: Row, namespace: str, at: str) -> Json:
    """Say that something is gone. Its job ran a last time and read nothing, so that it does not seem to read on."""
    change: Facets = facets({"lifecycleStateChange": {"lifecycleStateChange": "DROP"}})
    dataset = {"namespace": namespace, "name": key[1], "facets": change}
    if not row.job:
        return dataset_event(dataset, at)
    job = {"namespace": namespace, "name": row.job, "facets": {}}
    run_id = run_id_of(namespace, row.job, "gone", at)
    return completed(run_id, job, at, run={}, inputs=[], outputs=[dataset])


def _run(one: Materialization, project: str, namespace: str, at: str, *, first: bool) -> Json:
    job, store = f"materialize_{project}", f"online_store_{one.view}"
    view = {"namespace": namespace, "name": one.view}
    columns = [*one.features]
    fields = {
        column.name: {
            "inputs": [
                {
                    **view,
                    "type": "DATASET",
                    "field": column.name,
                    "transformations": [{"type": "DIRECT", "subtype": "IDENTITY"}],
                }
            ]
        }
        for column in columns
    }
    entry = {
        "namespace": namespace,
        "name": store,
        "type": "DATASET",
        "inputs": [{**view, "type": "DATASET"}],
        "fields": fields,
    }
    run = facets(
        {
            "feast_materialization": {
                "feature_views": [one.view],
                "start_date": one.start,
                "end_date": one.end,
                "project": project,
            },
            "nominalTime": _nominal(one),
        }
    )
    job_facets = facets(
        {
            "jobType": {"processingType": "BATCH", "integration": "FEAST", "jobType": "MATERIALIZATION"},
            "feast_jobKind": {"kind": "transform", "feast_project": project},
            "lineage": {"entries": [entry]},
        }
    )
    output = facets(
        {
            "schema": {"fields": [{"name": key} for key in one.keys] + [field(column) for column in columns]},
            # Feast's own events know the kind of store; a registry does not, and this is said once.
            "feast_onlineStore": {"feature_view": one.view, "store_type": "online"} if first else None,
        }
    )
    return completed(
        run_id_of(namespace, job, one.view, one.start, one.end),
        {"namespace": namespace, "name": job, "facets": job_facets},
        at,
        run=run,
        inputs=[view],
        outputs=[{"namespace": namespace, "name": store, "facets": output}],
    )


def _nominal(one: Materialization) -> Json | None:
    start, end = _instant(one.start), _instant(one.end)
    if not start:
        return None
    return {"nominalStartTime": start, **({"nominalEndTime": end} if end else {})}


def _instant(text: str) -> str:
    try:
        return instants.parse_instant(text)
    except ValueError:
        return ""
