"""How is an event of our own written: who made it, and by which schema each facet of it goes?"""

from __future__ import annotations

from typing import Any, Final

from graph_schema.facets import PRODUCERS

Json = dict[str, Any]

RUN_EVENT: Final = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_FACETS: Final = "https://openlineage.io/spec/facets"
_STANDARD: Final = {
    "datasetType": "1-0-1/DatasetTypeDatasetFacet.json",
    "hierarchy": "1-0-0/HierarchyDatasetFacet.json",
    "errorMessage": "1-0-1/ErrorMessageRunFacet.json",
    "jobType": "2-0-4/JobTypeJobFacet.json",
    "parent": "1-2-0/ParentRunFacet.json",
    "version": "1-0-1/DatasetVersionDatasetFacet.json",
}


def producer(name: str) -> str:
    """Give the name of what made an event."""
    return f"{PRODUCERS}/{name}"


def standard(name: str, by: str, body: Json) -> Json:
    """Write a facet of OpenLineage's own."""
    return {"_producer": by, "_schemaURL": f"{_FACETS}/{_STANDARD[name]}", **body}


def model_version(namespace: str, model: str, version: str) -> Json:
    """Name the dataset that a model version is."""
    return {"namespace": namespace, "name": f"models/{model}/{version}"}
