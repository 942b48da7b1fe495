"""Is there a test of the answers for every hazard of openlineage.md 4.3?"""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent


def test_every_hazard_has_a_test() -> None:
    """Each number from 1 to 30 stands in the name of at least one test of this folder, and no other number does."""
    texts = (path.read_text() for path in HERE.glob("test_*.py"))
    found = {
        int(number)
        for text in texts
        for number in re.findall(r"^def test_hazard_([0-9]{2})_", text, re.MULTILINE)
    }
    assert found == set(range(1, 31))
