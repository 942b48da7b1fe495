"""A short story of machine learning, as events: features, a training, two versions, decisions, a deployment.

Each function gives one event; `STORY` is all of them in order. The names are those of docs/graph.md: MLflow, Feast and the
platform each have a namespace of their own.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from graph_schema.identity import dataset_key, field_key, named_key, run_key
from tests.arrows import hour

Json = dict[str, Any]

MLFLOW: Final = "mlflow://ml.example:5000"
FEAST: Final = "feast://fs.example/loans"
PLATFORM: Final = "k8s://prod"
GATEWAY: Final = "envoy://gate.example:8443"
CREDIT: Final = dataset_key(FEAST, "credit")
INCOME: Final = field_key(CREDIT, "income")
MODEL: Final = named_key("model", MLFLOW, "loan")
EXPERIMENT: Final = named_key("experiment", MLFLOW, "7")
DEPLOYMENT: Final = named_key("deployment", PLATFORM, "loans")
LOGGED: Final = dataset_key(MLFLOW, "models/m-1")
VERSION_1: Final = dataset_key(MLFLOW, "models/loan/1")
VERSION_2: Final = dataset_key(MLFLOW, "models/loan/2")


def uuid(number: int) -> str:
    """The id of a run."""
    return str(UUID(int=0x4000_8000_0000_0000_0000 + number))


TRAINED: Final = run_key(uuid(1))


def event(at: int, kind: str, run: int, job: tuple[str, str], **more: Any) -> Json:
    """A run event; `more` are its lists and facets."""
    return {
        "eventTime": hour(at), "eventType": kind, "producer": "https://test.example",
        "run": {"runId": uuid(run), "facets": more.get("facets", {})},
        "job": {"namespace": job[0], "name": job[1], "facets": more.get("job_facets", {})},
        **{name: more[name] for name in ("inputs", "outputs") if name in more},
    }  # fmt: skip


def told(at: int, dataset: Json) -> Json:
    """A DatasetEvent."""
    return {"eventTime": hour(at), "producer": "https://test.example", "dataset": dataset}


def item(namespace: str, name: str, **facets: Any) -> Json:
    """A dataset of a list; `input_facets` among the facets are those of an input."""
    own = facets.pop("input_facets", None)
    body: Json = {"namespace": namespace, "name": name, "facets": facets}
    return body if own is None else {**body, "inputFacets": own}


def view(at: int, name: str = "credit", entity: str = "customer", features: tuple[str, ...] = ()) -> Json:
    """A view, as Feast says it by itself: its join key is among its features."""
    listed = features or ("income", "debt", "customer_id")
    schema = {"fields": [{"name": one, "type": "Float64"} for one in (*listed, "event_timestamp")]}
    facet = {"name": name, "entities": [entity], "features": list(listed)}
    return event(
        at, "COMPLETE", 100 + at, (FEAST, f"feature_view_{name}"),
        inputs=[item(FEAST, f"{name}_source"), item(FEAST, entity)], outputs=[item(FEAST, name, schema=schema)],
        job_facets={"feast_featureView": facet, "feast_jobKind": {"kind": "definition"}},
    )  # fmt: skip


def entity(at: int, keys: list[str], name: str = "customer") -> Json:
    """An entity, and its join keys: Feast sends none when it materializes."""
    return told(at, item(FEAST, name, feast_entity={"name": name, "join_keys": keys}))


def training(at: int, kind: str, *, run: int = 1, model: str = "m-1", user: str = "ann") -> Json:
    """A training that fetched two features for certain, and used one of them."""
    selection = {"features": ["income", "debt"], "ambiguous": ["age"], "mode": "FETCHED"}
    columns = {
        "fields": {"income": {"inputFields": [{"namespace": FEAST, "name": "credit", "field": "income"}]}}
    }
    logged = {"modelId": model, "sourceRunId": uuid(run).replace("-", ""), "status": "READY"}
    done: Json = {
        "outputs": [item(MLFLOW, f"models/{model}", mlflow_loggedModel=logged, columnLineage=columns)]
    }
    return event(
        at, kind, run, (MLFLOW, "loan approval/train"),
        inputs=[item(FEAST, "credit", input_facets={"feast_featureSelection": selection})],
        facets={"mlflow_run": {"experimentId": "7", "experimentName": "loan approval", "userId": user}},
        **(done if kind == "COMPLETE" else {}),
    )  # fmt: skip


def registration(at: int, version: str, model: str = "m-1", **facet: Any) -> Json:
    """A version registered."""
    stated = {"name": "loan", "version": version, "modelId": model, "runId": uuid(1), **facet}
    registered = {"name": "loan", "aliases": {"champion": version}, "tags": {"team": "risk"}}
    output = item(
        MLFLOW, f"models/loan/{version}", mlflow_modelVersion=stated, mlflow_registeredModel=registered,
        datasetType={"datasetType": "MODEL", "subType": "MODEL_VERSION"}, version={"datasetVersion": version},
    )  # fmt: skip
    inputs = [item(MLFLOW, f"models/{model}")]
    return event(
        at, "COMPLETE", 20 + int(version), (MLFLOW, "registry/loan"), inputs=inputs, outputs=[output]
    )


def act(at: int, decision: str, version: str = "1", *, run: int = 30, by: str = "mo") -> Json:
    """A decision about a version."""
    facet = {"act": decision, "model": {"namespace": MLFLOW, "name": "loan"}, "version": version, "by": by,
             "reason": "it is good", "evidence": [{"kind": "run", "ref": uuid(1)}]}  # fmt: skip
    inputs = [item(MLFLOW, f"models/loan/{version}")]
    return event(
        at, "COMPLETE", run, (MLFLOW, "catalogue/loan"), inputs=inputs, facets={"catalogue_act": facet}
    )


def access(at: int, person: str = "ann@example", *, did: str = "CREATED_RUN", status: int = 200) -> Json:
    """An access through the gateway."""
    facet = {"person": person, "act": did, "run": uuid(1).replace("-", ""), "status": status, "at": hour(at),
             "experiment": {"namespace": MLFLOW, "experimentId": "7"}}  # fmt: skip
    return event(at, "COMPLETE", 40 + at, (GATEWAY, "access"), facets={"gateway_access": facet})


def revision(at: int, kind: str, number: int, version: str | None = None, *, says: bool = True) -> Json:
    """A step of one revision of the deployment; with a version where it says what it serves."""
    lists: Json = {} if version is None else {"inputs": [item(MLFLOW, f"models/loan/{version}")]}
    facets: Json = {
        "jobType": {"processingType": "SERVICE", "integration": "HEADWATER", "jobType": "DEPLOYMENT"}
    }
    if says:
        facets["mlops_deployment"] = {"name": "loans", "environment": "prod", "revision": str(number)}
    return event(at, kind, 50 + number, (PLATFORM, "loans"), job_facets=facets, **lists)


def apply(at: int, *, run: int = 90) -> Json:
    """Feast's apply: all sources in, all views out, in one job."""
    views = [
        item(
            FEAST,
            name,
            feast_featureView={"name": name, "entities": ["customer"], "features": list(features)},
        )
        for name, features in (("credit", ("income", "debt", "customer_id")), ("history", ("defaults",)))
    ]
    sources = [item(FEAST, "credit_source"), item(FEAST, "history_source"), item(FEAST, "customer")]
    kind = {"feast_jobKind": {"kind": "definition"}, "feast_project": {"project_name": "loans"}}
    return event(
        at,
        "COMPLETE",
        run,
        (FEAST, "feast_feature_views_loans"),
        inputs=sources,
        outputs=views,
        job_facets=kind,
    )


STORY: Final = (
    entity(1, ["customer_id"]),
    view(1),
    access(2, did="CREATED_EXPERIMENT"),
    access(3),
    training(3, "START"),
    training(4, "COMPLETE"),
    registration(5, "1"),
    act(6, "APPROVED"),
    revision(7, "START", 1, "1"),
    revision(8, "RUNNING", 1),
    registration(9, "2"),
    revision(10, "START", 2, "2"),
    revision(11, "RUNNING", 2),
    revision(12, "COMPLETE", 1),
)
"""From features to a served model: version 1 is served from 7 to 12, version 2 from 10 on."""


def history(*events: Json) -> list[tuple[Json, bool]]:
    """Events as the laws take them."""
    return [(one, False) for one in events]
