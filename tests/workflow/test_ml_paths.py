"""Which ways lead from data over features and runs to versions and deployments? On every engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph_schema.errors import BadInput, NodeNotFound
from queries.compare_models import CompareModelsQuestion, ModelComparison, compare_models
from queries.limits import Limits
from queries.ml_paths import MlPath, MlPathsQuestion, ml_paths, place
from queries.projection import read_projection
from queries.provenance import ProvenanceQuestion
from queries.store import GraphStore
from tests.engine import Database
from tests.workflow import estate
from tests.workflow.estate import (
    AGE,
    BUREAU,
    CREDIT_TABLE,
    CUSTOMERS,
    DEBT,
    DEPLOYMENT,
    ETL_1,
    ETL_2,
    EXPERIMENT,
    INCOME,
    LOGGED_1,
    LOGGED_2,
    MODEL,
    STORY,
    TRAIN_1,
    TRAIN_2,
    VERSION_1,
    VERSION_2,
    VIEW,
)
from tests.workflow.test_provenance import after

Short = tuple[str | bool | None, ...]


def short(row: MlPath) -> Short:
    return row.dataset, row.feature, row.run, row.version, row.deployment, row.serving


async def ask(store: GraphStore, first: int = 50, **ends: Any) -> list[MlPath]:
    """All rows, page by page; each page but the last is full, and none repeats a row."""
    rows: list[MlPath] = []
    after_cursor = None
    while True:
        question = MlPathsQuestion(first=first, after=after_cursor, **ends)
        page = await ml_paths(store, question, Limits(), projection=await read_projection(store))
        rows += page.paths
        assert len(page.paths) == first or not page.page_info.has_next_page
        if not page.page_info.has_next_page:
            assert rows == sorted(rows, key=place)
            assert len({place(row) for row in rows}) == len(rows)
            return rows
        after_cursor = page.page_info.end_cursor


FIRST_ROWS: list[Short] = [
    (CREDIT_TABLE, feature, TRAIN_1, VERSION_1, DEPLOYMENT, False) for feature in (AGE, DEBT, INCOME)
]
SECOND_ROWS: list[Short] = [
    (CREDIT_TABLE, feature, TRAIN_2, VERSION_2, DEPLOYMENT, True) for feature in (AGE, DEBT, INCOME)
]


@pytest.mark.parametrize("first", [1, 2, 50])
def test_each_end_gives_the_rows_it_is_part_of(graph: Database, tmp_path: Path, first: int) -> None:
    """The experiment all, a version its own, a feature those over it; together only those on which all agree."""

    async def all_of_them(store: GraphStore) -> list[list[Short]]:
        asked: list[dict[str, Any]] = [
            {"experiment": EXPERIMENT},
            {"model": "loan"},
            {"model": VERSION_1},
            {"model": MODEL, "feature": INCOME},
            {"feature": AGE, "model": VERSION_2, "experiment": EXPERIMENT},
            {"dataset": CUSTOMERS, "model": VERSION_1},
            {"dataset": LOGGED_1},
        ]
        return [[short(row) for row in await ask(store, first, **ends)] for ends in asked]

    experiment, model, one, over_income, agreed, customers, logged = after(
        graph, tmp_path, STORY, all_of_them
    )
    checks = [row for row in experiment if row[1] is None]
    assert [row[3:] for row in checks] == [(None, None, None)] * 2
    assert [row for row in experiment if row[1] is not None] == [*FIRST_ROWS, *SECOND_ROWS]
    assert model == [*FIRST_ROWS, *SECOND_ROWS]
    assert one == FIRST_ROWS
    assert over_income == [FIRST_ROWS[2], SECOND_ROWS[2]]
    assert agreed == [SECOND_ROWS[0]]
    assert customers == [(CUSTOMERS, *row[1:]) for row in FIRST_ROWS]
    assert logged == []


def test_rows_say_how_they_are_known(graph: Database, tmp_path: Path) -> None:
    """Whether the model is made of a feature, and by which evidence the table feeds the view."""
    rows = after(graph, tmp_path, STORY, lambda store: ask(store, model=VERSION_2))
    assert [(row.feature, row.used, row.certain, row.evidence, row.view) for row in rows] == [
        (AGE, False, True, "PRODUCT", VIEW),
        (DEBT, False, True, "PRODUCT", VIEW),
        (INCOME, True, True, "PRODUCT", VIEW),
    ]


def test_a_training_without_features_is_told_by_what_it_read(graph: Database, tmp_path: Path) -> None:
    """A table that a run read itself stands where a feature would; what became no version has none."""
    said = {"mlflow_run": {"experimentId": "9", "experimentName": "plain"}}
    run = estate.event(
        40, "COMPLETE", 60, (estate.MLFLOW, "plain/train"), inputs=[estate.item(estate.LAKE, "credit")],
        outputs=[estate.item(estate.MLFLOW, "models/m-9", mlflow_loggedModel={"modelId": "m-9"})], run_facets=said,
    )  # fmt: skip
    plain, logged = f"run:{estate.uuid(60)}", "dataset:mlflow%3A//ml.example%3A5000:models/m-9"

    async def both(store: GraphStore) -> list[list[Short]]:
        ends: list[dict[str, Any]] = [
            {"dataset": BUREAU, "experiment": "experiment:mlflow%3A//ml.example%3A5000:9"},
            {"dataset": CREDIT_TABLE, "experiment": "experiment:mlflow%3A//ml.example%3A5000:9"},
        ]
        return [[short(row) for row in await ask(store, **one)] for one in ends]

    far, near = after(graph, tmp_path, [*STORY, run], both)
    assert far == [(BUREAU, None, plain, logged, None, None)]
    assert near == [(CREDIT_TABLE, None, plain, logged, None, None)]


def test_ends_that_are_none_are_refused(graph: Database, tmp_path: Path) -> None:
    """No end at all, a key of another kind, a key that names nothing."""

    async def refused(store: GraphStore) -> None:
        odd: list[dict[str, Any]] = [{}, {"feature": VIEW}, {"experiment": MODEL}]
        for ends in odd:
            with pytest.raises(BadInput):
                await ask(store, **ends)
        missing: list[dict[str, Any]] = [
            {"feature": f"{VIEW}#no"},
            {"experiment": "experiment:x:1"},
            {"model": "none"},
            {"dataset": "dataset:x:y"},
        ]
        for ends in missing:
            with pytest.raises(NodeNotFound):
                await ask(store, **ends)

    after(graph, tmp_path, STORY, refused)


def test_two_versions_differ_in_what_changed_between_them(graph: Database, tmp_path: Path) -> None:
    """Data by the runs that made it, features by use, then what the trainings said, the checks, and what was decided."""

    async def compared(store: GraphStore) -> ModelComparison:
        a, b = (ProvenanceQuestion(model="loan", version=version) for version in ("1", "2"))
        question = CompareModelsQuestion(a=a, b=b)
        return await compare_models(store, question, Limits(), projection=await read_projection(store))

    found = after(graph, tmp_path, STORY, compared)
    assert (found.a.key, found.b.key, found.b.made_at) == (VERSION_1, VERSION_2, estate.hour(15))
    assert [(one.category, one.change, one.name, one.before, one.after) for one in found.differences] == [
        ("DATASETS", "REMOVED", LOGGED_1, TRAIN_1, None),
        ("DATASETS", "ADDED", LOGGED_2, None, TRAIN_2),
        ("DATASETS", "ADDED", BUREAU, None, None),
        ("DATASETS", "CHANGED", CREDIT_TABLE, ETL_1, ETL_2),
        ("FEATURES", "CHANGED", DEBT, "used", "fetched"),
        ("PARAMETERS", "CHANGED", "C", "4", "7"),
        ("METRICS", "CHANGED", "auc", "0.81", "0.84"),
        ("CODE", "CHANGED", "gitCommit", "c4", "c7"),
        ("CHECKS", "CHANGED", "fair", "pass", "fail"),
        ("REGISTRY", "REMOVED", "aliases", "champion", None),
    ]
    assert sum(one.count for one in found.counts) == 10
