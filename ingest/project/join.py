"""How do contributions join the state? By union, by greatest stamp, by least time: never by order of arrival."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from graph_schema.instants import OPEN_END
from ingest.facets.job_type import UNSTATED
from ingest.facts import DELETED, is_suspect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.facets.job_type import Processing
    from ingest.fold import Contribution
    from ingest.project.touched import Touched
    from ingest.state import State

_encode = msgspec.msgpack.encode


def join(state: State, contributions: Sequence[Contribution], touched: Touched) -> None:
    """Join a batch of contributions into the state and mark what they touch."""
    bodies = {sha: text for c in contributions for sha, text in c.bodies.items()}
    state.many("INSERT OR IGNORE INTO body VALUES (?, ?)", bodies.items())
    state.recent = bodies
    _join_names(state, contributions, touched)
    _join_mentions(state, contributions)
    _join_fields(state, contributions, touched)
    _join_registers(state, contributions, touched)
    _join_schemas(state, contributions, touched)
    _join_runs(state, contributions, touched)
    _join_jobs(state, contributions, touched)
    _join_told(state, contributions, touched)
    _join_checked(state, contributions, touched)


def _join_names(state: State, contributions: Sequence[Contribution], touched: Touched) -> None:
    least: dict[str, tuple[str, str, str, str, str, int]] = {}
    for c in contributions:
        for name in c.names.values():
            time = name.time or OPEN_END
            known = least.get(name.key)
            if known is None:
                least[name.key] = (name.key, name.kind, name.namespace, name.name, time, int(name.real))
            elif time < known[4] or name.real > known[5]:
                least[name.key] = (*known[:4], min(time, known[4]), max(int(name.real), known[5]))
    for row in least.values():
        before = state.one("SELECT created_at, real FROM name WHERE key = ?", (row[0],))
        if before is not None and before[0] <= row[4] and before[1] >= row[5]:
            continue
        {"dataset": touched.datasets, "job": touched.jobs, "person": touched.persons}[row[1]].add(row[0])
        state.run(
            "INSERT INTO name VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
            " created_at = min(created_at, excluded.created_at), real = max(real, excluded.real)",
            row,
        )


def _join_mentions(state: State, contributions: Sequence[Contribution]) -> None:
    """Remember which jobs' and datasets' events name a dataset: its group may change later (rule D7)."""
    rows: set[tuple[str, str, str]] = set()
    for c in contributions:
        job = next((name.key for name in c.names.values() if name.kind == "job" and name.real), "")
        dataset = c.told[0] if c.told is not None else ""
        if job or dataset:
            rows.update((name.key, job, dataset) for name in c.names.values() if name.kind == "dataset")
    state.many("INSERT OR IGNORE INTO mention VALUES (?, ?, ?)", sorted(rows))


def _join_fields(state: State, contributions: Sequence[Contribution], touched: Touched) -> None:
    named: dict[str, set[str]] = defaultdict(set)
    for c in contributions:
        for dataset, path in c.fields:
            named[dataset].add(path)
    for dataset, paths in named.items():
        known = {row[0] for row in state.rows("SELECT path FROM field WHERE dataset = ?", (dataset,))}
        new = sorted(paths - known)
        if new:
            state.many("INSERT INTO field VALUES (?, ?)", ((dataset, path) for path in new))
            touched.fields.add(dataset)


def _join_registers(state: State, contributions: Sequence[Contribution], touched: Touched) -> None:
    newest: dict[tuple[str, str], tuple[str, bytes]] = {}
    for c in contributions:
        for register in c.registers:
            key = (register.entity, register.facet)
            if key not in newest or newest[key][0] < register.stamp:
                newest[key] = (register.stamp, register.body)
    for (entity, facet), (stamp, body) in newest.items():
        before = state.one("SELECT stamp, body FROM register WHERE entity = ? AND facet = ?", (entity, facet))
        if before is not None and before[0] >= stamp:
            continue
        state.run("INSERT OR REPLACE INTO register VALUES (?, ?, ?, ?)", (entity, facet, stamp, body))
        touched.facets[entity, facet] = before is None
        if before is not None and before[1] == body:
            continue  # an unchanged winner moves only its stamp
        (touched.jobs if entity.startswith("job:") else touched.datasets).add(entity)
        if facet == "symlinks":
            touched.linked.add(entity)


def _join_schemas(state: State, contributions: Sequence[Contribution], touched: Touched) -> None:
    newest: dict[tuple[str, bool], tuple[str, bytes]] = {}
    by_run = []
    described: set[tuple[str]] = set()
    for c in contributions:
        for claim in c.schemas:
            touched.fields.add(claim.dataset)
            if claim.body != DELETED:
                described.add((claim.dataset,))
            if claim.run:
                by_run.append((claim.dataset, claim.run, claim.stamp, 0, claim.body))
            else:
                key = (claim.dataset, claim.low)
                newest[key] = max(newest.get(key, ("", DELETED)), (claim.stamp, claim.body))
    state.many("INSERT OR IGNORE INTO described VALUES (?)", sorted(described))
    state.many("INSERT OR IGNORE INTO schema_claim VALUES (?, ?, ?, ?, ?)", by_run)
    for (dataset, low), (stamp, body) in newest.items():
        before = state.one(
            "SELECT max(stamp) FROM schema_claim WHERE dataset = ? AND run = '' AND low = ?",
            (dataset, int(low)),
        )
        if before is not None and before[0] is not None:
            if before[0] >= stamp:
                continue
            state.run(
                "DELETE FROM schema_claim WHERE dataset = ? AND run = '' AND low = ?", (dataset, int(low))
            )
        state.run("INSERT INTO schema_claim VALUES (?, '', ?, ?, ?)", (dataset, stamp, int(low), body))


def _join_runs(state: State, contributions: Sequence[Contribution], touched: Touched) -> None:
    facts = [(c.run[0], c.run[1].order, _encode(c.run[1])) for c in contributions if c.run is not None]
    state.many("INSERT OR IGNORE INTO run_fact VALUES (?, ?, ?)", facts)
    touched.runs.update(run for run, _, _ in facts)
    mentions: dict[tuple[str, str | None], str] = {}
    for c in contributions:
        for run, job in c.mentions:
            mentions[run, job] = min(mentions.get((run, job), c.order), c.order, key=_soundest)
    for (run, job), order in mentions.items():
        before = state.rows("SELECT ord FROM run_mention WHERE run = ? AND job = ?", (run, job or ""))
        rank = min([order, *(row[0] for row in before)], key=_soundest)
        if before and before[0][0] == rank:
            continue
        if before:
            state.run("DELETE FROM run_mention WHERE run = ? AND job = ?", (run, job or ""))
        state.run("INSERT INTO run_mention VALUES (?, ?, ?)", (run, rank, job or ""))
        touched.mentioned.add(run)


def _soundest(order: str) -> tuple[bool, str]:
    """Rank mentions: of every job named with a run only the least unsuspect one, else the least, counts (rule F8)."""
    return is_suspect(order), order


def _join_jobs(state: State, contributions: Sequence[Contribution], touched: Touched) -> None:
    declared = [
        (c.declared[0], c.order, _encode(c.declared[1])) for c in contributions if c.declared is not None
    ]
    state.many("INSERT OR IGNORE INTO job_event VALUES (?, ?, ?)", declared)
    touched.declared.update(job for job, _, _ in declared)
    types: dict[str, dict[str, Processing]] = defaultdict(dict)
    for c in contributions:
        if c.processing is not None:
            types[c.processing[0]][c.order] = c.processing[1]
    for job, stated in types.items():
        _join_types(state, job, stated, touched)
    _join_parents(state, contributions, touched)


def _join_parents(state: State, contributions: Sequence[Contribution], touched: Touched) -> None:
    newest: dict[str, tuple[str, str]] = {}
    for c in contributions:
        if c.job_parent is not None:
            job, parent = c.job_parent
            newest[job] = max(newest.get(job, ("", "")), (c.order, parent))
    for job, (order, parent) in newest.items():
        before = state.one("SELECT ord, parent FROM job_parent WHERE job = ?", (job,))
        if before is None or before[0] < order:
            state.run("INSERT OR REPLACE INTO job_parent VALUES (?, ?, ?)", (job, order, parent))
            if before is None or before[1] != parent:
                touched.jobs.add(job)


def _join_types(state: State, job: str, stated: dict[str, Processing], touched: Touched) -> None:
    """Keep every stated job type; where one changes what a run without its own sees, touch those runs."""
    kinds = {
        (row[0], bool(row[1]))
        for row in state.rows("SELECT DISTINCT processing, snapshot FROM job_type WHERE job = ?", (job,))
    }
    if not kinds | set(stated.values()) <= {UNSTATED}:
        # A type that is not what the runs before it saw may be what runs without their own see now.
        untyped = state.rows("SELECT run FROM run WHERE job = ? AND typed = 0", (job,))
        touched.runs.update(row[0] for row in untyped)
    rows = [(job, order, processing, int(snapshot)) for order, (processing, snapshot) in stated.items()]
    state.many("INSERT OR IGNORE INTO job_type VALUES (?, ?, ?, ?)", rows)


def _join_told(state: State, contributions: Sequence[Contribution], touched: Touched) -> None:
    told = [(c.told[0], c.order, _encode(c.told[1])) for c in contributions if c.told is not None]
    state.many("INSERT OR IGNORE INTO told VALUES (?, ?, ?)", told)
    touched.told.update(dataset for dataset, _, _ in told)


def _join_checked(state: State, contributions: Sequence[Contribution], touched: Touched) -> None:
    """Keep the checks stated outside of runs; nothing changes them, so they are shown once."""
    touched.checked += [checked for c in contributions for checked in c.checked]
    rows = ((one.dataset, one.order, _encode(one)) for one in touched.checked)
    state.many("INSERT OR IGNORE INTO checked VALUES (?, ?, ?)", rows)
