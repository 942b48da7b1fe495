"""Does the door answer as OpenLineage clients need it, and as the contract says (DESIGN 3)?"""

from __future__ import annotations

import gzip
import json
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.http.serving import Served, serving

RUN = "0192b6a0-0000-7000-8000-000000000001"
DOOR = "/api/v1/lineage"
BATCH = "/api/v1/lineage/batch"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("home"), base_path="headwater/", body_bytes_max=200_000) as running:
        yield running


def event(run_id: str = RUN, **more: Any) -> dict[str, Any]:
    base = {"eventTime": "2026-05-01T10:00:00Z", "eventType": "START", "producer": "https://example.org"}
    return {**base, "run": {"runId": run_id}, "job": {"namespace": "n", "name": "j"}, **more}


def body(run_id: str = RUN, **more: Any) -> bytes:
    return json.dumps(event(run_id, **more)).encode()


def rejected(served: Served) -> list[dict[str, str]]:
    return [
        json.loads(stored.reason or "") for stored in served.journal.read_after(0, 10_000, kind="rejected")
    ]


def test_accepted_then_known(served: Served) -> None:
    """201 with position, id, duplicate and warnings when the event is durable; 200 for the same
    event again.
    """
    first = served.client.post(DOOR, content=body("first"))
    assert first.status_code == 201
    assert first.headers["content-type"] == "application/json"
    answer = first.json()
    stored = served.journal.read_after(int(answer["position"]) - 1, 1)[0]
    assert (stored.body, (stored.digest or b"").hex()) == (body("first"), answer["id"])
    assert answer["warnings"] == [{"code": "RUN_ID_NOT_UUID", "pointer": "/run/runId"}]
    again = served.client.post(DOOR, content=body("first"))
    assert (again.status_code, again.json()) == (200, {**answer, "duplicate": True})


def test_bad_json_is_400_and_kept(served: Served) -> None:
    """400 with code and message; the body is in the rejected list with the reason."""
    before = len(rejected(served))
    bad = [
        b"",
        b"{",
        b"\xff\xfe{",
        b'{"a":NaN}',
        b'{"a":1e999}',
        b"[" * 100_000,
        b'{"a":' + b"9" * 5000 + b"}",
        b"nope",
    ]
    for raw in bad:
        answer = served.client.post(DOOR, content=raw)
        assert (answer.status_code, answer.json()["code"]) == (400, "BAD_JSON"), raw[:20]
        assert answer.json()["message"]
    assert [reason["code"] for reason in rejected(served)[before:]] == ["BAD_JSON"] * len(bad)


def test_a_bad_event_is_422_and_kept(served: Served) -> None:
    """422 with code, message and pointer; the body is in the rejected list with the reason."""
    before = len(rejected(served))
    bad = [
        b"3",
        b"null",
        b'"text"',
        b"{}",
        body(eventTime=1714557600),
        json.dumps({"eventTime": "2026-05-01T10:00:00Z"}).encode(),
    ]
    for raw in bad:
        answer = served.client.post(DOOR, content=raw)
        assert answer.status_code == 422, raw
        assert set(answer.json()) >= {"code", "message", "pointer"}
    assert len(rejected(served)) == before + len(bad)
    assert rejected(served)[-1]["pointer"] == "/job"


def test_duplicate_keys_and_huge_integers_are_read_exactly(served: Served) -> None:
    """The last of two equal keys counts, and integers of any usual size are kept exactly; neither is an
    error.
    """
    raw = (
        body("odd").replace(b'"START"', b'"FAIL", "eventType": "START"')[:-1] + b', "n": ' + b"7" * 400 + b"}"
    )
    assert served.client.post(DOOR, content=raw).status_code == 201
    one_off = raw[:-2] + b"8}"
    assert served.client.post(DOOR, content=one_off).json()["duplicate"] is False


def test_hazard_28_a_batch_with_good_and_bad(served: Served) -> None:
    """Hazard 28: 200 partial_success naming the bad by index with reason and retriable; the good ones are
    stored.
    """
    items = [event("good 1"), {"eventTime": 3}, event("good 2"), "text"]
    for path in (BATCH, DOOR):
        answer = served.client.post(path, content=json.dumps(items))
        told = answer.json()
        assert (answer.status_code, told["status"]) == (200, "partial_success")
        assert {**told["summary"], "duplicates": 0} == {
            "received": 4, "successful": 2, "failed": 2, "retriable": 0, "non_retriable": 2, "duplicates": 0,
        }  # fmt: skip
        assert [(one["index"], one["retriable"]) for one in told["failed_events"]] == [(1, False), (3, False)]
        assert all(one["reason"] for one in told["failed_events"])
        assert {"index": 0, "code": "RUN_ID_NOT_UUID", "pointer": "/run/runId"} in told["warnings"]
        assert served.journal.find(
            bytes.fromhex(served.client.post(DOOR, content=body("good 2")).json()["id"])
        )
    assert answer.json()["summary"]["duplicates"] == 2


def test_an_empty_batch_and_a_batch_of_one(served: Served) -> None:
    """`[]` is a success of nothing; one event at the batch address is a batch of one."""
    told = served.client.post(BATCH, content=b"[]").json()
    assert (told["status"], told["summary"]["received"], told["failed_events"]) == ("success", 0, [])
    assert told["position"] == str(served.journal.end())
    assert served.client.post(BATCH, content=body("single")).json()["summary"]["successful"] == 1
    assert served.client.post(BATCH, content=b"[{]").status_code == 400


def test_gzip_by_header_or_by_magic_bytes(served: Served) -> None:
    """Gzip is read with the header, without it (Java before 1.44), and a header on a plain body
    does no harm.
    """
    packed = gzip.compress(body("gzip"))
    half = len(body("gzip")) // 2
    members = gzip.compress(body("gzip")[:half]) + gzip.compress(body("gzip")[half:]) + b"\x00" * 8
    says_gzip = {"Content-Encoding": "gzip"}
    assert served.client.post(DOOR, content=packed, headers=says_gzip).status_code == 201
    for raw, headers in ((packed, {}), (body("gzip"), says_gzip), (members, says_gzip)):
        assert served.client.post(DOOR, content=raw, headers=headers).json()["duplicate"] is True
    assert served.client.post(BATCH, content=gzip.compress(b"[]")).status_code == 200


def test_a_cut_or_broken_gzip_stream_is_400_and_kept(served: Served) -> None:
    """A gzip stream that ends early, is damaged, or has something behind it is 400, kept as it came."""
    packed = gzip.compress(body("cut"))
    damaged = packed[:20] + bytes([packed[20] ^ 255]) + packed[21:]
    for raw in (packed[:-9], packed[:12], packed[:2], damaged, packed + b"tail"):
        answer = served.client.post(DOOR, content=raw)
        assert (answer.status_code, answer.json()["code"]) == (400, "BAD_GZIP")
        assert served.journal.read_after(0, 10_000, kind="rejected")[-1].body == raw
    assert served.client.post(DOOR, content=gzip.compress(b"") * 2000).status_code == 400


def test_too_big_is_413_without_retry_after(served: Served) -> None:
    """The limit is on inflated bytes, however they come; a client that is still sending hears the answer."""
    big = body("big", blob="x" * 300_000)
    chunks = (big[at : at + 1000] for at in range(0, len(big), 1000))
    for content in (big, gzip.compress(big), gzip.compress(b"\x00" * 50_000_000), chunks, b"y" * 20_000_000):
        answer = served.client.post(DOOR, content=content)
        assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")
        assert "retry-after" not in answer.headers
    assert served.client.get("/healthz").status_code == 200


def test_the_limit_itself_is_let_in(served: Served) -> None:
    """A body of exactly the limit is taken, one byte more is not."""
    raw = body("exact")
    full = raw[:-1] + b" " * (200_000 - len(raw)) + b"}"
    assert served.client.post(DOOR, content=full).status_code == 201
    assert served.client.post(DOOR, content=full + b" ").status_code == 413
    assert served.client.post(DOOR, content=gzip.compress(full)).status_code == 200
    assert served.client.post(DOOR, content=gzip.compress(full + b" ")).status_code == 413


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=latin-1", "text/plain", "", None]
)
def test_any_content_type(served: Served, content_type: str | None) -> None:
    """Content type and charset parameters are not looked at: JSON is UTF-8."""
    headers = {} if content_type is None else {"Content-Type": content_type}
    raw = json.dumps(event(f"type {content_type}", note="é"), ensure_ascii=False).encode()
    assert served.client.post(DOOR, content=raw, headers=headers).status_code == 201


def test_chunked_and_without_length(served: Served) -> None:
    """A body in chunks, and one of HTTP/1.0, are taken."""
    raw = body("chunked")
    assert (
        served.client.post(DOOR, content=(raw[at : at + 7] for at in range(0, len(raw), 7))).status_code
        == 201
    )
    old = b"POST %s HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s" % (DOOR.encode(), len(raw), raw)
    assert b" 200 " in exchange(served.port, old)
    none = b"POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % DOOR.encode()
    assert b" 400 " in exchange(served.port, none), "no length and no chunks is an empty body"


@pytest.mark.parametrize(
    "path",
    [
        DOOR + "/",
        "//api/v1/lineage",
        "/headwater" + DOOR,
        "/headwater" + DOOR + "/",
        "/headwater//api/v1/lineage",
        BATCH + "/",
    ],
)
def test_the_paths_that_clients_make(served: Served, path: str) -> None:
    """A slash at the end, doubled slashes and the base path are taken as meant, never redirected."""
    answer = served.client.post(path, content=body("path"), follow_redirects=False)
    assert answer.status_code in {200, 201}


@pytest.mark.parametrize(
    "path", ["/", "/api/v1", "/api/v1/lineag", "/headwaterr/api/v1/lineage", "/api/v2/lineage", "/x%00y"]
)
def test_a_wrong_path_is_404_json(served: Served, path: str) -> None:
    """A path that is not there is 404 with code and message, for a POST too."""
    answer = served.client.post(path, content=body(), follow_redirects=False)
    assert answer.status_code in {404, 405}
    assert set(answer.json()) == {"code", "message"}


@pytest.mark.parametrize(
    ("path", "method", "allow"),
    [
        *((BATCH, method, "POST") for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH")),
        *((DOOR, method, "GET, HEAD, POST") for method in ("PUT", "DELETE", "OPTIONS", "PATCH")),
    ],
)
def test_another_method_is_405_json(served: Served, path: str, method: str, allow: str) -> None:
    """Only POST hands events over, and GET asks as Marquez is asked; the answer says so as JSON."""
    answer = served.client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"], answer.headers["allow"]) == (
        405,
        "application/json",
        allow,
    )
    if method != "HEAD":
        told = answer.json()
        assert "METHOD_NOT_ALLOWED" in {told["code"], told.get("error")}


def test_lone_surrogates_are_named_as_stored(served: Served) -> None:
    """A name that has no UTF-8 form stands in a warning's pointer as it is stored, so that any client can read it."""
    raw = body("surrogate").replace(b'"name": "j"', b'"name": "j", "facets": {"\\ud800": 3}')
    answer = served.client.post(DOOR, content=raw)
    assert answer.status_code == 201
    assert answer.json()["warnings"][-1] == {"code": "FACET_BROKEN", "pointer": "/job/facets/\ufffd"}


def test_warnings_are_bounded(served: Served) -> None:
    """More than 100 warnings are told as 100 and a count, so that an answer stays small."""
    answer = served.client.post(DOOR, content=body(inputs=[{} for _ in range(500)])).json()
    assert (len(answer["warnings"]), answer["warnings"][100]["code"]) == (101, "MORE_WARNINGS")
    assert answer["warnings"][100]["count"] == 401 - 1


def test_an_unavailable_journal_is_503_with_retry_after(served: Served) -> None:
    """While the journal cannot be written the answer is 503 with Retry-After, for good and bad bodies; then
    all is well.
    """
    other = sqlite3.connect(served.journal.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for path, raw in ((DOOR, body("busy")), (DOOR, b"{"), (BATCH, b"[%s]" % body("busy"))):
        answer = served.client.post(path, content=raw)
        assert (answer.status_code, answer.json()["code"]) == (503, "JOURNAL_UNAVAILABLE")
        assert int(answer.headers["retry-after"]) > 0
    other.execute("ROLLBACK")
    other.close()
    assert served.client.post(DOOR, content=body("busy")).status_code == 201


def test_overload_is_503_with_retry_after(tmp_path: Path) -> None:
    """Too many bytes being received at once is 503 OVERLOADED with Retry-After, never 429; others are served
    on.
    """
    with serving(tmp_path, bodies_bytes_max=100_000) as served:
        head = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n" % DOOR.encode()
        with socket.create_connection(("127.0.0.1", served.port)) as slow:
            slow.sendall(head + b" " * 90_000)
            answers = [served.client.post(DOOR, content=body(f"{n}", pad="x" * 30_000)) for n in range(5)]
            assert {answer.status_code for answer in answers} == {503}
            assert answers[0].json()["code"] == "OVERLOADED"
            assert "retry-after" in answers[0].headers
        small = [served.client.post(DOOR, content=body(f"{n}", pad="x" * 30_000)) for n in range(20)]
        assert small[-1].status_code in {200, 201}


def test_a_client_that_hangs_up_stores_nothing(served: Served) -> None:
    """Half a body and then nothing is no event and no failure."""
    before = served.journal.head()
    with socket.create_connection(("127.0.0.1", served.port)) as cut:
        cut.sendall(
            b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n" % DOOR.encode() + body()[:100]
        )
    assert served.client.get("/healthz").status_code == 200
    assert served.journal.head() == before
    assert b"headwater_failures_total 0.0" in served.client.get("/metrics").content


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    raw=st.binary(max_size=300)
    | st.binary(max_size=100).map(gzip.compress)
    | st.binary(max_size=50).map(lambda b: b"\x1f\x8b" + b),
    path=st.sampled_from([DOOR, BATCH, DOOR + "/"]),
    header=st.sampled_from(
        [{}, {"Content-Encoding": "gzip"}, {"Content-Encoding": "br"}, {"Content-Type": "x; charset=utf-7"}]
    ),
)
def test_any_bytes_get_a_typed_answer(served: Served, raw: bytes, path: str, header: dict[str, str]) -> None:
    """Whatever the bytes and headers: never a 5xx, never a redirect, always JSON."""
    answer = served.client.post(path, content=raw, headers=header)
    assert answer.status_code in {200, 201, 400, 413, 422}
    assert answer.json()


def exchange(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
        plain.sendall(request)
        answer = b""
        while part := plain.recv(65536):
            answer += part
    return answer
