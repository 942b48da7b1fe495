"""Which model version, or which dataset, does a model's address mean?"""

from __future__ import annotations

import logging
import os
import re
from typing import Any
from urllib.parse import urlsplit

log = logging.getLogger("headwater.deployments")
_VERSION = re.compile(r"models:/(?P<name>[^/@]+)/(?P<version>[0-9]+)")
_ALIAS = re.compile(r"models:/(?P<name>[^/@]+)@(?P<alias>.+)")
_LOGGED = re.compile(r"models:/(?P<id>m-[0-9a-f]{8,})")
_RUN = re.compile(r"(?:runs:|mlflow-artifacts:.*)/(?P<run>[0-9a-f]{32})/(?P<path>.+)")


def namespace(registry_uri: str | None = None) -> str:
    """Give the namespace of the models: as it was set, else made of the registry's address."""
    told = os.environ.get("HEADWATER_MLFLOW_NAMESPACE", "")
    if told:
        return told
    if registry_uri is None:
        import mlflow  # noqa: PLC0415 - only the one address is needed of it

        registry_uri = mlflow.get_registry_uri()
    parts = urlsplit(registry_uri)
    host = parts.hostname or "local"
    shown = f"[{host}]" if ":" in host else host
    return f"mlflow://{shown}" if parts.port is None else f"mlflow://{shown}:{parts.port}"


def served_by(model_uri: str) -> dict[str, Any]:
    """Say what a model's address means, as a report says it; nothing where it cannot be known."""
    try:
        return _served(model_uri)
    except Exception:
        log.warning(
            "cannot tell which model %s is; the deployment is told without it", model_uri, exc_info=True
        )
        return {}


def _served(model_uri: str) -> dict[str, Any]:
    found = _LOGGED.fullmatch(model_uri)
    if found:
        return {"serves": {"namespace": namespace(), "name": f"models/{found['id']}"}}
    found = _VERSION.fullmatch(model_uri)
    if found:
        return {"model": {"namespace": namespace(), **found.groupdict()}}
    found = _ALIAS.fullmatch(model_uri)
    if found:
        from mlflow import MlflowClient  # noqa: PLC0415 - loaded where an alias has to be looked up

        version = MlflowClient().get_model_version_by_alias(found["name"], found["alias"]).version
        model = {"namespace": namespace(), "name": found["name"], "version": str(version)}
        return {"model": model, "requested_alias": found["alias"]}
    found = _RUN.fullmatch(model_uri)
    if found:
        return {
            "serves": {"namespace": namespace(), "name": f"runs/{found['run']}/artifacts/{found['path']}"}
        }
    return {"serves": {"namespace": "file", "name": model_uri}}
