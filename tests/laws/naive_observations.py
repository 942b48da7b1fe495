"""Which observations of (job, output) do the runs, the declarations and the dataset events give?

D1, F6 and the acts of RENAME and DROP; readings 11, 12 and 14 to 19 of decision 0002.
Names are canonical here; `names` maps every dataset key to that of its group (D5).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from graph_schema.identity import dataset_key, named_key
from tests.laws.naive_events import (
    MEMBER,
    Event,
    Facets,
    Name,
    Order,
    dataset_name,
    entries,
    facet,
    inputs_of,
    is_tombstone,
    live,
    outputs_of,
    uses,
)
from tests.laws.naive_runs import TERMINAL, Attempt
from tests.laws.naive_sources import Stated, stated_by_columns, stated_by_entry, stated_by_run

COMPLETED, PROVISIONAL, STREAMED, RENAMED, DECLARED, DATASET_EVENT = (
    "COMPLETED",
    "PROVISIONAL",
    "STREAMED",
    "RENAMED",
    "DECLARED",
    "DATASET_EVENT",
)


@dataclass(slots=True)
class Observation:
    """D1: (J, O, at, sources, evidence), with what the later rules ask about it."""

    job: str
    output: str
    at: Order
    stated: Stated
    origin: str
    attempt: Attempt | None = None
    renames: set[str] = field(default_factory=set)
    write: bool = False
    none_by_entry: bool = False

    @property
    def by_run(self) -> bool:
        """Not by a JobEvent or a DatasetEvent."""
        return self.attempt is not None


@dataclass(frozen=True, slots=True)
class Act:
    """A RENAME (old is set) or a DROP (old is None) of a dataset at an instant."""

    dataset: str
    at: Order
    old: str | None
    attempt: Attempt | None


def lifecycle_acts(events: list[Event], attempts: list[Attempt], names: dict[str, str]) -> list[Act]:
    """Reading 19: the newest lifecycle facet per (completed attempt, dataset), and each DatasetEvent's."""
    acts: list[Act | None] = []
    for attempt in attempts:
        if attempt.state == "COMPLETED" and attempt.ended is not None:
            for dataset in sorted({names[use.name.key] for event in attempt.events for use in uses(event)}):
                body = _newest_lifecycle(attempt, dataset, names)
                acts.append(_act(body, dataset, attempt.ended, names=names, attempt=attempt))
    for event in events:
        for use in uses(event):
            if event.kind == "DATASET" and use.place[0] == MEMBER:
                body = facet(use.facets, "lifecycleStateChange")
                acts.append(_act(body, names[use.name.key], event.when, names=names, attempt=None))
    return [act for act in acts if act is not None]


def _newest_lifecycle(attempt: Attempt, dataset: str, names: dict[str, str]) -> Facets | None:
    stamps = [
        (event.stamp, use.place, body)
        for event in attempt.events
        for use in uses(event)
        if names[use.name.key] == dataset and (body := facet(use.facets, "lifecycleStateChange")) is not None
    ]
    return max(stamps, key=lambda found: found[:2])[2] if stamps else None


def _act(
    body: Facets | None, dataset: str, at: Order, *, names: dict[str, str], attempt: Attempt | None
) -> Act | None:
    if body is None or is_tombstone(body):
        return None
    change = body.get("lifecycleStateChange")
    if change == "DROP":
        return Act(dataset, at, None, attempt)
    old = dataset_name(body.get("previousIdentifier"))
    if change == "RENAME" and old is not None:
        return Act(dataset, at, names[old.key], attempt)
    return None


def deployment_observations(served: list[Attempt], names: dict[str, str]) -> list[Observation]:
    """D6: each listing event of a deployment's SERVICE runs, as if the deployment were its one output; no guess."""
    key = {
        attempt.job: named_key("deployment", attempt.job.namespace, attempt.job.name) for attempt in served
    }
    stand = {attempt.job: dataset_key("stands for", attempt.job.key) for attempt in served}
    known = names | {stand[job]: key[job] for job in key}
    alone = [replace(one, events=tuple(_serving(event, one.job) for event in one.events)) for one in served]
    found = [each for one in alone if not one.never_ran for each in _streaming(one, alone, known)]
    for each in found:
        each.stated.sources = dict.fromkeys(each.stated.sources, "EXPLICIT")
    return found


def _serving(event: Event, job: Name) -> Event:
    listed = [{"namespace": "stands for", "name": job.key}] if inputs_of(event) or outputs_of(event) else []
    bare = {"namespace": job.namespace, "name": job.name}
    return replace(event, body={**event.body, "job": bare, "outputs": listed})


def all_observations(
    events: list[Event], attempts: list[Attempt], acts: list[Act], *, names: dict[str, str]
) -> list[Observation]:
    """D1: every observation, before the rules that choose, unite and order them."""
    found: list[Observation] = []
    for attempt in attempts:
        if attempt.processing == "BATCH":
            found += _batch(attempt, names)
        elif not attempt.never_ran:
            found += _streaming(attempt, attempts, names)
    found = [observation for observation in found if not _dropped(observation, acts)]
    found = _with_renames(found, acts)
    return found + _declared(events, names) + _dataset_events(events, names)


def _dropped(observation: Observation, acts: list[Act]) -> bool:
    """D1: a completed run's DROP of O gives none of O."""
    return any(
        act.old is None and act.attempt is observation.attempt and act.dataset == observation.output
        for act in acts
    )


def _with_renames(found: list[Observation], acts: list[Act]) -> list[Observation]:
    """D2: a RENAME unites with its own batch run's observation, else it is one of its own."""
    result = list(found)
    for act in acts:
        if act.old is None:
            continue
        own = [
            observation
            for observation in found
            if act.attempt is not None
            and observation.attempt is act.attempt
            and observation.output == act.dataset
            and observation.origin == COMPLETED
        ]
        target = own[0] if own else _rename_alone(act)
        if act.old != act.dataset:  # "is nothing within one group"
            target.stated.add(act.old, "RENAME")
            target.renames.add(act.old)
            target.stated.none = target.none_by_entry = False
        if not own:
            result.append(target)
    return result


def _rename_alone(act: Act) -> Observation:
    if act.attempt is None:
        return Observation("", act.dataset, act.at, Stated(), DATASET_EVENT)
    origin = COMPLETED if act.attempt.processing == "BATCH" else RENAMED
    return Observation(
        act.attempt.job.key, act.dataset, act.at, Stated(), origin, attempt=act.attempt, write=True
    )


def _batch(attempt: Attempt, names: dict[str, str]) -> list[Observation]:
    """D1: one per output of a completed run; a provisional one while it is open; none of a failed one."""
    if attempt.state in ("FAILED", "ABORTED"):
        return []
    found = []
    for output, stated in stated_by_run(list(attempt.events), names).items():
        naming = [e.when for e in attempt.events if output in {names[name.key] for name in outputs_of(e)}]
        at = max(naming) if attempt.ended is None else attempt.ended
        origin = PROVISIONAL if attempt.ended is None else COMPLETED
        found.append(
            Observation(
                attempt.job.key,
                output,
                at,
                stated,
                origin,
                attempt=attempt,
                write=True,
                none_by_entry=stated.none,
            )
        )
    return found


def _streaming(attempt: Attempt, attempts: list[Attempt], names: dict[str, str]) -> list[Observation]:
    """D1: one at each event with a list; a SERVICE run's also know what its siblings last stated."""
    found = []
    service = attempt.processing == "SERVICE"
    for event, observation in own_statements(attempt, names):
        if service and not observation.stated.silent:
            for other in _siblings_statements(
                event, observation.output, attempt, attempts=attempts, names=names
            ):
                _join(observation, other)
        if observation.stated.sources:
            observation.stated.none = observation.none_by_entry = False
        found.append(observation)
    for event in attempt.events:
        if service and event.type in TERMINAL:
            found += _service_end(event, attempt, attempts, names=names)
    return found


def own_statements(attempt: Attempt, names: dict[str, str]) -> list[tuple[Event, Observation]]:
    """The streaming observations of one run by its own events, in order, siblings not looked at."""
    found: list[tuple[Event, Observation]] = []
    earlier: set[str] = set()
    for position, event in enumerate(attempt.events):
        if attempt.processing == "SERVICE" and event.type in TERMINAL:
            continue
        outputs = {names[name.key] for name in outputs_of(event)}
        if not outputs and not inputs_of(event):
            continue
        seen = [event] if attempt.snapshot else list(attempt.events[: position + 1])
        for output, stated in stated_by_run(seen, names).items():
            found.append((event, _streamed(attempt, output, event, stated=stated)))
        if attempt.snapshot and outputs:
            for output in sorted(earlier - outputs):
                left_out = _streamed(attempt, output, event, stated=Stated(none=True))
                left_out.write = left_out.none_by_entry = False
                found.append((event, left_out))
        earlier |= outputs
    return found


def _streamed(attempt: Attempt, output: str, event: Event, *, stated: Stated) -> Observation:
    return Observation(
        attempt.job.key,
        output,
        event.when,
        stated,
        STREAMED,
        attempt=attempt,
        write=True,
        none_by_entry=stated.none,
    )


def _siblings_statements(
    event: Event, output: str, attempt: Attempt, *, attempts: list[Attempt], names: dict[str, str]
) -> list[Observation]:
    """D1: what J's other SERVICE runs open at the event last stated for O, silent ones passed over."""
    found = []
    for other in attempts:
        same_kind = other.processing == "SERVICE" and other.job == attempt.job and not other.never_ran
        if other is attempt or not same_kind or not _open_at(other, event.when):
            continue
        said = [
            observation
            for stating, observation in own_statements(other, names)
            if stating.when <= event.when and observation.output == output and not observation.stated.silent
        ]
        found += said[-1:]
    return found


def _join(observation: Observation, other: Observation) -> None:
    """A sibling's statement is taken whole: sources, columns, and that an entry stated none."""
    observation.stated.unite(other.stated)
    observation.none_by_entry = observation.none_by_entry or other.none_by_entry


def _open_at(attempt: Attempt, when: Order) -> bool:
    """D1: first event by then, no winning terminal event by then."""
    begun = min(event.when for event in attempt.events) <= when
    return begun and not (attempt.ended is not None and attempt.ended <= when)


def _service_end(
    event: Event, attempt: Attempt, attempts: list[Attempt], *, names: dict[str, str]
) -> list[Observation]:
    """D1: a terminal event of a SERVICE run leaves each output what the siblings still state."""
    found = []
    for output in sorted({names[name.key] for each in attempt.events for name in outputs_of(each)}):
        end = Observation(attempt.job.key, output, event.when, Stated(), STREAMED, attempt=attempt)
        for other in _siblings_statements(event, output, attempt, attempts=attempts, names=names):
            _join(end, other)
        end.stated.none = not end.stated.sources
        end.none_by_entry = end.none_by_entry and end.stated.none
        found.append(end)
    return found


@dataclass(frozen=True, slots=True)
class Registers:
    """F6: a job's declared inputs (None: never set) and outputs, and the JobEvent holding the outputs."""

    inputs: tuple[Name, ...] | None = None
    outputs: tuple[Name, ...] = ()
    holder: Event | None = None


def after(registers: Registers, event: Event) -> Registers:
    """F6: a present list replaces, also an empty one; lineage with DATASET entries is an outputs list."""
    inputs, outputs, holder = registers.inputs, registers.outputs, registers.holder
    if isinstance(event.body.get("inputs"), list):
        inputs = tuple(inputs_of(event))
    if isinstance(event.body.get("outputs"), list) or entries(event):
        outputs, holder = tuple(outputs_of(event)), event
    return Registers(inputs, outputs, holder)


def registers_now(events: list[Event], job: str) -> Registers:
    """F6: the declared registers of a job after all its JobEvents."""
    registers = Registers()
    for event in events:
        if event.kind == "JOB" and event.job is not None and event.job.key == job:
            registers = after(registers, event)
    return registers


def _declared(events: list[Event], names: dict[str, str]) -> list[Observation]:
    """D1: each JobEvent observes its job's registers as they then stood."""
    found: list[Observation] = []
    registers: dict[str, Registers] = {}
    for event in events:
        if event.kind != "JOB" or event.job is None:
            continue
        before = registers.get(event.job.key, Registers())
        now = registers[event.job.key] = after(before, event)
        statements = _declared_statements(now, names)
        for name in before.outputs:
            statements.setdefault(names[name.key], Stated(none=True))
        for output, stated in statements.items():
            found.append(Observation(event.job.key, output, event.when, stated, DECLARED))
    return found


def _declared_statements(registers: Registers, names: dict[str, str]) -> dict[str, Stated]:
    """Readings 14 and 15: DECLARED, or PRODUCT where it is the product; empty inputs state none."""
    if registers.holder is None:
        return {}
    inputs = {names[name.key] for name in registers.inputs or ()}
    statements = stated_by_run([registers.holder], names, inputs=inputs)
    for stated in statements.values():
        for source, evidence in stated.sources.items():
            stated.sources[source] = "PRODUCT" if evidence == "PRODUCT" else "DECLARED"
        if not stated.sources and registers.inputs is not None and not registers.inputs:
            stated.none = True
    return statements


def _dataset_events(events: list[Event], names: dict[str, str]) -> list[Observation]:
    """F6, reading 17: a DatasetEvent with lineage or columnLineage observes (no job, O)."""
    found = []
    for event in events:
        for use in uses(event):
            lineage, columns = facet(use.facets, "lineage"), facet(use.facets, "columnLineage")
            if event.kind != "DATASET" or use.place[0] != MEMBER or (lineage is None and columns is None):
                continue
            entry = live(lineage)
            stated = stated_by_columns(columns, names) if entry is None else stated_by_entry(entry, names)
            tombstoned = any(body is not None and is_tombstone(body) for body in (lineage, columns))
            stated.none = not stated.sources and (stated.none or tombstoned)
            found.append(Observation("", names[use.name.key], event.when, stated, DATASET_EVENT))
    return found
