"""Is just what changed told, with a time that is true and later than what was told before?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_schema.instants import plus_hours
from ingest.sources.feast.changes import Row, materialized, planned
from ingest.sources.feast.places import aliases_of
from ingest.sources.feast.registry import Column, Meta, snapshot_of
from ingest.sources.feast.thing import Thing
from ingest.sources.feast.things import Materialization, materializations_of, things_of
from ingest.sources.feast.written import facets
from tests.workflow.recorded import NAMESPACE, PROJECT, changed, snapshot

AT = "2026-11-27T10:00:00.000000Z"
LATER = "2026-11-27T11:00:00.000000Z"
Json = dict[str, Any]


def things(bodies: dict[str, bytes] | None = None, alias: str = "") -> list[Thing]:
    found = snapshot() if bodies is None else snapshot_of(PROJECT, bodies)
    return things_of(found, NAMESPACE, aliases_of([alias]))


def first() -> dict[tuple[str, str], Row]:
    """Give what is kept after a first reading."""
    return planned({}, things(), namespace=NAMESPACE, found_at=AT).rows


def subject(event: Json) -> str:
    dataset = event["dataset"] if "dataset" in event else event["outputs"][0]
    return str(dataset["name"])


def dataset_facets(event: Json) -> Json:
    found: Json = (event["dataset"] if "dataset" in event else event["outputs"][0])["facets"]
    return found


def test_a_first_reading_tells_all_as_of_its_making() -> None:
    """The registry knows of no other time; a run that used a feature long before it was read finds where that came from."""
    plan = planned({}, things(), namespace=NAMESPACE, found_at=AT)
    assert len(plan.events) == len(things()) == 13
    by_name = {subject(event): event["eventTime"] for event in plan.events}
    assert by_name["applicant_profile"] == "2026-11-26T19:57:30.334818Z"
    assert {
        dataset_facets(event)["lifecycleStateChange"]["lifecycleStateChange"] for event in plan.events
    } == {"CREATE"}


def test_what_is_equal_is_not_told_again() -> None:
    """Trap 3: `feast apply` writes all times anew, and the features of a stream view in another order."""

    def applied_again(views: list[Json]) -> None:
        for view in views:
            view["meta"]["lastUpdatedTimestamp"] = "2026-11-26T21:00:00.000000Z"
            view["spec"]["features"].reverse()
            for source in view["spec"].get("sources", {}).values():
                # One that stands inside a view is given the time of the question.
                source.get("requestDataSource", {}).get("meta", {})["createdTimestamp"] = (
                    "2026-11-26T22:00:00Z"
                )

    plan = planned(
        first(), things(changed("feature_views", applied_again)), namespace=NAMESPACE, found_at=LATER
    )
    assert plan.events == []
    assert {key[0] for key in plan.rows} == {"view"}  # the new time is kept, for the next comparison


def test_a_change_has_the_registrys_time_where_that_moved() -> None:
    """And only the thing that changed is told."""

    def described(views: list[Json]) -> None:
        views[0]["spec"]["description"] = "Who asks."
        views[0]["meta"]["lastUpdatedTimestamp"] = "2026-11-27T10:30:00.000000Z"

    plan = planned(first(), things(changed("feature_views", described)), namespace=NAMESPACE, found_at=LATER)
    (event,) = plan.events
    assert (subject(event), event["eventTime"]) == ("applicant_profile", "2026-11-27T10:30:00.000000Z")
    assert dataset_facets(event)["documentation"]["description"] == "Who asks."
    assert dataset_facets(event)["lifecycleStateChange"]["lifecycleStateChange"] == "ALTER"


def test_a_change_whose_time_did_not_move_has_the_time_it_was_found() -> None:
    """An alias is ours, the registry knows nothing of it."""
    plan = planned(
        first(), things(alias="bureau_file=bigquery/bank.raw.bureau"), namespace=NAMESPACE, found_at=LATER
    )
    (event,) = plan.events
    assert (subject(event), event["eventTime"]) == ("bureau_file", LATER)
    assert dataset_facets(event)["symlinks"]["identifiers"][0]["name"] == "bank.raw.bureau"


def test_a_facet_that_is_gone_is_taken_back() -> None:
    """Facets stay until something is said of them: an alias that is taken away, too."""
    with_alias = things(alias="bureau_file=bigquery/bank.raw.bureau")
    before = planned({}, with_alias, namespace=NAMESPACE, found_at=AT).rows
    (event,) = planned(before, things(), namespace=NAMESPACE, found_at=LATER).events
    assert dataset_facets(event)["symlinks"]["_deleted"] is True
    assert dataset_facets(event)["documentation"]["description"] == "What the credit bureau answered."


def test_a_view_that_is_gone_is_dropped_and_its_job_reads_nothing() -> None:
    """A rename is one gone and one new: Feast says no more, and it is not guessed."""

    def renamed(views: list[Json]) -> None:
        views[1]["spec"]["name"] = "credit_record"

    plan = planned(first(), things(changed("feature_views", renamed)), namespace=NAMESPACE, found_at=LATER)
    told = {subject(event): event for event in plan.events}
    assert set(told) == {
        "credit_history",
        "credit_record",
        "loans_training",
    }  # whose types came from the view
    gone = told["credit_history"]
    assert (gone["eventTime"], gone["inputs"]) == (LATER, [])
    assert gone["job"]["name"] == "feature_view_credit_history"
    assert dataset_facets(gone)["lifecycleStateChange"]["lifecycleStateChange"] == "DROP"
    again = planned({**first(), **plan.rows}, things(), namespace=NAMESPACE, found_at=plus_hours(LATER, 1))
    back = next(event for event in again.events if subject(event) == "credit_history")
    assert dataset_facets(back)["lifecycleStateChange"]["lifecycleStateChange"] == "CREATE"
    assert back["eventTime"] > LATER


def test_a_source_that_is_gone_is_a_dataset_that_is_dropped() -> None:
    """Unless something else of that name is still there: names are bare, and a view may have the name of its source."""
    rest = [thing for thing in things() if thing.name != "payments_push"]
    (event,) = planned(first(), rest, namespace=NAMESPACE, found_at=LATER).events
    assert dataset_facets(event)["lifecycleStateChange"]["lifecycleStateChange"] == "DROP"
    double = [*things(), things()[0]._replace(kind="entity")]
    before = planned({}, double, namespace=NAMESPACE, found_at=AT).rows
    plan = planned(before, things(), namespace=NAMESPACE, found_at=LATER)
    assert (plan.events, len(plan.rows)) == ([], 1)


def test_a_view_of_another_kind_is_made_by_another_job() -> None:
    """And no more by the one before."""

    def streamed(views: list[Json]) -> None:
        views[1]["type"] = "streamFeatureView"

    plan = planned(first(), things(changed("feature_views", streamed)), namespace=NAMESPACE, found_at=LATER)
    left, told = (event for event in plan.events if subject(event) == "credit_history")
    assert (left["job"]["name"], told["job"]["name"]) == (
        "feature_view_credit_history",
        "stream_feature_view_credit_history",
    )
    assert left["job"]["facets"]["lineage"]["entries"][0]["inputs"] == []


def test_all_is_told_again_when_asked() -> None:
    """As of now, so that it counts over what others said meanwhile."""
    plan = planned(first(), things(), namespace=NAMESPACE, found_at=LATER, again=True)
    assert [event["eventTime"] for event in plan.events] == [LATER] * 13


WINDOW = Materialization(
    "v", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", ["k"], [Column("f", "INT64")], Meta()
)


@pytest.mark.parametrize(
    ("created", "updated", "known", "at"),
    [
        ("2025-01-01T00:00:00Z", "2026-06-01T00:00:00Z", False, "2026-02-01T00:00:00.000000Z"),
        ("2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z", False, "2026-05-01T00:00:00.000000Z"),
        ("2025-01-01T00:00:00Z", "2026-01-20T00:00:00Z", False, "2026-01-20T00:00:00.000000Z"),
        ("2025-01-01T00:00:00Z", "2026-06-01T00:00:00Z", True, "2026-06-01T00:00:00.000000Z"),
        ("2025-01-01T00:00:00Z", "2027-06-01T00:00:00Z", True, AT),
        ("", "", False, "2026-02-01T00:00:00.000000Z"),
    ],
)
def test_a_materialization_is_dated_as_well_as_can_be(
    created: str, updated: str, *, known: bool, at: str
) -> None:
    """A past one by its window's end, between the view's making and its last writing; one that appeared while we looked by
    that writing: the data of last year may be materialized today.
    """
    one = WINDOW._replace(meta=Meta(created, updated))
    views = {("view", "v")} if known else set()
    plan = materialized(set(), [one], project="p", namespace="n", known=views, found_at=AT)
    (event,) = plan.events
    assert event["eventTime"] == at
    assert event["run"]["facets"]["nominalTime"]["nominalEndTime"] == "2026-02-01T00:00:00.000000Z"
    assert (
        materialized(set(plan.windows), [one], project="p", namespace="n", known=views, found_at=AT).events
        == []
    )


def test_a_materialization_has_the_same_id_whenever_it_is_told() -> None:
    """Also by a source that forgot all; the kind of store is said once, for Feast's own events know it better."""
    plans = [
        materialized(
            set(),
            materializations_of(snapshot()),
            project=PROJECT,
            namespace=NAMESPACE,
            known=(),
            found_at=at,
        )
        for at in (AT, LATER)
    ]
    assert plans[0] == plans[1]
    told = {one[0] for one in plans[0].windows}
    more = WINDOW._replace(view="credit_history")
    (event,) = materialized(
        set(plans[0].windows), [more], project=PROJECT, namespace=NAMESPACE, known=(), found_at=AT
    ).events
    assert "credit_history" in told
    assert "feast_onlineStore" not in event["outputs"][0]["facets"]


texts = st.sampled_from(["a", "b", "c"])
moments = st.integers(0, 50).map(lambda hours: plus_hours("2026-01-01T00:00:00.000000Z", hours))
registries = st.dictionaries(texts, st.tuples(texts, moments), max_size=3)


@given(st.lists(st.tuples(registries, moments), min_size=1, max_size=8))
def test_what_is_told_last_is_what_is_there(readings: list[tuple[dict[str, tuple[str, str]], str]]) -> None:
    """A law: whatever a registry holds at each reading, and however clocks go, the newest event of each thing says what it is, or
    that it is gone; a reading that finds nothing new tells nothing.
    """
    rows: dict[tuple[str, str], Row] = {}
    newest: dict[str, tuple[str, str]] = {}
    for held, found_at in readings:
        now = [
            Thing(
                "view", name, "n", facets({"documentation": {"description": text}}), "2026-01-01T00:00:00.000000Z",
                updated, job=f"j_{name}",
            )
            for name, (text, updated) in held.items()
        ]  # fmt: skip
        plan = planned(rows, now, namespace="n", found_at=found_at)
        rows |= plan.rows
        assert planned(rows, now, namespace="n", found_at=found_at).events == []
        for event in plan.events:
            said, at = dataset_facets(event), event["eventTime"]
            assert at > newest.get(subject(event), ("", ""))[0], json.dumps(event)
            drop = said["lifecycleStateChange"]["lifecycleStateChange"] == "DROP"
            newest[subject(event)] = (at, "" if drop else said["documentation"]["description"])
        assert {name: text for name, (_, text) in newest.items() if text} == {
            name: text for name, (text, _) in held.items()
        }
