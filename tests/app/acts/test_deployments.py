"""Which event says what happened to a deployment?"""

from __future__ import annotations

from typing import Any

import pytest

from app.acts.asked import DeploymentAsked, Named, ParentRun, VersionOf, read_asked
from app.acts.catalogue import Who
from app.acts.deployments import check_deployment, deployment_event, run_of
from graph_schema.errors import BadInput
from tests.facets import faults

NOW = "2026-05-01T12:00:00.000000Z"
MODEL = VersionOf("loan", 2, "mlflow://a:5000")


def asked(event: str, **more: Any) -> DeploymentAsked:
    given: dict[str, Any] = {
        "event": event,
        "namespace": "k8s://prod",
        "name": "loan",
        "revision": "7",
        **more,
    }
    return DeploymentAsked(**given)


def facet(event: dict[str, Any]) -> dict[str, Any]:
    told = event["job"]["facets"]["mlops_deployment"]
    return {name: value for name, value in told.items() if not name.startswith("_")}


def test_requested_names_what_is_deployed() -> None:
    """START of a service, reading the version, the feature service and the online store, each once."""
    service, store = Named("feast", "loan_service"), Named("feast", "online_store_credit")
    request = asked(
        "requested", model=MODEL, environment="production", platform="kubernetes", requested_alias="champion",
        configuration={"replicas": 2, "gpu": False, "tier": "a"}, feature_services=[service, service],
        online_stores=[store], by="grace", parent=ParentRun("build 17", "ci", "release"),
    )  # fmt: skip
    check_deployment(request)
    event = deployment_event(request, {}, who=Who("grace", "CLAIMED"), at=NOW)
    assert faults(event) == []
    assert (event["eventType"], event["eventTime"]) == ("START", NOW)
    assert event["job"]["facets"]["jobType"]["processingType"] == "SERVICE"
    assert event["job"]["facets"]["jobType"]["jobType"] == "DEPLOYMENT"
    assert [(one["namespace"], one["name"]) for one in event["inputs"]] == [
        ("mlflow://a:5000", "models/loan/2"), ("feast", "loan_service"), ("feast", "online_store_credit"),
    ]  # fmt: skip
    assert facet(event) == {
        "name": "loan", "environment": "production", "platform": "kubernetes", "revision": "7",
        "requestedAlias": "champion", "configuration": {"replicas": "2", "gpu": "false", "tier": "a"},
        "event": "REQUESTED", "by": "grace", "byEvidence": "CLAIMED",
    }  # fmt: skip
    assert event["run"]["facets"]["parent"]["job"] == {"namespace": "ci", "name": "release"}


@pytest.mark.parametrize(
    ("event", "more", "told_as"),
    [
        ("requested", {"model": MODEL}, "START"),
        ("started", {}, "RUNNING"),
        ("traffic", {"traffic_percent": 50.0}, "RUNNING"),
        ("failed", {"reason": "no memory"}, "FAIL"),
        ("withdrawn", {}, "COMPLETE"),
    ],
)
def test_each_change_is_an_event_of_the_one_run(event: str, more: dict[str, Any], told_as: str) -> None:
    """A revision is one run from request to end; what is left out stays as it was told before."""
    before = {
        "endpoint": "https://x",
        "environment": "prod",
        "trafficPercent": 10,
        "reason": "old",
        "by": "old",
    }
    request = asked(event, **more)
    check_deployment(request)
    made = deployment_event(request, before, who=None, at=NOW)
    assert faults(made) == []
    assert (made["eventType"], made["run"]["runId"]) == (told_as, run_of(asked("requested")))
    told = facet(made)
    assert (told["endpoint"], told["environment"]) == ("https://x", "prod")
    assert told["trafficPercent"] == {"traffic": 50.0, "withdrawn": 0}.get(event, 10)
    assert (told.get("reason"), told.get("by")) == (more.get("reason"), None)
    assert ("errorMessage" in made["run"]["facets"]) == (event == "failed")


def test_a_revision_is_its_own_run_whatever_it_looks_like() -> None:
    """Digests and UUIDs as revisions of two deployments are two runs; a run id that is told is taken."""
    digest = "0123456789abcdef0123456789abcdef"
    one, other = asked("started", revision=digest), asked("started", revision=digest, name="other")
    assert run_of(one) != run_of(other)
    assert run_of(asked("started", revision=7)) == run_of(asked("started", revision="7"))
    own = "0190f4d0-77aa-7b11-8c22-90aa11bb22cc"
    assert run_of(asked("started", revision=None, run_id=own)) == own


@pytest.mark.parametrize(
    ("request_", "named"),
    [
        (asked("started", revision=None), "revision"),
        (asked("requested"), "model"),
        (asked("traffic"), "traffic_percent"),
        (asked("failed"), "reason"),
    ],
)
def test_what_says_too_little_is_refused(request_: DeploymentAsked, named: str) -> None:
    """With the member that is missing."""
    with pytest.raises(BadInput) as refused:
        check_deployment(request_)
    assert refused.value.values["parameter"] == named


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"event": "rolled", "namespace": "a", "name": "b"}', "Invalid enum value 'rolled'"),
        ('{"event": "traffic", "namespace": "a", "name": "b", "traffic_percent": 101}', "<= 100"),
        ('{"event": "started", "namespace": "a", "name": "b", "configuration": {"a": {}}}', "/configuration"),
        ('{"event": "started", "namespace": "a"}', "name"),
    ],
)
def test_a_wrong_body_is_told_where_it_is_wrong(body: str, said: str) -> None:
    """Unknown events, shares beyond 100, settings that are no plain values."""
    with pytest.raises(BadInput, match=said):
        read_asked(body.encode(), DeploymentAsked)
