"""What does one side say? Plain values, alike for both, under our keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from graph_schema.identity import enc

Edge = tuple[str, str]


class Run(NamedTuple):
    """A run: the key of its job, and its state; None where the side only knows that there is one."""

    job: str | None
    state: str | None


class Unreadable(NamedTuple):
    """A question that a side did not answer: how many times, and the first answer that came instead."""

    what: str
    times: int
    answer: str


@dataclass(slots=True)
class Side:
    """Everything that is compared.

    `fields` counts how often a side lists a column. Edges are from source to target: `inputs` (dataset, job), `outputs`
    (job, dataset), `columns` (field, field). `runs_cut` are jobs with more runs than were read,
    `edges_unknown` jobs and `columns_unknown` datasets whose edges the side did not tell: these are not compared.
    """

    jobs: set[str] = field(default_factory=set)
    runs: dict[str, Run] = field(default_factory=dict)
    datasets: set[str] = field(default_factory=set)
    fields: dict[str, int] = field(default_factory=dict)
    inputs: set[Edge] = field(default_factory=set)
    outputs: set[Edge] = field(default_factory=set)
    columns: set[Edge] = field(default_factory=set)
    columns_closed: set[Edge] = field(default_factory=set)
    """Column edges that held once and do not now; only we tell."""

    canonical: dict[str, str] = field(default_factory=dict)
    """Names that are another's, by symlinks; only we tell."""

    mentioned: set[str] = field(default_factory=set)
    """Jobs and datasets that events name and that none of them speaks of; only we tell."""

    dropped: set[str] = field(default_factory=set)
    beside: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Jobs that the lineage of a job shows though they lie neither upstream nor downstream of it; only they tell."""

    backward: str | None = None
    """A column whose in-edges are told from end to start; only they tell."""

    edges_unknown: set[str] = field(default_factory=set)
    runs_cut: set[str] = field(default_factory=set)
    columns_unknown: set[str] = field(default_factory=set)
    unreadable: list[Unreadable] = field(default_factory=list)
    position: str = ""
    """Up to where our journal was in the graph when it was read."""

    def within(self, namespaces: Sequence[str]) -> Side:
        """Give what is of these namespaces, or all when none is named; edges go by their job, columns by their target."""
        if not namespaces:
            return self
        starts = tuple(f"{kind}:{enc(name)}:" for name in namespaces for kind in ("job", "dataset"))
        runs = {run: said for run, said in self.runs.items() if said.job and said.job.startswith(starts)}
        return replace(
            self,
            jobs={one for one in self.jobs if one.startswith(starts)},
            runs=runs,
            datasets={one for one in self.datasets if one.startswith(starts)},
            fields={one: times for one, times in self.fields.items() if one.startswith(starts)},
            inputs={edge for edge in self.inputs if edge[1].startswith(starts)},
            outputs={edge for edge in self.outputs if edge[0].startswith(starts)},
            columns={edge for edge in self.columns if edge[1].startswith(starts)},
            beside={job: found for job, found in self.beside.items() if job.startswith(starts)},
        )

    def one(self, dataset: str) -> str:
        """Give the name under which the lineage of a dataset is kept."""
        return self.canonical.get(dataset, dataset)
