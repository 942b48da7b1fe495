"""How are facets and events written? Standard ones by OpenLineage's schemas, our own by ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

Json = dict[str, Any]

PRODUCER: Final = "https://headwater.example/producers/mlflow"
_SPEC: Final = "https://openlineage.io/spec"
_OURS: Final = "https://headwater.example/facets/1-0-0"
_SCHEMAS: Final = {
    "columnLineage": "1-2-0/ColumnLineageDatasetFacet",
    "datasetType": "1-0-1/DatasetTypeDatasetFacet",
    "documentation": "1-1-0/DocumentationDatasetFacet",
    "executionParameters": "1-0-0/ExecutionParametersRunFacet",
    "inputStatistics": "1-0-0/InputStatisticsInputDatasetFacet",
    "jobType": "2-0-4/JobTypeJobFacet",
    "lineage": "1-0-0/LineageFacet",
    "lifecycleStateChange": "1-0-1/LifecycleStateChangeDatasetFacet",
    "parent": "1-2-0/ParentRunFacet",
    "schema": "1-2-0/SchemaDatasetFacet",
    "version": "1-0-1/DatasetVersionDatasetFacet",
}
_JOB_SCHEMAS: Final = {"documentation": "1-1-0/DocumentationJobFacet"}
_OUR_SCHEMAS: Final = {
    "feast_featureSelection": "FeastFeatureSelectionInputDatasetFacet",
    "feast_retrieval": "FeastRetrievalRunFacet",
    "mlflow_experiment": "MlflowExperimentJobFacet",
    "mlflow_input": "MlflowInputDatasetFacet",
    "mlflow_loggedModel": "MlflowLoggedModelDatasetFacet",
    "mlflow_modelVersion": "MlflowModelVersionDatasetFacet",
    "mlflow_registeredModel": "MlflowRegisteredModelDatasetFacet",
    "mlflow_run": "MlflowRunFacet",
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS: Final = 250_000_000_000_000
"""Some time in the year 9892: what lies behind it is no time."""


def facets(given: Mapping[str, Json | None], *, of_job: bool = False) -> Json:
    """Add to each facet who made it and by which schema; leaves out those that say nothing."""
    return {
        name: {"_producer": PRODUCER, "_schemaURL": schema_of(name, of_job=of_job), **known(body)}
        for name, body in given.items()
        if body is not None
    }


def schema_of(name: str, *, of_job: bool = False) -> str:
    """Give the schema of a facet that is written here; one on a job may have another than on a dataset."""
    if of_job and name in _JOB_SCHEMAS:
        return f"{_SPEC}/facets/{_JOB_SCHEMAS[name]}.json"
    if name in _OUR_SCHEMAS:
        return f"{_OURS}/{name}.json#/$defs/{_OUR_SCHEMAS[name]}"
    return f"{_SPEC}/facets/{_SCHEMAS[name]}.json"


def known(body: Mapping[str, Any]) -> Json:
    """Leave out members that are not known: None, or an empty text."""
    return {name: value for name, value in body.items() if value is not None and value != ""}


def dataset(name: tuple[str, str], given: Mapping[str, Json | None]) -> Json:
    """Write a dataset with its facets."""
    return {"namespace": name[0], "name": name[1], "facets": facets(given)}


def job(namespace: str, name: str, given: Mapping[str, Json | None]) -> Json:
    """Write a job with its facets."""
    return {"namespace": namespace, "name": name, "facets": facets(given, of_job=True)}


def job_type(kind: str) -> Json:
    """Write the body of a `jobType` facet."""
    return {"processingType": "BATCH", "integration": "MLFLOW", "jobType": kind}


def run_event(
    kind: str, time: str, *, run: Json, of: Json, inputs: Sequence[Json], outputs: Sequence[Json]
) -> Json:
    """Write a RunEvent."""
    return {
        "eventType": kind,
        "eventTime": time,
        "run": run,
        "job": of,
        "inputs": list(inputs),
        "outputs": list(outputs),
        **_signed("RunEvent"),
    }


def job_event(time: str, *, of: Json) -> Json:
    """Write a JobEvent that says nothing of inputs and outputs."""
    return {"eventTime": time, "job": of, **_signed("JobEvent")}


def dataset_event(time: str, *, about: Json) -> Json:
    """Write a DatasetEvent."""
    return {"eventTime": time, "dataset": about, **_signed("DatasetEvent")}


def _signed(kind: str) -> Json:
    return {"producer": PRODUCER, "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/{kind}"}


def instant(milliseconds: object) -> str | None:
    """Write one of MLflow's times, milliseconds since 1970, as an instant; None where it is no time."""
    number = int(milliseconds) if isinstance(milliseconds, str) and milliseconds.isdigit() else milliseconds
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < _LATEST_MS:
        return None
    return (_EPOCH + timedelta(milliseconds=number)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def pairs(listed: object) -> dict[str, Any]:
    """Read MLflow's lists of key and value; what is no such pair is left out."""
    found = listed if isinstance(listed, list) else []
    return {str(one["key"]): one.get("value", "") for one in found if isinstance(one, dict) and "key" in one}


def texts(listed: object) -> dict[str, str]:
    """Read a list of key and value whose values are texts."""
    return {key: str(value) for key, value in pairs(listed).items()}
