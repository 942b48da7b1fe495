"""Is each answer read as what it is: stored, refused for good, or no verdict?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ingest.forward.verdict import ANSWER_CHARS_MAX, judge
from tests.ingest.forward.receiver import HTML
from tests.needs import SHARED, need

UNREADABLE = b'{"code":400,"message":"Unable to process JSON"}'


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (201, b"", "delivered"), (200, b"{}", "delivered"), (204, b"", "delivered"),
        (400, HTML, "refused"), (422, b'{"errors":["run.runId must not be null"]}', "refused"),
        (415, b'{"code":415}', "refused"), (413, b"", "refused"), (500, UNREADABLE, "refused"),
        (500, HTML, "again"), (500, b'{"code":500,"message":"x"}', "again"), (500, b"[400]", "again"),
        (502, b"", "again"), (503, b"", "again"), (504, UNREADABLE, "again"), (429, b"", "again"),
        (301, b"", "again"), (401, b"", "again"), (404, b'{"code":404}', "again"), (408, b"", "again"),
        (418, b"", "again"), (500, b"[" * 100_000, "again"),
    ],
)  # fmt: skip
def test_answers_as_measured(status: int, body: bytes, kind: str) -> None:
    """2xx is stored; 400, 413, 415, 422 and a 500 whose JSON says 400 are verdicts; nothing else is one."""
    verdict = judge(status, {}, body)
    assert (verdict.kind, verdict.status) == (kind, status)
    assert (verdict.code is None) == (kind != "again")


def test_recorded_answers_are_read_right() -> None:
    """Of the events that a real Marquez was sent: 201 was stored, 422 and the 500 about JSON were refused for good."""
    folder = SHARED / "corpora" / "marquez"
    need("recorded answers of a Marquez", here=folder.is_dir(), get_it="they lie beside the project's folder")
    kinds = set()
    for path in folder.glob("*/posts.ndjson"):
        for post in map(json.loads, path.read_text().splitlines()):
            verdict = judge(post["status"], {}, (post["body"] or "").encode())
            assert verdict.kind == ("delivered" if post["status"] == 201 else "refused")
            kinds.add(verdict.kind)
    assert kinds == {"delivered", "refused"}


def test_what_to_do_is_said() -> None:
    """A key that is wrong, an address that is none, a redirect: the message names the setting to mend."""
    moved = judge(301, {"location": "https://lineage.example/api/v1/lineage"}, b"")
    assert (moved.code, "https://lineage.example" in moved.message) == ("RECEIVER_REDIRECTS", True)
    assert "HEADWATER_FORWARD_API_KEY" in judge(401, {}, b"").message
    assert "HEADWATER_FORWARD" in judge(404, {}, b"").message


@pytest.mark.parametrize(
    ("text", "seconds"), [("7", 7.0), ("0", 0.0), ("", None), ("soon", None), ("²", None), ("999999", 3600.0)]
)
def test_the_time_asked_for(text: str, seconds: float | None) -> None:
    """Retry-After in seconds, at most an hour; what cannot be read is no wish."""
    assert judge(503, {"retry-after": text}, b"").pause_s == seconds


def test_the_time_asked_for_as_a_date() -> None:
    """Or as a date; one that has passed means now."""
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    asked = judge(429, {"retry-after": soon}, b"").pause_s
    assert asked is not None
    assert 50 < asked <= 60
    assert judge(429, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, b"").pause_s == 0.0


def test_an_answer_is_kept_short() -> None:
    """Whatever comes back, the list shows 2,000 characters, and no NUL."""
    answer = judge(400, {}, b"\x00\xff" * 5_000).answer
    assert len(answer) == ANSWER_CHARS_MAX
    assert "\x00" not in answer
