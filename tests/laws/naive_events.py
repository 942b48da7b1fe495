"""What does one event say, before any rule looks at a second one?

The naive referee reads canonical events with plain loops; it shares nothing with `ingest/` but the canonical
form and the rendering of keys (DESIGN 3 to 5, F1, F2; readings 1 to 5 of decision 0002).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graph_schema.identity import clean, dataset_key, job_key, stored_namespace
from ingest.canonical import digest

Facets = dict[str, Any]
Order = tuple[int, str]
"""F1: (0 if the event is suspect else 1, its eventTime); "equal `at`" compares this."""
Stamp = tuple[int, str, bytes]
"""F2 without the place: Order and the canonical hash."""

EVENT_TYPES = ("START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER")
INPUT, MEMBER, OUTPUT = 0, 1, 2
"""F2: the place of an output outranks a dataset event's, that an input's."""


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """A dataset's or job's key with its stored namespace and name."""

    key: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Use:
    """One dataset in an event's inputs, outputs or `dataset` member."""

    name: Name
    place: tuple[int, int]
    facets: Facets


@dataclass(frozen=True, slots=True)
class Event:
    """One accepted event; `kind` is RUN, JOB, DATASET or RUN_ID_MISSING."""

    body: Facets
    suspect: bool
    time: str
    hash: bytes
    kind: str
    job: Name | None
    run_text: str | None

    @property
    def when(self) -> Order:
        """F1: suspect times rank below all others."""
        return (0 if self.suspect else 1, self.time)

    @property
    def stamp(self) -> Stamp:
        """F2: a total order of events."""
        return (*self.when, self.hash)

    @property
    def type(self) -> str | None:
        """Reading 3: only the exact words of the spec count."""
        word = self.body.get("eventType")
        return word if isinstance(word, str) and word in EVENT_TYPES else None


def objects(value: Any) -> list[Facets]:
    """List the objects in what should be a list; anything broken is left out (DESIGN 3)."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def members(value: Any) -> Facets:
    """Give an object's members; anything but an object has none."""
    return value if isinstance(value, dict) else {}


def _pair(value: Any) -> tuple[str, str] | None:
    body = members(value)
    namespace, name = body.get("namespace"), body.get("name")
    return (namespace, name) if isinstance(namespace, str) and isinstance(name, str) else None


def dataset_name(value: Any) -> Name | None:
    """Reading 2: an object whose namespace and name are both text."""
    pair = _pair(value)
    return None if pair is None else Name(dataset_key(*pair), stored_namespace(pair[0]), clean(pair[1]))


def job_name(value: Any) -> Name | None:
    """Reading 2, for a job."""
    pair = _pair(value)
    return None if pair is None else Name(job_key(*pair), stored_namespace(pair[0]), clean(pair[1]))


def read_events(given: list[tuple[dict[str, Any], bool]]) -> list[Event]:
    """L2, F1: one event per canonical hash, suspect when any copy was; ordered by stamp."""
    suspect: dict[bytes, bool] = {}
    bodies: dict[bytes, dict[str, Any]] = {}
    for body, flag in given:
        name = digest(body)
        bodies[name] = body
        suspect[name] = suspect.get(name, False) or flag
    read = [_event(bodies[name], name, suspect=suspect[name]) for name in bodies]
    return sorted((event for event in read if event is not None), key=lambda event: event.stamp)


def _event(body: dict[str, Any], name: bytes, *, suspect: bool) -> Event | None:
    """DESIGN 3, reading 1: run+job, else job, else dataset; a run without usable id declares nothing."""
    job = job_name(body.get("job"))
    dataset = dataset_name(body.get("dataset"))
    run_text = members(body.get("run")).get("runId")
    usable = isinstance(run_text, str)
    if job is None and dataset is None:
        return None
    if "run" in body and not usable:
        kind = "RUN_ID_MISSING"
    elif job is None:
        kind = "DATASET"
    else:
        kind = "RUN" if usable else "JOB"
    run = run_text if kind == "RUN" else None
    return Event(body, suspect, body["eventTime"], name, kind, job, run)


def uses(event: Event) -> list[Use]:
    """Every dataset used by the event, in whatever kind of event it stands, with its place."""
    found: list[Use] = []
    for member, rank in (("inputs", INPUT), ("outputs", OUTPUT)):
        listed = event.body.get(member)
        for index, item in enumerate(listed if isinstance(listed, list) else []):
            name = dataset_name(item)
            if name is not None:
                found.append(Use(name, (rank, index), members(item.get("facets"))))
    name = dataset_name(event.body.get("dataset"))
    if name is not None:
        found.append(Use(name, (MEMBER, 0), members(event.body["dataset"].get("facets"))))
    return found


def facet(facets: Facets, name: str) -> Facets | None:
    """Reading 5: a facet that is no object is left out."""
    value = facets.get(name)
    return value if isinstance(value, dict) else None


def job_facet(event: Event, name: str) -> Facets | None:
    """One job facet of the event."""
    return None if event.job is None else facet(members(event.body["job"].get("facets")), name)


def run_facet(event: Event, name: str) -> Facets | None:
    """One run facet of the event."""
    return facet(members(members(event.body.get("run")).get("facets")), name)


def is_tombstone(value: Facets) -> bool:
    """Reading 5: exactly `true`."""
    return value.get("_deleted") is True


def live(value: Facets | None) -> Facets | None:
    """A facet that is there and no tombstone."""
    return None if value is None or is_tombstone(value) else value


def entries(event: Event) -> list[tuple[Name, Facets]]:
    """DATASET entries of the event's `lineage` job facet, with the dataset each speaks of."""
    lineage = live(job_facet(event, "lineage")) or {}
    found = [
        (dataset_name(entry), entry)
        for entry in objects(lineage.get("entries"))
        if entry.get("type") == "DATASET"
    ]
    return [(name, entry) for name, entry in found if name is not None]


def inputs_of(event: Event) -> list[Name]:
    """The event's inputs list."""
    return [use.name for use in uses(event) if use.place[0] == INPUT]


def outputs_of(event: Event) -> list[Name]:
    """D1: the outputs list and the DATASET entries of the lineage."""
    listed = [use.name for use in uses(event) if use.place[0] == OUTPUT]
    return listed + [name for name, _ in entries(event)]


def newest(events: list[Event], name: str, *, key: str) -> Iterator[tuple[Stamp, tuple[int, int], Facets]]:
    """Every stamp of one dataset facet of the dataset `key`, over all places."""
    for event in events:
        for use in uses(event):
            value = facet(use.facets, name)
            if use.name.key == key and value is not None:
                yield event.stamp, use.place, value
