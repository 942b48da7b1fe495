"""Which operations are there over plain HTTP: parameters, bodies, answers and refusals of each path?

Examples stand in examples.json, with what a server really answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from app.http.waiting import AT_LEAST
from queries.lineage import GRANULARITIES
from queries.results import NODE_KINDS, ODDITY_KINDS
from queries.rollup import DIRECTIONS, GROUPINGS
from queries.walk import TRANSFORMATIONS

Schema = dict[str, Any]
JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
TEXT: Final = "text/plain"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path; `answers` are schemas by status, `refusals` the statuses of errors.

    `parameters` are names in PARAMETERS; those of `needed` have to be given.
    """

    name: str
    method: str
    path: str
    says: str
    answers: dict[int, str]
    parameters: tuple[str, ...] = ()
    needed: frozenset[str] = frozenset()
    refusals: tuple[int, ...] = ()
    takes: str | None = None
    media: str = JSON


_TIME: Final[Schema] = {"type": "string", "examples": ["2026-05-01T12:00:00Z"]}
_KEY: Final[Schema] = {"type": "string", "examples": ["dataset:bigquery:otter.marts.trips"]}
_FLAG: Final[Schema] = {"type": "boolean", "default": False}
_KINDS: Final[Schema] = {"type": "array", "items": {"type": "string", "enum": list(NODE_KINDS)}}
_ROWS: Final[Schema] = {"type": "integer", "minimum": 0}

PARAMETERS: Final[dict[str, tuple[Schema, str]]] = {
    "key": (_KEY, "What about: `kind:namespace:name`, escaped as keys are. Or give `namespace` and `name`."),
    "namespace": ({"type": "string"}, "With `name`, instead of `key`."),
    "name": ({"type": "string"}, "With `namespace`, instead of `key`."),
    "kind": ({"type": "string", "enum": ["dataset", "job"]}, "What `namespace` and `name` name."),
    "from": (_KEY, "Where paths begin."),
    "to": (_KEY, "Where paths end."),
    "q": ({"type": "string", "examples": ["otter booking"]}, "Words; the last may be the beginning of one."),
    "depth": ({"type": "integer", "minimum": 0}, "How many edges far; without it as far as there is."),
    "as_of": (_TIME, "The edges that held at this time; no zone means UTC."),
    "seen_since": (_TIME, "Only edges that were observed at or after this time."),
    "granularity": (
        {"type": "string", "enum": list(GRANULARITIES), "default": "DATASET"},
        "What a walk goes over.",
    ),
    "transformations": (
        {"type": "string", "enum": list(TRANSFORMATIONS), "default": "ALL"},
        "At `FIELD`: which column edges are taken.",
    ),
    "kinds": (_KINDS, "List these kinds alone; separated by commas."),
    "dataset": (_KEY, "Whose columns. Or give `namespace` and `name`."),
    "run": (
        {"type": "string", "examples": ["run:01e8aac0-77d2-50c0-9a75-159012c3b4e3"]},
        "A run's key or its UUID.",
    ),
    "source": (_KEY, "Only edges from this one."),
    "a": (_KEY, "What to compare: a dataset, job, run or version."),
    "b": (_KEY, "With what; without it `a` itself, at other times."),
    "a_as_of": (_TIME, "`a` as it was then."),
    "b_as_of": (_TIME, "`b` as it was then."),
    "direction": ({"type": "string", "enum": list(DIRECTIONS)}, "Which way to walk."),
    "group_by": ({"type": "string", "enum": list(GROUPINGS)}, "Without it each node stands for itself."),
    "hide_kinds": (_KINDS, "Leave these kinds out, and join what they connect."),
    "ignore_as_hops": (_KINDS, "Do not count these kinds as steps."),
    "limit": (_ROWS, "Rows on this page; docs/api.md says how many there are without it."),
    "after": ({"type": "string"}, "The `end_cursor` of the page before."),
    "after_position": (
        {"type": "string", "examples": ["0"]},
        "Go on after this position; 0 is the beginning.",
    ),
    "totals": (_FLAG, "Count the whole walk, all pages."),
    "consumers": (_FLAG, "Downstream: name the jobs that read a dataset and output nothing."),
    "model": (
        {"type": "string", "examples": ["loan", "model:mlflow%3A//mlflow.example:loan"]},
        "A model's name or its key.",
    ),
    "version": ({"type": "string"}, "This version alone."),
    "feature": (
        {"type": "string", "examples": ["dataset:feast%3A//fs/loans:credit#income"]},
        "A feature: the field of a view.",
    ),
    "experiment": ({"type": "string", "examples": ["experiment:mlflow%3A//ml:7"]}, "An experiment's key."),
    "any_dataset": (_KEY, "From which data on."),
    "any_model": ({"type": "string"}, "A model's name or key, or the key of a version."),
    "model_a": ({"type": "string"}, "A model's name or key, or the key of a version."),
    "model_b": ({"type": "string"}, "With what; without it another version of `a`."),
    "a_version": ({"type": "string"}, "The version of `a`, the newest without."),
    "b_version": ({"type": "string"}, "The version of `b`, the newest without."),
    "model_namespace": ({"type": "string"}, "The model's, where several have the name."),
    "details": (_FLAG, "Also what belongs to the node, lists cut at 20."),
    "at_least": ({"type": "string"}, f"Wait for this position; also as the header {AT_LEAST}."),
    "known_at": (
        {"type": "string", "examples": ["1200", "2026-05-01T12:00:00Z"]},
        "What would have been answered then: a position of the journal, or an instant of receipt.",
    ),
    "oddity": ({"type": "string", "enum": list(ODDITY_KINDS)}, "Which list."),
}
"""Each parameter's schema and meaning. `oddity` is sent as `kind`, `run` as `key`, `after_position` as `after`,
`model_namespace` as `namespace`."""
SENT_AS: Final = {
    "oddity": "kind",
    "run": "key",
    "after_position": "after",
    "model_namespace": "namespace",
    "any_dataset": "dataset",
    "any_model": "model",
    "model_a": "a",
    "model_b": "b",
}

_NAMING: Final = ("key", "namespace", "name", "kind")
_WALKING: Final = (
    *_NAMING, "depth", "as_of", "seen_since", "granularity", "transformations", "kinds", "limit", "after", "totals",
    "consumers", "at_least", "known_at",
)  # fmt: skip
_ASKING: Final = (400, 401, 404, 503, 504)
_DOOR: Final = (400, 401, 413, 422, 503)
_ACTING: Final = (400, 401, 404, 409, 413, 503)

OPERATIONS: Final = (
    Operation(
        "postEvent", "post", "/api/v1/lineage",
        "Take one OpenLineage event. 201: it is on disk; 200: it was there already. An array is taken as a batch.",
        {201: "EventAnswer", 200: "EventAnswer"}, refusals=_DOOR, takes="Event",
    ),
    Operation(
        "postEvents", "post", "/api/v1/lineage/batch",
        "Take many events at once: the good ones are kept, the bad ones are named.",
        {200: "BatchAnswer"}, refusals=(400, 401, 413, 503), takes="Events",
    ),
    Operation(
        "registerModelVersion", "post", "/api/v1/catalogue/register",
        "Take a model version into the catalogue. 201: the act is on disk; 200: it was done before under this id.",
        {201: "ActDone", 200: "ActDone"}, refusals=_ACTING, takes="ActAsked",
    ),
    Operation(
        "setModelState", "post", "/api/v1/catalogue/state",
        "Say that a model version is in another state. 409: it cannot be, from the one it has, unless forced.",
        {201: "ActDone", 200: "ActDone"}, refusals=_ACTING, takes="ActAsked",
    ),
    Operation(
        "catalogue", "get", "/api/v1/catalogue",
        "What was decided about a model's versions, newest first, and what its registry says of them.",
        {200: "Catalogue"}, ("model", "model_namespace", "version", "limit", "after", "at_least", "known_at"),
        needed=frozenset({"model"}), refusals=_ASKING,
    ),
    Operation(
        "provenance", "get", "/api/v1/graph/provenance",
        "How a model version came to be, as things stood when it was made, and what became of it.",
        {200: "Provenance"}, ("any_model", "version", "model_namespace", "as_of", "at_least", "known_at"),
        needed=frozenset({"any_model"}), refusals=_ASKING,
    ),
    Operation(
        "mlPaths", "get", "/api/v1/graph/ml_paths",
        "The ways from datasets over features and runs to model versions and deployments, a row each.",
        {200: "MlPaths"},
        ("any_dataset", "feature", "experiment", "any_model", "limit", "after", "at_least", "known_at"), refusals=_ASKING,
    ),
    Operation(
        "compareModels", "get", "/api/v1/graph/compare_models",
        "What is different between two versions: data, features, parameters, metrics, code, checks, decisions.",
        {200: "ModelComparison"},
        (
            "model_a", "a_version", "model_b", "b_version", "model_namespace", "as_of", "limit", "after", "at_least",
            "known_at",
        ),
        needed=frozenset({"model_a"}), refusals=_ASKING,
    ),
    Operation(
        "tellDeployment", "post", "/api/v1/deployments/events",
        "Say that a deployment was requested, started, failed, got other traffic, or was withdrawn.",
        {201: "DeploymentTold", 200: "DeploymentTold"}, refusals=(400, 401, 404, 413, 503), takes="DeploymentAsked",
    ),
    Operation(
        "upstream", "get", "/api/v1/graph/upstream", "What something's data comes from, nearest first.",
        {200: "Lineage"}, _WALKING, refusals=_ASKING,
    ),
    Operation(
        "downstream", "get", "/api/v1/graph/downstream", "What something's data goes into, nearest first.",
        {200: "Lineage"}, _WALKING, refusals=_ASKING,
    ),
    Operation(
        "paths", "get", "/api/v1/graph/paths", "The nearest paths from one thing to another, and how many there are.",
        {200: "PathSet"}, ("from", "to", "as_of", "granularity", "transformations", "limit", "at_least", "known_at"),
        needed=frozenset({"from", "to"}), refusals=_ASKING,
    ),
    Operation(
        "diff", "get", "/api/v1/graph/diff", "What is on side b and not on side a, or not the same.",
        {200: "Diff"},
        ("a", "b", "a_as_of", "b_as_of", "direction", "depth", "granularity", "limit", "after", "at_least", "known_at"),
        needed=frozenset({"a"}), refusals=_ASKING,
    ),
    Operation(
        "history", "get", "/api/v1/graph/history",
        "Every interval of the edges into a dataset, and what happened to its name.",
        {200: "History"}, (*_NAMING, "source", "limit", "after", "at_least", "known_at"), refusals=_ASKING,
    ),
    Operation(
        "runEvents", "get", "/api/v1/graph/run_events", "A run's events as they were accepted, by time.",
        {200: "RunEventPage"}, ("run", "limit", "after", "at_least"), needed=frozenset({"run"}), refusals=_ASKING,
    ),
    Operation(
        "events", "get", "/api/v1/events",
        "All events in order of receipt, as they were accepted; whoever goes on after a position misses none.",
        {200: "AcceptedPage"}, ("limit", "after_position"), refusals=(400, 401, 503),
    ),
    Operation(
        "fieldLineage", "get", "/api/v1/graph/field_lineage",
        "The fields of a dataset, each with the column edges on its two sides.",
        {200: "FieldLineage"},
        (
            "dataset", "namespace", "name", "depth", "as_of", "seen_since", "transformations", "limit", "after",
            "at_least", "known_at",
        ),
        refusals=_ASKING,
    ),
    Operation(
        "rollup", "get", "/api/v1/graph/rollup", "The whole of a walk in groups, with kinds of nodes hidden.",
        {200: "Rollup"},
        (
            *_NAMING, "direction", "group_by", "depth", "as_of", "seen_since", "granularity", "hide_kinds",
            "ignore_as_hops", "limit", "after", "at_least", "known_at",
        ),
        needed=frozenset({"direction"}), refusals=_ASKING,
    ),
    Operation(
        "search", "get", "/api/v1/graph/search", "What is called like a text, or has such a column, tag or owner.",
        {200: "Found"}, ("q", "kinds", "limit", "after", "at_least", "known_at"),
        needed=frozenset({"q"}), refusals=(400, 401, 503, 504),
    ),
    Operation(
        "node", "get", "/api/v1/graph/node", "One node, and with `details` what belongs to it.",
        {200: "NodeAnswer"}, (*_NAMING, "details", "at_least", "known_at"), refusals=_ASKING,
    ),
    Operation(
        "export", "get", "/api/v1/export", "The whole graph, a row a line; docs/api.md tells the types of rows.",
        {200: ""}, ("at_least",), refusals=(400, 401, 503), media=NDJSON,
    ),
    Operation(
        "oddities", "get", "/api/v1/oddities", "What to look into, one kind's list in pages.",
        {200: "Oddities"}, ("oddity", "limit", "after", "at_least"),
        needed=frozenset({"oddity"}), refusals=(400, 401, 503),
    ),
    Operation(
        "mlflowWebhook", "post", "/api/v1/webhooks/mlflow",
        "MLflow says that something in its registry is new; known by its signature. Needs no key.",
        {200: ""}, refusals=(401, 413), takes="Webhook", media=TEXT,
    ),
    Operation("healthz", "get", "/healthz", "The process answers. Needs no key.", {200: "Alive"}),
    Operation(
        "readyz", "get", "/readyz", "Can the graph be asked, and how far is it behind? 503: not now.",
        {200: "Readiness", 503: "Readiness"}, refusals=(401,),
    ),
    Operation("metrics", "get", "/metrics", "For Prometheus.", {200: ""}, refusals=(401,), media=TEXT),
)  # fmt: skip
