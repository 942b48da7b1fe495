"""What is a dataset, and which of its fields are features (rules D6, F12)? By facets alone, never by names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from graph_schema.identity import dataset_key
from ingest.canonical import value_of
from ingest.facets import feast
from ingest.facts import DELETED
from ingest.saying import ACT, JOIN_KEYS, SERVICE, VIEW

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.state import State

KIND_FACETS: Final = frozenset(
    {"datasetType", "version", "mlflow_modelVersion", "mlflow_loggedModel", VIEW, SERVICE}
)
"""The facets that say what a dataset is."""

_OWN: Final = {
    "mlflow_modelVersion": "MODEL_VERSION",
    "mlflow_loggedModel": "LOGGED_MODEL",
    VIEW: "FEATURE_VIEW",
    SERVICE: "FEATURE_SERVICE",
}
"""Facets that only one kind of dataset has."""

_KINDS: Final = {
    "TABLE": "TABLE", "VIEW": "VIEW", "FILE": "FILE", "TOPIC": "TOPIC", "STREAM": "TOPIC", "JOB_OUTPUT": "OTHER",
    "FEATURE_VIEW": "FEATURE_VIEW", "FEATURE_SERVICE": "FEATURE_SERVICE",
}  # fmt: skip
MODELS: Final = frozenset({"MODEL_VERSION", "LOGGED_MODEL"})
"""Kinds of datasets that are models."""

_DESCRIBING: Final = (
    "datasetType", "version", "documentation", "tags", "ownership", "jobType",
    "mlflow_modelVersion", "mlflow_loggedModel", "hierarchy",
)  # fmt: skip
_SAID: Final = (VIEW, SERVICE, ACT)


def _reading(facets: Iterable[str]) -> str:
    return (
        f"SELECT facet, body FROM register WHERE entity = ?1 AND facet IN {tuple(sorted(facets))}"  # noqa: S608 - literals
        f" UNION ALL SELECT slot, body FROM said WHERE entity = ?1 AND slot IN {_SAID}"
    )


_REGISTERS: Final = _reading(_DESCRIBING)
_OF_KIND: Final = _reading(KIND_FACETS)

Registers = dict[str, dict[str, Any]]
"""The current facets that a node's own properties come from."""


def registers(state: State, entity: str) -> Registers:
    """Read an entity's describing facets, and what others say of it; tombstones are left out."""
    return _read(state, _REGISTERS, entity)


def kind_facets(state: State, dataset: str) -> Registers:
    """Read the facets that say what a dataset is, and no others."""
    return _read(state, _OF_KIND, dataset)


def _read(state: State, sql: str, entity: str) -> Registers:
    rows = state.rows(sql, (entity,))
    return {facet: value_of(state.body(body)) for facet, body in rows if body != DELETED}


def kind_of(facets: Registers) -> str:
    """Say what a dataset is (rule D6), by its facets alone."""
    own = next((kind for facet, kind in _OWN.items() if facet in facets), None)
    if own is not None:
        return own
    body = facets.get("datasetType", {})
    kind = _word(body.get("datasetType"))
    if kind != "MODEL":
        return _KINDS.get(kind, "OTHER")
    narrower = _word(body.get("subType"))
    if narrower in MODELS:
        return narrower
    return "MODEL_VERSION" if "version" in facets else "LOGGED_MODEL"


def _word(value: Any) -> str:
    return value.upper() if isinstance(value, str) else ""


def roles(state: State, dataset: str, facets: Registers) -> Callable[[str], str]:
    """Say of each path of a dataset what it is: a feature is a field of a view that is no join key.

    A stream view lists its join key among its features. What a view does not list is a column that comes with it.
    """
    if kind_of(facets) != "FEATURE_VIEW":
        return lambda _path: "COLUMN"
    view = feast.view_of(facets.get(VIEW, {}))
    keys = view.join_keys.union(*(_join_keys(state, dataset, entity) for entity in view.entities))
    return lambda path: "FEATURE" if path not in keys and path in (view.features or {path}) else "COLUMN"


def _join_keys(state: State, view: str, entity: str) -> list[str]:
    """Give the join keys of a view's entity: those last stated, else its name, as Feast has it."""
    named = state.one("SELECT namespace FROM name WHERE key = ?", (view,))
    key = dataset_key(named[0] if named else "", entity)
    row = state.one("SELECT body FROM said WHERE entity = ? AND slot = ?", (key, JOIN_KEYS))
    return value_of(state.body(row[0])) if row else [entity]
