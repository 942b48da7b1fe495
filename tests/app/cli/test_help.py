"""Does the command line explain itself, complete itself, and end the way it should?"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.cli.examples import EXAMPLES
from app.demo.scratch import COMMAND, Server, free_port, serving, wait_ready
from tests.needs import ROOT, need
from tests.server import headwater

COMMANDS = sorted(EXAMPLES)
RUN_BY_ITSELF = {
    *("serve", "work", "forward run", "backfill", "follow"),
    *("source mlflow", "source feast", "source gateway"),
}
NEED_A_RECEIVER = {"forward status", "forward retry", "forward skip", "compare marquez"}
BIN = str(Path(COMMAND).parent)


@pytest.fixture(scope="module")
def pasted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A project's folder with a server at work in .headwater, as after `make run`, and its environment."""
    folder = tmp_path_factory.mktemp("pasted")
    (folder / "app").symlink_to(ROOT / "app")
    with serving(folder / ".headwater") as running:
        env = {
            **os.environ,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "HEADWATER_SERVER": running.url,
        }
        headwater("ingest", "app/demo/estate.ndjson", cwd=folder, env={"HEADWATER_SERVER": running.url})
        wait_ready(running)
        yield folder, env


def test_every_command_has_examples_and_json() -> None:
    """`--help` of each shows its examples and --json, within 80 columns, nothing cut."""
    said = headwater("--help", env={"COLUMNS": "80"}).stdout
    listed = re.findall(r"^  ([a-z-]+)  ", said.partition("Commands:")[2], re.MULTILINE)
    assert sorted(listed) == sorted({command.partition(" ")[0] for command in COMMANDS})
    for command in COMMANDS:
        told = headwater(*command.split(), "--help", env={"COLUMNS": "80"}).stdout
        assert max(map(len, told.splitlines())) <= 80, command
        assert "--json" in told, command
        for line, _ in EXAMPLES[command]:  # what goes on after a backslash is moved further in
            assert " ".join(line.split()) in " ".join(told.split()), command


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "line"),
    [
        (name, line)
        for name in COMMANDS
        if name not in RUN_BY_ITSELF | NEED_A_RECEIVER
        for line, _ in EXAMPLES[name]
    ],
)
def test_examples_can_be_pasted(pasted: tuple[Path, dict[str, str]], command: str, line: str) -> None:
    """Each example works after `make run` and the first of `ingest`; nothing is said on standard error."""
    folder, env = pasted
    mapped = line.replace("http://127.0.0.1:8020", env["HEADWATER_SERVER"])
    done = subprocess.run(
        ["bash", "-c", mapped], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), line
    assert done.stdout or "-o graph.ndjson" in line or command == "completion"


@pytest.mark.slow
@pytest.mark.parametrize("line", [line for line, _ in EXAMPLES["serve"]])
def test_serve_is_started_as_the_examples_say(tmp_path: Path, line: str) -> None:
    """With everything it keeps in a scratch folder and on a free port."""
    port = str(free_port())
    words = re.sub(r"--home \S+|--port \d+", "", line).split()[1:]
    given = [*words, "--home", str(tmp_path / "home"), "--port", port, "--json"]
    process = subprocess.Popen([COMMAND, *given], stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    assert process.stdout is not None
    with process.stdout:
        assert json.loads(process.stdout.readline()) == {"address": f"http://127.0.0.1:{port}"}
        assert httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=30).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def completed(folder: Path, words: str) -> list[str]:
    """What a real bash offers for a line that ends where TAB was pressed."""
    script = f"""source <(headwater completion bash)
COMP_WORDS=({words}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_headwater_completion headwater
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    env = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "--norc", "-c", script], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("headwater up", ["upstream"]),
        ("headwater upstream --as", ["--as-of"]),
        ("headwater downstream k --granularity DA", ["DATASET"]),
        ("headwater upstream k --kinds TABLE,VI", ["TABLE,VIEW"]),
        ("headwater oddities job", ["job_clash"]),
        ("headwater completion z", ["zsh"]),
    ],
)
def test_bash_completes(tmp_path: Path, words: str, offered: list[str]) -> None:
    """Commands, options and the words that an argument takes."""
    assert completed(tmp_path, words) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_that_its_shell_reads(shell: str) -> None:
    """Checked by the shell itself where it is here; an unknown one is refused with those that are known."""
    script = headwater("completion", shell)
    assert (script.returncode, "_HEADWATER_COMPLETE" in script.stdout) == (0, True)
    told = json.loads(headwater("completion", shell, "--json").stdout)
    assert told == {"shell": shell, "script": script.stdout.rstrip("\n")}
    need(shell, here=shutil.which(shell) is not None, get_it=f"install Debian's package `{shell}`")
    read = subprocess.run([shell, "-n"], input=script.stdout, text=True, capture_output=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")


def test_an_unknown_shell_or_command_is_told_what_there_is() -> None:
    """With the exit code of wrong use, and the nearest word; as JSON where that was asked for."""
    found = headwater("completion", "csh")
    assert (found.returncode, "bash, zsh, fish" in found.stderr) == (2, True)
    for wrong, meant in (("upstreem", "upstream"), ("ingets", "ingest"), ("verfy", "verify")):
        found = headwater(wrong)
        assert (found.returncode, found.stdout) == (2, "")
        assert f"Did you mean '{meant}'" in found.stderr
    found = headwater("node", "--json")
    assert found.returncode == 2
    assert json.loads(found.stderr)["code"] == "BAD_INPUT"


def test_the_version_is_said() -> None:
    """That of the package, alone on a line."""
    found = headwater("--version")
    assert (found.returncode, re.fullmatch(r"headwater \d+\.\d+\.\d+\n", found.stdout) is not None) == (
        0,
        True,
    )


def test_a_reader_that_leaves_is_no_failure(server: Server, tmp_path: Path) -> None:
    """`headwater export | head -1`: exit code 0 and not a word, whatever was left to write."""
    env = {**os.environ, "HEADWATER_SERVER": server.url}
    events = "\n".join(
        json.dumps(
            {"eventTime": "2026-05-01T00:00:00Z", "dataset": {"namespace": "n" * 200, "name": f"d{number}"}}
        )
        for number in range(3000)
    )
    (tmp_path / "many.ndjson").write_text(events)
    assert headwater("ingest", str(tmp_path / "many.ndjson"), "--server", server.url).returncode == 0
    line = f"'{COMMAND}' export | head -1 >{tmp_path / 'first'}; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], env=env, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("0\n", "")
    assert json.loads((tmp_path / "first").read_text())


def test_ctrl_c_ends_quietly(server: Server, tmp_path: Path) -> None:
    """Exit code 130, as shells expect it; no traceback, no word.

    A shell has what it starts in the background ignore SIGINT, the tests too: so it is put back to what it is at a prompt.
    """
    with (tmp_path / "out").open("wb") as out:
        process = subprocess.Popen(
            ["env", "--default-signal=INT", COMMAND, "ingest", "-", "--server", server.url],
            stdin=subprocess.PIPE, stdout=out, stderr=out,
        )  # fmt: skip
        time.sleep(3)  # it waits for lines; whenever the signal comes, the end is the same
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stdin is not None
        process.stdin.close()
    assert (tmp_path / "out").read_bytes() == b""
