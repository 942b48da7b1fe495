"""What do some events of one run (or the one event that holds a declaration) state about each output?

D2 and the reading of `lineage` and `columnLineage`; readings 13, 17 and 22 of decision 0002.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.laws.naive_events import (
    OUTPUT,
    Event,
    Facets,
    dataset_name,
    entries,
    facet,
    inputs_of,
    is_tombstone,
    job_facet,
    live,
    members,
    objects,
    outputs_of,
    uses,
)
from tests.laws.naive_said import feast_entries, feast_states

EVIDENCE = ("PRODUCT", "DECLARED", "RENAME", "COLUMN", "EXPLICIT")
"""D2: from weakest to strongest."""
Transformation = tuple[str, str, bool]


@dataclass(frozen=True, slots=True, order=True)
class ColumnEdge:
    """D4: a source field that gives a field of the output, or shapes all of it (`path` None)."""

    source: str
    field: str
    path: str | None


@dataclass(slots=True)
class Stated:
    """The sources of one output as stated: none of them and not `none` means silent."""

    sources: dict[str, str] = field(default_factory=dict)
    columns: dict[ColumnEdge, frozenset[Transformation]] = field(default_factory=dict)
    none: bool = False

    @property
    def silent(self) -> bool:
        """D1: nothing stated about the sources."""
        return not self.sources and not self.none

    def add(self, source: str, evidence: str) -> None:
        """Keep a source with its strongest evidence."""
        old = self.sources.get(source, evidence)
        self.sources[source] = max(old, evidence, key=EVIDENCE.index)

    def add_column(self, edge: ColumnEdge, transformations: Iterable[Transformation]) -> None:
        """Keep a column edge; what is said twice unites."""
        self.columns[edge] = self.columns.get(edge, frozenset()) | frozenset(transformations)

    def unite(self, other: Stated) -> None:
        """Take the other's sources and columns too."""
        for source, evidence in other.sources.items():
            self.add(source, evidence)
        for edge, transformations in other.columns.items():
            self.add_column(edge, transformations)
        self.none = self.none or other.none


def transformations(item: Facets) -> frozenset[Transformation]:
    """Reading 22: what is missing is "" and false."""
    found = []
    for body in objects(item.get("transformations")):
        kind, subtype, masking = body.get("type"), body.get("subtype"), body.get("masking")
        texts = [text if isinstance(text, str) else "" for text in (kind, subtype)]
        found.append((texts[0], texts[1], masking is True))
    return frozenset(found)


def _take(stated: Stated, item: Facets, evidence: str, *, path: str | None, names: dict[str, str]) -> None:
    """Add one named source, and its column edge where the item names a field."""
    name = dataset_name(item)
    if name is None:
        return
    source = names[name.key]
    stated.add(source, evidence)
    column = item.get("field")
    if isinstance(column, str):
        stated.add_column(ColumnEdge(source, column, path), transformations(item))


def stated_by_entry(entry: Facets, names: dict[str, str]) -> Stated:
    """D2 (1): the DATASET inputs of an entry and of its fields; given inputs without any state none."""
    stated = Stated()
    for item in objects(entry.get("inputs")):
        if item.get("type") == "DATASET":
            _take(stated, item, "EXPLICIT", path=None, names=names)
    for path, body in members(entry.get("fields")).items():
        for item in objects(members(body).get("inputs")):
            if item.get("type") == "DATASET":
                _take(stated, item, "EXPLICIT", path=path, names=names)
    stated.none = isinstance(entry.get("inputs"), list) and not stated.sources
    return stated


def stated_by_columns(body: Facets | None, names: dict[str, str]) -> Stated:
    """D2 (2): every dataset that columnLineage names."""
    stated = Stated()
    if body is None or is_tombstone(body):
        return stated
    for item in objects(body.get("dataset")):
        _take(stated, item, "COLUMN", path=None, names=names)
    for path, target in members(body.get("fields")).items():
        for item in objects(members(target).get("inputFields")):
            _take(stated, item, "COLUMN", path=path, names=names)
    return stated


def _entries_of(events: list[Event], names: dict[str, str]) -> dict[str, list[Facets]]:
    """Entries by output; a lineage facet on an output dataset counts as its entry (D2)."""
    found: dict[str, list[Facets]] = {}
    for event in events:
        for name, entry in [*entries(event), *feast_entries(event)]:
            found.setdefault(names[name.key], []).append(entry)
        for use in uses(event):
            body = live(facet(use.facets, "lineage"))
            if use.place[0] == OUTPUT and body is not None:
                found.setdefault(names[use.name.key], []).append(body)
    return found


def _has_lineage(events: list[Event]) -> bool:
    """Reading 13: any lineage facet but a tombstone, also one with no usable entry."""
    on_job = any(live(job_facet(event, "lineage")) is not None for event in events)
    on_output = any(
        live(facet(use.facets, "lineage")) is not None
        for event in events
        for use in uses(event)
        if use.place[0] == OUTPUT
    )
    return on_job or on_output or any(feast_states(event) for event in events)


def _columns_of(events: list[Event], output: str, names: dict[str, str]) -> Facets | None:
    """Reading 13: the newest columnLineage of an output within the run."""
    stamps = [
        (event.stamp, use.place, body)
        for event in events
        for use in uses(event)
        if use.place[0] == OUTPUT
        and names[use.name.key] == output
        and (body := facet(use.facets, "columnLineage")) is not None
    ]
    return max(stamps, key=lambda found: found[:2])[2] if stamps else None


def stated_by_run(
    events: list[Event], names: dict[str, str], *, inputs: set[str] | None = None
) -> dict[str, Stated]:
    """D2: the sources of every output of these events; `inputs` replaces their inputs lists if given."""
    if inputs is None:
        inputs = {names[name.key] for event in events for name in inputs_of(event)}
    outputs = {names[name.key] for event in events for name in outputs_of(event)}
    by_columns = {output: stated_by_columns(_columns_of(events, output, names), names) for output in outputs}
    if _has_lineage(events):
        by_entry = _entries_of(events, names)
        return {
            output: _by_entries(by_entry[output], names) if output in by_entry else by_columns[output]
            for output in outputs
        }
    unnamed = inputs - {source for stated in by_columns.values() for source in stated.sources}
    complete = all(stated.sources for stated in by_columns.values())
    for stated in by_columns.values():
        guessed = inputs if not stated.sources else unnamed if complete else set()
        for source in guessed:
            stated.add(source, "PRODUCT")
    return by_columns


def _by_entries(bodies: list[Facets], names: dict[str, str]) -> Stated:
    """Reading 13: the entries of one output unite; one that has sources after all does not state none."""
    stated = Stated()
    for body in bodies:
        stated.unite(stated_by_entry(body, names))
    stated.none = stated.none and not stated.sources
    return stated
