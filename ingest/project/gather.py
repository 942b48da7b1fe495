"""What do some events contribute together? Each name, register, schema and fact once, as rows that can be joined.

Pure, and smaller than the contributions it is made of; so a rebuild has it done wherever events are read.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from graph_schema.instants import OPEN_END
from ingest.facts import DELETED, is_suspect

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ingest.facets.job_type import Processing
    from ingest.facts import Checked, Sha
    from ingest.fold import Contribution

_encode = msgspec.msgpack.encode

NameRow = tuple[str, str, str, str, str, int]
"""key, kind, namespace, name, the least time it was named at, whether it is more than mentioned."""

Encoded = tuple[str, str, bytes]
"""What a run, job or dataset is told by one event: its key, the event's order, the encoded fact."""


class Gathered(NamedTuple):
    """What some events contribute together; of two statements of one thing, that which counts."""

    bodies: dict[Sha, bytes]
    names: list[NameRow]
    mentioned: list[tuple[str, str, str]]
    """(dataset named, job whose event names it, dataset whose event names it)"""
    fields: dict[str, set[str]]
    registers: dict[tuple[str, str], tuple[str, Sha]]
    described: list[tuple[str]]
    schemas: dict[tuple[str, bool], tuple[str, Sha]]
    """(dataset, ranks low) -> (stamp, body), of schemas that rank by themselves"""
    schemas_of_runs: list[tuple[str, str, str, int, Sha]]
    claimed: set[str]
    """datasets that a schema was stated for"""
    run_facts: list[tuple[str, str, bytes, str]]
    """(run, order, fact, type)"""
    runs_named: dict[tuple[str, str], str]
    """(run, job or "") -> the soundest order of an event that names them together"""
    declared: list[Encoded]
    processing: dict[str, dict[str, Processing]]
    """job -> order -> the job type stated"""
    parents: dict[str, tuple[str, str]]
    """job -> (order, parent job)"""
    told: list[Encoded]
    checked: list[Checked]
    said: dict[tuple[str, str], tuple[str, Sha]]
    """(entity, slot) -> (stamp, body)"""
    started: dict[tuple[str, str, str], str]
    """(run or experiment, person, evidence) -> the least time"""
    keyed: set[tuple[str, str]]
    """(entity, view that it keys)"""


def gather(contributions: Sequence[Contribution]) -> Gathered:
    """Put together what some events contribute."""
    by_run = [claim for c in contributions for claim in c.schemas if claim.run]
    return Gathered(
        bodies={sha: text for c in contributions for sha, text in c.bodies.items()},
        names=_names(contributions),
        mentioned=_mentioned(contributions),
        fields=_fields(contributions),
        registers=_registers(contributions),
        described=sorted({(s.dataset,) for c in contributions for s in c.schemas if s.body != DELETED}),
        schemas=_schemas(contributions),
        schemas_of_runs=[(s.dataset, s.run, s.stamp, 0, s.body) for s in by_run],
        claimed={claim.dataset for c in contributions for claim in c.schemas},
        run_facts=[
            (c.run[0], c.run[1].order, _encode(c.run[1]), c.run[1].type or "") for c in contributions if c.run
        ],
        runs_named=_runs_named(contributions),
        declared=[(c.declared[0], c.order, _encode(c.declared[1])) for c in contributions if c.declared],
        processing=_processing(contributions),
        parents=_parents(contributions),
        told=[(c.told[0], c.order, _encode(c.told[1])) for c in contributions if c.told],
        checked=[checked for c in contributions for checked in c.checked],
        said=_said(contributions),
        started=_started(contributions),
        keyed={pair for c in contributions for pair in c.keyed},
    )


def soundest(orders: Iterable[str]) -> str:
    """Choose between events that name a run with a job: the least unsuspect one, else the least (rule F8)."""
    return min(orders, key=lambda order: (is_suspect(order), order))


def _names(contributions: Sequence[Contribution]) -> list[NameRow]:
    least: dict[str, NameRow] = {}
    for c in contributions:
        for name in c.names.values():
            time = name.time or OPEN_END
            known = least.get(name.key)
            if known is None:
                least[name.key] = (name.key, name.kind, name.namespace, name.name, time, int(name.real))
            elif time < known[4] or name.real > known[5]:
                least[name.key] = (*known[:4], min(time, known[4]), max(int(name.real), known[5]))
    return list(least.values())


def _mentioned(contributions: Sequence[Contribution]) -> list[tuple[str, str, str]]:
    """List which jobs' and datasets' events name a dataset: its group may change later (rule D7)."""
    rows: set[tuple[str, str, str]] = set()
    for c in contributions:
        job = next((name.key for name in c.names.values() if name.kind == "job" and name.real), "")
        dataset = c.told[0] if c.told is not None else ""
        if job or dataset:
            rows.update((name.key, job, dataset) for name in c.names.values() if name.kind == "dataset")
    return sorted(rows)


def _fields(contributions: Sequence[Contribution]) -> dict[str, set[str]]:
    named: dict[str, set[str]] = defaultdict(set)
    for c in contributions:
        for dataset, path in c.fields:
            named[dataset].add(path)
    return dict(named)


def _registers(contributions: Sequence[Contribution]) -> dict[tuple[str, str], tuple[str, Sha]]:
    newest: dict[tuple[str, str], tuple[str, Sha]] = {}
    for c in contributions:
        for register in c.registers:
            key = (register.entity, register.facet)
            if key not in newest or newest[key][0] < register.stamp:
                newest[key] = (register.stamp, register.body)
    return newest


def _said(contributions: Sequence[Contribution]) -> dict[tuple[str, str], tuple[str, Sha]]:
    newest: dict[tuple[str, str], tuple[str, Sha]] = {}
    for c in contributions:
        for said in c.said:
            key = (said.entity, said.slot)
            newest[key] = max(newest.get(key, ("", DELETED)), (said.stamp, said.body))
    return newest


def _started(contributions: Sequence[Contribution]) -> dict[tuple[str, str, str], str]:
    least: dict[tuple[str, str, str], str] = {}
    for c in contributions:
        for one in c.started:
            key = (one.subject, one.person, one.evidence)
            least[key] = min(least.get(key, one.at), one.at)
    return least


def _schemas(contributions: Sequence[Contribution]) -> dict[tuple[str, bool], tuple[str, Sha]]:
    newest: dict[tuple[str, bool], tuple[str, Sha]] = {}
    for c in contributions:
        for claim in c.schemas:
            if not claim.run:
                key = (claim.dataset, claim.low)
                newest[key] = max(newest.get(key, ("", DELETED)), (claim.stamp, claim.body))
    return newest


def _runs_named(contributions: Sequence[Contribution]) -> dict[tuple[str, str], str]:
    named: dict[tuple[str, str], str] = {}
    for c in contributions:
        for run, job in c.mentions:
            key = (run, job or "")
            named[key] = soundest((named.get(key, c.order), c.order))
    return named


def _processing(contributions: Sequence[Contribution]) -> dict[str, dict[str, Processing]]:
    stated: dict[str, dict[str, Processing]] = defaultdict(dict)
    for c in contributions:
        if c.processing is not None:
            stated[c.processing[0]][c.order] = c.processing[1]
    return dict(stated)


def _parents(contributions: Sequence[Contribution]) -> dict[str, tuple[str, str]]:
    newest: dict[str, tuple[str, str]] = {}
    for c in contributions:
        if c.job_parent is not None:
            job, parent = c.job_parent
            newest[job] = max(newest.get(job, ("", "")), (c.order, parent))
    return newest
