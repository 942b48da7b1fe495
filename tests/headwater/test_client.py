"""Does the Python client say what a real server answers, follow pages, and tell failures as typed errors?"""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from app.acts import deciding, telling
from app.demo.scratch import Server, free_port
from graph_schema.errors import (
    BadInput,
    BadJson,
    BadKey,
    EventRejected,
    LimitExceeded,
    LineageError,
    NodeNotFound,
    NotCaughtUp,
    StoreUnavailable,
    Unauthorized,
)
from headwater import answers, decisions, histories, nodes, provenances, receipts
from headwater.client import Headwater, Unreachable, dataset_key
from queries import catalogue, columns, compare_models, differences, ml_paths, results, rollup
from queries import provenances as told_of_models
from tests.app.asked import post_story
from tests.app.http.serving import serving
from tests.arrows import job_key_of, key_of, run_key_of

EVENT = {
    "eventType": "COMPLETE",
    "eventTime": "2026-05-02T01:00:00Z",
    "run": {"runId": "0198c3a8-0000-7000-8000-00000000000c"},
    "job": {"namespace": "client", "name": "copy"},
    "inputs": [{"namespace": "client", "name": "in"}],
    "outputs": [{"namespace": "client", "name": "out"}, {"name": "no namespace"}],
}


@pytest.fixture(scope="module")
def position(server: Server) -> str:
    """The position after the story."""
    return post_story(server)


@pytest.fixture
def hw(server: Server, position: str) -> Iterator[Headwater]:
    with Headwater(server.url) as connection:
        yield connection


def test_rows_are_taken_across_pages(hw: Headwater, position: str) -> None:
    """Nearest first, each once, whatever the size of a page; afterwards it is known how complete that was."""
    walk = hw.downstream(key_of("a"), rows_per_page=1, at_least=position)
    with pytest.raises(BadInput, match="take rows first"):
        _ = walk.completeness
    assert [(row.depth, row.node.key) for row in walk] == [
        (1, key_of("b")),
        (2, key_of("c")),
        (3, key_of("d")),
    ]
    assert walk.completeness == answers.Completeness(
        complete=True, truncated_by=[], hidden=0, guessed_edges=2, position=position
    )
    assert [row.node.key for row in walk] == [key_of(name) for name in "bcd"], "asked anew"


def test_a_page_has_edges_and_what_else_was_asked_for(hw: Headwater, position: str) -> None:
    """Edges, totals and consumers as REST tells them; the root and rows are values of their kinds."""
    pages = list(hw.downstream(key_of("a"), rows_per_page=2, totals=True, consumers=True).pages())
    assert [len(page.nodes) for page in pages] == [2, 1]
    assert [(edge.source, edge.target, edge.evidence) for page in pages for edge in page.edges] == [
        (key_of("a"), key_of("b"), "COLUMN"),
        (key_of("b"), key_of("c"), "PRODUCT"),
        (key_of("c"), key_of("d"), "PRODUCT"),
    ]
    assert pages[0].totals is not None
    assert pages[0].totals.nodes == 3
    assert pages[0].consumers == []
    assert isinstance(pages[0].root, nodes.Dataset)


def test_each_filter_reaches_the_server(hw: Headwater, position: str) -> None:
    """Depth, time as a datetime, granularity, transformations, and kinds from any iterable, on every page."""
    assert [row.node.key for row in hw.upstream(key_of("d"), depth=1)] == [key_of("c")]
    early = datetime(2026, 5, 1, 3, tzinfo=UTC)
    assert [row.node.key for row in hw.downstream(key_of("a"), as_of=early)] == [key_of("b")]
    fields = hw.downstream(f"{key_of('a')}#p", granularity="FIELD", transformations="VALUES")
    (row,) = fields
    assert isinstance(row.node, nodes.Field)
    assert (row.node.path, row.node.dataset) == ("x", key_of("b"))
    kinds = (kind for kind in ("JOB", "FILE"))
    jobs = hw.downstream(key_of("a"), granularity="JOB", kinds=kinds, rows_per_page=1)
    assert [row.node.key for row in jobs] == [job_key_of(name) for name in ("load", "mart", "report")]


def test_what_was_known_then_can_be_asked(hw: Headwater, position: str) -> None:
    """Of the first two events alone: what later ones said is not there, whatever is asked."""
    assert [row.node.key for row in hw.downstream(key_of("a"), known_at="2")] == [key_of("b")]
    assert [path.keys for path in hw.paths(key_of("a"), key_of("b"), known_at="2").paths] == [
        [key_of("a"), key_of("b")]
    ]
    assert [node.key for node in hw.search("db", known_at="2", kinds=["OTHER"])] == [key_of("a"), key_of("b")]
    with pytest.raises(NodeNotFound):
        hw.node(key_of("d"), known_at="2")


def test_runs_are_walked(hw: Headwater, position: str) -> None:
    """From run to run, each edge with the datasets that it goes through."""
    (page,) = hw.downstream(run_key_of("r1"), granularity="RUN", at_least=position).pages()
    assert run_key_of("r2") in {row.node.key for row in page.nodes}
    assert all(edge.through for edge in page.edges)


def test_nodes_have_types(hw: Headwater, position: str) -> None:
    """By their kind; what is a run's is not a dataset's."""
    run = hw.node(run_key_of("r1"))
    assert isinstance(run, nodes.Run)
    assert (run.state, run.job) == ("COMPLETED", job_key_of("load"))
    assert isinstance(hw.node(job_key_of("load")), nodes.Job)
    assert [node.key for node in hw.search("db", rows_per_page=2)][:3] == [key_of(name) for name in "abc"]


def test_paths_are_told(hw: Headwater, position: str) -> None:
    """With their edges, and how many there are as text."""
    found = hw.paths(key_of("a"), key_of("d"))
    assert [path.keys for path in found.paths] == [[key_of(name) for name in "abcd"]]
    assert (found.path_count_at_least, found.path_count_exact) == ("1", True)


def test_a_walk_is_seen_from_further_away(hw: Headwater, position: str) -> None:
    """Groups across pages, with the edges between them; a hidden kind is passed through."""
    (group,) = hw.rollup(key_of("d"), "upstream", group_by="NAMESPACE", at_least=position)
    assert (group.nodes, group.inside, group.node) == (4, 3, None)
    walk = hw.rollup(
        job_key_of("report"), "upstream", granularity="JOB", hide_kinds=["OTHER"], rows_per_page=1
    )
    pages = list(walk.pages())
    assert [one.key for page in pages for one in page.groups] == [
        job_key_of(name) for name in ("report", "mart", "load")
    ]
    assert isinstance(pages[0].groups[0].node, nodes.Job)
    assert [(edge.source, edge.target, edge.via) for page in pages for edge in page.edges] == [
        (job_key_of("mart"), job_key_of("report"), 1),
        (job_key_of("load"), job_key_of("mart"), 1),
    ]


def test_the_columns_of_a_table_are_told(hw: Headwater, position: str) -> None:
    """Each with its two sides; across pages."""
    fields = hw.field_lineage(key_of("b"), rows_per_page=1, at_least=position)
    told = [(one.field.path, [edge.source for edge in one.sources], one.targets) for one in fields]
    assert told == [("x", [f"{key_of('a')}#p"], []), ("y", [], [])]
    assert fields.completeness.complete


def test_a_datasets_past_is_told(hw: Headwater, position: str) -> None:
    """Intervals with the runs that opened them, and the events of a run as they came."""
    walk = hw.history(key_of("b"), source=key_of("a"), at_least=position)
    (edge,) = walk
    assert (edge.source, edge.job, edge.evidence) == (key_of("a"), job_key_of("load"), "COLUMN")
    assert edge.intervals[0].opened_by == [run_key_of("r1")]
    events = hw.run_events(run_key_of("r1"), rows_per_page=1)
    assert [one.event_type for one in events] == ["START", "COMPLETE"]
    assert events.completeness.complete


def test_two_times_are_compared(hw: Headwater, position: str) -> None:
    """What came since, page by page; the guesses of the whole are not counted once for each page."""
    walk = hw.diff(key_of("c"), a_as_of="2026-05-01T03:00:00Z", rows_per_page=1, at_least=position)
    pages = list(walk.pages())
    assert len(pages) > 1
    assert {one.change for page in pages for one in page.differences} == {"ADDED"}
    assert sum(count.count for count in pages[0].counts) == sum(len(page.differences) for page in pages)
    assert walk.completeness.guessed_edges == pages[0].completeness.guessed_edges == 1
    assert isinstance(pages[0].a.node, nodes.Dataset)


def test_an_event_is_handed_over_and_read_back(hw: Headwater) -> None:
    """The receipt's position makes a question wait for the event; the same one again is a duplicate."""
    receipt = hw.emit(EVENT)
    assert (receipt.duplicate, [one.pointer for one in receipt.warnings]) == (False, ["/outputs/1"])
    out = dataset_key("client", "out")
    walk = hw.upstream(out, at_least=receipt.position)
    assert [row.node.key for row in walk] == [dataset_key("client", "in")]
    again = hw.emit(msgspec.json.encode(EVENT))
    assert (again.duplicate, again.id, again.position) == (True, receipt.id, receipt.position)


def test_of_many_events_the_good_ones_are_kept(hw: Headwater) -> None:
    """Across batches; each refused one is named by its place among all, and so is each warning."""
    many: list[dict[str, Any]] = [
        {
            "eventTime": f"2026-05-03T00:{n // 60:02}:{n % 60:02}Z",
            "dataset": {"namespace": "many", "name": f"{n}"},
        }
        for n in range(1_200)
    ]
    many[700] = {"eventTime": "2026-05-03T00:00:00Z"}
    many[1_100] = EVENT | {"eventTime": "2026-05-04T00:00:00Z"}
    told = hw.emit_many(iter(many))
    assert (told.accepted, told.duplicates) == (1_199, 0)
    assert [(one.index, one.code) for one in told.failed] == [(700, "IDENTITY_MISSING")]
    assert [(one.index, one.pointer) for one in told.warnings] == [(1_100, "/outputs/1")]
    assert hw.node(dataset_key("many", "1199"), at_least=told.position).name == "1199"
    assert hw.emit_many([]) == receipts.Receipts(0, 0, [], [], None)


def test_refusals_have_the_servers_code_and_words(hw: Headwater, position: str) -> None:
    """One class for each code, with the values that the server told."""
    with pytest.raises(NodeNotFound, match="did you mean") as missing:
        hw.node("dataset:db:aa", at_least=position)
    assert (missing.value.code, missing.value.values["near"][0]) == ("NOT_FOUND", key_of("a"))
    with pytest.raises(BadKey):
        hw.node("nope")
    with pytest.raises(LimitExceeded):
        next(iter(hw.upstream(key_of("a"), rows_per_page=10**6)))
    with pytest.raises(EventRejected) as refused:
        hw.emit({**EVENT, "eventTime": "soon"})
    assert (refused.value.code, refused.value.pointer) == ("EVENT_TIME_BAD", "/eventTime")
    with pytest.raises(BadJson):
        hw.emit("{")
    with pytest.raises(BadInput, match="no parameter 'as_off'"):
        list(hw.upstream(key_of("a"), as_off="2026"))  # type: ignore[call-arg]
    with pytest.raises(BadInput, match="plain JSON values"):
        hw.emit({"eventTime": datetime.now(UTC)})


def test_status_says_how_far_the_graph_is(hw: Headwater, position: str) -> None:
    """Ready, and nothing is waited for."""
    status = hw.status()
    assert (status.ready, status.reason, status.blocked) == (True, None, None)
    assert hw.ready()


def test_a_server_without_its_graph_is_told_not_raised(tmp_path: Path) -> None:
    """`status` says why; a question raises the typed error, and events are taken."""
    with serving(tmp_path / "home") as served, at(served.port) as hw:
        assert not hw.ready()
        assert (hw.status().reason or {})["code"] == "STORE_UNAVAILABLE"
        with pytest.raises(StoreUnavailable):
            hw.node(key_of("a"))
        assert not hw.emit(EVENT).duplicate


def test_keys_are_sent(tmp_path: Path) -> None:
    """With the key events are taken, without it nothing is."""
    with serving(tmp_path / "home", api_keys=SecretStr("k1")) as served:
        with at(served.port, api_key="k1") as hw:
            assert not hw.emit(EVENT).duplicate
        with at(served.port) as stranger, pytest.raises(Unauthorized, match="say who you are"):
            stranger.emit(EVENT)


def test_what_can_pass_is_asked_again_and_nothing_else(tmp_path: Path) -> None:
    """503 twice and then an answer: three requests. Any other refusal, or no patience: one."""
    seen: list[str] = []
    said = iter([503, 503, 200, 500, 503])
    node = {"key": "dataset:a:b", "kind": "TABLE", "namespace": "a", "name": "b", "of a later version": 1}

    async def flaky(request: Request) -> Response:
        seen.append(request.url.path)
        status = next(said)
        refusal = {"code": "REBUILDING" if status == 503 else "SOMETHING_NEW", "message": "so it is"}
        return JSONResponse(node if status == 200 else refusal, status)

    routes = [Route("/flaky/api/v1/graph/node", flaky)]
    with serving(tmp_path / "home", routes=routes) as served:
        with at(served.port, "/flaky", patience_s=5) as hw:
            assert hw.node("dataset:a:b").kind == "TABLE"
            assert len(seen) == 3
            with pytest.raises(LineageError) as unknown:
                hw.node("dataset:a:b")
            assert (unknown.value.code, unknown.value.message, len(seen)) == ("SOMETHING_NEW", "so it is", 4)
        with at(served.port, "/flaky") as hw, pytest.raises(LineageError, match="so it is"):
            hw.node("dataset:a:b")
    assert len(seen) == 5


def test_a_longer_wait_than_there_is_patience_for_is_not_begun(tmp_path: Path) -> None:
    """The server says to come back in an hour: the error is told now."""
    seen: list[int] = []

    async def later(_: Request) -> Response:
        seen.append(1)
        return JSONResponse({"code": "NOT_CAUGHT_UP", "message": "later"}, 503, {"Retry-After": "3600"})

    routes = [Route("/later/api/v1/graph/node", later)]
    with (
        serving(tmp_path / "home", routes=routes) as served,
        at(served.port, "/later", patience_s=60) as hw,
        pytest.raises(NotCaughtUp),
    ):
        hw.node("dataset:a:b")
    assert seen == [1]


def test_an_event_whose_answer_was_lost_is_sent_again(tmp_path: Path) -> None:
    """The connection breaks before the answer: the event goes out once more, and was kept once."""
    with serving(tmp_path / "home") as served, breaking(served.port) as port, at(port, patience_s=5) as hw:
        assert hw.emit(EVENT).duplicate, "the first time had reached the server"
        assert served.journal.end() == 1


def test_an_answer_that_does_not_come_is_not_waited_for() -> None:
    """A time-out ends the request, and it is not sent again."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        hw = Headwater(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.3, patience_s=60)
        with hw, pytest.raises(Unreachable, match="did not answer in time"):
            hw.node("dataset:a:b")


def test_who_is_no_server_is_told(tmp_path: Path) -> None:
    """Nobody there, somebody else there, an answer that is none of ours, no address at all."""
    with at(free_port()) as nobody:
        with pytest.raises(Unreachable, match="headwater serve"):
            nobody.status()
        assert not nobody.ready()
    odd = [
        Route("/page/api/v1/graph/node", lambda _: HTMLResponse("<h1>Hello")),
        Route("/list/api/v1/graph/node", lambda _: JSONResponse([1])),
        Route("/gone/api/v1/graph/node", lambda _: HTMLResponse("no", 404)),
    ]
    with serving(tmp_path / "home", routes=odd) as served:
        for base in ("/page", "/list", "/gone"):
            with at(served.port, base) as hw, pytest.raises(Unreachable, match="is this a Headwater server"):
                hw.node("dataset:a:b")
    for wrong in ("nonsense", "ftp://x", "http://[::1"):
        with pytest.raises(BadInput, match="write it like"), Headwater(wrong) as hw:
            hw.node("dataset:a:b")


THEIRS = (
    results, rollup, columns, differences, catalogue, told_of_models, ml_paths, compare_models, deciding, telling,
)  # fmt: skip
SAME_NAMES = [
    (ours, theirs)
    for told in (nodes, answers, histories, receipts, decisions, provenances)
    for ours in vars(told).values()
    if isinstance(ours, type(msgspec.Struct)) and ours.__module__ == told.__name__
    for theirs in (vars(module).get(ours.__name__) for module in THEIRS)
    if isinstance(theirs, type(msgspec.Struct)) and theirs.__module__ in {one.__name__ for one in THEIRS}
]


@pytest.mark.parametrize(("ours", "theirs"), SAME_NAMES, ids=lambda kind: kind.__name__)
def test_answers_have_the_fields_of_the_server(
    ours: type[msgspec.Struct], theirs: type[msgspec.Struct]
) -> None:
    """The client knows nothing of the server's code; what both call the same has the same fields.

    Of an event the server keeps its `order` to itself.
    """
    assert [*ours.__struct_fields__] == [name for name in theirs.__struct_fields__ if name != "order"]


@contextmanager
def at(port: int, base: str = "", *, api_key: str = "", patience_s: float = 0.0) -> Iterator[Headwater]:
    """A client of a server on this machine, impatient unless it is said otherwise."""
    with Headwater(f"http://127.0.0.1:{port}{base}", api_key=api_key, patience_s=patience_s) as connection:
        yield connection


@contextmanager
def breaking(port: int) -> Iterator[int]:
    """A way to a server that loses the first answer."""

    def carry(listening: socket.socket) -> None:
        for number in range(2):
            client, _ = listening.accept()
            with client, socket.create_connection(("127.0.0.1", port)) as server:
                answer = exchanged(client, server)
                if number:
                    client.sendall(answer)

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        carrier = threading.Thread(target=carry, args=(listening,), daemon=True)
        carrier.start()
        yield listening.getsockname()[1]
        carrier.join(10)


def exchanged(client: socket.socket, server: socket.socket) -> bytes:
    """Carry a request over, in as many pieces as it comes, until it is answered."""
    while True:
        ready, _, _ = select.select([client, server], [], [], 10)
        if server in ready:
            return server.recv(1 << 20)
        assert ready, "nothing came"
        server.sendall(client.recv(1 << 20))
