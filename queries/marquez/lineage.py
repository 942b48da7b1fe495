"""What lies upstream and downstream of a dataset or a job, as Marquez's graph of datasets and jobs?

Marquez walks in both directions from everything it meets, so that whatever shares a dataset with a job belongs to its answer.
Here upstream and downstream of what was asked about are walked apart and put together; with siblings it is as Marquez
has it. `depth` counts steps from job to job: 0 is the job with its datasets, or the dataset with its jobs and theirs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from graph_schema.errors import NodeNotFound
from graph_schema.identity import parse_key
from queries.limits import Limits, within
from queries.lists import read_lists, together
from queries.marquez.datasets import tell_dataset_nodes, used_names
from queries.marquez.jobs import jobs_named, tell_job_nodes
from queries.marquez.names import NodeId, parse_node_id
from queries.marquez.reading import names_of, node_id_of
from queries.marquez.shapes import DatasetData, Edge, JobData, Node
from queries.nodes import KEYS_MAX, read_datasets, read_nodes
from queries.results import Job
from queries.statements import statement
from queries.store import GraphStore
from queries.walk import Budget, Direction, Reach, Walk, levels, start_walk

DEPTH_DEFAULT: Final = 20
NODES_MAX: Final = 10_000
"""Nodes of one answer: each is told whole, about 2 kB of it."""
_BOTH: Final[tuple[Direction, Direction]] = ("upstream", "downstream")
_WALK_SHARE: Final = 0.5
"""How much of the time a walk may take; what it reached is then told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of Marquez's: about which node, how many steps from job to job, and whether siblings count."""

    node: str
    depth: int = DEPTH_DEFAULT
    siblings: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The nodes in order of their ids, and which limits cut them."""

    graph: list[Node]
    cut: list[str]


@dataclass(frozen=True, slots=True)
class Met:
    """What was met on a walk, each with its kind, and what ended it."""

    kinds: dict[str, str]
    cut: list[str]


async def graph_of(store: GraphStore, question: Question, limits: Limits) -> Answer:
    """Answer a question; raises NodeNotFound, TimedOut."""
    async with within(limits, "ask with a smaller depth"):
        root = await find_root(store, parse_node_id(question.node), question.node)
        met = await _met(store, root.key, question, limits)
        return await _told(store, root, met)


class Root(NamedTuple):
    """What was asked about: under the canonical name, and under the name that was asked for."""

    key: str
    asked: str


async def find_root(store: GraphStore, asked: NodeId | None, text: str) -> Root:
    """Find the dataset or the job that is meant; raises NodeNotFound."""
    if asked is not None and asked.kind == "dataset":
        found = await read_datasets(store, asked.keys)
        for key in asked.keys:
            if key in found:
                return Root(found[key].alias_of or key, key)
    elif asked is not None and asked.kind == "job":
        jobs = await read_nodes(store, "job", asked.keys)
        for key in asked.keys:
            if key in jobs:
                return Root(key, key)
        child = await _child(store, asked)
        if child is not None:
            return Root(child.key, child.key)
    if asked is not None and asked.kind in {"dataset", "job"}:
        name = parse_key(asked.keys[0]).parts[-1:]
        raise NodeNotFound(f"{asked.kind.title()} '{''.join(name)[:300]}' not found.", nodeId=text[:300])
    raise NodeNotFound(
        f"Node '{text[:300]}' not found: ask about dataset:namespace:name or job:namespace:name",
        nodeId=text[:300],
    )


async def _child(store: GraphStore, asked: NodeId) -> Job | None:
    """Find the job that Marquez calls by its parent's name and its own."""
    names = await names_of(store, asked.keys)
    for name in names.values():
        found = await jobs_named(store, name.namespace, [name.name])
        if found:
            return found[name.name]
    return None


async def _met(store: GraphStore, root: str, question: Question, limits: Limits) -> Met:
    edges = 2 * question.depth + (2 if root.startswith("dataset:") else 1)
    ends_at = asyncio.get_running_loop().time() + _WALK_SHARE * limits.time_s
    budget = Budget(limits.depth(edges), min(limits.nodes_max, NODES_MAX), ends_at)
    met, at_bound = await (_around if question.siblings else _up_and_down)(store, root, budget)
    if at_bound and limits.stops_short_of(edges):
        met.cut.append("depth")
    return met


async def _up_and_down(store: GraphStore, root: str, budget: Budget) -> tuple[Met, bool]:
    """Walk upstream, and walk downstream; tell too whether there was more to see behind the depth."""
    walks = [_walk(direction, [root], budget) for direction in _BOTH]
    found = await together(_all(store, walks[0]), _all(store, walks[1]))
    depth_of = {**walks[0].depth_of, **walks[1].depth_of}
    kinds = {key: kind for some in found for key, kind in some.items()}
    nearest = sorted(kinds, key=lambda key: (depth_of[key], key))
    cut = list(dict.fromkeys(limit for walk in walks for limit in walk.truncated_by))
    if len(nearest) > budget.nodes_max and "nodes" not in cut:
        cut.append("nodes")
    met = Met({key: kinds[key] for key in nearest[: budget.nodes_max]}, cut)
    return met, any(walk.at_bound for walk in walks)


async def _around(store: GraphStore, root: str, budget: Budget) -> tuple[Met, bool]:
    """Walk in both directions from everything that is met; tell too whether there was more to see behind the depth."""
    met = Met({}, [])
    frontier = [root]
    depth = 0
    while frontier and depth < budget.depth_max and not met.cut:
        step = Budget(1, len(frontier) + budget.nodes_max + 1, budget.ends_at)
        walks = [_walk(direction, frontier, step) for direction in _BOTH]
        sides = await together(_all(store, walks[0]), _all(store, walks[1]))
        new = {
            key: kind for some in sides for key, kind in some.items() if key not in met.kinds and key != root
        }
        met.cut.extend(dict.fromkeys(limit for walk in walks for limit in walk.truncated_by))
        room = budget.nodes_max - len(met.kinds)
        if len(new) > room and "nodes" not in met.cut:
            met.cut.append("nodes")
        frontier = sorted(new)[:room]
        met.kinds.update({key: new[key] for key in frontier})
        depth += 1
    return met, bool(frontier)


def _walk(direction: Direction, starts: Sequence[str], budget: Budget) -> Walk:
    return start_walk(Reach(direction, granularity="JOB"), budget, starts)


async def _all(store: GraphStore, walk: Walk) -> dict[str, str]:
    found: dict[str, str] = {}
    async for level in levels(store, walk):
        found |= level.kinds
    return found


async def _told(store: GraphStore, root: Root, met: Met) -> Answer:
    keys = [root.key, *met.kinds]
    jobs = [key for key in keys if key.startswith("job:")]
    datasets = [key for key in keys if not key.startswith("job:")]
    names = await used_names(store, datasets, {root.key: root.asked})
    of_jobs, of_names, links = await asyncio.gather(
        tell_job_nodes(store, jobs), tell_dataset_nodes(store, list(names.values())), _links(store, keys)
    )
    of_datasets = {key: of_names[name] for key, name in names.items() if name in of_names}
    known: dict[str, tuple[str, str, JobData | DatasetData]] = {
        **{key: (node_id_of("job", data.id), "JOB", data) for key, data in of_jobs.items()},
        **{key: (node_id_of("dataset", data.id), "DATASET", data) for key, data in of_datasets.items()},
    }
    ids = {key: one[0] for key, one in known.items()}
    into, out_of = _edges(ids, links)
    graph = [
        Node(id=own, type=kind, data=data, in_edges=into.get(key, []), out_edges=out_of.get(key, []))
        for key, (own, kind, data) in known.items()
    ]
    return Answer(sorted(graph, key=lambda node: node.id), met.cut)


async def _links(store: GraphStore, keys: Sequence[str]) -> list[tuple[str, str]]:
    """Read what flows now between some datasets and jobs, as (source, target)."""
    rows = await read_lists(store, statement("jobs/links_in"), keys, size=KEYS_MAX)
    return sorted({(source, target) for row in rows for source, target in row["links"]})


def _edges(
    ids: Mapping[str, str], links: Sequence[tuple[str, str]]
) -> tuple[dict[str, list[Edge]], dict[str, list[Edge]]]:
    """Give the edges into and out of each node, of those that have both ends in the answer."""
    into: dict[str, list[Edge]] = {}
    out_of: dict[str, list[Edge]] = {}
    for source, target in links:
        if source in ids and target in ids:
            edge = Edge(origin=ids[source], destination=ids[target])
            into.setdefault(target, []).append(edge)
            out_of.setdefault(source, []).append(edge)
    return into, out_of
