"""What may one question use, and what may be asked at all? Hitting a limit is visible in the answer, or an error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from graph_schema.errors import BadInput, LimitExceeded, NotSupported, TimedOut
from queries.walk import TRANSFORMATIONS

GRANULARITIES = ("DATASET", "FIELD", "JOB", "RUN")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one question may use: edges deep, nodes reached, rows on a page, seconds."""

    depth_max: int = 10_000
    nodes_max: int = 1_000_000
    page_max: int = 10_000
    time_s: float = 30.0

    def depth(self, asked: int | None) -> int:
        """Give how deep a walk may go that was asked for so many edges, or for all there are."""
        return self.depth_max if asked is None else min(asked, self.depth_max)

    def stops_short_of(self, asked: int | None) -> bool:
        """Tell whether a walk that goes as deep as it may has not gone as deep as was asked."""
        return asked is None or asked > self.depth_max


@asynccontextmanager
async def within(limits: Limits, advice: str) -> AsyncIterator[None]:
    """Let a question take its time and no more; raises TimedOut, with what to ask instead."""
    try:
        async with asyncio.timeout(limits.time_s):
            yield
    except TimeoutError as error:
        raise TimedOut(f"no answer within {limits.time_s:g} s; {advice}", limit_s=limits.time_s) from error


def check_granularity(granularity: str, built: Sequence[str]) -> None:
    """Refuse what is no granularity (BadInput), or none that the question can be asked at (NotSupported)."""
    if granularity not in GRANULARITIES:
        raise BadInput(f"granularity is one of {', '.join(built)}", granularity=granularity)
    if granularity not in built:
        raise NotSupported(
            f"granularity {granularity} is not built yet; ask with granularity {' or '.join(built)}",
            granularity=granularity,
        )


def check_transformations(granularity: str, transformations: str) -> None:
    """Refuse what is no choice of transformations, or one where no columns are walked; raises BadInput."""
    if transformations not in TRANSFORMATIONS:
        raise BadInput(
            f"transformations is one of {', '.join(TRANSFORMATIONS)}", transformations=transformations
        )
    if granularity != "FIELD" and transformations != "ALL":
        raise BadInput("only column edges say what was done to the data: ask with granularity FIELD")


def check_rows(first: int, rows_max: int, what: str = "rows") -> None:
    """Refuse a page of fewer than no rows (BadInput) or of too many (LimitExceeded)."""
    if first < 0:
        raise BadInput(f"a page has 0 {what} or more", first=first)
    if first > rows_max:
        raise LimitExceeded(
            f"a page has at most {rows_max} {what}; ask for fewer{' and go on with `after`' if what == 'rows' else ''}",
            first=first,
            limit=rows_max,
        )
