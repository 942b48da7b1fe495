"""What belongs to experiments, models, deployments and decisions, and to runs and datasets of theirs?

Everything is read by lists of keys, one statement per list, so that a caller can batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from queries.learned import Approval, Deployment, Experiment, Model, Starter, UsedFeature
from queries.lists import read_lists
from queries.nodes import KEYS_MAX, make_node, read_runs_in, read_runs_of, told
from queries.results import Node
from queries.statements import statement
from queries.store import GraphStore

_LISTED: Final = 21
"""One more than are listed (queries/details.py), so that it is known that there are more."""


async def read_versions_of(store: GraphStore, keys: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """List (version, dataset key) of registered models, the newest version first: numbers go by their size."""
    found: dict[str, list[tuple[str, str]]] = {key: [] for key in keys}
    for model, dataset, version in await _read(store, "nodes/model_versions", "versions", keys):
        found[model].append((version or "", dataset))
    return {key: sorted(versions, key=newest_first) for key, versions in found.items()}


def newest_first(version: tuple[str, str]) -> tuple[int, str, str]:
    """Order versions of a model: those that are no number last, by name."""
    text, dataset = version
    return -int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 1, text, dataset  # noqa: PLR2004


async def read_features_of(store: GraphStore, keys: Sequence[str]) -> dict[str, list[UsedFeature]]:
    """List the features of runs, by mode and key."""
    found: dict[str, list[UsedFeature]] = {key: [] for key in keys}
    for row in await _read(store, "nodes/run_features", "features", keys):
        found[row["run"]].append(UsedFeature(row["field"], row["mode"], row["certain"]))
    return {key: sorted(used, key=lambda one: (one.mode, one.field)) for key, used in found.items()}


async def read_starters_of(store: GraphStore, kind: str, keys: Sequence[str]) -> dict[str, list[Starter]]:
    """List who started runs or experiments, what was seen before what is claimed."""
    found: dict[str, list[Starter]] = {key: [] for key in keys}
    for row in await _read(store, f"nodes/{kind}_starters", "starters", keys):
        found[row["subject"]].append(Starter(row["person"], row["evidence"], told(row["at"])))
    return {key: sorted(who, key=lambda one: (one.evidence, one.person)) for key, who in found.items()}


async def read_approvals_of(store: GraphStore, keys: Sequence[str]) -> dict[str, list[Approval]]:
    """List what was decided about datasets, newest first, what has no time last."""
    found: dict[str, list[Approval]] = {key: [] for key in keys}
    for dataset, row in await _read(store, "nodes/dataset_approvals", "approvals", keys):
        node = make_node("approval", row)
        if isinstance(node, Approval):
            found[dataset].append(node)
    in_order: Callable[[Approval], tuple[str, str]] = lambda one: (one.at or "", one.key)  # noqa: E731
    return {key: sorted(made, key=in_order, reverse=True) for key, made in found.items()}


async def read_approved_by(store: GraphStore, keys: Sequence[str]) -> dict[str, list[str]]:
    """List the datasets that decisions are about."""
    return await _pairs(store, "nodes/approval_datasets", "datasets", keys)


async def read_deciders_of(store: GraphStore, keys: Sequence[str]) -> dict[str, list[str]]:
    """List who made decisions."""
    return await _pairs(store, "nodes/approval_persons", "persons", keys)


async def read_sources_of(store: GraphStore, keys: Sequence[str]) -> dict[str, list[str]]:
    """List what feeds deployments now."""
    return await _pairs(store, "nodes/deployment_sources", "sources", keys)


async def _pairs(store: GraphStore, name: str, column: str, keys: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {key: [] for key in keys}
    for owner, other in await _read(store, name, column, keys):
        found[owner].append(other)
    return {key: sorted(others) for key, others in found.items()}


async def _read(store: GraphStore, name: str, column: str, keys: Sequence[str]) -> list[Any]:
    rows = await read_lists(store, statement(name), keys, size=KEYS_MAX)
    return [value for row in rows for value in row[column]]


async def learning_details(store: GraphStore, node: Node) -> dict[str, Any]:
    """Read what belongs to an experiment, model, deployment or decision, as keys; nothing for other kinds."""
    if isinstance(node, Experiment):
        runs = await read_runs_in(store, node.key, after=None, limit=_LISTED)
        starters = await read_starters_of(store, "experiment", [node.key])
        return {"runs": runs, "started_by": starters[node.key]}
    if isinstance(node, Model):
        versions = (await read_versions_of(store, [node.key]))[node.key]
        return {"versions": [dataset for _, dataset in versions]}
    if isinstance(node, Deployment):
        sources = await read_sources_of(store, [node.key])
        runs = await read_runs_of(store, node.job, after=None, limit=_LISTED)
        return {"sources": sources[node.key], "runs": runs}
    if isinstance(node, Approval):
        about, people = await read_approved_by(store, [node.key]), await read_deciders_of(store, [node.key])
        return {"datasets": about[node.key], "decided_by": people[node.key]}
    return {}
