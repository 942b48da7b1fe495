"""Is a receiver that is away waited for, and an event that it alone fails on given up?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from ingest.forward.lanes import Lanes
from ingest.forward.pace import Desk, Pace
from ingest.forward.touched import Touched

PACE = Pace(pause_first_s=0.5, pause_longest_s=8.0, tries_max=5, tries_s=20.0)
Answers = Callable[[int, float], str]
"""What a receiver says to a position at a time: taken, refused or fails."""


@dataclass
class Told:
    """What came of a simulated time."""

    taken: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    given_up: list[int] = field(default_factory=list)
    tries: list[tuple[float, int]] = field(default_factory=list)


def simulate(
    events: list[Touched], answers: Answers, *, until: float, connections: int = 4, took_s: float = 0.05
) -> tuple[Desk, Told]:
    """Let time pass: each try takes a moment, the desk decides the rest."""
    desk, told = Desk(Lanes(0), PACE), Told()
    for number, touched in enumerate(events, 1):
        desk.add(number, touched)
    now = 0.0
    ends: dict[int, float] = {}
    while now < until:
        while len(ends) < connections and (position := desk.take(now)) is not None:
            ends[position] = now + took_s
            told.tries.append((now, position))
        wakes = [at for at in (desk.wakes_at(), *ends.values()) if at is not None]
        if len(ends) >= connections:
            wakes = list(ends.values())
        if not wakes:
            break
        now = max(min(wakes), now)
        for ended in [one for one, at in ends.items() if at <= now]:
            del ends[ended]
            said = answers(ended, now)
            if said == "taken":
                told.taken.append(ended)
                desk.deliver(ended)
            elif said == "refused":
                told.refused.append(ended)
                desk.refuse(ended)
            elif desk.fail(ended, now, dice=0.5):
                told.given_up.append(ended)
                desk.refuse(ended)
    return desk, told


def lane(key: str) -> Touched:
    return Touched(frozenset(key), frozenset())


LANES = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=30).map(
    lambda keys: [lane(key) for key in keys]
)


@given(LANES, st.floats(0.0, 5000.0))
def test_an_outage_drops_nothing(events: list[Touched], away_s: float) -> None:
    """Law: however long everything fails, everything arrives once it is over, each lane in order, and soon."""
    desk, told = simulate(events, lambda _, now: "taken" if now >= away_s else "fails", until=away_s + 60.0)
    assert (told.given_up, told.refused, len(desk.lanes)) == ([], [], 0)
    assert sorted(told.taken) == list(range(1, len(events) + 1))
    for key in {key for event in events for key in event.changes}:
        own = [position for position in told.taken if key in events[position - 1].changes]
        assert own == sorted(own)


def test_an_outage_costs_little() -> None:
    """A day away is some thousand tries, one at a time, and not one for each event that waits."""
    events = [lane(str(number)) for number in range(500)]
    _, told = simulate(events, lambda *_: "fails", until=86_400.0)
    assert len(told.tries) < 86_400 / PACE.pause_longest_s * 2.1
    gaps = [then - now for (now, _), (then, _) in zip(told.tries[20:], told.tries[21:], strict=False)]
    assert min(gaps) >= PACE.pause_longest_s / 2


@given(LANES, st.sets(st.integers(1, 30), max_size=4), st.sets(st.integers(1, 30), max_size=4))
def test_one_event_never_stops_the_others(
    events: list[Touched], failing: set[int], refused: set[int]
) -> None:
    """Law: what always fails is passed by while others are taken; who waits for it goes on then, in order."""
    there = set(range(1, len(events) + 1))
    failing, refused = failing & there, (refused & there) - failing
    good = [*events, *(Touched(frozenset((f"other{number}",)), frozenset()) for number in range(2_000))]

    def answers(position: int, now: float) -> str:
        if position in failing:
            return "fails"
        return "refused" if position in refused else "taken"

    slow = simulate(good, answers, until=3_600.0, connections=2, took_s=0.5)[1]
    assert (set(slow.given_up), set(slow.refused)) == (failing, refused)
    assert set(slow.taken) >= there - failing - refused
    for key in {key for event in events for key in event.changes}:
        own = [one for one in slow.taken if one in there and key in events[one - 1].changes]
        assert own == sorted(own)


def test_patience_is_by_count_and_by_time() -> None:
    """An event is given up after both: so many failures while others were taken, and so long."""
    events = [lane("a"), *(lane(f"{number}") for number in range(1_000))]
    _, told = simulate(
        [Touched(frozenset(("x",)), frozenset()), *events[1:]],
        lambda position, _: "fails" if position == 1 else "taken",
        until=600.0, connections=2, took_s=0.2,
    )  # fmt: skip
    own = [at for at, position in told.tries if position == 1]
    assert told.given_up == [1]
    assert len(own) >= PACE.tries_max
    assert own[-1] - own[0] >= PACE.tries_s


def test_alone_with_a_failing_event_nothing_is_known() -> None:
    """Where nothing else is taken, a failure may be the receiver's: the event is tried for ever."""
    desk, told = simulate([lane("a"), lane("a")], lambda *_: "fails", until=100_000.0)
    assert (told.given_up, told.taken, len(desk.lanes)) == ([], [], 2)


def test_a_receiver_that_asks_for_time_gets_it() -> None:
    """Retry-After holds for all events, and longer than the longest pause of ours."""
    desk = Desk(Lanes(0), PACE)
    for position in (1, 2):
        desk.add(position, lane(str(position)))
    assert desk.take(0.0) == 1
    desk.fail(1, 0.0, dice=0.0, asked_s=100.0)
    assert desk.take(99.0) is None
    assert desk.wakes_at() == 100.0
    assert desk.take(100.0) == 2
    desk.deliver(2)
    assert desk.take(100.0) == 1
