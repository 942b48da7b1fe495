"""Does lineage of fields keep what it promises, on the real engines?"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any, Final

import pytest

from graph_schema.errors import BadInput, NodeNotFound
from queries.limits import Limits
from queries.results import Field
from queries.store import GraphStore
from tests.engine import Database, adhoc
from tests.queries.edges import (
    all_pages,
    arrows,
    ask,
    column,
    day,
    field,
    key,
    listed,
    load,
    load_fields,
    node,
    on_store,
)

FILTER: Final = ("INDIRECT", "FILTER", False)
HASHED: Final = ("DIRECT", "TRANSFORMATION", True)
PLAIN: Final = ("DIRECT", "IDENTITY", False)
RELATED: Final = adhoc(
    """
    MATCH (a:Dataset {key: $a}) MATCH (b:Dataset {key: $b})
    CREATE (alias:Dataset {key: 'dataset:s3:alias', namespace: 's3', name: 'alias', kind: 'FILE'})
    CREATE (alias)-[:ALIAS_OF]->(a)
    CREATE (j:Job {key: 'job:n:j', namespace: 'n', name: 'j'})
    CREATE (r:Run {key: 'run:00000000-0000-4000-8000-000000000001', job: 'job:n:j', state: 'COMPLETED'})
    CREATE (r)-[:RUN_OF]->(j) CREATE (r)-[:READ]->(alias) CREATE (r)-[:WROTE]->(b)
    CREATE (alias)-[:INPUT_TO {current: true}]->(j) CREATE (j)-[:OUTPUTS {current: true}]->(b)
    """,
    mode="write",
    params=("a", "b"),
)


def at(name: str, dataset: str) -> str:
    return f"{key(dataset)}#{name}"


async def story(store: GraphStore) -> None:
    """Write a.id -> b.id -> c.id, a.email -> b.who (hashed), and a.country that filters b."""
    await load(store, [node("a"), node("b"), node("c")], [])
    fields = [("id", "a"), ("email", "a"), ("country", "a"), ("id", "b"), ("who", "b"), ("key", "c")]
    await load_fields(
        store,
        [field(name, key(dataset)) for name, dataset in fields],
        [
            column(at("id", "a"), at("id", "b"), PLAIN),
            column(at("id", "a"), at("id", "b"), PLAIN, HASHED, job="job:n:k", last_at=day(7)),
            column(at("email", "a"), at("who", "b"), HASHED),
            column(at("id", "b"), at("key", "c")),
            column(at("email", "a"), at("id", "b"), valid_from=[day(0)], valid_to=[day(2)]),
        ],
        [
            column(at("country", "a"), key("b"), FILTER),
            column(at("country", "a"), key("c"), FILTER, valid_from=[day(0)], valid_to=[day(2)]),
        ],
    )
    await store.write([(RELATED, {"a": key("a"), "b": key("b")})])


def test_a_field_is_followed(graph: Database) -> None:
    """From a field to fields; jobs are joined, and what they do to the data is united, each way once."""

    async def work(store: GraphStore) -> None:
        await story(store)
        answer = await ask(store, at("id", "a"), granularity="FIELD", totals=True)
        assert isinstance(answer.root, Field)
        assert (answer.root.key, answer.root.dataset, answer.root.path) == (at("id", "a"), key("a"), "id")
        assert listed(answer) == [(1, "id"), (2, "key")]
        first, _ = answer.edges
        assert (first.source, first.target) == (at("id", "a"), at("id", "b"))
        assert (first.jobs, first.evidence, first.last_at) == (["job:n:j", "job:n:k"], "COLUMN", day(7))
        assert first.types == ["DIRECT", "DIRECT"]
        assert first.subtypes == ["IDENTITY", "TRANSFORMATION"]
        assert first.maskings == [False, True]
        assert answer.shapes == []
        assert answer.totals is not None
        assert [(one.kind, one.count) for one in answer.totals.by_kind] == [("FIELD", 2)]
        up = await ask(store, at("key", "c"), granularity="FIELD", direction="upstream")
        assert [(row.depth, row.node.key) for row in up.nodes] == [(1, at("id", "b")), (2, at("id", "a"))]

    graph.run(work)


def test_what_shapes_a_dataset_is_told_apart(graph: Database) -> None:
    """A filter is no way for data: it is not walked, but named beside the page, as of the time asked for."""

    async def work(store: GraphStore) -> None:
        await story(store)
        down = await ask(store, at("country", "a"), granularity="FIELD")
        assert (down.nodes, down.edges) == ([], [])
        assert down.shapes is not None
        assert [(one.source, one.target) for one in down.shapes] == [(at("country", "a"), key("b"))]
        assert (down.shapes[0].types, down.shapes[0].subtypes) == (["INDIRECT"], ["FILTER"])
        then = await ask(store, at("country", "a"), granularity="FIELD", as_of=day(1))
        assert then.shapes is not None
        assert [one.target for one in then.shapes] == [key("b"), key("c")]
        up = await ask(store, at("who", "b"), granularity="FIELD", direction="upstream")
        assert listed(up) == [(1, "email")]
        assert up.shapes is not None
        assert [one.source for one in up.shapes] == [at("country", "a")]
        assert (await ask(store, key("a"))).shapes is None
        cut = await ask(
            store, at("country", "a"), Limits(page_max=1), granularity="FIELD", as_of=day(1), first=1
        )
        assert (len(cut.shapes or []), cut.completeness.truncated_by) == (1, ["shapes"])

    graph.run(work)


def test_times_filter_column_edges(graph: Database) -> None:
    """What once fed a field is there as of then; what was not seen since is not."""

    async def work(store: GraphStore) -> None:
        await story(store)
        then = await ask(store, at("email", "a"), granularity="FIELD", as_of=day(1))
        assert listed(then) == [(1, "id"), (1, "who"), (2, "key")]
        late = await ask(store, at("id", "a"), granularity="FIELD", seen_since=day(5))
        assert (listed(late), late.edges[0].jobs) == ([(1, "id")], ["job:n:k"])

    graph.run(work)


def test_transformations_filter_column_edges(graph: Database) -> None:
    """DIRECT takes edges that values come from, VALUES those in a way that the spec names; others are not walked."""
    sorted_by, odd = ("INDIRECT", "SORT", False), ("DIRECT", "GUESSED", False)

    async def work(store: GraphStore) -> None:
        await story(store)
        fields = [field(name, key("c")) for name in ("mixed", "sorted", "odd")]
        edges = [
            column(at("key", "c"), at("mixed", "c"), PLAIN, sorted_by, odd),
            column(at("key", "c"), at("sorted", "c"), sorted_by),
            column(at("key", "c"), at("odd", "c"), odd),
            column(at("sorted", "c"), at("who", "b"), PLAIN),
        ]
        await load_fields(store, fields, edges)
        found = {}
        for only in ("ALL", "DIRECT", "VALUES"):
            answer = await ask(store, at("key", "c"), granularity="FIELD", transformations=only, totals=True)
            assert answer.totals is not None
            assert answer.totals.edges == len(answer.edges)
            found[only] = (listed(answer), [edge.subtypes for edge in answer.edges])
        assert found == {
            "ALL": (
                [(1, "mixed"), (1, "odd"), (1, "sorted"), (2, "who")],
                [["GUESSED", "IDENTITY", "SORT"], ["GUESSED"], ["SORT"], ["IDENTITY"]],
            ),
            "DIRECT": ([(1, "mixed"), (1, "odd")], [["GUESSED", "IDENTITY"], ["GUESSED"]]),
            "VALUES": ([(1, "mixed")], [["IDENTITY"]]),
        }
        up = await ask(
            store, at("who", "b"), granularity="FIELD", transformations="VALUES", direction="upstream"
        )
        assert listed(up) == [(1, "email"), (1, "sorted")]
        refused: list[dict[str, Any]] = [
            {"transformations": "SOME", "granularity": "FIELD"},
            {"transformations": "DIRECT"},
        ]
        for wrong in refused:
            with pytest.raises(BadInput):
                await ask(store, key("c"), **wrong)

    graph.run(work)


def test_a_dataset_a_job_and_a_run_mean_their_fields(graph: Database) -> None:
    """Their fields are the rows at depth 0, those of other names under the canonical one, and shapes too."""

    async def work(store: GraphStore) -> None:
        await story(store)
        rows = [(0, "country"), (0, "email"), (0, "id"), (1, "id"), (1, "who"), (2, "key")]
        for of in (key("a"), "dataset:s3:alias"):
            answer = await ask(store, of, granularity="FIELD")
            assert (answer.root.key, listed(answer)) == (key("a"), rows)
            assert arrows(answer) == [("email", "who"), ("id", "id"), ("id", "key")]
            assert [one.target for one in answer.shapes or []] == [key("b")]
        for of in ("job:n:j", "run:00000000-0000-4000-8000-000000000001"):
            down = await ask(store, of, granularity="FIELD")
            assert (down.root.key, listed(down)) == (of, [(0, "id"), (0, "who"), (1, "key")])
            up = await ask(store, of, granularity="FIELD", direction="upstream")
            assert listed(up) == [(0, "country"), (0, "email"), (0, "id")]
        pages = await all_pages(store, key("a"), granularity="FIELD", first=2, totals=True)
        assert [row for page in pages for row in listed(page)] == rows
        assert [page.totals.nodes for page in pages if page.totals] == [6, 6, 6]
        assert (await ask(store, key("a"), granularity="FIELD", kinds=frozenset({"TABLE"}))).nodes == []
        assert listed(await ask(store, key("c"), granularity="FIELD")) == [(0, "key")]

    graph.run(work)


def test_a_field_of_another_name_is_the_canonical_one(graph: Database) -> None:
    """Names are resolved before fields are looked for; an unknown field is told with names like it."""

    async def work(store: GraphStore) -> None:
        await story(store)
        answer = await ask(store, "dataset:s3:alias#id", granularity="FIELD")
        assert (answer.root.key, listed(answer)) == (at("id", "a"), [(1, "id"), (2, "key")])
        for of in (at("emall", "a"), "dataset:s3:alias#emall", "dataset:n:zz#id"):
            with pytest.raises(NodeNotFound) as caught:
                await ask(store, of, granularity="FIELD")
            assert of in caught.value.message
        with pytest.raises(NodeNotFound) as caught:
            await ask(store, at("emall", "a"), granularity="FIELD")
        assert caught.value.values["near"][0] == at("email", "a")

    graph.run(work)


def test_a_lattice_of_columns_is_answered_at_once(graph: Database) -> None:
    """2 to the 60 paths between columns, a cycle back and self edges: everything is met once."""
    layers = [[at(f"l{layer:02d}_{n}", "a") for n in range(2)] for layer in range(60)]
    links = [column(a, b) for one, two in pairwise(layers) for a in one for b in two]
    links += [column(layers[-1][0], layers[0][0]), column(layers[3][0], layers[3][0])]
    with on_store(graph) as run:
        run(lambda store: load(store, [node("a")], []))
        names = [name for layer in layers for name in layer]
        fields = [field(name.rpartition("#")[2], key("a")) for name in names]
        run(lambda store: load_fields(store, fields, links))
        for of, rows in ((layers[0][0], 118), (key("a"), 120)):
            answer = run(partial(ask, of=of, granularity="FIELD", totals=True))
            assert answer.totals is not None
            assert answer.totals.nodes == rows
            assert answer.totals.edges == len(answer.edges) == len(links) - (0 if rows == 120 else 2)
