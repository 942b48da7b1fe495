"""Which events does a file hold, and where in it does each stand?

Reads `.ndjson` and `.jsonl` by line, everything else (also standard input) as JSON values one after another
or in one array; gzip is recognised by its first bytes. Bodies are given as they stand, broken ones too: what
is an event is for the inbox to say. Memory is bounded by the largest single event.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple, cast

from graph_schema.errors import BadInput, TooLarge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

STDIN: Final = "-"
PIECE_CHARS: Final = 256 * 1024
EVENT_BYTES_MAX: Final = 64 * 1024 * 1024
CUT_CHARS: Final = 16
"""A failure this near to what was read so far may only mean that a word was cut in two."""

_BLANK_OR_COMMA_OR_END: Final = re.compile(r"[ \t\r\n,\]\ufeff]*")
_NEXT_OBJECT: Final = re.compile(r"^\{", re.MULTILINE)


class Found(NamedTuple):
    """An event's bytes as they stand in the file, and the line it begins on (from 1)."""

    raw: bytes
    file: str
    line: int


def events_in(paths: Iterable[str], *, event_bytes_max: int = EVENT_BYTES_MAX) -> Iterator[Found]:
    """Go through all files in order; raises BadInput for an unreadable file, TooLarge for one event."""
    for path in paths:
        with _opened(path) as stream:
            by_line = _bare_name(path).endswith((".ndjson", ".jsonl"))
            found = _by_line(stream, event_bytes_max) if by_line else _by_value(stream, event_bytes_max)
            try:
                for raw, line in found:
                    yield Found(raw, path, line)
            except (OSError, EOFError, zlib.error) as error:
                raise BadInput(f"{path} cannot be read to its end ({error}); check the file") from error


def _bare_name(path: str) -> str:
    return path.lower().removesuffix(".gz")


@contextmanager
def _opened(path: str) -> Iterator[IO[bytes]]:
    try:
        plain: IO[bytes] = sys.stdin.buffer if path == STDIN else Path(path).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise BadInput(
            f"{path} cannot be opened ({error.strerror}); give a file of events, or - for stdin"
        ) from error
    try:
        peekable = plain if isinstance(plain, io.BufferedReader) else io.BufferedReader(plain)  # type: ignore[type-var]
        if peekable.peek(2)[:2] == b"\x1f\x8b":
            with gzip.open(peekable, "rb") as inflated:
                yield cast("IO[bytes]", inflated)
        else:
            yield peekable
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error}); check the file") from error
    finally:
        if path != STDIN:
            plain.close()


def _by_line(stream: IO[bytes], event_bytes_max: int) -> Iterator[tuple[bytes, int]]:
    number = 0
    while line := stream.readline(event_bytes_max + 1):
        number += 1
        if len(line) > event_bytes_max:
            raise _too_large(number, event_bytes_max)
        bare = line.strip(b" \t\r\n")
        if bare:
            yield bare.removeprefix(b"\xef\xbb\xbf") if number == 1 else bare, number


def _by_value(stream: IO[bytes], event_bytes_max: int) -> Iterator[tuple[bytes, int]]:
    text = _Text(io.TextIOWrapper(stream, "utf-8", "surrogateescape", newline=""), event_bytes_max)
    in_array = False
    while text.skip(_BLANK_OR_COMMA_OR_END):
        if not in_array and text.begins("["):
            text.take(1)
            in_array = True
            continue
        line = text.line
        yield text.take(text.value_length()).encode("utf-8", "surrogateescape"), line
    text.release()


def _stepper() -> Callable[[str, int], tuple[object, int]]:
    """Make the function that finds where a JSON value ends. Numbers of any length are stepped over."""
    decoder: Any = json.JSONDecoder(strict=False, parse_float=str, parse_int=str, parse_constant=str)
    scan_once: Callable[[str, int], tuple[object, int]] = decoder.scan_once
    return scan_once


class _Text:
    """A window that slides over a text, never larger than one value and one piece."""

    def __init__(self, stream: io.TextIOWrapper, event_bytes_max: int) -> None:
        """Start before the first sign."""
        self._stream = stream
        self._bytes_max = event_bytes_max
        self._buffer = ""
        self._at = 0
        self._ended = False
        self._scan = _stepper()
        self.line = 1

    def begins(self, sign: str) -> bool:
        return self._buffer.startswith(sign, self._at)

    def skip(self, blank: re.Pattern[str]) -> bool:
        """Step over blanks; False at the end of the text."""
        while True:
            match = blank.match(self._buffer, self._at)
            self.take((match.end() if match else self._at) - self._at)
            if self._at < len(self._buffer):
                return True
            if not self._more():
                return False

    def take(self, length: int) -> str:
        """Step over the next signs and give them."""
        taken = self._buffer[self._at : self._at + length]
        self._at += len(taken)
        self.line += taken.count("\n")
        return taken

    def value_length(self) -> int:
        """Measure the JSON value that begins here; what is none reaches to the next line beginning with {."""
        while True:
            try:
                _, end = self._scan(self._buffer, self._at)
                if end < len(self._buffer) or not self._more():
                    return end - self._at
            except (StopIteration, ValueError, RecursionError) as error:
                if self._is_broken(error) or not self._more():
                    return self._broken_length()

    def release(self) -> None:
        """Leave the stream to its owner."""
        self._stream.detach()

    def _is_broken(self, error: Exception) -> bool:
        if isinstance(error, json.JSONDecodeError):
            cut = error.msg.startswith("Unterminated string") or error.pos > len(self._buffer) - CUT_CHARS
            return not cut
        if isinstance(error, StopIteration):
            return int(error.value) <= len(self._buffer) - CUT_CHARS
        return True

    def _broken_length(self) -> int:
        while True:
            match = _NEXT_OBJECT.search(self._buffer, self._at + 1)
            if match:
                return match.start() - self._at
            if not self._more():
                return len(self._buffer.rstrip(" \t\r\n]")) - self._at or 1

    def _more(self) -> bool:
        if self._ended:
            return False
        rest = self._buffer[self._at :]
        if len(rest) > self._bytes_max:
            raise _too_large(self.line, self._bytes_max)
        # As much again as is there already: a value of any size is scanned a bounded number of times over.
        piece = self._stream.read(max(PIECE_CHARS, len(rest)))
        self._ended = not piece
        self._buffer, self._at = rest + piece, 0
        return bool(piece)


def _too_large(line: int, event_bytes_max: int) -> TooLarge:
    return TooLarge(
        f"the event on line {line} is larger than {event_bytes_max} bytes; leave it out", line=line
    )
