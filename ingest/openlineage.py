"""What does an OpenLineage event say, once everything broken is left out?

`read_event` classifies by content (run+job, else job, else dataset), keeps every usable part, and says in
`warnings` which parts it left out and why. It judges no facet: what facets mean is in `ingest/facets/`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from graph_schema.errors import EventRejected
from graph_schema.identity import clean, dataset_key, job_key, redact, run_uuid, uuid_of

EVENT_TYPES: Final = frozenset({"START", "RUNNING", "COMPLETE", "FAIL", "ABORT", "OTHER"})
Facets = dict[str, dict[str, Any]]


class Warned(NamedTuple):
    """A part of an event that was left out or changed: a stable code and a JSON pointer."""

    code: str
    pointer: str


class Named(NamedTuple):
    """A job's or dataset's identity: its key, and the stored namespace and name."""

    key: str
    namespace: str
    name: str


class Io(NamedTuple):
    """A dataset as one event lists it; `place` is its index in the list as sent."""

    dataset: Named
    facets: Facets
    run_facets: Facets
    place: int


class Event(NamedTuple):
    """One usable event. `inputs` and `outputs` are None where the event states no such list."""

    kind: Literal["run", "job", "dataset", "mute"]
    time: str
    type: str | None
    run: str | None
    run_text: str | None
    job: Named | None
    run_facets: Facets
    job_facets: Facets
    inputs: list[Io] | None
    outputs: list[Io] | None
    dataset: Io | None
    warnings: tuple[Warned, ...]


def read_event(form: dict[str, Any]) -> Event:
    """Read a canonical event; raises EventRejected when nothing in it can be held on to.

    `kind` "mute" is an event with a `run` member but no usable runId: it names and describes, and declares nothing.
    """
    warnings: list[Warned] = []
    job_member = form.get("job")
    job = _identity(job_member, "/job", warnings, dataset=False) if "job" in form else None
    dataset = _dataset(form["dataset"], 0, "/dataset", warnings) if "dataset" in form else None
    if job is None and dataset is None:
        msg = "the event names neither a job nor a dataset; give job.namespace and job.name"
        raise EventRejected("IDENTITY_MISSING", msg, "/job")
    text, run_facets = _run(form, warnings)
    run = run_uuid(text, job.namespace, job.name) if text is not None and job is not None else None
    odd_text = text if text is not None and uuid_of(text) is None else None
    kind: Literal["run", "job", "dataset", "mute"] = "run" if run else "job" if job else "dataset"
    if "run" in form and text is None:
        kind = "mute"
    if run is not None and odd_text is not None:
        warnings.append(Warned("RUN_ID_NOT_UUID", "/run/runId"))
    return Event(
        kind=kind,
        time=form["eventTime"],
        type=_event_type(form, warnings),
        run=run,
        run_text=None if odd_text is None else clean(odd_text),
        job=job,
        run_facets=run_facets,
        job_facets=_facets(job_member, "facets", "/job", warnings) if job is not None else {},
        inputs=_list(form, "inputs", warnings),
        outputs=_list(form, "outputs", warnings),
        dataset=dataset,
        warnings=tuple(warnings),
    )


def _event_type(form: dict[str, Any], warnings: list[Warned]) -> str | None:
    given = form.get("eventType")
    if given is None:
        return None
    if isinstance(given, str) and given in EVENT_TYPES:
        return given
    warnings.append(Warned("EVENT_TYPE_UNKNOWN", "/eventType"))
    return None


def _run(form: dict[str, Any], warnings: list[Warned]) -> tuple[str | None, Facets]:
    if "run" not in form:
        return None, {}
    run = form["run"]
    if not isinstance(run, dict):
        warnings.append(Warned("RUN_ID_MISSING", "/run"))
        return None, {}
    text = run.get("runId")
    if not isinstance(text, str):
        warnings.append(Warned("RUN_ID_MISSING", "/run/runId"))
        text = None
    return text, _facets(run, "facets", "/run", warnings)


def identity_of(value: Any, *, dataset: bool) -> Named | None:
    """Read `{namespace, name}`, redacted and storable; None when it is no usable identity."""
    if not isinstance(value, dict):
        return None
    namespace, name = value.get("namespace"), value.get("name")
    if not isinstance(namespace, str) or not isinstance(name, str):
        return None
    return _named(namespace, name, dataset=dataset)


@lru_cache(maxsize=32_768)
def _named(namespace: str, name: str, *, dataset: bool) -> Named:
    """Read an identity once: an event says each of its names several times, and a producer the same in every event."""
    stored, name = clean(redact(namespace)[0]), clean(name)
    return Named((dataset_key if dataset else job_key)(stored, name), stored, name)


def _identity(value: Any, pointer: str, warnings: list[Warned], *, dataset: bool) -> Named | None:
    named = identity_of(value, dataset=dataset)
    if named is None:
        warnings.append(Warned("DATASET_BROKEN" if dataset else "JOB_BROKEN", pointer))
        return None
    if named.namespace != value["namespace"]:
        secret = redact(value["namespace"])[1]
        warnings.append(Warned("SECRET_REDACTED" if secret else "NAME_REPLACED", f"{pointer}/namespace"))
    if named.name != value["name"]:
        warnings.append(Warned("NAME_REPLACED", f"{pointer}/name"))
    return named


def _list(form: dict[str, Any], member: str, warnings: list[Warned]) -> list[Io] | None:
    given = form.get(member)
    if given is None:
        return None
    if not isinstance(given, list):
        warnings.append(Warned("LIST_BROKEN", f"/{member}"))
        return None
    found = (_dataset(item, index, f"/{member}/{index}", warnings) for index, item in enumerate(given))
    return [io for io in found if io is not None]


def _dataset(item: Any, index: int, pointer: str, warnings: list[Warned]) -> Io | None:
    named = _identity(item, pointer, warnings, dataset=True)
    if named is None:
        return None
    own = "inputFacets" if pointer.startswith("/inputs") else "outputFacets"
    return Io(named, _facets(item, "facets", pointer, warnings), _facets(item, own, pointer, warnings), index)


def _facets(owner: Any, member: str, pointer: str, warnings: list[Warned]) -> Facets:
    given = owner.get(member)
    if given is None:
        return {}
    if not isinstance(given, dict):
        warnings.append(Warned("FACETS_BROKEN", f"{pointer}/{member}"))
        return {}
    if any(clean(name) != name for name in given):
        # Names that are stored alike are one facet, whatever order they were sent in.
        given = {clean(name): given[name] for name in sorted(given)}
    broken = [name for name, body in given.items() if not isinstance(body, dict)]
    if not broken:
        return given
    warnings.extend(Warned("FACET_BROKEN", f"{pointer}/{member}/{_pointed(name)}") for name in broken)
    return {name: body for name, body in given.items() if isinstance(body, dict)}


def _pointed(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
