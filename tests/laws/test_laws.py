"""Is the graph a pure function of the set of events, and is it the function that the rules say?

`tests/laws/real.py` gives `real_export(history, batches)`: the export after the canonical events were taken
in the given order, in batches of the given sizes, the rest in one. Quick by default;
`pytest tests/laws --hypothesis-profile=deep` looks long, `python -m tests.laws.fuzz` as long as one likes.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.canonical import canonical
from tests.laws.cases import Case, complaints, read_cases
from tests.laws.compare import difference, known, told
from tests.laws.histories import SUBJECTS, History, histories
from tests.laws.naive import naive_export

real = pytest.importorskip("tests.laws.real")
subjects = pytest.mark.parametrize("subject", [*SUBJECTS, "mixed"])


def _same(wanted: list[Any], found: list[Any], *, names: tuple[str, str], history: History) -> None:
    said = difference(wanted, found, names=names)
    assert not said, f"\n{said}\nhistory:\n{told(history)}"


def _forms(history: History) -> History:
    return [(canonical(body), suspect) for body, suspect in history]


def _sizes(draw: st.DataObject, history: History) -> list[int]:
    return draw.draw(st.lists(st.integers(1, 4), max_size=len(history)))


@subjects
@given(data=st.data())
def test_equal_to_naive(subject: str, data: st.DataObject) -> None:
    """Sections 6 and 8 mean the same to both implementations, event by event."""
    history = _forms(data.draw(histories(subject)))
    wanted = naive_export(history)
    found = real.real_export(history, _sizes(data, history))
    _same(wanted, known(found), names=("naive", "real"), history=history)


@subjects
@given(data=st.data())
def test_order_copies_and_batches_do_not_matter(subject: str, data: st.DataObject) -> None:
    """L1, L2, L3: any permutation, any duplication, any batching gives the same graph."""
    history = _forms(data.draw(histories(subject)))
    copies = data.draw(st.lists(st.sampled_from(history), max_size=3))
    other = data.draw(st.permutations(history + copies))
    first = real.real_export(history, _sizes(data, history))
    second = real.real_export(other, _sizes(data, other))
    _same(first, second, names=("in order", "otherwise"), history=other)


@subjects
@given(data=st.data())
def test_rebuild_gives_the_same(subject: str, data: st.DataObject) -> None:
    """L4: an incremental graph and one made of all events at once are equal."""
    history = _forms(data.draw(histories(subject)))
    first = real.real_export(history, _sizes(data, history))
    _same(first, real.real_export(history), names=("incremental", "rebuilt"), history=history)


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: f"{case.rule}: {case.name}")
@pytest.mark.parametrize("batch", [1, 100])
def test_cases(case: Case, batch: int) -> None:
    """The hand-written cases hold for the real implementation, one event at a time and all at once."""
    history = case.events()
    assert complaints(case, real.real_export(history, [batch] * len(history))) == []


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: f"{case.rule}: {case.name}")
def test_cases_backwards(case: Case) -> None:
    """L1 on the hand-written cases, in the one order that is never the sent one."""
    history = case.events()
    assert complaints(case, real.real_export(history[::-1], [1] * len(history))) == []
