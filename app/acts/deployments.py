"""Which event says that a deployment was requested, started, failed, got other traffic or was withdrawn?

Pure. What a request leaves out of the facet is as the same revision was last told to be (`before`), since the facet of a
job is replaced whole by the newest. The lists need not be told again: a run's events unite.
"""

from __future__ import annotations

from typing import Any, Final

from app.acts.asked import DeploymentAsked, Named
from app.acts.catalogue import Who
from app.acts.writing import RUN_EVENT, Json, model_version, producer, standard
from graph_schema.errors import BadInput
from graph_schema.facets import written
from graph_schema.identity import clean, revision_uuid, run_uuid

PRODUCER: Final = producer("deployments")
EVENT_TYPES: Final = {
    "requested": "START",
    "started": "RUNNING",
    "failed": "FAIL",
    "traffic": "RUNNING",
    "withdrawn": "COMPLETE",
}
_JOB_TYPE: Final = {"processingType": "SERVICE", "integration": "HEADWATER", "jobType": "DEPLOYMENT"}
_TOLD: Final = (
    "environment", "platform", "endpoint", "revision", "trafficPercent", "requestedAlias", "image", "configuration",
)  # fmt: skip
"""Members of the facet that stay as they were while nobody says otherwise; `reason` and `by` are of one event."""


def check_deployment(asked: DeploymentAsked) -> None:
    """Refuse what says too little for its kind; raises BadInput."""
    if asked.revision is None and asked.run_id is None:
        raise BadInput(
            "say which revision: `revision`, or the run's own `run_id`; each rollout is one revision",
            parameter="revision",
        )
    if asked.event == "requested" and asked.model is None and asked.serves is None:
        raise BadInput(
            "say what is deployed: `model` with its name, version and namespace, or the dataset that it `serves`",
            parameter="model",
        )
    if asked.event == "traffic" and asked.traffic_percent is None:
        raise BadInput("say how much of the traffic it gets: `traffic_percent`", parameter="traffic_percent")
    if asked.event == "failed" and not asked.reason:
        raise BadInput("say why it failed: `reason`", parameter="reason")


def run_of(asked: DeploymentAsked) -> str:
    """Give the UUID of the run that a revision is."""
    if asked.run_id is not None:
        return run_uuid(asked.run_id, asked.namespace, asked.name)
    return revision_uuid(str(asked.revision), asked.namespace, asked.name)


def deployment_event(asked: DeploymentAsked, before: dict[str, Any], *, who: Who | None, at: str) -> Json:
    """Write the one event of what happened to a deployment; `before` is the facet that its revision had."""
    run_facets: Json = {}
    if asked.event == "failed":
        said = {"message": clean(asked.reason or ""), "programmingLanguage": "unknown"}
        run_facets["errorMessage"] = standard("errorMessage", PRODUCER, said)
    if asked.parent is not None:
        parent = asked.parent
        job = {"namespace": parent.namespace, "name": parent.name}
        above = {"run": {"runId": run_uuid(parent.run_id, parent.namespace, parent.name)}, "job": job}
        run_facets["parent"] = standard("parent", PRODUCER, above)
    return {
        "eventType": EVENT_TYPES[asked.event],
        "eventTime": at,
        "producer": PRODUCER,
        "schemaURL": RUN_EVENT,
        "run": {"runId": run_of(asked), "facets": run_facets},
        "job": {
            "namespace": asked.namespace,
            "name": asked.name,
            "facets": {
                "jobType": standard("jobType", PRODUCER, _JOB_TYPE),
                "mlops_deployment": written("mlops_deployment", PRODUCER, _facet(asked, before, who)),
            },
        },
        "inputs": _inputs(asked),
        "outputs": [_dataset(one) for one in asked.outputs or ()],
    }


def _facet(asked: DeploymentAsked, before: dict[str, Any], who: Who | None) -> Json:
    now = {
        "environment": asked.environment,
        "platform": asked.platform,
        "endpoint": asked.endpoint,
        "revision": None if asked.revision is None else str(asked.revision),
        "trafficPercent": 0 if asked.event == "withdrawn" else asked.traffic_percent,
        "requestedAlias": asked.requested_alias,
        "image": asked.image,
        "configuration": None if asked.configuration is None else _settings(asked.configuration),
    }
    kept = {name: before.get(name) if now[name] is None else now[name] for name in _TOLD}
    return {
        "name": asked.name,
        **kept,
        "event": asked.event.upper(),
        "reason": asked.reason,
        "by": None if who is None else who.name,
        "byEvidence": None if who is None else who.evidence,
        "byClaimed": None if who is None else who.claimed,
    }


def _settings(configuration: dict[str, Any]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else _text(value) for name, value in configuration.items()}


def _text(value: float | bool) -> str:  # noqa: FBT001 - a setting is any plain value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _inputs(asked: DeploymentAsked) -> list[Json]:
    """List what the deployment reads, each once."""
    named = [_dataset(one) for some in (asked.feature_services, asked.online_stores) for one in some or ()]
    model = asked.model
    if asked.serves is not None:
        named.insert(0, _dataset(asked.serves))
    if model is not None and model.namespace is not None:  # it was looked up before
        named.insert(0, model_version(model.namespace, model.name, str(model.version)))
    return [one for place, one in enumerate(named) if one not in named[:place]]


def _dataset(one: Named) -> Json:
    return {"namespace": one.namespace, "name": one.name}
