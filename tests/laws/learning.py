"""Which histories of machine learning are tried against the rules?

Views and their join keys, runs in experiments that fetch and use features, models logged and registered, decisions,
accesses through the gateway, deployments requested, started, failed and withdrawn; Feast's own events among them. Few
names, so that all of it meets.
"""

from __future__ import annotations

from typing import Any, Final

from tests import arrows
from tests.laws import pieces
from tests.laws.pieces import Draw, Json, chance, item, pick, some

VIEWS: Final = ("v", "w")
ENTITIES: Final = ("e", "x", "__dummy")
COLUMNS: Final = ("x", "y", "k")
LOGGED: Final = ("m-1", "m-2")
VERSIONS: Final = ("m1", "m2")
PEOPLE: Final = ("ann", "bo", "", None, 3)
TRAINED: Final = ("r1", "r2", "r3")
SERVED: Final = ("r5", "r6", "r7")
TYPES: Final = ("START", "COMPLETE", "COMPLETE", "FAIL", "RUNNING", "OTHER", None)
TOMBSTONE: Final[Json] = {"_deleted": True}


def learning_event(draw: Draw) -> Json:
    """An event of any step from raw data to a served model."""
    steps = (
        _view,
        _view,
        _train,
        _train,
        _train,
        _register,
        _register,
        _serve,
        _serve,
        _serve,
        _act,
        _access,
        _apply,
    )
    event: Json = pick(draw, steps)(draw)
    return event


def _base(draw: Draw, **members: Any) -> Json:
    return {"eventTime": pieces.instant(draw), "producer": "https://test.example", **members}


def _run(draw: Draw, run: str, job: str, kinds: tuple[str | None, ...] = TYPES) -> Json:
    event = _base(
        draw,
        run={"runId": pieces.run_id(draw, run), "facets": {}},
        job={**arrows.job(job), "facets": {}},
    )
    kind = pick(draw, kinds)
    return event if kind is None else {**event, "eventType": kind}


def _or_tombstone(draw: Draw, body: Json) -> Json:
    return TOMBSTONE if chance(draw, 8) else body


def _view_facet(draw: Draw, name: str) -> Json:
    body: Json = {"name": name, "entities": some(draw, ENTITIES)}
    if chance(draw, 60):
        body["features"] = some(draw, COLUMNS, most=3)
    if chance(draw, 8):
        body["join_keys"] = some(draw, COLUMNS)
    if chance(draw, 10):
        body["mode"] = "ON_DEMAND"
    return body


def _schema(draw: Draw) -> Json:
    return {"fields": [{"name": name} for name in dict.fromkeys(some(draw, COLUMNS, most=3))]}


def _view(draw: Draw) -> Json:
    """A view by itself: by a job that defines it, or as a dataset; or its entity."""
    name = pick(draw, VIEWS)
    if chance(draw, 40):
        event = _run(draw, pick(draw, TRAINED), "define", ("COMPLETE",))
        event["job"]["facets"]["feast_featureView"] = _or_tombstone(draw, _view_facet(draw, name))
        event |= {"inputs": [item("a"), item("e")], "outputs": [item(name, schema=_schema(draw))]}
        return event
    if chance(draw, 40):
        keys = [] if chance(draw, 40) else some(draw, COLUMNS)
        return _base(draw, dataset=item("e", feast_entity={"name": "e", "join_keys": keys}))
    facet, kind = pick(
        draw, (("feast_featureView", None), ("datasetType", "FEATURE_VIEW"), ("datasetType", "TABLE"))
    )
    body = {"datasetType": kind} if kind else _view_facet(draw, name)
    event = _base(draw, dataset=item(name, schema=_schema(draw), **{facet: _or_tombstone(draw, body)}))
    if chance(draw, 15):
        event["dataset"]["facets"]["symlinks"] = pieces.symlinks(draw, ("v", "w", "b"))
    return event


def _experiment(draw: Draw, event: Json) -> None:
    number = pick(draw, ("1", "2", 3, ""))
    if chance(draw, 60):
        event["run"]["facets"]["mlflow_run"] = {
            "experimentId": number, "experimentName": pick(draw, ("one", "two", None)), "userId": pick(draw, PEOPLE),
        }  # fmt: skip
    if chance(draw, 25):
        body = {"experimentId": pick(draw, ("1", "2")), "name": pick(draw, ("first", "second", None)),
                "tags": {"team": "risk", "mlflow.note.content": "why"}, "lifecycleStage": "active"}  # fmt: skip
        event["job"]["facets"]["mlflow_experiment"] = _or_tombstone(draw, body)


def _train(draw: Draw) -> Json:
    """A run that fetches from views and logs a model."""
    event = _run(draw, pick(draw, TRAINED), "train")
    _experiment(draw, event)
    inputs = [item(name) for name in some(draw, (*VIEWS, "a"))]
    for one in inputs:
        if chance(draw, 50):
            body = {"features": some(draw, COLUMNS), "ambiguous": some(draw, COLUMNS), "mode": "FETCHED"}
            one["inputFacets"] = {"feast_featureSelection": body}
    model = item(pick(draw, LOGGED))
    if chance(draw, 60):
        model["facets"]["mlflow_loggedModel"] = _or_tombstone(draw, _logged(draw))
    elif chance(draw, 50):
        model["facets"]["datasetType"] = {
            "datasetType": "MODEL",
            "subType": pick(draw, ("LOGGED_MODEL", None, "x")),
        }
    if chance(draw, 60):
        model["facets"]["columnLineage"] = pieces.column_lineage(draw, (*VIEWS, "a", "b"))
    return {**event, "inputs": inputs, "outputs": [model] if chance(draw, 80) else []}


def _logged(draw: Draw) -> Json:
    run = pick(draw, (arrows.run_text("r1").replace("-", ""), arrows.run_text("r8"), "no", None))
    return {"modelId": pick(draw, LOGGED), "sourceRunId": run, "status": "READY"}


def _version(draw: Draw, name: str) -> Json:
    facets: Json = {}
    if chance(draw, 75):
        run = pick(draw, (arrows.run_text("r1"), arrows.run_text("r9"), "", None))
        body = {"name": pick(draw, ("m", "m", "n", "")), "version": pick(draw, ("1", 2)), "runId": run,
                "aliases": some(draw, ("champion", "next")), "stage": "None"}  # fmt: skip
        facets["mlflow_modelVersion"] = _or_tombstone(draw, body)
    if chance(draw, 40):
        registered = {"name": pick(draw, ("m", "n")), "aliases": {"champion": pick(draw, ("1", 2, None))},
                      "description": "d", "deleted": chance(draw, 20)}  # fmt: skip
        facets["mlflow_registeredModel"] = _or_tombstone(draw, registered)
    if chance(draw, 25):
        levels = [{"type": "Model", "name": pick(draw, ("m", "h"))}, 3]
        facets["hierarchy"] = _or_tombstone(draw, {"hierarchy": levels})
    if chance(draw, 30):
        facets["datasetType"] = {"datasetType": "MODEL"}
    if chance(draw, 20):
        facets["version"] = {"datasetVersion": "7"}
    return item(name, **facets)


def _register(draw: Draw) -> Json:
    """A version registered, or told of later."""
    version = _version(draw, pick(draw, VERSIONS))
    if chance(draw, 50):
        return _base(draw, dataset=version)
    event = _run(draw, "r4", "registry", ("COMPLETE",))
    return {**event, "inputs": [item(pick(draw, LOGGED))], "outputs": [version]}


def _serve(draw: Draw) -> Json:
    """A revision of a deployment: requested, started, failed, withdrawn."""
    job = pick(draw, ("deploy", "deploy", "serve"))
    if chance(draw, 12):
        event = _base(draw, job={**arrows.job(job), "facets": {}})
    else:
        event = _run(
            draw, pick(draw, SERVED), job, ("START", "RUNNING", "RUNNING", "FAIL", "COMPLETE", "ABORT", None)
        )
    if chance(draw, 70):
        event["job"]["facets"]["jobType"] = pieces.job_type(draw, ("SERVICE", "SERVICE", "SERVICE", "BATCH"))
    if chance(draw, 60):
        body = {"name": job, "environment": pick(draw, ("prod", None)), "revision": pick(draw, ("1", 2)),
                "trafficPercent": pick(draw, (100, 12.5, "x", True)), "configuration": {"replicas": draw(3)}}  # fmt: skip
        event["job"]["facets"]["mlops_deployment"] = _or_tombstone(draw, body)
    if chance(draw, 75):
        event["inputs"] = [item(name) for name in some(draw, (*VERSIONS, "v", "a"))]
    if chance(draw, 25):
        event["outputs"] = [item(name) for name in some(draw, ("c", "b"))]
    return event


def _act(draw: Draw) -> Json:
    """A decision about a version."""
    event = _run(draw, pick(draw, ("r11", "r12")), "catalogue", ("COMPLETE",))
    event["run"]["facets"]["catalogue_act"] = {
        "act": pick(draw, ("APPROVED", "REJECTED", "RETIRED", None)), "by": pick(draw, PEOPLE),
        "model": {"namespace": "db", "name": "m"}, "version": "1", "reason": pick(draw, ("good", None)),
        "evidence": pick(draw, ([{"kind": "run", "ref": "r1"}], [], None)),
        "at": pick(draw, ("2026-05-01T09:30:00Z", "soon", None)),
    }  # fmt: skip
    return {**event, "inputs": [item(name) for name in some(draw, VERSIONS)]}


def _access(draw: Draw) -> Json:
    """What the gateway saw."""
    event = _run(draw, pick(draw, ("r21", "r22", "r23")), "access", ("COMPLETE",))
    run = pick(draw, (arrows.run_text("r1").replace("-", ""), arrows.run_text("r30"), None, "x"))
    event["run"]["facets"]["gateway_access"] = {
        "person": pick(draw, PEOPLE), "act": pick(draw, ("CREATED_RUN", "CREATED_EXPERIMENT", "READ_RUN", None)),
        "run": run, "experiment": pick(draw, ({"namespace": "jobs", "experimentId": "1"}, {"namespace": "jobs"}, None)),
        "status": pick(draw, (200, 200, 403, None)), "at": pick(draw, ("2026-05-01T03:10:00Z", None)),
    }  # fmt: skip
    return event


def _apply(draw: Draw) -> Json:
    """Feast's own: all sources in, all views out; or all views in, all online stores out."""
    event = _run(
        draw, pick(draw, TRAINED), pick(draw, ("apply", "define")), ("START", "COMPLETE", "COMPLETE", "FAIL")
    )
    event["job"]["facets"][pick(draw, ("feast_jobKind", "feast_project", "other"))] = {"kind": "definition"}
    if chance(draw, 40):
        store = {
            "feast_onlineStore": {"feature_view": pick(draw, (*VIEWS, "", None)), "store_type": "sqlite"}
        }
        outputs = [item("online_v", **store), item("b")]
        return {**event, "inputs": [item(name) for name in VIEWS], "outputs": outputs[: 1 + draw(2)]}
    outputs = [item(name, feast_featureView=_view_facet(draw, name)) for name in VIEWS]
    return {**event, "inputs": [item("a"), item("b"), item("e")], "outputs": outputs[: 1 + draw(2)]}
