"""Why do the sides differ? Every rule that can prove a cause, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app.compare.cause import UNEXPLAINED, Case, Cause
from app.compare.causes import answers, columns, delivery, edges, names, runs

Rule = Callable[[Case], Cause | None]

RULES: Final[tuple[Rule, ...]] = (
    *delivery.RULES,
    *names.RULES,
    *runs.RULES,
    *edges.RULES,
    *columns.RULES,
    *answers.RULES,
)


def explain(case: Case) -> Cause:
    """Give the first cause that is proven."""
    for rule in RULES:
        cause = rule(case)
        if cause is not None:
            return cause
    return Cause(UNEXPLAINED)
