"""What bytes did the client mean to send?

Bodies may be chunked, without Content-Length, and gzipped with or without a header that says so (Java clients
before 1.44 sent none). A JSON text never begins like a gzip stream, so the first two bytes decide. The size
limit is on the inflated bytes and is checked while inflating.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from graph_schema.errors import BadJson, Overloaded, TooLarge

if TYPE_CHECKING:
    from starlette.requests import Request

GZIP_MAGIC: Final = b"\x1f\x8b"
MEMBERS_MAX: Final = 1_000
"""Members of one gzip stream; empty members cost 20 bytes each and would otherwise cost time without end."""

LENGTH_DIGITS_MAX: Final = 20
PIECE_BYTES: Final = 256 * 1024


class BadGzip(BadJson):
    """A gzip stream that is cut or broken; `received` is what came over the wire."""

    code = "BAD_GZIP"

    def __init__(self, message: str, received: bytes) -> None:
        """Keep the bytes beside the message, not in the answer."""
        super().__init__(message)
        self.received = received


@dataclass(slots=True)
class Receiving:
    """How many bytes of bodies are being received now, over all requests, and how many may be."""

    bytes_max: int
    now_bytes: int = 0


async def read_body(request: Request, *, bytes_max: int, receiving: Receiving) -> bytes:
    """Read and inflate a request's body; raises TooLarge, BadGzip or Overloaded."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and len(declared) < LENGTH_DIGITS_MAX and int(declared) > bytes_max:
        raise _too_large(bytes_max)
    pieces: list[bytes] = []
    size = 0
    try:
        async for piece in request.stream():
            size += len(piece)
            receiving.now_bytes += len(piece)
            if size > bytes_max:
                raise _too_large(bytes_max)
            if receiving.now_bytes > receiving.bytes_max and size < receiving.now_bytes:
                msg = "too many bodies are being received at once; send again after the time in Retry-After"
                raise Overloaded(msg)
            pieces.append(piece)
    finally:
        receiving.now_bytes -= size
    raw = b"".join(pieces)
    return gunzip(raw, bytes_max=bytes_max) if raw[:2] == GZIP_MAGIC else raw


def gunzip(raw: bytes, *, bytes_max: int) -> bytes:
    """Inflate a gzip stream of one or more members; raises TooLarge or BadGzip."""
    pieces: list[bytes] = []
    size, rest = 0, raw
    for _ in range(MEMBERS_MAX):
        member = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        while not member.eof:
            try:
                piece = member.decompress(rest, PIECE_BYTES)
            except zlib.error as error:
                raise BadGzip(f"the gzip stream is broken ({error}); send it again", raw) from error
            rest = member.unconsumed_tail
            size += len(piece)
            if size > bytes_max:
                raise _too_large(bytes_max)
            pieces.append(piece)
            if not piece and not rest and not member.eof:
                raise BadGzip("the gzip stream ends too early; send it whole", raw)
        rest = member.unused_data.lstrip(b"\x00")  # some writers pad with zeros
        if not rest:
            return b"".join(pieces)
    raise BadGzip(f"the gzip stream has more than {MEMBERS_MAX} members; send one", raw)


def _too_large(bytes_max: int) -> TooLarge:
    what = f"the body is larger than {bytes_max} bytes after inflating"
    return TooLarge(
        f"{what}; send fewer events at once, or raise HEADWATER_BODY_BYTES_MAX", bytes_max=bytes_max
    )
