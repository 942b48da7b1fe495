"""What comes of the facets of MLflow, Feast, the catalogue, the gateway and deployments (rule D6)?

The laws compare with a second implementation; here the rules are told one by one, in what they come to.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from graph_schema.identity import dataset_key, field_key, person_key, run_key
from ingest import canonical
from tests import loans
from tests.arrows import hour
from tests.laws.graph import Graph
from tests.laws.real import real_graph
from tests.loans import (
    CREDIT,
    DEPLOYMENT,
    EXPERIMENT,
    FEAST,
    INCOME,
    LOGGED,
    MLFLOW,
    MODEL,
    TRAINED,
    VERSION_1,
    VERSION_2,
)

Json = dict[str, Any]


def made(*events: Json, singly: bool = True) -> Graph:
    forms = [(canonical.canonical(one), False) for one in events]
    return real_graph(forms, [1] * len(forms) if singly else [])


def rows(graph: Graph, kind: str) -> list[Json]:
    found = [
        {name: value for name, value in row.items() if name != "type"}
        for row in graph.export()
        if row["type"] == kind
    ]
    return sorted(found, key=str)


def fed(graph: Graph, target: str) -> list[tuple[str, str, list[str], list[str | None]]]:
    """What fed a target, whether it still does, and from when to when."""
    edges = [(kind, row) for kind in ("feeds", "fed") for row in rows(graph, kind) if row["target"] == target]
    return sorted((row["source"], kind, row["valid_from"], row["valid_to"]) for kind, row in edges)


def roles(graph: Graph, view: str) -> Json:
    return {row["path"]: row["role"] for row in rows(graph, "field") if row["dataset"] == view}


def test_the_story_comes_to_one_graph() -> None:
    """Kinds, experiment, model, versions, features, people and decisions, all from facets."""
    graph = made(*loans.STORY)
    kinds = {row["key"]: row["kind"] for row in rows(graph, "dataset")}
    assert (kinds[CREDIT], kinds[LOGGED], kinds[VERSION_1]) == (
        "FEATURE_VIEW",
        "LOGGED_MODEL",
        "MODEL_VERSION",
    )
    assert [row["name"] for row in rows(graph, "experiment")] == ["loan approval"]
    assert rows(graph, "in_experiment") == [{"source": TRAINED, "target": EXPERIMENT}]
    assert [
        (row["key"], row["aliases"], row["alias_versions"], row["tags"]) for row in rows(graph, "model")
    ] == [(MODEL, ["champion"], ["2"], ["team:risk"])]
    assert [row["source"] for row in rows(graph, "version_of")] == [VERSION_1, VERSION_2]
    assert rows(graph, "used_feature") == sorted(
        [
            {"source": TRAINED, "target": field_key(CREDIT, "age"), "mode": "FETCHED", "certain": False},
            {"source": TRAINED, "target": field_key(CREDIT, "debt"), "mode": "FETCHED", "certain": True},
            {"source": TRAINED, "target": INCOME, "mode": "FETCHED", "certain": True},
            {"source": TRAINED, "target": INCOME, "mode": "USED", "certain": True},
        ],
        key=str,
    )
    (decided,) = rows(graph, "approval")
    assert (decided["decision"], decided["at"], decided["version"], decided["model"]) == (
        "APPROVED", hour(6), "1", MODEL,
    )  # fmt: skip
    assert rows(graph, "approves") == [{"source": decided["key"], "target": VERSION_1}]
    assert rows(graph, "decided_by") == [{"source": decided["key"], "target": person_key("mo")}]
    version = graph.nodes["dataset"][VERSION_1]
    assert (version["version"], version["catalogue_state"], version["made_by"]) == ("1", "APPROVED", TRAINED)


def test_what_features_were_selected_of_is_a_view_whether_or_not_feast_says_so() -> None:
    """A model is made of features that its run fetched, also where no Feast is read beside MLflow."""
    used = [
        row["target"]
        for row in rows(made(loans.training(3, "COMPLETE")), "used_feature")
        if row["mode"] == "USED"
    ]
    assert used == [INCOME]
    without = loans.training(3, "COMPLETE")
    del without["inputs"][0]["inputFacets"]
    assert rows(made(without), "used_feature") == []


def test_what_the_gateway_saw_stands_apart_from_what_a_run_claims() -> None:
    """Both are kept, each with its evidence; what was refused started nothing."""
    graph = made(
        *loans.STORY,
        loans.access(13, "eve@example", status=403),
        loans.access(14, "eve@example", did="READ_RUN"),
    )
    seen, claimed = person_key("ann@example"), person_key("ann")
    assert rows(graph, "started_by") == sorted(
        [
            {"source": EXPERIMENT, "target": seen, "evidence": "gateway", "at": hour(2)},
            {"source": TRAINED, "target": seen, "evidence": "gateway", "at": hour(3)},
            {"source": TRAINED, "target": claimed, "evidence": "mlflow.user", "at": hour(3)},
        ],
        key=str,
    )


def test_an_access_may_come_before_the_run_it_speaks_of() -> None:
    """The run is a placeholder until it reports, and keeps who started it."""
    graph = made(loans.access(3))
    assert [row["state"] for row in rows(graph, "run") if row["key"] == TRAINED] == [None]
    graph = made(loans.access(3), loans.training(3, "START", user=""))
    assert [row["evidence"] for row in rows(graph, "started_by")] == ["gateway"]


def test_a_deployment_is_fed_while_its_revisions_serve() -> None:
    """D1, D3: version 1 from the request of its revision to its withdrawal, version 2 since its own; no guess."""
    graph = made(*loans.STORY)
    assert fed(graph, DEPLOYMENT) == [
        (VERSION_1, "fed", [hour(7)], [hour(12)]),
        (VERSION_2, "feeds", [hour(10)], [None]),
    ]
    assert {
        row["evidence"]
        for kind in ("feeds", "fed")
        for row in rows(graph, kind)
        if row["target"] == DEPLOYMENT
    } == {"EXPLICIT"}
    (deployment,) = rows(graph, "deployment")
    assert (deployment["state"], deployment["revision"], deployment["running"]) == ("RUNNING", "2", 1)


def test_a_deployment_that_failed_is_seen_and_feeds_nothing() -> None:
    """A revision that fails before it runs leaves no edge, and the state says so while the one before still serves."""
    graph = made(*loans.STORY[:9], loans.revision(8, "RUNNING", 1), loans.revision(9, "START", 2, "2"),
                 loans.revision(10, "FAIL", 2))  # fmt: skip
    assert fed(graph, DEPLOYMENT) == [(VERSION_1, "feeds", [hour(7)], [None])]
    (deployment,) = rows(graph, "deployment")
    assert (deployment["state"], deployment["revision"], deployment["running"]) == ("FAILED", "2", 1)


def test_a_deployment_goes_from_requested_to_withdrawn() -> None:
    """The state is that of the revision begun last."""
    steps = [
        loans.revision(7, "START", 1, "1"),
        loans.revision(8, "RUNNING", 1),
        loans.revision(9, "COMPLETE", 1),
    ]
    states = [rows(made(*steps[: n + 1]), "deployment")[0]["state"] for n in range(3)]
    assert states == ["REQUESTED", "RUNNING", "WITHDRAWN"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_service_that_reads_a_model_is_a_deployment_without_saying_so(order: tuple[int, ...]) -> None:
    """D6: which job is one may follow from what another event says of its input, before or after."""
    steps = [
        loans.revision(7, "START", 1, "1", says=False),
        loans.revision(8, "RUNNING", 1, says=False),
        loans.registration(5, "1"),
    ]
    graph = made(*(steps[n] for n in order))
    assert fed(graph, DEPLOYMENT) == [(VERSION_1, "feeds", [hour(7)], [None])]


def test_a_service_that_reads_no_model_is_none() -> None:
    """Without the facet, what is no model any more makes no deployment: its node goes, its edges too."""
    steps = [loans.registration(5, "1"), loans.revision(7, "START", 1, "1", says=False)]
    plain = loans.told(9, loans.item(MLFLOW, "models/loan/1", mlflow_modelVersion={"_deleted": True},
                                     datasetType={"datasetType": "FILE"}))  # fmt: skip
    graph = made(*steps, plain)
    assert (rows(graph, "deployment"), fed(graph, DEPLOYMENT)) == ([], [])


def test_join_keys_are_no_features() -> None:
    """A stream view lists its join key; a timestamp that comes with a view is no feature of it either."""
    graph = made(*loans.STORY)
    assert roles(graph, CREDIT) == {
        "income": "FEATURE", "debt": "FEATURE", "age": "COLUMN", "customer_id": "COLUMN", "event_timestamp": "COLUMN",
    }  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_an_empty_entity_takes_no_join_key_away(order: tuple[int, ...]) -> None:
    """Feast sends entities without join keys when it materializes."""
    events = [loans.entity(1, ["customer_id"]), loans.view(2), loans.entity(3, [])]
    assert roles(made(*(events[n] for n in order)), CREDIT)["customer_id"] == "COLUMN"


def test_an_entity_of_which_no_key_is_known_keys_by_its_name() -> None:
    """As Feast has it; the dummy entity of a view without one is none."""
    assert roles(made(loans.view(2, entity="income")), CREDIT)["income"] == "COLUMN"
    assert roles(made(loans.view(2, entity="__dummy")), CREDIT)["income"] == "FEATURE"


def test_the_product_of_apply_is_not_believed() -> None:
    """One job, all sources in, all views out: no edge, and the run says why; a view's own event makes the true one."""
    graph = made(loans.apply(1))
    assert (rows(graph, "feeds"), rows(graph, "fed")) == ([], [])
    (run,) = (row for key, row in graph.nodes["run"].items() if key == run_key(loans.uuid(90)))
    assert "PRODUCT_NOT_BELIEVED" in run["warnings"]
    graph = made(loans.apply(1), loans.view(2), loans.apply(3, run=91))
    sources = [dataset_key(FEAST, "credit_source"), dataset_key(FEAST, "customer")]
    assert [(source, kind) for source, kind, _, _ in fed(graph, CREDIT)] == [
        (one, "feeds") for one in sources
    ]
    assert fed(graph, dataset_key(FEAST, "history")) == []


def test_apply_again_changes_nothing_but_its_run() -> None:
    """The same facets under a new run id leave every node and edge of the views as it was, but for when it was."""
    once, twice = (
        made(loans.apply(1), loans.view(2)),
        made(loans.apply(1), loans.view(2), loans.apply(3, run=91)),
    )
    for kind in ("dataset", "field", "feeds", "fed", "io"):
        before, after = (
            [{**row, "last_written_at": None} for row in rows(one, kind)] for one in (once, twice)
        )
        assert before == after, kind


def test_an_online_store_is_made_of_the_view_that_it_holds() -> None:
    """Materializing many views at once: each store is paired with its view by its facet."""
    stores = [
        loans.item(
            FEAST, f"online_store_{name}", feast_onlineStore={"feature_view": name, "store_type": "sqlite"}
        )
        for name in ("credit", "history")
    ]
    views = [loans.item(FEAST, name) for name in ("credit", "history")]
    graph = made(loans.event(5, "COMPLETE", 95, (FEAST, "materialize_loans"), inputs=views, outputs=stores))
    for name in ("credit", "history"):
        (edge,) = fed(graph, dataset_key(FEAST, f"online_store_{name}"))
        assert edge[0] == dataset_key(FEAST, name)


def test_the_newest_decision_is_the_state_of_a_version() -> None:
    """Each decision stays; the version says the last one."""
    graph = made(*loans.STORY, loans.act(13, "RETIRED", run=31, by="eve"))
    version = graph.nodes["dataset"][VERSION_1]
    assert (version["catalogue_state"], version["catalogue_at"], version["catalogue_by"]) == (
        "RETIRED",
        hour(13),
        "eve",
    )
    assert [row["decision"] for row in rows(graph, "approval")] == ["APPROVED", "RETIRED"]


def test_names_alone_say_nothing() -> None:
    """F12: what is called like a model, an experiment or a view is none without a facet that says so."""
    plain = loans.event(1, "COMPLETE", 1, (MLFLOW, "loan approval/train"), inputs=[loans.item(FEAST, "credit")],
                        outputs=[loans.item(MLFLOW, "models/m-1"), loans.item(MLFLOW, "models/loan/1")])  # fmt: skip
    graph = made(plain)
    assert {row["kind"] for row in rows(graph, "dataset")} == {"OTHER"}
    for kind in ("experiment", "model", "deployment", "approval", "used_feature"):
        assert rows(graph, kind) == []


def test_two_servers_have_two_models_of_one_name() -> None:
    """A registered model is known by its namespace and name."""
    there = loans.registration(5, "1")
    other = loans.told(6, {**there["outputs"][0], "namespace": "mlflow://other.example"})
    assert len(rows(made(there, other), "model")) == 2
