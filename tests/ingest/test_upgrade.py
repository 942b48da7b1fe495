"""What does a projector do with a graph that another version made?"""

from __future__ import annotations

import json
from pathlib import Path

from ingest.inbox import judge
from ingest.journal import Journal
from ingest.projector import Projector
from ingest.state import FORM
from queries.projection import read_projection
from queries.store import GraphStore
from tests.arrows import story
from tests.engine import Database, adhoc

RECEIVED_AT = "2026-11-24T12:00:00.000000Z"
AGE = adhoc(
    "MATCH (p:Projection) SET p.version = $version WITH p MATCH (d:Dataset {name: 'b'}) SET d.kind = 'FILE'",
    mode="write",
    params=("version",),
)
KIND = adhoc("MATCH (d:Dataset {name: 'b'}) RETURN d.kind AS kind", returns=("kind",))


async def project(journal: Journal, folder: Path, store: GraphStore) -> str:
    """Bring the graph up with the journal as a projector that was just started does; say what kind `b` is."""
    projector = Projector(journal, folder / "state.sqlite", store)
    await projector._resume()
    while await projector.step():
        pass
    projector._state.close()
    (row,) = await store.read(KIND)
    return str(row["kind"])


def test_a_graph_of_another_version_is_made_anew(graph: Database, tmp_path: Path) -> None:
    """DESIGN 1.2: the graph is a function of the journal, so what an older version wrote is not kept; what this one
    wrote is.
    """

    async def work(store: GraphStore) -> None:
        bodies = [json.dumps(body).encode() for body, _ in story("1 COMPLETE r1 load: a -> b | kind=b:TABLE")]
        journal = Journal.open(tmp_path / "journal.sqlite")
        journal.append([judge(body, received_at=RECEIVED_AT, source="test").record for body in bodies])
        assert await project(journal, tmp_path, store) == "TABLE"
        assert (await read_projection(store)).version == FORM
        for version, kind in ((FORM, "FILE"), (FORM - 1, "TABLE")):
            await store.write([(AGE, {"version": version})])
            assert await project(journal, tmp_path, store) == kind
        assert (await read_projection(store)).version == FORM
        journal.close()

    graph.run(work)
