"""Does the store keep on Neo4j what it promises for production: names, limits, trust, bookmarks?"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import ipaddress
import shutil
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from graph_schema.errors import BadInput, StoreUnavailable, TimedOut
from queries.migrate import migrate
from queries.statements import statement
from queries.store import GraphStore, StatementFailed
from queries.stores.bolt import APP, BoltStore, open_store
from tests.engine import Database, adhoc, on_neo4j
from tests.needs import need
from tests.neo4j import server as neo4j_server
from tests.neo4j.jars import LINES, is_here

ENDLESS = adhoc(
    "UNWIND range(1, 5000) AS a UNWIND range(1, 5000) AS b UNWIND range(1, 5000) AS c RETURN count(*) AS n",
    returns=("n",),
)
RUNNING = adhoc(
    "SHOW TRANSACTIONS YIELD metaData, currentQuery RETURN metaData AS data, currentQuery AS text",
    returns=("data", "text"),
)
PUT = adhoc("CREATE (n:Job {key: $key})", mode="write", params=("key",))


@on_neo4j
def test_a_transaction_says_whose_it_is(graph: Database) -> None:
    """SHOW TRANSACTIONS, and so the query log, name Headwater and the statement's file."""

    async def work(store: GraphStore) -> None:
        slow = asyncio.create_task(store.read(ENDLESS))
        data: dict[str, str] = {}
        async with asyncio.timeout(20):
            while data.get("statement") != ENDLESS.name:
                await asyncio.sleep(0.1)
                rows = await store.read(RUNNING)
                data = next((row["data"] for row in rows if "range" in row["text"]), {})
        assert data == {"app": APP, "statement": ENDLESS.name}
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow

    graph.run(work)


@on_neo4j
def test_reads_are_sent_as_reads(graph: Database) -> None:
    """A cluster sends a read to any of its servers: the engine itself refuses to write in one."""
    seen = adhoc("MATCH (n:Job {key: 'never'}) RETURN count(n) AS n", returns=("n",))
    # The loader takes no such statement from a file; here it comes past it.
    written = dataclasses.replace(seen, text="CREATE (n:Job {key: 'never'}) RETURN 1 AS n")

    async def work(store: GraphStore) -> None:
        with pytest.raises(StatementFailed, match=r"(?i)read"):
            await store.read(written)
        assert await store.read(seen) == [{"n": 0}]

    graph.run(work)


@on_neo4j
def test_what_nobody_waits_for_is_ended_on_the_server(graph: Database) -> None:
    """A read that was given up, or took too long, does not go on using Neo4j."""

    async def work(store: GraphStore) -> None:
        with pytest.raises(TimedOut):
            await store.read(ENDLESS)
        async with asyncio.timeout(20):
            while any("range" in row["text"] for row in await store.read(RUNNING)):  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    graph.run(work, timeout_s=2.0)


@on_neo4j
def test_what_was_seen_is_seen_later(graph: Database) -> None:
    """What a write or a read returns as its bookmark is what the next transaction waits for."""

    async def work(store: GraphStore) -> None:
        assert isinstance(store, BoltStore)
        await store.write([(PUT, {"key": "a"})])
        written = set(await store._seen.get_bookmarks())
        assert written
        other = await graph.open()
        await other.ping()
        await store.write([(PUT, {"key": "b"})])
        newer = set(await store._seen.get_bookmarks())
        assert newer.isdisjoint(written)
        assert isinstance(other, BoltStore)
        await other.read(statement("projection_read/cursor"))
        # Another process, which never got the writer's bookmark, learned from its own read how far the graph is.
        assert set(await other._seen.get_bookmarks()) == newer
        await other.aclose()

    graph.run(work)


@pytest.fixture
def own(tmp_path: Path) -> neo4j_server.Neo4j:
    """Plan a Neo4j for one test, of the line with long support; the test starts it."""
    line = LINES["5.26"]
    need(f"Neo4j {line.version}", here=is_here(line), get_it="run `make neo4j-fetch`")
    return neo4j_server.plan(line, tmp_path / "neo4j")


async def opened(
    server: neo4j_server.Neo4j, uri: str | None = None, ca_file: Path | None = None
) -> BoltStore:
    return await open_store(
        uri or server.uri,
        user=neo4j_server.USER,
        password=server.password,
        database=neo4j_server.DATABASE,
        timeout_s=10,
        ca_file=ca_file,
    )


@pytest.mark.slow
def test_a_database_put_back_to_a_copy(own: neo4j_server.Neo4j) -> None:
    """A graph restored from a backup is older than what was seen: soon it is read as it is, without a restart."""
    waiting = {**own.settings, "db.transaction.bookmark_ready_timeout": "2s"}
    server = dataclasses.replace(own, settings=waiting)
    data, copy = server.folder / "data", server.folder.parent / "copy"
    with neo4j_server.started(server):
        asyncio.run(prepare(server))
    shutil.copytree(data, copy)

    async def work() -> None:
        with neo4j_server.started(server):
            store = await opened(server)
            await store.write([(PUT, {"key": str(number)}) for number in range(50)])
            neo4j_server.kill(server)
        shutil.rmtree(data)
        copy.rename(data)
        with neo4j_server.started(server):
            async with asyncio.timeout(60):
                while True:
                    try:
                        assert await store.read(statement("projection_read/cursor")) == []
                        break
                    except (StoreUnavailable, TimedOut):
                        await asyncio.sleep(0.2)
            await store.write([(PUT, {"key": "0"})])
            await store.aclose()

    asyncio.run(work())


async def prepare(server: neo4j_server.Neo4j) -> None:
    store = await opened(server)
    await migrate(store)
    await store.aclose()


def certificate(folder: Path) -> Path:
    """Make a certificate that nobody else has signed, for loopback, and its key."""
    folder.mkdir(parents=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "headwater test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "private.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    (folder / "private.key").chmod(0o600)
    public = folder / "public.crt"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return public


@pytest.mark.slow
def test_encryption_and_trust(own: neo4j_server.Neo4j) -> None:
    """`+s` wants a certificate that is trusted: the system's, or one of HEADWATER_GRAPH_CA_FILE; routing, too."""
    folder = own.folder / "certificates" / "bolt"
    public = certificate(folder)
    settings = {
        "server.bolt.tls_level": "OPTIONAL",
        "dbms.ssl.policy.bolt.enabled": "true",
        "dbms.ssl.policy.bolt.base_directory": str(folder),
        "dbms.ssl.policy.bolt.private_key": "private.key",
        "dbms.ssl.policy.bolt.public_certificate": "public.crt",
        "dbms.ssl.policy.bolt.client_auth": "NONE",
    }
    server = dataclasses.replace(own, settings=settings)

    async def ask(scheme: str, ca_file: Path | None = None) -> None:
        store = await opened(server, server.uri.replace("bolt", scheme), ca_file)
        await store.ping()
        await store.aclose()

    async def work() -> None:
        with pytest.raises(StoreUnavailable, match="SSLCertVerificationError"):
            await ask("bolt+s")
        for scheme in ("bolt+s", "neo4j+s"):
            await ask(scheme, public)
        for scheme in ("bolt+ssc", "neo4j+ssc"):
            await ask(scheme)
        for scheme, file in (("bolt", public), ("bolt+s", folder / "nothing.crt")):
            with pytest.raises(BadInput, match="HEADWATER_GRAPH_CA_FILE"):
                await ask(scheme, file)
        await asyncio.sleep(
            0.5
        )  # TLS takes leave after a connection was closed; the loop must still be there

    with neo4j_server.started(server):
        asyncio.run(work())


@pytest.mark.slow
def test_a_first_password_that_was_never_changed(own: neo4j_server.Neo4j) -> None:
    """Neo4j lets its first password do nothing but be changed; that is told, not taken for a fault of ours."""

    async def work() -> None:
        first = dataclasses.replace(own, password=neo4j_server.FIRST_PASSWORD)
        with pytest.raises(StoreUnavailable, match="password"):
            await opened(first)

    with neo4j_server.started(own, with_password=False):
        asyncio.run(work())


@pytest.mark.slow
def test_limits_that_neo4j_sets_itself(own: neo4j_server.Neo4j) -> None:
    """A transaction that Neo4j ends for its time is TIMED_OUT, one that it has no memory for STORE_UNAVAILABLE."""
    settings = {"db.transaction.timeout": "5s", "db.memory.transaction.max": "8m"}
    hungry = adhoc("UNWIND range(1, 2000000) AS n RETURN size(collect(n + 0.5)) AS n", returns=("n",))

    async def work() -> None:
        store = await opened(server)
        with pytest.raises(TimedOut, match="HEADWATER_GRAPH_TIMEOUT_S"):
            await store.read(ENDLESS)
        with pytest.raises(StoreUnavailable, match=r"(?i)memory"):
            await store.read(hungry)
        await store.aclose()

    server = dataclasses.replace(own, settings=settings)
    with neo4j_server.started(server):
        asyncio.run(work())
