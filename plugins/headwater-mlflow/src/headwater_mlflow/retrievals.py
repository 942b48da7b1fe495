"""Which retrievals did a run make? Feast writes each over the one before; here all of them are kept.

Feast writes its tags one by one, `feast.project` first. When a run has made more than one retrieval, each is written as a
tag of its own before the run ends, so that whoever reads the run later knows of all.
"""

from __future__ import annotations

import json
from typing import Final

from headwater_mlflow.mapping.feast import KEPT

FIRST: Final = "feast.project"
REFS: Final = "feast.feature_refs"
VALUE_CHARS_MAX: Final = 7_900
RETRIEVALS_MAX: Final = 50


class Retrievals:
    """The retrievals of the runs of this process."""

    def __init__(self) -> None:
        """Know of none."""
        self._runs: dict[str, list[dict[str, str]]] = {}

    def note(self, run_id: str, key: str, value: str) -> None:
        """Take note of a tag."""
        if not key.startswith("feast."):
            return
        found = self._runs.setdefault(run_id, [{}])
        if REFS in found[-1] and key in {FIRST, REFS}:
            found.append({FIRST: found[-1].get(FIRST, "")})
        found[-1][key] = value

    def take(self, run_id: str) -> dict[str, str]:
        """Give the tags to keep for a run that ends, none where there was one retrieval or the same one again."""
        found = [one for one in self._runs.pop(run_id, []) if REFS in one]
        different: list[dict[str, str]] = []
        for one in found:
            if one not in different:
                different.append(one)
        if len(different) < 2:  # noqa: PLR2004 - one stands in Feast's own tags
            return {}
        written = {
            f"{KEPT}{place}": json.dumps(one) for place, one in enumerate(different[:RETRIEVALS_MAX], 1)
        }
        return {key: value for key, value in written.items() if len(value) <= VALUE_CHARS_MAX}
