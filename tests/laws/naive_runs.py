"""What became of each run: its job, its attempts, their state, their way of working?

F3, F4, F7, F8 and the first words of D1; readings 7, 8, 10 and 18 of decision 0002.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.laws.naive_events import Event, Facets, Name, Order, is_tombstone, job_facet, members, run_facet
from tests.laws.naive_names import RunMention, mentioned_runs, own_run, run_mention

TERMINAL = {"COMPLETE": 0, "ABORT": 1, "FAIL": 2}
"""F4: the rank at equal eventTime."""
STATES = {"COMPLETE": "COMPLETED", "ABORT": "ABORTED", "FAIL": "FAILED"}


@dataclass(frozen=True, slots=True)
class Attempt:
    """F4: a stretch of a run that D1 to D3, F5 and io read as a run of its own."""

    run: str
    number: int
    job: Name
    events: tuple[Event, ...]
    state: str
    started: Order | None
    ended: Order | None
    processing: str
    snapshot: bool
    parent: str | None
    map_index: int | None

    @property
    def is_open(self) -> bool:
        """No terminal event."""
        return self.ended is None

    @property
    def never_ran(self) -> bool:
        """D1: a SERVICE run that failed before any RUNNING is left out wholly."""
        running = [event.when for event in self.events if event.type == "RUNNING"]
        failed = self.processing == "SERVICE" and self.state == "FAILED"
        return failed and not any(self.ended is not None and when <= self.ended for when in running)


@dataclass(frozen=True, slots=True)
class Run:
    """One run node, with its attempts from oldest to newest (none for a placeholder)."""

    key: str
    job: Name | None
    clash: tuple[str, ...]
    parent: str | None
    root: str | None
    attempts: tuple[Attempt, ...]

    @property
    def shown(self) -> Attempt | None:
        """F4: the newest attempt that ended, else the newest; suspect events end none."""
        if not self.attempts:
            return None
        ended = [attempt for attempt in self.attempts if any(_ends(event) for event in attempt.events)]
        return (ended or list(self.attempts))[-1]


def _ends(event: Event) -> bool:
    return event.type in TERMINAL and not event.suspect


def read_runs(events: list[Event]) -> list[Run]:
    """Every run that an event reports or mentions."""
    own = [own_run(event) for event in events if event.kind == "RUN"]
    mentioned = [mention.key for event in events for mention in mentioned_runs(event)]
    return [_run(key, events) for key in sorted({*own, *mentioned})]


def _run(key: str, events: list[Event]) -> Run:
    own = [event for event in events if event.kind == "RUN" and own_run(event) == key]
    jobs = _own_jobs(own) if own else _mentioned_jobs(key, events)
    job = _first(jobs)
    clash = sorted({name.key for _, name in jobs if job is not None and name.key != job.key})
    parent = _newest_parent(own)
    up = None if parent is None else run_mention(parent)
    root = None if parent is None else run_mention(parent.get("root"))
    attempts = [] if job is None else _attempts(key, job, own, all_events=events, parent=up)
    return Run(
        key,
        job,
        tuple(clash),
        None if up is None else up.key,
        None if root is None else root.key,
        tuple(attempts),
    )


def _own_jobs(own: list[Event]) -> list[tuple[Event, Name]]:
    return [(event, event.job) for event in own if event.job is not None]


def _mentioned_jobs(key: str, events: list[Event]) -> list[tuple[Event, Name]]:
    """Reading 8: the jobs named beside a run that never reported."""
    return [
        (event, mention.job)
        for event in events
        for mention in mentioned_runs(event)
        if mention.key == key and mention.job is not None
    ]


def _first(jobs: list[tuple[Event, Name]]) -> Name | None:
    """F8: the job of the least unsuspect stamp, else of the least."""
    unsuspect = [(event.stamp, name.key, name) for event, name in jobs if not event.suspect]
    any_at_all = [(event.stamp, name.key, name) for event, name in jobs]
    return min(unsuspect or any_at_all)[2] if jobs else None


def _newest_parent(own: list[Event]) -> Facets | None:
    """F7, F3: the newest parent facet of the whole run."""
    stamps = [(event.stamp, parent) for event in own if (parent := run_facet(event, "parent")) is not None]
    return max(stamps, key=lambda found: found[0])[1] if stamps else None


def _beginnings(own: list[Event]) -> list[str]:
    """Reading 7: the instants at which a further attempt begins."""
    starts = sorted({event.time for event in own if event.type == "START" and not event.suspect})
    ends = [event.time for event in own if _ends(event)]
    begins: list[str] = []
    for time in starts:
        present = begins[-1] if begins else ""
        started = any(present <= other < time for other in starts)
        ended = any(present <= other < time for other in ends)
        if started and ended:
            begins.append(time)
    return begins


def _attempts(
    key: str, job: Name, own: list[Event], *, all_events: list[Event], parent: RunMention | None
) -> list[Attempt]:
    begins = _beginnings(own)
    parts: list[list[Event]] = [[] for _ in range(len(begins) + 1)]
    for event in own:
        parts[sum(1 for begin in begins if begin <= event.time)].append(event)
    return [
        _attempt(key, number, job, events=part, all_events=all_events, parent=parent)
        for number, part in enumerate(parts)
        if part
    ]


def _attempt(
    key: str,
    number: int,
    job: Name,
    *,
    events: list[Event],
    all_events: list[Event],
    parent: RunMention | None,
) -> Attempt:
    job_type = _job_type(events, job, all_events)
    processing = job_type.get("processingType")
    pattern = members(job_type.get("emissionPattern"))
    state, ended = _state(events)
    return Attempt(
        run=key,
        number=number,
        job=job,
        events=tuple(events),
        state=state,
        started=_started(events),
        ended=ended,
        processing=processing if processing in ("STREAMING", "SERVICE") else "BATCH",
        snapshot=pattern.get("eventContentMode") == "COMPLETE_SNAPSHOT",
        parent=None if parent is None else parent.key,
        map_index=_map_index(events),
    )


def _state(events: list[Event]) -> tuple[str, Order | None]:
    """F4: the winning terminal event, else RUNNING, else STARTED, else UNKNOWN."""
    terminal = [(event.when, TERMINAL[event.type], event.type) for event in events if event.type in TERMINAL]
    if terminal:
        when, _, word = max(terminal)
        return STATES[word], when
    types = {event.type for event in events}
    if "RUNNING" in types:
        return "RUNNING", None
    return ("STARTED" if "START" in types else "UNKNOWN"), None


def _started(events: list[Event]) -> Order | None:
    """F4, F1: the earliest START; a suspect one only when there is no other."""
    starts = [event.when for event in events if event.type == "START"]
    unsuspect = [when for when in starts if when[0] == 1]
    return min(unsuspect or starts, default=None)


def _job_type(events: list[Event], job: Name, all_events: list[Event]) -> Facets:
    """D1: the run's own jobType, else the job's newest not later than the run's newest event."""
    own = _newest_job_type(events)
    if own is not None:
        return {} if is_tombstone(own) else own
    until = max(event.when for event in events)
    others = [event for event in all_events if event.job == job and event.when <= until]
    theirs = _newest_job_type(others)
    return {} if theirs is None or is_tombstone(theirs) else theirs


def _newest_job_type(events: list[Event]) -> Facets | None:
    stamps = [(event.stamp, found) for event in events if (found := job_facet(event, "jobType")) is not None]
    return max(stamps, key=lambda found: found[0])[1] if stamps else None


def _map_index(events: list[Event]) -> int | None:
    """D1: `airflow.taskInstance.map_index` of the newest airflow run facet."""
    stamps = [(event.stamp, found) for event in events if (found := run_facet(event, "airflow")) is not None]
    if not stamps:
        return None
    index = members(max(stamps, key=lambda found: found[0])[1].get("taskInstance")).get("map_index")
    whole = isinstance(index, int) and not isinstance(index, bool) and abs(index) < 2**63
    return index if whole else None
