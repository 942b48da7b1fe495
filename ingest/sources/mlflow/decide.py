"""What is to be told of something MLflow holds, given what was told of it before?

Pure. `Row` is what the ledger keeps of one thing. Nothing is told where the content is as it was; what is told first has the
times of the thing itself, and what is found later the time at which it was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import blake2b
from typing import Any, Final

import orjson

from graph_schema import instants
from ingest.sources.mlflow.mapping import experiments, models, runs
from ingest.sources.mlflow.mapping.facets import Json
from ingest.sources.mlflow.mapping.names import Name, Place

HASH_BYTES: Final = 16
GONE: Final = "deleted"
"""The digest of what is not there any more."""


@dataclass(frozen=True, slots=True)
class Row:
    """What the ledger keeps of one thing: the hash of what was told, and of what was last seen in a search.

    `told` is what later decisions need of it, `is_open` a run that has not ended, `waits` the run whose job must be
    known first, `at` the time of the newest event about it.
    """

    digest: str = ""
    seen: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)
    is_open: bool = False
    waits: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The events to tell, and the row as it is then; `late` where their time is when they were found."""

    row: Row
    events: tuple[Json, ...] = ()
    late: bool = False


def digest_of(value: Any) -> str:
    """Hash a value, whatever the order of its members."""
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str)
    return blake2b(text, digest_size=HASH_BYTES).hexdigest()


def later(at: str, than: str) -> str:
    """Give a time, or the first one behind another: an older event must never win over what is told now."""
    if at > than:
        return at
    return instants.render_instant(instants.to_datetime(than) + timedelta(microseconds=1))


def run(place: Place, seen: runs.RunSeen, row: Row, *, at: str) -> Decision:
    """Decide on a run. Its job, once told, stays."""
    of = str(row.told.get("job") or runs.job_of(seen))
    row = replace(row, waits=runs.parent_id(seen.run) if seen.parent is None else "")
    if runs.is_over(seen.run):
        return _ended_run(place, seen, row, of, at=at)
    if row.told.get("job") or runs.role(seen) != "train":
        return Decision(replace(row, is_open=True))
    start = runs.start_event(place, seen, of)
    return Decision(replace(row, is_open=True, told={"job": of}, at=start["eventTime"]), (start,))


def _ended_run(place: Place, seen: runs.RunSeen, row: Row, of: str, *, at: str) -> Decision:
    body = runs.content(place, seen, of)
    digest = runs.digest_of(body)
    kind, ended = runs.end_of(seen)
    done = replace(row, is_open=False, digest=digest, told={"job": of, "end": [kind, ended]})
    if digest == row.digest:
        return Decision(replace(row, is_open=False))
    if not row.digest:
        begun = [] if row.told.get("job") else [runs.start_event(place, seen, of)]
        end = runs.told_event(kind, ended, body)
        if seen.tags.get(runs.TOLD, digest) == digest:
            return Decision(replace(done, at=ended), (*begun, end))
        # The client told other content for this time, and of two events of one time either may win.
        time = later(at, ended)
        anew = runs.told_event("OTHER", time, body)
        return Decision(replace(done, at=time), (*begun, end, anew), late=True)
    if row.told.get("end") == [kind, ended]:
        time = later(at, row.at)
        return Decision(replace(done, at=time), (runs.told_event("OTHER", time, body),), late=True)
    # It was taken up again, and has ended anew.
    resumed = ended > str(row.told.get("end", ["", ""])[1])
    time = ended if resumed else later(at, row.at)
    return Decision(
        replace(done, at=max(time, row.at)), (runs.told_event(kind, time, body),), late=not resumed
    )


def experiment(place: Place, seen: Json, row: Row, *, at: str) -> Decision:
    """Decide on an experiment: told on the jobs of its runs, and before there is one on that which is to train."""
    body = experiments.experiment_facets(seen, "")
    digest = digest_of(body)
    if digest == row.digest:
        return Decision(row)
    jobs = list(row.told.get("jobs", ()))
    time = later(at, row.at) if row.digest else None
    events = experiments.experiment_events(place, seen, jobs, time)
    named = [event["job"]["name"] for event in events]
    done = Row(digest, told={"jobs": named}, at=max(event["eventTime"] for event in events))
    return Decision(done, tuple(events), late=time is not None)


def with_job(row: Row, job: str) -> Row:
    """Take note that runs of an experiment were told under a job."""
    jobs = [*row.told.get("jobs", ())]
    return row if job in jobs else replace(row, told={**row.told, "jobs": [*jobs, job]})


def version(place: Place, registered: Json, seen: Json, row: Row, *, at: str, renamed: str = "") -> Decision:
    """Decide on a version of a registered model; `renamed` is the name under which its model stood before."""
    name, number = str(seen.get("name", "")), str(seen.get("version", ""))
    given = models.version_facets(registered, seen)
    digest = digest_of(given)
    if digest == row.digest:
        return Decision(row)
    facts = {"facets": given, "made": seen.get("creation_timestamp"), "model": name, "version": number}
    if row.digest:
        time = later(at, row.at)
        told = models.restored_version(given) if row.digest == GONE else given
        event = models.version_event(place, told, time, name=name, number=number)
        return Decision(Row(digest, told=facts, at=time), (event,), late=True)
    registration = models.registration_event(place, seen)
    if not renamed and not models.says_more(registered, seen):
        return Decision(Row(digest, told=facts, at=registration["eventTime"]), (registration,))
    time = later(at, registration["eventTime"])
    if renamed:
        given = models.renamed_version(place, given, old=renamed, number=number)
    event = models.version_event(place, given, time, name=name, number=number)
    return Decision(Row(digest, told=facts, at=time), (registration, event), late=True)


def version_gone(place: Place, row: Row, *, at: str, model_gone: bool, renamed: bool = False) -> Decision:
    """Decide on a version that is not there any more, or, `renamed`, under another model's name."""
    time = later(at, row.at)
    given = models.deleted_version(row.told["facets"], model_deleted=model_gone, dropped=not renamed)
    name, number = str(row.told["model"]), str(row.told["version"])
    event = models.version_event(place, given, time, name=name, number=number)
    return Decision(replace(row, digest=GONE, at=time), (event,), late=True)


def logged_model(place: Place, seen: Json, row: Row, *, at: str, told_by_run: str = "") -> Decision:
    """Decide on a logged model; `told_by_run` is the time of a run's event that tells it in this moment."""
    facet = models.logged_model_facet(seen)
    digest = digest_of(facet)
    facts = {"model": seen}
    if digest == row.digest:
        return Decision(row)
    if told_by_run and not row.digest:
        return Decision(Row(digest, told=facts, at=told_by_run))
    time = later(at, row.at) if row.digest else None
    event = models.logged_model_event(place, seen, time)
    return Decision(Row(digest, told=facts, at=event["eventTime"]), (event,), late=time is not None)


def logged_model_gone(place: Place, row: Row, *, at: str) -> Decision:
    """Decide on a logged model that is not there any more."""
    time = later(at, row.at)
    event = models.logged_model_event(place, row.told["model"], time, deleted=True)
    return Decision(replace(row, digest=GONE, at=time), (event,), late=True)


def parent_of(place: Place, run_uuid: str, row: Row | None) -> tuple[str, Name] | None:
    """Give a parent's run and job, where its job was told."""
    job = None if row is None else row.told.get("job")
    return (run_uuid, (place.namespace, str(job))) if job else None
