"""What should the whole graph be, for these events? The referee of the laws.

A second implementation of DESIGN 6 and 8, without incrementality: plain loops over all events, whose answer
is the export of DESIGN 10 (without checks, facets and owners). It shares no code with `ingest/`
but the canonical form.
"""

from __future__ import annotations

from typing import Any

from graph_schema.identity import field_key
from graph_schema.instants import SUSPECT
from tests.laws.naive_deployments import approval_rows, deployment_rows, serving
from tests.laws.naive_events import Event, Name, Order, inputs_of, outputs_of, read_events
from tests.laws.naive_learning import experiment_rows, gateway_rows, model_rows, run_edge_rows, version_rows
from tests.laws.naive_names import canonical_names, names_of
from tests.laws.naive_nodes import Row, dataset_rows, field_rows, job_rows, run_rows
from tests.laws.naive_observations import (
    DECLARED,
    Act,
    Observation,
    all_observations,
    deployment_observations,
    lifecycle_acts,
    registers_now,
)
from tests.laws.naive_runs import Attempt, read_runs
from tests.laws.naive_sequences import Sequence, Track, boundaries, by_pair, chosen, sequence, stretch

INTERVALS_MAX = 64


def naive_export(events: list[tuple[dict[str, Any], bool]]) -> list[Row]:
    """Render the export rows of a set of (canonical event, suspect flag)."""
    read = read_events(events)
    names = canonical_names(read)
    runs = read_runs(read)
    attempts = [attempt for run in runs for attempt in run.attempts]
    acts = lifecycle_acts(read, attempts, names)
    served = serving(read, attempts, names)
    observed = all_observations(read, attempts, acts, names=names) + deployment_observations(served, names)
    kept = chosen(observed, acts)
    writes = [each for each in kept if each.write]
    pairs = {
        (job, output): sequence(output, observations, writes, acts)
        for (job, output), observations in by_pair(kept).items()
    }
    edges = [row for (job, output), found in pairs.items() for row in _edge_rows(job, output, found)]
    return [
        *dataset_rows(read, writes, acts, names=names),
        *field_rows(read, runs, names=names),
        *job_rows(read),
        *run_rows(runs),
        *_io_rows(read, attempts, kept, acts=acts, names=names, edges=edges),
        *edges,
        *experiment_rows(read),
        *model_rows(read),
        *version_rows(read, list(names_of(read).values())),
        *run_edge_rows(read, runs, names),
        *gateway_rows(read),
        *approval_rows(runs),
        *deployment_rows(read, runs, served),
    ]


def _written(at: Order) -> str:
    """F1, reading 23: how an instant stands in intervals and last_at."""
    return SUSPECT if at[0] == 0 else at[1]


def _intervals(track: Track) -> dict[str, Any] | None:
    """D3: the 64 newest intervals; those of no length are left out."""
    closed = [(_written(start), _written(end)) for start, end in track.closed]
    kept: list[tuple[str, str | None]] = [(start, end) for start, end in closed if start != end]
    if track.since is not None:
        kept.append((_written(track.since), None))
    if not kept:
        return None
    return {
        "valid_from": [start for start, _ in kept[-INTERVALS_MAX:]],
        "valid_to": [end for _, end in kept[-INTERVALS_MAX:]],
        "last_at": _written(track.last_at),
        "earlier": max(0, len(kept) - INTERVALS_MAX),
    }


def _edge_rows(job: str, output: str, found: Sequence) -> list[Row]:
    """D3, D4: FEEDS while the last interval is open, else FED; SHAPES hold both."""
    rows = []
    for source, track in found.sources.items():
        intervals = _intervals(track)
        if intervals is not None:
            kind = "fed" if track.since is None else "feeds"
            ends = {"source": source, "target": output, "job": job or None}
            rows.append({"type": kind, **ends, "evidence": track.evidence, **intervals})
    for edge, track in found.columns.items():
        intervals = _intervals(track)
        if intervals is not None:
            open_kind = "fed_field" if track.since is None else "feeds_field"
            rows.append(
                {
                    "type": "shapes" if edge.path is None else open_kind,
                    "source": field_key(edge.source, edge.field),
                    "target": output if edge.path is None else field_key(output, edge.path),
                    "job": job or None,
                    "types": [kind for kind, _, _ in sorted(track.transformations)],
                    "subtypes": [subtype for _, subtype, _ in sorted(track.transformations)],
                    "maskings": [masking for _, _, masking in sorted(track.transformations)],
                    **intervals,
                }
            )
    return rows


def _io_rows(
    events: list[Event],
    attempts: list[Attempt],
    kept: list[Observation],
    *,
    acts: list[Act],
    names: dict[str, str],
    edges: list[Row],
) -> list[Row]:
    """DESIGN 7 and reading 16: INPUT_TO and OUTPUTS, on names as sent."""
    jobs = {attempt.job for attempt in attempts} | {
        e.job for e in events if e.kind == "JOB" and e.job is not None
    }
    rows = []
    for job in sorted(jobs):
        own = [attempt for attempt in attempts if attempt.job == job]
        registers = registers_now(events, job.key)
        declared_in, declared_out = set(registers.inputs or ()), set(registers.outputs)
        opened = {row["source"] for row in edges if row["type"] == "feeds" and row["job"] == job.key}
        read = declared_in | {name for attempt in own for name in _reads(attempt)}
        written = declared_out | {name for attempt in own for name in _writes(attempt)}
        for name in sorted(read):
            doing = [attempt for attempt in own if name in _reads(attempt)]
            current = names[name.key] in opened or name in _newest_reads(own)
            rows.append(
                _io_row("INPUT", name, job, doing=doing, declared=name in declared_in, current=current)
            )
        for name in sorted(written):
            doing = [attempt for attempt in own if name in _writes(attempt)]
            current = _is_output_now(job.key, names[name.key], kept, acts)
            rows.append(
                _io_row("OUTPUT", name, job, doing=doing, declared=name in declared_out, current=current)
            )
    return rows


def _reads(attempt: Attempt) -> set[Name]:
    return {name for event in attempt.events for name in inputs_of(event)}


def _writes(attempt: Attempt) -> set[Name]:
    return {name for event in attempt.events for name in outputs_of(event)}


def _newest_reads(own: list[Attempt]) -> set[Name]:
    """Reading 16: what the job's newest completed run read."""
    completed = [(attempt.ended, attempt.run, attempt) for attempt in own if attempt.state == "COMPLETED"]
    newest = max(completed, key=lambda found: found[:2], default=None)
    return set() if newest is None else _reads(newest[2])


def _is_output_now(job: str, output: str, kept: list[Observation], acts: list[Act]) -> bool:
    """OUTPUTS.current: an observation under J since O's last DROP, but no declared one that states none."""
    drops = boundaries(output, acts)
    return any(
        each.job == job
        and each.output == output
        and stretch(each.at, drops) == len(drops)
        and not (each.origin == DECLARED and each.stated.none)
        for each in kept
    )


def _io_row(
    direction: str, name: Name, job: Name, *, doing: list[Attempt], declared: bool, current: bool
) -> Row:
    """DESIGN 7: evidence is complete, else static, else other."""
    complete = any(
        each.state == "COMPLETED" or (each.processing != "BATCH" and not each.never_ran) for each in doing
    )
    return {
        "type": "io",
        "direction": direction,
        "dataset": {"namespace": name.namespace, "name": name.name},
        "job": {"namespace": job.namespace, "name": job.name},
        "evidence": "complete" if complete else "static" if declared else "other",
        "declared": declared,
        "current": current,
    }
