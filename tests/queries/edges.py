"""How does a test get FEEDS edges into a graph, and ask many questions on one open store?"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from graph_schema.instants import OPEN_END
from queries.limits import Limits
from queries.lineage import Question, lineage
from queries.projection import read_projection
from queries.results import Lineage
from queries.statements import Statement
from queries.store import GraphStore
from tests.engine import Database, adhoc

T = TypeVar("T")
Run = Callable[[Callable[[GraphStore], Awaitable[T]]], T]
BATCH: Final = 5_000
NEO4J_SHARE: Final = 6

NODES: Final = adhoc(
    "UNWIND $rows AS row MERGE (n:Dataset {key: row.key}) SET n = row", mode="write", params=("rows",)
)
FIELDS: Final = adhoc(
    "UNWIND $rows AS row MATCH (d:Dataset {key: row.dataset}) USING INDEX SEEK d:Dataset(key) "
    "CREATE (d)-[:HAS_FIELD]->(f:Field) SET f = row",
    mode="write",
    params=("rows",),
)


def examples(graph: Database, number: int) -> int:
    """So many of a law's generated graphs an engine looks at.

    Neo4j takes several times as long for the same, on two lines, and must answer each statement as the embedded engine
    does anyway (L7, tests/laws/test_alike.py); so there each line looks at a sixth.
    """
    return number if graph.dialect == "arcadedb" else number // NEO4J_SHARE


def linking(source: str, kind: str, target: str) -> Statement:
    """Make the statement that writes edges between two labels."""
    return adhoc(
        f"UNWIND $rows AS row MATCH (a:{source} {{key: row.source}}) USING INDEX SEEK a:{source}(key) "
        f"MATCH (b:{target} {{key: row.target}}) USING INDEX SEEK b:{target}(key) "
        f"CREATE (a)-[r:{kind}]->(b) SET r = row.says",
        mode="write",
        params=("rows",),
    )


FEEDS: Final = linking("Dataset", "FEEDS", "Dataset")
FED: Final = linking("Dataset", "FED", "Dataset")
FEEDS_FIELD: Final = linking("Field", "FEEDS_FIELD", "Field")
FED_FIELD: Final = linking("Field", "FED_FIELD", "Field")
SHAPES: Final = linking("Field", "SHAPES", "Dataset")


def day(number: int) -> str:
    """The instant of a day of 2026."""
    return f"2026-{1 + number // 28:02d}-{1 + number % 28:02d}T00:00:00.000000Z"


def key(name: str | int, namespace: str = "n") -> str:
    return f"dataset:{namespace}:{name}"


def node(name: str | int, *, namespace: str = "n", kind: str = "TABLE") -> dict[str, Any]:
    """A dataset's row."""
    return {
        "key": key(name, namespace), "namespace": namespace, "name": str(name), "kind": kind, "live": True,
        "placeholder": False,
    }  # fmt: skip


def edge(source: str, target: str, **says: Any) -> dict[str, Any]:
    """An edge's row: open since the first day, a guess, by a job `j`, unless it says otherwise."""
    known = {
        "job": "job:n:j", "evidence": "PRODUCT", "valid_from": [day(0)], "valid_to": [OPEN_END],
        "last_at": day(1), "earlier": 0,
    }  # fmt: skip
    return {"source": source, "target": target, "says": {**known, **says}}


async def load(store: GraphStore, nodes: Iterable[dict[str, Any]], edges: Iterable[dict[str, Any]]) -> None:
    """Write nodes, then edges; an edge without an open interval is FED."""
    rows = list(nodes)
    for start in range(0, len(rows), BATCH):
        await store.write([(NODES, {"rows": rows[start : start + BATCH]})])
    links = list(edges)
    opened = [link for link in links if link["says"]["valid_to"][-1] == OPEN_END]
    closed = [link for link in links if link["says"]["valid_to"][-1] != OPEN_END]
    for statement, some in ((FEEDS, opened), (FED, closed)):
        for start in range(0, len(some), BATCH):
            await store.write([(statement, {"rows": some[start : start + BATCH]})])


def field(name: str | int, dataset: str, **says: Any) -> dict[str, Any]:
    """A field's row; `dataset` is a key."""
    known = {"name": str(name), "path": str(name), "data_type": "int", "role": "COLUMN", "current": True}
    return {"key": f"{dataset}#{name}", "dataset": dataset, **known, **says}


def column(source: str, target: str, *done: tuple[str, str, bool], **says: Any) -> dict[str, Any]:
    """A column edge's row: open since the first day, by a job `j`, an identity unless it says otherwise."""
    stated = done or (("DIRECT", "IDENTITY", False),)
    types, subtypes, maskings = ([one[n] for one in stated] for n in range(3))
    made = edge(source, target, types=types, subtypes=subtypes, maskings=maskings, **says)
    del made["says"]["evidence"]
    return made


async def load_fields(
    store: GraphStore,
    fields: Iterable[dict[str, Any]],
    edges: Iterable[dict[str, Any]],
    shapes: Iterable[dict[str, Any]] = (),
) -> None:
    """Write fields of datasets that are there, then their edges."""
    links = list(edges)
    closed = [link for link in links if link["says"]["valid_to"][-1] != OPEN_END]
    opened = [link for link in links if link["says"]["valid_to"][-1] == OPEN_END]
    kinds = ((FIELDS, list(fields)), (FEEDS_FIELD, opened), (FED_FIELD, closed), (SHAPES, list(shapes)))
    for statement, some in kinds:
        for start in range(0, len(some), BATCH):
            await store.write([(statement, {"rows": some[start : start + BATCH]})])


@contextmanager
def on_store(graph: Database) -> Iterator[Callable[[Callable[[GraphStore], Awaitable[T]]], T]]:
    """Keep one store open; gives a function that runs work on it."""
    with asyncio.Runner() as runner:
        store = runner.run(graph.open())
        try:
            runner.run(graph.make_ready(store))

            async def whole(work: Callable[[GraphStore], Awaitable[T]]) -> T:
                return await work(store)

            yield lambda work: runner.run(whole(work))
        finally:
            runner.run(store.aclose())


async def ask(store: GraphStore, of: str, limits: Limits | None = None, **more: Any) -> Lineage:
    """Ask downstream, unless told otherwise."""
    question = Question(of=of, **{"direction": "downstream", **more})
    return await lineage(store, question, limits or Limits(), projection=await read_projection(store))


async def all_pages(store: GraphStore, of: str, **more: Any) -> list[Lineage]:
    """Follow the cursors to the end."""
    pages = [await ask(store, of, **more)]
    while pages[-1].page_info.has_next_page:
        pages.append(await ask(store, of, after=pages[-1].page_info.end_cursor, **more))
    return pages


def listed(answer: Lineage) -> list[tuple[int, str]]:
    """The rows of an answer as (depth, name)."""
    return [(row.depth, row.node.name) for row in answer.nodes]


def arrows(answer: Lineage) -> list[tuple[str, str]]:
    """The edges of an answer as (source, target), names only."""
    return [(short(one.source), short(one.target)) for one in answer.edges]


def short(text: str) -> str:
    """The name at the end of a key."""
    return re.split("[:#]", text)[-1]
