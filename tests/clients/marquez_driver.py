"""Drive Marquez's own Python client: what does it get for each call? Run by its environment's Python, with an address."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from marquez_client import MarquezClient  # type: ignore[import-not-found]
from marquez_client.errors import APIError  # type: ignore[import-not-found]


def called(call: Callable[[], Any]) -> Any:
    """Give what a call returns, or the status that it failed with."""
    try:
        return call()
    except APIError as error:
        return {"status": error.__cause__.response.status_code}


def main(url: str, namespace: str, dataset: str, job: str) -> None:
    """Call everything that the client has for reading, and some of what it has for writing."""
    client = MarquezClient(url=url, api_key="a key that nobody asks for")
    run = client.list_job_runs(namespace, job)["runs"][0]["id"]
    version = client.get_dataset(namespace, dataset)["currentVersion"]
    calls: dict[str, Callable[[], Any]] = {
        "list_namespaces": client.list_namespaces,
        "get_namespace": lambda: client.get_namespace(namespace),
        "list_datasets": lambda: client.list_datasets(namespace, limit=2),
        "get_dataset": lambda: client.get_dataset(namespace, dataset),
        "list_dataset_versions": lambda: client.list_dataset_versions(namespace, dataset),
        "get_dataset_version": lambda: client.get_dataset_version(namespace, dataset, version),
        "list_jobs": lambda: client.list_jobs(namespace, limit=3, offset=1),
        "get_job": lambda: client.get_job(namespace, job),
        "list_job_runs": lambda: client.list_job_runs(namespace, job),
        "get_job_run": lambda: client.get_job_run(run),
        "list_sources": client.list_sources,
        "list_tags": client.list_tags,
        "columns_of_dataset": lambda: client.get_column_lineage_by_dataset(
            namespace, dataset, depth=2, with_downstream=True
        ),
        "columns_of_version": lambda: client.get_column_lineage_by_dataset(
            namespace, dataset, version=version
        ),
        "columns_of_field": lambda: client.get_column_lineage_by_dataset_field(
            namespace, dataset, "order_id"
        ),
        "columns_of_job": lambda: client.get_column_lineage_by_job(namespace, job),
        "no_namespace": lambda: client.get_namespace("nope"),
        "create_namespace": lambda: client.create_namespace("new", "me"),
        "tag_dataset": lambda: client.tag_dataset(namespace, dataset, "PII"),
        "create_tag": lambda: client.create_tag("PII"),
    }
    print(json.dumps({name: called(call) for name, call in calls.items()}))  # noqa: T201 - the answer


main(*sys.argv[1:])
