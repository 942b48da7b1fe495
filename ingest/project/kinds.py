"""Which datasets became something of machine learning with a batch, or ceased to be it (rules D6, D7)?

Whether a run used features of a view, or serves a model, depends on what its inputs and outputs are. Few datasets ever
change so, and each once: then every run that read or wrote one is derived again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ingest.render.kinds import KIND_FACETS, kind_of, registers

if TYPE_CHECKING:
    from ingest.project.touched import Touched
    from ingest.state import State

LEARNING: Final = frozenset({"FEATURE_VIEW", "LOGGED_MODEL", "MODEL_VERSION"})
"""Kinds that the derivation asks about."""


class Kinds:
    """The kinds of datasets before a batch is joined."""

    def __init__(self, state: State) -> None:
        """Begin with none."""
        self._state = state
        self._before: dict[str, str] = {}

    def before(self, entity: str, facet: str) -> None:
        """Note what an entity is, before a facet of it that may change that is replaced."""
        if facet in KIND_FACETS and entity not in self._before and entity.startswith("dataset:"):
            self._before[entity] = self._kind(entity)

    def changed(self) -> set[str]:
        """Name the datasets for which it matters that they are something else now."""
        return {
            entity
            for entity, before in self._before.items()
            if (after := self._kind(entity)) != before and LEARNING & {before, after}
        }

    def _kind(self, entity: str) -> str:
        return kind_of(registers(self._state, entity))


def touch_users(state: State, touched: Touched) -> None:
    """Touch all runs that read or wrote a name of the groups of these datasets, and their fields."""
    for dataset in touched.kinds:
        touched.fields.add(dataset)
        for member in state.members(state.canonical(dataset)):
            rows = state.rows("SELECT DISTINCT run FROM act WHERE dataset = ?", (member,))
            touched.runs.update(row[0] for row in rows)


def is_kind(state: State, dataset: str, kinds: frozenset[str]) -> bool:
    """Tell whether any name of a dataset's group is of one of some kinds."""
    members = state.members(state.canonical(dataset))
    return any(kind_of(registers(state, member)) in kinds for member in members)
