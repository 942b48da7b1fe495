"""What do a run's tags say of a feature store, and how much of that is certain?

Feast writes tags on the active MLflow run at each retrieval: the last one wins. The client plugin keeps all of them
(`headwater.feast_retrieval.N`). What was fetched stands in `feast.feature_refs`; the service beside it may be Feast's guess
(the smallest one that holds those features), which the tags do not tell apart, so it never becomes an input.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .facets import Json, dataset, facets, known
from .names import Name, Place

KEPT: Final = "headwater.feast_retrieval."
"""Under this and a number the plugin keeps what Feast wrote for each retrieval, as JSON."""

CUT: Final = "..."
VIEWS_OF_OPERATIONS: Final = "feast.operation"


@dataclass(frozen=True, slots=True)
class Retrieval:
    """One retrieval: which features of which project, as far as the tags tell."""

    project: str
    refs: tuple[str, ...]
    views: tuple[str, ...]
    cut: bool
    told: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Selection:
    """What was fetched of one view: certain features, and those that may be another view's."""

    view: Name
    features: tuple[str, ...]
    ambiguous: tuple[str, ...] = ()


def retrievals(tags: Mapping[str, str]) -> list[Retrieval]:
    """Read every retrieval of a run, the last one last."""
    kept = sorted((key for key in tags if key.startswith(KEPT)), key=lambda key: (len(key), key))
    told = [_object(tags[key]) for key in kept]
    plain = {key: value for key, value in tags.items() if key.startswith("feast.")}
    if not any(one.get("feast.feature_refs") == plain.get("feast.feature_refs") for one in told):
        told.append(plain)
    return [
        _retrieval(one) for one in told if one.get("feast.feature_refs") and VIEWS_OF_OPERATIONS not in one
    ]


def selections(place: Place, found: Iterable[Retrieval]) -> list[Selection]:
    """Say per view what was fetched; a feature without a view is certain only where one view was read."""
    certain: dict[Name, set[str]] = {}
    ambiguous: dict[Name, set[str]] = {}
    for one in found:
        namespace = place.feast_namespace(one.project)
        for ref in one.refs:
            view, colon, feature = ref.rpartition(":")
            if colon:
                certain.setdefault((namespace, _bare(view)), set()).add(feature)
            elif len(one.views) == 1:
                certain.setdefault((namespace, one.views[0]), set()).add(feature)
            else:
                for each in one.views:
                    ambiguous.setdefault((namespace, each), set()).add(feature)
    return [
        Selection(view, tuple(sorted(certain.get(view, ()))), tuple(sorted(ambiguous.get(view, ()))))
        for view in sorted({*certain, *ambiguous})
    ]


def selected(one: Selection) -> Json:
    """Write a view as an input of the run that fetched from it."""
    body: Json = {"features": list(one.features), "mode": "FETCHED"}
    if one.ambiguous:
        body["ambiguous"] = list(one.ambiguous)
    return {**dataset(one.view, {}), "inputFacets": facets({"feast_featureSelection": body})}


def retrieval_facet(place: Place, found: list[Retrieval]) -> Json | None:
    """Write the body of `feast_retrieval`: of the last retrieval, with the features of all from its project."""
    if not found:
        return None
    last = found[-1]
    same = [one for one in found if one.project == last.project]
    service = last.told.get("feast.feature_service")
    count = last.told.get("feast.entity_count", "")
    return known(
        {
            "retrieval_type": last.told.get("feast.retrieval_type"),
            "feature_service": service,
            "service_is_guess": True if service else None,
            "feature_views": sorted({view for one in same for view in one.views}),
            "features": sorted({ref for one in same for ref in one.refs}),
            "cut": any(one.cut for one in same),
            "entity_count": int(count) if count.isdigit() else None,
            "full_feature_names": {"true": True, "false": False}.get(
                last.told.get("feast.full_feature_names", "").lower()
            ),
            "project": last.project,
            "namespace": place.feast_namespace(last.project),
        }
    )


def _retrieval(told: Mapping[str, str]) -> Retrieval:
    refs, cut = _listed(told.get("feast.feature_refs", ""))
    named, cut_views = _listed(told.get("feast.feature_views", ""))
    views = sorted({_bare(view) for view in (*named, *(ref.rpartition(":")[0] for ref in refs)) if view})
    return Retrieval(told.get("feast.project", ""), tuple(refs), tuple(views), cut or cut_views, told)


def _listed(text: str) -> tuple[list[str], bool]:
    """Split a list; the last part of one that was cut may be half a name, and is left out."""
    cut = text.endswith(CUT)
    parts = [part.strip() for part in text.removesuffix(CUT).split(",")]
    return [part for part in (parts[:-1] if cut else parts) if part], cut


def _bare(view: str) -> str:
    """Give a view's name without the version that a reference may carry (`view@v2`)."""
    return view.partition("@")[0]


def _object(text: str) -> dict[str, str]:
    try:
        read: Any = json.loads(text)
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in read.items()} if isinstance(read, dict) else {}
