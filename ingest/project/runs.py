"""What do touched runs observe, read, write and rename (rules D1, F4, F5, F8)?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from ingest.derive.batch import batch_observations, lifecycles, rename_observations
from ingest.derive.canonical_names import of_fact, of_stated
from ingest.derive.deployed import deployment_observations
from ingest.derive.runs import Run, read_run, reads, writes
from ingest.derive.streaming import failed_before_running, streaming_observations
from ingest.facets.job_type import SERVICE, UNSTATED, Processing
from ingest.facts import Fact
from ingest.project.deployments import deployment_of, deploys, replace_deployed
from ingest.project.roles import role_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ingest.derive.observations import Observation
    from ingest.derive.runs import Attempt
    from ingest.facets.stated import Stated
    from ingest.facts import Sha
    from ingest.project.touched import Touched
    from ingest.state import State

_encode = msgspec.msgpack.encode
encode_observation = msgspec.msgpack.encode
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


KEEP_OBSERVATION: Final = (
    "INSERT INTO observation (job, output, at, run, attempt, parent, role, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
KEEP_LIFECYCLE: Final = "INSERT INTO lifecycle VALUES (?, ?, ?, ?, ?, ?, ?)"
KEEP_ACT: Final = "INSERT INTO act VALUES (?, ?, ?, ?, ?)"
KEEP_RUN: Final = "INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?)"
MENTION_ALL: Final = "INSERT OR IGNORE INTO mention SELECT name, ?, '' FROM mention WHERE job = ?"
RANK_SCHEMA: Final = "UPDATE schema_claim SET low = ? WHERE run = ? AND stamp >= ? AND stamp < ?"


class Observed(NamedTuple):
    """What a run observes, and the rows of what it does to names."""

    observations: list[Observation]
    lifecycles: set[tuple[object, ...]]


class Names(NamedTuple):
    """Canonical names as they are in this batch, what lineage states, on those names, and which jobs are deployments."""

    canonical: Callable[[str], str]
    stated: Callable[[Sha], Stated]
    deploys: Callable[[Run, Attempt], bool]
    deployment: Callable[[str], str]


def names_now(state: State) -> Names:
    """Remember what lineage states for the length of a batch: groups do not change inside it."""
    read: dict[Sha, Stated] = {}

    def stated(sha: Sha) -> Stated:
        if sha not in read:
            read[sha] = of_stated(state.stated(sha), state.canonical)
        return read[sha]

    return Names(state.canonical, stated, partial(deploys, state), partial(deployment_of, state))


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


def observe(run: Run, names: Names) -> Observed:
    """Say what a run observes, and what it does to names, on canonical names."""
    observations: list[Observation] = []
    changes: set[tuple[object, ...]] = set()
    for attempt in run.attempts:
        named = attempt._replace(facts=tuple(of_fact(fact, names.canonical) for fact in attempt.facts))
        if attempt.processing[0] == "BATCH":
            observations += batch_observations(run, named, names.stated)
        else:
            observations += streaming_observations(run, named, names.stated) + rename_observations(run, named)
        if names.deploys(run, attempt):
            target = names.deployment(run.job)
            observations += deployment_observations(run, named, target, names.stated)
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
    return Observed(observations, changes)


def _derive_run(state: State, run: Run, names: Names, touched: Touched) -> None:
    before = state.one("SELECT job, low FROM run WHERE run = ?", (run.uuid,))
    observed = observe(run, names)
    _replace_observations(state, run, observed.observations, touched)
    kept = set(state.rows("SELECT * FROM lifecycle WHERE run = ?", (run.uuid,)))
    if kept != observed.lifecycles:
        state.run("DELETE FROM lifecycle WHERE run = ?", (run.uuid,))
        add_lifecycles(state, kept, observed.lifecycles, touched)
    _replace_acts(state, run)
    replace_deployed(state, run, touched)
    if (before and before[1]) or low_of(run):
        _rank_schemas(state, run, touched)
    state.run(KEEP_RUN, run_values(run))
    touched.io |= {run.job, before[0] if before else run.job}
    state.many(MENTION_ALL, mentions(run))


def run_values(run: Run) -> tuple[object, ...]:
    """Give a run's row: what other rules ask of it."""
    completed = [attempt for attempt in run.attempts if attempt.state == "COMPLETED"]
    newest = max(completed, key=lambda attempt: attempt.end or "", default=None)
    end, read = ((newest.end or ""), reads(newest.facts)) if newest else ("", ())
    typed = all(any(fact.processing for fact in attempt.facts) for attempt in run.attempts)
    return (run.uuid, run.job, end, _encode(read), int(typed), low_of(run))


def act_values(run: Run) -> set[tuple[str, str, str, str, int]]:
    """Give a row for each dataset that the run read or wrote, names as sent, and whether that is known to be complete."""
    return {(run.job, direction, name, run.uuid, int(done)) for (direction, name), done in _acts(run).items()}


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


def mentions(run: Run) -> list[tuple[str, str]]:
    """Pair a run's job with each other job that its events came under: its names are mentioned there (rule F8)."""
    return [(run.job, job) for job in run.clash]


def _replace_observations(state: State, run: Run, observations: list[Observation], touched: Touched) -> None:
    kept = state.rows("SELECT id, job, output, body FROM observation WHERE run = ?", (run.uuid,))
    before = {(job, body): (row, output) for row, job, output, body in kept}
    after = {(run.job, encode_observation(o)): o for o in observations}
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
    state.many(KEEP_OBSERVATION, (observation_values(job, o, body) for job, o, body in rows))


def observation_values(job: str, o: Observation, body: bytes) -> tuple[object, ...]:
    """Give an observation's row."""
    return (job, o.output, o.at, o.run, o.attempt, o.parent or "", role_of(o, given=True), body)


def add_lifecycles(
    state: State, before: set[tuple[object, ...]], after: set[tuple[object, ...]], touched: Touched
) -> None:
    """Keep lifecycle rows, and touch all pairs of every dataset whose life they change (rule D7)."""
    state.many(KEEP_LIFECYCLE, sorted(after, key=repr))
    for row in before ^ after:
        for name in {str(row[0]), str(row[3])} - {""}:
            touched.datasets.add(name)
            jobs = state.rows("SELECT DISTINCT job FROM observation WHERE output = ?", (name,))
            touched.pairs.update((found[0], name) for found in jobs)


def _replace_acts(state: State, run: Run) -> None:
    after = act_values(run)
    before = set(state.rows("SELECT * FROM act WHERE run = ?", (run.uuid,)))
    gone = sorted(row[:4] for row in before - after)
    state.many("DELETE FROM act WHERE job = ? AND direction = ? AND dataset = ? AND run = ?", gone)
    state.many(KEEP_ACT, sorted(after - before))


def low_of(run: Run) -> str:
    """Write which attempts' output schemas rank low, and from which moment each attempt's events are."""
    if not any(attempt.failed_batch for attempt in run.attempts):
        return ""
    return " ".join(f"{int(attempt.failed_batch)}{attempt.facts[0].order[1:28]}" for attempt in run.attempts)


def rank_values(run: Run) -> list[tuple[int, str, str, str]]:
    """Say how the schemas rank that a run's events stated: those of a failed or aborted batch attempt low (rule F5)."""
    return [
        (int(attempt.failed_batch), run.uuid, fact.order, fact.order + "~")
        for attempt in run.attempts
        for fact in attempt.facts
    ]


def _rank_schemas(state: State, run: Run, touched: Touched) -> None:
    state.many(RANK_SCHEMA, rank_values(run))
    rows = state.rows("SELECT DISTINCT dataset FROM schema_claim WHERE run = ?", (run.uuid,))
    touched.fields.update(row[0] for row in rows)
