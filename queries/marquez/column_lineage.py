"""Which columns is a column made from, and into which does it go, as Marquez's graph of fields?

`depth` counts edges, upstream and, where asked for, downstream; each direction is walked apart. With a version it is
as it was then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graph_schema.errors import BadInput, NodeNotFound
from queries.edges import read_edges
from queries.limits import Limits, within
from queries.lists import read_lists, together
from queries.marquez.datasets import transformation, used_names
from queries.marquez.lineage import Answer, find_root
from queries.marquez.names import NodeId, dataset_version, node_id, parse_node_id, version_instant
from queries.marquez.reading import Names, names_of, read_facets
from queries.marquez.shapes import Edge, FieldData, FieldInput, Node
from queries.nodes import KEYS_MAX, read_datasets, read_io_of, read_nodes
from queries.results import Dataset, Field
from queries.said import part
from queries.statements import statement
from queries.store import GraphStore
from queries.walk import Budget, Direction, Reach, levels, start_walk

DEPTH_DEFAULT: Final = 20
NODES_MAX: Final = 10_000
_WALK_SHARE: Final = 0.5
_IO_MAX: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnQuestion:
    """A question of Marquez's: about which node, how many edges far, and whether downstream too."""

    node: str
    depth: int = DEPTH_DEFAULT
    downstream: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """The fields from which a question sets out, and as of when."""

    fields: list[str]
    as_of: str | None = None
    names: dict[str, str] = field(default_factory=dict)
    """canonical dataset -> the name of it that was asked for"""


async def columns_of(store: GraphStore, question: ColumnQuestion, limits: Limits) -> Answer:
    """Answer a question; raises NodeNotFound, BadInput, TimedOut."""
    asked = parse_node_id(question.node)
    if asked is not None and asked.version is not None and question.downstream:
        raise BadInput(
            "a version's columns are walked upstream alone; leave withDownstream out, or the version"
        )
    async with within(limits, "ask with a smaller depth"):
        found = await _asked(store, asked, question.node)
        known, cut = await _walked(store, found, question, limits)
        return Answer(await _told(store, known, found), cut)


async def _asked(store: GraphStore, asked: NodeId | None, text: str) -> _Asked:
    if asked is not None and asked.kind == "datasetField":
        return await _field(store, asked)
    if asked is None or asked.kind == "run":
        raise NodeNotFound(
            f"Could not find node '{text[:300]}'; ask about dataset:, datasetField: or job:",
            nodeId=text[:300],
        )
    root = await find_root(store, asked, text)
    if asked.kind == "dataset":
        fields = await _fields_of(store, [root.key])
        return _Asked(fields, _as_of(asked, root.asked), {root.key: root.asked})
    if asked.version is not None:
        raise BadInput("columns as of a job's version are not kept; ask about the version of a dataset")
    outputs = (await read_io_of(store, "job_outputs", [root.key], after="", limit=_IO_MAX))[root.key]
    homes = await _homes(store, [one.key for one in outputs if one.current])
    return _Asked(await _fields_of(store, sorted(set(homes.values()))))


async def _field(store: GraphStore, asked: NodeId) -> _Asked:
    """Find a field under the canonical name of its dataset."""
    owners = {key: key.partition("#")[0] for key in asked.keys}
    homes = await _homes(store, sorted(set(owners.values())))
    own = {key: f"{homes[owner]}#{key.partition('#')[2]}" for key, owner in owners.items() if owner in homes}
    there = await read_nodes(store, "field", sorted({*own.values(), *own}))
    for key in asked.keys:
        for one in (own.get(key, ""), key):
            if one in there:
                return _Asked([one], _as_of(asked, owners[key]), {one.partition("#")[0]: owners[key]})
    raise NodeNotFound(f"Could not find node '{asked.text[:300]}'", nodeId=asked.text[:300])


def _as_of(asked: NodeId, dataset: str) -> str | None:
    if asked.version is None:
        return None
    at = version_instant(dataset, asked.version)
    if at is None:
        raise NodeNotFound(
            f"Could not find node '{asked.text[:300]}': it has no such version", nodeId=asked.text[:300]
        )
    return at


async def _homes(store: GraphStore, keys: Sequence[str]) -> dict[str, str]:
    return {key: one.alias_of or key for key, one in (await read_datasets(store, keys)).items()}


async def _fields_of(store: GraphStore, datasets: Sequence[str]) -> list[str]:
    rows = await read_lists(store, statement("columns/fields_of"), datasets, size=KEYS_MAX)
    return sorted({key for row in rows for key in row["keys"]})


async def _walked(
    store: GraphStore, found: _Asked, question: ColumnQuestion, limits: Limits
) -> tuple[list[str], list[str]]:
    """Give the fields that are in reach, those that were asked about first, and which limits cut them."""
    ends_at = asyncio.get_running_loop().time() + _WALK_SHARE * limits.time_s
    budget = Budget(limits.depth(question.depth), min(limits.nodes_max, NODES_MAX), ends_at)
    directions: list[Direction] = ["upstream", "downstream"] if question.downstream else ["upstream"]
    walks = [
        start_walk(Reach(one, as_of=found.as_of, granularity="FIELD"), budget, found.fields)
        for one in directions
    ]
    for walk in walks:
        async for _ in levels(store, walk):
            pass
    depth_of = {key: depth for walk in reversed(walks) for key, depth in walk.depth_of.items()}
    nearest = sorted(depth_of, key=lambda key: (depth_of[key], key))
    cut = [limit for walk in walks for limit in walk.truncated_by]
    if len(nearest) > NODES_MAX:
        cut.append("nodes")
    if limits.stops_short_of(question.depth) and any(walk.at_bound for walk in walks):
        cut.append("depth")
    return nearest[:NODES_MAX], list(dict.fromkeys(cut))


async def _told(store: GraphStore, keys: Sequence[str], found: _Asked) -> list[Node]:
    """Tell of the fields that have an edge within the answer."""
    reach = Reach("upstream", as_of=found.as_of, granularity="FIELD")
    nodes, rows = await together(read_nodes(store, "field", keys), read_edges(store, reach, "in", keys))
    fields = {key: one for key, one in nodes.items() if isinstance(one, Field)}
    links = sorted(
        {(row.source, row.target) for row in rows if row.source in fields and row.target in fields}
    )
    shown = {end for link in links for end in link}
    owners = sorted({fields[key].dataset for key in shown})
    called = await used_names(store, owners, found.names)
    homes, facets, names = await asyncio.gather(
        read_datasets(store, owners),
        read_facets(store, "dataset", sorted({*owners, *called.values()}), only=frozenset({"columnLineage"})),
        names_of(store, called.values()),
    )
    told = _Told(
        fields,
        homes,
        {key: {**facets[key], **facets[name]} for key, name in called.items()},
        {key: names[name] for key, name in called.items()},
    )
    into: dict[str, list[str]] = {}
    out_of: dict[str, list[str]] = {}
    for source, target in links:
        into.setdefault(target, []).append(source)
        out_of.setdefault(source, []).append(target)
    graph = [told.node(key, into.get(key, []), out_of.get(key, [])) for key in shown]
    return sorted(graph, key=lambda node: node.id)


@dataclass(frozen=True, slots=True)
class _Told:
    fields: Mapping[str, Field]
    homes: Mapping[str, Dataset]
    facets: Mapping[str, dict[str, Any]]
    names: Names

    def id(self, key: str) -> str:
        """Give Marquez's node id of a field."""
        column = self.fields[key]
        name = self.names[column.dataset]
        return node_id("datasetField", name.namespace, name.name, column.path)

    def version(self, key: str) -> str | None:
        """Give the version of a field's dataset."""
        home = self.homes.get(self.fields[key].dataset)
        return None if home is None else dataset_version(home.key, home.last_written_at or home.created_at)

    def node(self, key: str, sources: Sequence[str], targets: Sequence[str]) -> Node:
        """Tell of a field. As Marquez has it, an edge in `inEdges` names the field itself as its origin (decision 0053)."""
        column = self.fields[key]
        name = self.names[column.dataset]
        stated = part(part(self.facets[column.dataset], "columnLineage"), "fields")
        description, kind = transformation(stated.get(column.path))
        own = self.id(key)
        return Node(
            id=own,
            type="DATASET_FIELD",
            data=FieldData(
                namespace=name.namespace,
                dataset=name.name,
                dataset_version=self.version(key),
                field=column.path,
                field_type=column.data_type or "",
                transformation_description=description,
                transformation_type=kind,
                input_fields=[self._input(source, (description, kind)) for source in sources],
            ),
            in_edges=[Edge(origin=own, destination=self.id(source)) for source in sources],
            out_edges=[Edge(origin=own, destination=self.id(target)) for target in targets],
        )

    def _input(self, key: str, how: tuple[str | None, str | None]) -> FieldInput:
        column = self.fields[key]
        name = self.names[column.dataset]
        return FieldInput(
            namespace=name.namespace,
            dataset=name.name,
            dataset_version=self.version(key),
            field=column.path,
            transformation_description=how[0],
            transformation_type=how[1],
        )
