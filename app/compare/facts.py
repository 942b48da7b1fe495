"""What do the events say of the things on which the sides differ? Read once, in order of receipt.

Kept is only what touches such a thing, so memory goes by how much the sides differ and not by how much happened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any, Final, NamedTuple
from uuid import UUID

from graph_schema.errors import LineageError
from graph_schema.identity import dataset_key, field_key, job_key, run_key
from ingest import canonical
from ingest.facets import parent
from ingest.openlineage import Event, Io, Named, identity_of, read_event

TERMINAL: Final = {"COMPLETE": "COMPLETED", "FAIL": "FAILED", "ABORT": "ABORTED"}
_RENAMED: Final = re.compile(r"[^A-Za-z0-9:/\-_.@+]")
"""What a Marquez replaces by `_` in namespaces."""


class Said(NamedTuple):
    """One event, as far as it matters here, under our keys; `there` are the names under which a Marquez files it."""

    position: int
    source: str
    time: str
    type: str | None
    kind: str
    run: str | None
    job: str | None
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    dataset: str | None
    parent_run: str | None
    parent_job: str | None
    parent_there: str | None
    """The job that a Marquez takes for the parent: one that is the job itself is the part of its name before the last dot."""

    streaming: bool
    schemas: Mapping[str, Mapping[str, bool]]
    """Columns that it states of a dataset, and whether with a type."""

    columns: tuple[tuple[str, str], ...]
    newer: frozenset[str]
    """Datasets whose lineage it states in a facet that a Marquez does not read."""

    symlinks: tuple[tuple[str, str], ...]
    job_there: str | None
    run_there: str | None
    refusal: str | None
    """Why a Marquez refuses it, by what was measured."""

    redacted: bool

    @property
    def ends(self) -> bool:
        """Tell whether it ends its run."""
        return self.type in TERMINAL

    def told(self) -> str:
        """Say which event it is."""
        what = f"{self.type or 'event without type'}" if self.kind == "run" else f"{self.kind} event"
        of = f" of {self.run}" if self.run else ""
        return f"position {self.position}: {what}{of} at {self.time}"


@dataclass(slots=True)
class Facts:
    """The events that speak of what was asked for, each list in order of receipt."""

    by_job: dict[str, list[Said]] = field(default_factory=dict)
    by_run: dict[str, list[Said]] = field(default_factory=dict)
    by_dataset: dict[str, list[Said]] = field(default_factory=dict)
    by_parent: dict[str, list[Said]] = field(default_factory=dict)
    """Events that name a job or a run as their parent; a job also by its name in any namespace (`in_any`)."""

    named_there: dict[str, Said] = field(default_factory=dict)
    """The first event that a Marquez files under another name, by that name."""

    refused: Mapping[int, str] = field(default_factory=dict)
    """Positions that the Marquez refused, and its answers."""

    not_sent: int | None = None
    """The position after which events are not forwarded yet."""

    namespaces: dict[str, str] = field(default_factory=dict)
    """Namespaces by the names that a Marquez gives them."""


def read_facts(
    events: Iterable[Mapping[str, Any]], wanted: set[str], *, refused: Mapping[int, str], not_sent: int | None
) -> Facts:
    """Go through accepted events and keep what speaks of the wanted keys."""
    facts = Facts(refused=refused, not_sent=not_sent)
    wanted = wanted | {in_any(key) for key in wanted if key.startswith("job:")}
    for event in events:
        said = said_by(event)
        if said is not None:
            _keep(facts, said, wanted)
    return facts


def _keep(facts: Facts, said: Said, wanted: set[str]) -> None:
    for there, own in ((said.job_there, said.job), (said.run_there, said.run)):
        if there is not None and there != own and there in wanted:
            facts.named_there.setdefault(there, said)
    lists = (
        (facts.by_job, {said.job, said.job_there}),
        (facts.by_run, {said.run, said.run_there}),
        (facts.by_dataset, {*said.inputs, *said.outputs, said.dataset, *_named(said)}),
        (
            facts.by_parent,
            {said.parent_run, said.parent_job, in_any(said.parent_there) if said.parent_there else None},
        ),
    )
    known = {key for _, keys in lists for key in keys if key is not None}
    if not known & wanted:
        return
    # The whole story of a job decides what is shown of it, so all of it is kept when any of it matters.
    for table, keys in lists:
        for key in keys:
            if key is not None:
                table.setdefault(key, []).append(said)


def in_any(job: str) -> str:
    """Give what stands for jobs of one name in all namespaces."""
    return f"job:*:{job.rpartition(':')[2]}"


def _named(said: Said) -> Iterator[str]:
    for one, other in said.symlinks:
        yield one
        yield other
    for source, target in said.columns:
        yield source.partition("#")[0]
        yield target.partition("#")[0]


def said_by(accepted: Mapping[str, Any]) -> Said | None:
    """Read one accepted event, as `GET /api/v1/events` gives it."""
    body = accepted["body"]
    try:
        form = canonical.canonical(body)
        event = read_event(form)
    except LineageError:
        return None
    containment = parent.read(event.run_facets["parent"])[0] if "parent" in event.run_facets else None
    parent_job = containment.job if containment else None
    job = event.job
    raw_run = body.get("run", {}).get("runId") if isinstance(body.get("run"), dict) else None
    return Said(
        position=int(accepted["position"]),
        source=accepted["source"],
        time=event.time,
        type=event.type,
        kind=event.kind,
        run=run_key(event.run) if event.run else None,
        job=job.key if job else None,
        inputs=tuple(io.dataset.key for io in event.inputs or ()),
        outputs=tuple(io.dataset.key for io in event.outputs or ()),
        dataset=event.dataset.dataset.key if event.dataset else None,
        parent_run=run_key(containment.run) if containment and containment.run else None,
        parent_job=parent_job.key if parent_job else None,
        parent_there=_parent_there(job, parent_job),
        streaming=_is_streaming(event),
        schemas={io.dataset.key: _schema(io) for io in _all(event) if "schema" in io.facets},
        columns=tuple(pair for io in _all(event) for pair in _columns(io)),
        newer=_newer(event),
        symlinks=tuple((io.dataset.key, other) for io in _all(event) for other in _symlinks(io)),
        job_there=_job_there(job.namespace, job.name, parent_job.name if parent_job else None)
        if job
        else None,
        run_there=run_key(_run_there(raw_run)) if event.run and isinstance(raw_run, str) else None,
        refusal=refusal(body),
        redacted=any(one.code == "SECRET_REDACTED" for one in event.warnings),
    )


def _job_there(namespace: str, name: str, parent_name: str | None) -> str:
    own = name if parent_name is None or name.startswith(f"{parent_name}.") else f"{parent_name}.{name}"
    return job_key(namespace_there(namespace), own)


def namespace_there(namespace: str) -> str:
    """Write a namespace as a Marquez names it."""
    return _RENAMED.sub("_", namespace)


def _run_there(text: str) -> str:
    """Give the UUID that a Marquez makes of a run id: its own, else Java's name-based one."""
    try:
        return str(UUID(text))
    except ValueError:
        digest = bytearray(md5(text.encode(errors="replace"), usedforsecurity=False).digest())
        digest[6] = digest[6] & 0x0F | 0x30
        digest[8] = digest[8] & 0x3F | 0x80
        return str(UUID(bytes=bytes(digest)))


def _parent_there(job: Named | None, parent_job: Named | None) -> str | None:
    if job is None or parent_job is None:
        return None
    same = parent_job.name == job.name and "." in job.name
    return job_key(parent_job.namespace, job.name.rpartition(".")[0] if same else parent_job.name)


def _is_streaming(event: Event) -> bool:
    return event.job_facets.get("jobType", {}).get("processingType") == "STREAMING"


def _all(event: Event) -> Iterator[Io]:
    yield from event.inputs or ()
    yield from event.outputs or ()
    if event.dataset is not None:
        yield event.dataset


def _schema(io: Io) -> dict[str, bool]:
    fields = io.facets["schema"].get("fields")
    return {
        one["name"]: isinstance(one.get("type"), str)
        for one in (fields if isinstance(fields, list) else ())
        if isinstance(one, dict) and isinstance(one.get("name"), str)
    }


def _columns(io: Io) -> Iterator[tuple[str, str]]:
    fields = io.facets.get("columnLineage", {}).get("fields")
    for name, told in fields.items() if isinstance(fields, dict) else ():
        sources = told.get("inputFields") if isinstance(told, dict) else None
        for one in sources if isinstance(sources, list) else ():
            named = identity_of(one, dataset=True)
            if named is not None and isinstance(one.get("field"), str):
                yield field_key(named.key, one["field"]), field_key(io.dataset.key, name)


def _newer(event: Event) -> frozenset[str]:
    of_all = "lineage" in event.run_facets or "lineage" in event.job_facets
    named = (io.dataset.key for io in _all(event) if of_all or "lineage" in io.facets)
    return frozenset(named)


def _symlinks(io: Io) -> Iterator[str]:
    identifiers = io.facets.get("symlinks", {}).get("identifiers")
    for one in identifiers if isinstance(identifiers, list) else ():
        named = identity_of(one, dataset=True)
        if named is not None:
            yield dataset_key(named.namespace, named.name)


_MUST: Final = (("run", "runId"), ("job", "name"), ("job", "namespace"))
_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")


def refusal(body: Any) -> str | None:
    """Say why a Marquez refuses an event, by what was measured; None where it does not."""
    if not isinstance(body, dict):
        return "it is no object"
    time = body.get("eventTime")
    if not isinstance(time, str) or not _TIME.match(time):
        return "its eventTime is no date and time"
    if not body.get("producer"):
        return "it has no producer"
    schema = body.get("schemaURL")
    kind = schema.rpartition("/")[2] if isinstance(schema, str) else ""
    return None if kind in {"DatasetEvent", "JobEvent"} else _refusal_of_run(body)


def _refusal_of_run(body: dict[str, Any]) -> str | None:
    for owner, member in _MUST:
        part = body.get(owner)
        if not isinstance(part, dict) or part.get(member) is None:
            return f"{owner}.{member} must not be null"
    facets = body["run"].get("facets")
    nominal = facets.get("nominalTime") if isinstance(facets, dict) else None
    for member in ("nominalStartTime", "nominalEndTime"):
        time = nominal.get(member) if isinstance(nominal, dict) else None
        if time is not None and not (isinstance(time, str) and _TIME.match(time)):
            return f"nominalTime.{member} is no date and time"
    containing = facets.get("parent") if isinstance(facets, dict) else None
    if isinstance(containing, dict):
        run = containing.get("run")
        if not isinstance(run, dict) or run.get("runId") is None:
            return "run.facets.parent.run.runId must not be null"
    return None
