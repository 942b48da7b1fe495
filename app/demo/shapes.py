"""How is an OpenLineage event written? Small builders of its parts, for the demo and the benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

Json = dict[str, Any]

PRODUCER: Final = "https://headwater.example/demo"
_SPEC: Final = "https://openlineage.io/spec"
_FACETS: Final = {
    "columnLineage": "1-2-0/ColumnLineageDatasetFacet",
    "datasetType": "1-0-1/DatasetTypeDatasetFacet",
    "documentation": "1-1-0/DocumentationDatasetFacet",
    "errorMessage": "1-0-1/ErrorMessageRunFacet",
    "jobType": "2-0-4/JobTypeJobFacet",
    "lifecycleStateChange": "1-0-1/LifecycleStateChangeDatasetFacet",
    "nominalTime": "1-0-1/NominalTimeRunFacet",
    "outputStatistics": "1-0-2/OutputStatisticsOutputDatasetFacet",
    "ownership": "1-0-1/OwnershipDatasetFacet",
    "parent": "1-2-0/ParentRunFacet",
    "processing_engine": "1-1-1/ProcessingEngineRunFacet",
    "schema": "1-2-0/SchemaDatasetFacet",
    "sql": "1-1-0/SQLJobFacet",
    "symlinks": "1-0-1/SymlinksDatasetFacet",
}


def facets(given: dict[str, Json]) -> Json:
    """Add to each facet who made it and which schema it follows."""
    return {
        name: {"_producer": PRODUCER, "_schemaURL": f"{_SPEC}/facets/{_FACETS[name]}.json", **body}
        for name, body in given.items()
    }


def dataset(namespace: str, name: str, *, outcome: Json | None = None, **given: Json) -> Json:
    """Write a dataset with its facets; `outcome` is its outputStatistics."""
    made: Json = {"namespace": namespace, "name": name, "facets": facets(given)}
    if outcome is not None:
        made["outputFacets"] = facets({"outputStatistics": outcome})
    return made


def job(namespace: str, name: str, **given: Json) -> Json:
    """Write a job with its facets."""
    return {"namespace": namespace, "name": name, "facets": facets(given)}


def run_event(
    event_type: str,
    time: str,
    *,
    run: str,
    of: Json,
    inputs: Sequence[Json] = (),
    outputs: Sequence[Json] = (),
    given: dict[str, Json] | None = None,
) -> Json:
    """Write a RunEvent; `given` are the run's facets."""
    return {
        "eventType": event_type,
        "eventTime": time,
        "run": {"runId": run, "facets": facets(given or {})},
        "job": of,
        "inputs": list(inputs),
        "outputs": list(outputs),
        "producer": PRODUCER,
        "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
    }


def job_event(time: str, *, of: Json, inputs: list[Json], outputs: list[Json]) -> Json:
    """Write a JobEvent: what a job declares about itself, without a run."""
    return {
        "eventTime": time,
        "job": of,
        "inputs": inputs,
        "outputs": outputs,
        "producer": PRODUCER,
        "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/JobEvent",
    }


def dataset_event(time: str, *, about: Json) -> Json:
    """Write a DatasetEvent: what is known of a dataset, without a job."""
    return {
        "eventTime": time,
        "dataset": about,
        "producer": PRODUCER,
        "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
    }


def schema(columns: dict[str, str]) -> Json:
    """Write the body of a `schema` facet."""
    return {"fields": [{"name": name, "type": data_type} for name, data_type in columns.items()]}


def reads(source: Json, field: str, *, subtype: str = "IDENTITY", kind: str = "DIRECT") -> Json:
    """Write one input field of a `columnLineage` facet."""
    return {
        "namespace": source["namespace"],
        "name": source["name"],
        "field": field,
        "transformations": [{"type": kind, "subtype": subtype, "description": "", "masking": False}],
    }


def column_lineage(columns: dict[str, list[Json]], *, whole: list[Json] | None = None) -> Json:
    """Write the body of a `columnLineage` facet; `whole` are the fields that shape the dataset as a whole."""
    body: Json = {"fields": {name: {"inputFields": sources} for name, sources in columns.items()}}
    return {**body, "dataset": whole} if whole else body


def parent(run: str, of: Json) -> Json:
    """Write the body of a `parent` facet."""
    return {"run": {"runId": run}, "job": {"namespace": of["namespace"], "name": of["name"]}}


def job_type(integration: str, kind: str, *, processing: str = "BATCH") -> Json:
    """Write the body of a `jobType` facet."""
    return {"processingType": processing, "integration": integration, "jobType": kind}
