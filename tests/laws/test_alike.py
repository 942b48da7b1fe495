"""Do the embedded engine and Neo4j hold the same graph, and answer every statement alike (law L7)?

One history goes into both: all producers' events, or generated ones. Then the export, every node and edge, and what
every reading statement answers about everything in the graph must be equal. And one can walk from a dataset to
another exactly if networkx finds a way over the exported edges, as of an instant too (law L6).
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import networkx as nx
import pytest

from graph_schema.instants import OPEN_END, SUSPECT
from graph_schema.words import words_of
from ingest.journal import Record
from queries.limits import Limits
from queries.lineage import Question, lineage
from queries.migrate import migrate
from queries.paths import PathQuestion, paths
from queries.projection import read_projection
from queries.search import Question as Searched
from queries.search import search
from queries.statements import Statement, all_statements
from queries.store import GraphStore
from tests.engine import ARCADEDB, NEO4J, Database
from tests.laws.compare import difference
from tests.laws.histories import SUBJECTS, random_history
from tests.laws.kept import records_of
from tests.laws.projected import Home, Row, home
from tests.laws.test_engine import FILES, records_in
from tests.needs import corpus

DIALECTS: Final = {"arcadedb", "neo4j"}
NOT_COMPARED: Final = {
    "near/any_dataset",
    "migrations/any_node",
    "migrations/recorded",
    "projection/left",
    "projection_read/cursor",
    "search/count",
    "search/found",
} | {
    f"export/{label}_cuts"
    for label in (
        "approval", "check", "dataset", "deployment", "experiment", "facet", "field", "job", "model", "person", "run",
    )
}  # fmt: skip
"""Statements that may answer with any few of many, or that tell what is not the graph: a journal's id, migrations.

Those of search name an index as each engine does; whole searches are compared instead."""

Values = dict[str, Any]
Answers = dict[str, list[Row]]


def generated(seed: int) -> list[Record]:
    """A history in which all subjects meet on few names."""
    parts = (
        random_history(seed + number, subject, 20) for number, subject in enumerate((*SUBJECTS, "mixed"))
    )
    return records_of(itertools.chain.from_iterable(parts))


def answers_of(database: Database, folder: Path, records: list[Record]) -> Answers:
    """Project a history into an empty engine, and give everything that can be read from it."""

    async def work() -> Answers:
        store = await database.open()
        try:
            await database.make_ready(store)
            async with home(store, folder, records) as made:
                await made.project()
                return await answers(made)
        finally:
            await store.aclose()

    return asyncio.run(work())


@pytest.fixture(scope="module")
def told() -> dict[str, Answers]:
    """What the embedded engine answered about each history: the lines of Neo4j are compared with the same."""
    return {}


def compare(left: Answers, right: Answers, graph: Database) -> None:
    assert left.keys() == right.keys()
    for name in left:
        said = difference(left[name], right[name], names=("embedded", graph.kind))
        assert not said, f"{name}\n{said[:4000]}"


async def answers(made: Home) -> Answers:
    """Give everything that can be read from a graph: export, nodes and edges, and what each statement answers."""
    found = await made.found()
    told = {"export": found.export, "everything": found.everything}
    for statement in common_reads():
        rows: list[Row] = []
        for values in asked(statement, found.everything):
            rows += [canonical(row) for row in await made.store.read(statement, **values)]
        told[statement.name] = [{"type": statement.name, "row": row} for row in rows]
    told["search"] = await searches(made.store, found.everything)
    return told


async def searches(store: GraphStore, everything: list[Row]) -> list[Row]:
    """Search for words of names, whole and begun, two at a time too; every search finds something."""
    projection = await read_projection(store)
    found_by_name = {"Field", "Job", "Person", "Experiment", "Model", "Deployment"}
    names = sorted({row["props"]["name"] for row in everything if row["type"] in found_by_name})
    words = sorted({word for name in names for word in words_of(name)})
    texts = [*words[:: max(1, len(words) // 30)], *(word[:2] for word in words[:: max(1, len(words) // 10)])]
    rows: list[Row] = []
    for text in [*texts, *names[:: max(1, len(names) // 10)]]:
        if words_of(text):
            found = await search(store, Searched(text=text, first=1_000), Limits(), projection=projection)
            assert found.nodes, text
            rows += [
                {"type": "search", "text": text, "place": place, "key": node.key, "kind": node.kind}
                for place, node in enumerate(found.nodes)
            ]
    return rows


def common_reads() -> Iterator[Statement]:
    """Give the reading statements that each engine has a wording of."""
    wordings: dict[str, set[str]] = {}
    reads = [one for one in all_statements() if one.mode == "read" and one.name not in NOT_COMPARED]
    for one in reads:
        wordings.setdefault(one.name, set()).update(DIALECTS if one.dialect is None else {one.dialect})
    seen = set()
    for one in reads:
        if wordings[one.name] == DIALECTS and one.name not in seen:
            seen.add(one.name)
            yield one


def canonical(value: Any) -> Any:
    """Put what comes in no order into one: the lists that statements collect."""
    if isinstance(value, dict):
        return {name: canonical(one) for name, one in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict | list):
        return sorted((canonical(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return sorted(value)
    return value


def asked(statement: Statement, everything: list[Row]) -> Iterator[Values]:
    """Ask a statement about all that is there: at once where it takes lists, one by one where it takes a key."""
    nodes = [row for row in everything if "key" in row]
    keys = sorted(row["key"] for row in nodes)
    runs = [row["props"] for row in nodes if row["type"] == "Run"]
    started = sorted(
        (r["job"], r["started_at"], r["key"]) for r in runs if r.get("job") and r.get("started_at")
    )
    jobs = sorted(row["key"] for row in nodes if row["type"] == "Job")
    ended = sorted([r["job"], r["ended_at"]] for r in runs if r.get("job") and r.get("ended_at"))
    instants = sorted({run["started_at"] for run in runs if run.get("started_at")})
    whole: Values = {
        "keys": keys, "low": "", "high": "~", "after": "", "limit": 100_000, "shown": 100_000,
        "firsts": keys, "runs": [[key, job, at] for job, at, key in started], "at": OPEN_END,
        "started_at": OPEN_END, "whole": "", "trimmed": "run:", "stem": "dataset:db", "half": "job:", "beside": "x",
        "jobs": jobs, "names": keys, "bounds": ended,
        "source": "", "job_from": "", "near": "dataset:", "seen_since": SUSPECT, "types": None, "subtypes": None,
        "namespace": None, "offset": 0, "since": "",
    }  # fmt: skip
    experiments = sorted(row["key"] for row in nodes if row["type"] == "Experiment")
    datasets = sorted(row["key"] for row in nodes if row["type"] == "Dataset")
    some = datasets[:: max(1, len(datasets) // 12)]
    models = sorted({row["props"]["name"] for row in nodes if row["type"] == "Model"})
    singly: dict[str, list[str]] = {
        "key": keys[:: max(1, len(keys) // 12)], "job": jobs[:10], "name": models[:10] or ["none"],
        "version": some or ["none"], "dataset": some or ["none"],
    }  # fmt: skip
    if "started_at" in statement.params or "experiment" in statement.params:
        singly = {"job": jobs[:10], "experiment": experiments[:10]}
        whole["key"] = ""
    if "as_of" in statement.params:
        singly["as_of"] = [OPEN_END.replace("9999", "9998"), *instants[:: max(1, len(instants) // 4)]]
    names = [name for name in singly if name in statement.params]
    for chosen in itertools.product(*(singly[name] for name in names)):
        values = {**whole, **dict(zip(names, chosen, strict=True))}
        yield {name: values[name] for name in statement.params}


@pytest.mark.parametrize(
    ("graph", "of"),
    [
        *((line, "producers") for line in NEO4J),
        *zip(NEO4J, ("generated 1", "generated 2"), strict=True),  # the lines take turns
    ],
    indirect=["graph"],
)
def test_both_answer_alike(
    embedded: Database, graph: Database, told: dict[str, Answers], tmp_path: Path, of: str
) -> None:
    """L7 on every file of real producers' events in one graph, and on histories in which the rules meet more often."""
    records = (
        records_in(corpus(), FILES) if of == "producers" else generated(int(of.removeprefix("generated ")))
    )
    if of not in told:
        told[of] = answers_of(embedded, tmp_path, records)
    compare(told[of], answers_of(graph, tmp_path, records), graph)


def held(rows: list[Row], at: str | None) -> nx.DiGraph[str]:
    """Give the exported edges that hold at an instant, or now."""
    arrows: nx.DiGraph[str] = nx.DiGraph()
    arrows.add_nodes_from(row["key"] for row in rows if row["type"] == "dataset")
    for row in rows:
        if row["type"] not in {"feeds", "fed"}:
            continue
        spans = zip(row["valid_from"], (end or OPEN_END for end in row["valid_to"]), strict=True)
        holds = row["type"] == "feeds" if at is None else any(low <= at < high for low, high in spans)
        if holds:
            arrows.add_edge(row["source"], row["target"])
    return arrows


def worked(rows: list[Row], at: str) -> nx.DiGraph[str]:
    """Give what jobs read and output at an instant, by the exported edges between datasets."""
    arrows: nx.DiGraph[str] = nx.DiGraph()
    arrows.add_nodes_from(row["key"] for row in rows if row["type"] in {"dataset", "job"})
    for row in rows:
        if row["type"] in {"feeds", "fed"} and row["job"] is not None:
            # A deployment is no row where jobs are walked: it is its job.
            spans = zip(row["valid_from"], (end or OPEN_END for end in row["valid_to"]), strict=True)
            if any(low <= at < high for low, high in spans):
                arrows.add_edge(row["source"], row["job"])
                if not row["target"].startswith("deployment:"):
                    arrows.add_edge(row["job"], row["target"])
    return arrows


async def reached(
    store: GraphStore, key: str, direction: Any, at: str | None, granularity: str = "DATASET"
) -> dict[str, int]:
    question = Question(of=key, direction=direction, as_of=at, granularity=granularity, first=5_000)
    answer = await lineage(store, question, Limits(), projection=await read_projection(store))
    return {row.node.key: row.depth for row in answer.nodes}


async def crossings(store: GraphStore, arrows: nx.DiGraph[str], keys: list[str], at: str | None) -> None:
    """Compare what lies between some pairs, and how far it is from the one to the other."""
    for source in keys[:: max(1, len(keys) // 8)]:
        below = nx.single_source_shortest_path_length(arrows, source)
        far = sorted(below, key=lambda key: (-below[key], key))[:2]
        for target in (key for key in far if key != source):
            question = PathQuestion(source=source, target=target, as_of=at)
            said = await paths(store, question, Limits(), projection=await read_projection(store))
            assert len(said.paths[0].keys) == below[target] + 1
            assert set(said.nodes_on_any_path) == below.keys() & {target, *nx.ancestors(arrows, target)}


async def walks(store: GraphStore, folder: Path, records: list[Record]) -> None:
    await migrate(store)
    async with home(store, folder, records) as made:
        await made.project()
        rows = (await made.found()).export
        canonical_keys = [row["key"] for row in rows if row["type"] == "dataset" and row["alias_of"] is None]
        times = sorted(
            {start for row in rows if row["type"] in {"feeds", "fed"} for start in row["valid_from"]}
        )
        assert times
        for at in (None, times[len(times) // 3], times[-1]):
            down = held(rows, at)
            for direction, arrows in (("downstream", down), ("upstream", down.reverse())):
                for key in canonical_keys[:: max(1, len(canonical_keys) // 25)]:
                    wanted = nx.single_source_shortest_path_length(arrows, key)
                    said = await reached(store, key, direction, at)
                    assert {**said, key: 0} == wanted, (key, direction, at)
            await crossings(store, down, canonical_keys, at)
        served = [row["key"] for row in rows if row["type"] == "deployment"]
        for at in (None, times[-1]):
            up = held(rows, at).reverse()
            for key in served:
                wanted = nx.single_source_shortest_path_length(up, key) if key in up else {key: 0}
                assert {**await reached(store, key, "upstream", at), key: 0} == wanted, (key, at)
        jobs = [row["key"] for row in rows if row["type"] == "job"]
        for at in (times[len(times) // 3], times[-1]):
            down = worked(rows, at)
            for direction, arrows in (("downstream", down), ("upstream", down.reverse())):
                for key in [
                    *jobs[:: max(1, len(jobs) // 25)],
                    *canonical_keys[:: max(1, len(canonical_keys) // 25)],
                ]:
                    wanted = nx.single_source_shortest_path_length(arrows, key)
                    said = await reached(store, key, direction, at, "JOB")
                    assert {**said, key: 0} == wanted, (key, direction, at)


@pytest.mark.parametrize(
    ("graph", "of"),
    [
        *((ARCADEDB, of) for of in ("producers", "generated")),
        *zip(NEO4J, ("generated", "producers"), strict=True),  # the lines take turns
    ],
    indirect=["graph"],
)
def test_reachability(graph: Database, tmp_path: Path, of: str) -> None:
    """L6: what a walk reaches, and how far away, is what plain search finds over the exported edges; of jobs too."""
    records = records_in(corpus(), FILES) if of == "producers" else generated(3)
    graph.run(lambda store: walks(store, tmp_path, records))
