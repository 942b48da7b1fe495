"""How does a run look as a node, with what it read and wrote, and the checks it made?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from graph_schema.identity import check_key, clean, run_key
from graph_schema.instants import OPEN_END, parse_instant
from ingest.canonical import value_of
from ingest.derive.batch import lifecycles
from ingest.derive.runs import TERMINAL, newest_facets, reads, writes
from ingest.derive.streaming import failed_before_running
from ingest.facets import quality
from ingest.facets.job_type import BATCH, SERVICE
from ingest.facets.quality import QUALITY
from ingest.facts import DELETED, hash_of, is_suspect, time_of
from ingest.memo import Memo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ingest.derive.runs import Attempt, Run
    from ingest.facets.quality import CheckResult
    from ingest.facts import Checked, Facets, Fact, Listed, Sha
    from ingest.render.rows import Row
    from ingest.state import State


_OBJECT_BYTES_MAX: Final = 8 * 1024
_objects: Memo[bytes] = Memo(4096)
"""Facets written as one object, by their names and hashes: at most 32 MB."""


def run_row(state: State, run: Run) -> Row:
    """Render a run that reported: its newest attempt that ended, else its newest (rule F4)."""
    shown = run.shown
    own = newest_facets(shown.facts, lambda fact: fact.run_facets)
    nominal = value_of(state.body(own["nominalTime"])) if "nominalTime" in own else {}
    facts = [fact for attempt in run.attempts for fact in attempt.facts]
    sound = [time_of(fact.order) for fact in facts if not is_suspect(fact.order)]
    warnings = sorted({warned for fact in facts for warned in fact.warnings})
    return {
        "key": run_key(run.uuid),
        "job": run.job,
        "state": shown.state,
        "processing": None if shown.processing[0] == BATCH else shown.processing[0],
        "started_at": shown.start[1:] if shown.start else None,
        "ended_at": shown.end[1:] if shown.end else None,
        "parent": run_key(run.parent) if run.parent else None,
        "root": run_key(run.root) if run.root else None,
        "job_clash": list(run.clash),
        "clash": run_key(run.uuid) if run.clash else None,
        "sent_id": next((fact.sent_id for fact in facts if fact.sent_id is not None), None),
        "nominal_start": _instant(nominal.get("nominalStartTime")),
        "nominal_end": _instant(nominal.get("nominalEndTime")),
        "created_at": min(sound, default=None),
        "last_event_at": max(sound, default=None),
        "attempts": len(run.attempts),
        "transitions": orjson.dumps(_transitions(facts)).decode(),
        "warnings": orjson.dumps(warnings).decode() if warnings else None,
        "experiment": experiment_of(run),
        "facets": _facets_text(state, shown, own),
    }


def experiment_of(run: Run) -> str | None:
    """Give the experiment that a run is in: that which its events named last."""
    facts = sorted((fact for attempt in run.attempts for fact in attempt.facts), key=lambda fact: fact.order)
    return next((fact.experiment for fact in reversed(facts) if fact.experiment is not None), None)


def placeholder_row(state: State, uuid: str) -> Row:
    """Render a run that never reported: named by others, without state."""
    mentions = state.rows("SELECT ord, job FROM run_mention WHERE run = ?", (uuid,))
    jobs = sorted((is_suspect(order), order, job) for order, job in mentions if job)
    sound = [time_of(order) for order, _ in mentions if not is_suspect(order)]
    owner = jobs[0][2] if jobs else None
    others = sorted({job for _, _, job in jobs} - {owner})
    return {
        "key": run_key(uuid),
        "job": owner,
        "state": None,
        "job_clash": others,
        "clash": run_key(uuid) if others else None,
        "created_at": min(sound, default=None),
        "attempts": 0,
    }


def _transitions(facts: list[Fact]) -> list[tuple[str, str]]:
    """Keep every START and terminal event, and the first and last RUNNING."""
    running = [fact.order for fact in facts if fact.type == "RUNNING"]
    edges = {min(running), max(running)} if running else set()
    kept = (f for f in facts if f.type == "START" or f.type in TERMINAL or f.order in edges)
    return [(fact.type or "", time_of(fact.order)) for fact in sorted(kept, key=lambda fact: fact.order)]


def _instant(value: Any) -> str | None:
    try:
        return parse_instant(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _facets_text(state: State, shown: Attempt, own: Facets) -> str:
    """Write the facets the run was given as one JSON object: run, job, inputs, outputs."""
    job = newest_facets(shown.facts, lambda fact: fact.job_facets)
    parts = {"run": _object(state, own), "job": _object(state, job)}
    for side in ("inputs", "outputs"):
        given = _given(shown.facts, side)
        parts[side] = _joined((dataset, _object(state, facets)) for dataset, facets in sorted(given.items()))
    text = _joined(parts.items())
    return clean(text.decode("utf-8", "surrogatepass"))


def _given(facts: Iterable[Fact], side: str) -> dict[str, Facets]:
    listed = [listed for fact in facts for listed in getattr(fact, side)]
    names = dict.fromkeys(item.dataset for item in listed)
    given = {}
    for name in names:
        joined: Facets = {}
        for item in listed:
            if item.dataset == name:
                joined.update(item.facets)
                joined.update(item.run_facets)
        kept = {facet: body for facet, body in joined.items() if body}
        if kept:
            given[name] = kept
    return given


def _object(state: State, facets: Facets) -> bytes:
    """Write facets as one JSON object; producers send most of them with every run of a job."""
    named = tuple(sorted(facets.items()))
    known = _objects.get(named)
    if known is None:
        known = _joined((facet, state.body(sha)) for facet, sha in named)
        if len(known) <= _OBJECT_BYTES_MAX:
            _objects.put(named, known)
    return known


def _joined(members: Iterable[tuple[str, bytes]]) -> bytes:
    return b"{" + b",".join(orjson.dumps(clean(name)) + b":" + text for name, text in members) + b"}"


def act_rows(state: State, run: Run) -> Iterator[tuple[str, Row]]:
    """Render READ and WROTE of every dataset, each from the newest attempt that names it."""
    for statement, side, names in (("link_read", "inputs", reads), ("link_wrote", "outputs", writes)):
        seen: dict[str, Row] = {}
        for attempt in run.attempts:
            for dataset in names(attempt.facts):
                listed = [item for f in attempt.facts for item in getattr(f, side) if item.dataset == dataset]
                at = _read_at(attempt, dataset) if side == "inputs" else _wrote_at(attempt, dataset)
                span = _read_span(attempt) if side == "inputs" else _write_span(attempt, dataset)
                seen[dataset] = {
                    "run": run_key(run.uuid),
                    "dataset": dataset,
                    "props": {**_act(state, listed, at), **span},
                }
        for dataset in sorted(seen):
            yield statement, seen[dataset]


def _streams(attempt: Attempt) -> bool:
    """Tell whether an attempt reads and writes all the time, and did at all (rule D1)."""
    kind = attempt.processing[0]
    return kind != BATCH and not (kind == SERVICE and failed_before_running(attempt))


def _read_span(attempt: Attempt) -> Row:
    """Say how long a stream goes on reading; a batch run reads at one instant."""
    return {"until": (attempt.end[1:] if attempt.end else OPEN_END) if _streams(attempt) else None}


def _write_span(attempt: Attempt, dataset: str) -> Row:
    """Say since when a stream writes, and what came of the write: a completed run may have dropped what it lists."""
    naming = (fact.order for fact in attempt.facts if dataset in writes((fact,)))
    dropped = any(change.dataset == dataset and change.kind == "DROP" for change in lifecycles(attempt))
    return {
        "began_at": time_of(min(naming)) if _streams(attempt) else None,
        "outcome": "DROPPED" if dropped else attempt.state,
    }


def _read_at(attempt: Attempt, dataset: str) -> str:
    naming = (fact.order for fact in attempt.facts if dataset in reads((fact,)))
    return attempt.start[1:] if attempt.start else time_of(min(naming))


def _wrote_at(attempt: Attempt, dataset: str) -> str:
    naming = (fact.order for fact in attempt.facts if dataset in writes((fact,)))
    return attempt.end[1:] if attempt.end else time_of(max(naming))


def _act(state: State, listed: list[Listed], at: str) -> Row:
    facets: Facets = {}
    for item in listed:
        facets.update({name: body for name, body in item.facets.items() if name == "version"})
        facets.update(item.run_facets)
    bodies = {
        name: value_of(state.body(body)) for name, body in facets.items() if body and name in _READ_FACETS
    }
    counted = bodies.get("outputStatistics") or bodies.get("inputStatistics") or {}
    version = bodies.get("version", {}).get("datasetVersion")
    own = {name: body for name, body in facets.items() if name != "version" and body}
    return {
        "at": at,
        "version": clean(version) if isinstance(version, str) else None,
        "row_count": _count(counted.get("rowCount")),
        "bytes": _count(counted.get("size")),
        "file_count": _count(counted.get("fileCount")),
        "facets": clean(_object(state, own).decode("utf-8", "surrogatepass")) if own else None,
    }


_READ_FACETS = frozenset({"version", "inputStatistics", "outputStatistics"})


def _count(value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and abs(value) < 2**63 else None


def check_rows(state: State, run: Run) -> Iterator[Row]:
    """Render the check results a run stated; one stated in two places counts once (rule F11)."""
    shown = run.shown
    source, made_by, at = run.uuid, run_key(run.uuid), _told_at(shown.end or shown.facts[-1].order)
    for side in ("inputs", "outputs"):
        for dataset, facet, body in _quality(shown.facts, side):
            for result in QUALITY[facet](value_of(state.body(body))):
                yield _check(source, made_by, dataset, result, at)
    own = newest_facets(shown.facts, lambda fact: fact.run_facets)
    if "test" in own:
        tested: tuple[str | None, ...] = reads(shown.facts) or (None,)
        for result in quality.tests(value_of(state.body(own["test"]))):
            for each in tested:
                yield _check(source, made_by, each, result, at)


def told_check_rows(checked: Checked) -> Iterator[Row]:
    """Render the check results that an event stated outside of any run: the event stands where the run would."""
    for result in checked.results:
        yield _check(hash_of(checked.order), None, checked.dataset, result, _told_at(checked.order))


def _told_at(order: str) -> str | None:
    """Give the time of a check; a suspect one is unknown, so that it is not the newest for ever (rule F1)."""
    return None if is_suspect(order) else time_of(order)


def _quality(facts: Iterable[Fact], side: str) -> list[tuple[str, str, Sha]]:
    """List (dataset, facet, body): of each place, `facets` and `inputFacets`, what was stated last."""
    newest: dict[tuple[str, str, int], Sha] = {}
    for fact in facts:
        for item in getattr(fact, side):
            for place, facets in enumerate((item.facets, item.run_facets)):
                for facet in QUALITY.keys() & facets.keys():
                    newest[item.dataset, facet, place] = facets[facet]
    return [(dataset, facet, newest[dataset, facet, place])
            for dataset, facet, place in sorted(newest) if newest[dataset, facet, place] != DELETED]  # fmt: skip


def _check(source: str, run: str | None, dataset: str | None, result: CheckResult, at: str | None) -> Row:
    key = check_key(source, result.identity(dataset))
    return {"key": key, "run": run, "dataset": dataset, "at": at, **result._asdict()}
