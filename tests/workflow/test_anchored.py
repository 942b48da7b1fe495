"""Is what something was made from, as things stood, what plain loops over the graph find (decision 0066)?

The second implementation has no heap and no look-ups: it says of each dataset as of when it is looked at, again and again from
the beginning, until nothing changes.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.acts import Write
from queries.anchored import Bounds, Entering, Facts, Made, anchored_walk, made, read_facts
from queries.store import GraphStore
from tests.engine import Database, on_one_line
from tests.laws.histories import random_history
from tests.queries.storied import told
from tests.workflow import estate
from tests.workflow.test_provenance import after

VIEWS = {"VIEW", "FEATURE_VIEW", "FEATURE_SERVICE"}
ROUNDS_MAX = 200


def naive(root: str, at: str, facts: dict[str, Facts]) -> dict[str, str]:
    """As of when each dataset is looked at: the newest read of it by anything that is looked at."""
    looked = {root: at}
    for _ in range(ROUNDS_MAX):
        found = {root: at}
        for dataset, when in looked.items():
            for source, read in reads(dataset, when, facts[dataset]):
                found[source] = max(read, found.get(source, ""))
        found[root] = max(found[root], at)
        if found == looked:
            return found
        looked = found
    raise AssertionError("it never settles")


def last_of(writes: Sequence[Write], at: str, drops: Sequence[str]) -> list[Write]:
    """The last writes by an instant, since the last drop: certain ones, else of runs that are still open."""
    floor = max((one for one in drops if one <= at), default="")
    for sort in ([one for one in writes if one.counts], [one for one in writes if one.open]):
        running = [one for one in sort if one.began_at is not None and one.began_at <= at < one.at]
        done = [one for one in sort if floor <= one.at <= at]
        newest = at if running else max((one.at for one in done), default="")
        found = running + [one for one in done if one.at == newest]
        if found:
            return found
    return []


def reads(dataset: str, when: str, facts: Facts) -> list[tuple[str, str]]:
    """What a dataset was made from, and when that was read."""
    at, found = when, []
    counted = [one for one in facts.writes if one.counts]
    by_then = last_of(facts.writes, at, facts.drops)
    if facts.kind in {"LOGGED_MODEL", "MODEL_VERSION"} and by_then:
        named = [one for one in counted if one.run == facts.made_by] or by_then
        at = max(one.at for one in named)
    elif not by_then and counted:
        running = sorted((one.at, one.run) for one in counted if one.begins <= at)
        at = running[0][0] if running else at
    for edge in facts.entering:
        if not any(low <= at < high for low, high in zip(edge.valid_from, edge.valid_to, strict=True)):
            continue
        last = last_of([one for one in facts.writes if one.job == edge.job], at, facts.drops)
        for one in last:
            goes_on = facts.kind in VIEWS or one.began_at is not None
            found.append((edge.source, when if goes_on else min(one.begins, when)))
        if not last:
            found.append((edge.source, when))
    return [(source, read) for source, read in found if source != dataset]


INSTANTS = [estate.hour(number) for number in range(1, 9)]
NAMES = ["a", "b", "c", "d"]


@st.composite
def histories(draw: st.DrawFn) -> dict[str, Facts]:
    """Datasets that a few jobs wrote at some instants, each run with what it read; edges are open from the first on."""
    numbers = itertools.count()
    facts: dict[str, Facts] = {}
    for name in NAMES:
        writes, entering = [], []
        for job in draw(st.lists(st.sampled_from(["j", "k"]), max_size=2, unique=True)):
            ends = draw(st.lists(st.sampled_from(INSTANTS), min_size=1, max_size=3, unique=True))
            for at in ends:
                begun = draw(st.sampled_from(INSTANTS))
                writes.append(Write(f"run:{next(numbers)}", name, at, job=job, started_at=min(begun, at)))
            for source in draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True)):
                opened = draw(st.sampled_from(INSTANTS))
                closed = draw(st.sampled_from([*(one for one in INSTANTS if one > opened), "9999"]))
                entering.append(Entering(source, job, "PRODUCT", [opened], [closed], 0))
        kind = draw(st.sampled_from(["TABLE", "FEATURE_VIEW", "LOGGED_MODEL"]))
        facts[name] = Facts(kind, None, entering, writes)
    return facts


@given(facts=histories())
def test_what_a_dataset_was_made_from_is_what_plain_loops_say(facts: dict[str, Facts]) -> None:
    """The rule for one dataset, at every instant: the same sources, read at the same instants."""
    for name, at in itertools.product(NAMES, INSTANTS):
        found = made(name, at, facts[name])
        assert {(one.dataset, one.at) for one in found.sources if one.dataset != name} == set(
            reads(name, at, facts[name])
        )


@given(facts=histories(), later=st.sampled_from(["TABLE", "FEATURE_VIEW"]))
def test_writes_that_begin_later_change_nothing(facts: dict[str, Facts], later: str) -> None:
    """Law: a run that begins after an instant, whatever it reads, does not change how things stood at that instant."""
    after_all = Write("run:later", "a", estate.hour(30), job="j", started_at=estate.hour(29))
    opened = Entering("d", "new", "EXPLICIT", [estate.hour(30)], ["9999"], 0)
    for at in INSTANTS:
        before = facts["a"]._replace(kind=later)
        grown = before._replace(writes=[*before.writes, after_all], entering=[*before.entering, opened])
        assert made("a", at, grown) == made("a", at, before)


async def walks(
    store: GraphStore, roots: list[str], at: str
) -> list[tuple[dict[str, Made], dict[str, Made]]]:
    """How datasets stood as of the instants that plain loops find from some roots, and what was walked."""
    found = []
    for root in roots:
        bounds = Bounds(10_000, 1_000_000, asyncio.get_running_loop().time() + 60)
        walk = await anchored_walk(store, root, at, bounds)
        facts = await read_facts(store, sorted(walk.made), 1_000_000)
        expected = {key: made(key, when, facts[key]) for key, when in naive(root, at, facts).items()}
        found.append((expected, walk.made))
    return found


@on_one_line
def test_the_walk_is_what_plain_loops_find(graph: Database, tmp_path: Path) -> None:
    """From every dataset of the estate, at every hour and now: the same datasets, as of the same instants."""

    async def ask(store: GraphStore) -> None:
        for hour in (3, 5, 14, 23, 40):
            roots = [estate.VERSION_1, estate.VERSION_2, estate.VIEW]
            for expected, walked in await walks(store, roots, estate.hour(hour)):
                assert walked == expected

    after(graph, tmp_path, estate.STORY, ask)


@on_one_line
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_generated_histories_are_walked_alike(graph: Database, tmp_path: Path, seed: int) -> None:
    """Histories in which runs read and write few names over and over, cycles and drops included, always end."""
    events: list[tuple[dict[str, Any], bool]] = list(random_history(seed, "mixed", 40))

    async def work(store: GraphStore) -> None:
        async with told(store, tmp_path, events):
            keys = sorted({f"dataset:db:{name}" for name in "abcdef"})
            for expected, walked in await walks(store, keys, estate.hour(40)):
                assert walked == expected

    graph.run(work)
