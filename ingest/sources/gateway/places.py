"""How far was which file of a log read, also after the log was rotated?

A file is known by a hash of its beginning, and where two begin alike by its inode: a path is only where it stands now. Rotated
files are looked for beside the log, under names that begin as its own. How far each of them was read is kept for each, so that
no order among them has to be guessed: one that was renamed is read on, one that was copied and cut goes on in its copy, one
that is new is read from its beginning. A line read twice is one event.

Each file is opened before anything is asked of it, the log itself first: whatever is renamed meanwhile, what is read, measured
and known again is one file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

HEAD_BYTES: Final = 256
PACKED: Final = frozenset({".gz", ".xz", ".zst", ".bz2"})


@dataclass(frozen=True, slots=True)
class Place:
    """Up to where a file was read, and what it is known by; `written` is it while the gateway writes into it."""

    inode: int
    offset: int
    head_bytes: int
    head: str
    written: bool = False


class File(NamedTuple):
    """An open file of a log as it is now; `path` is where it was found."""

    path: Path
    inode: int
    size: int
    changed: int
    opened: BinaryIO


@contextmanager
def files_of(log: Path) -> Iterator[list[File]]:
    """Open the files of a log, the oldest first and the log itself last; raises OSError where one cannot be read."""
    with ExitStack() as stack:
        written = []
        with suppress(FileNotFoundError):  # between being renamed and being made anew
            written = [_opened(log, stack)]
        inodes = {one.inode for one in written}
        found = []
        for path in log.parent.iterdir():
            if (
                path.name.startswith(log.name)
                and path != log
                and path.suffix not in PACKED
                and path.is_file()
            ):
                with suppress(FileNotFoundError):  # renamed or thrown away since it was listed
                    found.append(_opened(path, stack))
        rotated = [one for one in found if one.inode not in inodes]
        yield [*sorted(rotated, key=lambda one: (one.changed, one.path.name)), *written]


def start_in(file: File, places: Sequence[Place]) -> int:
    """Say from where on a file is to be read: behind what was read of it, or of what it is a copy of."""
    same = [place for place in places if is_of(file, place)]
    own = [place.offset for place in same if place.inode == file.inode]
    return max(own or [place.offset for place in same], default=0)


def is_of(file: File, place: Place) -> bool:
    """Tell whether a place is one in this file, or in one that was copied to or from it."""
    return file.size >= place.offset > 0 and head_of(file, place.head_bytes) == place.head


def place_in(file: File, offset: int, *, written: bool) -> Place:
    """Take note of how far a file was read."""
    size = min(HEAD_BYTES, offset)
    return Place(file.inode, offset, size, head_of(file, size), written)


def head_of(file: File, size: int) -> str:
    """Hash the beginning of a file."""
    return blake2b(os.pread(file.opened.fileno(), size, 0), digest_size=16).hexdigest()


def _opened(path: Path, stack: ExitStack) -> File:
    opened = stack.enter_context(path.open("rb"))
    found = os.fstat(opened.fileno())
    return File(path, found.st_ino, found.st_size, found.st_mtime_ns, opened)
