"""Do the words that a node is found by follow what is known of it, and are they a function of the events alone?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph_schema.words import read_words
from queries.export import export_blocks
from queries.limits import Limits
from queries.projection import read_projection
from queries.search import Question, search
from queries.store import GraphStore
from tests.arrows import event, key_of
from tests.engine import Database
from tests.laws.kept import records_of
from tests.laws.projected import EMPTY, everything_of, home, received
from tests.laws.real import project_received

Row = dict[str, Any]


def told(line: str, **facets: Any) -> tuple[Row, bool]:
    """An event of one line, with facets of its dataset or of its first output."""
    body, suspect = event(line)
    target = body["dataset"] if "dataset" in body else body["outputs"][0]
    target.setdefault("facets", {}).update(facets)
    return body, suspect


def owned(*names: str) -> Row:
    return {"owners": [{"name": name} for name in names]}


def tagged(*keys: str) -> Row:
    return {"tags": [{"key": key, "value": "true"} for key in keys]}


HISTORY = (
    told("1 DATASET daily_orders | schema=daily_orders:amount", ownership=owned("Ann"), tags=tagged("pii")),
    told("2 COMPLETE r1 load: raw -> daily_orders"),
    told(
        "3 DATASET daily_orders | schema=daily_orders:amount,vat_rate", ownership=owned("Bo"), tags=tagged()
    ),
    told("4 DATASET s3/lake_copy | symlinks=s3/lake_copy:daily_orders schema=s3/lake_copy:etag"),
    told("5 DATASET daily_orders | kind=daily_orders:TABLE"),
    told("6 DATASET daily_orders | kind=daily_orders:VIEW"),
)


def words_now(history: Any, sizes: list[int]) -> dict[str, tuple[dict[str, tuple[str, ...]], Any]]:
    rows = everything_of(project_received(received(records_of(list(history))), sizes))
    return {row["key"]: read_words(row["props"]["words"]) for row in rows if "words" in row.get("props", {})}


def test_words_follow_tags_owners_and_columns() -> None:
    """The newest facet counts; a column once named stays, also those of other names of the same dataset."""
    before = words_now(HISTORY[:2], [1])[key_of("daily_orders")]
    assert (before[0]["tags"], before[0]["owners"], before[1]) == (("pii",), ("ann",), (("amount",),))
    after = words_now(HISTORY, [1])[key_of("daily_orders")]
    assert (after[0]["tags"], after[0]["owners"]) == ((), ("bo",))
    assert after[1] == (("amount",), ("etag",), ("vat", "rate"))


@pytest.mark.parametrize("sizes", [[1], [2, 1], []])
def test_words_are_a_function_of_the_events(sizes: list[int]) -> None:
    """L1 to L3: any order, copies and batches give the same words; every node that is searched has some."""
    wanted = words_now(HISTORY, [])
    assert words_now([*HISTORY[::-1], HISTORY[0]], sizes) == wanted
    assert {key.partition(":")[0] for key in wanted} == {"dataset", "job", "person"}


async def found(store: GraphStore, text: str) -> list[str]:
    projection = await read_projection(store)
    answer = await search(store, Question(text=text), Limits(), projection=projection)
    return [node.key for node in answer.nodes]


def test_what_is_found_is_what_is_there_now(graph: Database, tmp_path: Path) -> None:
    """L4: after each batch and after a rebuild, by every way of loading, the index finds the same; what changed is
    found by what it is now; nothing of it is exported.
    """
    texts = ("orders", "ann", "bo", "pii", "vat", "etag", "lake copy", "raw", "load", "jobs")

    async def work(store: GraphStore) -> None:
        async with home(store, tmp_path, records_of(list(HISTORY))) as made:
            await made.project([1] * len(HISTORY))
            projected = [await found(store, text) for text in texts]
            assert projected[1] == ["person::Ann"]
            assert projected[3] == []
            assert projected[2] == ["person::Bo", key_of("daily_orders")]
            assert projected[4] == [f"{key_of('daily_orders')}#vat_rate", key_of("daily_orders")]
            for bulk in graph.ways_to_fill():
                await made.rebuild(bulk)
                assert [await found(store, text) for text in texts] == projected
            blocks = [block async for block in export_blocks(store)]
            assert b'"words"' not in b"".join(blocks)
        await store.write([(EMPTY, {})])
        assert await found(store, "orders") == []

    graph.run(work)
