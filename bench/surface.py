"""What do small questions, big answers, past instants and searches take? On a graph that is there already."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from statistics import median
from typing import Final

from bench import estate, targets
from bench.estate import Size
from bench.figures import Figure, timed
from bench.measure import AS_OF, PAGE, expect, page, seconds
from bench.subjects import Subject
from bench.wire import Answer, Connection

_CONNECTIONS: Final = 8
_SMALL: Final = "{ node(key: %s) { key kind name } }"
_BIG: Final = 10_000
"""Nodes of one big answer; a server's HEADWATER_PAGE_MAX allows as many."""


async def surface(subject: Subject, size: Size, *, rounds: int) -> list[Figure]:
    """Ask small GraphQL questions side by side, for a big page, about the past against now, and by words."""
    return [
        await _small(subject, size, rounds=rounds),
        *await _big(subject, size, rounds=max(2, rounds // 8)),
        await _past(subject, size, rounds=rounds),
        *await _searches(subject, size, rounds=rounds),
    ]


async def _small(subject: Subject, size: Size, *, rounds: int) -> Figure:
    rng = random.Random(size.seed)
    flows = estate.flows(size)
    keys = iter([estate.table_key(rng.choice(flows).output) for _ in range(50 * rounds)])
    answers: list[Answer] = []

    async def ask() -> None:
        async with Connection(subject.url) as connection:
            for key in keys:
                body = json.dumps({"query": _SMALL % json.dumps(key)}).encode()
                answers.append(await connection.post("/graphql", body))

    begin = time.perf_counter()
    await asyncio.gather(*(ask() for _ in range(_CONNECTIONS)))
    taken = time.perf_counter() - begin
    expect(answers, {200})
    return Figure(
        "small GraphQL question, one process",
        len(answers) / taken,
        "answers/s",
        targets.SMALL_RATE,
        note=f"{_CONNECTIONS} connections",
    )


async def _big(subject: Subject, size: Size, *, rounds: int) -> list[Figure]:
    """Ask for one big page from the most read root; what it takes beside the same walk with a page of one row."""
    flows = estate.flows(size)
    ((hub, _),) = Counter(number for flow in flows for number in flow.inputs).most_common(1)
    key = estate.table_key(hub)
    async with Connection(subject.url) as connection:
        whole = [await page(connection, key, limit=_BIG) for _ in range(rounds + 1)][1:]
        depth = max((row["depth"] for row in whole[0].json()["nodes"]), default=0)
        walk = [await page(connection, key, limit=1, depth=depth, totals="true") for _ in range(rounds + 1)][
            1:
        ]
    expect([*whole, *walk], {200})
    nodes = len(whole[0].json()["nodes"])
    beside = 1000 * (median(seconds(whole)) - median(seconds(walk)))
    return [
        timed(f"page of {nodes:,} nodes over REST, most read root", seconds(whole)),
        Figure(
            f"page of {nodes:,} nodes, beside its walk",
            beside,
            "ms",
            targets.BIG,
            note="difference of medians",
        ),
    ]


async def _past(subject: Subject, size: Size, *, rounds: int) -> Figure:
    """Ask the same pages about now and about an instant at which every edge holds, in turn."""
    rng = random.Random(size.seed)
    flows = estate.flows(size)
    roots = [estate.table_key(rng.choice(rng.choice(flows).inputs)) for _ in range(rounds)]
    async with Connection(subject.url) as connection:
        asked = [
            (await page(connection, root, limit=PAGE), await page(connection, root, limit=PAGE, as_of=AS_OF))
            for root in roots * 2
        ][len(roots) :]
    now, then = ([answers[side] for answers in asked] for side in (0, 1))
    expect([*now, *then], {200})
    ratio = sum(seconds(then)) / sum(seconds(now))
    return Figure(f"page of {PAGE} as of an instant, against now", ratio, "times", targets.PAST)


async def _searches(subject: Subject, size: Size, *, rounds: int) -> list[Figure]:
    """Search by a whole rare word, by the beginning of many, and by words that everything has."""
    rng = random.Random(size.seed)
    flows = estate.flows(size)
    numbers = [rng.choice(flows).output for _ in range(rounds)]
    words = {
        "by a rare word": [f"{number:07}" for number in numbers],
        "by the beginning of a word": [f"layer {f'{number:07}'[:5]}" for number in numbers],
        "by a word of all": ["table"] * rounds,
    }
    figures = []
    async with Connection(subject.url) as connection:
        for what, texts in words.items():
            answers = [await connection.get("/api/v1/graph/search", q=text) for text in texts]
            expect(answers, {200})
            found = median(len(answer.json()["nodes"]) for answer in answers)
            name = f"search {what}, of {size.datasets:,} datasets"
            figures.append(timed(name, seconds(answers), targets.SEARCH, note=f"{found:g} found, median"))
    return figures
