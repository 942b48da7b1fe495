"""What do Feast's facets say of views, join keys and true edges?

Feast's `apply` is one job with all sources in and all views out, and `materialize` one with all views in and all online
stores out. Their product is never believed (rule D6): only what the facets state is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ingest.facets.mlflow import texts_of

if TYPE_CHECKING:
    from typing import Any

    from ingest.openlineage import Event, Io

    Body = dict[str, Any]

DUMMY: Final = "__dummy"
"""What Feast calls the entity of a view that has none."""

NOT_BELIEVED: Final = "PRODUCT_NOT_BELIEVED"
"""The warning on a run whose inputs x outputs say nothing of what is made of what."""

_OF_FEAST: Final = ("feast_jobKind", "feast_project", "feast_featureViews")


class View(NamedTuple):
    """What a feast_featureView facet says: its entities by name, its features (none: not said), its join keys."""

    entities: tuple[str, ...]
    features: frozenset[str]
    join_keys: frozenset[str]


def view_of(body: Body) -> View:
    """Read a feast_featureView facet."""
    entities = tuple(name for name in texts_of(body.get("entities")) if name != DUMMY)
    keys = texts_of(body.get("join_keys")) + texts_of(body.get("joinKeys"))
    return View(entities, frozenset(texts_of(body.get("features"))), frozenset(keys))


def join_keys_of(body: Body) -> list[str]:
    """Read the join keys of a feast_entity facet."""
    return texts_of(body.get("join_keys"))


def selected(body: Body) -> tuple[list[str], list[str]]:
    """Read a feast_featureSelection facet: the features that were certainly fetched, and those that perhaps were."""
    features = texts_of(body.get("features"))
    return features, [name for name in texts_of(body.get("ambiguous")) if name not in features]


def applies(event: Event) -> bool:
    """Tell whether an event is of a job that defines many views at once: its product is none of theirs.

    Feast says of a job about one view what view that is; on-demand views say it on the dataset, with their mode.
    """
    facets = event.job_facets
    if "feast_featureView" in facets or not any(name in facets for name in _OF_FEAST):
        return False
    if "feast_featureViews" in facets:
        return True
    return any(_is_plain_view(io) for io in event.outputs or ())


def _is_plain_view(io: Io) -> bool:
    body = io.facets.get("feast_featureView")
    return body is not None and body.get("mode") != "ON_DEMAND"


def stored_view(io: Io) -> str | None:
    """Name the view that an online store holds, as its facet states it."""
    body = io.facets.get("feast_onlineStore", {})
    stated = body.get("feature_view")
    return stated if isinstance(stated, str) and stated and body.get("_deleted") is not True else None
