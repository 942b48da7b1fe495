"""How does a rebuild read events on all processors? In child processes, each of which ends when its input does.

A contribution needs nothing but its event, so it can be made anywhere; joining them stays in one place.
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
from typing import IO, TYPE_CHECKING, Any, Final, cast

from ingest.cycles import look_seldom
from ingest.project.batch import Received, read_contribution

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ingest.fold import Contribution

    Read = Sequence[Contribution | str]
    """What each event contributes, or why the pure code could not say."""

    Reader = Callable[[Sequence[Received]], Read]

CHILDREN_MAX: Final = 4
_LENGTH_BYTES: Final = 8


def read_here(received: Sequence[Received]) -> Read:
    """Read events one by one; where the pure code raises stands what it raised (rule D7)."""
    return [_read(one) for one in received]


def _read(one: Received) -> Contribution | str:
    try:
        return read_contribution(one)
    except Exception as error:  # noqa: BLE001 - the caller sets the event aside, whatever it was
        return repr(error)


def read_everywhere(batches: Iterable[Sequence[Received]]) -> Iterator[Read]:
    """Read batches in as many processes as there are processors, and give what they hold in order."""
    count = min(os.cpu_count() or 1, CHILDREN_MAX)
    if count == 1:
        yield from map(read_here, batches)
        return
    with ExitStack() as stack:
        idle: SimpleQueue[Reader] = SimpleQueue()
        for _ in range(count):
            idle.put(stack.enter_context(_child()))

        def read(batch: Sequence[Received]) -> Read:
            reader = idle.get()
            try:
                return reader(batch)
            finally:
                idle.put(reader)

        threads = stack.enter_context(ThreadPoolExecutor(count))
        pending: deque[Future[Read]] = deque()
        for batch in batches:
            pending.append(threads.submit(read, batch))
            if len(pending) > count:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


@contextmanager
def _child() -> Iterator[Reader]:
    """Start a process that reads what it is sent, for the length of a block."""
    command = [sys.executable, "-m", __name__]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - this very module
    to, out = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)

    def reader(batch: Sequence[Received]) -> Read:
        _send(to, list(batch))
        read = _receive(out)
        if len(read) != len(batch):
            raise OSError("a process that reads events ended")
        return read

    with process:
        yield reader


def _send(to: IO[bytes], value: object) -> None:
    text = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    to.write(len(text).to_bytes(_LENGTH_BYTES, "big") + text)
    to.flush()


def _receive(out: IO[bytes]) -> list[Any]:
    """Take the next list; an empty one is the end of the input."""
    length = out.read(_LENGTH_BYTES)
    if len(length) < _LENGTH_BYTES:
        return []
    found: list[Any] = pickle.loads(out.read(int.from_bytes(length, "big")))  # noqa: S301 - our own process wrote it
    return found


def main() -> None:
    """Read batches until the input ends; Ctrl-C reaches the whole group, and it is the owner who ends this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    look_seldom()
    while batch := _receive(sys.stdin.buffer):
        _send(sys.stdout.buffer, read_here(batch))


if __name__ == "__main__":
    main()
