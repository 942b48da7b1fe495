"""Is joining a union: whatever the order, the grouping, and however often (DESIGN 1.2)?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import canonical
from ingest.project.batch import Received, read_contribution
from tests.ingest.joined import JOINED, Batch, joined
from tests.laws.fuzz import forms_of
from tests.laws.histories import SUBJECTS, histories


def batches(history: list[tuple[Any, bool]]) -> tuple[Batch, Batch, Batch]:
    """Cut a history into three."""
    read = [
        read_contribution(Received(canonical.text_of(form), canonical.digest(form), suspect))
        for form, suspect in forms_of(history)
    ]
    third = len(read) // 3
    return read[:third], read[third : 2 * third], read[2 * third :]


@pytest.mark.parametrize("subject", [*SUBJECTS, "mixed"])
@settings(max_examples=20)
@given(data=st.data())
def test_joining_is_a_union(subject: str, data: st.DataObject) -> None:
    """Commutative, associative and idempotent: the state holds the same rows."""
    a, b, c = batches(data.draw(histories(subject)))
    together = joined(a, b, c)
    assert joined(c, a, b) == together
    assert joined(b + c, a) == together
    assert joined(a + b + c) == together
    assert joined(a, b, a, c, c, b) == together


def test_every_joined_table_is_compared() -> None:
    """What joining fills is what is compared above."""
    text = (Path(__file__).parents[2] / "ingest" / "state.sql").read_text()
    block = text.split("-- What the fold joined")[1].split("\n-- ")[0]
    assert [line.split()[2] for line in block.splitlines() if line.startswith("CREATE TABLE")] == list(JOINED)
