"""Does Marquez's lineage go where it says? Against networkx on generated graphs, on the engines."""

from __future__ import annotations

import itertools
from typing import Any

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.limits import Limits
from queries.marquez.column_lineage import ColumnQuestion, columns_of
from queries.marquez.lineage import Answer, Question, graph_of
from queries.store import GraphStore
from tests.engine import Database, adhoc, on_arcadedb
from tests.queries.edges import (
    column,
    examples,
    field,
    key,
    linking,
    load,
    load_fields,
    node,
    on_store,
)
from tests.queries.test_jobs import DATASETS, JOBS, SAYS, World, fill, job_key, worlds

_JOBS = adhoc("UNWIND $rows AS row MERGE (n:Job {key: row.key}) SET n = row", mode="write", params=("rows",))
_INPUT = linking("Dataset", "INPUT_TO", "Job")
_OUTPUT = linking("Job", "OUTPUTS", "Dataset")
_numbers = itertools.count()
starts = st.tuples(st.just("job"), st.integers(0, JOBS - 1)) | st.tuples(
    st.just("dataset"), st.integers(0, DATASETS - 1)
)


def within(arrows: nx.DiGraph[str], root: str, edges: int, *, siblings: bool) -> set[str]:
    """What lies within so many edges: up and down apart, or in all directions."""
    if siblings:
        return set(nx.single_source_shortest_path_length(arrows.to_undirected(), root, edges))
    ways = (arrows, arrows.reverse())
    return {one for way in ways for one in nx.single_source_shortest_path_length(way, root, edges)}


def told(answer: Answer) -> tuple[set[str], set[tuple[str, str]]]:
    """The nodes and the edges of an answer; each edge stands at both its ends."""
    into = {(edge.origin, edge.destination) for one in answer.graph for edge in one.in_edges}
    out_of = {(edge.origin, edge.destination) for one in answer.graph for edge in one.out_edges}
    assert into == out_of
    return {one.id for one in answer.graph}, out_of


def test_it_equals_the_oracle(graph: Database) -> None:
    """Depth counts steps from job to job, siblings are walked where asked for alone, and edges are all those between nodes."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 40), deadline=None)
        @given(world=worlds, start=starts, depth=st.integers(0, 3), siblings=st.booleans())
        def law(world: World, start: tuple[str, int], depth: int, *, siblings: bool) -> None:
            space = f"mz{next(_numbers)}"
            is_job = start[0] == "job"
            asked = job_key(start[1], space) if is_job else key(start[1], space)
            root = asked if is_job else key(world.canonical(start[1]), space)

            async def work(store: GraphStore) -> Answer:
                await fill(store, world, space)
                question = Question(node=asked, depth=depth, siblings=siblings)
                return await graph_of(store, question, Limits())

            answer = run(work)
            arrows: nx.DiGraph[str] = nx.DiGraph(sorted(world.arrows(space)))
            arrows.add_node(root)
            wanted = within(arrows, root, 2 * depth + (1 if is_job else 2), siblings=siblings)
            edges = {pair for pair in arrows.edges if {*pair} <= wanted}
            shown = {root: asked}  # what was asked about has the name that it was asked by
            assert told(answer) == (
                {shown.get(one, one) for one in wanted},
                {(shown.get(a, a), shown.get(b, b)) for a, b in edges},
            )
            assert answer.cut == []

        law()


pairs = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12, unique=True)


def test_columns_equal_the_oracle(graph: Database) -> None:
    """Upstream and downstream apart, so many edges each; a column without edges gives nothing; inEdges as Marquez has them."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 30), deadline=None)
        @given(links=pairs, start=st.integers(0, 6), depth=st.integers(0, 4), downstream=st.booleans())
        def law(links: list[tuple[int, int]], start: int, depth: int, *, downstream: bool) -> None:
            space = f"mc{next(_numbers)}"
            fields = [f"{key(n, space)}#f" for n in range(7)]

            async def work(store: GraphStore) -> Answer:
                await load(store, [node(n, namespace=space) for n in range(7)], [])
                rows = [field("f", key(n, space)) for n in range(7)]
                await load_fields(store, rows, [column(fields[a], fields[b]) for a, b in links])
                question = ColumnQuestion(
                    node=f"datasetField:{space}:{start}:f", depth=depth, downstream=downstream
                )
                return await columns_of(store, question, Limits())

            answer = run(work)
            arrows: nx.DiGraph[Any] = nx.DiGraph(links)
            arrows.add_node(start)
            ways = (arrows.reverse(), arrows) if downstream else (arrows.reverse(),)
            near = {one for way in ways for one in nx.single_source_shortest_path_length(way, start, depth)}
            edges = {
                (f"datasetField:{space}:{a}:f", f"datasetField:{space}:{b}:f")
                for a, b in arrows.edges
                if {a, b} <= near
            }
            assert {(one.origin, one.destination) for each in answer.graph for one in each.out_edges} == edges
            assert {(one.destination, one.origin) for each in answer.graph for one in each.in_edges} == edges
            assert {one.id for one in answer.graph} == {end for pair in edges for end in pair}

        law()


@on_arcadedb
def test_a_lattice_is_answered(graph: Database) -> None:
    """60 layers of 2 datasets, each made from both of the layer before by 2 jobs: 2^60 paths, 240 nodes, each met once."""
    layers, space = 60, "lattice"
    jobs = [job_key(n, space) for n in range(2 * layers)]
    reads = [(key(2 * (n // 2) + side, space), job) for n, job in enumerate(jobs) for side in (0, 1)]
    writes = [(job, key(n + 2, space)) for n, job in enumerate(jobs)]
    with on_store(graph) as run:

        async def work(store: GraphStore) -> Answer:
            await load(store, [node(n, namespace=space) for n in range(2 * layers + 2)], [])
            rows = [{"key": job, "namespace": space, "name": job.rpartition(":")[2]} for job in jobs]
            await store.write([(_JOBS, {"rows": rows})])
            await store.write([(_INPUT, {"rows": _links(reads)}), (_OUTPUT, {"rows": _links(writes)})])
            return await graph_of(store, Question(node=jobs[layers], depth=10**9), Limits())

        answer = run(work)
    # All but the job beside it and what that one writes.
    assert len(answer.graph) == 4 * layers + 2 - 2
    assert answer.cut == []


def _links(pairs: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"source": source, "target": target, "says": SAYS} for source, target in pairs]
