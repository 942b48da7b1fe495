"""From which datasets does a question about a key set out?

A dataset means itself, under its canonical name; a field means its dataset. A run or a job is the root
itself, and its datasets are the rows at depth 0: downstream its outputs, upstream its inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from graph_schema.errors import BadInput, NodeNotFound
from graph_schema.identity import Key, parse_key
from queries.near import not_found
from queries.nodes import read_datasets, read_nodes
from queries.results import Dataset, Node
from queries.results import Field as FieldNode
from queries.statements import statement
from queries.store import GraphStore
from queries.walk import Direction


@dataclass(frozen=True, slots=True)
class Root:
    """What was asked about, where its walk sets out, and whether those datasets are rows of the answer."""

    node: Node
    starts: list[str]
    listed: bool = False


_STARTS: Final = {
    ("run", "upstream"): "lineage/run_reads",
    ("run", "downstream"): "lineage/run_writes",
    ("job", "upstream"): "lineage/job_inputs",
    ("job", "downstream"): "lineage/job_outputs",
}


async def resolve_root(store: GraphStore, text: str, direction: Direction) -> Root:
    """Find what a key means as a root; raises BadKey, BadInput, or NodeNotFound with near names."""
    key = parse_key(text)
    found = await read_nodes(store, key.kind, [key.text])
    if key.text not in found:
        raise await not_found(store, key)
    node = found[key.text]
    if isinstance(node, FieldNode):
        return await _dataset_root(store, key, node.dataset)
    if isinstance(node, Dataset):
        return await _dataset_root(store, key, node.key, node)
    listed = _STARTS.get((key.kind, direction))
    if listed is None:
        raise BadInput(f"a {key.kind} has no lineage; ask about a dataset, field, job or run", key=key.text)
    rows = await store.read(statement(listed), key=key.text)
    return Root(node, sorted(rows[0]["keys"]) if rows else [], listed=True)


async def _dataset_root(store: GraphStore, key: Key, name: str, known: Dataset | None = None) -> Root:
    dataset = known or (await read_datasets(store, [name])).get(name)
    if dataset is not None and dataset.alias_of is not None:
        dataset = (await read_datasets(store, [dataset.alias_of])).get(dataset.alias_of)
    if dataset is None:
        raise NodeNotFound(f"the dataset of {key.text[:300]} is not there", key=key.text)
    return Root(dataset, [dataset.key])
