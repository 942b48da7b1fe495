"""Which datasets, fields, jobs and runs are there, and what do their rows say?

F5, F7, F8, F13 and DESIGN 10; readings 6, 9, 20, 24 and 25 of decision 0002.
"""

from __future__ import annotations

from typing import Any

from graph_schema.identity import clean, field_key
from tests.laws.naive_events import (
    INPUT,
    OUTPUT,
    Event,
    Facets,
    Name,
    Order,
    Use,
    is_tombstone,
    job_name,
    run_facet,
    uses,
)
from tests.laws.naive_learning import kind_of, role_of
from tests.laws.naive_names import (
    mentioned_datasets,
    mentioned_jobs,
    named_fields,
    names_of,
    schema_fields,
)
from tests.laws.naive_observations import Act, Observation
from tests.laws.naive_runs import Run

Row = dict[str, Any]


def dataset_rows(
    events: list[Event], written: list[Observation], acts: list[Act], *, names: dict[str, str]
) -> list[Row]:
    """F13, D5: one row per dataset name; live and last_written_at belong to the group."""
    rows = []
    for name in names_of(events).values():
        group = names[name.key]
        writes = [each.at for each in written if each.output == group]
        sure = [at for at in writes if at[0] == 1]
        rows.append(
            {
                "type": "dataset",
                "key": name.key,
                "namespace": name.namespace,
                "name": name.name,
                "kind": kind_of(events, name.key),
                "live": _is_live(group, writes, acts),
                "placeholder": not any(use.name.key == name.key for event in events for use in uses(event)),
                "alias_of": None if group == name.key else group,
                "created_at": min(
                    (e.time for e in events if not e.suspect and _names(e, name.key)), default=None
                ),
                "last_written_at": max(sure)[1] if sure else None,
            }
        )
    return rows


def _names(event: Event, key: str) -> bool:
    return any(name.key == key for name in [*(use.name for use in uses(event)), *mentioned_datasets(event)])


def _is_live(group: str, writes: list[Order], acts: list[Act]) -> bool:
    """Reading 20: a write at the instant of a DROP is after it, at that of a RENAME before it."""
    last = max(writes, default=None)
    drops = [act.at for act in acts if act.old is None and act.dataset == group]
    leaves = [act.at for act in acts if act.old == group and act.dataset != group]
    if last is None:
        return not drops and not leaves
    return not any(drop > last for drop in drops) and not any(leave >= last for leave in leaves)


def field_rows(events: list[Event], runs: list[Run], *, names: dict[str, str]) -> list[Row]:
    """F13, reading 25: a name's fields are also fields of its canonical name."""
    own: dict[str, set[str]] = {key: set() for key in names}
    for event in events:
        for dataset, path in named_fields(event):
            own[dataset].add(clean(path))
    rows = []
    for key in names:
        group = [member for member in names if names[member] == key] or [key]
        paths = {path for member in group for path in own[member]}
        rows += [
            _field_row(key, path, [key, *sorted(group)], events=events, runs=runs) for path in sorted(paths)
        ]
    return rows


def _field_row(dataset: str, path: str, members: list[str], *, events: list[Event], runs: list[Run]) -> Row:
    sent = [_schema(events, runs, member) for member in members]
    current = [found for ever, schema in sent if ever for found in schema if found[0] == path]
    return {
        "type": "field",
        "key": field_key(dataset, path),
        "dataset": dataset,
        "name": path.rpartition(".")[2],
        "path": path,
        "data_type": current[0][1] if current else None,
        "ordinal": current[0][2] if current else None,
        "role": role_of(events, names_of(events)[dataset], path),
        "current": bool(current) if any(ever for ever, _ in sent) else None,
    }


def _schema(
    events: list[Event], runs: list[Run], key: str
) -> tuple[bool, list[tuple[str, str | None, int | None]]]:
    """F5: was a schema ever sent, and the fields of the current one."""
    stamps = []
    ever = False
    for event in events:
        for use in uses(event):
            body = use.facets.get("schema")
            if use.name.key != key or not isinstance(body, dict):
                continue
            given = bool(schema_fields(body)) and not is_tombstone(body)
            ever = ever or given
            if given or is_tombstone(body):
                rank = 0 if _ranks_low(event, use, runs) else 1
                stamps.append((rank, event.stamp, use.place, body))
    current = max(stamps, key=lambda found: found[:3])[3] if stamps else {}
    fields = [] if is_tombstone(current) else schema_fields(current)
    return ever, [(clean(path), kind, ordinal) for path, kind, ordinal in fields]


def _ranks_low(event: Event, use: Use, runs: list[Run]) -> bool:
    """F5: on an input, or on an output of a failed or aborted batch run."""
    if use.place[0] != OUTPUT or event.kind != "RUN":
        return use.place[0] == INPUT
    attempts = [attempt for run in runs for attempt in run.attempts if event in attempt.events]
    return any(each.processing == "BATCH" and each.state in ("FAILED", "ABORTED") for each in attempts)


def job_rows(events: list[Event]) -> list[Row]:
    """F13, F7: one row per job name; its parent is the newest of several and never itself."""
    firm = {event.job for event in events if event.job is not None}
    named = firm | {name for event in events for name in mentioned_jobs(event)}
    return [
        {
            "type": "job",
            "key": name.key,
            "namespace": name.namespace,
            "name": name.name,
            "parent": _job_parent(events, name),
            "placeholder": name not in firm,
        }
        for name in sorted(named)
    ]


def _job_parent(events: list[Event], job: Name) -> str | None:
    """Reading 9: the job of the newest parent facet under that job that names another."""
    stamps = []
    for event in events:
        if event.job == job:
            parent = _parent_job(run_facet(event, "parent"))
            if parent is not None and parent != job:
                stamps.append((event.stamp, parent.key))
    return max(stamps)[1] if stamps else None


def _parent_job(parent: Facets | None) -> Name | None:
    return None if parent is None else job_name(parent.get("job"))


def run_rows(runs: list[Run]) -> list[Row]:
    """F4, F8: a run without own events is a placeholder without state."""
    rows = []
    for run in runs:
        shown = run.shown
        rows.append(
            {
                "type": "run",
                "key": run.key,
                "job": None if run.job is None else run.job.key,
                "state": None if shown is None else shown.state,
                "started_at": None if shown is None or shown.started is None else shown.started[1],
                "ended_at": None if shown is None or shown.ended is None else shown.ended[1],
                "parent": run.parent,
                "root": run.root,
                "job_clash": list(run.clash),
            }
        )
    return rows
