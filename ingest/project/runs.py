"""What do touched runs observe, read, write and rename (rules D1, F4, F5, F8)?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ingest.derive.batch import batch_observations, lifecycles, rename_observations
from ingest.derive.canonical_names import of_fact, of_stated
from ingest.derive.runs import Run, read_run, reads, writes
from ingest.derive.streaming import failed_before_running, streaming_observations
from ingest.facets.job_type import SERVICE, UNSTATED, Processing
from ingest.facts import Fact
from ingest.project.roles import role_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ingest.derive.observations import Observation
    from ingest.facets.stated import Stated
    from ingest.facts import Sha
    from ingest.project.touched import Touched
    from ingest.state import State

_encode = msgspec.msgpack.encode
_fact = msgspec.msgpack.Decoder(Fact).decode


def load_run(state: State, uuid: str) -> Run | None:
    """Read a run from all its facts; None for one that never reported."""
    facts = [
        _fact(row[0]) for row in state.rows("SELECT fact FROM run_fact WHERE run = ? ORDER BY ord", (uuid,))
    ]

    def job_type_at(job: str, moment: str) -> Processing:
        row = state.one(
            "SELECT processing, snapshot FROM job_type WHERE job = ? AND ord < ? ORDER BY ord DESC LIMIT 1",
            (job, moment + "~"),
        )
        return (row[0], bool(row[1])) if row else UNSTATED

    return read_run(uuid, facts, job_type_at) if facts else None


class Names(NamedTuple):
    """Canonical names as they are in this batch, and what lineage states, on those names."""

    canonical: Callable[[str], str]
    stated: Callable[[Sha], Stated]


def names_now(state: State) -> Names:
    """Remember what lineage states for the length of a batch: groups do not change inside it."""
    read: dict[Sha, Stated] = {}

    def stated(sha: Sha) -> Stated:
        if sha not in read:
            read[sha] = of_stated(state.stated(sha), state.canonical)
        return read[sha]

    return Names(state.canonical, stated)


def derive_runs(state: State, touched: Touched) -> dict[str, Run]:
    """Derive every touched run again: replace its observations, acts and lifecycles, and touch its pairs."""
    runs: dict[str, Run] = {}
    names = names_now(state)
    for uuid in sorted(touched.runs):
        run = load_run(state, uuid)
        if run is None:
            continue
        runs[uuid] = run
        _derive_run(state, run, names, touched)
    return runs


def _derive_run(state: State, run: Run, names: Names, touched: Touched) -> None:
    before = state.one("SELECT job, low FROM run WHERE run = ?", (run.uuid,))
    observations: list[Observation] = []
    changes: set[tuple[object, ...]] = set()
    for attempt in run.attempts:
        named = attempt._replace(facts=tuple(of_fact(fact, names.canonical) for fact in attempt.facts))
        if attempt.processing[0] == "BATCH":
            observations += batch_observations(run, named, names.stated)
        else:
            observations += streaming_observations(run, named, names.stated) + rename_observations(run, named)
        changes |= {
            (
                change.dataset,
                change.kind,
                attempt.end or "",
                change.previous or "",
                run.job,
                run.uuid,
                attempt.number,
            )
            for change in lifecycles(named)
        }
    _replace_observations(state, run, observations, touched)
    kept = set(state.rows("SELECT * FROM lifecycle WHERE run = ?", (run.uuid,)))
    if kept != changes:
        state.run("DELETE FROM lifecycle WHERE run = ?", (run.uuid,))
        add_lifecycles(state, kept, changes, touched)
    _replace_acts(state, run, _acts(run))
    _rank_schemas(state, run, before[1] if before else "", touched)
    _replace_run(state, run)
    touched.io |= {run.job, before[0] if before else run.job}
    if run.clash:
        _mention_all(state, run)


def _replace_run(state: State, run: Run) -> None:
    completed = [attempt for attempt in run.attempts if attempt.state == "COMPLETED"]
    newest = max(completed, key=lambda attempt: attempt.end or "", default=None)
    end, read = ((newest.end or ""), reads(newest.facts)) if newest else ("", ())
    typed = all(any(fact.processing for fact in attempt.facts) for attempt in run.attempts)
    row = (run.uuid, run.job, end, _encode(read), int(typed), _low(run))
    state.run("INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?)", row)


def _acts(run: Run) -> dict[tuple[str, str], bool]:
    """List what the run read and wrote, names as sent: (direction, dataset) -> known to be complete (DESIGN 7)."""
    acts: dict[tuple[str, str], bool] = {}
    for attempt in run.attempts:
        streamed = attempt.processing[0] != "BATCH"
        idle = attempt.processing[0] == SERVICE and failed_before_running(attempt)
        complete = attempt.state == "COMPLETED" or (streamed and not idle)
        for direction, named in (("INPUT", reads(attempt.facts)), ("OUTPUT", writes(attempt.facts))):
            for dataset in named:
                acts[direction, dataset] = acts.get((direction, dataset), False) or complete
    return acts


def _mention_all(state: State, run: Run) -> None:
    """Remember every name of a run under the job it belongs to, where its events came under another (rule F8)."""
    jobs = [(job,) for job in run.clash]
    for (job,) in jobs:
        state.run(
            "INSERT OR IGNORE INTO mention SELECT name, ?, '' FROM mention WHERE job = ?", (run.job, job)
        )


def _replace_observations(state: State, run: Run, observations: list[Observation], touched: Touched) -> None:
    kept = state.rows("SELECT id, job, output, body FROM observation WHERE run = ?", (run.uuid,))
    before = {(job, body): (row, output) for row, job, output, body in kept}
    after = {(run.job, _encode(o)): o for o in observations}
    gone = [before[key] for key in before.keys() - after.keys()]
    state.many("DELETE FROM observation WHERE id = ?", ((row,) for row, _ in gone))
    touched.pairs.update((job, before[job, body][1]) for job, body in before.keys() - after.keys())
    insert_observations(
        state, ((job, after[job, body], body) for job, body in sorted(after.keys() - before.keys()))
    )
    new = [(job, after[job, body]) for job, body in after.keys() - before.keys()]
    touched.pairs.update((job, o.output) for job, o in new)


def insert_observations(state: State, rows: Iterable[tuple[str, Observation, bytes]]) -> None:
    """Keep observations."""
    state.many(
        "INSERT INTO observation (job, output, at, run, attempt, parent, role, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (job, o.output, o.at, o.run, o.attempt, o.parent or "", role_of(o, given=True), body)
            for job, o, body in rows
        ),
    )


def add_lifecycles(
    state: State, before: set[tuple[object, ...]], after: set[tuple[object, ...]], touched: Touched
) -> None:
    """Keep lifecycle rows, and touch all pairs of every dataset whose life they change (rule D7)."""
    state.many("INSERT INTO lifecycle VALUES (?, ?, ?, ?, ?, ?, ?)", sorted(after, key=repr))
    for row in before ^ after:
        for name in {str(row[0]), str(row[3])} - {""}:
            touched.datasets.add(name)
            jobs = state.rows("SELECT DISTINCT job FROM observation WHERE output = ?", (name,))
            touched.pairs.update((found[0], name) for found in jobs)


def _replace_acts(state: State, run: Run, acts: dict[tuple[str, str], bool]) -> None:
    after = {(run.job, direction, name, run.uuid, int(done)) for (direction, name), done in acts.items()}
    before = set(state.rows("SELECT * FROM act WHERE run = ?", (run.uuid,)))
    gone = sorted(row[:4] for row in before - after)
    state.many("DELETE FROM act WHERE job = ? AND direction = ? AND dataset = ? AND run = ?", gone)
    state.many("INSERT INTO act VALUES (?, ?, ?, ?, ?)", sorted(after - before))


def _low(run: Run) -> str:
    """Write which attempts' output schemas rank low, and from which moment each attempt's events are."""
    if not any(attempt.failed_batch for attempt in run.attempts):
        return ""
    return " ".join(f"{int(attempt.failed_batch)}{attempt.facts[0].order[1:28]}" for attempt in run.attempts)


def _rank_schemas(state: State, run: Run, low_before: str, touched: Touched) -> None:
    """Rank the schemas that a failed or aborted batch attempt wrote below all others (rule F5)."""
    if not low_before and not _low(run):
        return
    for attempt in run.attempts:
        orders = tuple(fact.order for fact in attempt.facts)
        for order in orders:
            state.run(
                "UPDATE schema_claim SET low = ? WHERE run = ? AND stamp >= ? AND stamp < ?",
                (int(attempt.failed_batch), run.uuid, order, order + "~"),
            )
    rows = state.rows("SELECT DISTINCT dataset FROM schema_claim WHERE run = ?", (run.uuid,))
    touched.fields.update(row[0] for row in rows)
