"""What does the explicit `lineage` facet state (rules D2 (1), D4 and F6)?

On a job it has entries, each about one dataset or job; on a dataset the target is implied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graph_schema.identity import clean, run_uuid, uuid_of
from ingest.facets.names import MentionedRun, Names
from ingest.facets.stated import Gathering, Stated
from ingest.openlineage import Named, identity_of

if TYPE_CHECKING:
    from collections.abc import Iterator


class Entry(NamedTuple):
    """What the facet states about one output dataset."""

    target: Named
    stated: Stated


def read_entries(body: dict[str, Any]) -> list[Entry]:
    """List the DATASET entries of a job's lineage facet; JOB entries state nothing about datasets."""
    return [Entry(target, read_target(entry)) for target, entry in _entries(body) if target is not None]


def read_target(entry: dict[str, Any]) -> Stated:
    """Read what an entry, or a dataset's own lineage facet, states about its target."""
    return _gather(entry).stated(none=isinstance(entry.get("inputs"), list))


def _entries(body: dict[str, Any]) -> Iterator[tuple[Named | None, dict[str, Any]]]:
    """Give every entry with its target (None: a job's); a broken one is left out whole, with what it names."""
    entries = body.get("entries")
    for entry in entries if isinstance(entries, list) else ():
        if _is_job(entry):
            yield None, entry
        elif isinstance(entry, dict) and entry.get("type") == "DATASET":
            target = identity_of(entry, dataset=True)
            if target is not None:
                yield target, entry


def _is_job(item: Any) -> bool:
    return isinstance(item, dict) and item.get("type") == "JOB"


def _inputs(entry: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Give every input of an entry with the target field it is stated for (None: the whole dataset)."""
    lists: list[tuple[Any, str | None]] = [(entry.get("inputs"), None)]
    fields = entry.get("fields")
    for target, said in fields.items() if isinstance(fields, dict) else ():
        if isinstance(said, dict):
            lists.append((said.get("inputs"), clean(target)))
    for items, target in lists:
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict):
                yield item, target


def _gather(entry: dict[str, Any]) -> Gathering:
    gathering = Gathering()
    for item, target in _inputs(entry):
        if item.get("type") == "DATASET":
            gathering.add(item, target)
    return gathering


def names_of_entries(body: dict[str, Any], _owner: str) -> Names:
    """Name the datasets, jobs, runs and fields of a job's lineage facet."""
    datasets: dict[str, Named] = {}
    jobs: list[Named] = []
    runs: list[MentionedRun] = []
    fields: list[tuple[str, str]] = []
    for target, entry in _entries(body):
        if target is not None:
            datasets[target.key] = target
        else:
            _mention(entry, jobs, runs)
        inner = names_of_dataset(entry, target.key if target else "")
        datasets.update({named.key: named for named in inner.datasets})
        jobs.extend(inner.jobs)
        runs.extend(inner.runs)
        fields.extend(inner.fields)
    return Names(tuple(datasets.values()), tuple(jobs), tuple(runs), tuple(fields))


def names_of_dataset(body: dict[str, Any], dataset: str) -> Names:
    """Name what an entry, or a dataset's own lineage facet, speaks of."""
    gathering = _gather(body)
    jobs: list[Named] = []
    runs: list[MentionedRun] = []
    for item, _ in _inputs(body):
        if _is_job(item):
            _mention(item, jobs, runs)
    fields = body.get("fields")
    own = tuple((dataset, clean(path)) for path in fields) if isinstance(fields, dict) and dataset else ()
    return Names(tuple(gathering.datasets.values()), tuple(jobs), tuple(runs), own + gathering.fields())


def _mention(item: dict[str, Any], jobs: list[Named], runs: list[MentionedRun]) -> None:
    job = identity_of(item, dataset=False)
    if job is not None:
        jobs.append(job)
    text = item.get("runId")
    if isinstance(text, str) and (job is not None or uuid_of(text)):
        runs.append(MentionedRun(run_uuid(text, job.namespace if job else "", job.name if job else ""), job))
