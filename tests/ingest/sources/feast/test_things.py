"""What is told of a real registry: by Feast's own names, and only what is true?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingest.inbox import judge
from ingest.sources.feast.changes import materialized, planned
from ingest.sources.feast.places import aliases_of
from ingest.sources.feast.registry import snapshot_of
from ingest.sources.feast.thing import Thing, feast_type
from ingest.sources.feast.things import materializations_of, things_of
from tests.facets import faults
from tests.workflow.recorded import NAMESPACE, PROJECT, answers, changed, events, snapshot

FOUND_AT = "2027-01-01T00:00:00.000000Z"
Json = dict[str, Any]


def told(**kinds: str) -> dict[tuple[str, str], Thing]:
    """Give the things of the recorded registry by kind and name."""
    return {thing.key: thing for thing in things_of(snapshot(), NAMESPACE, aliases_of(kinds.values()))}


def sent(job: str) -> Json:
    """Give the last of Feast's own events under a job."""
    return [one for one in events() if one.get("job", {}).get("name") == job][-1]


def names(listed: list[Json]) -> set[str]:
    return {one["name"] for one in listed}


def lineage(thing: Thing) -> tuple[set[str], dict[str, set[tuple[str, str]]]]:
    """Give what a thing's lineage states: its sources, and the sources of each of its columns."""
    (entry,) = thing.job_facets["lineage"]["entries"]
    assert (entry["namespace"], entry["name"]) == (NAMESPACE, thing.name)
    columns = {
        name: {(one["name"], one["field"]) for one in said["inputs"]}
        for name, said in entry["fields"].items()
    }
    return names(entry["inputs"]), columns


@pytest.mark.parametrize(
    ("key", "job"),
    [
        (("view", "applicant_profile"), "feature_view_applicant_profile"),
        (("view", "credit_history"), "feature_view_credit_history"),
        (("view", "recent_payments"), "stream_feature_view_recent_payments"),
        (("view", "affordability"), "on_demand_feature_view_affordability"),
        (("service", "loan_approval_1"), "feature_service_loan_approval_1"),
        (("service", "loan_approval_2"), "feature_service_loan_approval_2"),
        (("saved", "loans_training"), "saved_dataset_loans_training"),
    ],
)
def test_jobs_and_datasets_have_feasts_own_names(key: tuple[str, str], job: str) -> None:
    """So that both tell one story: what Feast's `emit_registry_lineage` sends for each is told of the same job and datasets."""
    thing, event = told()[key], sent(job)
    assert (thing.namespace, thing.job) == (event["job"]["namespace"], event["job"]["name"])
    assert names(event["outputs"]) == {thing.name}
    assert set(thing.inputs) == names(event["inputs"])


def test_types_are_spelled_as_feast_spells_them() -> None:
    """In the schema of each view, without the join key (which Feast's own form lists for the stream view)."""
    for name, job in (
        ("applicant_profile", "feature_view_applicant_profile"),
        ("credit_history", "feature_view_credit_history"),
        ("recent_payments", "stream_feature_view_recent_payments"),
        ("affordability", "on_demand_feature_view_affordability"),
    ):
        (output,) = sent(job)["outputs"]
        theirs = {one["name"]: one["type"] for one in output["facets"]["schema"]["fields"]}
        ours = {one["name"]: one["type"] for one in told()["view", name].facets["schema"]["fields"]}
        assert ours == {key: value for key, value in theirs.items() if key != "applicant_id"}, name
    assert [feast_type(one) for one in ("INT64_LIST", "STRING_SET", "FLOAT", "NEW_ONE")] == [
        "Array(Int64)",
        "Set(String)",
        "Float32",
        "NEW_ONE",
    ]


def test_a_source_reaches_its_own_features_alone() -> None:
    """Trap 1: by Feast's `apply` each source would reach every feature of the project."""
    things = told()
    assert {name: lineage(things["view", name])[0] for kind, name in things if kind == "view"} == {
        "applicant_profile": {"applicants_file"},
        "credit_history": {"bureau_file"},
        "recent_payments": {"payments_file", "payments_push"},
        "affordability": {"applicant_profile", "loan_request"},
    }
    applied = sent("feast_feature_views_loans")
    assert len(applied["inputs"]) * len(applied["outputs"]) == 24  # the product that is not true


def test_features_are_read_by_their_names_where_nothing_is_computed() -> None:
    """A plain view's feature is the column of its source; what a function computes is not claimed to be any."""
    things = told()
    _, columns = lineage(things["view", "credit_history"])
    assert columns == {
        name: {("bureau_file", name)} for name in ("credit_score", "open_loans", "missed_payments")
    }
    assert lineage(things["view", "affordability"])[1] == {}
    assert lineage(things["view", "recent_payments"])[1] == {}
    code = things["view", "affordability"].job_facets["sourceCode"]["sourceCode"]
    assert 'rows["amount"] / rows["income"]' in code


def test_a_renamed_column_is_the_one_before_the_mapping() -> None:
    """Feast's field mapping says from which column a feature comes."""

    def change(views: list[Json]) -> None:
        view = next(one for one in views if one["spec"]["name"] == "credit_history")
        view["spec"]["batchSource"]["fieldMapping"] = {"SCORE": "credit_score"}

    things = {
        one.key: one
        for one in things_of(snapshot_of(PROJECT, changed("feature_views", change)), NAMESPACE, ())
    }
    assert lineage(things["view", "credit_history"])[1]["credit_score"] == {("bureau_file", "SCORE")}


def test_the_join_key_of_a_stream_view_is_no_feature() -> None:
    """Trap 2: though the registry lists it as one; and `__dummy` is no entity."""
    view = told()["view", "recent_payments"].facets["feast_featureView"]
    assert (set(view["features"]), view["join_keys"], view["entities"]) == (
        {"paid_30d", "late_30d"},
        ["applicant_id"],
        ["applicant"],
    )
    theirs = sent("stream_feature_view_recent_payments")["job"]["facets"]["feast_featureView"]
    assert "applicant_id" in theirs["features"]
    everything = json.dumps([thing._asdict() for thing in told().values()])
    assert "__dummy" in answers()["entities"].decode() + answers()["feature_views"].decode()
    assert "__dummy" not in everything


def test_an_entity_says_its_join_keys() -> None:
    """Trap 4: in full, whereas Feast's materialization sends the facet with none."""
    assert told()["entity", "applicant"].facets["feast_entity"]["join_keys"] == ["applicant_id"]
    started = sent("materialize_loans")["run"]["runId"]
    (theirs,) = [
        one["facets"]["feast_entity"]
        for event in events()
        if event.get("run", {}).get("runId") == started
        for one in event["inputs"]
        if "feast_entity" in one["facets"]
    ]
    assert theirs["join_keys"] == []


def test_a_service_has_the_features_that_it_names() -> None:
    """Two of the first view's three; each with the feature that it is. Feast's own per-service form has all three."""
    service = told()["service", "loan_approval_1"]
    assert service.facets["feast_featureService"]["features"] == [
        "applicant_profile:income",
        "applicant_profile:employed_years",
        "credit_history:credit_score",
        "credit_history:open_loans",
        "credit_history:missed_payments",
    ]
    _, columns = lineage(service)
    assert columns["income"] == {("applicant_profile", "income")}
    assert "housing" not in columns
    (output,) = sent("feature_service_loan_approval_1")["outputs"]
    assert "housing" in names(output["facets"]["schema"]["fields"])


def test_two_features_of_one_name_are_told_apart() -> None:
    """As Feast's full names do."""

    def change(services: list[Json]) -> None:
        services[0]["spec"]["features"][1]["featureColumns"].append({"name": "income", "valueType": "DOUBLE"})

    things = {
        one.key: one
        for one in things_of(snapshot_of(PROJECT, changed("feature_services", change)), NAMESPACE, ())
    }
    _, columns = lineage(things["service", "loan_approval_1"])
    assert columns["applicant_profile__income"] == {("applicant_profile", "income")}
    assert columns["credit_history__income"] == {("credit_history", "income")}
    assert "income" not in columns


def test_a_saved_dataset_is_the_file_that_it_is_kept_in() -> None:
    """By an alias of its path; its columns are those of the file, each with the feature that it is."""
    saved = told(a="data/*=s3://lake/*")["saved", "loans_training"]
    assert saved.facets["symlinks"]["identifiers"] == [
        {"namespace": "s3://lake", "name": "training.parquet", "type": "TABLE"}
    ]
    sources, columns = lineage(saved)
    assert sources == {"loan_approval_1", "applicant_profile", "credit_history"}
    assert columns["open_loans"] == {("credit_history", "open_loans")}
    assert "symlinks" not in told()["saved", "loans_training"].facets  # a relative path is no name (trap 10)


def test_tags_of_features_are_tags() -> None:
    """Feast's own events glue them into the description."""
    view = told()["view", "applicant_profile"]
    assert {"key": "pii", "value": "true", "source": "FEAST", "field": "income"} in view.facets["tags"][
        "tags"
    ]
    income = view.facets["schema"]["fields"][0]
    assert income["description"] == "Net income a month, in euros."


def test_a_materialization_writes_one_view_into_one_store() -> None:
    """Feast's own event is a product here, too: three views into three stores."""
    plan = materialized(
        set(),
        materializations_of(snapshot()),
        project=PROJECT,
        namespace=NAMESPACE,
        known=(),
        found_at=FOUND_AT,
    )
    assert {(event["inputs"][0]["name"], event["outputs"][0]["name"]) for event in plan.events} == {
        (view, f"online_store_{view}") for view in ("applicant_profile", "credit_history", "recent_payments")
    }
    assert {event["job"]["name"] for event in plan.events} == {"materialize_loans"}
    failed = sent("materialize_loans")
    assert (failed["eventType"], len(plan.events)) == ("FAIL", 3)  # which left nothing in the registry


def test_events_are_accepted_whole() -> None:
    """Without a warning, and their facets by the schemas that they name."""
    plan = planned({}, list(told(a="data/*=s3://lake/*").values()), namespace=NAMESPACE, found_at=FOUND_AT)
    more = materialized(
        set(),
        materializations_of(snapshot()),
        project=PROJECT,
        namespace=NAMESPACE,
        known=(),
        found_at=FOUND_AT,
    )
    for event in [*plan.events, *more.events]:
        judged = judge(json.dumps(event).encode(), received_at=FOUND_AT, source="feast")
        assert (judged.error, judged.warnings, judged.record.suspect) == (None, (), False)
        assert faults(event) == []


def test_feasts_own_events_are_accepted() -> None:
    """Trap 6: `producer` is no address and `_producer` is empty, and nothing is left out for that."""
    for event in events():
        judged = judge(json.dumps(event).encode(), received_at=FOUND_AT, source="http")
        assert (judged.error, judged.warnings) == (None, ())
