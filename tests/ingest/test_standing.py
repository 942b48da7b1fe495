"""Is what a process says of itself read as it was said, and not believed for ever?"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ingest.standing import SILENT_AFTER_S, all_told, forget, tell, told


def test_what_is_told_is_read_back(tmp_path: Path) -> None:
    """With who told it and when; one that works is up."""
    tell(tmp_path, "follow", {"state": "following", "lag_s": 0.5})
    found = told(tmp_path, "follow")
    assert found is not None
    assert (found["state"], found["lag_s"], found["pid"], found["up"]) == (
        "following",
        0.5,
        os.getpid(),
        True,
    )
    assert all_told(tmp_path) == {"follow": found}
    forget(tmp_path, "follow")
    assert all_told(tmp_path) == {}


@pytest.mark.parametrize("state", ["starting", "waiting", "stopped"])
def test_one_that_does_not_work_is_not_up(tmp_path: Path, state: str) -> None:
    """Whatever else it says."""
    tell(tmp_path, "forward", {"state": state})
    assert all_told(tmp_path)["forward"]["up"] is False


@pytest.mark.parametrize("told_at", ["2000-01-01T00:00:00.000000Z", "yesterday", None, 3])
def test_a_word_that_is_old_is_not_believed(tmp_path: Path, told_at: object) -> None:
    """A process that was killed goes on saying that all is well."""
    tell(tmp_path, "follow", {"state": "following"})
    path = tmp_path / "run" / "follow.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "told_at": told_at}))
    found = told(tmp_path, "follow")
    assert found is not None
    assert found["up"] is False
    assert SILENT_AFTER_S > 10


@pytest.mark.parametrize("text", ["", "{", "[]", "3"])
def test_a_broken_file_says_nothing(tmp_path: Path, text: str) -> None:
    """As none does."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "follow.json").write_text(text)
    assert told(tmp_path, "follow") is None
    assert told(tmp_path, "forward") is None


def test_where_nothing_can_be_written_nobody_is_kept_from_working(tmp_path: Path) -> None:
    """A full disk, or no folder at all."""
    (tmp_path / "run").write_text("no folder")
    tell(tmp_path, "follow", {"state": "following"})
    forget(tmp_path, "follow")
    assert told(tmp_path, "follow") is None
