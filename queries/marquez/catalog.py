"""Which namespaces, datasets and jobs are there, page by page?

Pages are in order of keys, which is that of namespaces and names; Marquez's offsets are read from the index on keys, so a
page far behind costs what lies before it. Counts are those of the whole list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from graph_schema.errors import NodeNotFound
from graph_schema.identity import enc, stored_namespace
from queries.lists import together
from queries.marquez.names import wire_time
from queries.marquez.shapes import Namespace
from queries.statements import statement
from queries.store import GraphStore

Listed = Literal["dataset", "job"]
_WHOLE_BYTES: Final = 1_900
"""Longer keys are cut (`graph_schema/identity.py`): beyond it a namespace is known by its property alone."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list."""

    limit: int
    offset: int = 0

    @property
    def end(self) -> int:
        """Give how many rows lie before the end of the page."""
        return self.offset + self.limit


@dataclass(frozen=True, slots=True)
class Span:
    """The datasets or jobs of one namespace, or of all."""

    kind: Listed
    low: str
    high: str
    namespace: str | None

    @property
    def values(self) -> dict[str, str | None]:
        """Give the parameters of its statements."""
        return {"low": self.low, "high": self.high, "namespace": self.namespace}


def span_of(kind: Listed, namespace: str | None = None) -> Span:
    """Say between which keys the datasets or jobs of a namespace lie."""
    if namespace is None:
        return Span(kind, f"{kind}:", f"{kind};", None)
    own = stored_namespace(namespace)
    low = f"{kind}:{enc(own)}:"
    encoded = low.encode()
    if len(encoded) > _WHOLE_BYTES:
        low = encoded[:_WHOLE_BYTES].decode(errors="ignore")
        return Span(kind, low, f"{low}\U0010ffff", own)
    return Span(kind, low, f"{low[:-1]};", own)


async def page_of(store: GraphStore, span: Span, page: Page) -> tuple[list[str], int]:
    """Give the keys of a page, and how many there are in all."""
    reading = store.read(
        statement(f"marquez/{span.kind}s_page"), **span.values, offset=page.offset, limit=page.limit
    )
    rows, counted = await together(
        reading, store.read(statement(f"marquez/{span.kind}s_count"), **span.values)
    )
    return [row["key"] for row in rows], int(counted[0]["count"])


async def read_namespaces(store: GraphStore) -> list[Namespace]:
    """List all namespaces by name."""
    rows = await store.read(statement("marquez/namespaces"))
    found: dict[str, str | None] = {}
    for row in rows:
        known, new = found.get(row["namespace"]), row["created_at"]
        found[row["namespace"]] = min(known, new) if known and new else known or new
    return [_namespace(name, found[name]) for name in sorted(found)]


async def read_namespace(store: GraphStore, name: str) -> Namespace:
    """Read one namespace; raises NodeNotFound."""
    own = stored_namespace(name)
    found = []
    for kind in ("dataset", "job"):
        span = span_of(kind, own)
        rows = await store.read(statement(f"marquez/{kind}s_named"), **span.values)
        found += [row for row in rows if row["count"]]
    if not found:
        raise no_namespace(name)
    return _namespace(own, min((row["created_at"] for row in found if row["created_at"]), default=None))


def no_namespace(name: str) -> NodeNotFound:
    """Make the error for a namespace in which nothing is."""
    return NodeNotFound(f"Namespace '{name[:300]}' not found.", namespace=name[:300])


async def has_namespace(store: GraphStore, name: str) -> bool:
    """Tell whether anything is in a namespace."""
    for kind in ("dataset", "job"):
        keys = await store.read(
            statement(f"marquez/{kind}s_page"), **span_of(kind, name).values, offset=0, limit=1
        )
        if keys:
            return True
    return False


def _namespace(name: str, created_at: str | None) -> Namespace:
    return Namespace(name=name, created_at=wire_time(created_at), updated_at=wire_time(created_at))
