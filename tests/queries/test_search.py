"""Is found what has the words, best first, and the same on every engine?"""

from __future__ import annotations

from itertools import count
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_schema.errors import BadInput, LimitExceeded
from graph_schema.words import joined_of, level_of, words_of, words_text
from queries.limits import Limits
from queries.projection import read_projection
from queries.results import NODE_KINDS
from queries.search import CANDIDATES_MAX, Found, Question, search
from queries.store import GraphStore
from tests.engine import Database, adhoc, on_one_line
from tests.queries.edges import FIELDS, NODES, Run, examples, on_store

JOBS: Final = adhoc(
    "UNWIND $rows AS row MERGE (n:Job {key: row.key}) SET n = row", mode="write", params=("rows",)
)
PERSONS: Final = adhoc(
    "UNWIND $rows AS row MERGE (n:Person {key: row.key}) SET n = row", mode="write", params=("rows",)
)
CLEAR: Final = adhoc("MATCH (n) WHERE NOT n:Migration DETACH DELETE n", mode="write")

Row = dict[str, Any]


def dataset(name: str, namespace: str = "n", *, kind: str = "TABLE", **found: Any) -> tuple[Row, list[str]]:
    """A dataset's row as the projector writes it, and its columns."""
    key = f"dataset:{namespace.replace(':', '%3A')}:{name.replace(':', '%3A')}"
    words = words_text(key, name, namespace=namespace, **found)
    row = {"key": key, "namespace": namespace, "name": name, "kind": kind, "words": words, "live": True}
    return {**row, "placeholder": False}, list(found.get("columns", ()))


def other(noun: str, name: str, namespace: str = "", **found: Any) -> Row:
    """A job's or a person's row."""
    key = f"{noun}:{namespace}:{name}"
    said = {"namespace": namespace} if namespace else {}
    return {"key": key, "name": name, **said, "words": words_text(key, name, namespace=namespace, **found)}


SHARED: Final = (
    dataset("public.orders", "postgres://shop:5432", columns=["id", "customer_id", "placed_at"]),
    dataset("public.orders_daily", "postgres://shop:5432", tags=["pii"], columns=["day", "total"]),
    dataset("orders", "kafka://bus", kind="TOPIC", owners=["team:checkout"]),
    dataset("CustomerOrders", "bigquery", kind="VIEW", columns=["customerId", "order.total"]),
    dataset("reorders", "bigquery", tags=["orders"]),
    dataset("größe", "测试", columns=["注文_番号"]),
    dataset("payments", "orders-space", columns=["orders", "Orders", "id"]),
    dataset('a"b*c(d) AND', "n", columns=["x~1"]),
)
JOBS_SHARED: Final = (
    other("job", "load_orders", "airflow", owners=["Ann Lee"]),
    other("job", "orders", "dbt", tags=["nightly"]),
)
PERSONS_SHARED: Final = (other("person", "Ann Lee"), other("person", "team:checkout"))


async def fill(
    store: GraphStore,
    datasets: list[tuple[Row, list[str]]] | tuple[tuple[Row, list[str]], ...],
    jobs: tuple[Row, ...] = (),
    persons: tuple[Row, ...] = (),
) -> None:
    """Empty the graph and write these."""
    rows = [row for row, _ in datasets]
    fields = [
        {"key": f"{row['key']}#{path}", "dataset": row["key"], "name": path, "path": path}
        for row, paths in datasets
        for path in paths
    ]
    await store.write([(CLEAR, {})])
    for start in range(0, len(rows), 5_000):
        await store.write([(NODES, {"rows": rows[start : start + 5_000]})])
    await store.write([(FIELDS, {"rows": fields}), (JOBS, {"rows": jobs}), (PERSONS, {"rows": persons})])


async def ask(store: GraphStore, text: str, **more: Any) -> Found:
    question = Question(text=text, **more)
    return await search(store, question, Limits(), projection=await read_projection(store))


def keys_of(run: Run[list[str]], text: str, **more: Any) -> list[str]:
    """Give the keys of the whole answer."""
    return run(lambda store: everything(store, text, **more))


def page_of(run: Run[Found], text: str, **more: Any) -> Found:
    return run(lambda store: ask(store, text, **more))


async def everything(store: GraphStore, text: str, **more: Any) -> list[str]:
    """Follow the cursors to the end; gives the keys."""
    found = await ask(store, text, **more)
    keys = [node.key for node in found.nodes]
    while found.page_info.has_next_page:
        found = await ask(store, text, after=found.page_info.end_cursor, **more)
        keys += [node.key for node in found.nodes]
    return keys


ANSWERS: Final[tuple[tuple[str, Row, list[str]], ...]] = (
    (
        "orders", {"kinds": frozenset({"TABLE", "TOPIC", "VIEW", "JOB"})},
        [
            "dataset:kafka%3A//bus:orders", "job:dbt:orders", "dataset:bigquery:CustomerOrders",
            "dataset:postgres%3A//shop%3A5432:public.orders", "job:airflow:load_orders",
            "dataset:postgres%3A//shop%3A5432:public.orders_daily", "dataset:orders-space:payments",
            "dataset:bigquery:reorders",
        ],
    ),
    ("orders tot", {"kinds": frozenset({"FIELD"})}, [
        "dataset:postgres%3A//shop%3A5432:public.orders_daily#total",
        "dataset:bigquery:CustomerOrders#order.total",
    ]),
    ("customerorders", {}, ["dataset:bigquery:CustomerOrders"]),
    ("ORDERS/Daily", {}, ["dataset:postgres%3A//shop%3A5432:public.orders_daily"]),
    ("5432 orders pii", {}, ["dataset:postgres%3A//shop%3A5432:public.orders_daily"]),
    ("checkout", {}, ["person::team:checkout", "dataset:kafka%3A//bus:orders"]),
    ("ann l", {"kinds": frozenset({"PERSON", "JOB"})}, ["person::Ann Lee", "job:airflow:load_orders"]),
    ("nightly", {}, ["job:dbt:orders"]),
    ("GRÖS", {}, ["dataset:测试:größe"]),
    ("注文", {}, ["dataset:测试:größe#注文_番号", "dataset:测试:größe"]),
    ("测", {"kinds": frozenset({"OTHER", "TABLE"})}, ["dataset:测试:größe"]),
    ('a"b AND (c OR *)', {}, []),
    ('"b*c(d" and', {}, ['dataset:n:a"b*c(d) AND']),
    ("customer id", {}, [
        "dataset:bigquery:CustomerOrders#customerId",
        "dataset:postgres%3A//shop%3A5432:public.orders#customer_id",
        "dataset:bigquery:CustomerOrders",
        "dataset:postgres%3A//shop%3A5432:public.orders",
    ]),
    ("order x", {}, []),
    ("orders", {"kinds": frozenset({"RUN", "CHECK"})}, []),
)  # fmt: skip


def test_what_has_the_words_is_found_best_first(graph: Database) -> None:
    """All words must be there, the last may be a beginning; names before namespaces, tags, owners and columns."""
    with on_store(graph) as run:
        run(lambda store: fill(store, SHARED, JOBS_SHARED, PERSONS_SHARED))
        for text, more, keys in ANSWERS:
            assert keys_of(run, text, **more) == keys, text


def test_pages_are_the_whole_answer(graph: Database) -> None:
    """Whatever the size of a page, nothing twice and nothing left out; a cursor of another question is refused."""
    with on_store(graph) as run:
        run(lambda store: fill(store, SHARED, JOBS_SHARED, PERSONS_SHARED))
        whole = keys_of(run, "o", first=500)
        assert len(whole) == len(set(whole)) > 9
        for size in (1, 3, 7):
            assert keys_of(run, "o", first=size) == whole
        page = page_of(run, "o", first=2)
        others: tuple[tuple[str, Row], ...] = (("or", {}), ("o", {"kinds": frozenset({"JOB"})}))
        for text, more in others:
            with pytest.raises(BadInput, match="another question"):
                page_of(run, text, after=page.page_info.end_cursor, **more)
        nothing = page_of(run, "o", first=0)
        assert (nothing.nodes, nothing.page_info.has_next_page) == ([], True)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", BadInput), (" \t", BadInput), ('+-&&||!(){}[]^"~*?:\\/', BadInput), ("\ud800", BadInput),
        ("x" * 1_000_000, LimitExceeded), (" ".join("abcdefghijklmnopq"), LimitExceeded),
    ],
)  # fmt: skip
@on_one_line
def test_what_cannot_be_searched_for_is_refused(graph: Database, text: str, error: type[Exception]) -> None:
    """By a typed error, before the engine is asked."""
    with pytest.raises(error):
        graph.run(lambda store: ask(store, text))


def test_of_very_many_a_part_is_ranked(graph: Database) -> None:
    """The answer says so, is of the same nodes on every engine, and has those of just this name at its head."""
    numbers = count()
    many = [dataset(f"common.table_{next(numbers)}", columns=["common_id"]) for _ in range(6_000)]
    exact = [dataset("common", f"elsewhere{n}") for n in range(3)]
    rare = many[:3]
    wide = [row["key"] for row, _ in many if level_of(row["key"]) >= 1]
    with on_store(graph) as run:
        run(lambda store: fill(store, [(row, []) for row, _ in [*many, *exact]]))
        found = page_of(run, "common", first=5_000, kinds=frozenset({"TABLE"}))
        keys = [node.key for node in found.nodes]
        assert found.completeness.truncated_by == ["candidates"]
        assert keys[:3] == [row["key"] for row, _ in exact]
        assert {*keys[3:]} <= {*wide}
        assert CANDIDATES_MAX / 8 < len(keys) < CANDIDATES_MAX * 2
        for row, _ in rare:
            assert row["key"] in keys_of(run, row["name"], first=500)


WORDS = st.sampled_from(
    ["orders", "Order", "daily", "dailyX", "a", "zz", "z", "größe", "注文", "the", "2024", "not"]
)
NAMES = st.lists(WORDS, min_size=1, max_size=3).map("_".join)
SETS = st.lists(
    st.tuples(NAMES, NAMES, st.lists(NAMES, max_size=2), st.lists(NAMES, max_size=2), st.lists(NAMES, max_size=3)),
    max_size=6, unique_by=lambda one: one[:2],
)  # fmt: skip


def has(words: set[str], asked: tuple[str, ...]) -> bool:
    """Say naively whether something is found."""
    return set(asked[:-1]) <= words and any(one.startswith(asked[-1]) for one in words)


def cut(*texts: str) -> set[str]:
    return {word for text in texts for word in (*words_of(text), *joined_of(text))}


def expected(shared: list[Any], text: str) -> set[str]:
    """Find by brute force."""
    asked = words_of(text)
    found = set()
    for name, namespace, tags, owners, columns in shared:
        key = f"dataset:{namespace}:{name}"
        if has(cut(name, namespace, *tags, *owners) | {w for c in columns for w in words_of(c)}, asked):
            found.add(key)
        for column in columns:
            own = set(words_of(column))
            begun = any(one.startswith(asked[-1]) for one in own)
            if has(own | cut(name, namespace), asked) and (begun or own & set(asked)):
                found.add(f"{key}#{column}")
    return found


def test_an_oracle_finds_the_same(graph: Database) -> None:
    """Whatever names there are: what is found is what has the words, by a loop over all nodes."""
    with on_store(graph) as run:

        @settings(max_examples=examples(graph, 25))
        @given(SETS, st.lists(NAMES, min_size=3, max_size=8))
        def holds(shared: list[Any], texts: list[str]) -> None:
            rows = [
                dataset(name, space, tags=tags, owners=owners, columns=dict.fromkeys(columns))
                for name, space, tags, owners, columns in shared
            ]
            run(lambda store: fill(store, rows))
            for text in texts:
                found = keys_of(run, text, first=3)
                assert len(found) == len(set(found))
                assert set(found) == expected(shared, text), text

        holds()


def test_kinds_are_known(graph: Database) -> None:
    """Every kind that is searched is a kind of node, and asking for all of them is asking for none."""
    with on_store(graph) as run:
        run(lambda store: fill(store, SHARED, JOBS_SHARED, PERSONS_SHARED))
        assert keys_of(run, "o", kinds=frozenset(NODE_KINDS)) == keys_of(run, "o")
