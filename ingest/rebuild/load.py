"""How is an empty graph filled? Nodes as they come; edges are put by until all nodes are there, then laid in order."""

from __future__ import annotations

import asyncio
import pickle
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, Self

from graph_schema.errors import StoreUnavailable
from ingest.projector_parts import steps_of
from ingest.render.rows import EDGES, NODES, Rows
from queries.statements import statement
from queries.stores.arcadedb_bulk import edge_line, edge_tail, node_line

if TYPE_CHECKING:
    from ingest.rebuild.read import Progress
    from ingest.render.rows import Row
    from queries.store import GraphStore
    from queries.stores.arcadedb_bulk import ArcadeBulk

_WIPE: Final = 10_000
_AHEAD: Final = 8
"""Parts that wait for the engine; more would only take memory."""

Listed = list[tuple[str, list["Row"]]]


class Loading(Protocol):
    """A way to fill a graph. `encode` writes the rows of a part down as `add` takes them; any process may call it."""

    @property
    def encode(self) -> Callable[[Rows], Any]:
        """Give what writes rows down."""
        ...

    async def __aenter__(self) -> Self:
        """Begin."""
        ...

    async def __aexit__(self, *_: object) -> None:
        """End, finished or not."""
        ...

    async def empty(self, say: Progress) -> None:
        """Take away what there is."""
        ...

    async def add(self, part: Any) -> None:
        """Load the nodes of a part and put its edges by."""
        ...

    async def finish(self, say: Progress) -> None:
        """Lay all edges."""
        ...


class Spool:
    """Values put by in a file, to be taken again in order."""

    def __init__(self, path: Path) -> None:
        """Make the file."""
        self._path = path
        self._file = path.open("wb")
        self.count = 0

    def put(self, value: object) -> None:
        """Put a value by."""
        pickle.dump(value, self._file, pickle.HIGHEST_PROTOCOL)
        self.count += 1

    def taken(self) -> Iterator[Any]:
        """Give everything that was put by."""
        self._file.flush()
        with self._path.open("rb") as file:
            for _ in range(self.count):
                yield pickle.load(file)  # noqa: S301 - our own process wrote it

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def split(rows: Rows) -> tuple[Listed, Listed]:
    """Part the rows of nodes from those of edges."""
    ordered = rows.ordered()
    return [one for one in ordered if one[0] not in EDGES], [one for one in ordered if one[0] in EDGES]


async def _ended(task: asyncio.Task[Any] | None) -> None:
    """End a task that may still be running; what it raises is told elsewhere."""
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task


class StatementLoad:
    """Fills a graph by the statements that the projector uses; they mean the same when run twice."""

    encode: Callable[[Rows], Any] = staticmethod(split)

    def __init__(self, store: GraphStore, scratch: Path) -> None:
        """Remember where to write."""
        self._store = store
        self._edges = Spool(scratch / "edges")
        self._writing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave nothing running."""
        await _ended(self._writing)
        self._edges.close()

    async def empty(self, say: Progress) -> None:
        """Delete all nodes, some at a time."""
        done = 0
        while await self._store.read(statement("projection/left")):
            await self._store.write([(statement("projection/wipe"), {"rows_max": _WIPE})])
            done += _WIPE
            say("wipe", done, 0)

    async def add(self, part: tuple[Listed, Listed]) -> None:
        """Write nodes, while the next part is derived."""
        nodes, edges = part
        if edges:
            self._edges.put(edges)
        await self._write(nodes)

    async def finish(self, say: Progress) -> None:
        """Write edges."""
        for done, edges in enumerate(self._edges.taken()):
            say("load", done, self._edges.count)
            await self._write(edges)
        await self._written()

    async def _write(self, listed: Listed) -> None:
        await self._written()
        if listed:
            self._writing = asyncio.create_task(self._store.write(steps_of(listed)))

    async def _written(self) -> None:
        if self._writing is not None:
            writing, self._writing = self._writing, None
            await writing


class Lines(NamedTuple):
    """A part written down for bulk import: nodes with their keys in order, and edges but for their places."""

    keys: list[str]
    nodes: bytes
    edges: list[tuple[str, str, bytes]]


def lines(rows: Rows) -> Lines:
    """Write rows down for bulk import."""
    keys: list[str] = []
    nodes: list[bytes] = []
    edges: list[tuple[str, str, bytes]] = []
    for name, listed in rows.ordered():
        if name in NODES:
            keys += [row["key"] for row in listed]
            nodes += [node_line(_labels(NODES[name], row), row) for row in listed]
        elif name in EDGES:
            kind, source, target = EDGES[name]
            edges += [(row[source], row[target], edge_tail(kind, _props(row))) for row in listed]
    return Lines(keys, b"".join(nodes), edges)


def _labels(label: str, row: Row) -> str:
    """Give a dataset its kind as a second label."""
    if label != "Dataset" or row["kind"] == "OTHER":
        return label
    return f"Dataset~{''.join(word.capitalize() for word in row['kind'].split('_'))}"


def _props(row: Row) -> Row:
    if "props" in row:
        props: Row = row["props"]
        return props
    return {"type": row["type"]} if "type" in row else {}


class BulkLoad:
    """Fills a graph by the engine's own import: everything in one request, which takes lines as they are made."""

    encode: Callable[[Rows], Any] = staticmethod(lines)

    def __init__(self, store: GraphStore, scratch: Path, bulk: ArcadeBulk) -> None:
        """Remember where to; places of nodes are kept in a file, since there may be very many."""
        self._store = store
        self._bulk = bulk
        self._edges = Spool(scratch / "edges")
        self._places = sqlite3.connect(
            scratch / "places.sqlite", isolation_level=None, check_same_thread=False
        )
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-32768"):
            self._places.execute(f"PRAGMA {pragma}")
        self._places.execute(
            "CREATE TABLE place (key TEXT PRIMARY KEY, place INTEGER NOT NULL) WITHOUT ROWID"
        )
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue(_AHEAD)
        self._filling: asyncio.Task[tuple[int, int]] | None = None
        self._sent = [0, 0]

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave nothing running."""
        await _ended(self._filling)
        self._places.close()
        self._edges.close()

    async def empty(self, say: Progress) -> None:
        """Drop everything, if there is anything, and begin the request."""
        say("wipe", 0, 0)
        await self._bulk.empty(self._store)
        self._filling = asyncio.create_task(self._bulk.fill(self._coming()))

    async def add(self, part: Lines) -> None:
        """Send nodes, and remember their places."""
        first = self._sent[0]
        self._places.execute("BEGIN")
        self._places.executemany(
            "INSERT INTO place VALUES (?, ?)",
            zip(part.keys, range(first, first + len(part.keys)), strict=True),
        )
        self._places.execute("COMMIT")
        self._sent[0] += len(part.keys)
        if part.edges:
            self._edges.put(part.edges)
        if part.nodes:
            await self._send(part.nodes)

    async def finish(self, say: Progress) -> None:
        """Send edges, and wait for the engine to have taken all; raises StoreUnavailable where it took fewer."""
        for done, edges in enumerate(self._edges.taken()):
            say("load", done, self._edges.count)
            await self._send(await asyncio.to_thread(self._laid, edges))
        await self._send(None)
        if self._filling is None or list(await self._filling) != self._sent:
            raise StoreUnavailable("the graph engine took less than it was sent; the rebuild is begun again")

    def _laid(self, edges: list[tuple[str, str, bytes]]) -> bytes:
        """Give edges their places; one whose end is no node is none, as with statements."""
        places = {key: self._place(key) for key in {end for edge in edges for end in edge[:2]}}
        laid = [
            edge_line(source, target, tail)
            for a, b, tail in edges
            if (source := places[a]) is not None and (target := places[b]) is not None
        ]
        self._sent[1] += len(laid)
        return b"".join(laid)

    def _place(self, key: str) -> int | None:
        row = self._places.execute("SELECT place FROM place WHERE key = ?", (key,)).fetchone()
        return None if row is None else int(row[0])

    async def _coming(self) -> AsyncIterator[bytes]:
        while (found := await self._lines.get()) is not None:
            yield found

    async def _send(self, found: bytes | None) -> None:
        """Hand lines on; raises what the request raised, should it have ended before its time."""
        putting = asyncio.ensure_future(self._lines.put(found))
        if self._filling is None:
            return
        await asyncio.wait({putting, self._filling}, return_when=asyncio.FIRST_COMPLETED)
        if not putting.done():
            putting.cancel()
            self._filling.result()
            raise StoreUnavailable("the graph engine ended its bulk import; the rebuild is begun again")
