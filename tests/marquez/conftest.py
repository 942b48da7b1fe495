"""Which Marquez is there to test beside? Any that runs; its data is left alone, and every test's names are its own.

`HEADWATER_TEST_MARQUEZ` is its address, `HEADWATER_TEST_MARQUEZ_DB` that of its database, as a role that may read. This
is the one suite that CI does not ask for: Marquez's server is on no package registry.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest


@dataclass(frozen=True, slots=True)
class Marquez:
    """A Marquez that runs, and its database."""

    url: str
    database: str


@pytest.fixture(scope="session")
def marquez() -> Marquez:
    url, database = (os.environ.get(f"HEADWATER_TEST_MARQUEZ{part}") for part in ("", "_DB"))
    if not url or not database:
        pytest.skip("LEFT OUT: no Marquez; name one by HEADWATER_TEST_MARQUEZ and HEADWATER_TEST_MARQUEZ_DB")
    return Marquez(url.rstrip("/"), database)
