"""Which namespace, job, run and dataset does something of MLflow's mean?

A name is only given where it means the same to everybody: a relative path, or data that came from code, is a dataset of
the MLflow server's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

Name = tuple[str, str]

FEAST_MARKERS: Final = re.compile(r"feast\.get_\w+")
"""Where Feast says that data came from a retrieval, not from a file."""

STORES: Final = {"s3": "s3", "s3a": "s3", "s3n": "s3", "gs": "gs", "gcs": "gs"}
_DRIVE: Final = re.compile(r"[A-Za-z]:[\\/]")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\\)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server's things are named: its namespace, that of each Feast project, and that of bare table names.

    `feast_before` is what Feast's own setting puts in front of the names of projects that have none of their own here.
    """

    namespace: str
    feast: Mapping[str, str] = field(default_factory=dict)
    tables: str = ""
    feast_before: str = ""

    def feast_namespace(self, project: str) -> str:
        """Give the namespace of a Feast project: as configured, else as Feast names it itself."""
        return self.feast.get(project) or project_namespace(self.feast_before, project)


def namespace_of(url: str, workspace: str = "") -> str:
    """Give the namespace of a server by its address, where none is configured."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    port = "" if parts.port is None else f":{parts.port}"
    return f"mlflow://{shown}{port}{'/' + workspace if workspace else ''}"


def project_namespace(configured: str, project: str) -> str:
    """Name a Feast project's namespace by Feast's own rule: the project alone, or behind what is configured."""
    text = configured.strip()
    if text in {"", "feast"}:
        return project
    return text if text == project or text.endswith(f"/{project}") else f"{text.rstrip('/')}/{project}"


def run_uuid(run_id: str) -> str:
    """Give the OpenLineage run id: the same number, with dashes. Ids of another form stay as they are."""
    try:
        return str(UUID(hex=run_id))
    except ValueError:
        return run_id


def job_name(experiment: str, role: str) -> str:
    """Give the name of the job that runs of a role in an experiment are of."""
    return f"{experiment}/{role}"


def logged_model(place: Place, model_id: str) -> Name:
    """Name a logged model."""
    return place.namespace, f"models/{model_id}"


def model_version(place: Place, name: str, version: str) -> Name:
    """Name a version of a registered model."""
    return place.namespace, f"models/{name}/{version}"


def run_artifact(place: Place, run_id: str, path: str) -> Name:
    """Name something that a run wrote beside its logged models."""
    return place.namespace, f"runs/{run_id}/artifacts/{path}"


def registration_job(model: str) -> str:
    """Name the job that registers versions of a model."""
    return f"registry/{model}"


def registration_run(place: Place, name: str, version: str) -> str:
    """Give the run of a registration; the same wherever it is told from."""
    return str(uuid5(NAMESPACE_URL, f"headwater:mlflow:registration\n{place.namespace}\n{name}\n{version}"))


def source_of_version(place: Place, source: str) -> Name | None:
    """Name what a version was registered from: a logged model, another version, or what a run wrote."""
    scheme, _, rest = source.partition(":/")
    rest = rest.lstrip("/")
    head, _, tail = rest.partition("/")
    if scheme == "models" and head:
        return model_version(place, head, tail) if tail else logged_model(place, head)
    if scheme == "runs" and head and tail:
        return run_artifact(place, head, tail)
    return None


def registered_path(source: str) -> Name | None:
    """Give (run id, path) of a version that was registered from a run's own artifact."""
    found = source_of_version(Place(""), source)
    if found is None or not source.startswith("runs:/"):
        return None
    _, run_id, _, path = found[1].split("/", 3)
    return run_id, path


def input_name(place: Place, given: Mapping[str, Any]) -> Name | None:
    """Name a dataset that a run logged; None for the mark of a retrieval from Feast, which is no dataset."""
    kind = str(given.get("source_type", ""))
    source = _source(given.get("source"))
    own = place.namespace, f"datasets/{given.get('name') or 'dataset'}"
    text = str(source.get("uri") or source.get("path") or "")
    if kind == "local" and FEAST_MARKERS.fullmatch(text):
        return None
    if kind == "http":
        return _web(str(source.get("url", ""))) or own
    if kind == "hugging_face":
        return ("huggingface", text) if text else own
    table = source.get("table_name") or source.get("delta_table_name")
    if isinstance(table, str) and table and not text:
        return (place.tables, table) if place.tables else own
    return (_file(text) if text and kind != "code" else None) or own


def _source(text: object) -> dict[str, Any]:
    try:
        read = json.loads(str(text))
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _file(text: str) -> Name | None:
    """Name a file as OpenLineage does; None for a relative path."""
    if text.startswith("/") or _DRIVE.match(text):
        return "file", text
    found = _SCHEME.match(text)
    if found is None:
        return None
    scheme = found[1].lower()
    parts = urlsplit(text)
    authority = parts.netloc.rpartition("@")[2] if scheme in {"http", "https"} else parts.netloc
    if scheme == "file":
        return ("file", parts.path) if parts.path else None
    if scheme in STORES:
        return f"{STORES[scheme]}://{authority}", parts.path.strip("/") or "/"
    if scheme in {"http", "https"}:
        return _web(text)
    return f"{scheme}://{authority}" if authority else scheme, parts.path or "/"


def _web(url: str) -> Name | None:
    """Name what a web address leads to; what stands behind the `?` may be a secret."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return (f"{parts.scheme}://{host}", parts.path or "/") if parts.scheme and host else None
