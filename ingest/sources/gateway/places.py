"""How far was which file of a log read, and what comes next, also after the log was rotated?

A file is known by its inode and a hash of its beginning: a path is only where it stands now. Rotated files are looked for
beside the log, under names that begin as its own. A file that was renamed is read to its end before the next one is begun; a
file that was copied and cut goes on in its copy. Where the file is gone, what is there is read whole: a line read twice is
one event.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

HEAD_BYTES: Final = 256
PACKED: Final = frozenset({".gz", ".xz", ".zst", ".bz2"})


@dataclass(frozen=True, slots=True)
class Place:
    """Up to where a file was read, and what it is known by."""

    inode: int
    offset: int
    head_bytes: int
    head: str


class File(NamedTuple):
    """A file of a log as it is now."""

    path: Path
    inode: int
    size: int
    changed: int


class Stretch(NamedTuple):
    """What is to be read: a file, from where on; `last` is the one that is written now."""

    file: File
    start: int
    last: bool


def files_of(log: Path) -> list[File]:
    """List the files of a log, the oldest first and the log itself last; raises OSError where the folder cannot be read."""
    found = [
        _file(path)
        for path in log.parent.iterdir()
        if path.name.startswith(log.name) and path != log and path.suffix not in PACKED and path.is_file()
    ]
    found.sort(key=lambda one: (one.changed, one.path.name))
    return [*found, _file(log)] if log.exists() else found


def stretches(place: Place | None, log: Path, files: list[File]) -> tuple[list[Stretch], bool]:
    """Say what is to be read, in order, and whether something may be gone that was not read."""
    if place is None:
        return _from(files, log, 0, 0), False
    known = [number for number, file in enumerate(files) if file.size >= place.offset and _is(file, place)]
    same = [number for number in known if files[number].inode == place.inode]
    if same or known:  # a copy has another inode, and the same beginning
        return _from(files, log, (same or known)[0], place.offset), False
    return _from(files, log, 0, 0), place.offset > 0


def place_in(file: Path, inode: int, offset: int) -> Place:
    """Take note of how far a file was read."""
    size = min(HEAD_BYTES, offset)
    return Place(inode, offset, size, head_of(file, size))


def head_of(path: Path, size: int) -> str:
    """Hash the beginning of a file; "" where it cannot be read."""
    try:
        with path.open("rb") as opened:
            return blake2b(opened.read(size), digest_size=16).hexdigest()
    except OSError:
        return ""


def _is(file: File, place: Place) -> bool:
    return (
        head_of(file.path, place.head_bytes) == place.head if place.head_bytes else file.inode == place.inode
    )


def _from(files: list[File], log: Path, first: int, offset: int) -> list[Stretch]:
    return [
        Stretch(file, offset if number == 0 else 0, file.path == log)
        for number, file in enumerate(files[first:])
    ]


def _file(path: Path) -> File:
    found = path.stat()
    return File(path, found.st_ino, found.st_size, found.st_mtime_ns)
