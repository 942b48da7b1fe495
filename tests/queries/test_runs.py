"""Are runs walked from each to those whose writes it read, at any page, and is every end told?"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_schema.errors import BadInput, LineageError
from queries.acts import Read, Write
from queries.limits import Limits
from queries.reached import Page
from queries.results import Lineage
from queries.roots import resolve_run_root
from queries.run_walk import RunWalk
from queries.store import GraphStore
from queries.walk import Budget, Reach, Walk, start_walk
from tests.arrows import hour, job_key_of, key_of, run_key_of
from tests.engine import Database, adhoc, on_arcadedb
from tests.queries import naive_acts
from tests.queries.edges import all_pages, ask, day, examples, key, linking, load, node, on_store
from tests.queries.storied import after

RUNS, DATASETS = 5, 3
_numbers = itertools.count()
PUT_RUNS = adhoc(
    "UNWIND $rows AS row MERGE (n:Run {key: row.key}) SET n = row", mode="write", params=("rows",)
)
WROTE, READ = linking("Run", "WROTE", "Dataset"), linking("Run", "READ", "Dataset")
ALIAS = linking("Dataset", "ALIAS_OF", "Dataset")


@dataclass(frozen=True)
class World:
    """What runs 0 to 4 wrote and read of datasets 0 to 2; where `alias`, 2 is another name of 1."""

    writes: tuple[Write, ...]
    reads: tuple[Read, ...]
    alias: bool

    def whose(self, run: str) -> dict[str, str | None]:
        """What a run's node says beside its key: that of the first write of it."""
        own = next((one for one in self.writes if one.run == run), None)
        if own is None:
            return {"job": "job:n:j", "parent": None, "started_at": None}
        return {"job": "job:n:j", "parent": own.parent, "started_at": own.started_at}

    def named(self, space: str) -> World:
        """The same with keys, under canonical names, as the graph tells it."""

        def dataset(number: str) -> str:
            return key("1" if self.alias and number == "2" else number, space)

        def run(number: str) -> str:
            return run_key(number, space)

        writes = tuple(
            Write(
                run(one.run),
                dataset(one.dataset),
                one.at,
                one.version,
                one.began_at,
                one.outcome,
                **self.whose(one.run),
            )
            for one in self.writes
        )
        reads = tuple(one._replace(run=run(one.run), dataset=dataset(one.dataset)) for one in self.reads)
        return World(writes, reads, self.alias)


def run_key(number: object, space: str) -> str:
    return f"run:00000000-0000-4000-{int(space):04d}-{int(str(number)):012d}"


def _once(acts: Iterable[Any]) -> tuple[Any, ...]:
    return tuple({(act.run, act.dataset): act for act in acts}.values())


_runs, _datasets = [str(n) for n in range(RUNS)], [str(n) for n in range(DATASETS)]
worlds = st.builds(
    World,
    writes=st.lists(naive_acts.write(_runs, _datasets), max_size=9).map(_once),
    reads=st.lists(naive_acts.read(_runs, _datasets), max_size=9).map(_once),
    alias=st.booleans(),
)


async def fill(store: GraphStore, world: World, space: str) -> None:
    await load(store, [node(n, namespace=space) for n in range(DATASETS)], [])
    runs = [{"key": run_key(n, space), "state": "COMPLETED", **world.whose(str(n))} for n in range(RUNS)]
    wrote = [
        {"source": run_key(one.run, space), "target": key(one.dataset, space), "says": {
            "at": one.at, "version": one.version, "began_at": one.began_at, "outcome": one.outcome}}
        for one in world.writes
    ]  # fmt: skip
    read = [
        {"source": run_key(one.run, space), "target": key(one.dataset, space),
         "says": {"at": one.at, "version": one.version, "until": one.until}}
        for one in world.reads
    ]  # fmt: skip
    same = [{"source": key(2, space), "target": key(1, space), "says": {}}] if world.alias else []
    await store.write([(PUT_RUNS, {"rows": runs})])
    await store.write([(WROTE, {"rows": wrote}), (READ, {"rows": read}), (ALIAS, {"rows": same})])


def arrows(world: World, *, upstream: bool) -> set[tuple[str, str]]:
    """Every edge from run to run, and those to datasets at whose other end no run is known."""
    found, fed = set(), set()
    for read in world.reads:
        of = [write for write in world.writes if write.dataset == read.dataset]
        matches = naive_acts.matched(of, (), read)
        found |= {(write.run, read.run) for write, _ in matches}
        fed |= {(write.run, write.dataset) for write, _ in matches}
        if upstream and not matches:
            found.add((read.dataset, read.run))
    if not upstream:
        made = {(write.run, write.dataset) for write in world.writes if write.counts or write.open}
        found |= made - fed
    return found


def from_dataset(world: World, dataset: str, at: str, *, upstream: bool) -> set[tuple[str, str]]:
    """The edges at a dataset that was asked about: of its last write by then."""
    of = [write for write in world.writes if write.dataset == dataset]
    last = {write.run for write, _ in naive_acts.matched(of, (), Read("", dataset, at))}
    if upstream:
        return {(run, dataset) for run in last}
    found = set()
    for read in (read for read in world.reads if read.dataset == dataset):
        writers = {write.run for write, _ in naive_acts.matched(of, (), read)}
        if writers & last or not (writers or last):
            found.add((dataset, read.run))
    return found


@dataclass(frozen=True)
class Asked:
    """From a run or a dataset, as of a day where that is one; so far, so many rows a page."""

    start: tuple[str, int]
    upstream: bool
    at: int | None
    depth: int | None
    first: int


questions = st.builds(
    Asked,
    start=st.tuples(st.just("run"), st.integers(0, RUNS - 1))
    | st.tuples(st.just("dataset"), st.integers(0, 1)),
    upstream=st.booleans(),
    at=st.none() | st.integers(0, 9),
    depth=st.none() | st.integers(0, 3),
    first=st.integers(1, 4),
)


def expected_walk(world: World, start: str, asked: Asked) -> tuple[dict[str, int], nx.DiGraph[str]]:
    """What plain search reaches, and how far away; the graph that was searched."""
    edges = arrows(world, upstream=asked.upstream)
    if asked.start[0] == "dataset":
        at = day(asked.at) if asked.at is not None else day(200)
        near = 1 if asked.upstream else 0
        edges = {pair for pair in edges if pair[near] != start}
        edges |= from_dataset(world, start, at, upstream=asked.upstream)
    graph: nx.DiGraph[str] = nx.DiGraph(edges)
    graph.add_node(start)
    searched = graph.reverse() if asked.upstream else graph
    return nx.single_source_shortest_path_length(searched, start, cutoff=asked.depth), graph


def test_pages_equal_the_oracle(graph: Database) -> None:
    """Runs and ends at their depths, each edge on the page of its later end, all as plain loops find them."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 80), deadline=None)
        @given(world=worlds, asked=questions)
        def law(world: World, asked: Asked) -> None:
            space = str(next(_numbers))
            kind, number = asked.start
            start = run_key(number, space) if kind == "run" else key(number, space)
            as_of = day(asked.at) if kind == "dataset" and asked.at is not None else None

            async def work(store: GraphStore) -> list[Lineage]:
                await fill(store, world, space)
                return await all_pages(
                    store, start, granularity="RUN", direction="upstream" if asked.upstream else "downstream",
                    depth=asked.depth, as_of=as_of, first=asked.first, totals=True,
                )  # fmt: skip

            pages = run(work)
            reached, walked = expected_walk(world.named(space), start, asked)
            rows = [(row.depth, row.node.key) for page in pages for row in page.nodes]
            assert rows == sorted((far, name) for name, far in reached.items() if far)
            edges = [(edge.source, edge.target) for page in pages for edge in page.edges]
            assert sorted(edges) == sorted(pair for pair in walked.edges if {*pair} <= reached.keys())
            totals = pages[0].totals
            assert totals is not None
            assert (totals.nodes, totals.edges) == (len(rows), len(edges))
            assert all(edge.through for page in pages for edge in page.edges)

        law()


STORY = (
    "1 COMPLETE r1 land: -> raw",
    "2 START r2 load: raw -> mart",
    "3 COMPLETE r2 load: raw -> mart",
    "4 COMPLETE r3 land: -> raw",
    "5 START r4 load: raw -> mart",
    "6 FAIL r4 load: raw -> mart",
    "7 START r5 report: mart ext -> view",
    "8 COMPLETE r5 report: mart ext -> view",
)


def told(answer: Lineage) -> list[tuple[int, str]]:
    return [(row.depth, row.node.key) for row in answer.nodes]


def test_each_hop_is_as_it_was_at_the_reads(graph: Database, tmp_path: Path) -> None:
    """The report read what r2 wrote (r4 failed), and r2 what r1 had, not what is newest; what nobody wrote is an end."""
    answer = after(
        graph, tmp_path, *STORY,
        ask=lambda store: ask(store, run_key_of("r5"), direction="upstream", granularity="RUN"),
    )  # fmt: skip
    assert answer.root.key == run_key_of("r5")
    ends = [(1, key_of("ext")), (1, run_key_of("r2")), (2, run_key_of("r1"))]
    assert told(answer) == ends
    through = {edge.source: edge.through for edge in answer.edges}
    (flow,) = through[run_key_of("r2")] or []
    assert (flow.dataset, flow.written_at, flow.read_at) == (key_of("mart"), hour(3), hour(7))
    assert flow.matched_by == "TIME"
    (end,) = through[key_of("ext")] or []
    assert (end.written_at, end.read_at, end.matched_by) == (None, hour(7), None)
    assert {edge.evidence for edge in answer.edges} == {"EXPLICIT"}
    assert answer.completeness.complete


def test_a_failed_run_read_but_wrote_nothing(graph: Database, tmp_path: Path) -> None:
    """Downstream of the second landing is the load that failed, and nothing after it."""
    answer = after(graph, tmp_path, *STORY, ask=lambda store: ask(store, run_key_of("r3"), granularity="RUN"))
    assert told(answer) == [(1, run_key_of("r4"))]


def test_a_dataset_means_its_last_write_then(graph: Database, tmp_path: Path) -> None:
    """Now the second landing is the last one; as of hour 3 it was the first, which goes on to the view."""

    async def each(store: GraphStore) -> list[Lineage]:
        of = key_of("raw")
        now, then = (
            await ask(store, of, granularity="RUN"),
            await ask(store, of, granularity="RUN", as_of=hour(3)),
        )
        return [now, then, await ask(store, of, granularity="RUN", direction="upstream")]

    now, then, up = after(graph, tmp_path, *STORY, ask=each)
    assert told(now) == [(1, run_key_of("r4"))]
    assert told(then) == [(1, run_key_of("r2")), (2, run_key_of("r5")), (3, key_of("view"))]
    assert next((edge.source, edge.target) for edge in then.edges) == (key_of("raw"), run_key_of("r2"))
    assert told(up) == [(1, run_key_of("r3"))]


def test_a_job_means_its_newest_run(graph: Database, tmp_path: Path) -> None:
    """It is the row at depth 0; as of a time, the newest run by then. A run that never said its start counts by its end."""

    async def each(store: GraphStore) -> list[Lineage]:
        asked: dict[str, Any] = {"granularity": "RUN", "direction": "upstream"}
        load, land = job_key_of("load"), job_key_of("land")
        return [
            await ask(store, load, **asked), await ask(store, load, as_of=hour(4), **asked),
            await ask(store, land, **asked), await ask(store, land, as_of=hour(0), **asked),
        ]  # fmt: skip

    now, then, unstarted, none = after(graph, tmp_path, *STORY, ask=each)
    assert (now.root.key, told(now)) == (job_key_of("load"), [(0, run_key_of("r4")), (1, run_key_of("r3"))])
    assert told(then) == [(0, run_key_of("r2")), (1, run_key_of("r1"))]
    assert told(unstarted) == [(0, run_key_of("r3"))]
    assert told(none) == []


def test_acts_of_events_are_matched(graph: Database, tmp_path: Path) -> None:
    """A drop ends what can be read; a stream is read meanwhile and reads on; all through names that are one."""
    lines = (
        "1 COMPLETE r1 load: -> s3/c | symlinks=s3/c:c",
        "2 COMPLETE r2 clean: -> c | drop=c",
        "3 COMPLETE r3 use: c -> x",
        "1 START r4 flow: t -> q | jobtype=STREAMING",
        "4 RUNNING r4 flow: t -> q | jobtype=STREAMING",
        "3 COMPLETE r5 look: q -> y",
        "2 COMPLETE r6 fill: -> t",
        "9 COMPLETE r4 flow: t -> q | jobtype=STREAMING",
        "9 COMPLETE r7 late: -> c",
        "10 COMPLETE r8 again: s3/c -> x",
    )

    async def each(store: GraphStore) -> list[Lineage]:
        names = ("r3", "r5", "r4", "r8")
        return [await ask(store, run_key_of(n), direction="upstream", granularity="RUN") for n in names]

    dropped, meanwhile, reads_on, alias = after(graph, tmp_path, *lines, ask=each)
    assert told(dropped) == [(1, key_of("c"))]
    assert told(meanwhile) == [(1, run_key_of("r4")), (2, run_key_of("r6"))]
    assert [flow.matched_by for edge in reads_on.edges for flow in edge.through or ()] == ["STREAM"]
    assert told(alias) == [(1, run_key_of("r7"))]


def test_a_rename_is_followed_to_what_was_written_before(graph: Database, tmp_path: Path) -> None:
    """Who reads the new name reads what the renaming run took over from the old one; so both ways."""
    lines = (
        "1 COMPLETE r1 load: -> old",
        "2 COMPLETE r2 move: -> new | rename=new<old",
        "3 COMPLETE r3 use: new -> x",
        "4 COMPLETE r4 load: -> new",
    )

    async def each(store: GraphStore) -> list[Lineage]:
        up = await ask(store, run_key_of("r3"), direction="upstream", granularity="RUN")
        return [up, await ask(store, run_key_of("r1"), granularity="RUN")]

    up, down = after(graph, tmp_path, *lines, ask=each)
    assert told(up) == [(1, run_key_of("r2")), (2, run_key_of("r1"))]
    assert told(down) == [(1, run_key_of("r2")), (2, run_key_of("r3")), (3, key_of("x"))]


@on_arcadedb
def test_filters_and_limits(graph: Database, tmp_path: Path) -> None:
    """Kinds filter rows; seenSince edges; what was cut is said, and what was cut of acts is matched with nothing."""

    async def each(store: GraphStore) -> list[Lineage]:
        asked: dict[str, Any] = {"granularity": "RUN", "direction": "upstream"}
        of = run_key_of("r5")
        return [
            await ask(store, of, kinds=frozenset({"RUN"}), **asked),
            await ask(store, of, seen_since=hour(7), **asked),
            await ask(store, of, Limits(nodes_max=1), **asked),
            await ask(store, of, Limits(depth_max=1), **asked),
            await ask(store, of, first=0, **asked),
        ]  # fmt: skip

    kinds, seen, acts, depth, none = after(graph, tmp_path, *STORY, ask=each)
    assert told(kinds) == [(1, run_key_of("r2")), (2, run_key_of("r1"))]
    assert told(seen) == [(1, key_of("ext")), (1, run_key_of("r2"))]
    assert (acts.completeness.complete, acts.completeness.truncated_by) == (False, ["acts"])
    assert told(acts) == []
    assert (told(depth)[-1], depth.completeness.truncated_by) == ((1, run_key_of("r2")), ["depth"])
    assert (none.nodes, none.edges, none.page_info.has_next_page) == ([], [], True)


@on_arcadedb
def test_a_walk_ends_when_its_time_is_up(graph: Database, tmp_path: Path) -> None:
    """What was reached by then is the answer, and it is said that time cut it."""

    async def late(store: GraphStore) -> tuple[Walk, Page]:
        root = await resolve_run_root(store, run_key_of("r5"), None)
        walk = start_walk(Reach("upstream", granularity="RUN"), Budget(9, 99, ends_at=0.0), root.starts)
        page = Page(9, None, None, totals=False)
        await RunWalk(store, walk).fill(page, root, None)
        return walk, page

    walk, page = after(graph, tmp_path, *STORY, ask=late)
    assert (walk.truncated_by, page.rows) == (["time"], [])


@on_arcadedb
@pytest.mark.parametrize("direction", ["upstream", "downstream"])
def test_too_many_acts_are_cut_and_nothing_is_guessed(graph: Database, direction: str) -> None:
    """A dataset with more acts than may be looked at is left out, whichever limit it hits; the rest is answered."""
    writes = tuple(Write(str(n), "0", day(n)) for n in range(4))
    reads = tuple(Read("4", d, day(9)) for d in "01")
    with on_store(graph) as run:

        async def work(store: GraphStore) -> list[Lineage]:
            await fill(store, World(writes, reads, alias=False), "9999")
            of = run_key(4 if direction == "upstream" else 3, "9999")
            asked: dict[str, Any] = {"granularity": "RUN", "direction": direction}
            return [await ask(store, of, Limits(nodes_max=n), **asked) for n in (1, 2, 3, 5, 9)]

        answers = run(work)
    cut = [answer.completeness.truncated_by for answer in answers]
    assert cut[0] == cut[1] == cut[2] == ["acts"]
    assert cut[-1] == []
    assert all(not answer.nodes for answer in answers[:3])
    assert answers[-1].nodes


@on_arcadedb
@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"as_of": hour(3)}, BadInput),
        ({"of": "run:00000000-0000-4000-8000-999999999999"}, LineageError),
        ({"of": "person::somebody"}, LineageError),
        ({"consumers": True}, BadInput),
        ({"transformations": "DIRECT"}, BadInput),
        ({"after": "x"}, BadInput),
        ({"depth": -1}, BadInput),
    ],
)
def test_what_cannot_be_asked_is_refused(
    graph: Database, tmp_path: Path, asked: dict[str, Any], error: type[LineageError]
) -> None:
    """A typed error says what is wrong; a run is the same at any time, so a time is refused."""
    question = {"of": run_key_of("r5"), "granularity": "RUN", **asked}
    with pytest.raises(error):
        after(graph, tmp_path, *STORY, ask=lambda store: ask(store, **question))
