"""Which checks does an event state outside of any run (rule F11)?

Those of a DatasetEvent, of a JobEvent's lists, and of a dataset named beside a job. What stands in the lists of a run's
events is the run's own and is read with the run, where a newer event replaces an older one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.facets.quality import QUALITY
from ingest.facts import Checked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.facets.quality import CheckResult
    from ingest.openlineage import Event, Io


def checked_outside_runs(event: Event, order: str) -> list[Checked]:
    """Give the results per dataset; one that is stated in two places counts once."""
    listed = [] if event.kind == "run" else [*(event.inputs or ()), *(event.outputs or ())]
    if event.dataset is not None:
        listed.append(event.dataset)
    found: dict[str, dict[str, CheckResult]] = {}
    for io in listed:
        for result in _results(io):
            dataset = io.dataset.key
            found.setdefault(dataset, {})[result.identity(dataset)] = result
    return [Checked(dataset, order, tuple(results.values())) for dataset, results in found.items()]


def _results(io: Io) -> Iterator[CheckResult]:
    for facets in (io.facets, io.run_facets):
        for facet, read in QUALITY.items():
            if facet in facets:
                yield from read(facets[facet])
