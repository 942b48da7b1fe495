"""Why does an answer of theirs hold other things than ours, though the edges are the same?"""

from __future__ import annotations

from typing import Final

from app.compare.cause import Case, Cause, because


def siblings(case: Case) -> Cause | None:
    """Say it of a lineage: by its own edges, what it shows more hangs on a dataset that is shared."""
    one = case.difference
    return because("siblings", *case.theirs.beside[one.subject]) if one.kind == "lineage" else None


def column_direction(case: Case) -> Cause | None:
    """Say it of column lineage: an in-edge of a node ends elsewhere."""
    one = case.difference
    return because("column_direction", f"in-edges of {one.subject}") if one.kind == "column lineage" else None


RULES: Final = (siblings, column_direction)
