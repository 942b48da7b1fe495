"""Does the engine's own bulk import take what a rebuild sends?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from queries.store import GraphStore
from queries.stores.arcadedb_bulk import edge_line, edge_tail, node_line
from tests.engine import Database, adhoc, on_arcadedb

MIB: Final = 2**20
COUNT: Final = adhoc("MATCH (:Job)-[:PART_OF]->(j:Job) RETURN j.key AS key", returns=("key",))


@on_arcadedb
def test_a_request_may_be_of_any_size(graph: Database) -> None:
    """A rebuild is one request: beyond 100 MiB, where the engine by itself would end it, it goes on."""
    bulk, _ = graph.ways_to_fill()
    assert bulk is not None

    async def lines() -> AsyncIterator[bytes]:
        yield node_line("Job", {"key": "job:n:a"}) + node_line("Job", {"key": "job:n:b"})
        for _ in range(110):
            yield b"\n" * MIB
        yield edge_line(0, 1, edge_tail("PART_OF", {}))

    async def work(store: GraphStore) -> None:
        await bulk.empty(store)
        assert await bulk.fill(lines()) == (2, 1)
        assert await store.read(COUNT) == [{"key": "job:n:b"}]

    graph.run(work)
