"""Are names that resemble an unknown one found, and soon?"""

from __future__ import annotations

import time

from graph_schema.identity import parse_key
from queries.near import near_keys
from queries.store import GraphStore
from tests.engine import Database
from tests.queries.edges import key, load, node, on_store


def test_names_like_it_come_first(graph: Database) -> None:
    """A longer name, a slip in the name, a slip in the namespace, another case: each finds its like."""

    async def work(store: GraphStore) -> None:
        names = [f"public.t{n:03d}" for n in range(300)]
        nodes = [node(name, namespace="warehouse") for name in names]
        nodes += [node("public.customer_orders", namespace="warehouse"), node("x", namespace="other")]
        await load(store, nodes, [])
        wanted = key("public.customer_orders", "warehouse")
        for asked in (
            "public.customer",
            "public.customer_order",
            "public.customer_oders",
            "public.Customer_Orders",
        ):
            assert (await near_keys(store, parse_key(key(asked, "warehouse"))))[0] == wanted, asked
        assert wanted in await near_keys(store, parse_key(key("public.customer_orders", "warehuose")))
        assert await near_keys(store, parse_key("dataset:zz:zz")) == []
        assert await near_keys(store, parse_key("approval:x")) == []

    graph.run(work)


def test_near_names_do_not_depend_on_the_size_of_the_graph(graph: Database) -> None:
    """With 20,000 datasets of one namespace the index answers; a scan would take a hundred times as long."""
    with on_store(graph) as run:
        asked = parse_key(key("t1234x"))

        def fastest_s() -> float:
            times_s = []
            for _ in range(9):
                began = time.perf_counter()
                assert run(lambda store: near_keys(store, asked))[0] == key("t12340")
                times_s.append(time.perf_counter() - began)
            return min(times_s)

        run(lambda store: load(store, [node(f"t{n:05d}") for n in range(12_340, 12_350)], []))
        small_s = fastest_s()
        others = [n for n in range(20_000) if not 12_340 <= n < 12_350]
        run(lambda store: load(store, [node(f"t{n:05d}") for n in others], []))
        assert fastest_s() < 20 * small_s
