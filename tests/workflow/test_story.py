"""Are the three questions of the story answered as was written by hand, from what real programs once told? On every engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import msgspec

from app.demo.__main__ import LOANS_EVENTS
from app.demo.questions import BUREAU, LOAN_MODEL
from queries.limits import Limits
from queries.lineage import Question, lineage
from queries.ml_paths import MlPathsQuestion, ml_paths
from queries.projection import read_projection
from queries.provenance import ProvenanceQuestion, provenance
from queries.store import GraphStore
from story.asking import EXPECTED, TOLD
from tests.engine import Database, on_every_engine
from tests.queries.storied import told

Json = dict[str, Any]
EVENTS: Final = [json.loads(line) for line in LOANS_EVENTS.read_text().splitlines()]


async def _asked(store: GraphStore) -> Json:
    """Ask all three, and give what is compared."""
    limits, projection = Limits(), await read_projection(store)
    answers = {
        "produced": await provenance(
            store, ProvenanceQuestion(model=LOAN_MODEL, version="2"), limits, projection=projection
        ),
        "impacted": await lineage(
            store, Question(of=BUREAU, direction="downstream"), limits, projection=projection
        ),
        "between": await ml_paths(store, MlPathsQuestion(dataset=BUREAU), limits, projection=projection),
    }
    return {name: TOLD[name](msgspec.to_builtins(answer)) for name, answer in answers.items()}


@on_every_engine
def test_the_three_answers_are_as_written_by_hand(graph: Database, tmp_path: Path) -> None:
    """What produced this model, which models are hit, and what lies between: story/expected.json, to the letter."""

    async def asked(store: GraphStore) -> Json:
        async with told(store, tmp_path, [(event, False) for event in EVENTS]):
            return await _asked(store)

    assert graph.run(asked) == json.loads(EXPECTED.read_text())


def test_the_record_names_no_machine() -> None:
    """Folders and ports of the performance that was recorded have stand-ins."""
    text = LOANS_EVENTS.read_text()
    assert not [word for word in ("/tmp/", "/root/", "/home/", "/work/", "127.0.0.1") if word in text]
