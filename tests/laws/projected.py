"""How does a history get into a real graph, and what is in it then?

The whole way in one process: bodies are judged as the door judges them, kept in a journal file, and projected by
the projector (or by a rebuild) into an engine. What comes out is the export, and every node and edge besides:
the export leaves out labels, READ, WROTE, RUN_OF, CHILD_OF, PART_OF and most properties.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ingest.inbox import judge
from ingest.journal import Journal, Record
from ingest.project.batch import Received
from ingest.projector import Projector
from ingest.rebuild import rebuild
from queries.export import export_blocks
from queries.store import GraphStore
from queries.stores.arcadedb_bulk import ArcadeBulk
from tests.engine import adhoc
from tests.laws.graph import Graph

Row = dict[str, Any]
RECEIVED_AT: Final = "2026-11-24T12:00:00.000000Z"
STATE: Final = "state.sqlite"
_homes = itertools.count(1)

EMPTY = adhoc("MATCH (n) WHERE NOT n:Migration DETACH DELETE n", mode="write")
NODES = adhoc(
    "MATCH (n) WHERE NOT n:Migration AND NOT n:Projection RETURN labels(n) AS labels, properties(n) AS props",
    returns=("labels", "props"),
)
EDGES = adhoc(
    "MATCH (a)-[e]->(b) RETURN type(e) AS type, a.key AS source, b.key AS target, properties(e) AS props",
    returns=("type", "source", "target", "props"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a graph holds: the rows of its export, and all its nodes and edges."""

    export: list[Row]
    everything: list[Row]


@dataclass(slots=True)
class Home:
    """A journal, the state beside it, and the graph that is made of them."""

    folder: Path
    journal: Journal
    store: GraphStore

    @property
    def state(self) -> Path:
        """Say where the projector's state is."""
        return self.folder / STATE

    def projector(self) -> Projector:
        return Projector(self.journal, self.state, self.store)

    def forget_state(self) -> None:
        """Take the projector's state away, as if its disk were lost."""
        for file in self.folder.glob(f"{STATE}*"):
            file.unlink()

    async def project(self, batches: Iterable[int] = ()) -> None:
        """Bring the graph up with the journal, as a projector that was just started, in batches of these sizes."""
        projector = self.projector()
        await projector._resume()
        await step_all(projector, batches)

    async def rebuild(self, bulk: ArcadeBulk | None = None) -> None:
        await rebuild(self.journal, self.state, self.store, bulk=bulk)

    async def found(self) -> Found:
        """Read the whole graph."""
        blocks = [block async for block in export_blocks(self.store)]
        return Found(
            [json.loads(line) for block in blocks for line in block.splitlines()],
            await everything(self.store),
        )


async def step_all(projector: Projector, batches: Iterable[int] = ()) -> None:
    """Project until nothing is left: batches of the given sizes, the rest in batches as large as may be."""
    sizes = itertools.chain(batches, itertools.repeat(500))
    projector._events_max = next(sizes)
    while await projector.step():
        projector._events_max = next(sizes)
    projector._state.close()


@asynccontextmanager
async def home(store: GraphStore, folder: Path, records: Sequence[Record]) -> AsyncIterator[Home]:
    """Empty the graph and give it a journal of its own that holds these records."""
    await store.write([(EMPTY, {})])
    own = folder / str(next(_homes))
    own.mkdir()
    journal = Journal.open(own / "journal.sqlite")
    try:
        journal.append(records)
        yield Home(own, journal, store)
    finally:
        journal.close()


def record(body: bytes, *, suspect: bool | None = None) -> Record:
    """Judge a body as the door does; a generated history says itself what is suspect."""
    judged = judge(body, received_at=RECEIVED_AT, source="laws").record
    return judged if suspect is None else replace(judged, suspect=suspect)


def received(records: Iterable[Record]) -> list[Received]:
    """Give what a projector reads of these: events, each once."""
    events = {one.digest: one for one in records if one.kind == "event"}
    return [Received(one.body, one.digest or b"", one.suspect) for one in events.values()]


async def everything(store: GraphStore) -> list[Row]:
    """Give every node with its labels and every edge, but for what the projector notes for itself."""
    nodes = [_node(row["labels"], row["props"]) for row in await store.read(NODES)]
    return nodes + [
        _edge(row["type"], row["source"], row["target"], row["props"]) for row in await store.read(EDGES)
    ]


def everything_of(graph: Graph) -> list[Row]:
    """Give the same of a graph in dictionaries."""
    rows = [
        _node([noun.capitalize(), *_kind_label(row)], row)
        for noun, kept in graph.nodes.items()
        for row in kept.values()
    ]
    for noun, edges in graph.edges.items():
        kind, source, target = _LAID[noun]
        for ends, row in edges.items():
            members = dict(zip(("source", "target", "job"), ends, strict=False)) | row
            linked = row.get("props", {"type": row.get("type")})
            props = linked if noun.startswith("link_") else row
            rows.append(_edge(kind, members[source], members[target], props))
    return rows


_DERIVED: Final = ("FEEDS", "FED", "FEEDS_FIELD", "FED_FIELD", "SHAPES")
_LAID: Final = {kind.lower(): (kind, "source", "target") for kind in _DERIVED} | {
    "input": ("INPUT_TO", "target", "source"),
    "output": ("OUTPUTS", "source", "target"),
    "link_approval_dataset": ("APPROVES", "key", "dataset"),
    "link_approval_person": ("DECIDED_BY", "key", "person"),
    "link_dataset_model": ("VERSION_OF", "key", "model"),
    "link_experiment_starter": ("STARTED_BY", "key", "person"),
    "link_run_experiment": ("IN_EXPERIMENT", "run", "experiment"),
    "link_run_feature": ("USED_FEATURE", "run", "field"),
    "link_run_starter": ("STARTED_BY", "key", "person"),
    "link_alias": ("ALIAS_OF", "key", "canonical"),
    "link_check_dataset": ("CHECK_OF", "key", "dataset"),
    "link_check_run": ("CHECKED", "run", "key"),
    "link_dataset_facet": ("HAS_FACET", "entity", "key"),
    "link_dataset_owner": ("OWNED_BY", "key", "person"),
    "link_field": ("HAS_FIELD", "dataset", "key"),
    "link_job_facet": ("HAS_FACET", "entity", "key"),
    "link_job_owner": ("OWNED_BY", "key", "person"),
    "link_job_parent": ("PART_OF", "key", "parent"),
    "link_read": ("READ", "run", "dataset"),
    "link_run_job": ("RUN_OF", "key", "job"),
    "link_run_parent": ("CHILD_OF", "key", "parent"),
    "link_wrote": ("WROTE", "run", "dataset"),
}
"""How the Cypher of `queries/cypher/projection` lays the edges that graph.py keeps: type, and from which member to which."""


def _kind_label(row: Row) -> list[str]:
    kind = row.get("kind", "OTHER")
    return [] if kind == "OTHER" else ["".join(word.capitalize() for word in kind.split("_"))]


def _node(labels: Iterable[str], props: Row) -> Row:
    return {"type": " ".join(sorted(labels)), "key": props["key"], "props": _known(props)}


def _edge(kind: str, source: str, target: str, props: Row) -> Row:
    return {
        "type": kind,
        "source": source,
        "target": target,
        "job": props.get("job"),
        "props": _known(props),
    }


def _known(props: Row) -> Row:
    """Engines keep no nulls."""
    return {name: value for name, value in props.items() if value is not None}
