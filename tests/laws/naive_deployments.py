"""What was decided, and which deployments are there (rule D6)?"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from graph_schema.identity import named_key, person_key
from ingest.canonical import text_of as canonical_text
from tests.laws.naive_events import INPUT, Event, Facets, Name, job_facet, live, members, run_facet, uses
from tests.laws.naive_learning import MODELS, is_any, own_events
from tests.laws.naive_runs import Attempt, Run
from tests.laws.naive_said import instant, text

Row = dict[str, Any]


# Decisions.


def approval_rows(runs: list[Run]) -> list[Row]:
    """One per run that decides, with what it is about and who decided."""
    rows = []
    for run in runs:
        own = own_events(run)
        acts = [
            (event, body)
            for event in own
            if (body := run_facet(event, "catalogue_act")) and text(body.get("act"))
        ]
        if not acts:
            continue
        event, body = acts[-1]
        key = run.key.replace("run:", "approval:")
        listed = body.get("evidence") if isinstance(body.get("evidence"), list) else None
        evidence = canonical_text(listed) if listed else None
        model = members(body.get("model"))
        known = isinstance(model.get("namespace"), str) and text(model.get("name"))
        rows.append(
            {"type": "approval", "key": key, "decision": text(body.get("act")), "reason": text(body.get("reason")),
             "at": instant(body.get("at")) or (None if event.suspect else event.time), "by": text(body.get("by")),
             "model": named_key("model", model["namespace"], text(model["name"]) or "") if known else None,
             "version": text(body.get("version")), "evidence": evidence.decode() if evidence else None,
             "evidence_hash": sha256(evidence).hexdigest() if evidence else None}
        )  # fmt: skip
        about = {use.name.key for event in own for use in uses(event) if use.place[0] == INPUT}
        rows += [{"type": "approves", "source": key, "target": dataset} for dataset in about]
        by = text(body.get("by"))
        rows += [{"type": "decided_by", "source": key, "target": person_key(by)}] if by else []
    return rows


# Deployments.


def job_states(events: list[Event], job: Name) -> tuple[bool, Facets | None]:
    """Whether a job ever said that it is a deployment, and what it says now."""
    stamps = [
        (e.stamp, body)
        for e in events
        if e.job == job and (body := job_facet(e, "mlops_deployment")) is not None
    ]
    return bool(stamps), live(max(stamps, key=lambda found: found[0])[1]) if stamps else None


def serving(events: list[Event], attempts: list[Attempt], names: dict[str, str]) -> list[Attempt]:
    """D6: the SERVICE attempts of jobs that say so, and those that read a model."""
    found = []
    for attempt in attempts:
        read = {use.name.key for event in attempt.events for use in uses(event) if use.place[0] == INPUT}
        says = job_states(events, attempt.job)[1] is not None
        if attempt.processing == "SERVICE" and (
            says or any(is_any(events, key, MODELS, names) for key in read)
        ):
            found.append(attempt)
    return found


def deployment_rows(events: list[Event], runs: list[Run], served: list[Attempt]) -> list[Row]:
    """One per job that said that it is one, or serves a model."""
    rows = []
    for job in sorted({event.job for event in events if event.job is not None}):
        ever, body = job_states(events, job)
        own = [run for run in runs if run.job == job and any(a.run == run.key for a in served)]
        if not ever and not own:
            continue
        states = sorted((min(e.stamp for e in run.attempts[-1].events), run.key, _state(run)) for run in own)
        last = max(
            own, key=lambda run: (min(e.stamp for e in run.attempts[-1].events), run.key), default=None
        )
        said = (None if last is None else _newest_own(last)) or body or {}
        share = said.get("trafficPercent")
        number = float(share) if isinstance(share, int | float) and not isinstance(share, bool) else -1.0
        options = members(said.get("configuration"))
        words = ("environment", "platform", "endpoint", "revision", "image", "reason", "by")
        rows.append(
            {"type": "deployment", "key": named_key("deployment", job.namespace, job.name), "namespace": job.namespace,
             "name": job.name, "job": job.key, "state": states[-1][2] if states else None,
             "running": sum(1 for _, _, state in states if state == "RUNNING"),
             **{word: text(said.get(word)) for word in words}, "requested_alias": text(said.get("requestedAlias")),
             "traffic_percent": number if 0 <= number <= 100 else None,
             "configuration": canonical_text(options).decode() if options else None}
        )  # fmt: skip
    return rows


def _newest_own(run: Run) -> Facets | None:
    """What the run's newest attempt says of the deployment itself."""
    found = [job_facet(e, "mlops_deployment") for e in sorted(run.attempts[-1].events, key=lambda e: e.stamp)]
    stated = [body for body in found if body is not None]
    return live(stated[-1]) if stated else None


def _state(run: Run) -> str:
    state = run.attempts[-1].state
    return {"RUNNING": "RUNNING", "FAILED": "FAILED", "COMPLETED": "WITHDRAWN", "ABORTED": "WITHDRAWN"}.get(
        state, "REQUESTED"
    )
