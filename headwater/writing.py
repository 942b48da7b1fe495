"""How are parameters and events written for the wire, and told apart afterwards?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec

from graph_schema.errors import BadInput

Sent = TypeVar("Sent")
Event = Mapping[str, Any]

BATCH_EVENTS_MAX: Final = 500
BATCH_BYTES_MAX: Final = 4 * 1024 * 1024


def written(value: Any) -> str | None:
    """Write a parameter as the server reads it; a time without a zone is UTC there."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, str | int):
        return None if value is None else str(value)
    return ",".join(value) or None


def json_of(event: Event) -> bytes:
    try:
        return json.dumps(event, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInput(
            f"the event cannot be written as JSON ({error}); give plain JSON values, times as text"
        ) from error


def batches(events: Iterable[Event]) -> Iterator[list[bytes]]:
    held: list[bytes] = []
    size = 0
    for event in events:
        raw = json_of(event)
        if held and (len(held) >= BATCH_EVENTS_MAX or size + len(raw) > BATCH_BYTES_MAX):
            yield held
            held, size = [], 0
        held.append(raw)
        size += len(raw)
    if held:
        yield held


def as_object(sent: Any) -> dict[str, Any]:
    return msgspec.convert(sent, dict[str, Any])


def shifted(told: Any, kind: type[Sent], by: int) -> list[Sent]:
    """Give what was told of the events of one batch with the places that they have among all."""
    moved = [{**one, "index": one["index"] + by} if "index" in one else one for one in told]
    return msgspec.convert(moved, list[kind])  # type: ignore[valid-type]
