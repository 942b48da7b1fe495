"""Does work end when nobody waits for its answer any more?"""

from __future__ import annotations

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from app.http import waiting
from app.http.waiting import AskerLeft, while_connected


def request(*, hung_up: bool) -> Request:
    """A request whose asker is there, or has hung up."""

    async def receive() -> Message:
        if not hung_up:
            await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    return Request({"type": "http", "method": "GET", "path": "/", "headers": []}, receive)


def test_a_walk_ends_when_its_asker_hangs_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is cancelled, and has ended, before the answer is given up."""
    monkeypatch.setattr(waiting, "LOOK_EVERY_S", 0.01)
    ended: list[str] = []

    async def walk() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("walk")

    async def ask() -> None:
        with pytest.raises(AskerLeft):
            await while_connected(request(hung_up=True), walk())

    asyncio.run(asyncio.wait_for(ask(), 5))
    assert ended == ["walk"]


def test_an_answer_and_a_failure_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the asker is there, waiting changes nothing."""
    monkeypatch.setattr(waiting, "LOOK_EVERY_S", 0.01)

    async def answer() -> int:
        await asyncio.sleep(0.03)
        return 7

    async def fail() -> int:
        raise ValueError("no")

    async def ask() -> None:
        assert await while_connected(request(hung_up=False), answer()) == 7
        with pytest.raises(ValueError, match="no"):
            await while_connected(request(hung_up=False), fail())

    asyncio.run(ask())
