"""Does the projector's state stay quick as it grows?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from ingest import canonical
from ingest.project.batch import Received, project_batch, read_contribution
from ingest.state import State
from tests.laws.fuzz import forms_of
from tests.laws.histories import SUBJECTS, random_history

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

WHOLE_TABLES_KEPT_IN_MEMORY = ("SCAN alias", "SCAN unmerged")


class Recording(State):
    """A state that remembers which statements it was asked."""

    asked: dict[str, int]
    rows_read = 0

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Remember and read."""
        self._note(sql, values)
        found = super().rows(sql, values)
        self.rows_read += len(found)
        return found

    def one(self, sql: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """Remember and read."""
        self._note(sql, values)
        return super().one(sql, values)

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Remember and write."""
        self._note(sql, values)
        super().run(sql, values)

    def many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Remember and write."""
        listed = list(values)
        self._note(sql, listed[0] if listed else ())
        super().many(sql, listed)

    def _note(self, sql: str, values: Sequence[Any]) -> None:
        if not hasattr(self, "asked"):
            self.asked = {}
        if values:
            self.asked[sql] = len(values)

    def plan(self, sql: str) -> list[str]:
        """Say how the file would answer a statement."""
        marks = [None] * self.asked[sql]
        return [row[3] for row in super().rows(f"EXPLAIN QUERY PLAN {sql}", marks)]


@pytest.fixture
def asked(tmp_path: Path) -> Recording:
    """Give a state after two random histories of every subject, event by event."""
    state = Recording(tmp_path / "state.sqlite")
    for seed, subject in enumerate([*SUBJECTS, "mixed"] * 2):
        for form, suspect in forms_of(random_history(seed, subject, 12)):
            project(state, [(form, suspect)])
    return state


def project(state: State, events: Sequence[tuple[dict[str, Any], bool]]) -> None:
    """Project events as one batch."""
    received = [
        Received(canonical.text_of(form), canonical.digest(form), suspect) for form, suspect in events
    ]
    state.begin()
    project_batch(state, [read_contribution(one) for one in received])
    state.commit()


def completed(number: int) -> tuple[dict[str, Any], bool]:
    """Give the only event of a job's run, a minute after the one before."""
    time = f"2026-05-01T{number // 60:02d}:{number % 60:02d}:00Z"
    event = {
        "eventTime": time,
        "eventType": "COMPLETE",
        "run": {"runId": str(UUID(int=number + 1))},
        "job": {"namespace": "jobs", "name": "busy"},
        "inputs": [{"namespace": "db", "name": "a"}],
        "outputs": [{"namespace": "db", "name": "b"}],
    }
    return canonical.canonical(event), False


def test_every_statement_seeks(asked: Recording) -> None:
    """No statement asked with a key reads a whole table: what a batch costs does not grow with the state."""
    scans = {
        sql: step
        for sql in asked.asked
        for step in asked.plan(sql)
        if step.startswith("SCAN") and not step.startswith(("SCAN (subquery", *WHOLE_TABLES_KEPT_IN_MEMORY))
    }
    assert len(asked.asked) > 40
    assert scans == {}


def test_a_job_with_many_runs_is_not_read_whole(tmp_path: Path) -> None:
    """A job's next run reads no more when it had 1,200 than when it had 300; one late by 60 reads under 160 rows more."""
    state = Recording(tmp_path / "state.sqlite")
    late = 1140
    read = {}
    for before, until in ((0, 300), (301, 1200)):
        for first in range(before, until, 50):
            chunk = range(first, min(first + 50, until))
            project(state, [completed(number) for number in chunk if number != late])
        state.rows_read = 0
        project(state, [completed(until)])
        read[until] = state.rows_read
    state.rows_read = 0
    project(state, [completed(late)])
    assert read[1200] <= read[300] + 8
    assert state.rows_read < read[300] + 160
