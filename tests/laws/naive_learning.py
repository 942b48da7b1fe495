"""What should be there of experiments, models, features, deployments, decisions and people, for these events?

D6 in plain loops over all events, sharing nothing with `ingest/` but the canonical form.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graph_schema.identity import clean, dataset_key, field_key, named_key, person_key
from tests.laws.naive_events import (
    INPUT,
    OUTPUT,
    Event,
    Facets,
    Name,
    Use,
    dataset_name,
    facet,
    is_tombstone,
    job_facet,
    live,
    members,
    objects,
    run_facet,
    uses,
)
from tests.laws.naive_runs import Run
from tests.laws.naive_said import instant, run_of, selections, text, texts, whole

Row = dict[str, Any]
KINDS = {
    "TABLE": "TABLE", "VIEW": "VIEW", "FILE": "FILE", "TOPIC": "TOPIC", "STREAM": "TOPIC",
    "FEATURE_VIEW": "FEATURE_VIEW", "FEATURE_SERVICE": "FEATURE_SERVICE",
}  # fmt: skip
MODELS = ("LOGGED_MODEL", "MODEL_VERSION")


# What a dataset is.


def current(events: list[Event], name: str, key: str) -> Facets | None:
    """The newest facet of a dataset that is no tombstone."""
    stamps = [
        (event.stamp, use.place, body)
        for event in events
        for use in uses(event)
        if use.name.key == key and (body := facet(use.facets, name)) is not None
    ]
    return live(max(stamps, key=lambda found: found[:2])[2]) if stamps else None


def defined(events: list[Event], name: str, key: str) -> Facets | None:
    """Likewise, where a job may say it of its output: of the one whose name its facet gives."""
    stamps = []
    for event in events:
        for use in uses(event):
            if use.name.key != key:
                continue
            body = facet(use.facets, name)
            above = job_facet(event, name)
            if body is None and above is not None and use.place[0] == OUTPUT:
                body = above if clean(str(above.get("name"))) == use.name.name else None
            if body is not None:
                stamps.append((event.stamp, use.place, body))
    return live(max(stamps, key=lambda found: found[:2])[2]) if stamps else None


def kind_of(events: list[Event], key: str) -> str:
    """D6: by facets that only one kind has, else by datasetType."""
    own = {
        "MODEL_VERSION": current(events, "mlflow_modelVersion", key),
        "LOGGED_MODEL": current(events, "mlflow_loggedModel", key),
        "FEATURE_VIEW": defined(events, "feast_featureView", key),
        "FEATURE_SERVICE": defined(events, "feast_featureService", key),
    }
    said = [kind for kind, body in own.items() if body is not None]
    if said:
        return said[0]
    body = current(events, "datasetType", key) or {}
    stated, narrower = (
        value.upper() if isinstance(value, str) else ""
        for value in (body.get("datasetType"), body.get("subType"))
    )
    if stated != "MODEL":
        return KINDS.get(stated, "OTHER")
    if narrower in MODELS:
        return narrower
    return "LOGGED_MODEL" if current(events, "version", key) is None else "MODEL_VERSION"


def is_any(events: list[Event], key: str, kinds: tuple[str, ...], names: dict[str, str]) -> bool:
    """A dataset is what any name of its group is."""
    return any(kind_of(events, other) in kinds for other in names if names[other] == names[key])


def role_of(events: list[Event], dataset: Name, path: str) -> str:
    """D6: a field of a view that the view lists, if it lists any, and that is no join key."""
    if kind_of(events, dataset.key) != "FEATURE_VIEW":
        return "COLUMN"
    view = defined(events, "feast_featureView", dataset.key) or {}
    keys = set(texts(view.get("join_keys")) + texts(view.get("joinKeys")))
    for entity in texts(view.get("entities")):
        if entity != "__dummy":
            keys |= set(_join_keys(events, dataset_key(dataset.namespace, entity)) or [entity])
    listed = texts(view.get("features"))
    return "FEATURE" if path not in keys and (not listed or path in listed) else "COLUMN"


def _join_keys(events: list[Event], entity: str) -> list[str]:
    """The newest that says any: an empty list takes nothing away."""
    stamps = [
        (event.stamp, use.place, found)
        for event in events
        for use in uses(event)
        if use.name.key == entity
        and (found := texts((live(facet(use.facets, "feast_entity")) or {}).get("join_keys")))
    ]
    return max(stamps, key=lambda found: found[:2])[2] if stamps else []


# Experiments and models.


def _experiments(event: Event) -> Iterator[tuple[str, str, str | None]]:
    """(key, id, name) of each experiment that the event names for itself: by its job first."""
    if event.job is None:
        return
    own = live(job_facet(event, "mlflow_experiment")) or {}
    run = run_facet(event, "mlflow_run") or {}
    for body, word in ((own, "name"), (run, "experimentName")):
        number = text(body.get("experimentId"))
        if number is not None:
            key = named_key("experiment", event.job.namespace, number)
            yield key, number, text(body.get(word))


def _access_experiment(event: Event) -> tuple[str, str, str] | None:
    body = members((run_facet(event, "gateway_access") or {}).get("experiment"))
    namespace, number = body.get("namespace"), text(body.get("experimentId"))
    if not isinstance(namespace, str) or number is None:
        return None
    return named_key("experiment", namespace, number), namespace, number


def experiment_rows(events: list[Event]) -> list[Row]:
    """One per experiment that any event names."""
    found: dict[str, tuple[str, str]] = {}
    for event in events:
        found |= {key: (event.job.namespace, number) for key, number, _ in _experiments(event) if event.job}
        access = _access_experiment(event)
        if access is not None:
            found[access[0]] = access[1:]
    rows = []
    for key, (namespace, number) in found.items():
        name, body = number, {}
        for event in events:  # by stamp, so the last one stays
            own = [one for one in _experiments(event) if one[0] == key]
            name = next((one[2] for one in own if one[2] is not None), name)
            job = live(job_facet(event, "mlflow_experiment")) or {}
            if (
                event.job
                and named_key("experiment", event.job.namespace, text(job.get("experimentId")) or "") == key
            ):
                body = job
        rows.append(
            {"type": "experiment", "key": key, "namespace": namespace, "name": name, "experiment_id": number,
             "lifecycle_stage": text(body.get("lifecycleStage")), "artifact_location": text(body.get("artifactLocation")),
             "workspace": text(body.get("workspace")), "description": _description(body), "tags": _tags(body)}
        )  # fmt: skip
    return rows


def _description(body: Facets) -> str | None:
    return text(body.get("description")) or text(members(body.get("tags")).get("mlflow.note.content"))


def _tags(body: Facets) -> list[str] | None:
    found = set()
    for key, value in members(body.get("tags")).items():
        if key and not key.startswith("mlflow."):
            said = text(value)
            found.add(clean(key if said in {None, "true"} else f"{key}:{said}"))
    return sorted(found) or None


def _model_names(use: Use) -> list[str]:
    own = text((live(facet(use.facets, "mlflow_modelVersion")) or {}).get("name"))
    return [name for name in (own, _above(live(facet(use.facets, "hierarchy")))) if name is not None]


def _above(body: Facets | None) -> str | None:
    levels = objects((body or {}).get("hierarchy"))
    return next((text(one.get("name")) for one in levels if str(one.get("type")).upper() == "MODEL"), None)


def model_rows(events: list[Event]) -> list[Row]:
    """One per registered model that a version names."""
    found: dict[str, tuple[str, str]] = {}
    stated: dict[str, list[Any]] = {}
    for event in events:
        for use in uses(event):
            for name in _model_names(use):
                found[named_key("model", use.name.namespace, name)] = (use.name.namespace, name)
            body = live(facet(use.facets, "mlflow_registeredModel")) or {}
            own = text(body.get("name"))
            if own is not None:
                key = named_key("model", use.name.namespace, own)
                found[key] = (use.name.namespace, own)
                stated.setdefault(key, []).append((event.stamp, use.place, body))
    rows = []
    for key, (namespace, name) in found.items():
        body = max(stated.get(key, [(0, 0, {})]), key=lambda one: one[:2])[2] if key in stated else {}
        aliases = sorted(
            (clean(a), v) for a, said in members(body.get("aliases")).items() if (v := text(said))
        )
        rows.append(
            {"type": "model", "key": key, "namespace": namespace, "name": name, "description": _description(body),
             "tags": _tags(body), "aliases": [a for a, _ in aliases] or None,
             "alias_versions": [v for _, v in aliases] or None, "deleted": True if body.get("deleted") is True else None}
        )  # fmt: skip
    return rows


def version_rows(events: list[Event], datasets: list[Name]) -> list[Row]:
    """VERSION_OF, by the current facets of a dataset."""
    rows = []
    for dataset in datasets:
        own = text((current(events, "mlflow_modelVersion", dataset.key) or {}).get("name"))
        name = own or _above(current(events, "hierarchy", dataset.key))
        if name is not None:
            model = named_key("model", dataset.namespace, name)
            rows.append({"type": "version_of", "source": dataset.key, "target": model})
    return rows


# Runs.


def own_events(run: Run) -> list[Event]:
    return sorted(
        (event for attempt in run.attempts for event in attempt.events), key=lambda event: event.stamp
    )


def run_edge_rows(events: list[Event], runs: list[Run], names: dict[str, str]) -> list[Row]:
    """IN_EXPERIMENT, STARTED_BY and USED_FEATURE of runs."""
    rows = []
    for run in runs:
        own = own_events(run)
        experiments = [found for event in own if (found := _own_experiment(event)) is not None]
        rows += [{"type": "in_experiment", "source": run.key, "target": found} for found in experiments[-1:]]
        said = [text((run_facet(event, "mlflow_run") or {}).get("userId")) for event in own]
        people = [person for person in said if person is not None]
        rows += [_started(run.key, person, "mlflow.user", _begun(run, own)) for person in people[-1:]]
        rows += _feature_rows(events, run.key, own, names)
    return rows


def _own_experiment(event: Event) -> str | None:
    """The run's word goes before its job's."""
    found = [key for key, _, _ in _experiments(event)]
    return found[-1] if found else None


def _begun(run: Run, own: list[Event]) -> str | None:
    if run.shown is not None and run.shown.started is not None:
        return run.shown.started[1]
    return min((event.time for event in own if not event.suspect), default=None)


def _started(source: str, person: str, evidence: str, at: str | None) -> Row:
    return {
        "type": "started_by",
        "source": source,
        "target": person_key(person),
        "evidence": evidence,
        "at": at,
    }


def gateway_rows(events: list[Event]) -> list[Row]:
    """Who started a run or an experiment, as the gateway saw it: the first time it did."""
    found: dict[tuple[str, str], list[str | None]] = {}
    for event in events:
        body = run_facet(event, "gateway_access") or {}
        person, status = text(body.get("person")), whole(body.get("status"))
        access = _access_experiment(event)
        subject = {
            "CREATED_RUN": run_of(body.get("run")), "CREATED_EXPERIMENT": access[0] if access else None,
        }.get(str(body.get("act")))  # fmt: skip
        if subject is not None and person is not None and (status is None or status < 400):
            at = None if event.suspect else instant(body.get("at")) or event.time
            found.setdefault((subject, person), []).append(at)
    return [
        _started(subject, person, "gateway", min((at for at in times if at is not None), default=None))
        for (subject, person), times in found.items()
    ]


def _feature_rows(events: list[Event], run: str, own: list[Event], names: dict[str, str]) -> list[Row]:
    newest: dict[str, Facets] = {}
    for event in own:
        newest |= {name.key: body for _, name, body in selections(event)}
    certain = {(view, path) for view, body in newest.items() for path in texts(body.get("features"))}
    perhaps = {
        (view, path) for view, body in newest.items() for path in texts(body.get("ambiguous"))
    } - certain
    found = {("FETCHED", *one): one in certain for one in certain | perhaps}
    views = {
        names[use.name.key]
        for event in own
        for use in uses(event)
        if use.place[0] == INPUT and is_any(events, use.name.key, ("FEATURE_VIEW",), names)
    } | {names[view] for view in newest}
    columns: dict[str, Facets] = {}
    for event in own:
        for use in uses(event):
            body = facet(use.facets, "columnLineage")
            if use.place[0] == OUTPUT and body is not None:
                columns[use.name.key] = body
    for output, body in columns.items():
        if is_tombstone(body) or not is_any(events, output, ("LOGGED_MODEL",), names):
            continue
        said = objects(body.get("dataset"))
        for target in members(body.get("fields")).values():
            said += objects(members(target).get("inputFields"))
        for one in said:
            name = dataset_name(one)
            if name is not None and isinstance(one.get("field"), str) and names[name.key] in views:
                source = (name.key, clean(one["field"]))
                found["USED", *source] = source not in perhaps
    return [
        {
            "type": "used_feature",
            "source": run,
            "target": field_key(view, path),
            "mode": mode,
            "certain": sure,
        }
        for (mode, view, path), sure in found.items()
    ]
