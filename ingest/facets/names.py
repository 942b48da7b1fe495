"""What can a facet name? Datasets, jobs, runs, persons and fields, collected here."""

from __future__ import annotations

from typing import NamedTuple

from ingest.openlineage import Named


class MentionedRun(NamedTuple):
    """A run named inside a facet, with the job named beside it, if any."""

    uuid: str
    job: Named | None


class Names(NamedTuple):
    """What one facet names; `fields` are (dataset key, path)."""

    datasets: tuple[Named, ...] = ()
    jobs: tuple[Named, ...] = ()
    runs: tuple[MentionedRun, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    persons: tuple[Named, ...] = ()


NOTHING = Names()
