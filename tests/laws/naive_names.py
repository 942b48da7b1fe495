"""Which nodes does an event name, and which names mean the same dataset?

F9, F13, D5; readings 8, 24, 25 and 26 of decision 0002.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graph_schema.identity import run_key, run_uuid, uuid_of
from tests.laws.naive_events import (
    Event,
    Facets,
    Name,
    dataset_name,
    facet,
    is_tombstone,
    job_facet,
    job_name,
    live,
    members,
    newest,
    objects,
    run_facet,
    uses,
)
from tests.laws.naive_said import mentioned_views, named_runs, selected_fields

GROUP_MAX = 256
FILE_SCHEMES = frozenset({"file", "s3", "s3a", "gs", "hdfs", "abfss", "wasbs", "dbfs", "inmemory"})


@dataclass(frozen=True, slots=True)
class RunMention:
    """A run named by a parent facet or a job dependency, with the job named beside it."""

    key: str
    job: Name | None


def run_mention(value: Any) -> RunMention | None:
    """Reading 8: a run id that is no UUID, without a job, names nothing."""
    text = members(members(value).get("run")).get("runId")
    job = job_name(members(value).get("job"))
    if not isinstance(text, str):
        return None
    if job is None:
        own = uuid_of(text)
        return None if own is None else RunMention(run_key(own), None)
    return RunMention(run_key(run_uuid(text, job.namespace, job.name)), job)


def own_run(event: Event) -> str:
    """DESIGN 5: the key of the run that a run event reports."""
    assert event.job is not None
    assert event.run_text is not None
    return run_key(run_uuid(event.run_text, event.job.namespace, event.job.name))


def related(event: Event) -> Iterator[Any]:
    """Reading 24: the `{run, job}` objects of parent, root and jobDependencies."""
    parent = run_facet(event, "parent")
    if parent is not None:
        yield parent
        yield parent.get("root")
    dependencies = run_facet(event, "jobDependencies") or {}
    for side in ("upstream", "downstream"):
        yield from objects(dependencies.get(side))


def mentioned_runs(event: Event) -> list[RunMention]:
    """Runs that the event names without being theirs."""
    found = [run_mention(value) for value in related(event)]
    for body in _lineage_bodies(event):
        jobs = [item for item in _lineage_items(body) if item.get("type") == "JOB"]
        found += [run_mention({"run": {"runId": item.get("runId")}, "job": item}) for item in jobs]
    found += [RunMention(key, None) for key in named_runs(event)]
    return [mention for mention in found if mention is not None]


def mentioned_jobs(event: Event) -> list[Name]:
    """F13: jobs named anywhere but in `job`."""
    found = [job_name(members(value).get("job")) for value in related(event)]
    for body in _lineage_bodies(event):
        found += [job_name(item) for item in _lineage_items(body) if item.get("type") == "JOB"]
    return [name for name in found if name is not None]


def mentioned_datasets(event: Event) -> list[Name]:
    """F13: datasets named anywhere but in inputs, outputs and `dataset`."""
    found: list[Name | None] = []
    for use in uses(event):
        for item in objects((_naming(use.facets, "symlinks") or {}).get("identifiers")):
            name = dataset_name(item)
            found.append(name if name is not None and name.name else None)
        found.append(
            dataset_name((_naming(use.facets, "lifecycleStateChange") or {}).get("previousIdentifier"))
        )
        found += [dataset_name(item) for item in _column_items(_naming(use.facets, "columnLineage") or {})]
    for body in _lineage_bodies(event):
        found += [dataset_name(item) for item in _lineage_items(body) if item.get("type") == "DATASET"]
    found += mentioned_views(event)
    return [name for name in found if name is not None]


def _lineage_bodies(event: Event) -> list[Facets]:
    """Each lineage facet as a list of entries: a job's holds them, a dataset's is one without a name."""
    listed = objects((live(job_facet(event, "lineage")) or {}).get("entries"))
    on_job = [entry for entry in listed if _is_entry(entry)]
    on_datasets = [_naming(use.facets, "lineage") for use in uses(event)]
    return on_job + [body for body in on_datasets if body is not None]


def _is_entry(entry: Facets) -> bool:
    """DESIGN 3: a broken entry is left out whole, with what it names."""
    return entry.get("type") == "JOB" or (entry.get("type") == "DATASET" and dataset_name(entry) is not None)


def _naming(facets: Facets, name: str) -> Facets | None:
    """Reading 24: a tombstone of a dataset's or job's facet names nothing."""
    return live(facet(facets, name))


def _lineage_items(entry: Facets) -> list[Facets]:
    """The entry itself, its inputs, and the inputs of its fields."""
    found = [entry, *objects(entry.get("inputs"))]
    for body in members(entry.get("fields")).values():
        found += objects(members(body).get("inputs"))
    return found


def _column_items(body: Facets) -> list[Facets]:
    found = objects(body.get("dataset"))
    for target in members(body.get("fields")).values():
        found += objects(members(target).get("inputFields"))
    return found


def named_fields(event: Event) -> set[tuple[str, str]]:
    """F13, reading 25: (dataset key, path) of every field the event names."""
    found = selected_fields(event)
    for use in uses(event):
        found |= {(use.name.key, path) for path, _, _ in schema_fields(_naming(use.facets, "schema"))}
        columns = _naming(use.facets, "columnLineage") or {}
        found |= {(use.name.key, path) for path in members(columns.get("fields"))}
        found |= _source_fields(_column_items(columns))
        lineage = _naming(use.facets, "lineage") or {}
        found |= {(use.name.key, path) for path in members(lineage.get("fields"))}
    for entry in _lineage_bodies(event):
        target = dataset_name(entry) if entry.get("type") == "DATASET" else None
        if target is not None:
            found |= {(target.key, path) for path in members(entry.get("fields"))}
        found |= _source_fields([item for item in _lineage_items(entry) if item.get("type") == "DATASET"])
    return found


def _source_fields(items: list[Facets]) -> set[tuple[str, str]]:
    found = [(dataset_name(item), item.get("field")) for item in items]
    return {(name.key, path) for name, path in found if name is not None and isinstance(path, str)}


def schema_fields(schema: Facets | None, prefix: str = "") -> list[tuple[str, str | None, int | None]]:
    """F13: (path, data type, ordinal) of a schema's fields, nested ones joined with dots."""
    found: list[tuple[str, str | None, int | None]] = []
    listed = (schema or {}).get("fields")
    for index, item in enumerate(listed if isinstance(listed, list) else [], start=1):
        name = members(item).get("name")
        if not isinstance(name, str):
            continue
        kind, ordinal = item.get("type"), item.get("ordinal_position")
        whole = isinstance(ordinal, int) and not isinstance(ordinal, bool) and abs(ordinal) < 2**63
        path = f"{prefix}{name}"
        found.append((path, kind if isinstance(kind, str) else None, ordinal if whole else index))
        found += schema_fields(item, f"{path}.")
    return found


def names_of(events: list[Event]) -> dict[str, Name]:
    """Every dataset name there is, by key."""
    found = [use.name for event in events for use in uses(event)]
    found += [name for event in events for name in mentioned_datasets(event)]
    return {name.key: name for name in found}


def canonical_names(events: list[Event]) -> dict[str, str]:
    """F9, D5: every dataset key with the key of its group's canonical name."""
    names = names_of(events)
    links = _links(events, names)
    canonical: dict[str, str] = {}
    for key in names:
        group = _reachable(key, links)
        canonical[key] = key if len(group) > GROUP_MAX else _smallest(group, names)
    return canonical


def _links(events: list[Event], names: dict[str, Name]) -> set[tuple[str, str]]:
    """F9, reading 26: links of the current symlinks facets, either way."""
    links: set[tuple[str, str]] = set()
    for key in names:
        stamps = list(newest(events, "symlinks", key=key))
        current = max(stamps, key=lambda found: found[:2])[2] if stamps else {}
        for item in [] if is_tombstone(current) else objects(current.get("identifiers")):
            other = dataset_name(item)
            if other is not None and other.name and other.key != key:
                links |= {(key, other.key), (other.key, key)}
    return links


def _reachable(key: str, links: set[tuple[str, str]]) -> set[str]:
    group = {key}
    while True:
        more = {target for source, target in links if source in group} - group
        if not more:
            return group
        group |= more


def _smallest(group: set[str], names: dict[str, Name]) -> str:
    """D5: smallest key by UTF-8 bytes, names that are places in a file system last."""
    places = {key for key in group if names[key].namespace.partition("://")[0] in FILE_SCHEMES}
    return min(group - places or group, key=str.encode)
