"""What can stand at the place where somebody presses TAB?

The shells ask this program, by an environment variable; the scripts that make them ask are typer's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from graph_schema.errors import BadInput

ASKED_BY: Final = "_HEADWATER_COMPLETE"
SHELLS: Final = ("bash", "zsh", "fish")

Words = Callable[[str], list[str]]


def script(shell: str) -> str:
    """Give what makes a shell complete `headwater`; raises BadInput for a shell that is not known."""
    from typer._completion_shared import get_completion_script

    if shell not in SHELLS:
        raise BadInput(f"{shell!r} is no shell that is known here; say one of {', '.join(SHELLS)}")
    return get_completion_script(prog_name="headwater", complete_var=ASKED_BY, shell=shell)


def get_ready() -> None:
    """Let typer answer a shell, where one asks; it takes a moment that other commands need not spend."""
    if ASKED_BY in os.environ:
        from typer._completion_classes import completion_init

        completion_init()


def shells(begun: str) -> list[str]:
    return [one for one in SHELLS if one.startswith(begun)]


def oddity_kinds(begun: str) -> list[str]:
    from queries.results import ODDITY_KINDS

    return [one for one in ODDITY_KINDS if one.startswith(begun)]


def catalogue_states(begun: str) -> list[str]:
    from graph_schema.catalogue import STATES

    return [one for one in STATES if one.startswith(begun.upper())]


def deployment_events(begun: str) -> list[str]:
    return [
        one for one in ("requested", "started", "failed", "traffic", "withdrawn") if one.startswith(begun)
    ]


def granularities(begun: str) -> list[str]:
    return [one for one in ("DATASET", "FIELD", "JOB", "RUN") if one.startswith(begun)]


def transformations(begun: str) -> list[str]:
    return [one for one in ("ALL", "DIRECT", "VALUES") if one.startswith(begun)]


def groupings(begun: str) -> list[str]:
    return [one for one in ("NAMESPACE", "SCHEMA", "PARENT_JOB") if one.startswith(begun)]


def node_kinds(begun: str) -> list[str]:
    """Complete the last of several kinds."""
    from queries.results import NODE_KINDS

    before, comma, last = begun.rpartition(",")
    return [f"{before}{comma}{one}" for one in NODE_KINDS if one.startswith(last)]
