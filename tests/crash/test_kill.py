"""Is anything lost, doubled or left behind when processes are killed while events come in (law L5)?"""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pytest

from app.demo.scratch import Server, kill_group, serving, start, stop, wait_ready
from bench import processes
from bench.estate import Size, events
from bench.measure import bodies_of
from tests.crash.rounds import ENDS_THE_SERVER, KILLS, post_and_kill, wait_gone
from tests.server import canonical_rows, export, headwater

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(3600)]

ROUNDS: Final = int(os.environ.get("HEADWATER_CRASH_ROUNDS", "20"))
EVENTS: Final = 40
SEED: Final = int(os.environ.get("HEADWATER_CRASH_SEED", "20"))


@dataclass
class Harmed:
    """A server that is killed again and again, and what it promised so far."""

    server: Server
    promised: set[str] = field(default_factory=set)
    again: list[bytes] = field(default_factory=list)

    def live_through(self, turn: int, fresh: list[bytes], *, after: int) -> None:
        """Post events, kill in their midst, and check that all that was promised is still there."""
        kill = list(KILLS)[turn % len(KILLS)]
        posted = post_and_kill(self.server, [*self.again, *fresh], kill=kill, after=after)
        self.promised |= {run_of(body) for body in posted.acknowledged}
        self.again = posted.unanswered
        if kill not in ENDS_THE_SERVER:
            assert posted.refused == [], f"round {turn}: the door stays open while the {kill} is away"
            return
        if turn % 3:  # every third time the next one starts at once, while the children of the last one end
            wait_gone(set(), str(self.server.home))
        self.server = start(self.server.home)
        wait_ready(self.server)
        assert self.promised <= runs_in(export(self.server)), f"round {turn}: lost after {kill}"


def runs_in(rows: list[dict[str, Any]]) -> set[str]:
    return {row["key"] for row in rows if row["type"] == "run"}


def run_of(body: bytes) -> str:
    return f"run:{json.loads(body)['run']['runId']}"


def post_all(server: Server, bodies: list[bytes]) -> None:
    """Post without any harm; everything is accepted."""
    posted = post_and_kill(server, bodies, kill="serve", after=len(bodies) + 1)
    assert posted.unanswered == []


def harm(home: Path, bodies: list[bytes]) -> set[str]:
    """Kill a server in every round; give its graph in the end. Nothing of it is left then."""
    rng = random.Random(SEED)
    harmed = Harmed(start(home))
    try:
        wait_ready(harmed.server)
        for turn in range(ROUNDS):
            fresh = bodies[turn * EVENTS : (turn + 1) * EVENTS]
            harmed.live_through(turn, fresh, after=rng.randrange(1, EVENTS))
        post_all(harmed.server, harmed.again)
        rows = canonical_rows(export(harmed.server))
        members = {process.pid for process in processes.tree(harmed.server.process.pid)}
        assert stop(harmed.server) == 0
        wait_gone(members, str(home))
    finally:
        kill_group(harmed.server)
    return rows


def test_nothing_is_lost_doubled_or_left_behind(tmp_path: Path) -> None:
    """What was answered 201 is in the graph after any kill -9, once: the graph equals an unharmed one."""
    bodies = list(islice(bodies_of(events(Size(2 * EVENTS * ROUNDS, slim=True))), EVENTS * ROUNDS))
    rows = harm(tmp_path / "harmed", bodies)
    assert headwater("verify", "--home", str(tmp_path / "harmed")).returncode == 0
    with serving(tmp_path / "unharmed") as unharmed:
        post_all(unharmed, bodies)
        assert rows == canonical_rows(export(unharmed))
