"""When is a process told to end, and is it the only one of its kind in a home?"""

from __future__ import annotations

import asyncio
import fcntl
import signal


def told_to_stop() -> asyncio.Event:
    """Give what is set by SIGTERM or SIGINT, of the loop that runs."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    # A server's child is started with SIGINT ignored: Ctrl-C reaches both, and the server says when to end.
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        loop.add_signal_handler(signal.SIGINT, stop.set)
    return stop


def taken(opened: int) -> bool:
    """Take the lock of an open file if nobody has it; it ends with the process, however that ends."""
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
