"""Does a time mean one instant (rule F1)?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_schema.instants import is_canonical, parse_instant, render_instant

moments = st.datetimes(datetime(1, 1, 3), datetime(9998, 12, 29))  # noqa: DTZ001 - a zone is drawn beside it
zones = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(moments, zones)
def test_an_offset_is_taken_off(moment: datetime, zone: timezone) -> None:
    """Any offset: the same instant in UTC, as Python reckons it."""
    aware = moment.replace(tzinfo=zone)
    assert parse_instant(aware.isoformat()) == render_instant(aware.astimezone(UTC))


@given(moments, moments)
def test_text_order_is_time_order(one: datetime, other: datetime) -> None:
    """What is written sorts as what it means."""
    assert (render_instant(one) < render_instant(other)) == (one < other)


@given(moments)
def test_what_is_written_reads_back(moment: datetime) -> None:
    """The one form is read as itself."""
    text = render_instant(moment)
    assert is_canonical(text)
    assert parse_instant(text) == text


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-05-01T10:00:00", "2026-05-01T10:00:00.000000Z"),
        ("2026-05-01t10:00:00z", "2026-05-01T10:00:00.000000Z"),
        ("2026-05-01 10:00", "2026-05-01T10:00:00.000000Z"),
        ("2026-05-01T10:00:00.123456999Z", "2026-05-01T10:00:00.123456Z"),
        ("2026-05-01T10:00:00,5+0200", "2026-05-01T08:00:00.500000Z"),
        ("2026-05-01T10:00:00+02:00[Europe/Berlin]", "2026-05-01T08:00:00.000000Z"),
        ("0000-12-31T23:30:00-01:00", "0001-01-01T00:30:00.000000Z"),
    ],
)
def test_times_producers_send(text: str, instant: str) -> None:
    """No zone is UTC; fractions are cut; a region after an offset is ignored."""
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-01",
        "2026-05-01T10:00:60Z",
        "2026-02-30T10:00:00Z",
        "2026-05-01T10:00:00[Europe/Berlin]",
        "9999-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "2026-05-01T10:00:00+24:00",
        "1777629600",
        "",
    ],
)
def test_times_that_mean_nothing(text: str) -> None:
    """A bare date, second 60, a region without an offset, a year outside 1 to 9998: refused."""
    with pytest.raises(ValueError, match=r"."):
        parse_instant(text)
