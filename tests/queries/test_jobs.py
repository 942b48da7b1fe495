"""Are jobs walked with the datasets that they read and write, and are one dataset's names one node?"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_schema.errors import BadInput, LineageError, NotSupported
from queries.limits import Limits
from queries.paths import PathQuestion, paths
from queries.projection import read_projection
from queries.results import Consumer, Lineage, PathSet
from queries.store import GraphStore
from tests.engine import Database, adhoc, on_arcadedb
from tests.queries.edges import all_pages, ask, edge, examples, key, linking, load, node, on_store
from tests.queries.simple_paths import simple_paths

DATASETS, JOBS = 5, 3
_numbers = itertools.count()
_jobs = adhoc("UNWIND $rows AS row MERGE (n:Job {key: row.key}) SET n = row", mode="write", params=("rows",))
_runs = adhoc("UNWIND $rows AS row MERGE (n:Run {key: row.key}) SET n = row", mode="write", params=("rows",))
_input = linking("Dataset", "INPUT_TO", "Job")
_output = linking("Job", "OUTPUTS", "Dataset")
_alias = linking("Dataset", "ALIAS_OF", "Dataset")
SAYS = {"evidence": "complete", "declared": False, "current": True}


def job_key(name: object, namespace: str = "n") -> str:
    return f"job:{namespace}:{name}"


@dataclass(frozen=True)
class World:
    """Which job reads and outputs which dataset name (job, dataset, current), and which names are others' aliases."""

    inputs: frozenset[tuple[int, int, bool]]
    outputs: frozenset[tuple[int, int, bool]]
    aliases: dict[int, int] = field(default_factory=dict)

    def canonical(self, dataset: int) -> int:
        return self.aliases.get(dataset, dataset)

    def arrows(self, space: str) -> set[tuple[str, str]]:
        """The two-sided graph on canonical names, of what is current."""
        into = {(key(self.canonical(d), space), job_key(j, space)) for j, d, now in self.inputs if now}
        out = {(job_key(j, space), key(self.canonical(d), space)) for j, d, now in self.outputs if now}
        return into | out


def _once(ios: Iterable[tuple[int, int, bool]]) -> frozenset[tuple[int, int, bool]]:
    return frozenset({(job, dataset): (job, dataset, now) for job, dataset, now in ios}.values())


_ios = st.lists(
    st.tuples(st.integers(0, JOBS - 1), st.integers(0, DATASETS - 1), st.booleans() | st.just(value=True)),
    max_size=8,
).map(_once)
worlds = st.builds(
    World, inputs=_ios, outputs=_ios, aliases=st.sampled_from([{}, {4: 3}, {4: 0}, {3: 0, 4: 0}])
)


async def fill(store: GraphStore, world: World, space: str) -> None:
    await load(store, [node(n, namespace=space) for n in range(DATASETS)], [])
    rows = [{"key": job_key(n, space), "namespace": space, "name": str(n)} for n in range(JOBS)]
    into = [
        {"source": key(d, space), "target": job_key(j, space), "says": {**SAYS, "current": now}}
        for j, d, now in world.inputs
    ]
    out = [
        {"source": job_key(j, space), "target": key(d, space), "says": {**SAYS, "current": now}}
        for j, d, now in world.outputs
    ]
    same = [{"source": key(a, space), "target": key(c, space), "says": {}} for a, c in world.aliases.items()]
    await store.write([(_jobs, {"rows": rows})])
    await store.write([(_input, {"rows": into}), (_output, {"rows": out}), (_alias, {"rows": same})])


@dataclass(frozen=True)
class Asked:
    start: tuple[str, int]
    upstream: bool
    depth: int | None
    first: int

    def key(self, space: str) -> str:
        kind, number = self.start
        return job_key(number, space) if kind == "job" else key(number, space)


_starts = st.tuples(st.just("job"), st.integers(0, JOBS - 1)) | st.tuples(
    st.just("dataset"), st.integers(0, DATASETS - 1)
)
questions = st.builds(
    Asked, start=_starts, upstream=st.booleans(), depth=st.none() | st.integers(0, 4), first=st.integers(1, 4)
)


def test_pages_equal_the_oracle(graph: Database) -> None:
    """Datasets and jobs in turn, each at its depth; edges of what is current, on the page of their later end."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 60), deadline=None)
        @given(world=worlds, asked=questions)
        def law(world: World, asked: Asked) -> None:
            space = f"j{next(_numbers)}"

            async def work(store: GraphStore) -> list[Lineage]:
                await fill(store, world, space)
                direction = "upstream" if asked.upstream else "downstream"
                return await all_pages(
                    store, asked.key(space), granularity="JOB", direction=direction, depth=asked.depth,
                    first=asked.first, totals=True,
                )  # fmt: skip

            pages = run(work)
            start = asked.key(space)
            if asked.start[0] == "dataset":
                start = key(world.canonical(asked.start[1]), space)
            graph_then: nx.DiGraph[Any] = nx.DiGraph(world.arrows(space))
            graph_then.add_node(start)
            walked = graph_then.reverse() if asked.upstream else graph_then
            reached = nx.single_source_shortest_path_length(walked, start, cutoff=asked.depth)
            rows = [(row.depth, row.node.key) for page in pages for row in page.nodes]
            assert rows == sorted((far, name) for name, far in reached.items() if far)
            edges = [(edge.source, edge.target) for page in pages for edge in page.edges]
            assert sorted(edges) == sorted(pair for pair in graph_then.edges if {*pair} <= reached.keys())
            assert all(
                edge.valid_from is edge.valid_to is edge.last_at is None
                for page in pages
                for edge in page.edges
            )
            totals = pages[0].totals
            assert totals is not None
            assert (totals.nodes, totals.edges) == (len(rows), len(edges))

        law()


def test_paths_equal_the_oracle(graph: Database) -> None:
    """Paths go from dataset to job to dataset."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 30), deadline=None)
        @given(world=worlds, start=_starts, end=_starts)
        def law(world: World, start: tuple[str, int], end: tuple[str, int]) -> None:
            space = f"k{next(_numbers)}"
            ends = [Asked(one, upstream=False, depth=None, first=1).key(space) for one in (start, end)]

            async def work(store: GraphStore) -> PathSet:
                await fill(store, world, space)
                question = PathQuestion(source=ends[0], target=ends[1], granularity="JOB", first=5)
                return await paths(store, question, Limits(), projection=await read_projection(store))

            answer = run(work)
            named = {key(n, space): key(world.canonical(n), space) for n in range(DATASETS)}
            source, target = (named.get(one, one) for one in ends)
            expected = simple_paths(world.arrows(space), {source}, {target})
            assert [tuple(path.keys) for path in answer.paths] == expected[:5]
            assert answer.path_count_at_least == str(len(expected))

        law()


@on_arcadedb
def test_what_is_declared_is_told_from_what_ran(graph: Database) -> None:
    """An edge that only a declaration knows has evidence DECLARED; the job is named on both sides of it."""
    with on_store(graph) as run:

        async def work(store: GraphStore) -> Lineage:
            await fill(store, World(_once([(0, 0, True)]), frozenset()), "n")
            says = {**SAYS, "evidence": "static", "declared": True}
            await store.write([(_output, {"rows": [{"source": job_key(0), "target": key(1), "says": says}]})])
            return await ask(store, key(0), granularity="JOB")

        answer = run(work)
    assert [(edge.source, edge.evidence, edge.jobs) for edge in answer.edges] == [
        (key(0), "EXPLICIT", [job_key(0)]),
        (job_key(0), "DECLARED", [job_key(0)]),
    ]


@on_arcadedb
def test_a_run_means_its_job(graph: Database) -> None:
    """Asked about a run, its job is the row at depth 0; what the job reads and writes follows."""
    run_key = "run:00000000-0000-7000-8000-000000000001"
    with on_store(graph) as run:

        async def work(store: GraphStore) -> Lineage:
            await fill(store, World(_once([(0, 0, True)]), _once([(0, 1, True)])), "n")
            await store.write(
                [(_runs, {"rows": [{"key": run_key, "job": job_key(0), "state": "COMPLETED"}]})]
            )
            return await ask(store, run_key, granularity="JOB", direction="upstream")

        answer = run(work)
    assert answer.root.key == run_key
    assert [(row.depth, row.node.key) for row in answer.nodes] == [(0, job_key(0)), (1, key(0))]


def test_consumers_are_the_jobs_that_read_and_output_nothing(graph: Database) -> None:
    """Beside what is downstream stand those that read the root or a row, under whichever name; others are rows' jobs."""
    outputs = _once([(0, 1, True), (1, 2, False)])
    world = World(_once([(0, 0, True), (1, 1, True), (2, 4, True), (2, 0, False)]), outputs, {4: 3})
    with on_store(graph) as run:

        async def work(store: GraphStore) -> None:
            await fill(store, world, "n")
            await load(store, [], [edge(key(0), key(1)), edge(key(1), key(3))])
            answer = await ask(store, key(0), consumers=True)
            assert [row.node.key for row in answer.nodes] == [key(1), key(3)]
            assert [(one.dataset, one.job) for one in answer.consumers or ()] == [
                (key(1), job_key(1)),
                (key(3), job_key(2)),
            ]
            pages = await all_pages(store, key(0), consumers=True, first=1)
            assert [[one.dataset for one in page.consumers or ()] for page in pages] == [[key(1)], [key(3)]]
            assert (await ask(store, key(0))).consumers is None
            cut = await ask(store, key(0), Limits(page_max=1), consumers=True, first=1)
            assert (cut.consumers, cut.completeness.truncated_by) == ([Consumer(key(1), job_key(1))], [])
            whole = await ask(store, job_key(0), Limits(page_max=2), consumers=True, first=2)
            assert [one.job for one in whole.consumers or ()] == [job_key(1), job_key(2)]

        run(work)


@on_arcadedb
@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"direction": "upstream"}, BadInput),
        ({"granularity": "JOB"}, BadInput),
        ({"as_of": "2026-01-01T00:00:00.000000Z"}, NotSupported),
    ],
)
def test_consumers_where_there_are_none_are_refused(
    graph: Database, asked: dict[str, Any], error: type[LineageError]
) -> None:
    """They are known downstream, of datasets, as it is now."""
    with on_store(graph) as run:

        async def work(store: GraphStore) -> Lineage:
            await load(store, [node(0)], [])
            return await ask(store, key(0), consumers=True, **asked)

        with pytest.raises(error):
            run(work)
