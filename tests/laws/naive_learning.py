"""What should be there of experiments, models, features, deployments, decisions and people, for these events?

D6 in plain loops over all events, sharing nothing with `ingest/` but the canonical form.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from graph_schema.identity import clean, dataset_key, field_key, named_key, person_key
from ingest.canonical import text_of as canonical_text
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
from tests.laws.naive_runs import Attempt, Run
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
    if current(events, "mlflow_modelVersion", key) is not None:
        return "MODEL_VERSION"
    if current(events, "mlflow_loggedModel", key) is not None:
        return "LOGGED_MODEL"
    if defined(events, "feast_featureView", key) is not None:
        return "FEATURE_VIEW"
    if defined(events, "feast_featureService", key) is not None:
        return "FEATURE_SERVICE"
    body = current(events, "datasetType", key) or {}
    stated, narrower = (
        value.upper() if isinstance(value, str) else "" for value in (body.get("datasetType"), body.get("subType"))
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
            if event.job and named_key("experiment", event.job.namespace, text(job.get("experimentId")) or "") == key:
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
        aliases = sorted((clean(a), v) for a, said in members(body.get("aliases")).items() if (v := text(said)))
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


def _own_events(run: Run) -> list[Event]:
    return sorted((event for attempt in run.attempts for event in attempt.events), key=lambda event: event.stamp)


def run_edge_rows(events: list[Event], runs: list[Run], names: dict[str, str]) -> list[Row]:
    """IN_EXPERIMENT, STARTED_BY and USED_FEATURE of runs."""
    rows = []
    for run in runs:
        own = _own_events(run)
        experiments = [_own_experiment(event) for event in own]
        for found in [one for one in experiments if one is not None][-1:]:
            rows.append({"type": "in_experiment", "source": run.key, "target": found})
        people = [text((run_facet(event, "mlflow_run") or {}).get("userId")) for event in own]
        for person in [one for one in people if one is not None][-1:]:
            rows.append(_started(run.key, person, "mlflow.user", _begun(run, own)))
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
    return {"type": "started_by", "source": source, "target": person_key(person), "evidence": evidence, "at": at}


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
    perhaps = {(view, path) for view, body in newest.items() for path in texts(body.get("ambiguous"))} - certain
    found = {("FETCHED", *one): one in certain for one in certain | perhaps}
    views = {
        names[use.name.key]
        for event in own
        for use in uses(event)
        if use.place[0] == INPUT and is_any(events, use.name.key, ("FEATURE_VIEW",), names)
    }
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
        {"type": "used_feature", "source": run, "target": field_key(view, path), "mode": mode, "certain": sure}
        for (mode, view, path), sure in found.items()
    ]


# Decisions.


def approval_rows(runs: list[Run]) -> list[Row]:
    """One per run that decides, with what it is about and who decided."""
    rows = []
    for run in runs:
        own = _own_events(run)
        acts = [(event, body) for event in own if (body := run_facet(event, "catalogue_act")) and text(body.get("act"))]
        if not acts:
            continue
        event, body = acts[-1]
        key = run.key.replace("run:", "approval:")
        listed = body.get("evidence") if isinstance(body.get("evidence"), list) else None
        evidence = canonical_text(listed) if listed else None
        model = members(body.get("model"))
        known = isinstance(model.get("namespace"), str) and text(model.get("name"))
        rows.append(
            {"type": "approval", "key": key, "decision": text(body.get("act")), "reason": text(body.get("reason")),
             "at": instant(body.get("at")) or (None if event.suspect else event.time), "by": text(body.get("by")),
             "model": named_key("model", model["namespace"], text(model["name"]) or "") if known else None,
             "version": text(body.get("version")), "evidence": evidence.decode() if evidence else None,
             "evidence_hash": sha256(evidence).hexdigest() if evidence else None}
        )  # fmt: skip
        about = {use.name.key for event in own for use in uses(event) if use.place[0] == INPUT}
        rows += [{"type": "approves", "source": key, "target": dataset} for dataset in about]
        by = text(body.get("by"))
        rows += [{"type": "decided_by", "source": key, "target": person_key(by)}] if by else []
    return rows


# Deployments.


def job_states(events: list[Event], job: Name) -> tuple[bool, Facets | None]:
    """Whether a job ever said that it is a deployment, and what it says now."""
    stamps = [(e.stamp, body) for e in events if e.job == job and (body := job_facet(e, "mlops_deployment")) is not None]
    return bool(stamps), live(max(stamps, key=lambda found: found[0])[1]) if stamps else None


def serving(events: list[Event], attempts: list[Attempt], names: dict[str, str]) -> list[Attempt]:
    """D6: the SERVICE attempts of jobs that say so, and those that read a model."""
    found = []
    for attempt in attempts:
        read = {use.name.key for event in attempt.events for use in uses(event) if use.place[0] == INPUT}
        says = job_states(events, attempt.job)[1] is not None
        if attempt.processing == "SERVICE" and (says or any(is_any(events, key, MODELS, names) for key in read)):
            found.append(attempt)
    return found


def deployment_rows(events: list[Event], runs: list[Run], served: list[Attempt]) -> list[Row]:
    """One per job that said that it is one, or serves a model."""
    rows = []
    for job in sorted({event.job for event in events if event.job is not None}):
        ever, body = job_states(events, job)
        own = [run for run in runs if run.job == job and any(a.run == run.key for a in served)]
        if not ever and not own:
            continue
        states = sorted((min(e.stamp for e in run.attempts[-1].events), run.key, _state(run)) for run in own)
        said = body or {}
        share = said.get("trafficPercent")
        number = isinstance(share, int | float) and not isinstance(share, bool) and 0 <= share <= 100
        options = members(said.get("configuration"))
        words = ("environment", "platform", "endpoint", "revision", "image", "reason", "by")
        rows.append(
            {"type": "deployment", "key": named_key("deployment", job.namespace, job.name), "namespace": job.namespace,
             "name": job.name, "job": job.key, "state": states[-1][2] if states else None,
             "running": sum(1 for _, _, state in states if state == "RUNNING"),
             **{word: text(said.get(word)) for word in words}, "requested_alias": text(said.get("requestedAlias")),
             "traffic_percent": float(share) if number else None,
             "configuration": canonical_text(options).decode() if options else None}
        )  # fmt: skip
    return rows


def _state(run: Run) -> str:
    state = run.attempts[-1].state
    return {"RUNNING": "RUNNING", "FAILED": "FAILED", "COMPLETED": "WITHDRAWN", "ABORTED": "WITHDRAWN"}.get(
        state, "REQUESTED"
    )
