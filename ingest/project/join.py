"""How do contributions join the state? By union, by greatest stamp, by least time: never by order of arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ingest.facets.job_type import UNSTATED
from ingest.project.deployments import DEPLOYMENT, touch_deployment
from ingest.project.gather import soundest
from ingest.project.kinds import Kinds
from ingest.project.said import join_said

if TYPE_CHECKING:
    from ingest.facets.job_type import Processing
    from ingest.project.gather import Gathered
    from ingest.project.touched import Touched
    from ingest.state import State

_encode = msgspec.msgpack.encode


def join(state: State, gathered: Gathered, touched: Touched) -> None:
    """Join what some events contribute into the state, and mark what they touch."""
    state.many("INSERT OR IGNORE INTO body VALUES (?, ?)", gathered.bodies.items())
    state.recent = gathered.bodies
    _join_names(state, gathered, touched)
    state.many("INSERT OR IGNORE INTO mention VALUES (?, ?, ?)", gathered.mentioned)
    _join_fields(state, gathered, touched)
    kinds = Kinds(state)
    _join_registers(state, gathered, touched, kinds)
    join_said(state, gathered, touched, kinds)
    touched.kinds |= kinds.changed()
    _join_schemas(state, gathered, touched)
    _join_runs(state, gathered, touched)
    _join_jobs(state, gathered, touched)
    state.many("INSERT OR IGNORE INTO told VALUES (?, ?, ?)", gathered.told)
    touched.told.update(dataset for dataset, _, _ in gathered.told)
    _join_checked(state, gathered, touched)


def _join_names(state: State, gathered: Gathered, touched: Touched) -> None:
    for row in gathered.names:
        before = state.one("SELECT created_at, real FROM name WHERE key = ?", (row[0],))
        if before is not None and before[0] <= row[4] and before[1] >= row[5]:
            continue
        touched.named(row[1]).add(row[0])
        state.run(
            "INSERT INTO name VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
            " created_at = min(created_at, excluded.created_at), real = max(real, excluded.real)",
            row,
        )


def _join_fields(state: State, gathered: Gathered, touched: Touched) -> None:
    for dataset, paths in gathered.fields.items():
        known = {row[0] for row in state.rows("SELECT path FROM field WHERE dataset = ?", (dataset,))}
        new = sorted(paths - known)
        if new:
            state.many("INSERT INTO field VALUES (?, ?)", ((dataset, path) for path in new))
            touched.fields.add(dataset)
            touched.datasets.add(dataset)  # a dataset is found by its columns


def _join_registers(state: State, gathered: Gathered, touched: Touched, kinds: Kinds) -> None:
    for (entity, facet), (stamp, body) in gathered.registers.items():
        before = state.one("SELECT stamp, body FROM register WHERE entity = ? AND facet = ?", (entity, facet))
        if before is not None and before[0] >= stamp:
            continue
        kinds.before(entity, facet)
        state.run("INSERT OR REPLACE INTO register VALUES (?, ?, ?, ?)", (entity, facet, stamp, body))
        touched.facets[entity, facet] = before is None
        if before is not None and before[1] == body:
            continue  # an unchanged winner moves only its stamp
        (touched.jobs if entity.startswith("job:") else touched.datasets).add(entity)
        if facet == "symlinks":
            touched.linked.add(entity)
        if facet == DEPLOYMENT:
            touch_deployment(state, entity, touched)


def _join_schemas(state: State, gathered: Gathered, touched: Touched) -> None:
    touched.fields |= gathered.claimed
    state.many("INSERT OR IGNORE INTO described VALUES (?)", gathered.described)
    state.many("INSERT OR IGNORE INTO schema_claim VALUES (?, ?, ?, ?, ?)", gathered.schemas_of_runs)
    for (dataset, low), (stamp, body) in gathered.schemas.items():
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


def _join_runs(state: State, gathered: Gathered, touched: Touched) -> None:
    state.many("INSERT OR IGNORE INTO run_fact VALUES (?, ?, ?, ?)", gathered.run_facts)
    touched.runs.update(run for run, *_ in gathered.run_facts)
    for (run, job), order in gathered.runs_named.items():
        before = state.one("SELECT ord FROM run_mention WHERE run = ? AND job = ?", (run, job))
        rank = soundest((order, before[0])) if before else order
        if before and before[0] == rank:
            continue
        if before:
            state.run("DELETE FROM run_mention WHERE run = ? AND job = ?", (run, job))
        state.run("INSERT INTO run_mention VALUES (?, ?, ?)", (run, rank, job))
        touched.mentioned.add(run)


def _join_jobs(state: State, gathered: Gathered, touched: Touched) -> None:
    state.many("INSERT OR IGNORE INTO job_event VALUES (?, ?, ?)", gathered.declared)
    touched.declared.update(job for job, _, _ in gathered.declared)
    for job, stated in gathered.processing.items():
        _join_types(state, job, stated, touched)
    for job, (order, parent) in gathered.parents.items():
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


def _join_checked(state: State, gathered: Gathered, touched: Touched) -> None:
    """Keep the checks stated outside of runs; nothing changes them, so they are shown once."""
    touched.checked += gathered.checked
    rows = ((one.dataset, one.order, _encode(one)) for one in gathered.checked)
    state.many("INSERT OR IGNORE INTO checked VALUES (?, ?, ?)", rows)
