"""Which events must reach a receiver in the order of the journal?

A Marquez makes its model from the order in which it works through events, not from their times: the last event of
a run gives its state, the last run of a job its edges, the last write of a dataset its version, and a parent
that it does not know yet is invented. So two events keep their order where one changes what the other
changes or reads. All others may go at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graph_schema.errors import LineageError
from ingest import canonical
from ingest.facets import parent
from ingest.openlineage import Event, Io, identity_of, read_event

if TYPE_CHECKING:
    from collections.abc import Iterator


class Touched(NamedTuple):
    """What an event changes at a receiver and what it only reads, as keys; and whose it is, to be told."""

    changes: frozenset[str]
    reads: frozenset[str]
    run: str | None = None
    job: str | None = None


def touched(raw: bytes) -> Touched:
    """Say what an event touches; one that cannot be read again touches nothing."""
    try:
        event = read_event(canonical.canonical(canonical.parse(raw), raw=raw))
    except LineageError:
        return Touched(frozenset(), frozenset())
    changes = frozenset(_changed(event))
    run = f"run:{event.run}" if event.run else None
    return Touched(
        changes, frozenset(_read(event)) - changes, run=run, job=event.job.key if event.job else None
    )


def _changed(event: Event) -> Iterator[str]:
    if event.run:
        yield f"run:{event.run}"
    if event.job is not None:
        yield event.job.key
    for io in event.outputs or ():
        yield io.dataset.key
    if event.dataset is not None:
        yield event.dataset.dataset.key
    for io in _all(event):
        if "symlinks" in io.facets:  # a name that is given to a dataset is taken by whoever comes first
            yield io.dataset.key
            yield from _other_names(io)


def _read(event: Event) -> Iterator[str]:
    for io in event.inputs or ():
        yield io.dataset.key
    facet = event.run_facets.get("parent")
    if facet is None:
        return
    for side in parent.read(facet):
        if side.run is not None:
            yield f"run:{side.run}"


def _all(event: Event) -> Iterator[Io]:
    yield from event.inputs or ()
    yield from event.outputs or ()
    if event.dataset is not None:
        yield event.dataset


def _other_names(io: Io) -> Iterator[str]:
    identifiers = io.facets["symlinks"].get("identifiers")
    for one in identifiers if isinstance(identifiers, list) else ():
        named = identity_of(one, dataset=True)
        if named is not None:
            yield named.key
