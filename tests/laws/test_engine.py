"""Is what an engine really holds a function of the set of events (laws L1 to L5 on each engine)?

Every file of real producers' events, and generated histories, go the whole way: journal, projector, engine.
Whatever the order, the copies and the batches, the export and every node and edge are the same, and equal to
what the same code lays into a graph of dictionaries (`tests/laws/graph.py`), on which the other laws are run.
HEADWATER_ENGINE_EXAMPLES=n looks at n generated histories of each subject. Neo4j takes longer for the same, so it
gets each history in four ways instead of seven. Some two minutes for each engine on two idle cores.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from ingest import rebuild as rebuilding
from ingest.journal import Record
from ingest.sources.files import events_in
from queries.store import GraphStore
from queries.stores.arcadedb_bulk import ArcadeBulk
from tests import arrows
from tests.arrows import hour
from tests.engine import ARCADEDB, NEO4J, Database, on_arcadedb, on_every_engine, on_one_line
from tests.laws.compare import difference, known
from tests.laws.histories import SUBJECTS, History, histories
from tests.laws.kept import kept_histories, records_of
from tests.laws.pieces import Json
from tests.laws.projected import Found, everything_of, home, received, record, step_all
from tests.laws.real import project_received
from tests.laws.test_checks import HISTORY as CHECKS
from tests.needs import SHARED, corpus

EXAMPLES: Final = int(os.environ.get("HEADWATER_ENGINE_EXAMPLES", "3"))
FILES: Final = sorted(path.name for path in (SHARED / "corpora" / "openlineage").glob("*.*json")) or ["none"]
ON_NEO4J: Final = frozenset({"in order, one by one", "reversed", "shuffled", "everything twice"})
Delivery = tuple[str, list[Record], list[int]]


def deliveries(records: list[Record]) -> Iterator[Delivery]:
    """Give the ways in which the same set of events may come: name, records in order, sizes of batches."""
    rng = random.Random(8)
    shuffled = rng.sample(records, len(records))
    singly = [1] * len(records)
    yield "in order", records, []
    yield "in order, one by one", records, singly
    yield "reversed", records[::-1], []
    yield "reversed, one by one", records[::-1], singly
    yield "shuffled", shuffled, []
    yield "shuffled, in small batches", shuffled, [rng.randint(1, 4) for _ in records]
    yield "everything twice", rng.sample(records * 2, 2 * len(records)), [500]


async def check(
    store: GraphStore,
    folder: Path,
    records: list[Record],
    bulks: Sequence[ArcadeBulk | None] = (None,),
    *,
    on_neo4j: frozenset[str] = ON_NEO4J,
) -> None:
    """Deliver a history in every way, and rebuild in each of some ways; the graph is the one in dictionaries each time."""
    wanted = in_memory(records)
    export: list[Json] = []
    one_by_one = store.dialect != "neo4j" or "in order, one by one" in on_neo4j
    for name, delivered, batches in deliveries(records):
        if store.dialect == "neo4j" and name not in on_neo4j:
            continue
        async with home(store, folder, delivered) as made:
            await made.project(batches)
            found = await made.found()
            export = export or found.export
            same(wanted, export, found, name)
            if name == ("in order, one by one" if one_by_one else "in order"):
                for bulk in bulks:
                    await made.rebuild(bulk)
                    same(
                        wanted,
                        export,
                        await made.found(),
                        f"rebuilt {'in bulk' if bulk else 'by statements'}",
                    )
            if name == "shuffled":
                made.forget_state()
                await step_all(made.projector(), [3, 2, 1])
                same(wanted, export, await made.found(), "replayed from the start into the full graph")


def in_memory(records: list[Record]) -> Found:
    graph = project_received(received(records))
    return Found(graph.export(), everything_of(graph))


def same(wanted: Found, export: list[Json], found: Found, name: str) -> None:
    """Compare with the graph in dictionaries, and the rows that its export lacks with the first delivery's."""
    for left, right, side in (
        (wanted.export, known(found.export), "in memory"),
        (wanted.everything, found.everything, "in memory"),
        (export, found.export, "in order"),
    ):
        said = difference(left, right, names=(side, name))
        assert not said, f"\n{said}"


def records_in(folder: Path, names: list[str]) -> list[Record]:
    return [record(one.raw) for one in events_in(str(folder / name) for name in names)]


@on_arcadedb  # Neo4j gets all of them as one history, below and in test_alike.py
@pytest.mark.parametrize("name", FILES)
def test_files_of_real_events(graph: Database, tmp_path: Path, name: str) -> None:
    """L1 to L4: any order, copies and batches of a producer's events give one graph, and so does a rebuild."""
    records = records_in(corpus(), [name])
    assert records
    graph.run(lambda store: check(store, tmp_path, records))


@on_every_engine
def test_all_files_as_one_history(graph: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """L1 to L4 on all producers' events in one graph, in which files share jobs, datasets and runs.

    However few they are, a rebuild uses all processors here.
    """
    monkeypatch.setattr(rebuilding, "FEW", 0)
    records = records_in(corpus(), FILES)
    ways = frozenset({"in order", "everything twice"})  # one by one takes Neo4j many minutes
    graph.run(lambda store: check(store, tmp_path, records, graph.ways_to_fill(), on_neo4j=ways))


EACH: Final = {
    ARCADEDB: (*SUBJECTS, "mixed", "kept"),
    NEO4J[0]: (*list(SUBJECTS)[::2], "mixed", "kept"),  # the lines take turns with what is in "mixed", too
    NEO4J[1]: (*list(SUBJECTS)[1::2], "mixed", "kept"),
}


@pytest.mark.parametrize(
    ("graph", "subject"),
    [(engine, subject) for engine, subjects in EACH.items() for subject in subjects],
    indirect=["graph"],
)
def test_generated_histories(graph: Database, tmp_path: Path, subject: str) -> None:
    """L1 to L4 on histories in which the rules meet more often than in a producer's events."""
    # Not shrunk: a try takes half a second here. What is found is shrunk by test_whole.py, or it is the engine's.
    examples = EXAMPLES if graph.dialect == "arcadedb" else 1 + EXAMPLES // 4

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(past=kept_histories() if subject == "kept" else histories(subject))
    def look(past: History) -> None:
        graph.run(lambda store: check(store, tmp_path, records_of(past), graph.ways_to_fill()))

    look()


@on_every_engine
def test_checks(graph: Database, tmp_path: Path) -> None:
    """L1 to L4 on check results stated by runs, by datasets and beside jobs (rule F11)."""
    graph.run(lambda store: check(store, tmp_path, records_of(CHECKS), graph.ways_to_fill()))


@on_one_line
def test_wide_events(graph: Database, tmp_path: Path) -> None:
    """L1 to L4 where a node gains and loses hundreds of edges at once, by runs and by declarations."""
    wide = [wide_run(hour, sources) for hour, sources in enumerate((300, 2, 260, 300))]
    wide += [
        {
            "eventTime": hour(time),
            "job": arrows.job(job),
            "inputs": names[:inputs],
            "outputs": names[:outputs],
        }
        for time, job, inputs, outputs in (
            (5, "k", 300, 2),
            (6, "k", 2, 2),
            (5, "l", 1, 300),
            (6, "l", 1, 150),
        )
    ]
    records = records_of((body, False) for body in wide)
    graph.run(lambda store: check(store, tmp_path, records, graph.ways_to_fill()))


names: Final = [arrows.dataset(f"t{number}") for number in range(300)]


def wide_run(time: int, sources: int) -> Json:
    """A run that makes one dataset of many, column by column."""
    columns = {"x": {"inputFields": [{**name, "field": "y"} for name in names[:sources]]}}
    shapes = [{**name, "field": "z"} for name in names[:sources:2]]
    body, _ = arrows.event(f"{time} COMPLETE r{time + 1} j: -> c")
    body["inputs"] = names[:sources]
    body["outputs"][0]["facets"] = {"columnLineage": {"fields": columns, "dataset": shapes}}
    return body
