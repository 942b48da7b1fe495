"""Are transformations and shapes told in words that a person reads?"""

from __future__ import annotations

from typing import Any

from app.cli.columns import SHAPES_MAX, done_to, shape_lines


def shape(number: int) -> dict[str, Any]:
    return {
        "source": f"dataset:n:a#{number}", "target": "dataset:n:b",
        "types": ["INDIRECT", None], "subtypes": ["FILTER", None], "maskings": [False, True],
    }  # fmt: skip


def test_what_was_done_is_said_in_few_words() -> None:
    """Type and subtype by a slash, masking as a word, what was not stated left out."""
    assert done_to(shape(1)) == "INDIRECT/FILTER, masked"
    assert done_to({"types": [None], "subtypes": [None], "maskings": [None]}) == ""


def test_shapes_are_cut_to_a_screen() -> None:
    """One line each under a heading, and how many more there are; nothing where there are none."""
    assert shape_lines([]) == []
    lines = [line.plain for line in shape_lines([shape(n) for n in range(SHAPES_MAX + 5)])]
    assert lines[1] == "  dataset:n:a#0 shapes dataset:n:b  INDIRECT/FILTER, masked"
    assert (len(lines), lines[-1]) == (SHAPES_MAX + 2, "  and 5 more; --json lists them")
