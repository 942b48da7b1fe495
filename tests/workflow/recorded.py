"""What did a real Feast send, and what did its registry answer? As it was recorded, see feast/README.md."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from ingest.sources.feast.registry import LISTS, Snapshot, snapshot_of

RECORDED: Final = Path(__file__).parent / "feast" / "recorded"
PROJECT: Final = "loans"
NAMESPACE: Final = "feast://loans.example/loans"
CONFIGURED: Final = "feast://loans.example"

Json = dict[str, Any]


@cache
def answers() -> dict[str, bytes]:
    """Give the registry's answers, by what was asked."""
    return {name: (RECORDED / "registry" / f"{name}.json").read_bytes() for name in ("projects", *LISTS)}


def snapshot() -> Snapshot:
    """Give the registry as it was."""
    return snapshot_of(PROJECT, answers())


def events() -> list[Json]:
    """Give Feast's own events, in the order in which it sent them."""
    return [json.loads(line) for line in (RECORDED / "events.ndjson").read_text().splitlines()]


def changed(name: str, change: Any) -> dict[str, bytes]:
    """Give the answers with one of them changed by a function of its objects."""
    (member,) = {*json.loads(answers()[name])} - {"pagination"}
    answer = json.loads(answers()[name])
    change(answer[member])
    return {**answers(), name: json.dumps(answer).encode()}
