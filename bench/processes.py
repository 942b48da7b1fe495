"""What do the server's processes use? Read from /proc: CPU seconds and resident memory, engine included."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PROC: Final = Path("/proc")
_LISTEN: Final = "0A"


@dataclass(frozen=True, slots=True)
class Process:
    """One process at one moment."""

    pid: int
    name: str
    cpu_s: float
    rss_mb: float
    rss_peak_mb: float


def tree(root: int) -> list[Process]:
    """List a process and everything below it; those that end meanwhile are left out."""
    parents = {int(entry.name): _parent(entry) for entry in _PROC.iterdir() if entry.name.isdigit()}
    members = {root}
    grown = True
    while grown:
        below = {pid for pid, parent in parents.items() if parent in members} - members
        members |= below
        grown = bool(below)
    found = (_look(pid) for pid in sorted(members))
    return [process for process in found if process is not None]


def mentioning(text: str) -> list[tuple[int, str]]:
    """List processes whose command line names `text` (a home folder), other than this one."""
    found = []
    for entry in _PROC.iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        line = _command(entry)
        if text in line:
            found.append((int(entry.name), line[:200]))
    return found


def listening(port: int) -> list[int]:
    """List the processes that listen on a TCP port of this machine; those of others are seen by root alone."""
    sockets = {
        f"socket:[{fields[9]}]"
        for table in ("tcp", "tcp6")
        for fields in map(str.split, (_PROC / "net" / table).read_text().splitlines()[1:])
        if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port
    }
    return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit() and sockets & _opened(entry)]


def _opened(entry: Path) -> set[str]:
    found = set()
    with suppress(OSError):  # another user's, or gone meanwhile
        for descriptor in (entry / "fd").iterdir():
            with suppress(OSError):
                found.add(str(descriptor.readlink()))
    return found


def _command(entry: Path) -> str:
    try:
        return (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _stat(entry: Path) -> list[str]:
    # The name, in brackets, may hold blanks: what counts comes after the last bracket.
    return (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()


def _parent(entry: Path) -> int:
    try:
        return int(_stat(entry)[1])
    except OSError:
        return 0


def _look(pid: int) -> Process | None:
    entry = _PROC / str(pid)
    try:
        stat = _stat(entry)
        lines = (entry / "status").read_text().splitlines()
    except OSError:
        return None
    status = dict(line.split(":", 1) for line in lines if ":" in line)
    ticks = sum(int(stat[place]) for place in (11, 12, 13, 14))
    return Process(
        pid,
        _name(_command(entry)),
        ticks / _TICKS,
        _megabytes(status.get("VmRSS", "0")),
        _megabytes(status.get("VmHWM", "0")),
    )


def _megabytes(kilobytes: str) -> float:
    return int(kilobytes.split(maxsplit=1)[0]) / 1024


def _name(command: str) -> str:
    """Call a process by its part in the server."""
    if "ArcadeDBServer" in command or "org.neo4j" in command:
        return "engine"
    if "leash" in command:
        return "leash"  # ends the engine when serve is gone
    if " serve" in command:
        return "serve"
    if " work" in command or "ingest" in command:
        return "projector"
    return command[:40] or "gone"
