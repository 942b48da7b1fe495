"""Does the real fold and derivation follow the rules? The referee's cases, on the real code."""

from __future__ import annotations

import pytest

from tests.laws.cases import Case, complaints, read_cases
from tests.laws.real import real_export


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: f"{case.rule}: {case.name}")
def test_real_case(case: Case) -> None:
    """What a story must give is written beside it; so does the real derivation, from one batch or event by event."""
    events = case.events()
    assert complaints(case, real_export(events)) == []
    assert complaints(case, real_export(events, [1] * len(events))) == []
