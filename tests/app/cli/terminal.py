"""What does a person at a terminal see? A command run on one of a chosen width."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.demo.scratch import COMMAND

_ESCAPES: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Seen:
    """What came out on the terminal, as sent and as read, and the exit code."""

    raw: str
    code: int

    @property
    def lines(self) -> list[str]:
        return _ESCAPES.sub("", self.raw).replace("\r\n", "\n").splitlines()


def on_terminal(*arguments: str, columns: int, env: Mapping[str, str] | None = None) -> Seen:
    """Run `headwater` with all its streams on a terminal."""
    here, there = pty.openpty()
    fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    known = {
        name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR", "LINES"}
    }
    process = subprocess.Popen(
        [COMMAND, *arguments],
        stdin=there, stdout=there, stderr=there,
        env={**known, "TERM": "xterm-256color", **(env or {})},
    )  # fmt: skip
    os.close(there)
    found = bytearray()
    while True:
        try:
            piece = os.read(here, 65536)
        except OSError:  # the last process that could write has ended
            break
        if not piece:
            break
        found += piece
    os.close(here)
    return Seen(found.decode(), process.wait(60))
