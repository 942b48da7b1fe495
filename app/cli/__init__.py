"""The command `headwater`."""

from __future__ import annotations


def main() -> None:
    """Run the command line; what it needs is imported by the command that needs it."""
    from app.cli.commands import run

    run()
