"""May only that be in flight which nothing before it holds up, and does the cursor stand behind all that is unfinished?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.forward.lanes import Lanes
from ingest.forward.touched import Touched

KEYS = st.frozensets(st.sampled_from("abcdef"), max_size=3)


@st.composite
def touches(draw: st.DrawFn) -> Touched:
    changes = draw(KEYS)
    return Touched(changes, draw(KEYS) - changes)


def conflict(one: Touched, other: Touched) -> bool:
    return bool(one.changes & (other.changes | other.reads) or other.changes & (one.changes | one.reads))


@given(
    st.lists(st.tuples(st.integers(1, 3), touches()), max_size=40),
    st.data(),
)
def test_what_is_free_and_where_the_cursor_stands(
    events: list[tuple[int, Touched]], data: st.DataObject
) -> None:
    """Law: free is what conflicts with nothing unfinished before it; all up to the cursor is finished, for ever."""
    lanes = Lanes(0)
    known: dict[int, Touched] = {}
    done: set[int] = set()
    free: set[int] = set()
    position, cursor = 0, 0
    waiting = list(events)
    while waiting or free:
        if waiting and (not free or data.draw(st.booleans())):
            gap, touched = waiting.pop(0)
            position += gap
            if data.draw(st.integers(0, 9)) == 0:
                lanes.skip(position)
                done.add(position)
            else:
                known[position] = touched
                if lanes.add(position, touched):
                    free.add(position)
        else:
            chosen = data.draw(st.sampled_from(sorted(free)))
            free.discard(chosen)
            done.add(chosen)
            free |= set(lanes.finish(chosen))
        unfinished = {one for one in known if one not in done}
        naive = {
            one for one in unfinished
            if not any(other < one and conflict(known[one], known[other]) for other in unfinished)
        }  # fmt: skip
        assert free == naive
        assert lanes.cursor == (min(unfinished) - 1 if unfinished else position)
        assert lanes.cursor >= cursor
        assert lanes.beyond == {one for one in done if one > lanes.cursor}
        assert len(lanes) == len(unfinished)
        cursor = lanes.cursor
    assert done >= set(known)


def test_a_second_life_goes_on_from_the_first() -> None:
    """What was finished beyond the cursor is known, and moves the cursor when what is before it is finished."""
    lanes = Lanes(3, {5, 6, 2})
    assert [lanes.is_done(position) for position in (2, 4, 5, 6, 7)] == [True, False, True, True, False]
    lanes.add(4, Touched(frozenset("a"), frozenset()))
    lanes.skip(5)
    lanes.skip(6)
    assert (lanes.cursor, lanes.beyond) == (3, {5, 6})
    lanes.finish(4)
    assert (lanes.cursor, lanes.beyond) == (6, set())


def test_what_is_sent_again_moves_no_cursor() -> None:
    """A position behind the cursor may come back: it waits for what it conflicts with, and the cursor stays."""
    lanes = Lanes(9)
    touched = Touched(frozenset("a"), frozenset())
    assert lanes.add(10, touched)
    assert not lanes.add(4, touched)
    assert not lanes.is_done(4)
    assert lanes.finish(10) == [4]
    assert lanes.finish(4) == []
    assert (lanes.cursor, lanes.beyond) == (10, set())
