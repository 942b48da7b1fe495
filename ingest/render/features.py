"""Which features did a run use, and how is that known (rule D6)? What is not certain says so."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from graph_schema.identity import field_key, run_key
from ingest.canonical import value_of
from ingest.facets import feast
from ingest.facts import DELETED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ingest.derive.runs import Run
    from ingest.facts import Fact
    from ingest.render.rows import Row
    from ingest.state import State

FETCHED: Final = "FETCHED"
USED: Final = "USED"
_SELECTION: Final = "feast_featureSelection"

Selected = tuple[frozenset[str], frozenset[str]]
"""The features that were certainly fetched from a view, and those that perhaps were."""


def feature_rows(
    state: State, run: Run, is_view: Callable[[str], bool], is_model: Callable[[str], bool]
) -> list[Row]:
    """Render what a run fetched from views, and what of it the model that it wrote is made of.

    Fetched is what the run's selection of an input says; used is what the columnLineage of a logged model names of a view
    that the run read. An input of which features were selected is a view, whether or not Feast has said so by itself. A
    column of which it is not known from which view it came is not certain.
    """
    facts = sorted((fact for attempt in run.attempts for fact in attempt.facts), key=lambda fact: fact.order)
    selected = _selected(state, facts)
    found: dict[tuple[str, str], bool] = {}
    for view, (certain, perhaps) in selected.items():
        found |= {(FETCHED, field_key(view, name)): False for name in perhaps - certain}
        found |= {(FETCHED, field_key(view, name)): True for name in certain}
    for view, name in _named_by_models(
        state, facts, lambda dataset: dataset in selected or is_view(dataset), is_model
    ):
        certain, perhaps = selected.get(view, (frozenset(), frozenset()))
        found[USED, field_key(view, name)] = name in certain or name not in perhaps
    key = run_key(run.uuid)
    return [
        {"run": key, "field": field, "mode": mode, "props": {"mode": mode, "certain": certain}}
        for (mode, field), certain in sorted(found.items())
    ]


def _selected(state: State, facts: Iterable[Fact]) -> dict[str, Selected]:
    """Read the newest selection of each input."""
    newest = {
        listed.dataset: listed.run_facets[_SELECTION]
        for fact in facts
        for listed in fact.inputs
        if _SELECTION in listed.run_facets
    }
    return {dataset: _read(state.body(sha)) for dataset, sha in newest.items()}


@lru_cache(maxsize=1024)
def _read(body: bytes) -> Selected:
    features, perhaps = feast.selected(value_of(body))
    return frozenset(features), frozenset(perhaps)


def _named_by_models(
    state: State, facts: list[Fact], is_view: Callable[[str], bool], is_model: Callable[[str], bool]
) -> set[tuple[str, str]]:
    """List (view, field) that the newest columnLineage of each logged model names, of the views that were read."""
    newest = {
        listed.dataset: listed.column_lineage
        for fact in facts
        for listed in fact.outputs
        if listed.column_lineage is not None
    }
    stated = [state.stated(sha) for dataset, sha in newest.items() if sha != DELETED and is_model(dataset)]
    if not stated:
        return set()
    views = {state.canonical(io.dataset) for fact in facts for io in fact.inputs if is_view(io.dataset)}
    return {
        (source, path)
        for one in stated
        for (source, path, _), _ in one.columns
        if state.canonical(source) in views
    }
