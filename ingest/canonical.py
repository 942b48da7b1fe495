"""When are two bodies the same event?

The canonical form is the parsed JSON with null members dropped, `eventTime` in UTC microseconds, `parentRun`
written as `parent`, and 12.0 as 12. Its hash names the event, however and how often it arrives (DESIGN 4).
"""

from __future__ import annotations

import json
import math
import re
from hashlib import sha256
from typing import Any

import orjson

from graph_schema.errors import BadJson, EventRejected
from graph_schema.instants import parse_instant

DEPTH_MAX = 200
"""Levels of nesting; a fixed number, so that the door and the projector always agree."""

# What the fast parser would not read exactly: integers beyond 64 bits, and numbers it must not round.
_BLANKS = b" \t\r\n"
_NUMBERS_ALIKE = bytes(
    ord("0")
    if byte in b"0123456789+-"
    else ord(".")
    if byte in b".eE"
    else ord(",")
    if byte in b",]}"
    else ord(" ")
    for byte in range(256)
)
"""Digits and signs as 0, the signs of a fraction as a point, what may follow a number as a comma."""

_LONG_DIGITS = b"0" * 19
# The end of a number with a fraction or an exponent; in a text too, where the slow way is taken for nothing.
_NO_INTEGER = re.compile(rb"0\.[0.]*(?:,|\Z)")


def parse(raw: bytes) -> Any:
    """Read a JSON body exactly; raises BadJson for NaN, Infinity, integers of more than 4,300 digits, bad
    Unicode or nesting beyond DEPTH_MAX.
    """
    try:
        parsed = _parse_fast(raw)
        if parsed is None:
            parsed = json.loads(raw, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        msg = f"the body is no JSON: {error or 'nested too deeply'}; send one event or an array of them"
        raise BadJson(msg) from error
    if raw.count(b"[") + raw.count(b"{") > DEPTH_MAX:
        _check_depth(parsed)
    return parsed


def _parse_fast(raw: bytes) -> Any:
    if _LONG_DIGITS in raw.translate(_NUMBERS_ALIKE):
        return None
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None  # lone surrogates and other encodings are legal here, so the exact parser decides


def _refuse_constant(name: str) -> float:
    msg = f"{name} is no JSON number"
    raise ValueError(msg)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        msg = f"{text[:40]} is out of range"
        raise ValueError(msg)
    return number


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEPTH_MAX):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    msg = f"the body is nested deeper than {DEPTH_MAX} levels; flatten its facets"
    raise BadJson(msg)


def canonical(event: Any, *, raw: bytes | None = None) -> dict[str, Any]:
    """Give an event's canonical form; raises EventRejected where it is no object or has no usable eventTime.

    `raw` is the event's own body where it is known: most bodies hold nothing that the form changes, and
    then the walk over the whole event is left out.
    """
    if not isinstance(event, dict):
        raise EventRejected(
            "EVENT_NOT_OBJECT", "an event is a JSON object; send one, or an array of them", ""
        )
    same = raw is not None and not _is_changed(raw)
    form: dict[str, Any] = dict(event) if same else _normal(event)
    form["eventTime"] = _event_time(form.get("eventTime"))
    run = form.get("run")
    facets = run.get("facets") if isinstance(run, dict) else None
    if isinstance(run, dict) and isinstance(facets, dict) and "parentRun" in facets:
        renamed = {name: body for name, body in facets.items() if name != "parentRun"}
        renamed.setdefault("parent", facets["parentRun"])
        form["run"] = {**run, "facets": renamed}
    return form


def _is_changed(raw: bytes) -> bool:
    """Tell whether the form may change anything in a body; NUL shows UTF-16, where nothing looks as here."""
    return b"null" in raw or b"\x00" in raw or _has_fraction(raw)


def _has_fraction(text: bytes) -> bool:
    """Tell whether a number may have a fraction or an exponent. A literal beginning is found three times as fast."""
    return _NO_INTEGER.search(text.translate(_NUMBERS_ALIKE, _BLANKS)) is not None


def _normal(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _normal(member) for key, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_normal(element) for element in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _event_time(value: Any) -> str:
    if value is None:
        raise EventRejected(
            "EVENT_TIME_MISSING", "the event has no eventTime; send an ISO 8601 date and time", "/eventTime"
        )
    if not isinstance(value, str):
        raise EventRejected(
            "EVENT_TIME_BAD", "eventTime is no text; send an ISO 8601 date and time", "/eventTime"
        )
    try:
        return parse_instant(value)
    except ValueError as error:
        msg = (
            f"eventTime cannot be read: {error}; send an ISO 8601 date and time, such as 2026-05-01T10:00:00Z"
        )
        raise EventRejected("EVENT_TIME_BAD", msg, "/eventTime") from error


def text_of(value: Any) -> bytes:
    """Write a canonical value: keys by code point, no blanks, lone surrogates as three bytes."""
    try:
        fast = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        fast = None  # lone surrogates and integers beyond 64 bits
    # The two writers differ in floats alone (1e16 and 1e+16), and this one is five times as fast.
    if fast is not None and not _has_fraction(fast):
        return fast
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def value_of(text: bytes) -> Any:
    """Read what `text_of` wrote."""
    read = _parse_fast(text)
    return json.loads(text.decode("utf-8", "surrogatepass")) if read is None else read


def digest(form: dict[str, Any]) -> bytes:
    """Hash a canonical form: the 32 bytes that name the event."""
    return sha256(text_of(form)).digest()
