"""What does a run write? The event that ends it changes that at a receiver, and most say only the run's id.

A Marquez makes a run's outputs the newest versions of their datasets when the run ends: who reads them next must not
overtake that. So each event of a run also touches what earlier ones of it wrote.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ingest.forward.touched import Touched

RUNS_MAX: Final = 50_000
"""Runs remembered: those that were heard of last."""


class Written:
    """What the runs that were heard of last said that they write."""

    def __init__(self, runs_max: int = RUNS_MAX) -> None:
        """Remember nothing yet."""
        self._runs_max = runs_max
        self._of_run: OrderedDict[str, frozenset[str]] = OrderedDict()

    def with_earlier(self, touched: Touched) -> Touched:
        """Add what earlier events of its run change, and remember what this one does, in the order of the journal."""
        if touched.run is None:
            return touched
        changes = touched.changes | self._of_run.pop(touched.run, frozenset())
        self._of_run[touched.run] = changes
        while len(self._of_run) > self._runs_max:
            self._of_run.popitem(last=False)
        return touched._replace(changes=changes, reads=touched.reads - changes)
