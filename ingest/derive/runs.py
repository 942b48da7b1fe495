"""What do a run's events add up to: whose run, which attempts, what state, which parent (F3, F4, F7, F8)?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ingest.facts import DELETED, is_suspect, moment_of, time_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ingest.facets.job_type import Processing
    from ingest.facts import Facets, Fact

TERMINAL: Final = {"COMPLETE": "COMPLETED", "ABORT": "ABORTED", "FAIL": "FAILED"}
_TIE: Final = {"COMPLETE": 0, "ABORT": 1, "FAIL": 2}


class Attempt(NamedTuple):
    """One attempt of a run, read as a run of its own. Moments are (suspect or not, time)."""

    number: int
    facts: tuple[Fact, ...]
    state: str
    start: str | None
    end: str | None
    ended: bool
    processing: Processing

    @property
    def failed_batch(self) -> bool:
        """Tell whether its outputs' schemas rank low (rule F5)."""
        return self.state in {"FAILED", "ABORTED"} and self.processing[0] == "BATCH"


class Run(NamedTuple):
    """A run as its events show it. `shown` is the attempt that the Run node shows."""

    uuid: str
    job: str
    clash: tuple[str, ...]
    parent: str | None
    root: str | None
    attempts: tuple[Attempt, ...]
    shown: Attempt


def read_run(uuid: str, facts: Iterable[Fact], job_type_at: Callable[[str, str], Processing]) -> Run:
    """Put a run together from all its facts; `job_type_at(job, moment)` is the job's newest type not later."""
    ordered = sorted(facts, key=lambda fact: fact.order)
    job = _owner(ordered)
    parts = _split(ordered)
    attempts = tuple(_attempt(index, part, job, job_type_at) for index, part in enumerate(parts))
    ended = [attempt for attempt in attempts if attempt.ended]
    containments = [fact for fact in ordered if fact.parent is not None or fact.root is not None]
    newest = containments[-1] if containments else None
    return Run(
        uuid=uuid,
        job=job,
        clash=tuple(sorted({fact.job for fact in ordered} - {job})),
        parent=newest.parent[0] if newest and newest.parent else None,
        root=newest.root[0] if newest and newest.root else None,
        attempts=attempts,
        shown=ended[-1] if ended else attempts[-1],
    )


def _owner(ordered: Sequence[Fact]) -> str:
    """Give the job of the least unsuspect stamp, else of the least (rule F8)."""
    sound = next((fact for fact in ordered if not is_suspect(fact.order)), ordered[0])
    return sound.job


def _split(ordered: Sequence[Fact]) -> list[tuple[Fact, ...]]:
    """Cut a run into attempts (rule F4): a START after a terminal event of an attempt that had a START."""
    starts = sorted({f.order[1:28] for f in ordered if f.type == "START" and not is_suspect(f.order)})
    if len(starts) < 2:  # noqa: PLR2004 - one START begins no second attempt
        return [tuple(ordered)]
    ends = sorted(time_of(f.order) for f in ordered if f.type in TERMINAL and not is_suspect(f.order))
    begins: list[str] = []
    present, had_start = "", False
    for start in starts:
        if had_start and any(present <= end < start for end in ends):
            begins.append(start)
            present = start
        had_start = True
    parts: list[list[Fact]] = [[] for _ in range(len(begins) + 1)]
    for fact in ordered:
        parts[sum(begin <= time_of(fact.order) for begin in begins)].append(fact)
    return [tuple(part) for part in parts]


def _attempt(
    index: int, facts: tuple[Fact, ...], job: str, job_type_at: Callable[[str, str], Processing]
) -> Attempt:
    starts = [fact.order for fact in facts if fact.type == "START"]
    ends = [fact for fact in facts if fact.type in TERMINAL]
    # Unsuspect beats suspect, then the later, then FAIL over ABORT over COMPLETE (rules F1, F4).
    last = max(ends, key=lambda fact: (moment_of(fact.order), _TIE[fact.type or ""]), default=None)
    sound = [order for order in starts if not is_suspect(order)]
    own = [fact.processing for fact in facts if fact.processing is not None]
    return Attempt(
        number=index,
        facts=facts,
        state=_state(facts, last),
        start=moment_of(min(sound or starts)) if starts else None,
        end=moment_of(last.order) if last else None,
        ended=any(not is_suspect(fact.order) for fact in ends),
        processing=own[-1] if own else job_type_at(job, moment_of(facts[-1].order)),
    )


def _state(facts: Sequence[Fact], last: Fact | None) -> str:
    if last is not None:
        return TERMINAL[last.type or ""]
    types = {fact.type for fact in facts}
    return "RUNNING" if "RUNNING" in types else "STARTED" if "START" in types else "UNKNOWN"


def reads(facts: Iterable[Fact]) -> tuple[str, ...]:
    """List the inputs of some events, each once."""
    return tuple(dict.fromkeys(listed.dataset for fact in facts for listed in fact.inputs))


def writes(facts: Iterable[Fact]) -> tuple[str, ...]:
    """List the outputs of some events, DATASET entries of lineage included (rule D1), each once."""
    found: dict[str, None] = {}
    for fact in facts:
        found.update(dict.fromkeys(listed.dataset for listed in fact.outputs))
        found.update(dict.fromkeys(target for target, _ in fact.entries))
    return tuple(found)


def newest_facets(facts: Iterable[Fact], pick: Callable[[Fact], Facets]) -> Facets:
    """Join facets of events in order: per name the newest, tombstones taking theirs away (rule F3)."""
    joined: Facets = {}
    for fact in facts:
        joined.update(pick(fact))
    return {facet: body for facet, body in joined.items() if body != DELETED}
