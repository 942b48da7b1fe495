"""Small random graphs whose links hold at some times, each as one job told them; hypothesis draws them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from graph_schema.instants import OPEN_END
from tests.queries.edges import day

SIZE = 7
DAYS = 9


@dataclass(frozen=True)
class Link:
    source: int
    target: int
    job: int
    spans: tuple[tuple[int, int | None], ...]
    last: int

    def holds(self, at: int | None, since: int | None) -> bool:
        inside = [
            end is None if at is None else start <= at and (end is None or at < end)
            for start, end in self.spans
        ]
        return any(inside) and (since is None or self.last >= since)


@st.composite
def links(draw: st.DrawFn) -> list[Link]:
    found: dict[tuple[int, int, int], Link] = {}
    for _ in range(draw(st.integers(0, 14))):
        source, target = draw(st.integers(0, SIZE - 1)), draw(st.integers(0, SIZE - 1))
        job = draw(st.integers(0, 1))
        times = sorted(draw(st.sets(st.integers(0, DAYS), min_size=1, max_size=4)))
        spans = [(start, end) for start, end in zip(times[::2], [*times[1::2], None], strict=False)]
        found[source, target, job] = Link(source, target, job, tuple(spans), draw(st.integers(0, DAYS)))
    return list(found.values())


def says(link: Link) -> dict[str, Any]:
    return {
        "job": f"job:n:{link.job}",
        "valid_from": [day(start) for start, _ in link.spans],
        "valid_to": [OPEN_END if end is None else day(end) for _, end in link.spans],
        "last_at": day(link.last),
    }
