"""How do experiments, registered models, deployments and decisions look as nodes (rule D6)?"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from graph_schema.identity import approval_key, clean, named_key, person_key
from graph_schema.instants import OPEN_END
from graph_schema.words import words_text
from ingest.canonical import text_of as canonical_text
from ingest.canonical import value_of
from ingest.derive.runs import reads
from ingest.facets import mlflow
from ingest.facts import DELETED, time_of
from ingest.saying import ACT, EXPERIMENT, MODEL, NAME

if TYPE_CHECKING:
    from ingest.derive.runs import Run
    from ingest.facts import Fact
    from ingest.render.rows import Row
    from ingest.state import State

Body = dict[str, Any]

_DEPLOYMENT: Final = "SELECT body FROM register WHERE entity = ? AND facet = 'mlops_deployment'"
_NEWEST: Final = "SELECT state, facet FROM deployed WHERE job = ? ORDER BY began DESC, run DESC LIMIT 1"
_RUNNING: Final = "SELECT count(*) FROM deployed WHERE job = ? AND state = 'RUNNING'"


def said(state: State, entity: str, slot: str) -> Body:
    """Read what was said last of an entity; nothing where nothing was, or a tombstone."""
    row = state.one("SELECT body FROM said WHERE entity = ? AND slot = ?", (entity, slot))
    return mlflow.object_of(value_of(state.body(row[0]))) if row and row[0] != DELETED else {}


def _named(state: State, key: str) -> tuple[str, str] | None:
    row = state.one("SELECT namespace, name FROM name WHERE key = ?", (key,))
    return None if row is None else (row[0], row[1])


def experiment_row(state: State, key: str) -> Row | None:
    """Render an experiment: what it is called now, and what was said of it last."""
    named = _named(state, key)
    if named is None:
        return None
    body = said(state, key, EXPERIMENT)
    name = mlflow.text_of(said(state, key, NAME).get("name")) or named[1]
    tags = mlflow.tags_of(body)
    return {
        "key": key,
        "namespace": named[0],
        "name": name,
        "experiment_id": named[1],
        "lifecycle_stage": mlflow.text_of(body.get("lifecycleStage")),
        "artifact_location": mlflow.text_of(body.get("artifactLocation")),
        "workspace": mlflow.text_of(body.get("workspace")),
        "description": mlflow.description_of(body),
        "tags": tags,
        "words": words_text(key, name, namespace=named[0], tags=tags or ()),
    }


def model_row(state: State, key: str) -> Row | None:
    """Render a registered model; its aliases and the versions that they stand for are parallel lists."""
    named = _named(state, key)
    if named is None:
        return None
    body = said(state, key, MODEL)
    aliases = sorted(
        (clean(alias), version)
        for alias, stated in mlflow.object_of(body.get("aliases")).items()
        if (version := mlflow.text_of(stated)) is not None
    )
    tags = mlflow.tags_of(body)
    return {
        "key": key,
        "namespace": named[0],
        "name": named[1],
        "description": mlflow.description_of(body),
        "tags": tags,
        "aliases": [alias for alias, _ in aliases] or None,
        "alias_versions": [version for _, version in aliases] or None,
        "deleted": True if body.get("deleted") is True else None,
        "words": words_text(
            key, named[1], namespace=named[0], tags=[*(tags or ()), *(a for a, _ in aliases)]
        ),
    }


def starter_rows(state: State, key: str) -> list[Row]:
    """Render who started a run or experiment, as the gateway saw it."""
    found = state.rows("SELECT person, evidence, at FROM started WHERE subject = ?", (key,))
    return [
        starter_row(key, person, evidence, None if at == OPEN_END else at)
        for person, evidence, at in sorted(found)
    ]


def starter_row(key: str, person: str, evidence: str, at: str | None) -> Row:
    """Render that a person started something."""
    return {"key": key, "person": person, "evidence": evidence, "props": {"evidence": evidence, "at": at}}


def deployment_row(state: State, job: str) -> Row | None:
    """Render the deployment that a job is; None for a job that is none.

    How it stands, and as what, is told by the run of it that was begun last; `running` says how many of its runs serve.
    """
    stated = state.one(_DEPLOYMENT, (job,))
    newest = state.one(_NEWEST, (job,))
    named = _named(state, job)
    if named is None or (stated is None and newest is None):
        return None
    said_of = [row for row in (newest and newest[1], stated and stated[0]) if row]
    body = mlflow.object_of(value_of(state.body(said_of[0]))) if said_of else {}
    running = state.one(_RUNNING, (job,))
    key = named_key("deployment", *named)
    environment = mlflow.text_of(body.get("environment"))
    configuration = mlflow.object_of(body.get("configuration"))
    return {
        "key": key,
        "namespace": named[0],
        "name": named[1],
        "job": job,
        "state": newest[0] if newest else None,
        "running": running[0] if running else 0,
        "environment": environment,
        "platform": mlflow.text_of(body.get("platform")),
        "endpoint": mlflow.text_of(body.get("endpoint")),
        "revision": mlflow.text_of(body.get("revision")),
        "traffic_percent": _percent(body.get("trafficPercent")),
        "requested_alias": mlflow.text_of(body.get("requestedAlias")),
        "image": mlflow.text_of(body.get("image")),
        "reason": mlflow.text_of(body.get("reason")),
        "by": mlflow.text_of(body.get("by")),
        "configuration": _json(configuration) if configuration else None,
        "words": words_text(key, named[1], namespace=named[0], tags=[environment] if environment else ()),
    }


def _percent(value: Any) -> float | None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if number and 0 <= value <= 100 else None  # noqa: PLR2004 - per cent


def _json(value: Any) -> str:
    return clean(canonical_text(value).decode("utf-8", "surrogatepass"))


def act_of(state: State, run: Run) -> tuple[Fact, Body] | None:
    """Find the decision that a run records: the newest that says what was decided."""
    facts = sorted((fact for attempt in run.attempts for fact in attempt.facts), key=lambda fact: fact.order)
    for fact in reversed(facts):
        if ACT in fact.run_facets:
            body = value_of(state.body(fact.run_facets[ACT]))
            if mlflow.act_of(body) is not None:
                return fact, body
    return None


def approval_row(run: Run, fact: Fact, body: Body) -> Row:
    """Render a decision; `evidence_hash` names what it was based on, as it stood in the event."""
    model = mlflow.object_of(body.get("model"))
    evidence = body.get("evidence")
    listed = evidence if isinstance(evidence, list) and evidence else None
    return {
        "key": approval_key(run.uuid),
        "name": mlflow.act_of(body),
        "decision": mlflow.act_of(body),
        "at": mlflow.instant_of(body.get("at")) or _time(fact),
        "reason": mlflow.text_of(body.get("reason")),
        "by": mlflow.text_of(body.get("by")),
        "model": _model(model),
        "version": mlflow.text_of(body.get("version")),
        "evidence": None if listed is None else _json(listed),
        "evidence_hash": None if listed is None else sha256(canonical_text(listed)).hexdigest(),
    }


def _time(fact: Fact) -> str | None:
    return None if fact.order[0] == "0" else time_of(fact.order)


def _model(said_of: Body) -> str | None:
    namespace, name = said_of.get("namespace"), mlflow.text_of(said_of.get("name"))
    return named_key("model", namespace, name) if isinstance(namespace, str) and name else None


def approved(run: Run) -> list[str]:
    """List the datasets that a decision is about: all that its run reads, on the names as sent."""
    return sorted({name for attempt in run.attempts for name in reads(attempt.facts)})


def decided_by(body: Body) -> str | None:
    """Name who decided."""
    who = mlflow.text_of(body.get("by"))
    return None if who is None else person_key(who)
