"""How does a child end when its owner ends, however that ends?

    python -I -S leash.py NAME   < {"command": [...], "folder": "...", "pid_file": "...", "grace_s": 8.0,
                                "niceness": 0}

The owner starts this small program with a pipe as standard input, writes one line that says what to run, and
keeps its end of the pipe open. End of file means that the owner is gone, SIGKILL included; then the child is
asked to end (SIGTERM) and, after a time of grace, killed. Where the kernel can (Linux), the child is also
killed when this program is killed. Imports nothing of Headwater's: it starts in some 20 ms and needs 10 MB.

Both ignore SIGINT: Ctrl-C reaches the whole process group, and the owner must be able to finish first.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

_PR_SET_PDEATHSIG: Final = 1


def main() -> int:
    """Run the child until it ends or its owner does; answer as the child ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    wake_up, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told)
    signal.signal(signal.SIGCHLD, _noted)
    signal.signal(signal.SIGTERM, _noted)
    order = _order()
    if order is None:
        return 0
    os.nice(order.get("niceness", 0))
    child = _start(order)
    pid_file = Path(order["pid_file"])
    pid_file.write_text(f"{child.pid}\n")
    try:
        _wait_for_an_end(child, wake_up)
        return _end(child, order["grace_s"])
    finally:
        pid_file.unlink(missing_ok=True)


def _noted(signum: int, _frame: object) -> None:
    """Do nothing: the wake-up pipe has told `_wait_for_an_end`."""


def _order() -> dict[str, Any] | None:
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(0, 65536)
        if not part:
            return None
        line += part
    order: dict[str, Any] = json.loads(line)
    return order


def _start(order: dict[str, Any]) -> subprocess.Popen[bytes]:
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    owner = os.getpid()

    def tie() -> None:
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != owner:
                os._exit(1)

    return subprocess.Popen(  # noqa: S603 - the owner's own command
        order["command"],
        cwd=order["folder"],
        stdin=subprocess.DEVNULL,
        preexec_fn=tie,  # noqa: PLW1509 - this program has one thread
    )


def _wait_for_an_end(child: subprocess.Popen[bytes], wake_up: int) -> None:
    while child.poll() is None:
        readable, _, _ = select.select([0, wake_up], [], [])
        if 0 in readable and not os.read(0, 65536):
            return
        if wake_up in readable and signal.SIGTERM in os.read(wake_up, 64):
            return


def _end(child: subprocess.Popen[bytes], grace_s: float) -> int:
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
        try:
            child.wait(grace_s)
        except subprocess.TimeoutExpired:
            child.kill()
    code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
