"""Do the generated histories and the referee hold together before anything is compared with them?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.canonical import canonical
from tests.laws.compare import difference
from tests.laws.histories import SUBJECTS, histories
from tests.laws.naive import naive_export


@pytest.mark.parametrize("subject", [*SUBJECTS, "mixed"])
@given(data=st.data())
def test_naive_is_a_function_of_the_set(subject: str, data: st.DataObject) -> None:
    """L1, L2 on the referee: it never raises, and order and copies do not matter to it."""
    history = data.draw(histories(subject))
    forms = [(canonical(body), suspect) for body, suspect in history]
    first = naive_export(forms)
    assert difference(first, naive_export([*forms[::-1], forms[0]]), names=("first", "second")) == ""
