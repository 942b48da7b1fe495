"""What does a receiver's answer say about an event?

Measured on Marquez 0.51.1: 201 means that it is stored. 400, 413, 415 and 422 will be said again however
often the event is sent, and so will a 500 whose JSON body says code 400, which is how Marquez answers JSON that
it cannot read. Everything else is no verdict on the event: the receiver is away, busy, or not the one that was meant.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

ANSWER_CHARS_MAX: Final = 2_000
RETRY_AFTER_MAX_S: Final = 3_600.0
REFUSING: Final = frozenset({400, 413, 415, 422})
NOT_LET_IN: Final = frozenset({401, 403, 407})
NOT_THERE: Final = frozenset({404, 405, 410})
WAITING: Final = frozenset({429, 503})
OK, REDIRECTS, CLIENT_FAULTS, SERVER_FAULTS = 200, 300, 400, 500

Code = Literal[
    "RECEIVER_UNREACHABLE", "RECEIVER_SLOW", "RECEIVER_BUSY", "RECEIVER_FAILS", "RECEIVER_REDIRECTS",
    "RECEIVER_NOT_LET_IN", "RECEIVER_NOT_THERE",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came back: delivered, refused for good, or neither, then with a `code` and what to do in `message`.

    `answer` is the receiver's own, cut; `pause_s` is how long it asks to be left alone; `is_json` tells a refusal by a
    Marquez from a page that a gateway may have written.
    """

    kind: Literal["delivered", "refused", "again"]
    status: int | None = None
    answer: str = ""
    code: Code | None = None
    message: str = ""
    pause_s: float | None = None
    is_json: bool = False


def judge(status: int, headers: Mapping[str, str], body: bytes) -> Verdict:
    """Read an answer; header names are lower case."""
    answer = body.decode(errors="replace").replace("\x00", "\ufffd")[:ANSWER_CHARS_MAX]
    if OK <= status < REDIRECTS:
        return Verdict("delivered", status)
    if status in REFUSING or (status == SERVER_FAULTS and _says_400(body)):
        return Verdict("refused", status, answer, is_json=_read(body) is not None)
    code, message = _reason(status, headers)
    pause_s = _retry_after_s(headers.get("retry-after", "")) if status in WAITING else None
    return Verdict("again", status, answer, code, message, pause_s)


def _says_400(body: bytes) -> bool:
    said = _read(body)
    return said is not None and said.get("code") in REFUSING


def _read(body: bytes) -> dict[str, Any] | None:
    """Read an answer that is a JSON object."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _reason(status: int, headers: Mapping[str, str]) -> tuple[Code, str]:
    if status < CLIENT_FAULTS:
        to = headers.get("location", "nowhere")
        return (
            "RECEIVER_REDIRECTS",
            f"it answers {status} and sends to {to}; give HEADWATER_FORWARD the right address",
        )
    if status in NOT_LET_IN:
        return (
            "RECEIVER_NOT_LET_IN",
            f"it answers {status}; set HEADWATER_FORWARD_API_KEY to a key it accepts",
        )
    if status in NOT_THERE:
        return (
            "RECEIVER_NOT_THERE",
            f"it answers {status} at /api/v1/lineage; is HEADWATER_FORWARD a Marquez's address?",
        )
    if status in WAITING:
        return "RECEIVER_BUSY", f"it answers {status}; it is asked again later"
    return "RECEIVER_FAILS", f"it answers {status}; see its log. It is tried again"


def _retry_after_s(text: str) -> float | None:
    """Read `Retry-After`, seconds or a date; None for neither, at most an hour."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), RETRY_AFTER_MAX_S)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - datetime.now(UTC)).total_seconds(), 0.0), RETRY_AFTER_MAX_S)
