"""Is an address understood, and never shown with its password?"""

from __future__ import annotations

import pytest
from psycopg.conninfo import conninfo_to_dict

from graph_schema.errors import BadInput
from ingest.sources.marquez.address import address_of


@pytest.mark.parametrize(
    ("text", "given", "shown", "password"),
    [
        ("marquez://u@h:5432/m", "", "marquez://u@h:5432/m", None),
        ("marquez://u@h:5432/m", "s/c?r&t", "marquez://u@h:5432/m", "s/c?r&t"),
        ("marquez://u:own@h/m", "other", "marquez://u:***@h/m", "own"),
        ("postgresql://u:p%40ss@h/m?sslmode=require", "", "postgresql://u:***@h/m?sslmode=require", "p@ss"),
        (
            "postgres://u@h/m?password=hid&sslmode=verify-full",
            "",
            "postgres://u@h/m?password=***&sslmode=verify-full",
            "hid",
        ),
        ("marquez://u@h/m?sslmode=require", "x", "marquez://u@h/m?sslmode=require", "x"),
        ("marquez://u@[::1]:5433/m", "", "marquez://u@[::1]:5433/m", None),
    ],
)
def test_passwords_are_used_and_not_shown(text: str, given: str, shown: str, password: str | None) -> None:
    """One in the address counts before one that is given apart; libpq reads what is made of both."""
    found = address_of(text, given)
    assert found.shown == shown
    assert conninfo_to_dict(found.conninfo).get("password") == password
    assert not found.is_http
    assert "p@ss" not in repr(found)


def test_every_option_of_libpq_is_taken() -> None:
    """TLS, search path and the rest are libpq's own."""
    found = conninfo_to_dict(
        address_of(
            "marquez://u@h:6/m?sslmode=verify-full&sslrootcert=/a/ca.pem&options=-csearch_path%3Dq"
        ).conninfo
    )
    assert found["sslmode"] == "verify-full"
    assert found["sslrootcert"] == "/a/ca.pem"
    assert found["options"] == "-csearch_path=q"
    assert (found["host"], found["port"], found["dbname"], found["user"]) == ("h", "6", "m", "u")


def test_http_is_told_apart() -> None:
    """The address of the API, without a slash at its end."""
    found = address_of("http://u:p@h:5000/")
    assert (found.is_http, found.conninfo, found.shown) == (True, "http://u:p@h:5000", "http://u:***@h:5000/")


@pytest.mark.parametrize(
    "text", ["", "h:5432", "mysql://h/m", "marquez://h", "marquez://h/", "marquez://h:x/m", "http://[::1"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """With an example of one."""
    with pytest.raises(BadInput, match="marquez://headwater@"):
        address_of(text)
