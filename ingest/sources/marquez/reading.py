"""What stands in Marquez's table, and what does its database say of now?

One connection, which can only read: every statement is a transaction of its own, so that none of ours holds up a VACUUM there. A
page of rows is streamed, so that memory is bounded by a few rows, however large. A server that stops answering in the midst of
something is left: its socket is shut.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from typing import Any, Final, NamedTuple, cast

import psycopg
from psycopg import capabilities
from psycopg.adapt import Loader
from psycopg.pq import Format

from ingest.sources.faults import SourceRefused
from ingest.sources.marquez.address import Address
from ingest.sources.marquez.cursor import FIRST, SECOND, Edge, Span, from_micros
from ingest.sources.marquez.faults import explained
from ingest.sources.marquez.rows import Row

CHUNK_ROWS_MAX: Final = 500
CHUNK_BYTES_MAX: Final = 4 * 1024 * 1024
PAGE_ROWS: Final = 5_000
PAGE_S: Final = 10.0
"""A page that takes longer is left where it is, and gone on with by the next: no statement of ours runs long."""

STREAMED_ROWS: Final = 16
COUNT_MAX: Final = 2_000_000
CONNECT_S: Final = 10
WATCH_EVERY_S: Final = 0.5
DEFAULTS: Final[dict[str, Any]] = {
    "application_name": "headwater-follow",
    "connect_timeout": CONNECT_S,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
"""Of the connection, where the address says nothing else."""


_MICROS_BEFORE_2000: Final = 946_684_800 * SECOND
_INFINITE: Final = 2**62
_SETTINGS: Final = """
SELECT set_config('default_transaction_read_only', 'on', false), set_config('statement_timeout', %(ms)s, false),
       set_config('idle_in_transaction_session_timeout', %(ms)s, false), set_config('TimeZone', 'UTC', false)
"""
_EDGE: Final = """
SELECT (extract(epoch FROM statement_timestamp()) * 1000000)::bigint,
       (extract(epoch FROM min(xact_start) FILTER (WHERE backend_type <> 'autovacuum worker')) * 1000000)::bigint,
       count(*) FILTER (WHERE NOT pg_has_role(usesysid, 'USAGE') AND NOT pg_has_role('pg_read_all_stats', 'USAGE'))
         + pg_is_in_recovery()::int
FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
"""Its time is that of before the sessions are looked at. A standby cannot see the transactions of its primary at all."""

_IDENTITY: Final = "SELECT (SELECT system_identifier FROM pg_control_system())::text || '/' || oid "
_IDENTITY_BARE: Final = "SELECT '/' || oid "
_OF_DATABASE: Final = "FROM pg_database WHERE datname = current_database()"
_ROWS: Final = "SELECT created_at, event FROM lineage_events WHERE created_at >= %s"
_UNDATED: Final = "SELECT created_at, event FROM lineage_events WHERE created_at IS NULL"
_COUNT: Final = "SELECT count(*) FROM lineage_events WHERE created_at >= %s"
_SIZE: Final = (
    "SELECT count(*), (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'lineage_events'::regclass) "
    "FROM (SELECT 1 FROM lineage_events WHERE created_at >= %s OR created_at IS NULL LIMIT %s) AS counted"
)
_OLDEST: Final = "SELECT min(created_at) FROM lineage_events"


Stream = AsyncGenerator[tuple[int | None, bytes], None]
"""What psycopg's stream is: one that is left has to be closed."""


class Page(NamedTuple):
    """What a page had: how many rows, the last one's instant, and whether there may be more behind it."""

    rows: int
    last: int | None
    cut: bool


class _Micros(Loader):
    format = Format.BINARY

    def load(self, data: Any) -> int:
        """Read a timestamptz, however far it is from now."""
        (micros,) = struct.unpack(">q", data)
        return max(-_INFINITE, min(_INFINITE, int(micros) + _MICROS_BEFORE_2000))


class _Bytes(Loader):
    format = Format.BINARY

    def load(self, data: Any) -> bytes:
        """Read a JSONB as the text that it is, behind the number of its form."""
        return bytes(data)[1:]


class Table:
    """Marquez's table, open for reading."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], address: Address, timeout_s: float) -> None:
        """Keep the connection; `opened` makes one."""
        self._connection = connection
        self._timeout_s = timeout_s
        self._deadline: float | None = None
        self.shown = address.shown

    async def edge(self) -> Edge:
        """Ask what time it is there, and since when the oldest transaction of others has been open."""
        (clock, open_since, hidden), *_ = await self._ask(_EDGE)
        return Edge(clock, open_since, hidden)

    async def identity(self) -> str:
        """Ask which database this is: the cluster's own number where it is told, and the database's."""
        try:
            ((found,),) = await self._ask(_IDENTITY + _OF_DATABASE)
        except psycopg.errors.InsufficientPrivilege:
            ((found,),) = await self._ask(_IDENTITY_BARE + _OF_DATABASE)
        return str(found)

    async def count(self, span: Span) -> int:
        """Count the rows of a span."""
        ((found,),) = await self._ask(
            _COUNT + ("" if span.end is None else " AND created_at < %s"), *_bounds(span)
        )
        return int(found)

    async def size(self, span: Span) -> int:
        """Tell how many rows there are from an instant on, with those of none; of very many, about how many."""
        ((counted, about),) = await self._ask(_SIZE, *_bounds(Span(span.start)), COUNT_MAX)
        return int(counted) if counted < COUNT_MAX else max(int(counted), int(about))

    async def oldest(self) -> int | None:
        """Tell the instant of the oldest row that has one."""
        ((found,),) = await self._ask(_OLDEST)
        return None if found is None else int(found)

    async def chunks(
        self, span: Span, *, limit: int | None = PAGE_ROWS
    ) -> AsyncGenerator[list[Row] | Page, None]:
        """Read a page of a span in order, chunk by chunk, and last what the page had."""
        ended = "" if span.end is None else " AND created_at < %s"
        cut = "" if limit is None else f" LIMIT {limit:d}"
        query = f"{_ROWS}{ended} ORDER BY created_at{cut}"
        began, rows, last, left = time.monotonic(), 0, None, False
        async with aclosing(self._streamed(query, *_bounds(span))) as found:
            async for chunk in found:
                rows, last = rows + len(chunk), chunk[-1].created_at
                yield chunk
                # Within one instant there is no place to go on from: it is read to its end.
                left = time.monotonic() - began > PAGE_S and last != span.start and limit is not None
                if left:
                    break
        yield Page(rows, last, cut=left or rows == limit)

    async def undated(self) -> AsyncGenerator[list[Row], None]:
        """Read the rows without an instant, all of them: they are older than its column."""
        async with self._connection.transaction(), self._connection.cursor("undated") as cursor:
            with self._watched():
                await cursor.execute(_UNDATED, binary=True)
            while True:
                with self._watched():
                    found = await cursor.fetchmany(CHUNK_ROWS_MAX // 5)
                if not found:
                    return
                yield [Row(*one) for one in found]

    async def _streamed(self, query: str, *params: object) -> AsyncGenerator[list[Row], None]:
        chunk: list[Row] = []
        size = 0
        async with aclosing(self._rows(query, *params)) as rows:
            async for row in rows:
                chunk.append(row)
                size += len(row.body)
                if len(chunk) >= CHUNK_ROWS_MAX or size >= CHUNK_BYTES_MAX:
                    yield chunk
                    chunk, size = [], 0
        if chunk:
            yield chunk

    async def _rows(self, query: str, *params: object) -> AsyncGenerator[Row, None]:
        options = {"size": STREAMED_ROWS} if capabilities.has_stream_chunked() else {}
        with self._watched():
            async with (
                self._connection.cursor() as cursor,
                aclosing(
                    cast("Stream", cursor.stream(query.encode(), params, binary=True, **options))
                ) as found,
            ):
                async for one in found:
                    self._deadline = None  # what is done with a row takes as long as it does
                    yield Row(*one)
                    self._move()

    async def _ask(self, query: str, *params: object) -> list[tuple[Any, ...]]:
        with self._watched():
            async with self._connection.cursor(binary=True) as cursor:
                await cursor.execute(query.encode(), params or None)
                return await cursor.fetchall()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Expect the server to say something within the time, for the length of a block."""
        self._move()
        try:
            yield
        finally:
            self._deadline = None

    def _move(self) -> None:
        self._deadline = time.monotonic() + self._timeout_s + CONNECT_S  # the server's own limit comes first

    async def watch(self) -> None:
        """Shut the connection once the server has been silent for too long."""
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            if self._deadline is not None and time.monotonic() > self._deadline:
                with suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as line:
                    line.shutdown(socket.SHUT_RDWR)
                return


@asynccontextmanager
async def opened(address: Address, *, timeout_s: float) -> AsyncIterator[Table]:
    """Connect for reading for the length of a block; whatever the driver says there becomes a typed error."""
    try:
        async with await _connected(address, timeout_s) as connection:
            table = Table(connection, address, timeout_s)
            watching = asyncio.create_task(table.watch())
            try:
                yield table
            finally:
                watching.cancel()
    except (psycopg.Error, OSError) as error:
        raise explained(error, address.shown) from error


async def _connected(address: Address, timeout_s: float) -> psycopg.AsyncConnection[Any]:
    given = psycopg.conninfo.conninfo_to_dict(address.conninfo)
    conninfo = psycopg.conninfo.make_conninfo(**{**DEFAULTS, **given})
    try:
        async with asyncio.timeout(3 * CONNECT_S):
            connection = await psycopg.AsyncConnection.connect(
                conninfo, autocommit=True, prepare_threshold=None
            )
    except TimeoutError as error:
        raise psycopg.OperationalError("connecting takes too long") from error
    try:
        await _prepare(connection, address, timeout_s)
    except BaseException:
        await connection.close()
        raise
    return connection


async def _prepare(connection: psycopg.AsyncConnection[Any], address: Address, timeout_s: float) -> None:
    connection.adapters.register_loader("timestamptz", _Micros)
    connection.adapters.register_loader("jsonb", _Bytes)
    await connection.execute(_SETTINGS, {"ms": str(round(timeout_s * 1000))})
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        what = f"{address.shown} is in {encoding}, and JSON is read from UTF8 alone"
        raise SourceRefused(f"{what}; it cannot be followed", address=address.shown)


def _bounds(span: Span) -> tuple[object, ...]:
    start = "-infinity" if span.start <= FIRST else from_micros(span.start)
    return (start,) if span.end is None else (start, from_micros(span.end))
