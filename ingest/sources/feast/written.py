"""How is an event of this source written: its form, its facets, its run ids?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from graph_schema.facets import PRODUCERS

Json = dict[str, Any]
Facets = dict[str, Json]

PRODUCER: Final = f"{PRODUCERS}/feast"
_OPENLINEAGE: Final = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs"
_STANDARD: Final = {
    "dataSource": "1-0-1/DatasourceDatasetFacet",
    "datasetType": "1-0-1/DatasetTypeDatasetFacet",
    "documentation": "1-1-0/DocumentationDatasetFacet",
    "jobType": "2-0-4/JobTypeJobFacet",
    "lifecycleStateChange": "1-0-1/LifecycleStateChangeDatasetFacet",
    "nominalTime": "1-0-1/NominalTimeRunFacet",
    "ownership": "1-0-1/OwnershipDatasetFacet",
    "schema": "1-2-0/SchemaDatasetFacet",
    "sourceCode": "1-0-1/SourceCodeJobFacet",
    "symlinks": "1-0-1/SymlinksDatasetFacet",
    "tags": "1-0-0/TagsDatasetFacet",
}
_FEAST: Final = {
    "feast_dataSource": "FeastDataSourceFacet",
    "feast_entity": "FeastEntityFacet",
    "feast_featureService": "FeastFeatureServiceFacet",
    "feast_featureView": "FeastFeatureViewFacet",
    "feast_jobKind": "FeastJobKindFacet",
    "feast_materialization": "FeastMaterializationFacet",
    "feast_onlineStore": "FeastOnlineStoreFacet",
    "feast_project": "FeastProjectFacet",
    "feast_savedDataset": "FeastSavedDatasetFacet",
}
_RUNS: Final = uuid5(NAMESPACE_URL, "headwater:feast")


def facet(name: str, body: Mapping[str, Any]) -> Json:
    """Write a facet: Feast's own by the schema that Feast names, with what Feast leaves out beside its members."""
    return {"_producer": PRODUCER, "_schemaURL": schema_of(name), **body}


def schema_of(name: str) -> str:
    """Give what a facet writes as its `_schemaURL`."""
    if name in _FEAST:
        return f"https://feast.dev/spec/facets/1-0-0/{_FEAST[name]}.json"
    if name == "lineage":
        return "https://openlineage.io/spec/facets/1-0-0/LineageFacet.json#/$defs/LineageJobFacet"
    path = _STANDARD[name]
    return f"https://openlineage.io/spec/facets/{path}.json#/$defs/{path.rpartition('/')[2]}"


def facets(bodies: Mapping[str, Mapping[str, Any] | None]) -> Facets:
    """Write facets, those left out that say nothing."""
    return {name: facet(name, body) for name, body in bodies.items() if body}


def gone(names: Iterable[str]) -> Facets:
    """Take back facets that were told before."""
    return {name: facet(name, {"_deleted": True}) for name in sorted(names)}


def dataset_event(dataset: Json, at: str) -> Json:
    """Write an event of a dataset."""
    return {
        "eventTime": at,
        "producer": PRODUCER,
        "schemaURL": f"{_OPENLINEAGE}/DatasetEvent",
        "dataset": dataset,
    }


def completed(
    run_id: str, job: Json, at: str, *, run: Facets, inputs: list[Json], outputs: list[Json]
) -> Json:
    """Write the completion of a run."""
    return {
        "eventType": "COMPLETE",
        "eventTime": at,
        "producer": PRODUCER,
        "schemaURL": f"{_OPENLINEAGE}/RunEvent",
        "run": {"runId": run_id, "facets": run},
        "job": job,
        "inputs": inputs,
        "outputs": outputs,
    }


def run_id_of(*parts: str) -> str:
    """Make the id of a run, the same for the same parts."""
    return str(uuid5(_RUNS, "\n".join(parts)))
