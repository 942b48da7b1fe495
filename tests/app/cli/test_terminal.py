"""Does what is shown fit the terminal, whatever its width, and say the same as in a pipe?"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.demo.scratch import Server
from tests.app.cli.terminal import on_terminal
from tests.server import headwater

NAMESPACE = "postgres://warehouse-primary.eu-central-1.example.internal:5432"
LONG = "dataset:postgres%3A//warehouse-primary.eu-central-1.example.internal%3A5432:analytics.customer_360."
HUB, CHILDREN = f"{LONG}raw_events_table_with_a_long_name", 70
WIDTHS = [40, 80, 160]


def event(number: int, inputs: list[str], outputs: list[str]) -> dict[str, object]:
    """A completed run that read and wrote datasets with long names."""
    named = {
        side: [{"namespace": NAMESPACE, "name": f"analytics.customer_360.{name}"} for name in names]
        for side, names in (("inputs", inputs), ("outputs", outputs))
    }
    job = {"namespace": "spark://prod.example:7077", "name": f"step_{number}"}
    run = {"runId": f"00000000-0000-7000-8000-{number:012d}"}
    return {"eventType": "COMPLETE", "eventTime": "2026-05-01T10:00:00Z", "run": run, "job": job, **named}


@pytest.fixture(scope="module")
def wide(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A hub with many children and long names, so that nothing fits on one line."""
    children = [f"child_{number}_of_the_hub_with_a_long_name" for number in range(CHILDREN)]
    file = tmp_path_factory.mktemp("events") / "wide.ndjson"
    events = [
        event(1, ["raw_events_table_with_a_long_name"], children),
        event(2, children[:1], ["grandchild"]),
    ]
    file.write_text("\n".join(json.dumps(one) for one in events))
    found = headwater("ingest", str(file), "--server", server.url)
    assert found.returncode == 0, found.stderr
    return server


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize(
    "arguments",
    [
        ["upstream", f"{LONG}grandchild"],  # a tree
        ["downstream", HUB],  # too many rows for one: a table
        ["paths", HUB, f"{LONG}grandchild"],
        ["node", f"{LONG}child_0_of_the_hub_with_a_long_name"],
        ["node", f"{LONG}child_0"],  # an error with names like it
        ["status"],
        ["oddities"],
    ],
    ids=["tree", "table", "paths", "node", "error", "status", "oddities"],
)
def test_nothing_is_wider_than_the_terminal_and_no_key_is_cut(
    wide: Server, columns: int, arguments: list[str]
) -> None:
    """Lines fold at the width; put together again they hold every key that the pipe shows, whole."""
    seen = on_terminal(*arguments, columns=columns, env={"HEADWATER_SERVER": wide.url})
    assert max(map(len, seen.lines)) <= columns
    piped = headwater(*arguments, "--server", wide.url)
    assert seen.code == piped.returncode
    joined = re.sub(r"[\s│├└─→]", "", "".join(seen.lines))
    keys = set(re.findall(r"(?:dataset|job):[^\s;?]+", piped.stdout + piped.stderr))
    assert [key for key in keys if key not in joined] == []
    assert "…" not in joined


def test_what_is_known_of_a_row_stands_beside_it_in_a_table_too(wide: Server) -> None:
    """A row that is reached by guesses alone is marked, as in a tree, and the remark below says what that means."""
    said = headwater("downstream", HUB, "--server", wide.url).stdout
    rows = [line.rstrip() for line in said.splitlines() if "dataset:" in line]
    assert len(rows) == CHILDREN + 1
    assert all(row.endswith("~guess") for row in rows)
    assert "of them a guess (~" in said


@pytest.mark.parametrize("arguments", [["node", f"{LONG}grandchild"], ["paths", HUB, f"{LONG}grandchild"]])
def test_what_folds_goes_on_further_in(wide: Server, arguments: list[str]) -> None:
    """No line of a list begins at the edge because the one before had no room."""
    seen = on_terminal(*arguments, columns=80, env={"HEADWATER_SERVER": wide.url})
    piped = headwater(*arguments, "--server", wide.url).stdout.splitlines()
    at_edge = [line for line in piped if line and not line.startswith(" ")]
    folded = sum(-(-len(line) // 80) for line in at_edge if re.match(r"dataset:|[a-z_]+ +dataset:", line))
    assert (
        sum(bool(line.strip()) and not line.startswith(" ") for line in seen.lines) <= len(at_edge) + folded
    )


def test_colours_are_for_terminals_that_want_them(wide: Server) -> None:
    """Off in a pipe, and off with NO_COLOR; the words are the same."""
    asked, server = ["upstream", f"{LONG}grandchild"], {"HEADWATER_SERVER": wide.url}
    assert "\x1b[36m" in on_terminal(*asked, columns=100, env=server).raw
    plain = on_terminal(*asked, columns=100, env={**server, "NO_COLOR": "1"}).raw
    assert re.search(r"\x1b\[[0-9;]*3[0-7]m", plain) is None
    assert "\x1b" not in headwater(*asked, env=server).stdout


def test_progress_is_shown_on_a_terminal_and_leaves_no_trace_elsewhere(wide: Server, tmp_path: Path) -> None:
    """Counts and a rate for ingest, export, verify and rebuild; nothing of it in a pipe or a file."""
    file = tmp_path / "more.ndjson"
    file.write_text("\n".join(json.dumps(event(number, ["x"], ["y"])) for number in range(10, 1500)))
    server, home = {"HEADWATER_SERVER": wide.url}, str(wide.home)
    shown = {
        "ingest": on_terminal("ingest", str(file), columns=80, env=server),
        "export": on_terminal("export", "-o", str(tmp_path / "out"), columns=80, env=server),
        "verify": on_terminal("verify", "--home", home, columns=80),
        "rebuild": on_terminal("rebuild", "--home", home, columns=80),
    }
    for name, seen in shown.items():
        assert seen.code == 0, seen.raw
        assert "━" in seen.raw, name
        assert max(map(len, seen.lines)) <= 80, name
    assert "1,490 of 1,490" in shown["ingest"].raw
    assert "/s" in shown["ingest"].raw
    assert re.search(r"load.*[0-9] of [0-9]", shown["rebuild"].raw), "the server tells how far it is"
    for quiet in (["export", "-o", str(tmp_path / "again")], ["verify", "--home", home]):
        assert headwater(*quiet, env=server).stderr == ""
    assert (tmp_path / "out").read_bytes() == (tmp_path / "again").read_bytes()


def test_rows_on_a_terminal_are_not_mixed_with_a_bar(wide: Server) -> None:
    """Where the export itself goes to the terminal, it is all there is."""
    seen = on_terminal("export", columns=200, env={"HEADWATER_SERVER": wide.url})
    assert "━" not in seen.raw
    assert len(json.loads(seen.lines[0])) > 2
