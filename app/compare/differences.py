"""Where do two sides differ? Pure; says nothing of why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

from app.compare.side import Edge, Side

Kind = Literal[
    "job", "job name", "run", "run id", "run state", "dataset", "dataset name", "column", "column twice", "input",
    "output", "column edge", "lineage", "column lineage",
]  # fmt: skip

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


THERE: Final = "there"
"""What a side says of a thing that it has, where there is no more to say."""


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One thing on which the sides differ. `other` is the far end of an edge, or the job of a run.

    `ours` and `theirs` are what each side says, None where it has no such thing.
    """

    kind: Kind
    subject: str
    other: str | None
    ours: str | None
    theirs: str | None


def differences(ours: Side, theirs: Side) -> list[Difference]:
    """List every difference, by kind and subject; both sides under the same names."""
    found = [
        *_things("job", ours.jobs, theirs.jobs),
        *_runs(ours, theirs),
        *_things("dataset", ours.datasets, theirs.datasets),
        *_fields(ours, theirs),
        *(
            one
            for one in _edges("input", ours.inputs, theirs.inputs)
            if one.other not in theirs.edges_unknown
        ),
        *(
            one
            for one in _edges("output", ours.outputs, theirs.outputs)
            if one.subject not in theirs.edges_unknown
        ),
        *(
            one
            for one in _edges("column edge", ours.columns, theirs.columns)
            if dataset_of(one.other or "") not in theirs.columns_unknown
        ),
        *_answers(theirs),
    ]
    order = {kind: place for place, kind in enumerate(KINDS)}
    return sorted(found, key=lambda one: (order[one.kind], one.subject, one.other or ""))


def _things(kind: Kind, ours: set[str], theirs: set[str]) -> Iterator[Difference]:
    yield from (Difference(kind, one, None, THERE, None) for one in ours - theirs)
    yield from (Difference(kind, one, None, None, THERE) for one in theirs - ours)


def _runs(ours: Side, theirs: Side) -> Iterator[Difference]:
    for run, said in theirs.runs.items():
        own = ours.runs.get(run)
        if own is None:
            yield Difference("run", run, said.job, None, said.state or "no state")
        elif own.state != said.state:
            yield Difference("run state", run, said.job, own.state or "no state", said.state or "no state")
    for run, own in ours.runs.items():
        if run not in theirs.runs and own.job not in theirs.runs_cut:
            yield Difference("run", run, own.job, own.state or "no state", None)


def _fields(ours: Side, theirs: Side) -> Iterator[Difference]:
    """Compare columns; a dataset that one side has not at all is told once, without its columns."""
    both = ours.datasets & theirs.datasets
    for one in ours.fields.keys() - theirs.fields.keys():
        if dataset_of(one) in both:
            yield Difference("column", one, None, THERE, None)
    for one, times in theirs.fields.items():
        if one not in ours.fields and dataset_of(one) in both:
            yield Difference("column", one, None, None, THERE)
        elif one in ours.fields and times > 1:
            yield Difference("column twice", one, None, "once", f"{times} times")


def _answers(theirs: Side) -> Iterator[Difference]:
    """Tell what their answers hold beside what ours do, whatever the edges are."""
    for job, found in theirs.beside.items():
        more = f"{len(found)} more job" + ("s" if len(found) > 1 else "")
        yield Difference("lineage", job, None, "upstream and downstream", more)
    if theirs.backward is not None:
        yield Difference(
            "column lineage", theirs.backward, None, "from source to target", "from target to source"
        )


def _edges(kind: Kind, ours: set[Edge], theirs: set[Edge]) -> Iterator[Difference]:
    yield from (Difference(kind, source, target, THERE, None) for source, target in ours - theirs)
    yield from (Difference(kind, source, target, None, THERE) for source, target in theirs - ours)


def dataset_of(field: str) -> str:
    """Give the dataset's key of a field's key."""
    return field.partition("#")[0]
