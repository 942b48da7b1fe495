"""How is a command shown as one would type it, with what it says?"""

from __future__ import annotations

import shlex
import subprocess
import sys

from app.demo.scratch import COMMAND, Server


def title(words: str) -> None:
    """Print what is asked next."""
    print(f"\n\033[1m{words}\033[0m" if sys.stdout.isatty() else f"\n{words}", flush=True)


def run(server: Server, command: tuple[str, ...]) -> None:
    """Print a command as one would type it, and what it says."""
    print(f"$ headwater {shlex.join(command)}", flush=True)
    subprocess.run([COMMAND, *command, "--server", server.url], check=False, stderr=subprocess.STDOUT)
