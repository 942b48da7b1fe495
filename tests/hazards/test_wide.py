"""What becomes of events beyond any usual size (hazard 27)? In a file that comes last: its export is long."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.hazards.telling import Story
from tests.hazards.test_facets import dressed

Tell = Callable[..., Story]


def test_hazard_27_a_wide_event_is_in_the_graph(tell: Tell) -> None:
    """Hazard 27: 600 columns of 12 sources each and a 300 kB facet are in the graph within seconds, and can be asked."""
    sources = [{"namespace": "db", "name": f"s{n}", "field": "f"} for n in range(12)]
    columns = [f"c{n:03d}" for n in range(600)]
    wide = dressed(
        "1 COMPLETE r1 load: s0 -> b",
        schema={"fields": [{"name": name, "type": "text"} for name in columns]},
        columnLineage={"fields": {name: {"inputFields": sources} for name in columns}},
        opaque={"blob": "x" * 300_000},
    )
    began = time.monotonic()
    story = tell(wide)
    assert story.edges("b") == {f"s{n} -> b" for n in range(12)}
    assert time.monotonic() - began < 20
    assert len(story.dataset("b")["fields"]) == 600
    assert len(story.rows("feeds_field")) == 7_200
    assert len(story.facet("b", "opaque")["body"]["blob"]) == 300_000
