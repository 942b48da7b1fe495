"""What happens to a test whose server, program or data this machine lacks?

It is left out, loudly; with HEADWATER_REQUIRE=all, as CI sets it, leaving it out is a failure.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
SHARED: Final = ROOT.parent / "shared"


def need(what: str, *, here: bool, get_it: str) -> None:
    """Go on when `what` is here; otherwise skip the test, or fail it where nothing may be left out."""
    if here:
        return
    reason = f"LEFT OUT: {what} is not here; {get_it}"
    if os.environ.get("HEADWATER_REQUIRE") == "all":
        pytest.fail(reason.replace("LEFT OUT", "HEADWATER_REQUIRE=all"), pytrace=False)
    pytest.skip(reason)


def corpus() -> Path:
    """Give the folder of real producers' events, which lies beside the project."""
    folder = SHARED / "corpora" / "openlineage"
    need("the corpus of real events", here=folder.is_dir(), get_it="it belongs beside the project's folder")
    return folder
