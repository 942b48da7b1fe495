"""What do several of Marquez's answers need: names of keys, and facets with what they say?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final

from graph_schema.identity import parse_key
from queries.marquez.names import node_id
from queries.marquez.shapes import Field, Id
from queries.nodes import read_facet_bodies, read_facets_of, read_nodes
from queries.results import Dataset, Job
from queries.said import part
from queries.store import GraphStore

Facets = dict[str, Any]
Names = dict[str, Id]

IO_MAX: Final = 10_000
"""Inputs, and outputs, of one job that are told."""


async def names_of(store: GraphStore, keys: Iterable[str]) -> Names:
    """Say what datasets and jobs are called; a key that was cut is looked up."""
    parsed = {key: parse_key(key) for key in {*keys}}
    names = {
        key: Id(namespace=one.parts[0], name=one.parts[1])
        for key, one in parsed.items()
        if len(one.parts) > 1
    }
    cut = sorted(parsed.keys() - names.keys())
    if cut:
        for found in await asyncio.gather(read_nodes(store, "dataset", cut), read_nodes(store, "job", cut)):
            names |= {key: id_of(node) for key, node in found.items() if isinstance(node, Dataset | Job)}
    return names


def id_of(node: Dataset | Job) -> Id:
    """Give the namespace and the name of a node."""
    return Id(namespace=node.namespace or "", name=node.name)


def node_id_of(kind: str, name: Id) -> str:
    """Give Marquez's node id for a name."""
    return node_id(kind, name.namespace, name.name)


async def read_facets(
    store: GraphStore, kind: str, keys: Sequence[str], *, only: frozenset[str] | None = None
) -> dict[str, Facets]:
    """Read the current facets of datasets or jobs, by name; only some where not all are asked for."""
    listed = await read_facets_of(store, kind, keys)
    there = [
        facet
        for facets in listed.values()
        for facet in facets
        if not facet.deleted and (only is None or facet.name in only)
    ]
    bodies = await read_facet_bodies(store, [facet.key for facet in there])
    found: dict[str, Facets] = {key: {} for key in keys}
    for facet in there:
        if bodies.get(facet.key) is not None:
            found[facet.entity][facet.name] = bodies[facet.key]
    return found


def schema_fields(facets: Facets) -> list[Field]:
    """List the columns that a schema facet states."""
    stated = part(facets, "schema").get("fields")
    return [
        Field(name=one["name"], type=text_of(one.get("type")), description=text_of(one.get("description")))
        for one in (stated if isinstance(stated, list) else ())
        if isinstance(one, dict) and isinstance(one.get("name"), str)
    ]


def text_of(value: Any) -> str | None:
    """Give a text; None for anything else."""
    return value if isinstance(value, str) else None
