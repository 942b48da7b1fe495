"""How does openlineage-python emit an event that was written as JSON?"""

from __future__ import annotations

import copy
from typing import Any

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import (
    DatasetEvent,
    InputDataset,
    Job,
    OutputDataset,
    Run,
    RunEvent,
    StaticDataset,
)


class Emitter:
    """A client, wherever it is configured to send to."""

    def __init__(self) -> None:
        """Read the configuration."""
        self._client = OpenLineageClient()

    def emit(self, event: dict[str, Any]) -> None:
        """Emit a RunEvent or DatasetEvent. The client adds facets of its own, so it gets a copy."""
        event = copy.deepcopy(event)
        self._client.emit(_dataset_event(event) if "dataset" in event else _run_event(event))


def _run_event(event: dict[str, Any]) -> RunEvent:
    return RunEvent(
        eventTime=event["eventTime"],
        producer=event["producer"],
        eventType=event["eventType"],
        run=Run(event["run"]["runId"], facets=event["run"]["facets"]),
        job=Job(event["job"]["namespace"], event["job"]["name"], facets=event["job"]["facets"]),
        inputs=[
            InputDataset(
                one["namespace"], one["name"], facets=one["facets"], inputFacets=one.get("inputFacets", {})
            )
            for one in event["inputs"]
        ],
        outputs=[
            OutputDataset(one["namespace"], one["name"], facets=one["facets"]) for one in event["outputs"]
        ],
    )


def _dataset_event(event: dict[str, Any]) -> DatasetEvent:
    about = event["dataset"]
    return DatasetEvent(
        eventTime=event["eventTime"],
        producer=event["producer"],
        dataset=StaticDataset(about["namespace"], about["name"], facets=about["facets"]),
    )
