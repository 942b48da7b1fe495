"""Is it told how a model version came to be, as things stood when it was made? On every engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from graph_schema.errors import BadInput, NodeNotFound
from queries.limits import Limits
from queries.projection import read_projection
from queries.provenance import ProvenanceQuestion, provenance
from queries.provenances import Provenance
from queries.store import GraphStore
from tests.engine import Database
from tests.facets import faults
from tests.queries.storied import told
from tests.workflow import estate
from tests.workflow.estate import (
    AGE,
    ANN,
    BUREAU,
    CHECK_1,
    CREDIT_TABLE,
    CUSTOMERS,
    DEBT,
    DEPLOYMENT,
    ETL_1,
    ETL_2,
    EVE,
    EXPERIMENT,
    FEATURES,
    INCOME,
    LOGGED_1,
    LOGGED_2,
    MO,
    MODEL,
    PAYMENTS,
    REGISTER_1,
    STORY,
    TRAIN_1,
    TRAIN_2,
    VERSION_1,
    VERSION_2,
    VIEW,
    hour,
    revision_run,
)  # fmt: skip

T = TypeVar("T")
Json = dict[str, Any]


def after(
    graph: Database, folder: Path, events: Iterable[Json], ask: Callable[[GraphStore], Awaitable[T]]
) -> T:
    """Ask once some events were projected."""

    async def work(store: GraphStore) -> T:
        async with told(store, folder, [(one, False) for one in events]):
            return await ask(store)

    return graph.run(work)


def asking(**question: Any) -> Callable[[GraphStore], Awaitable[Provenance]]:
    async def ask(store: GraphStore) -> Provenance:
        asked = ProvenanceQuestion(**question)
        return await provenance(store, asked, Limits(), projection=await read_projection(store))

    return ask


def test_the_estate_follows_the_schemas_of_its_facets() -> None:
    """Acts and deployments as we make them; the others are written by hand and leave out producers."""
    ours = [one for one in STORY if "headwater" in one["producer"]]
    assert len(ours) == 12
    assert [fault for one in ours for fault in faults(one)] == []


def test_the_first_version_is_told_whole(graph: Database, tmp_path: Path) -> None:
    """Everything that it was made from and by whom, as it was then: raw.bureau came later, and is not in it."""
    found = after(graph, tmp_path, STORY, asking(model="loan", version="1"))
    assert (found.model, found.version.key, found.version_name) == (MODEL, VERSION_1, "1")
    assert found.made_at == hour(5)
    assert [(one.key, one.kind, one.depth, one.as_of, one.made_by) for one in found.datasets] == [
        (LOGGED_1, "LOGGED_MODEL", 1, hour(4), [TRAIN_1]),
        (VIEW, "FEATURE_VIEW", 2, hour(3), [FEATURES]),
        (CREDIT_TABLE, "OTHER", 3, hour(3), [ETL_1]),
        (CUSTOMERS, "OTHER", 4, hour(1), []),
        (PAYMENTS, "OTHER", 4, hour(1), []),
    ]
    assert [(one.source, one.target, one.run, one.evidence, one.read_at) for one in found.edges] == [
        (LOGGED_1, VERSION_1, REGISTER_1, "PRODUCT", hour(5)),
        (VIEW, LOGGED_1, TRAIN_1, "COLUMN", hour(3)),
        (CREDIT_TABLE, VIEW, FEATURES, "PRODUCT", hour(3)),
        (CUSTOMERS, CREDIT_TABLE, ETL_1, "PRODUCT", hour(1)),
        (PAYMENTS, CREDIT_TABLE, ETL_1, "PRODUCT", hour(1)),
    ]
    assert [(one.run.key, one.role, one.experiment) for one in found.runs] == [
        (REGISTER_1, "REGISTRATION", None),
        (TRAIN_1, "TRAINING", EXPERIMENT),
        (CHECK_1, "VALIDATION", EXPERIMENT),
        (ETL_1, "UPSTREAM", None),
        (FEATURES, "UPSTREAM", None),
    ] or [(one.run.key, one.role) for one in found.runs][3:] == [(FEATURES, "UPSTREAM"), (ETL_1, "UPSTREAM")]
    trained = next(one for one in found.runs if one.role == "TRAINING")
    assert [(one.name, one.value) for one in trained.parameters] == [("C", "4"), ("solver", "lbfgs")]
    assert [(one.name, one.value) for one in trained.metrics] == [("auc", "0.81")]
    assert [(one.name, one.value) for one in trained.code] == [("gitCommit", "c4")]
    assert [(one.key, one.fetched, one.used, one.certain) for one in found.features] == [
        (AGE, True, False, True),
        (DEBT, True, True, True),
        (INCOME, True, True, True),
    ]


def test_who_stands_behind_the_first_version_is_told(graph: Database, tmp_path: Path) -> None:
    """Its experiment, checks, people by the evidence for each, decisions, what the registry says, and where it ran."""
    found = after(graph, tmp_path, STORY, asking(model="loan", version="1"))
    assert [(one.key, one.name) for one in found.experiments] == [(EXPERIMENT, "loan approval")]
    assert sorted((one.name, one.outcome, one.run) for one in found.checks) == [
        ("auc above 0.8", "pass", CHECK_1),
        ("fair", "pass", CHECK_1),
    ]
    assert [(one.key, one.how, one.what, one.evidence) for one in found.people] == [
        (EVE, "OWNS", CREDIT_TABLE, "ownership"),
        (ANN, "STARTED", TRAIN_1, "mlflow.user"),
        (EVE, "DECIDED", f"approval:{estate.uuid(22)}", "CLAIMED"),
        (MO, "DECIDED", f"approval:{estate.uuid(21)}", "CLAIMED"),
        (MO, "DECIDED", f"approval:{estate.uuid(20)}", "CLAIMED"),
    ]
    assert [(one.act, one.before, one.forced) for one in found.catalogue.acts] == [
        ("APPROVED", "VALIDATED", False),
        ("VALIDATED", "REGISTERED", False),
        ("REGISTERED", None, False),
    ]
    assert found.registry is not None
    assert (found.registry.stage, found.registry.aliases) == ("None", ["champion"])
    (deployment,) = found.deployments
    assert (deployment.key, deployment.environment, deployment.endpoint) == (
        DEPLOYMENT, "prod", "https://loans.example",
    )  # fmt: skip
    assert [
        (one.run, one.revision, one.state, one.started_at, one.ended_at) for one in deployment.revisions
    ] == [(revision_run("r1"), "r1", "WITHDRAWN", hour(10), hour(22))]
    assert found.completeness.complete


def test_a_version_registered_while_its_training_runs(graph: Database, tmp_path: Path) -> None:
    """The logged model is looked at as its maker wrote it, an hour after it was registered; failed rollouts are told."""
    found = after(graph, tmp_path, STORY, asking(model=VERSION_2))
    assert [(one.key, one.as_of, one.made_by) for one in found.datasets] == [
        (LOGGED_2, hour(16), [TRAIN_2]),
        (VIEW, hour(14), [FEATURES]),
        (CREDIT_TABLE, hour(14), [ETL_2]),
        (BUREAU, hour(12), []),
        (CUSTOMERS, hour(12), []),
        (PAYMENTS, hour(12), []),
    ]
    assert (found.catalogue.state, [one.forced for one in found.catalogue.acts]) == (
        "APPROVED",
        [True, False],
    )
    assert [(one.name, one.outcome) for one in found.checks if one.outcome == "fail"] == [("fair", "fail")]
    (deployment,) = found.deployments
    assert [(one.revision, one.state, one.reason) for one in deployment.revisions] == [
        ("r3", "RUNNING", None),
        ("r2", "FAILED", "no memory left"),
    ]


def test_what_became_of_it_is_told_as_of_a_time(graph: Database, tmp_path: Path) -> None:
    """At hour 8 it was validated and served nowhere; at 12 it served; before it was made there is nothing to tell."""
    then, later = (
        after(graph, tmp_path, STORY, asking(model="loan", version="1", as_of=hour(at))) for at in (8, 12)
    )
    assert (then.catalogue.state, then.deployments, then.registry) == ("VALIDATED", [], None)
    assert [(one.state, one.ended_at) for one in later.deployments[0].revisions] == [("RUNNING", None)]
    with pytest.raises(NodeNotFound, match="not there yet"):
        after(graph, tmp_path, STORY, asking(model="loan", version="1", as_of=hour(4)))


def made_of(found: Provenance) -> Any:
    """What may not change afterwards."""
    runs = [(one.run.key, one.role, one.parameters, one.metrics, one.code) for one in found.runs]
    return found.made_at, found.datasets, found.edges, found.features, runs


LATER: list[list[Json]] = [
    estate.etl(30, 31, 40, "bureau"),
    estate.features(30, 41, source="other"),
    [
        estate.event(
            30,
            "COMPLETE",
            42,
            ("x", "other loader"),
            inputs=[estate.item("x", "odd")],
            outputs=[estate.item(estate.LAKE, "credit")],
        )
    ],
    [
        {
            "eventTime": hour(30),
            "producer": "https://test.example",
            "dataset": estate.item(
                estate.LAKE, "credit", lifecycleStateChange={"lifecycleStateChange": "DROP"}
            ),
        }
    ],
    estate.training(30, 31, 43, "m-3", ["age"], 0.9),
    [estate.registration(30, 44, "3", "m-1", 4)],
]


@pytest.mark.parametrize("later", range(len(LATER)))
def test_later_events_do_not_change_what_a_version_was_made_from(
    graph: Database, tmp_path: Path, later: int
) -> None:
    """Law: other sources, another definition of the view, another loader, a dropped table, newer models: all the same."""
    before = made_of(after(graph, tmp_path, STORY, asking(model="loan", version="1")))
    assert (
        made_of(after(graph, tmp_path, [*STORY, *LATER[later]], asking(model="loan", version="1"))) == before
    )


def test_names_that_mean_nothing_or_several_are_refused(graph: Database, tmp_path: Path) -> None:
    """Unknown models and versions with near names; two registries with one name have to be told apart."""
    other = estate.registration(5, 50, "1", "m-1", 4)
    other["outputs"][0]["namespace"] = other["job"]["namespace"] = "mlflow://other:5000"

    async def ask(store: GraphStore) -> list[Exception]:
        found: list[Exception] = []
        for question in ({"model": "lone"}, {"model": "loan"}, {"model": "loan", "version": "9", "namespace": estate.MLFLOW},
                         {"model": "dataset:x:y"}):  # fmt: skip
            try:
                await asking(**question)(store)
            except (BadInput, NodeNotFound) as error:
                found.append(error)
        return found

    lone, two, nine, odd = after(graph, tmp_path, [*STORY, other], ask)
    assert isinstance(lone, NodeNotFound)
    assert isinstance(two, BadInput)
    assert two.values["namespaces"] == [estate.MLFLOW, "mlflow://other:5000"]
    assert isinstance(nine, NodeNotFound)
    assert VERSION_1 in nine.values["near"]
    assert isinstance(odd, NodeNotFound)
