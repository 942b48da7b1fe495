"""What does a line of the gateway's access log say, and which event is it?

The log is that of deploy/envoy/envoy.yaml: one JSON object a line. Only what somebody brought about is told, a run or an
experiment that was created; that it was so is proven by the token that the gateway checked and by MLflow's own answer. An
event is made of its line alone, so a line that is read twice is one event.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple
from uuid import NAMESPACE_URL, uuid5

import msgspec

from graph_schema import instants
from graph_schema.facets import PRODUCERS, written
from graph_schema.identity import uuid_of

Json = dict[str, Any]

PRODUCER: Final = f"{PRODUCERS}/gateway"
JOB: Final = "access"
ACTS: Final = {"runs": "CREATED_RUN", "experiments": "CREATED_EXPERIMENT"}
OK: Final = 200
_RUN_EVENT: Final = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_JOB_TYPE: Final = "https://openlineage.io/spec/facets/2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet"
_RUNS: Final = uuid5(NAMESPACE_URL, "headwater:gateway")


class Names(NamedTuple):
    """How the gateway is named, and the MLflow behind it."""

    gateway: str
    mlflow: str


class Line(msgspec.Struct):
    """A request as the log has it; what was not there is null."""

    at: str
    request_id: str
    method: str
    path: str
    status: int
    person: str | None = None
    subject: str | None = None
    issuer: str | None = None
    created: str | None = None
    run_id: str | None = None
    experiment_id: str | None = None


_LINE: Final = msgspec.json.Decoder(Line)


def line_of(text: bytes) -> Line | None:
    """Read a line; None for one that is no request of this log."""
    try:
        line = _LINE.decode(text)
        line.at = instants.parse_instant(line.at)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError):
        return None
    return line if line.request_id else None


def event_of(line: Line, names: Names) -> Json | None:
    """Give the event that a request is; None where nothing was created, or nobody is known to have."""
    act, person = ACTS.get(line.created or ""), line.person or line.subject
    if act is None or not person or line.status != OK:
        return None
    experiment = (
        {"namespace": names.mlflow, "experimentId": line.experiment_id} if line.experiment_id else None
    )
    facet = {
        "person": person,
        "subject": line.subject,
        "issuer": line.issuer,
        "act": act,
        "requestId": line.request_id,
        "method": line.method,
        "path": line.path,
        "status": line.status,
        "at": line.at,
    }
    # What is not known is null, and said so: the facet's members for it may be.
    whole = {**written("gateway_access", PRODUCER, facet), "run": _run(line), "experiment": experiment}
    job_type = {"processingType": "BATCH", "integration": "HEADWATER", "jobType": "GATEWAY_ACCESS"}
    return {
        "eventType": "COMPLETE",
        "eventTime": line.at,
        "producer": PRODUCER,
        "schemaURL": _RUN_EVENT,
        "run": {
            "runId": str(uuid5(_RUNS, f"{names.gateway}\n{line.request_id}")),
            "facets": {"gateway_access": whole},
        },
        "job": {
            "namespace": names.gateway,
            "name": JOB,
            "facets": {"jobType": {"_producer": PRODUCER, "_schemaURL": _JOB_TYPE, **job_type}},
        },
        "inputs": [],
        "outputs": [],
    }


def _run(line: Line) -> str | None:
    return uuid_of(line.run_id) if line.run_id else None
