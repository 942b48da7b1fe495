"""Which shapes do the answers of plain HTTP have, as JSON Schema?

Those of questions are the very types that are answered (`queries/results.py`). The door, /readyz and what REST adds to a
node answer with objects that have no type; they are described here, and a test holds real answers against them.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from app.acts.asked import ActAsked, DeploymentAsked
from app.acts.deciding import ActDone
from app.acts.telling import DeploymentTold
from app.errors import ROWS
from queries import learned, received, results
from queries.catalogue import Catalogue
from queries.columns import FieldLineage
from queries.compare_models import ModelComparison
from queries.differences import Diff
from queries.ml_paths import MlPaths
from queries.provenances import Provenance
from queries.rollup import Rollup
from queries.search import Found

REF: Final = "#/components/schemas/{name}"
Schema = dict[str, Any]


class Warned(msgspec.Struct):
    """A part of an event that was left out or changed; `count` says how many more there were (MORE_WARNINGS)."""

    code: str
    pointer: str
    count: int | UnsetType = UNSET
    index: int | UnsetType = UNSET


class EventAnswer(msgspec.Struct):
    """That an event is on disk."""

    position: str
    id: str
    duplicate: bool
    warnings: list[Warned]


class BatchSummary(msgspec.Struct):
    """How many events were taken and how many were not."""

    received: int
    successful: int
    failed: int
    retriable: int
    non_retriable: int
    duplicates: int


class FailedEvent(msgspec.Struct):
    """An event of a batch that was refused."""

    index: int
    reason: str
    retriable: bool
    code: str
    pointer: str


class BatchAnswer(msgspec.Struct):
    """What became of each event of a batch; `status` is success or partial_success."""

    status: str
    summary: BatchSummary
    failed_events: list[FailedEvent]
    position: str
    warnings: list[Warned]


class DatasetAnswer(results.Dataset, frozen=True, kw_only=True):
    """A dataset; with `details` what belongs to it, lists cut at 20 (`more` names those that go on)."""

    position: str
    fields: list[results.Field] | UnsetType = UNSET
    aliases: list[str] | UnsetType = UNSET
    owners: list[str] | UnsetType = UNSET
    checks: list[results.Check] | UnsetType = UNSET
    producers: list[results.Io] | UnsetType = UNSET
    consumers: list[results.Io] | UnsetType = UNSET
    approvals: list[learned.Approval] | UnsetType = UNSET
    more: list[str] | UnsetType = UNSET


class JobAnswer(results.Job, frozen=True, kw_only=True):
    """A job; with `details` what belongs to it."""

    position: str
    inputs: list[results.Io] | UnsetType = UNSET
    outputs: list[results.Io] | UnsetType = UNSET
    owners: list[str] | UnsetType = UNSET
    runs: list[results.Run] | UnsetType = UNSET
    more: list[str] | UnsetType = UNSET


class RunAnswer(results.Run, frozen=True, kw_only=True):
    """A run; with `details` what it read and wrote, [event type, time] of each state, [code, pointer] of each warning."""

    position: str
    inputs: list[results.Act] | UnsetType = UNSET
    outputs: list[results.Act] | UnsetType = UNSET
    transitions: list[tuple[str, str]] | UnsetType = UNSET
    warnings: list[tuple[str, str]] | UnsetType = UNSET
    schemas: list[results.StatedSchema] | UnsetType = UNSET
    code: results.RunCode | UnsetType | None = UNSET
    children: list[str] | UnsetType = UNSET
    features_used: list[learned.UsedFeature] | UnsetType = UNSET
    started_by: list[learned.Starter] | UnsetType = UNSET
    more: list[str] | UnsetType = UNSET


class FieldAnswer(results.Field, frozen=True, kw_only=True):
    """A column or feature."""

    position: str


class PersonAnswer(results.Person, frozen=True, kw_only=True):
    """An owner."""

    position: str


class FacetAnswer(results.Facet, frozen=True, kw_only=True):
    """The newest facet of one name."""

    position: str


class CheckAnswer(results.Check, frozen=True, kw_only=True):
    """One result of a check."""

    position: str


class ExperimentAnswer(learned.Experiment, frozen=True, kw_only=True):
    """An experiment; with `details` its newest runs and who started it."""

    position: str
    runs: list[results.Run] | UnsetType = UNSET
    started_by: list[learned.Starter] | UnsetType = UNSET
    more: list[str] | UnsetType = UNSET


class ModelAnswer(learned.Model, frozen=True, kw_only=True):
    """A registered model; with `details` the keys of its versions, newest first."""

    position: str
    versions: list[str] | UnsetType = UNSET
    more: list[str] | UnsetType = UNSET


class DeploymentAnswer(learned.Deployment, frozen=True, kw_only=True):
    """A deployment; with `details` what feeds it now and its newest revisions."""

    position: str
    sources: list[str] | UnsetType = UNSET
    runs: list[results.Run] | UnsetType = UNSET
    more: list[str] | UnsetType = UNSET


class ApprovalAnswer(learned.Approval, frozen=True, kw_only=True):
    """A decision; with `details` what it is about and who made it."""

    position: str
    datasets: list[str] | UnsetType = UNSET
    decided_by: list[str] | UnsetType = UNSET
    more: list[str] | UnsetType = UNSET


class Readiness(msgspec.Struct):
    """How far the graph is behind the journal; null is what cannot be asked now."""

    ready: bool
    lag: int | None
    journal_end: str | None
    projected: str | None
    reason: dict[str, Any] | UnsetType = UNSET
    children: dict[str, Any] | UnsetType = UNSET
    blocked: dict[str, Any] | UnsetType = UNSET
    follow: dict[str, Any] | UnsetType = UNSET
    forward: dict[str, Any] | UnsetType = UNSET
    mlflow: dict[str, Any] | UnsetType = UNSET


class Alive(msgspec.Struct):
    """The process answers."""

    status: str


class Rejected(msgspec.Struct):
    """A body that was refused and kept."""

    position: str
    received_at: str
    source: str
    bytes: int
    message: str
    code: str | UnsetType = UNSET
    pointer: str | UnsetType = UNSET


class SetAside(msgspec.Struct):
    """An event that the graph goes on without."""

    position: str
    received_at: str
    source: str
    id: str
    message: str
    code: str | UnsetType = UNSET
    pointer: str | UnsetType = UNSET


NODES: Final = (
    results.Dataset, results.Field, results.Job, results.Run, results.Person, results.Facet, results.Check,
    learned.Experiment, learned.Model, learned.Deployment, learned.Approval,
)  # fmt: skip
NODE_ANSWERS: Final = (
    DatasetAnswer, FieldAnswer, JobAnswer, RunAnswer, PersonAnswer, FacetAnswer, CheckAnswer,
    ExperimentAnswer, ModelAnswer, DeploymentAnswer, ApprovalAnswer,
)  # fmt: skip
KINDS: Final = (
    results.DATASET_KINDS, ("FIELD",), ("JOB",), ("RUN",), ("PERSON",), ("FACET",), ("CHECK",),
    ("EXPERIMENT",), ("MODEL",), ("DEPLOYMENT",), ("APPROVAL",),
)  # fmt: skip
ODDITIES: Final = (Rejected, SetAside, results.JobClash, results.UnmergedGroup, received.ForwardRefused)
ANSWERS: Final = (
    EventAnswer, BatchAnswer, results.Lineage, results.PathSet, results.History, Diff, Rollup, FieldLineage, Found,
    results.RunEventPage, received.AcceptedPage, Readiness, Alive, ActDone, DeploymentTold, Catalogue,
    Provenance, MlPaths, ModelComparison,
)  # fmt: skip
ASKED: Final = (ActAsked, DeploymentAsked)
"""What is sent where it is no event: of these, what has a default may be left out."""


def schemas() -> dict[str, Schema]:
    """Give every schema by its name."""
    types = [*NODES, *NODE_ANSWERS, *ODDITIES, *ANSWERS, results.PageInfo]
    _, found = msgspec.json.schema_components(types, ref_template=REF)
    named = {name: _all_sent(schema) for name, schema in found.items()}
    for own, answer, kinds in zip(NODES, NODE_ANSWERS, KINDS, strict=True):
        for kind in (own, answer):
            named[kind.__name__]["properties"]["kind"] = {"type": "string", "enum": list(kinds)}
    named["RunEvent"] = _without(named["RunEvent"], "order")  # plain HTTP does not send it
    named |= msgspec.json.schema_components(ASKED, ref_template=REF)[1]
    named["Node"] = _one_of("Any node; `kind` tells which.", NODES)
    named["NodeAnswer"] = _one_of("Any node, and up to where the graph was made.", NODE_ANSWERS)
    named["Oddities"] = _oddities()
    return {name: named[name] for name in sorted(named)} | error_schemas()


def error_schemas() -> dict[str, Schema]:
    """Give the schema of a refusal for each status: the codes that it may have."""
    statuses = sorted({row.status for row in ROWS.values() if row.over_http})
    return {f"Error{status}": _error(status) for status in statuses}


def ref(name: str) -> Schema:
    return {"$ref": REF.format(name=name)}


def _error(status: int) -> Schema:
    codes = [code for code, row in ROWS.items() if row.over_http and row.status == status]
    steps = "; ".join(f"{code}: {ROWS[code].then}" for code in codes)
    code: Schema = {"type": "string", "enum": codes}
    if "EVENT_REJECTED" in codes:
        code = {"type": "string", "examples": ["EVENT_TIME_BAD", "IDENTITY_MISSING"]}
    return {
        "title": f"Error{status}",
        "description": f"What to do next: {steps}. More members say which values the message speaks of.",
        "type": "object",
        "properties": {"code": code, "message": {"type": "string"}},
        "required": ["code", "message"],
    }


def _one_of(says: str, types: tuple[type, ...]) -> Schema:
    return {"description": says, "anyOf": [ref(kind.__name__) for kind in types]}


def _oddities() -> Schema:
    listed = {"type": "array", "items": {"anyOf": [ref(kind.__name__) for kind in ODDITIES]}}
    return {
        "title": "Oddities",
        "description": "One page of one kind of what to look into.",
        "type": "object",
        "properties": {
            "kind": {"type": "string", "enum": list(results.ODDITY_KINDS)},
            "oddities": listed,
            "page_info": ref("PageInfo"),
            "position": {"type": "string"},
        },
        "required": ["kind", "oddities", "page_info", "position"],
    }


def _without(schema: Schema, name: str) -> Schema:
    properties = {one: says for one, says in schema["properties"].items() if one != name}
    return {
        **schema,
        "properties": properties,
        "required": [one for one in schema["required"] if one != name],
    }


def _all_sent(schema: Schema) -> Schema:
    """Say that what has a default is sent too: unknown is null, never absent."""
    properties = {}
    always = list(schema.get("required", ()))
    for name, one in schema.get("properties", {}).items():
        if "default" in one:
            always.append(name)
        properties[name] = {key: value for key, value in one.items() if key != "default"}
    order = [name for name in properties if name in always]
    return {**schema, "properties": properties, "required": order}
