"""Is JSON shown to a person still the same JSON?"""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from app.demo.pretty import WIDTH, pretty

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_what_is_shown_reads_back(value: object) -> None:
    """Breaking lines changes nothing."""
    assert json.loads(pretty(value)) == value


def test_short_parts_stand_on_one_line() -> None:
    """A list too long for a line is broken, its short members are not."""
    assert pretty([{"key": "x" * 40}] * 3).count("\n") == 4
    assert len(pretty(["x" * 20] * 3)) < WIDTH
