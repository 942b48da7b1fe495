"""How do files of events get to a server, and what became of each event?

Events go in batches, gzipped. One that could spoil its batch (broken JSON, or no object) goes alone, so that
the server's reason names it.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from app.cli.connection import check, patiently
from graph_schema.errors import NotCaughtUp

if TYPE_CHECKING:
    import httpx

BATCH_EVENTS_MAX: Final = 500
BATCH_BYTES_MAX: Final = 4 * 1024 * 1024
GZIP_LEVEL: Final = 1
POLL_S: Final = 0.1
STUCK_AFTER_S: Final = 120.0
REASONS_KEPT_MAX: Final = 1_000


class Event(Protocol):
    """An event as it stands in a file."""

    @property
    def raw(self) -> bytes: ...
    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...


@dataclass(slots=True)
class Outcome:
    """What became of the events; reasons are kept for the first thousand refused."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    warnings: int = 0
    reasons: list[dict[str, Any]] = field(default_factory=list)
    position: int = 0

    @property
    def sent(self) -> int:
        return self.accepted + self.duplicates + self.rejected


def send_all(client: httpx.Client, events: Iterable[Event], report: Callable[[Outcome], None]) -> Outcome:
    """Send every event; `report` is called after each batch."""
    outcome = Outcome()
    for batch in _batches(events):
        if len(batch) == 1:
            _send_one(client, batch[0], outcome)
        else:
            _send_batch(client, batch, outcome)
        report(outcome)
    # One that goes alone overtakes the batch being filled; who reads the reasons goes through the file.
    outcome.reasons.sort(key=lambda one: (one["file"], one["line"]))
    return outcome


def _batches(events: Iterable[Event]) -> Iterator[list[Event]]:
    held: list[Event] = []
    size = 0
    for event in events:
        if not _is_object(event.raw):
            yield [event]
            continue
        if held and (len(held) >= BATCH_EVENTS_MAX or size + len(event.raw) > BATCH_BYTES_MAX):
            yield held
            held, size = [], 0
        held.append(event)
        size += len(event.raw)
    if held:
        yield held


def _is_object(raw: bytes) -> bool:
    try:
        msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _send_batch(client: httpx.Client, batch: Sequence[Event], outcome: Outcome) -> None:
    body = _post(client, "/api/v1/lineage/batch", b"[%s]" % b",".join(event.raw for event in batch))
    failed = body["failed_events"]
    duplicates = int(body["summary"].get("duplicates", 0))
    outcome.accepted += len(batch) - len(failed) - duplicates
    outcome.duplicates += duplicates
    outcome.rejected += len(failed)
    outcome.warnings += len(body.get("warnings", ()))
    outcome.position = max(outcome.position, int(body["position"]))
    for failure in failed:
        _note(outcome, batch[failure["index"]], str(failure.get("code", "")), str(failure["reason"]))


def _send_one(client: httpx.Client, event: Event, outcome: Outcome) -> None:
    request = client.build_request("POST", "/api/v1/lineage", **_packed(event.raw))
    answer = patiently(client, request)
    if answer.status_code in {400, 413, 422}:
        body = answer.json()
        outcome.rejected += 1
        _note(outcome, event, str(body.get("code", "")), str(body.get("message", "")))
        return
    check(answer)
    body = answer.json()
    if "summary" in body:  # the value was an array of events
        outcome.accepted += body["summary"]["successful"] - int(body["summary"].get("duplicates", 0))
        outcome.duplicates += int(body["summary"].get("duplicates", 0))
        outcome.rejected += body["summary"]["failed"]
        for failure in body["failed_events"]:
            _note(outcome, event, str(failure.get("code", "")), str(failure["reason"]))
    else:
        outcome.accepted += not body["duplicate"]
        outcome.duplicates += body["duplicate"]
    outcome.warnings += len(body.get("warnings", ()))
    outcome.position = max(outcome.position, int(body["position"]))


def _post(client: httpx.Client, path: str, raw: bytes) -> dict[str, Any]:
    answer = patiently(client, client.build_request("POST", path, **_packed(raw)))
    check(answer)
    body: dict[str, Any] = answer.json()
    return body


def _packed(raw: bytes) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    return {"content": gzip.compress(raw, GZIP_LEVEL), "headers": headers}


def _note(outcome: Outcome, event: Event, code: str, reason: str) -> None:
    if len(outcome.reasons) < REASONS_KEPT_MAX:
        outcome.reasons.append({"file": event.file, "line": event.line, "code": code, "reason": reason})


def wait_projected(client: httpx.Client, position: int, report: Callable[[int], None]) -> None:
    """Wait until the graph holds everything up to a position; raises NotCaughtUp when nothing moves."""
    last, moved_at = -1, time.monotonic()
    while True:
        body = client.get("/readyz").json()
        projected = int(body.get("projected") or 0)
        if projected >= position and body.get("ready"):
            return
        if projected != last:
            last, moved_at = projected, time.monotonic()
            report(projected)
        if time.monotonic() - moved_at > STUCK_AFTER_S:
            raise NotCaughtUp(
                f"the events are kept, but the graph stands still at position {projected}; "
                "see the server's log, or `headwater status`",
                position=str(projected),
                at_least=str(position),
            )
        time.sleep(POLL_S)
