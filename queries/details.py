"""What belongs to one node, for a reader who wants to see it whole?

Lists are cut at LISTED_MAX; `more` names those that go on (GraphQL pages through them).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from queries.learning import learning_details, read_approvals_of, read_features_of, read_starters_of
from queries.nodes import (
    read_acts_of,
    read_aliases_of,
    read_checks_of,
    read_fields_of,
    read_io_of,
    read_owners_of,
    read_run_texts,
    read_runs_of,
)
from queries.results import Dataset, Job, Node, Run
from queries.run_details import read_children, stated_code, stated_schemas
from queries.store import GraphStore

LISTED_MAX: Final = 20


async def read_details(store: GraphStore, node: Node) -> dict[str, Any]:
    """Read what belongs to a dataset, job or run, or to what machine learning knows; nothing for other kinds."""
    if isinstance(node, Dataset):
        found = await _dataset(store, node.key)
    elif isinstance(node, Job):
        found = await _job(store, node.key)
    elif isinstance(node, Run):
        found = await _run(store, node.key)
    else:
        found = await learning_details(store, node)
        if not found:
            return {}
    more = [name for name, listed in found.items() if _is_cut(name, listed)]
    return {**{name: _cut(name, listed) for name, listed in found.items()}, "more": more}


def _cut(name: str, listed: Any) -> Any:
    return listed[:LISTED_MAX] if _is_cut(name, listed) else listed


def _is_cut(name: str, listed: Any) -> bool:
    return isinstance(listed, list) and name != "fields" and len(listed) > LISTED_MAX


async def _dataset(store: GraphStore, key: str) -> dict[str, Any]:
    fields, aliases, owners, checks, producers, consumers = await asyncio.gather(
        read_fields_of(store, [key]),
        read_aliases_of(store, [key]),
        read_owners_of(store, "dataset", [key]),
        read_checks_of(store, key, after=None, limit=LISTED_MAX + 1),
        read_io_of(store, "dataset_producers", [key], after="", limit=LISTED_MAX + 1),
        read_io_of(store, "dataset_consumers", [key], after="", limit=LISTED_MAX + 1),
    )
    approvals = await read_approvals_of(store, [key])
    return {
        "fields": fields[key],
        "aliases": aliases[key],
        "owners": _keys(owners[key]),
        "checks": checks,
        "producers": producers[key],
        "consumers": consumers[key],
        "approvals": approvals[key],
    }


async def _job(store: GraphStore, key: str) -> dict[str, Any]:
    inputs, outputs, owners, runs = await asyncio.gather(
        read_io_of(store, "job_inputs", [key], after="", limit=LISTED_MAX + 1),
        read_io_of(store, "job_outputs", [key], after="", limit=LISTED_MAX + 1),
        read_owners_of(store, "job", [key]),
        read_runs_of(store, key, after=None, limit=LISTED_MAX + 1),
    )
    return {"inputs": inputs[key], "outputs": outputs[key], "owners": _keys(owners[key]), "runs": runs}


async def _run(store: GraphStore, key: str) -> dict[str, Any]:
    reads, writes, texts, children = await asyncio.gather(
        read_acts_of(store, "run_reads", [key]),
        read_acts_of(store, "run_writes", [key]),
        read_run_texts(store, [key]),
        read_children(store, key, after="", limit=LISTED_MAX + 1),
    )
    features, starters = await asyncio.gather(
        read_features_of(store, [key]), read_starters_of(store, "run", [key])
    )
    said = texts.get(key, {})
    return {
        "inputs": [msgspec.structs.replace(act, facets=None) for act in reads[key]],
        "outputs": [msgspec.structs.replace(act, facets=None) for act in writes[key]],
        "transitions": said.get("transitions") or [],
        "warnings": said.get("warnings") or [],
        "schemas": stated_schemas(said.get("facets")),
        "code": stated_code(said.get("facets")),
        "children": [child.key for child in children],
        "features_used": features[key],
        "started_by": starters[key],
    }


def _keys(nodes: Sequence[Node]) -> list[str]:
    return [node.key for node in nodes]
