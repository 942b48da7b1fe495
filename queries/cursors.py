"""How does a page say where the next one begins?

A cursor is a keyset: the sort values of the last row, bound to the question they belong to, so that a cursor
used with another question is refused instead of answering nonsense. Its text is opaque to callers.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

import msgspec

from graph_schema.errors import BadInput

_DIGEST_BYTES: Final = 9
CURSOR_CHARS_MAX: Final = 8_192
"""A key holds at most 2,048 bytes, so no honest cursor comes near."""


def encode_cursor(question: Sequence[Any], row: Sequence[Any]) -> str:
    """Write the cursor of a row under a question; both are lists of JSON values."""
    body = _digest(question) + msgspec.json.encode(list(row))
    return urlsafe_b64encode(body).decode().rstrip("=")


def decode_cursor(text: str, question: Sequence[Any], row_type: type[Any] | Any) -> Any:
    """Read a cursor's row as `row_type`; raises BadInput when it belongs to another question or to none."""
    if len(text) > CURSOR_CHARS_MAX:
        raise _bad(text)
    try:
        body = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        row = msgspec.json.decode(body[_DIGEST_BYTES:], type=row_type)
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise _bad(text) from error
    if body[:_DIGEST_BYTES] != _digest(question):
        raise BadInput("this cursor belongs to another question; ask the first page again", after=text[:200])
    return row


def _digest(question: Sequence[Any]) -> bytes:
    return sha256(msgspec.json.encode(list(question))).digest()[:_DIGEST_BYTES]


def _bad(text: str) -> BadInput:
    return BadInput("`after` is no cursor; give the page before's end_cursor as it came", after=text[:200])
