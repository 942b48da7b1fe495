"""How does a long command say how far it is? On standard error, and only to a person at a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from app.cli.screen import console

BAR_COLUMNS = 24
"""Beside it the counts fit on 80 columns."""


class Counts(ProgressColumn):
    """How many, of how many where that is known."""

    def render(self, task: Task) -> Text:
        """Write the numbers."""
        if task.total is None and not task.completed:
            return Text()
        of = "" if task.total is None else f" of {task.total:,.0f}"
        return Text(f"{task.completed:,.0f}{of}", style="progress.download")


class Rate(ProgressColumn):
    """How many in a second."""

    def render(self, task: Task) -> Text:
        """Write the number, once there is one."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s", style="progress.data.speed")


@contextmanager
def bars(*, shown: bool = True) -> Iterator[Progress]:
    """Show bars for the length of a block; they leave no trace."""
    screen = console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(BAR_COLUMNS), Counts(), Rate(),
        TimeElapsedColumn(), TimeRemainingColumn(compact=True),
    )  # fmt: skip
    with Progress(
        *columns, console=screen, transient=True, disable=not (shown and screen.is_terminal)
    ) as bar:
        yield bar


@contextmanager
def counting(what: str, *, shown: bool = True) -> Iterator[Callable[[int], None]]:
    """Count what nobody knows the end of; gives the function that is told of more."""
    with bars(shown=shown) as bar:
        task = bar.add_task(what, total=None)
        yield lambda more: bar.advance(task, more)


@contextmanager
def stages() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each stage; gives the function that is told stage, done and total (0: unknown)."""
    with bars() as bar:
        known: dict[str, TaskID] = {}

        def say(stage: str, done: int, total: int) -> None:
            if stage not in known:
                known[stage] = bar.add_task(escape(stage), total=None)
            bar.update(known[stage], completed=done, total=total or None)

        yield say
