"""How are an event's names made canonical, before anything is derived from them (rule D5)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ingest.facets.stated import Column, Stated
from ingest.facts import Declared, Fact, Lifecycle, Listed, Told

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.facets.stated import Transformation

    Canonical = Callable[[str], str]


def of_fact(fact: Fact, canonical: Canonical) -> Fact:
    """Give a run's fact on canonical names; the same object where nothing changes."""
    names = {listed.dataset for listed in (*fact.inputs, *fact.outputs)}
    names |= {target for target, _ in fact.entries}
    names |= {
        name for change in fact.lifecycles for name in (change.dataset, change.previous) if name is not None
    }
    if all(canonical(name) == name for name in names):
        return fact
    return msgspec.structs.replace(
        fact,
        inputs=tuple(_listed(listed, canonical) for listed in fact.inputs),
        outputs=tuple(_listed(listed, canonical) for listed in fact.outputs),
        entries=tuple((canonical(target), sha) for target, sha in fact.entries),
        lifecycles=tuple(of_lifecycle(change, canonical) for change in fact.lifecycles),
    )


def _listed(listed: Listed, canonical: Canonical) -> Listed:
    name = canonical(listed.dataset)
    return Listed(name, listed.facets, listed.run_facets, listed.column_lineage, listed.lineage)


def of_lifecycle(change: Lifecycle, canonical: Canonical) -> Lifecycle:
    """Give a lifecycle change on canonical names."""
    previous = None if change.previous is None else canonical(change.previous)
    return Lifecycle(canonical(change.dataset), change.kind, previous)


def of_declared(event: Declared, canonical: Canonical) -> Declared:
    """Give a JobEvent's declarations on canonical names."""
    inputs = None if event.inputs is None else tuple(dict.fromkeys(map(canonical, event.inputs)))
    outputs = None if event.outputs is None else tuple((canonical(o), c, own) for o, c, own in event.outputs)
    entries = tuple((canonical(target), sha) for target, sha in event.entries)
    return Declared(event.order, inputs, outputs, event.has_lineage, entries)


def of_told(event: Told, canonical: Canonical) -> Told:
    """Give a DatasetEvent's telling on canonical names."""
    lifecycle = None if event.lifecycle is None else of_lifecycle(event.lifecycle, canonical)
    return Told(event.order, event.lineage, event.column_lineage, lifecycle)


def of_stated(stated: Stated, canonical: Canonical) -> Stated:
    """Give stated sources and columns on canonical names."""
    if all(canonical(source) == source for source in stated.sources):
        return stated
    columns: dict[Column, set[Transformation]] = {}
    for (source, path, target), transformations in stated.columns:
        columns.setdefault((canonical(source), path, target), set()).update(transformations)
    ordered = sorted(columns, key=lambda c: (c[0], c[1], c[2] is not None, c[2] or ""))
    return Stated(
        tuple(sorted({canonical(source) for source in stated.sources})),
        tuple((column, tuple(sorted(columns[column]))) for column in ordered),
        stated.none,
    )
