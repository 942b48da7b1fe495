"""Is what something was made from, as things stood, what plain loops over the graph find (decision 0066)?

The second implementation has no heap and no look-ups: it says of each dataset as of when it is looked at, again and again from
the beginning, until nothing changes.
"""

from __future__ import annotations

import asyncio
import itertools
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


def reads(dataset: str, when: str, facts: Facts) -> list[tuple[str, str]]:
    """What a dataset was made from, and when that was read."""
    at, found = when, []
    counted = [one for one in facts.writes if one.counts]
    by_then = [one for one in counted if one.at <= at]
    if facts.kind in {"LOGGED_MODEL", "MODEL_VERSION"} and by_then:
        named = [one for one in counted if one.run == facts.made_by] or by_then
        at = max(one.at for one in named)
    elif not by_then and counted:
        running = sorted((one.at, one.run) for one in counted if one.begins <= at)
        at = running[0][0] if running else at
    for edge in facts.entering:
        if not any(low <= at < high for low, high in zip(edge.valid_from, edge.valid_to, strict=True)):
            continue
        own = [one for one in counted if one.job == edge.job and one.at <= at]
        last = [one for one in own if one.at == max(each.at for each in own)]
        found += [(edge.source, at if facts.kind in VIEWS else min(one.begins, at)) for one in last]
        if not last:
            found.append((edge.source, at))
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


async def walks(store: GraphStore, roots: list[str], at: str) -> list[tuple[dict[str, str], dict[str, Made]]]:
    """What plain loops say of some roots, and what was walked."""
    found = []
    for root in roots:
        bounds = Bounds(10_000, 1_000_000, asyncio.get_running_loop().time() + 60)
        walk = await anchored_walk(store, root, at, bounds)
        facts = await read_facts(store, sorted(walk.made), 1_000_000)
        found.append((naive(root, at, facts), walk.made))
    return found


@on_one_line
def test_the_walk_is_what_plain_loops_find(graph: Database, tmp_path: Path) -> None:
    """From every dataset of the estate, at every hour and now: the same datasets, as of the same instants."""

    async def ask(store: GraphStore) -> None:
        for hour in (3, 5, 14, 23, 40):
            for expected, walked in await walks(
                store, [estate.VERSION_1, estate.VERSION_2, estate.VIEW], estate.hour(hour)
            ):
                assert set(expected) == set(walked)
                assert all(walked[key].at >= at for key, at in expected.items())

    after(graph, tmp_path, estate.STORY, ask)


@on_one_line
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_generated_histories_are_walked_alike(graph: Database, tmp_path: Path, seed: int) -> None:
    """Histories in which runs read and write few names over and over, cycles and drops included, always end."""
    events: list[tuple[dict[str, Any], bool]] = list(random_history(seed, "mixed", 40))

    async def work(store: GraphStore) -> None:
        async with told(store, tmp_path, events):
            keys = sorted({f"dataset:db:{name}" for name in "abcdef"})
            for _, walked in await walks(store, keys, estate.hour(40)):
                assert all(source.at <= one.at for one in walked.values() for source in one.sources)

    graph.run(work)
