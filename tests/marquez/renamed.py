"""How do events of a corpus become events of one test alone? Every namespace and run id in them is made its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

SCENARIOS = {
    "food": ["filled-marquez-food-delivery.ndjson"],
    "airflow": ["real-airflow-bigquery-gcs.ndjson"],
    "spark": ["real-spark-hive-column-lineage.ndjson"],
    "dbt": ["filled-dbt-postgres-build.ndjson"],
    "docs": [
        "filled-docs-examples-etl-tasks.ndjson",
        "real-marquez-dataset-event.json",
        "real-marquez-full.json",
    ],
}


def events_of(folder: Path, scenario: str, token: str) -> list[Any]:
    """Read a scenario's events in order, renamed for one test."""
    return [own(event, token) for name in SCENARIOS[scenario] for event in _read(folder / name)]


def own(value: Any, token: str) -> Any:
    """Rename every namespace and run id inside an event; names of datasets and jobs stay."""
    if isinstance(value, list):
        return [own(item, token) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _renamed(name, item, token) for name, item in value.items()}


def _renamed(name: str, item: Any, token: str) -> Any:
    if name == "namespace" and isinstance(item, str):
        return f"{item}-{token}"
    if name == "runId" and isinstance(item, str):
        return str(uuid5(uuid5(NAMESPACE_URL, token), _uuid(item)))
    return own(item, token)


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return text


def _read(path: Path) -> Iterator[Any]:
    text = path.read_text()
    if path.suffix == ".ndjson":
        yield from (json.loads(line) for line in text.splitlines() if line.strip())
    else:
        yield json.loads(text)
