"""What did a run say of its parameters, its metrics and its code? Pure: read from the facets that its node keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from queries.provenances import NamedValue
from queries.said import CODE, leaves, part, text_of

_CODE_OF_MLFLOW: Final = ("gitCommit", "sourceName", "sourceType")


def parameters_said(facets: Any) -> list[NamedValue]:
    """Take the parameters by name: MLflow's, and those of the standard facet that it does not have."""
    run = part(facets, "run")
    standard = part(run, "executionParameters").get("parameters")
    listed = standard if isinstance(standard, list) else []
    found = {
        str(one.get("name", one.get("key"))): one.get("value") for one in listed if isinstance(one, dict)
    }
    return _named(found | part(part(run, "mlflow_run"), "params"))


def metrics_said(facets: Any) -> list[NamedValue]:
    """Take the last value of each metric by name."""
    return _named(part(part(part(facets, "run"), "mlflow_run"), "metrics"))


def code_said(facets: Any) -> list[NamedValue]:
    """Take what is said of the code: MLflow's commit and script, and the job's SQL, source or place of it."""
    mlflow = part(part(facets, "run"), "mlflow_run")
    found = {name: mlflow[name] for name in _CODE_OF_MLFLOW if isinstance(mlflow.get(name), str)}
    for facet in CODE:
        found |= dict(leaves(part(part(facets, "job"), facet), facet))
    return _named(found)


def _named(values: Mapping[str, Any]) -> list[NamedValue]:
    return [NamedValue(name, text_of(value)) for name, value in sorted(values.items()) if value is not None]
