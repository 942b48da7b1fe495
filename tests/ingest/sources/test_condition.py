"""Does a process that reads a source say how it is, and when it tries again?"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from graph_schema.errors import StoreUnavailable
from ingest.sources.child import place_in
from ingest.sources.condition import CATCHING_UP, FOLLOWING, Condition, wait
from ingest.sources.faults import AlreadyFollowing
from ingest.standing import told


def condition(home: Path) -> Condition:
    return Condition(home, "feast", first_s=0.5, longest_s=3.0)


def test_pauses_grow_and_begin_anew(tmp_path: Path) -> None:
    """Twice as long after each further failure, up to the longest; once it went well, as at first."""
    here, pauses = condition(tmp_path), []
    for _ in range(5):
        here.goes_wrong(OSError("gone"))
        pauses.append(here.pause_s)
    assert pauses == [0.5, 1.0, 2.0, 3.0, 3.0]
    here.goes_on()
    assert here.pause_after(10) == 10
    here.goes_wrong(OSError("gone again"))
    assert here.pause_after(10) == here.pause_s == 0.5


def test_what_stands_in_the_way_is_said_since_it_began(tmp_path: Path) -> None:
    """The newest failure, with the time of the first; nothing once it goes on."""
    here = condition(tmp_path)
    here.become(CATCHING_UP)
    here.goes_wrong(OSError("gone"))
    since = here.said()["error"]["since"]
    here.goes_wrong(StoreUnavailable("the graph is away"))
    said = here.said(rows=7)
    assert (said["state"], said["rows"], said["lag_s"]) == ("waiting", 7, None)
    assert said["error"] == {"code": "STORE_UNAVAILABLE", "message": "the graph is away", "since": since}
    assert here.failing_s > 0
    here.goes_on()
    assert "error" not in here.said()
    assert here.failing_s == 0


def test_it_is_told_for_as_long_as_it_works_and_that_it_stopped(tmp_path: Path) -> None:
    """Also where what it does fails."""
    here = condition(tmp_path)

    async def work() -> None:
        async with here.telling(here.said):
            here.become(FOLLOWING)
            while (told(tmp_path, "feast") or {}).get("state") != FOLLOWING:
                await wait(asyncio.Event(), 0.05)
            raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        asyncio.run(work())
    assert (told(tmp_path, "feast") or {}).get("state") == "stopped"


def test_whoever_waits_is_woken_to_stop() -> None:
    """However long it was to wait."""

    async def work() -> None:
        stop = asyncio.Event()
        waiting = asyncio.create_task(wait(stop, float("inf")))
        await asyncio.sleep(0)
        stop.set()
        async with asyncio.timeout(5):
            await waiting

    asyncio.run(work())


def test_a_place_is_held_once(tmp_path: Path) -> None:
    """Whoever comes second is told what another does there, and what it can be asked for."""
    does = "reads a shelf; ask it to look again"
    said = f"a process reads a shelf into {tmp_path} already, see `headwater status`; ask it to look again"
    with place_in(tmp_path, "shelf.lock", does), place_in(tmp_path, "other.lock", does):
        with pytest.raises(AlreadyFollowing) as refused, place_in(tmp_path, "shelf.lock", does):
            pass
        assert refused.value.message == said
    with place_in(tmp_path, "shelf.lock", does):
        pass
