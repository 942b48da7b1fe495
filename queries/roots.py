"""From where does a question about a key set out?

A dataset means itself, under its canonical name. A field means its dataset where datasets are walked, and
itself, under the canonical name, where fields are. A run or a job is the root itself, and its datasets are the
rows at depth 0: downstream its outputs, upstream its inputs. So are the versions of a model. A deployment means itself,
where jobs are walked its job, and where fields are those of what feeds it. Where fields are walked, the fields of such
datasets, or of the dataset asked about, are the rows at depth 0. Where jobs are walked, a job is one of the nodes, and
a run means its job. Where runs are walked, a dataset means its last write, and a job its newest run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from graph_schema.errors import BadInput, NodeNotFound
from graph_schema.identity import Key, dataset_key, field_key, parse_key
from queries.learned import Deployment
from queries.lists import read_lists
from queries.near import not_found
from queries.nodes import KEYS_MAX, read_datasets, read_nodes
from queries.results import Dataset, Job, Node, Run
from queries.results import Field as FieldNode
from queries.statements import statement
from queries.store import GraphStore
from queries.walk import LAST_OPEN_INSTANT, Direction


@dataclass(frozen=True, slots=True)
class Root:
    """What was asked about, where its walk sets out, and whether those starts are rows of the answer."""

    node: Node
    starts: list[str]
    listed: bool = False


_STARTS: Final = {
    ("run", "upstream"): "lineage/run_reads",
    ("run", "downstream"): "lineage/run_writes",
    ("job", "upstream"): "lineage/job_inputs",
    ("job", "downstream"): "lineage/job_outputs",
    ("model", "upstream"): "lineage/model_versions",
    ("model", "downstream"): "lineage/model_versions",
}


async def resolve_root(store: GraphStore, text: str, direction: Direction, granularity: str) -> Root:
    """Find what a key means as a root; raises BadKey, BadInput, or NodeNotFound with near names."""
    key = parse_key(text)
    if key.kind == "field":
        return await _field_root(store, key, granularity)
    found = await read_nodes(store, key.kind, [key.text])
    if key.text not in found:
        raise await not_found(store, key)
    root = found[key.text]
    listed = (key.kind, direction) in _STARTS
    if isinstance(root, Dataset):
        root = await _canonical(store, root)
        starts = [root.key]
    elif granularity == "JOB" and isinstance(root, Job | Run | Deployment):
        return _job_root(root)
    elif isinstance(root, Deployment):
        return await _deployment_root(store, root, direction, granularity)
    elif listed:
        rows = await store.read(statement(_STARTS[key.kind, direction]), key=key.text)
        starts = sorted(rows[0]["keys"]) if rows else []
    else:
        raise _no_lineage(key)
    if granularity == "FIELD":
        return Root(root, await _fields_of(store, starts), listed=True)
    return Root(root, starts, listed=listed)


async def resolve_run_root(store: GraphStore, text: str, as_of: str | None) -> Root:
    """Find from where runs are walked; raises BadKey, BadInput, or NodeNotFound with near names.

    A run is the root itself. A dataset is it, under its canonical name, and means its last write; a job means its newest
    run, which is the row at depth 0. `as_of` says by when: a run is what it was at any time.
    """
    key = parse_key(text)
    if key.kind == "field":
        return await _field_root(store, key, "DATASET")
    found = await read_nodes(store, key.kind, [key.text])
    if key.text not in found:
        raise await not_found(store, key)
    root = found[key.text]
    if isinstance(root, Dataset):
        root = await _canonical(store, root)
        return Root(root, [root.key])
    if isinstance(root, Job | Deployment):
        job = root.job if isinstance(root, Deployment) else root.key
        return Root(root, await _newest_run(store, job, as_of), listed=True)
    if not isinstance(root, Run):
        raise _no_lineage(key)
    if as_of is not None:
        raise BadInput(
            "a run is the same at any time; ask about it without a time, or about its job", key=key.text
        )
    return Root(root, [root.key])


async def _newest_run(store: GraphStore, job: str, as_of: str | None) -> list[str]:
    for name in ("runs/newest_of_job", "runs/newest_unstarted"):
        rows = await store.read(statement(name), job=job, at=as_of or LAST_OPEN_INSTANT)
        if rows:
            newest = max(row["moment"] for row in rows)
            return [min(row["key"] for row in rows if row["moment"] == newest)]
    return []


def _no_lineage(key: Key) -> BadInput:
    asked = "ask about a dataset, field, job, run, model or deployment"
    if key.kind == "model":
        return BadInput("a model has no runs of its own; ask about one of its versions", key=key.text)
    return BadInput(f"a {key.kind} has no lineage; {asked}", key=key.text)


async def _deployment_root(
    store: GraphStore, root: Deployment, direction: Direction, granularity: str
) -> Root:
    """Set out from the deployment itself; where fields are walked, from those of what feeds it."""
    if granularity != "FIELD":
        return Root(root, [root.key])
    rows = await store.read(statement("lineage/deployment_sources"), key=root.key)
    sources = sorted(rows[0]["keys"]) if rows and direction == "upstream" else []
    return Root(root, await _fields_of(store, sources), listed=True)


def _job_root(root: Job | Run | Deployment) -> Root:
    """Where jobs are walked a job is where one sets out, and a run is where its job is the first row."""
    if isinstance(root, Job):
        return Root(root, [root.key])
    return Root(root, [root.job] if root.job else [], listed=True)


async def _field_root(store: GraphStore, key: Key, granularity: str) -> Root:
    """Resolve the dataset's name first: a field of another name is the one of the canonical name (D5, F13)."""
    asked = (await read_nodes(store, "field", [key.text])).get(key.text)
    if isinstance(asked, FieldNode):
        owner, path = asked.dataset, asked.path
    elif key.parts:
        owner, path = dataset_key(*key.parts[:2]), key.parts[2]
    else:
        raise await not_found(store, key)
    named = (await read_datasets(store, [owner])).get(owner)
    if named is None:
        raise await not_found(store, key)
    dataset = await _canonical(store, named)
    if asked is not None and granularity != "FIELD":
        return Root(dataset, [dataset.key])
    own = field_key(dataset.key, path)
    field = (await read_nodes(store, "field", [own])).get(own)
    if field is None:
        raise await not_found(store, key)
    return Root(field, [own]) if granularity == "FIELD" else Root(dataset, [dataset.key])


async def _canonical(store: GraphStore, dataset: Dataset) -> Dataset:
    if dataset.alias_of is None:
        return dataset
    found = (await read_datasets(store, [dataset.alias_of])).get(dataset.alias_of)
    if found is None:
        raise NodeNotFound(f"the dataset of {dataset.key[:300]} is not there", key=dataset.key)
    return found


async def _fields_of(store: GraphStore, datasets: Sequence[str]) -> list[str]:
    rows = await read_lists(store, statement("columns/fields_of"), datasets, size=KEYS_MAX)
    return sorted({key for row in rows for key in row["keys"]})
