"""Does the referee itself follow the rules? Each case is written by hand from DESIGN 6 and 8."""

from __future__ import annotations

import pytest

from tests.laws.cases import Case, complaints, read_cases
from tests.laws.naive import naive_export


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: f"{case.rule}: {case.name}")
def test_naive_case(case: Case) -> None:
    """What a story must give is written beside it; the naive implementation gives exactly that."""
    assert complaints(case, naive_export(case.events())) == []


def test_case_names_are_unique() -> None:
    """A failing case can be found by its name."""
    names = [(case.rule, case.name) for case in read_cases()]
    assert len(names) == len(set(names))
