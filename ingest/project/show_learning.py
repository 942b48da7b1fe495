"""Which rows of experiments, models, deployments and decisions does the graph lack (rule D6)?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from ingest.project.deployments import deployment_of
from ingest.project.kinds import is_kind
from ingest.project.shown import changed
from ingest.render.features import feature_rows
from ingest.render.learning import (
    act_of,
    approval_row,
    approved,
    decided_by,
    deployment_row,
    experiment_row,
    model_row,
    starter_row,
    starter_rows,
)

if TYPE_CHECKING:
    from ingest.derive.runs import Run
    from ingest.project.touched import Touched
    from ingest.render.rows import Row, Rows
    from ingest.state import State

    Parts = dict[str, tuple[str, str, Row]]

CLAIMED: Final = "mlflow.user"
"""The evidence of a person that a run names for itself: a claim, no proof."""

_VIEWS: Final = frozenset({"FEATURE_VIEW"})
_LOGGED: Final = frozenset({"LOGGED_MODEL"})


def show_learning(state: State, touched: Touched, rows: Rows) -> None:
    """Show what was touched of experiments, models and deployments."""
    for experiment in sorted(touched.experiments):
        _show_experiment(state, experiment, rows)
    for model in sorted(touched.models):
        _show_model(state, model, rows)
    for job in sorted(touched.deployments):
        _show_deployment(state, job, rows)


def show_model_of(dataset: Row, rows: Rows, *, clear: bool) -> None:
    """Show of which registered model a dataset is a version."""
    key, model = dataset["key"], dataset.get("model")
    if clear:
        rows.add("clear_model", key, {"key": key})
    if model is not None:
        rows.add("link_dataset_model", key, {"key": key, "model": model})


def _show_experiment(state: State, key: str, rows: Rows) -> None:
    """Show an experiment, and who started it; whoever did once, did."""
    row = experiment_row(state, key)
    if row is None:
        return
    starters = {f"{one['person']} {one['evidence']}": one for one in starter_rows(state, key)}
    write, _ = changed(state, key, {"node": row, **starters})
    if "node" in write:
        rows.add("merge_experiment", key, row)
    for part in write - {"node"}:
        rows.add("link_experiment_starter", f"{key} {part}", starters[part])


def _show_model(state: State, key: str, rows: Rows) -> None:
    """Show a registered model."""
    row = model_row(state, key)
    if row is not None and changed(state, key, {"node": row})[0]:
        rows.add("merge_model", key, row)


def _show_deployment(state: State, job: str, rows: Rows) -> None:
    """Show the deployment that a job is, or take it away where the job is none after all."""
    row = deployment_row(state, job)
    own = f"deployment {job}"
    if row is None:
        if any(changed(state, own, {})):
            key = deployment_of(state, job)
            rows.add("delete_deployment", key, {"key": key})
    elif changed(state, own, {"node": row})[0]:
        rows.add("merge_deployment", row["key"], row)


def run_parts(state: State, run: Run, row: Row) -> Parts:
    """Give the rows of a run's edges: its experiment, its features, and who started it."""
    key = row["key"]
    facts = sorted((fact for attempt in run.attempts for fact in attempt.facts), key=lambda fact: fact.order)
    experiment = row["experiment"]
    claimed = next((fact.person for fact in reversed(facts) if fact.person is not None), None)
    parts = starter_parts(state, key)
    if experiment is not None:
        edge = {"run": key, "experiment": experiment}
        parts[f"link_experiment {experiment}"] = ("link_run_experiment", key, edge)
    if claimed is not None:
        edge = starter_row(key, claimed, CLAIMED, row["started_at"] or row["created_at"])
        parts[f"link_claim {claimed}"] = ("link_run_starter", f"{key} {claimed} {CLAIMED}", edge)
    is_view, is_model = partial(is_kind, state, kinds=_VIEWS), partial(is_kind, state, kinds=_LOGGED)
    for used in feature_rows(state, run, is_view, is_model):
        name = f"{used['mode']} {used['field']}"
        parts[f"link_feature {name}"] = ("link_run_feature", f"{key} {name}", used)
    return parts


def starter_parts(state: State, key: str) -> Parts:
    """Give the rows of who started a run, as the gateway saw it."""
    return {
        f"link_starter {one['person']} {one['evidence']}": (
            "link_run_starter",
            f"{key} {one['person']} {one['evidence']}",
            one,
        )
        for one in starter_rows(state, key)
    }


def show_approval(state: State, run: Run, rows: Rows) -> None:
    """Show the decision that a run records, if it records one."""
    found = act_of(state, run)
    if found is None:
        return
    row = approval_row(run, *found)
    key, person = row["key"], decided_by(found[1])
    links = {f"of {dataset}": dataset for dataset in approved(run)}
    known = state.shown(key) is not None
    parts = {"node": row, **links, **({"by": person} if person else {})}
    write, gone = changed(state, key, parts)
    if "node" in write:
        rows.add("merge_approval", key, row)
    if known and (gone or "by" in write):
        rows.add("clear_approval", key, {"key": key})
        write |= parts.keys()
    if person is not None and "by" in write:
        rows.add("link_approval_person", key, {"key": key, "person": person})
    for part in sorted(write & links.keys()):
        rows.add("link_approval_dataset", f"{key} {links[part]}", {"key": key, "dataset": links[part]})
