"""What jobs read and output at an instant is what the edges between datasets say; what they cannot say is told."""

from __future__ import annotations

import itertools
from typing import Any

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.limits import Limits
from queries.paths import PathQuestion, paths
from queries.projection import read_projection
from queries.results import Lineage, PathSet
from queries.store import GraphStore
from tests.engine import Database, adhoc, on_arcadedb
from tests.queries.edges import all_pages, ask, day, edge, examples, key, linking, load, node, on_store
from tests.queries.links import DAYS, SIZE, Link, links, says
from tests.queries.simple_paths import simple_paths

_numbers = itertools.count()
_jobs = adhoc("UNWIND $rows AS row MERGE (n:Job {key: row.key}) SET n = row", mode="write", params=("rows",))
_input = linking("Dataset", "INPUT_TO", "Job")
_output = linking("Job", "OUTPUTS", "Dataset")
_alias = linking("Dataset", "ALIAS_OF", "Dataset")
SAYS = {"evidence": "complete", "declared": False, "current": False}
CURRENT = {**SAYS, "current": True}
ALIASED = SIZE - 1
"""What is output to this dataset is sent under another name of it."""


def job_key(number: int, space: str = "n") -> str:
    return f"job:{space}:{number}"


def arrows(found: list[Link], space: str, at: int | None, since: int | None) -> set[tuple[str, str]]:
    """The two-sided graph by the rule: an edge of a job that holds is something read and something output."""
    return {side for link in found if link.holds(at, since) for side in sides(link, space)}


def sides(link: Link, space: str) -> set[tuple[str, str]]:
    """What an edge between datasets says of its job."""
    job = job_key(link.job, space)
    return {(key(link.source, space), job), (job, key(link.target, space))}


async def fill(store: GraphStore, found: list[Link], space: str) -> None:
    names = [node(n, namespace=space) for n in range(SIZE)] + [node("other", namespace=space)]
    await load(
        store,
        names,
        [
            edge(
                key(one.source, space),
                key(one.target, space),
                **{**says(one), "job": job_key(one.job, space)},
            )
            for one in found
        ],
    )
    made = {(one.job, one.target) for one in found}
    sent = {target: key("other" if target == ALIASED else target, space) for target in range(SIZE)}
    into = {(one.source, one.job) for one in found}
    rows = {
        _input: [{"source": key(d, space), "target": job_key(j, space), "says": SAYS} for d, j in into],
        _output: [{"source": job_key(j, space), "target": sent[d], "says": SAYS} for j, d in made],
        _alias: [{"source": key("other", space), "target": key(ALIASED, space), "says": {}}],
    }
    await store.write(
        [
            (
                _jobs,
                {"rows": [{"key": job_key(j, space), "namespace": space, "name": str(j)} for j in range(2)]},
            )
        ]
    )
    await store.write([(statement, {"rows": some}) for statement, some in rows.items()])


_times = st.tuples(st.none() | st.integers(0, DAYS + 1), st.none() | st.integers(0, DAYS)).filter(
    lambda times: any(time is not None for time in times)
)


def test_walks_equal_the_oracle(graph: Database) -> None:
    """Rows, depths, edges and their times, on pages, at an instant or over what was seen since one."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 60), deadline=None)
        @given(
            found=links(),
            start=st.integers(0, SIZE - 1),
            direction=st.sampled_from(["upstream", "downstream"]),
            times=_times,
            first=st.integers(1, 4),
        )
        def law(
            found: list[Link], start: int, direction: str, times: tuple[int | None, int | None], first: int
        ) -> None:
            space = f"t{next(_numbers)}"
            at, since = times

            async def work(store: GraphStore) -> list[Lineage]:
                await fill(store, found, space)
                return await all_pages(
                    store, key(start, space), granularity="JOB", first=first, totals=True,
                    direction=direction,
                    as_of=None if at is None else day(at), seen_since=None if since is None else day(since),
                )  # fmt: skip

            pages = run(work)
            then: nx.DiGraph[Any] = nx.DiGraph(arrows(found, space, at, since))
            then.add_node(key(start, space))
            reached = nx.single_source_shortest_path_length(
                then.reverse() if direction == "upstream" else then, key(start, space)
            )
            rows = [(row.depth, row.node.key) for page in pages for row in page.nodes]
            assert rows == sorted((far, name) for name, far in reached.items() if far)
            edges = {(one.source, one.target): one for page in pages for one in page.edges}
            assert edges.keys() == {pair for pair in then.edges if {*pair} <= reached.keys()}
            assert all(page.totals and page.totals.edges == len(edges) for page in pages)
            for (source, target), told in edges.items():
                said_by = [
                    one for one in found if one.holds(at, since) and (source, target) in sides(one, space)
                ]
                assert told.last_at == day(max(one.last for one in said_by))
                assert told.jobs == [source if source.startswith("job") else target]

        law()


def test_paths_equal_the_oracle(graph: Database) -> None:
    """Paths lead over what jobs read and output at the instant."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 30), deadline=None)
        @given(found=links(), ends=st.tuples(*[st.integers(0, SIZE - 1)] * 2), at=st.integers(0, DAYS))
        def law(found: list[Link], ends: tuple[int, int], at: int) -> None:
            space = f"u{next(_numbers)}"
            source, target = (key(one, space) for one in ends)

            async def work(store: GraphStore) -> PathSet:
                await fill(store, found, space)
                question = PathQuestion(
                    source=source, target=target, granularity="JOB", as_of=day(at), first=5
                )
                return await paths(store, question, Limits(), projection=await read_projection(store))

            answer = run(work)
            expected = simple_paths(arrows(found, space, at, None), {source}, {target})
            assert [tuple(path.keys) for path in answer.paths] == expected[:5]

        law()


@on_arcadedb
def test_what_has_no_time_is_said_to_be_missing(graph: Database) -> None:
    """A job that outputs nothing has no past: now it is a row, as of a time the answer says `untimed`."""
    with on_store(graph) as run:

        async def work(store: GraphStore) -> None:
            await fill(store, [Link(0, 1, 0, ((0, None),), 5)], "n")
            more = {_input: [(key(1), job_key(1))], _output: [(job_key(1), key(2))]}
            now = await ask(store, key(0), granularity="JOB", as_of=day(1))
            assert (now.completeness.complete, now.completeness.truncated_by) == (True, [])
            for statement, some in more.items():
                await store.write(
                    [(statement, {"rows": [{"source": a, "target": b, "says": CURRENT} for a, b in some]})]
                )
            then = await ask(store, key(0), granularity="JOB", as_of=day(1))
            assert [row.node.key for row in then.nodes] == [job_key(0), key(1)]
            assert (then.completeness.complete, then.completeness.truncated_by) == (False, ["untimed"])
            up = await ask(store, key(2), granularity="JOB", direction="upstream", as_of=day(1))
            assert (up.nodes, up.completeness.truncated_by) == ([], ["untimed"])
            for source, target, said in ((key(0), key(2), ["untimed"]), (key(2), key(0), [])):
                question = PathQuestion(source=source, target=target, granularity="JOB", as_of=day(1))
                answer = await paths(store, question, Limits(), projection=await read_projection(store))
                assert (answer.completeness.truncated_by, answer.path_count_exact) == (said, not said)

        run(work)


@on_arcadedb
def test_edges_of_now_say_since_when(graph: Database) -> None:
    """What a job does now has the times of its edges between datasets, where it made some; else none."""
    with on_store(graph) as run:

        async def work(store: GraphStore) -> Lineage:
            found = [Link(0, 1, 0, ((2, None),), 5), Link(3, 1, 0, ((1, 3), (4, None)), 6)]
            await fill(store, found, "n")
            rows = {
                _input: [(key(0), job_key(0)), (key(2), job_key(0))],
                _output: [(job_key(0), key(1))],
            }
            for statement, some in rows.items():
                await store.write(
                    [(statement, {"rows": [{"source": a, "target": b, "says": CURRENT} for a, b in some]})]
                )
            return await ask(store, key(1), granularity="JOB", direction="upstream")

        answer = run(work)
    assert [(one.source, one.target, one.valid_from, one.valid_to, one.last_at) for one in answer.edges] == [
        (key(0), job_key(0), day(2), None, day(5)),
        (key(2), job_key(0), None, None, None),
        (job_key(0), key(1), day(2), None, day(6)),
    ]
