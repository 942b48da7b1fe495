"""What do touched declarations and dataset events observe (rules F6, D1)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ingest.derive.canonical_names import of_declared, of_told
from ingest.derive.declared import declarations, told_observations
from ingest.facts import Declared, Told, moment_of
from ingest.project.runs import add_lifecycles, insert_observations, names_now

if TYPE_CHECKING:
    from ingest.derive.observations import Observation
    from ingest.project.touched import Touched
    from ingest.state import State

_encode = msgspec.msgpack.encode
_declared = msgspec.msgpack.Decoder(Declared).decode
_told = msgspec.msgpack.Decoder(Told).decode


def derive_declared(state: State, touched: Touched) -> None:
    """Replay the JobEvents of every job that got one, or whose names changed their groups."""
    names = names_now(state)
    for job in sorted(touched.declared):
        rows = state.rows("SELECT declared FROM job_event WHERE job = ?", (job,))
        if not rows:
            continue
        events = [_declared(row[0]) for row in rows]
        as_sent = declarations(events, state.stated)
        state.run("DELETE FROM declaration WHERE job = ?", (job,))
        declared = [(job, "INPUT", name) for name in as_sent.inputs] + [
            (job, "OUTPUT", name) for name in as_sent.outputs
        ]
        state.many("INSERT OR IGNORE INTO declaration VALUES (?, ?, ?)", declared)
        found = declarations((of_declared(event, names.canonical) for event in events), names.stated)
        rows = state.rows("SELECT DISTINCT output FROM observation WHERE job = ? AND run = ''", (job,))
        touched.pairs.update((job, row[0]) for row in rows)
        state.run("DELETE FROM observation WHERE job = ? AND run = ''", (job,))
        _insert(state, job, found.observations, touched)
        touched.io.add(job)


def derive_told(state: State, touched: Touched) -> None:
    """Read again what the own events of every touched dataset's group tell of it."""
    names = names_now(state)
    groups = {names.canonical(dataset) for dataset in touched.told} | touched.told
    for dataset in sorted(groups):
        state.run("DELETE FROM observation WHERE output = ? AND job = ''", (dataset,))
        members = state.members(dataset) if names.canonical(dataset) == dataset else []
        events = [
            of_told(_told(row[0]), names.canonical)
            for member in members
            for row in state.rows("SELECT told FROM told WHERE dataset = ?", (member,))
        ]
        _insert(state, "", told_observations(dataset, events, names.stated), touched)
        touched.pairs.add(("", dataset))
        before = set(state.rows("SELECT * FROM lifecycle WHERE dataset = ? AND run = ''", (dataset,)))
        after: set[tuple[object, ...]] = {
            (dataset, event.lifecycle.kind, moment_of(event.order), event.lifecycle.previous or "", "", "", 0)
            for event in events
            if event.lifecycle is not None and event.lifecycle.kind
        }
        if before != after:
            state.run("DELETE FROM lifecycle WHERE dataset = ? AND run = ''", (dataset,))
            add_lifecycles(state, before, after, touched)


def _insert(state: State, job: str, observations: list[Observation], touched: Touched) -> None:
    insert_observations(state, ((job, o, _encode(o)) for o in observations))
    touched.pairs.update((job, o.output) for o in observations)
