"""Which sources does an output have in a run, or in a job's declaration (rule D2)?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ingest.derive.observations import Content, Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ingest.facets.stated import Column, Stated, Transformation


class Statement(NamedTuple):
    """What a run (or a declaration) lists and states, united over its events.

    `has_lineage` switches the product off; `entries` are all lineage entries of an output,
    `column_lineage` the newest of an output.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    has_lineage: bool
    entries: Mapping[str, tuple[Stated, ...]]
    column_lineage: Mapping[str, Stated]


def contents(said: Statement, outputs: Iterable[str]) -> dict[str, Content]:
    """Give each of the outputs its sources: the first of lineage, columnLineage and product that applies."""
    if said.has_lineage:
        return {output: _by_lineage(said, output) for output in outputs}
    stated = {output: said.column_lineage[output] for output in said.outputs if _names(said, output)}
    left: tuple[str, ...] = ()
    if stated and len(stated) == len(set(said.outputs)):
        # Every output says where its columns come from, yet producers name CTEs there and leave out tables:
        # an input that none of them names still feeds them, as a guess.
        named = {source for found in stated.values() for source in found.sources}
        left = tuple(source for source in said.inputs if source not in named)
    return {output: _by_columns(stated.get(output), left, said.inputs) for output in outputs}


def _names(said: Statement, output: str) -> bool:
    found = said.column_lineage.get(output)
    return found is not None and bool(found.sources)


def _by_columns(stated: Stated | None, left: tuple[str, ...], inputs: tuple[str, ...]) -> Content:
    if stated is None:
        return Content(_rated(inputs, Evidence.PRODUCT))
    known = dict(_rated(left, Evidence.PRODUCT)) | dict(_rated(stated.sources, Evidence.COLUMN))
    return Content(tuple(sorted(known.items())), stated.columns)


def _by_lineage(said: Statement, output: str) -> Content:
    entries = said.entries.get(output)
    if entries is None:
        stated = said.column_lineage.get(output)
        return Content(_rated(stated.sources, Evidence.COLUMN), stated.columns) if stated else Content()
    sources = {source for entry in entries for source in entry.sources}
    none = not sources and any(entry.none for entry in entries)
    return Content(_rated(sources, Evidence.EXPLICIT), _united_columns(entries), none, none)


def _united_columns(entries: Iterable[Stated]) -> tuple[tuple[Column, tuple[Transformation, ...]], ...]:
    united: dict[Column, set[Transformation]] = {}
    for entry in entries:
        for column, transformations in entry.columns:
            united.setdefault(column, set()).update(transformations)
    ordered = sorted(united, key=lambda c: (c[0], c[1], c[2] is not None, c[2] or ""))
    return tuple((column, tuple(sorted(united[column]))) for column in ordered)


def _rated(sources: Iterable[str], evidence: Evidence) -> tuple[tuple[str, int], ...]:
    return tuple((source, int(evidence)) for source in sorted(set(sources)))
