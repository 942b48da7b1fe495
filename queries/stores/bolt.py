"""How are ArcadeDB and Neo4j spoken to? Both over Bolt, by one driver, with the same statements.

A limit of time is always kept on this side too: ArcadeDB ignores the one a client sends with a transaction.

With `neo4j://` reads go to any server of a cluster and writes to the leader. What this process has once seen it
sees in every later read, from whichever server: each answer brings a bookmark, and the next transaction waits
until its server has got as far. So whoever reads the projector's cursor and then the graph reads a graph that is
at least as new as the cursor said (`wait_for` in queries/projection.py rests on that), although the projector is
another process whose bookmarks are never seen here.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import random
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import neo4j

from graph_schema.errors import BadInput, StoreUnavailable
from queries.statements import BadStatement, Statement, bind, statement, worded
from queries.store import Row, Step
from queries.stores.driver_errors import (
    CAUGHT,
    explained,
    is_about_bookmarks,
    is_lost_merge,
    is_passing,
    unreachable,
)

SCHEMES: Final = frozenset({"bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"})
APP: Final = "headwater"
USER_AGENT: Final = f"{APP}/{importlib.metadata.version(APP)}"
READ_WAITS_S: Final = (0.02, 0.1, 0.4)
WRITE_WAITS_S: Final = (0.02, 0.1, 0.4, 1.0, 2.0)
"""How long to wait before each further try. An engine that is being restarted needs some five seconds, which
is left to the caller: a question should be told soon, and the projector waits by itself."""

LOST_MERGES_MAX: Final = 3
CONNECT_TIMEOUT_S: Final = 5.0
IDLE_UNCHECKED_S: Final = 30.0
"""A connection that was idle for longer is tried before it is used: load balancers and firewalls forget some."""

CONNECTIONS_MAX: Final = 50
NAMES_CHARS_MAX: Final = 500
ALL_ROWS: Final = -1

Answer = TypeVar("Answer")


async def open_store(
    uri: str,
    *,
    user: str,
    password: str,
    database: str,
    timeout_s: float = 30.0,
    ca_file: Path | None = None,
    connections_max: int = CONNECTIONS_MAX,
    warn: bool = False,
) -> BoltStore:
    """Connect and see which engine answers; raises StoreUnavailable.

    `ca_file` holds the certificates to trust with `+s` schemes instead of the system's. With `warn` what the
    engine warns of (a missing index, a deprecated word) becomes a Python warning; otherwise it is not asked for.
    """
    address, trust = _trusting(check_address(uri), ca_file)
    try:
        driver = neo4j.AsyncGraphDatabase.driver(
            address,
            auth=(user, password),
            user_agent=USER_AGENT,
            telemetry_disabled=True,
            connection_timeout=CONNECT_TIMEOUT_S,
            connection_acquisition_timeout=timeout_s,
            liveness_check_timeout=IDLE_UNCHECKED_S,
            max_connection_pool_size=connections_max,
            notifications_min_severity="WARNING" if warn else "OFF",
            warn_notification_severity="WARNING" if warn else None,
            **trust,
        )
    except CAUGHT as error:
        raise unreachable(error, uri=uri) from error
    try:
        async with asyncio.timeout(timeout_s):
            info = await driver.get_server_info()
        store = BoltStore(driver, database=database, dialect=dialect_of(info.agent), timeout_s=timeout_s)
        await store.ping()
    except CAUGHT as error:
        await driver.close()
        raise unreachable(error, uri=uri) from error
    except BaseException:
        await driver.close()
        raise
    return store


def dialect_of(agent: str) -> str:
    """Say which Cypher a server speaks, by the name it gives itself; raises StoreUnavailable."""
    if "ArcadeDB" in agent:
        return "arcadedb"
    if agent.startswith("Neo4j/") and "Memgraph" not in agent:
        return "neo4j"
    raise StoreUnavailable(f"the graph engine calls itself {agent!r}; use Neo4j or ArcadeDB", agent=agent)


class BoltStore:
    """A graph engine behind a Bolt address. Made by `open_store`."""

    def __init__(self, driver: neo4j.AsyncDriver, *, database: str, dialect: str, timeout_s: float) -> None:
        """Keep an open driver; `dialect` picks the wording of each statement."""
        self.dialect = dialect
        self._driver = driver
        self._database = database
        self._timeout_s = timeout_s
        self._seen = neo4j.AsyncGraphDatabase.bookmark_manager()

    async def read(self, statement: Statement, /, **params: Any) -> list[Row]:
        """Answer one reading statement, all rows."""
        wording = worded(statement, self.dialect)
        if wording.mode != "read":
            raise BadStatement(f"{wording.name} has mode {wording.mode}; use write")
        values = bind(wording, params)
        return await self._tried(
            lambda: self._read_once(wording, values), doing=f"reading {wording.name}", waits_s=READ_WAITS_S
        )

    async def write(self, steps: Sequence[Step], /) -> None:
        """Run all steps in one transaction, or none; they must mean the same when run twice."""
        wordings = [(worded(one, self.dialect), params) for one, params in steps]
        bound = [(wording, bind(wording, params)) for wording, params in wordings]
        if not bound:
            return
        modes = {wording.mode for wording, _ in bound}
        if len(modes) > 1 and "schema" in modes:
            raise BadStatement("a transaction changes the schema or data, never both")
        names = ", ".join(sorted({wording.name for wording, _ in bound}))
        await self._tried(
            lambda: self._write_once(bound, names), doing=f"writing {names}", waits_s=WRITE_WAITS_S
        )

    async def ping(self) -> None:
        """Return when the engine answers."""
        await self.read(statement("store/ping"))

    async def aclose(self) -> None:
        """Give up all connections."""
        await self._driver.close()

    async def _read_once(self, wording: Statement, values: dict[str, Any]) -> list[Row]:
        async with self._session(neo4j.READ_ACCESS) as session:
            query = neo4j.Query(wording.text, timeout=self._timeout_s, metadata=_metadata(wording.name))
            result = await session.run(query, values)
            columns = tuple(result.keys())
            rows = await result.values()
        # ArcadeDB names no columns when there are no rows.
        if columns and columns != wording.returns:
            raise BadStatement(f"{wording.name} returns {columns}; its header says {wording.returns}")
        return [dict(zip(columns, row, strict=True)) for row in rows]

    async def _write_once(self, bound: Sequence[Step], names: str) -> None:
        async with (
            self._session(neo4j.WRITE_ACCESS) as session,
            await session.begin_transaction(
                metadata=_metadata(names), timeout=self._timeout_s
            ) as transaction,
        ):
            for wording, values in bound:
                result = await transaction.run(wording.text, values)
                await result.consume()
            await transaction.commit()

    def _session(self, access: str) -> neo4j.AsyncSession:
        return self._driver.session(
            database=self._database,
            default_access_mode=access,
            fetch_size=ALL_ROWS,
            # ArcadeDB is one server and gives no bookmarks.
            bookmark_manager=self._seen if self.dialect == "neo4j" else None,
        )

    async def _tried(
        self, once: Callable[[], Awaitable[Answer]], *, doing: str, waits_s: Sequence[float]
    ) -> Answer:
        met: list[Exception] = []
        try:
            async with asyncio.timeout(self._timeout_s):
                return await _again(self._forgetting(once), waits_s, met)
        except CAUGHT as error:
            if isinstance(error, TimeoutError):
                self._forget()
            # Where time ran out between tries, what stood in the way is worth more than that it did.
            told = met[-1] if met and isinstance(error, TimeoutError) else error
            raise explained(told, doing=doing) from error

    def _forgetting(self, once: Callable[[], Awaitable[Answer]]) -> Callable[[], Awaitable[Answer]]:
        async def tried() -> Answer:
            try:
                return await once()
            except neo4j.exceptions.GqlError as error:
                if is_about_bookmarks(error):
                    self._forget()
                raise

        return tried

    def _forget(self) -> None:
        """Forget what was seen: it may be that no server will ever get as far again.

        So it is after a database was put back to a copy. Each question begins by reading the cursor anew, so
        later answers still tell truly up to where the graph is made.
        """
        self._seen = neo4j.AsyncGraphDatabase.bookmark_manager()


async def _again(
    once: Callable[[], Awaitable[Answer]], waits_s: Sequence[float], met: list[Exception]
) -> Answer:
    """Try again what passes, after ever longer waits; `met` takes note of what was met."""
    lost_merges = 0
    for wait_s in waits_s:
        try:
            return await once()
        except (neo4j.exceptions.GqlError, OSError) as error:
            lost_merges += is_lost_merge(error)
            if not is_passing(error) and not 0 < lost_merges <= LOST_MERGES_MAX:
                raise
            met.append(error)
        # Half to one and a half of it, so that writers that met once do not meet again.
        await asyncio.sleep(wait_s * (0.5 + random.random()))  # noqa: S311 - not a secret
    return await once()


def check_address(uri: str) -> str:
    """Give an address back that can be one of a graph engine; raises BadInput."""
    parts = urlsplit(uri)
    if parts.scheme not in SCHEMES:
        raise BadInput(
            f"{parts.scheme or 'an empty scheme'} is no Bolt scheme; write bolt://host:port or neo4j://host"
        )
    if "@" in parts.netloc:
        raise BadInput("a graph address holds no user; set HEADWATER_GRAPH_USER and HEADWATER_GRAPH_PASSWORD")
    return uri


def _trusting(uri: str, ca_file: Path | None) -> tuple[str, dict[str, Any]]:
    """Say how certificates are checked. The driver takes own ones only where the scheme says nothing of it."""
    if ca_file is None:
        return uri, {}
    scheme, rest = uri.split("://", 1)
    if not scheme.endswith("+s"):
        raise BadInput(f"HEADWATER_GRAPH_CA_FILE is for bolt+s:// and neo4j+s://, not for {scheme}://")
    if not ca_file.is_file():
        raise BadInput(f"HEADWATER_GRAPH_CA_FILE: there is no file {ca_file}")
    trust = {"encrypted": True, "trusted_certificates": neo4j.TrustCustomCAs(str(ca_file))}
    return f"{scheme.removesuffix('+s')}://{rest}", trust


def _metadata(names: str) -> dict[str, str]:
    """Say whose transaction it is and what it does: `SHOW TRANSACTIONS` and the query log tell it."""
    return {"app": APP, "statement": names[:NAMES_CHARS_MAX]}
