"""Is the bundled estate what the demo says it is?"""

from __future__ import annotations

import json
from collections import Counter

from app.demo.estate import events
from ingest.canonical import canonical, parse
from ingest.openlineage import read_event
from tests.needs import ROOT

FILE = ROOT / "app" / "demo" / "estate.ndjson"


def test_the_file_holds_what_the_module_writes() -> None:
    """estate.ndjson is what `python -m app.demo.estate` prints."""
    assert [json.loads(line) for line in FILE.read_text().splitlines()] == events()


def test_every_event_is_accepted_without_warning() -> None:
    """The demo shows well-formed events only."""
    for line in FILE.read_bytes().splitlines():
        assert read_event(canonical(parse(line))).warnings == ()


def test_the_estate_has_the_hazards_it_is_there_to_show() -> None:
    """Events late and repeated, a failed run, a rename, a symlink, a streaming job, a model."""
    lines = FILE.read_text().splitlines()
    times = [event["eventTime"] for event in events()]
    assert times != sorted(times)
    assert max(Counter(lines).values()) == 2
    text = "\n".join(lines)
    assert text.count('"eventType":"FAIL"') == 1
    for word in ("previousIdentifier", "symlinks", "STREAMING", "columnLineage", '"datasetType":"MODEL"'):
        assert word in text
