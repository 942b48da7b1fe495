"""What is told of a source, an entity and a saved dataset: datasets, and where do they lie outside Feast?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graph_schema.secrets import redacted
from ingest.sources.feast.places import Place, options_of, place_of, place_of_uri, uri_of
from ingest.sources.feast.registry import Column, Entity, Saved, Source, meta_of
from ingest.sources.feast.thing import (
    Known,
    Thing,
    described,
    entries,
    feast_type,
    field,
    of_job,
    renamed,
    symlinks,
    tags_of,
    text_of,
)
from ingest.sources.feast.written import Json, facets

SOURCE_TYPES: Final = {
    "BATCH_FILE": "FileSource", "BATCH_BIGQUERY": "BigQuerySource", "BATCH_SNOWFLAKE": "SnowflakeSource",
    "BATCH_REDSHIFT": "RedshiftSource", "BATCH_TRINO": "TrinoSource", "BATCH_SPARK": "SparkSource",
    "BATCH_ATHENA": "AthenaSource", "STREAM_KAFKA": "KafkaSource", "STREAM_KINESIS": "KinesisSource",
    "PUSH_SOURCE": "PushSource", "REQUEST_SOURCE": "RequestSource",
}  # fmt: skip


def saved_thing(saved: Saved, known: Known) -> Thing:
    spec = saved.spec
    refs = [
        (view, feature) for view, colon, feature in (one.partition(":") for one in spec.features) if colon
    ]
    types = {(view, one.name): one for view, listed in known.features.items() for one in listed}
    columns = {
        f"{view}__{feature}" if spec.full_feature_names else feature: (view, feature)
        for view, feature in refs
    }
    views = list(dict.fromkeys(view for view, _ in refs))
    service = [spec.feature_service_name] if spec.feature_service_name else []
    told = {
        "name": spec.name, "features": spec.features, "join_keys": spec.join_keys,
        "feature_service_name": spec.feature_service_name, "full_feature_names": spec.full_feature_names,
        "description": spec.description, "tags": spec.tags,
    }  # fmt: skip
    entry = {
        "inputs": [known.dataset(one) for one in (*service, *views)],
        "fields": {name: {"inputs": [known.dataset(*ref)]} for name, ref in columns.items()},
    }
    place, uri = _storage(spec.name, spec.storage, known)
    fields = [field(renamed(types.get(ref, Column("")), name)) for name, ref in columns.items()]
    return Thing(
        "saved",
        spec.name,
        known.namespace,
        facets(
            {
                **described(spec.description, spec.tags.get("owner", ""), spec.tags),
                "schema": {"fields": fields} if fields else None,
                "dataSource": {"name": spec.name, "uri": uri} if uri else None,
                "symlinks": symlinks(place),
                "feast_savedDataset": told,
            }
        ),
        saved.meta.created,
        saved.meta.updated,
        job=f"saved_dataset_{spec.name}",
        job_facets=facets(
            {
                **of_job("SAVED_DATASET", spec.description, "", known),
                "lineage": entries(spec.name, entry, known),
            }
        ),
        inputs=(*service, *views),
        place=place,
    )


def _storage(name: str, storage: Mapping[str, Any], known: Known) -> tuple[Place | None, str]:
    """Tell where a saved dataset is kept, by an alias of its name or its address, or by the address itself."""
    options: Any = next((one for kind, one in storage.items() if kind.endswith("Storage")), {})
    source = {"name": name, "fileOptions": options if isinstance(options, dict) else {}}
    uri = uri_of(source) if options_of(source) else ""
    for alias in known.aliases:
        if found := alias.found(known.project, name, uri):
            return found, uri
    return place_of_uri(uri), uri


def source_thing(source: Source, known: Known) -> Thing:
    name, options, meta = str(source["name"]), options_of(source), meta_of(source)
    place = place_of(source, known.project, known.aliases)
    description, tags = text_of(source, "description"), tags_of(source)
    schema = options.get("schema") if "requestDataOptions" in source else None
    fields = [one for one in schema if isinstance(one, dict)] if isinstance(schema, list) else []
    told = {
        "name": name, "source_type": _source_type(source), "timestamp_field": text_of(source, "timestampField"),
        "created_timestamp_field": text_of(source, "createdTimestampColumn"),
        "field_mapping": source.get("fieldMapping") or {}, "description": description, "tags": tags,
        **{one: redacted(options[one]) for one in ("table", "query") if options.get(one)},
        **({"path": redacted(options["uri"])} if options.get("uri") else {}),
    }  # fmt: skip
    return Thing(
        "source",
        name,
        known.namespace,
        facets(
            {
                **described(description, text_of(source, "owner"), tags),
                "schema": {"fields": [_request_field(one) for one in fields]} if fields else None,
                "dataSource": {"name": name, "uri": uri_of(source)},
                "symlinks": symlinks(place),
                "feast_dataSource": told,
            }
        ),
        meta.created,
        meta.updated,
        place=place,
    )


def _source_type(source: Source) -> str:
    whole = text_of(source, "dataSourceClassType").rpartition(".")[2]
    return whole or SOURCE_TYPES.get(text_of(source, "type"), text_of(source, "type"))


def entity_thing(entity: Entity, known: Known) -> Thing:
    spec = entity.spec
    told = {
        "name": spec.name, "join_keys": [spec.join_key] if spec.join_key else [], "value_type": spec.value_type,
        "description": spec.description, "owner": spec.owner, "tags": spec.tags,
    }  # fmt: skip
    key = {"name": spec.join_key, "type": feast_type(spec.value_type)}
    return Thing(
        "entity",
        spec.name,
        known.namespace,
        facets(
            {
                **described(spec.description, spec.owner, spec.tags),
                "schema": {"fields": [key]} if spec.join_key else None,
                "feast_entity": told,
            }
        ),
        entity.meta.created,
        entity.meta.updated,
    )


def _request_field(field: Mapping[str, Any]) -> Json:
    return {"name": text_of(field, "name"), "type": feast_type(text_of(field, "valueType"))}
