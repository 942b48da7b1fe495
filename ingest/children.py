"""How does a rebuild use all processors? By child processes, each of which ends when its input does.

What they do needs no writing: reading events, deriving from a state that another process keeps. What they find is
joined and kept in one place, in order.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

from ingest.cycles import look_seldom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
R = TypeVar("R")

CHILDREN_MAX: Final = 4
_LENGTH_BYTES: Final = 8


class Everywhere(Protocol):
    """Calls a function of a module with each argument, wherever there is room, and gives what it returns in order."""

    def __call__(self, work: Callable[[T], R], arguments: Iterable[T]) -> Iterator[R]:
        """Take arguments only as far ahead as there are processes, and one more."""
        ...


def here(work: Callable[[T], R], arguments: Iterable[T]) -> Iterator[R]:
    """Do the work in this process."""
    return map(work, arguments)


@contextmanager
def everywhere(*, worth_it: bool = True) -> Iterator[Everywhere]:
    """Start as many processes as there are processors, for the length of a block; none for what is not worth it."""
    count = min(os.cpu_count() or 1, CHILDREN_MAX) if worth_it else 1
    if count == 1:
        yield here
        return
    with ExitStack() as stack:
        idle: SimpleQueue[Callable[[Any], Any]] = SimpleQueue()
        for _ in range(count):
            idle.put(stack.enter_context(_child()))
        threads = stack.enter_context(ThreadPoolExecutor(count))

        def asked(order: Any) -> Any:
            child = idle.get()
            try:
                return child(order)
            finally:
                idle.put(child)

        def over(work: Callable[[T], R], arguments: Iterable[T]) -> Iterator[R]:
            pending: deque[Future[R]] = deque()
            for argument in arguments:
                pending.append(threads.submit(asked, (work, argument)))
                if len(pending) > count:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()

        yield over


@contextmanager
def _child() -> Iterator[Callable[[Any], Any]]:
    """Start a process that does what it is sent, for the length of a block."""
    command = [sys.executable, "-m", __name__]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - this very module
    to, out = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)

    def ask(order: Any) -> Any:
        _send(to, order)
        answer = _receive(out)
        if answer is None:
            raise OSError("a child process ended")
        found, error = answer
        if error is not None:
            raise error
        return found

    with process:
        yield ask


def _send(to: IO[bytes], value: object) -> None:
    text = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    to.write(len(text).to_bytes(_LENGTH_BYTES, "big"))
    to.write(text)
    to.flush()


def _receive(out: IO[bytes]) -> Any:
    """Take what comes next; None at the end of the input."""
    length = out.read(_LENGTH_BYTES)
    if len(length) < _LENGTH_BYTES:
        return None
    return pickle.loads(out.read(int.from_bytes(length, "big")))  # noqa: S301 - our own process wrote it


def _done(work: Callable[[Any], Any], argument: Any) -> tuple[Any, Exception | None]:
    try:
        return work(argument), None
    except Exception as error:  # noqa: BLE001 - raised again by whoever asked
        return None, error


def main() -> None:
    """Do what comes until the input ends; Ctrl-C reaches the whole group, and it is the owner who ends this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    look_seldom()
    while (order := _receive(sys.stdin.buffer)) is not None:
        _send(sys.stdout.buffer, _done(*order))


if __name__ == "__main__":
    main()
