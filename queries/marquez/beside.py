"""Which tags and which sources are there?

Sources stand in dataSource facets alone, so those of so many datasets are read.
"""

from __future__ import annotations

import re
from typing import Final

from graph_schema.identity import facet_key
from queries.marquez.catalog import Page, page_of, span_of
from queries.marquez.names import wire_time
from queries.marquez.reading import text_of
from queries.marquez.shapes import Source, Tag
from queries.nodes import read_datasets, read_facet_bodies
from queries.statements import statement
from queries.store import GraphStore

DATASETS_MAX: Final = 10_000
"""Datasets whose dataSource facets are read."""
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


async def read_tags(store: GraphStore) -> list[Tag]:
    """List all tags by name."""
    rows = await store.read(statement("marquez/tags"))
    return [Tag(name=name) for name in sorted({row["tag"] for row in rows})]


async def read_sources(store: GraphStore) -> tuple[list[Source], bool]:
    """List sources by name; tell whether all datasets were looked at."""
    keys, count = await page_of(store, span_of("dataset"), Page(DATASETS_MAX))
    facets = {facet_key(key, "dataSource"): key for key in keys}
    bodies = await read_facet_bodies(store, list(facets))
    stated = {
        facets[facet]: body
        for facet, body in bodies.items()
        if isinstance(body, dict) and text_of(body.get("name"))
    }
    nodes = await read_datasets(store, list(stated))
    found: dict[str, tuple[str | None, str | None]] = {}
    for key, body in sorted(stated.items()):
        name, uri = body["name"], text_of(body.get("uri"))
        created = nodes[key].created_at if key in nodes else None
        first, address = found.get(name, (None, None))
        found[name] = (min(filter(None, (first, created)), default=None), address or uri)
    return [_source(name, *found[name]) for name in sorted(found)], count <= DATASETS_MAX


def _source(name: str, created_at: str | None, uri: str | None) -> Source:
    scheme = _SCHEME.match(uri or "")
    return Source(
        type=scheme[1].upper() if scheme else "",
        name=name,
        created_at=wire_time(created_at),
        updated_at=wire_time(created_at),
        connection_url=uri,
    )
