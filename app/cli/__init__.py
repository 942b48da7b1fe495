"""The command `headwater`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; what it needs is imported by the command that needs it."""
    try:
        from app.cli.commands import run

        run()
    except KeyboardInterrupt:  # while modules were still being read
        sys.exit(130)
