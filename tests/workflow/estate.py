"""A small estate: from raw tables over features, an experiment and two versions of a model to what serves them.

| hour | what |
| --- | --- |
| 1 to 2 | `etl` makes lake.credit from raw.customers and raw.payments |
| 2 | Feast tells of the view `credit`, made from lake.credit |
| 3 to 4 | training 1 fetches income, debt and age, uses income and debt, and logs m-1 |
| 5 | m-1 is registered as version 1 |
| 6 | it is checked: both checks pass |
| 7 to 9 | version 1 is registered in the catalogue, validated, approved |
| 10 to 11 | revision r1 of the deployment serves it |
| 12 to 13 | `etl` runs again, now with raw.bureau |
| 14 to 16 | training 2 fetches the same, uses income alone, registers version 2 at 15 while it still runs, ends at 16 |
| 17 | it is checked: one check fails |
| 18 to 19 | version 2 is registered in the catalogue, and approved by force |
| 20 | revision r2 fails; r3 serves it from 21 on, and r1 is withdrawn at 22 |

Acts and deployments are made by the very functions that make them of what people say.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from app.acts.asked import ActAsked, DeploymentAsked, Evidence, VersionOf
from app.acts.catalogue import Decision, act_event, who_acts
from app.acts.deployments import deployment_event, run_of
from graph_schema.identity import dataset_key, field_key, job_key, named_key, person_key, run_key

Json = dict[str, Any]

RAW: Final = "postgres://db.example:5432"
LAKE: Final = "s3://lake"
FEAST: Final = "feast://fs.example/loans"
MLFLOW: Final = "mlflow://ml.example:5000"
PLATFORM: Final = "k8s://prod"

CUSTOMERS: Final = dataset_key(RAW, "raw.customers")
PAYMENTS: Final = dataset_key(RAW, "raw.payments")
BUREAU: Final = dataset_key(RAW, "raw.bureau")
CREDIT_TABLE: Final = dataset_key(LAKE, "credit")
VIEW: Final = dataset_key(FEAST, "credit")
INCOME, DEBT, AGE = (field_key(VIEW, name) for name in ("income", "debt", "age"))
LOGGED_1: Final = dataset_key(MLFLOW, "models/m-1")
LOGGED_2: Final = dataset_key(MLFLOW, "models/m-2")
VERSION_1: Final = dataset_key(MLFLOW, "models/loan/1")
VERSION_2: Final = dataset_key(MLFLOW, "models/loan/2")
MODEL: Final = named_key("model", MLFLOW, "loan")
EXPERIMENT: Final = named_key("experiment", MLFLOW, "7")
DEPLOYMENT: Final = named_key("deployment", PLATFORM, "loans")
TRAIN_JOB: Final = job_key(MLFLOW, "loan approval/train")
ANN, MO, EVE = (person_key(name) for name in ("ann", "mo", "eve"))


def uuid(number: int) -> str:
    """The id of a run."""
    return str(UUID(int=0x4000_8000_0000_0000_0000 + number))


ETL_1, ETL_2, FEATURES, TRAIN_1, REGISTER_1, CHECK_1, TRAIN_2, REGISTER_2, CHECK_2 = (
    run_key(uuid(number)) for number in (1, 2, 3, 4, 5, 6, 7, 8, 9)
)


def hour(at: float) -> str:
    """An hour of the story, in days where it is more than 24."""
    day, rest = divmod(at, 24)
    return f"2026-05-{int(day) + 1:02d}T{int(rest):02d}:{round(rest % 1 * 60):02d}:00.000000Z"


def item(namespace: str, name: str, *, selection: Json | None = None, **facets: Json) -> Json:
    """A dataset of a list."""
    made: Json = {"namespace": namespace, "name": name, "facets": facets}
    return made if selection is None else {**made, "inputFacets": {"feast_featureSelection": selection}}


def event(
    at: float, kind: str, run: int | str, job: tuple[str, str], *,
    inputs: list[Json] | None = None, outputs: list[Json] | None = None, run_facets: Json | None = None,
    job_facets: Json | None = None,
) -> Json:  # fmt: skip
    """A run event."""
    return {
        "eventTime": hour(at), "eventType": kind, "producer": "https://test.example",
        "run": {"runId": uuid(run) if isinstance(run, int) else run, "facets": run_facets or {}},
        "job": {"namespace": job[0], "name": job[1], "facets": job_facets or {}},
        **({} if inputs is None else {"inputs": inputs}), **({} if outputs is None else {"outputs": outputs}),
    }  # fmt: skip


def etl(begins: float, ends: float, run: int, *sources: str) -> list[Json]:
    """A run that makes lake.credit from raw tables."""
    job, code = ("airflow", "etl"), {"sql": {"query": f"select * from {', '.join(sources)}"}}
    owned = {"ownership": {"owners": [{"name": "eve", "type": "OWNER"}]}}
    return [
        event(begins, "START", run, job),
        event(
            ends, "COMPLETE", run, job, inputs=[item(RAW, f"raw.{one}") for one in sources],
            outputs=[item(LAKE, "credit", **owned)], job_facets=code,
        ),
    ]  # fmt: skip


def features(at: float, run: int = 3, source: str = "credit") -> list[Json]:
    """The view, as Feast tells of it by itself, and its entity."""
    names = ["income", "debt", "age", "customer_id"]
    schema = {"fields": [{"name": name, "type": "Float64"} for name in names]}
    facet = {"name": "credit", "entities": ["customer"], "features": names}
    entity = item(FEAST, "customer", feast_entity={"name": "customer", "join_keys": ["customer_id"]})
    return [
        {"eventTime": hour(at), "producer": "https://test.example", "dataset": entity},
        event(
            at, "COMPLETE", run, (FEAST, "feature_view_credit"), inputs=[item(LAKE, source)],
            outputs=[item(FEAST, "credit", schema=schema, datasetType={"datasetType": "FEATURE_VIEW"})],
            job_facets={"feast_featureView": facet, "feast_jobKind": {"kind": "definition"}},
        ),
    ]  # fmt: skip


def training(begins: float, ends: float, run: int, model: str, used: list[str], auc: float) -> list[Json]:
    """A training that fetched three features and logged a model made of some of them."""
    job = (MLFLOW, "loan approval/train")
    selection = {"features": ["income", "debt", "age"], "ambiguous": [], "mode": "FETCHED"}
    said = {
        "runId": uuid(run), "experimentId": "7", "experimentName": "loan approval", "userId": "ann",
        "params": {"C": str(run), "solver": "lbfgs"}, "metrics": {"auc": auc}, "gitCommit": f"c{run}",
    }  # fmt: skip
    columns = {
        "fields": {
            name: {"inputFields": [{"namespace": FEAST, "name": "credit", "field": name}]} for name in used
        }
    }
    logged = {"modelId": model, "sourceRunId": uuid(run), "status": "READY", "experimentId": "7"}
    view = item(FEAST, "credit", selection=selection)
    written = item(MLFLOW, f"models/{model}", mlflow_loggedModel=logged, columnLineage=columns)
    facets = {"mlflow_run": said}
    return [
        event(begins, "START", run, job, inputs=[view], run_facets=facets),
        event(ends, "COMPLETE", run, job, inputs=[view], outputs=[written], run_facets=facets),
    ]


def registration(at: float, run: int, version: str, model: str, trained: int, *aliases: str) -> Json:
    """A version in MLflow's registry."""
    stated = {
        "name": "loan", "version": version, "modelId": model, "runId": uuid(trained), "aliases": list(aliases),
        "stage": "None", "status": "READY",
    }  # fmt: skip
    output = item(
        MLFLOW, f"models/loan/{version}", mlflow_modelVersion=stated, version={"datasetVersion": version},
        datasetType={"datasetType": "MODEL", "subType": "MODEL_VERSION"},
    )  # fmt: skip
    return event(
        at,
        "COMPLETE",
        run,
        (MLFLOW, "registry/loan"),
        inputs=[item(MLFLOW, f"models/{model}")],
        outputs=[output],
    )


def validation(at: float, run: int, model: str, *, fair: bool) -> list[Json]:
    """A run that checks a logged model."""
    tests = [
        {"name": "auc above 0.8", "status": "pass", "type": "model", "expected": "0.8", "actual": "0.81"},
        {"name": "fair", "status": "pass" if fair else "fail", "type": "model"},
    ]
    job = (MLFLOW, "loan approval/validate")
    facets = {
        "mlflow_run": {"runId": uuid(run), "experimentId": "7", "metrics": {"gap": 0.02}},
        "test": {"tests": tests},
    }
    inputs = [item(MLFLOW, f"models/{model}")]
    return [
        event(at, "START", run, job, inputs=inputs),
        event(at + 0.5, "COMPLETE", run, job, inputs=inputs, run_facets=facets),
    ]


def act(
    at: float,
    number: int,
    state: str,
    version: str,
    before: str | None,
    *,
    by: str = "mo",
    forced: bool = False,
) -> Json:
    """A decision, as the catalogue makes it."""
    asked = ActAsked(
        model="loan", version=version, by=by, reason="as told", evidence=[Evidence("run", uuid(6))]
    )
    decision = Decision(state, before, who_acts(None, by), hour(at), forced)
    return act_event(asked, MLFLOW, uuid(number), decision)


def rollout(at: float, change: str, revision: str, version: str | None = None, **more: Any) -> Json:
    """What happened to the deployment, as a release pipeline tells it."""
    model = None if version is None else VersionOf("loan", version, MLFLOW)
    given: Json = {
        "event": change,
        "namespace": PLATFORM,
        "name": "loans",
        "revision": revision,
        "model": model,
        **more,
    }
    said = DeploymentAsked(**given)
    before = {"environment": "prod", "endpoint": "https://loans.example", "revision": revision}
    return deployment_event(said, before, who=None, at=hour(at))


def revision_run(revision: str) -> str:
    """The key of a revision's run."""
    said = DeploymentAsked(event="started", namespace=PLATFORM, name="loans", revision=revision)
    return run_key(run_of(said))


FIRST: Final[list[Json]] = [
    *etl(1, 2, 1, "customers", "payments"),
    *features(2),
    *training(3, 4, 4, "m-1", ["income", "debt"], 0.81),
    registration(5, 5, "1", "m-1", 4, "champion"),
    *validation(6, 6, "m-1", fair=True),
    act(7, 20, "REGISTERED", "1", None),
    act(8, 21, "VALIDATED", "1", "REGISTERED"),
    act(9, 22, "APPROVED", "1", "VALIDATED", by="eve"),
    rollout(10, "requested", "r1", "1"),
    rollout(11, "started", "r1", traffic_percent=100.0),
]
"""Until version 1 serves."""

SECOND: Final[list[Json]] = [
    *etl(12, 13, 2, "customers", "payments", "bureau"),
    *training(14, 16, 7, "m-2", ["income"], 0.84),
    registration(15, 8, "2", "m-2", 7),
    *validation(17, 9, "m-2", fair=False),
    act(18, 23, "REGISTERED", "2", None),
    act(19, 24, "APPROVED", "2", "REGISTERED", forced=True),
    rollout(20, "requested", "r2", "2"),
    rollout(20.5, "failed", "r2", reason="no memory left"),
    rollout(21, "requested", "r3", "2"),
    rollout(21.5, "started", "r3", traffic_percent=100.0),
    rollout(22, "withdrawn", "r1"),
]
"""Then version 2."""

STORY: Final = [*FIRST, *SECOND]
