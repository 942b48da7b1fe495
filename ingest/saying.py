"""What does one event say of experiments, models, features and people (rule D6)?

Each is said by a facet on something else: an experiment by its runs, a model by its versions, a view's join keys by its
entities. What is said is kept by whom it is about, the newest of each slot; so nothing depends on the order of events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from graph_schema.identity import clean, dataset_key, run_key
from graph_schema.instants import OPEN_END
from ingest.facets import feast, mlflow
from ingest.facets.stated import Stated
from ingest.facts import DELETED
from ingest.openlineage import Named
from ingest.reading import PLACE_DATASET, PLACE_INPUT, PLACE_OUTPUT, Said, StartedBy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.facts import Sha
    from ingest.openlineage import Facets, Io
    from ingest.reading import Reading

EXPERIMENT: Final = "mlflow_experiment"
NAME: Final = "name"
MODEL: Final = "mlflow_registeredModel"
VIEW: Final = "feast_featureView"
SERVICE: Final = "feast_featureService"
ACT: Final = "catalogue_act"
JOIN_KEYS: Final = "join_keys"
"""The slots: what is said of an experiment, of a model, of a dataset."""

GATEWAY: Final = "gateway"
_SELECTION: Final = "feast_featureSelection"
_DEFINING: Final = frozenset({VIEW, SERVICE})
_SPEAKING: Final = _DEFINING | {
    MODEL,
    "mlflow_modelVersion",
    "mlflow_loggedModel",
    "hierarchy",
    "feast_entity",
}
"""Facets of datasets that say something here: most datasets have none."""


def say(reading: Reading) -> tuple[Named | None, Named | None]:
    """Add what the event says; give the experiment that its run is in, and who it claims to be of."""
    event = reading.event
    defining = not _DEFINING.isdisjoint(event.job_facets)
    for io, place in _used(reading):
        if defining or _SELECTION in io.run_facets or not _SPEAKING.isdisjoint(io.facets):
            _say_dataset(reading, io, place)
    _say_access(reading)
    act = event.run_facets.get(ACT)
    if act is not None:
        _say_act(reading, act)
    claimed = mlflow.person(event.run_facets.get("mlflow_run", {}).get("userId"))
    if claimed is not None:
        reading.name(claimed, "person", real=False)
    return _say_experiment(reading), claimed


def _used(reading: Reading) -> Iterator[tuple[Io, int]]:
    event = reading.event
    yield from ((io, PLACE_INPUT) for io in event.inputs or ())
    yield from ((io, PLACE_OUTPUT) for io in event.outputs or ())
    if event.dataset is not None:
        yield event.dataset, PLACE_DATASET


def _is_live(body: object) -> bool:
    return isinstance(body, dict) and body.get("_deleted") is not True


def _say_experiment(reading: Reading) -> Named | None:
    event = reading.event
    if event.job is None:
        return None
    own, run = event.job_facets.get("mlflow_experiment"), event.run_facets.get("mlflow_run", {})
    if own is not None and not _is_live(own):
        own = None
    by_job = mlflow.experiment(own, event.job.namespace)
    by_run = mlflow.experiment(run, event.job.namespace)
    stamp = f"{reading.order}{PLACE_INPUT}{0:06d}"
    for found, said in ((by_job, own or {}), (by_run, run)):
        if found is None:
            continue
        reading.name(found, "experiment", real=True)
        name = mlflow.text_of(said.get("name" if said is own else "experimentName"))
        known = any(one.entity == found.key and one.slot == NAME for one in reading.said)
        if name is not None and not known:
            body = reading.keep_bytes(orjson.dumps({"name": name}))
            reading.said.append(Said(found.key, NAME, stamp, body))
    if by_job is not None and own is not None:
        reading.said.append(Said(by_job.key, EXPERIMENT, stamp, reading.keep(own)))
    return by_run or by_job


def _say_dataset(reading: Reading, io: Io, place: int) -> None:
    stamp = f"{reading.order}{place}{io.place:06d}"
    facets = {name: body for name, body in io.facets.items() if _is_live(body)}
    namespace = io.dataset.namespace
    registered = facets.get(MODEL)
    stated = mlflow.named("model", namespace, mlflow.text_of((registered or {}).get("name")))
    for one in (*mlflow.models_of(facets, namespace), *([stated] if stated else [])):
        reading.name(one, "model", real=True)
    if stated is not None and registered is not None:
        reading.said.append(Said(stated.key, MODEL, stamp, reading.keep(registered)))
    maker = mlflow.run_id(facets.get("mlflow_loggedModel", {}).get("sourceRunId"))
    trainer = mlflow.run_id(facets.get("mlflow_modelVersion", {}).get("runId"))
    reading.mentions.extend((run, None) for run in (maker, trainer) if run is not None)
    above = reading.event.job_facets if place == PLACE_OUTPUT else {}
    _say_view(reading, io, above, stamp)
    keys = feast.join_keys_of(facets.get("feast_entity", {}))
    if keys:
        body = reading.keep_bytes(orjson.dumps(keys))
        reading.said.append(Said(io.dataset.key, JOIN_KEYS, stamp, body))
    features = io.run_facets.get(_SELECTION)
    if features is not None:
        certain, perhaps = feast.selected(features)
        reading.fields.update((io.dataset.key, name) for name in (*certain, *perhaps))


def _say_view(reading: Reading, io: Io, above: Facets, stamp: str) -> None:
    """Say what a view or service is: by its own facet, or by that of the job that defines this one alone."""
    for slot in (VIEW, SERVICE):
        body = io.facets.get(slot)
        if body is None and above.get(slot, {}).get("name") == io.dataset.name:
            body = above[slot]
        if body is None:
            continue
        sha: Sha = reading.keep(body) if _is_live(body) else DELETED
        reading.said.append(Said(io.dataset.key, slot, stamp, sha))
        for entity in feast.view_of(body).entities if slot == VIEW else ():
            reading.keyed.append((dataset_key(io.dataset.namespace, entity), io.dataset.key))


def _say_act(reading: Reading, act: dict[str, object]) -> None:
    who = mlflow.person(act.get("by"))
    if who is not None:
        reading.name(who, "person", real=False)
    if reading.event.kind != "run" or mlflow.act_of(act) is None:
        return
    for io in reading.event.inputs or ():
        stamp = f"{reading.order}{PLACE_INPUT}{io.place:06d}"
        reading.said.append(Said(io.dataset.key, ACT, stamp, reading.keep(act)))


def _say_access(reading: Reading) -> None:
    """Say who came through the gateway, of which run or experiment, and whether that started it."""
    access = reading.event.run_facets.get("gateway_access")
    if access is None:
        return
    who, about = mlflow.person(access.get("person")), mlflow.access_experiment(access)
    run = mlflow.run_id(access.get("run"))
    if who is not None:
        reading.name(who, "person", real=False)
    if about is not None:
        reading.name(about, "experiment", real=False)
    if run is not None:
        reading.mentions.append((run, None))
    began = mlflow.started(access)
    if began is not None:
        subject = run_key(began.run) if began.run else began.experiment.key if began.experiment else ""
        at = OPEN_END if reading.time is None else began.at or reading.time
        reading.started.append(StartedBy(subject, began.person.key, GATEWAY, at))


def feast_entries(reading: Reading) -> tuple[bool, tuple[tuple[str, Sha], ...]]:
    """Say what Feast's own facets state about outputs, and whether they switch the product off (rule D2)."""
    found: list[tuple[str, Sha]] = []
    for io in reading.event.outputs or ():
        view = feast.stored_view(io)
        if view is not None:
            source = Named(dataset_key(io.dataset.namespace, view), io.dataset.namespace, clean(view))
            reading.name(source, "dataset", real=False)
            found.append((io.dataset.key, reading.keep_stated(Stated((source.key,)))))
    return bool(found) or feast.applies(reading.event), tuple(found)
