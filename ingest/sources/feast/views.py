"""What is told of a view and of a service: which features, made from what, and each of them from which column?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ingest.sources.feast.registry import DUMMY, ON_DEMAND, STREAM, Column, ServedFeatures, Source, View
from ingest.sources.feast.thing import Known, Thing, described, entries, field, of_job, renamed
from ingest.sources.feast.written import Json, facets

JOB_OF_VIEW: Final = {
    STREAM: "stream_feature_view_{}",
    ON_DEMAND: "on_demand_feature_view_{}",
}
SUBTYPES: Final = {STREAM: "STREAM", ON_DEMAND: "ON_DEMAND"}


def join_keys_of(view: View, entities: Mapping[str, str]) -> list[str]:
    """Name the columns by which a view's features are looked up."""
    named = [one.name for one in view.spec.entity_columns]
    named += [key for entity in view.spec.entities if (key := entities.get(entity))]
    return list(dict.fromkeys(name for name in named if not name.startswith(DUMMY)))


def features_of(view: View, entities: Mapping[str, str]) -> list[Column]:
    """Give a view's features: a stream view lists its join keys among them, which are none."""
    keys = set(join_keys_of(view, entities))
    return [one for one in view.spec.features if one.name not in keys]


def sources_of(view: View) -> list[str]:
    """Name what a view is made from. Where it is made from views, its batch source is where it is kept."""
    spec = view.spec
    named: list[Any] = [one.get("name") for one in spec.source_views]
    if not named and spec.batch_source is not None:
        named.append(spec.batch_source.get("name"))
    if spec.stream_source is not None:
        named.append(spec.stream_source.get("name"))
    for one in spec.sources.values():
        if one.feature_view_projection is not None:
            named.append(one.feature_view_projection.feature_view_name)
        if one.feature_view is not None:
            named.append(one.feature_view.get("spec", {}).get("name"))
        if one.request_data_source is not None:
            named.append(one.request_data_source.get("name"))
    return list(dict.fromkeys(name for name in named if isinstance(name, str) and name))


def view_thing(view: View, known: Known) -> Thing:
    spec, name = view.spec, view.spec.name
    features, keys = known.features[name], join_keys_of(view, known.join_keys)
    entities = [one for one in spec.entities if not one.startswith(DUMMY)]
    told = {
        "name": name, "ttl_seconds": _seconds(spec.ttl), "entities": entities,
        "features": [one.name for one in features], "join_keys": keys, "view_type": view.type,
        "online_enabled": spec.online or view.type == ON_DEMAND, "offline_enabled": spec.offline,
        "mode": spec.mode, "description": spec.description, "owner": spec.owner, "tags": spec.tags,
    }  # fmt: skip
    sources = sources_of(view)
    entry = {
        "inputs": [known.dataset(one) for one in sources],
        "fields": dict(_read_by_name(view, features, known)),
    }
    return Thing(
        "view",
        name,
        known.namespace,
        facets(
            {
                **described(spec.description, spec.owner, spec.tags, features),
                "schema": {"fields": [field(one) for one in features]} if features else None,
                "datasetType": {"datasetType": "FEATURE_VIEW", "subType": SUBTYPES.get(view.type, "BATCH")},
                "feast_featureView": told,
            }
        ),
        view.meta.created,
        view.meta.updated,
        job=JOB_OF_VIEW.get(view.type, "feature_view_{}").format(name),
        job_facets=facets(
            {
                **of_job("FEATURE_VIEW", spec.description, spec.owner, known),
                "sourceCode": {"language": "python", "sourceCode": spec.code} if spec.code else None,
                "feast_featureView": told,
                "lineage": entries(name, entry, known),
            }
        ),
        inputs=(*sources, *entities),
    )


def _read_by_name(view: View, features: Iterable[Column], known: Known) -> Iterator[tuple[str, Json]]:
    """Say which column each feature is; only where a view reads columns by their names and computes nothing."""
    spec = view.spec
    if spec.is_computed or spec.source_views or spec.sources:
        return
    batch = [one for one in (spec.batch_source, spec.stream_source) if one is not None and one.get("name")]
    for feature in features:
        inputs = [known.dataset(str(one["name"]), _column(one, feature.name)) for one in batch]
        if inputs:
            yield feature.name, {"inputs": inputs}


def _column(source: Source, feature: str) -> str:
    mapping = source.get("fieldMapping")
    for column, name in mapping.items() if isinstance(mapping, dict) else ():
        if name == feature:
            return str(column)
    return feature


def service_thing(service: ServedFeatures, known: Known) -> Thing:
    spec = service.spec
    views = list(dict.fromkeys(one.feature_view_name for one in spec.features if one.feature_view_name))
    taken = [
        (one.feature_view_name, one.feature_view_name_alias or one.feature_view_name, column)
        for one in spec.features
        for column in (one.feature_columns or known.features.get(one.feature_view_name, []))
    ]
    often = Counter(column.name for _, _, column in taken)
    columns = [
        (column if often[column.name] == 1 else renamed(column, f"{shown}__{column.name}"), view, column.name)
        for view, shown, column in taken
    ]
    told = {
        "name": spec.name, "feature_views": views, "feature_count": len(taken),
        "features": [f"{view}:{column.name}" for view, _, column in taken], "description": spec.description,
        "owner": spec.owner, "tags": spec.tags, "logging_enabled": spec.logging_config is not None,
    }  # fmt: skip
    entry = {
        "inputs": [known.dataset(one) for one in views],
        "fields": {
            shown.name: {"inputs": [known.dataset(view, feature)]} for shown, view, feature in columns
        },
    }
    return Thing(
        "service",
        spec.name,
        known.namespace,
        facets(
            {
                **described(spec.description, spec.owner, spec.tags),
                "schema": {"fields": [field(one) for one, _, _ in columns]} if columns else None,
                "datasetType": {"datasetType": "FEATURE_SERVICE"},
                "feast_featureService": told,
            }
        ),
        service.meta.created,
        service.meta.updated,
        job=f"feature_service_{spec.name}",
        job_facets=facets(
            {
                **of_job("FEATURE_SERVICE", spec.description, spec.owner, known),
                "feast_featureService": told,
                "lineage": entries(spec.name, entry, known),
            }
        ),
        inputs=tuple(views),
    )


def _seconds(duration: str) -> int:
    try:
        return int(float(duration.removesuffix("s") or 0))
    except ValueError:
        return 0
