"""How does the command line end, and how does it tell that something failed?"""

from __future__ import annotations

import json
import os
import sys
import traceback
from contextlib import suppress
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from app.errors import FINE, UNAVAILABLE, WRONG_USE, body_of, row_of
from graph_schema.errors import LineageError

INTERRUPTED: Final = 130


class Quietly(TyperGroup):
    """The command line, which ends quietly when nobody reads on: `headwater export | head`."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command, and write what is left to write while somebody may still read it."""
        try:
            answer = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # What is still buffered would be tried again at exit, and complained about.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(FINE) from None
        return answer


def write_json(value: Any) -> None:
    """Write an answer for a program, on one line."""
    text = json.dumps(value, ensure_ascii=False)
    if not text.isascii():
        # What events hold may be half a character, which has no UTF-8 form: then all is written in escapes.
        with suppress(UnicodeEncodeError):
            text.encode()
            sys.stdout.write(text + "\n")
            return
    sys.stdout.write(json.dumps(value) + "\n")


def run_told(app: typer.Typer) -> None:
    """Run a command; a failure is told in a sentence, and only a bug of ours as a traceback, too.

    A bug never ends with 1, which says that a command found what it was asked to look for.
    """
    try:
        code = app(prog_name="headwater", standalone_mode=False)
    except TyperException as error:
        _tell_usage(error)
        sys.exit(WRONG_USE)
    except LineageError as error:
        _tell(error)
        sys.exit(row_of(error).exit)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told and ends with a code of its own
        _tell_bug(error)
        sys.exit(UNAVAILABLE)
    sys.exit(code if isinstance(code, int) else FINE)


def _tell_usage(error: Any) -> None:
    if "--json" not in sys.argv:
        error.show()
        return
    said = error.format_message() or "say what to do"
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "headwater"
    message = f"{said} See `{command} --help`."
    sys.stderr.write(json.dumps({"code": "BAD_INPUT", "message": message}) + "\n")


def _tell_bug(error: Exception) -> None:
    message = f"{type(error).__name__}: {error}; this is a bug of Headwater, please report it"
    if "--json" in sys.argv:
        sys.stderr.write(json.dumps({"code": "INTERNAL", "message": message}) + "\n")
        return
    traceback.print_exception(error)
    sys.stderr.write(f"INTERNAL: {message}\n")


def _tell(error: LineageError) -> None:
    if "--json" in sys.argv:
        sys.stderr.write(json.dumps(body_of(error), default=str) + "\n")
        return
    from rich.text import Text

    from app.cli.screen import console

    screen = console(stderr=True)
    # In one piece, so that it folds at the width of the screen.
    screen.print(Text.assemble((f"{error.code}: ", "bold red"), error.message))
    for near in (error.values.get("near") or ())[1:]:  # the message names the first
        screen.print(Text(f"  or {near}", overflow="fold"))
