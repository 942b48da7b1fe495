"""Which datasets became something of machine learning with a batch, or ceased to be it (rules D6, D7)?

Whether a run used features of a view, or serves a model, depends on what its inputs and outputs are. Few datasets ever
change so, and each once: then every run that read or wrote one is derived again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ingest.render.kinds import KIND_FACETS, kind_facets, kind_of

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
        """Keep what is something of machine learning now; name the datasets for which it matters that they changed."""
        found: set[str] = set()
        for entity, before in self._before.items():
            after = self._kind(entity)
            if after == before or not LEARNING & {before, after}:
                continue
            found.add(entity)
            if after in LEARNING:
                self._state.run("INSERT OR REPLACE INTO learning VALUES (?, ?)", (entity, after))
            else:
                self._state.run("DELETE FROM learning WHERE dataset = ?", (entity,))
        return found

    def _kind(self, entity: str) -> str:
        return kind_of(kind_facets(self._state, entity))


def touch_users(state: State, touched: Touched) -> None:
    """Touch all runs that read or wrote a name of the groups of these datasets, and their fields."""
    for dataset in touched.kinds:
        touched.fields.add(dataset)
        for member in state.members(state.canonical(dataset)):
            rows = state.rows("SELECT DISTINCT run FROM act WHERE dataset = ?", (member,))
            touched.runs.update(row[0] for row in rows)


def is_kind(state: State, dataset: str, kinds: frozenset[str]) -> bool:
    """Tell whether any name of a dataset's group is of one of some kinds that the derivation asks about."""
    for member in state.members(state.canonical(dataset)):
        row = state.one("SELECT kind FROM learning WHERE dataset = ?", (member,))
        if row is not None and row[0] in kinds:
            return True
    return False
