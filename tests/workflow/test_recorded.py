"""What becomes of what a real Feast sent and answered, once it is folded: are the true edges there, and no others believed?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ingest.sources.feast.changes import materialized, planned
from ingest.sources.feast.things import materializations_of, things_of
from tests.laws.real import real_export
from tests.workflow.recorded import NAMESPACE, PROJECT, events, snapshot

Json = dict[str, Any]
Edge = tuple[str, str, str]

FOUND_AT = "2026-12-01T00:00:00.000000Z"
TRUE = {
    ("applicants_file", "applicant_profile"),
    ("bureau_file", "credit_history"),
    ("payments_file", "recent_payments"),
    ("payments_push", "recent_payments"),
    ("applicant_profile", "affordability"),
    ("loan_request", "affordability"),
    ("applicant_profile", "loan_approval_1"),
    ("credit_history", "loan_approval_1"),
    ("applicant_profile", "loan_approval_2"),
    ("credit_history", "loan_approval_2"),
    ("recent_payments", "loan_approval_2"),
    ("affordability", "loan_approval_2"),
    ("loan_approval_1", "loans_training"),
    ("applicant_profile", "loans_training"),
    ("credit_history", "loans_training"),
    ("applicant_profile", "online_store_applicant_profile"),
    ("credit_history", "online_store_credit_history"),
    ("recent_payments", "online_store_recent_payments"),
}
"""What the project in story/feature_repo really is, written by hand."""


def ours() -> list[Json]:
    """Give what the source tells of the recorded registry."""
    things = things_of(snapshot(), NAMESPACE, ())
    windows = materializations_of(snapshot())
    return [
        *planned({}, things, namespace=NAMESPACE, found_at=FOUND_AT).events,
        *materialized(
            set(), windows, project=PROJECT, namespace=NAMESPACE, known=(), found_at=FOUND_AT
        ).events,
    ]


def feeds(told: Iterable[Json], *, guesses: bool) -> set[Edge]:
    """Give the edges between datasets by bare names and job: those that are guesses, or those that are not."""
    rows = real_export([(event, False) for event in told])
    return {
        (_bare(row["source"]), _bare(row["target"]), _bare(row["job"]))
        for row in rows
        if row["type"] == "feeds" and (row["evidence"] == "PRODUCT") == guesses
    }


def _bare(key: str) -> str:
    return key.rpartition(":")[2]


def test_the_registry_gives_the_true_edges_and_no_guess() -> None:
    """Trap 1: each source reaches the features that are made of it, and no others."""
    assert {edge[:2] for edge in feeds(ours(), guesses=False)} == TRUE
    assert feeds(ours(), guesses=True) == set()


def test_feasts_own_events_beside_it_change_nothing_that_is_known() -> None:
    """Both tell one story, in whichever order they come: what Feast's products would add is a guess of its `apply` at most."""
    known = feeds(ours(), guesses=False)
    for told in ([*ours(), *events()], [*events(), *ours()]):
        assert feeds(told, guesses=False) == known
        assert {job for _, _, job in feeds(told, guesses=True)} <= {"feast_feature_views_loans"}


def test_an_apply_that_changed_nothing_changes_no_edge() -> None:
    """Trap 3: the same again, with new run ids."""
    applied = [
        event for event in events() if event.get("job", {}).get("name", "").startswith("feast_feature")
    ]
    assert len(applied) == 2
    for told in (applied, [*ours(), *applied]):
        first = [event for event in told if event is not applied[1]]
        assert feeds(told, guesses=True) == feeds(first, guesses=True)
        assert feeds(told, guesses=False) == feeds(first, guesses=False)


def test_a_failed_materialization_feeds_nothing() -> None:
    """Trap 5: it began with inputs and outputs and ended without; the run is there, and no edge is by it."""
    (failed,) = {event["run"]["runId"] for event in events() if event.get("eventType") == "FAIL"}
    its = [event for event in events() if event.get("run", {}).get("runId") == failed]
    assert [(event["eventType"], bool(event["inputs"])) for event in its] == [
        ("START", True),
        ("FAIL", False),
    ]
    rows = real_export([(event, False) for event in its])
    (run,) = (row for row in rows if row["type"] == "run")
    assert run["state"] == "FAILED"
    assert [row for row in rows if row["type"] in {"feeds", "fed"}] == []
