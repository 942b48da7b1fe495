"""What instant does a text mean, and how is an instant written?

Everywhere in Headwater a time is the text `YYYY-MM-DDThh:mm:ss.ffffffZ`, so that text order is time order.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

OPEN_END = "9999-12-31T23:59:59.999999Z"
"""How the open end of an interval is stored; null in answers and in the export."""

SUSPECT = "0001-01-01T00:00:00.000000Z"
"""How the instant of a suspect observation is written (rule F1)."""

_FORM = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?"
    r"(?:([Zz])|([+-])([0-9]{2})(?::?([0-9]{2})(?::?([0-9]{2}))?)?)?(\[[^\[\]]*\])?"
)
_CANONICAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_YEARS_400 = timedelta(days=146_097)


def parse_instant(text: str) -> str:
    """Read an ISO 8601 time (rule F1): no zone is UTC, any offset, cut to microseconds, a region after an
    offset ignored. Raises ValueError for everything else: a bare date, second 60, a region without an offset,
    a time outside UTC years 1 to 9998.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        msg = f"{text[:60]!r} is no ISO 8601 date and time"
        raise ValueError(msg)
    year, month, day, hour, minute, second, fraction, zulu, sign, off_h, off_m, off_s, region = match.groups()
    if region and not (zulu or sign):
        msg = f"{text[:60]!r} names a region without an offset"
        raise ValueError(msg)
    # Year 0 exists in no datetime, yet an offset can move it into year 1: the calendar repeats after 400 years.
    shift = int(year) == 0
    local = datetime(  # noqa: DTZ001 - the offset is subtracted below
        400 if shift else int(year), int(month), int(day), int(hour), int(minute), int(second or 0),
        int((fraction or "")[:6].ljust(6, "0")),
    )  # fmt: skip
    offset = _offset(sign, int(off_h or 0), int(off_m or 0), int(off_s or 0))
    try:
        utc = local - offset - _YEARS_400 if shift else local - offset
    except OverflowError as error:
        msg = f"{text[:60]!r} lies outside UTC years 1 to 9998"
        raise ValueError(msg) from error
    if utc.year > 9998:  # noqa: PLR2004 - DESIGN 5: the open end of intervals lies in year 9999
        msg = f"{text[:60]!r} lies outside UTC years 1 to 9998"
        raise ValueError(msg)
    return render_instant(utc)


def _offset(sign: str | None, hours: int, minutes: int, seconds: int) -> timedelta:
    if hours > 23 or minutes > 59 or seconds > 59:  # noqa: PLR2004 - parts of a clock
        msg = "the offset is no time of day"
        raise ValueError(msg)
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -size if sign == "-" else size


def render_instant(moment: datetime) -> str:
    """Write a UTC moment (naive, or aware in UTC) in the one form used everywhere."""
    return (
        f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}T"
        f"{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d}.{moment.microsecond:06d}Z"
    )


def is_canonical(text: str) -> bool:
    """Tell whether the text is already in the one form (not whether its day exists)."""
    return _CANONICAL.fullmatch(text) is not None


def to_datetime(instant: str) -> datetime:
    """Turn an instant in the one form into an aware datetime."""
    return datetime.fromisoformat(instant[:-1]).replace(tzinfo=UTC)


def now() -> str:
    """Say the present instant by the machine's clock."""
    return render_instant(datetime.now(UTC))


def plus_hours(instant: str, hours: float) -> str:
    """Move an instant by some hours; stays within the years a datetime has."""
    try:
        return render_instant(to_datetime(instant) + timedelta(hours=hours))
    except OverflowError:
        return OPEN_END if hours > 0 else SUSPECT
