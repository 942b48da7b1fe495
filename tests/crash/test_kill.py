"""Is anything lost, doubled or left behind when processes are killed while events come in (law L5)?"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from app.demo.scratch import Server, kill_group, serving, start, stop, wait_ready
from bench import processes
from bench.estate import Size, events
from bench.measure import bodies_of
from tests.crash.rounds import ENDS_THE_SERVER, KILLS, post_and_kill, wait_gone
from tests.server import canonical_rows, export, headwater

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(3600)]

ROUNDS = int(os.environ.get("HEADWATER_CRASH_ROUNDS", "20"))
EVENTS = 40


def runs_in(rows: list[dict[str, object]]) -> set[str]:
    return {str(row["key"]) for row in rows if row["type"] == "run"}


def run_of(body: bytes) -> str:
    return f"run:{json.loads(body)['run']['runId']}"


def survive(server: Server, kill: str, turn: int) -> Server:
    """After a kill that ended the server nothing of it is left; a new one starts on the same home."""
    if kill not in ENDS_THE_SERVER:
        return server
    if turn % 3:  # every third time the new one starts at once, while the old one's children end
        wait_gone(set(), str(server.home))
    return start(server.home)


def test_nothing_is_lost_doubled_or_left_behind(tmp_path: Path) -> None:
    """What was answered 201 is in the graph after any kill -9, once: the graph equals an unharmed one."""
    rng = random.Random(20)
    bodies = bodies_of(events(Size(EVENTS * ROUNDS + 200, slim=True)))[: EVENTS * ROUNDS]
    server = start(tmp_path / "harmed")
    acknowledged: set[str] = set()
    again: list[bytes] = []
    try:
        wait_ready(server)
        for turn in range(ROUNDS):
            kill = list(KILLS)[turn % len(KILLS)]
            fresh = bodies[turn * EVENTS : (turn + 1) * EVENTS]
            posted = post_and_kill(server, [*again, *fresh], kill=kill, after=rng.randrange(1, EVENTS))
            if kill not in ENDS_THE_SERVER:
                assert posted.refused == [], f"round {turn}: the door stays open while the {kill} is away"
            acknowledged |= {run_of(body) for body in posted.acknowledged}
            again = posted.unanswered
            server = survive(server, kill, turn)
            if kill in ENDS_THE_SERVER:
                wait_ready(server)
                assert acknowledged <= runs_in(export(server)), f"round {turn}: lost after {kill}"
        post_and_kill(server, again, kill="serve", after=len(again) + 1)
        harmed = canonical_rows(export(server))
        members = {process.pid for process in processes.tree(server.process.pid)}
        assert stop(server) == 0
        wait_gone(members, str(server.home))
    finally:
        kill_group(server)
    assert headwater("verify", "--home", str(tmp_path / "harmed")).returncode == 0
    with serving(tmp_path / "unharmed") as unharmed:
        post_and_kill(unharmed, bodies, kill="serve", after=len(bodies) + 1)
        assert harmed == canonical_rows(export(unharmed))
