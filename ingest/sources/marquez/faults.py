"""What went wrong at a Marquez, and what is to be done about it?"""

from __future__ import annotations

import importlib.util
from typing import Final

from graph_schema.errors import LineageError
from ingest.sources.faults import SourceRefused, SourceUnavailable

INSTALL: Final = "pip install 'headwater[marquez]'"
WRONG_PASSWORD: Final = frozenset({"28P01", "28000"})
NO_DATABASE: Final = "3D000"
NO_TABLE: Final = frozenset({"42P01", "42703", "3F000"})
NO_RIGHT: Final = "42501"
CANCELLED: Final = "57014"


class NotInstalled(LineageError):
    """A part that is left out by default is not installed."""

    code = "NOT_INSTALLED"


def check_installed() -> None:
    """Raise NotInstalled where the driver of PostgreSQL is missing."""
    if importlib.util.find_spec("psycopg") is None:
        raise NotInstalled(f"reading Marquez's database needs psycopg; install it: {INSTALL}")


def explained(error: Exception, shown: str) -> LineageError:
    """Turn what the driver says into an error that names the next step."""
    state = getattr(error, "sqlstate", None)
    said = " ".join(str(error).split()) or type(error).__name__
    if state in WRONG_PASSWORD or "password authentication failed" in said or "no password supplied" in said:
        step = (
            "give the password by HEADWATER_MARQUEZ_PASSWORD, PGPASSWORD or a passfile, and see pg_hba.conf"
        )
        return SourceRefused(f"{shown} does not let this user in ({said}); {step}", address=shown)
    if state == NO_DATABASE or ("database" in said and "does not exist" in said):
        return SourceRefused(f"{shown}: {said}; name Marquez's database at the end", address=shown)
    if state in NO_TABLE:
        step = "name the database that Marquez migrated, with its schema in `?options=-csearch_path=SCHEMA`"
        return SourceRefused(
            f"{shown} has no table lineage_events as Marquez makes it ({said}); {step}", address=shown
        )
    if state == NO_RIGHT:
        step = "GRANT SELECT ON lineage_events TO this role"
        return SourceRefused(f"{shown} does not let this role read ({said}); {step}", address=shown)
    if state == CANCELLED:
        step = "it is asked for less at once; raise HEADWATER_FOLLOW_TIMEOUT_S where it is always so slow"
        return SourceUnavailable(f"{shown} did not answer in time ({said}); {step}", address=shown)
    return SourceUnavailable(f"{shown} cannot be read now ({said}); it is tried again", address=shown)
