"""Can an operator see what was refused, set aside, found to clash, or not merged?"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from app.demo.scratch import Server
from graph_schema.identity import dataset_key, job_key, run_key
from graph_schema.instants import now
from ingest.forward.ledger import FILE, Counts, Finished, Ledger
from ingest.journal import Journal, Record
from queries.cursors import encode_cursor
from queries.received import ForwardRefused
from queries.results import ODDITY_KINDS
from tests.app.asked import graphql
from tests.arrows import event, run_text
from tests.server import headwater

Json = dict[str, Any]
NAMES = [f"n{n:03d}" for n in range(256)]


def ask(server: Server, status: int = 200, **query: str | int) -> Json:
    answer = httpx.get(f"{server.url}/api/v1/oddities", params=query, timeout=30)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


def pages(server: Server, kind: str, **query: Any) -> list[list[Json]]:
    """Every page of a list."""
    found, after = [], ""
    while True:
        answer = ask(server, kind=kind, after=after, **query)
        found.append(answer["oddities"])
        if not answer["page_info"]["has_next_page"]:
            return found
        after = answer["page_info"]["end_cursor"]


def refuse(server: Server, journal: str) -> None:
    """Write down that a Marquez refused two events, as the forwarder does."""
    ledger = Ledger(server.home / FILE)
    receiver = ledger.begin("http://127.0.0.1:5000", journal, start=0)
    rows = [
        ForwardRefused(
            position=str(position),
            at=now(),
            reason="refused",
            status=422,
            answer="no",
            tries=1,
            run=None,
            job=None,
        )
        for position in (2, 3)
    ]
    ledger.keep(receiver.id, 3, Counts(refused=2), Finished(refused=rows))
    ledger.close()


@pytest.fixture(scope="module")
def odd(server: Server) -> Server:
    """A server that was sent everything odd there is."""
    lines = [
        f"1 DATASET {hub} | symlinks={hub}:{','.join(hub + name for name in NAMES)}" for hub in ("h1", "h2")
    ]
    lines += [
        f"{hour} START r{n} {job}: a -> b" for n in (1, 2, 3) for hour, job in ((1, "load"), (2, "mart"))
    ]
    lines.append("3 COMPLETE r9 load: a -> b")
    door = f"{server.url}/api/v1/lineage"
    answer = httpx.post(f"{door}/batch", json=[event(line)[0] for line in lines], timeout=30)
    assert answer.json()["status"] == "success"
    for bad in (
        b"{",
        b'{"eventTime": "2026-05-01"}',
        b'{"eventTime": "2026-05-01T00:00:00Z", "secret": "hunter2"}',
    ):
        assert httpx.post(door, content=bad).status_code in (400, 422)
    journal = Journal.open(server.home / "journal.sqlite")
    digest = b"\x07" * 32
    reason = "position 7: boom"
    journal.append(
        [
            Record(
                "set-aside",
                digest,
                digest,
                suspect=False,
                received_at=now(),
                source="projector",
                reason=reason,
            )
        ]
    )
    refuse(server, journal.id)
    journal.close()
    ask(server, kind="job_clash", at_least=answer.json()["position"])
    return server


def test_clashes_are_listed(odd: Server) -> None:
    """F8: each run whose id several jobs used, with its job and the others; the others are no oddity."""
    (rows,) = pages(odd, "job_clash")
    load, mart = job_key("jobs", "load"), job_key("jobs", "mart")
    assert rows == [
        {"run": run_key(run_text(name)), "job": load, "others": [mart]} for name in ("r1", "r2", "r3")
    ]


def test_groups_that_were_not_merged_are_listed(odd: Server) -> None:
    """F9: each group above 256 names, how many there are, and the first twenty of them."""
    (rows,) = pages(odd, "symlink_group_too_big")
    assert [(row["first"], row["names"]) for row in rows] == [
        (dataset_key("db", hub), 257) for hub in ("h1", "h2")
    ]
    assert rows[0]["keys"] == [
        dataset_key("db", name) for name in ("h1", *(f"h1{name}" for name in NAMES[:19]))
    ]
    asked = '{ dataset(namespace: "db", name: "h1n200") { unmerged aliasOf { key } } }'
    assert graphql(odd, asked)["data"]["dataset"] == {"unmerged": dataset_key("db", "h1"), "aliasOf": None}


def test_refused_bodies_are_listed_without_what_they_hold(odd: Server) -> None:
    """DESIGN 3: when, from whom, how long and why; a body may hold a secret and is not shown."""
    (rows,) = pages(odd, "rejected")
    assert [(row["code"], row["pointer"]) for row in rows] == [
        ("BAD_JSON", ""), ("EVENT_TIME_BAD", "/eventTime"), ("IDENTITY_MISSING", "/job"),
    ]  # fmt: skip
    assert [(row["bytes"] > 0, row["source"]) for row in rows] == [(True, "http")] * 3
    assert "hunter2" not in json.dumps(rows)


def test_events_set_aside_are_listed(odd: Server) -> None:
    """D7: which event, when and why."""
    ((row,),) = pages(odd, "set_aside")
    assert (row["id"], row["message"], row["source"]) == ("07" * 32, "position 7: boom", "projector")


@pytest.mark.parametrize("kind", ODDITY_KINDS)
def test_pages_join_to_the_whole_list(odd: Server, kind: str) -> None:
    """A page that was cut says so, and its cursor goes on where it ended."""
    (whole,) = pages(odd, kind)
    parts = pages(odd, kind, limit=1)
    assert [row for page in parts for row in page] == whole
    assert [len(page) for page in parts] == [1] * len(whole)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "BAD_INPUT"), ({"kind": "strange"}, "BAD_INPUT"), ({"kind": "rejected", "limit": 0}, "BAD_INPUT"),
        ({"kind": "rejected", "limit": 10001}, "LIMIT_EXCEEDED"), ({"kind": "rejected", "limits": 1}, "BAD_INPUT"),
        ({"kind": "rejected", "after": "x"}, "BAD_INPUT"),
        ({"kind": "rejected", "after": encode_cursor(["oddities", "job_clash"], ("x",))}, "BAD_INPUT"),
        ({"kind": "rejected", "after": encode_cursor(["oddities", "rejected"], ("x",))}, "BAD_INPUT"),
        ({"kind": "set_aside", "after": encode_cursor(["oddities", "set_aside"], (2**70,))}, "BAD_INPUT"),
    ],
)  # fmt: skip
def test_wrong_questions_are_refused(odd: Server, query: dict[str, Any], code: str) -> None:
    """An unknown kind, a page beyond the limits, a cursor of another list: 400 with a code."""
    assert ask(odd, 400, **query)["code"] == code


def test_on_the_command_line(odd: Server) -> None:
    """`headwater oddities` shows every kind, and one kind in pages; nothing odd is exit code 0 too."""
    shown = headwater("oddities", "--limit", "2", "--server", odd.url)
    assert shown.returncode == 0, shown.stderr
    for part in (
        "rejected (2, the first ones)",
        "set_aside (1)",
        "job_clash (2, the first ones)",
        "BAD_JSON",
        "names=257",
    ):
        assert part in shown.stdout
    told = json.loads(headwater("oddities", "--json", "--server", odd.url).stdout)
    assert {kind: len(answer["oddities"]) for kind, answer in told.items()} == {
        "rejected": 3, "set_aside": 1, "job_clash": 3, "symlink_group_too_big": 2, "forward_refused": 2,
    }  # fmt: skip
    one = json.loads(headwater("oddities", "job_clash", "--limit", "1", "--json", "--server", odd.url).stdout)
    after = one["page_info"]["end_cursor"]
    rest = headwater("oddities", "job_clash", "--after", after, "--json", "--server", odd.url)
    assert len(json.loads(rest.stdout)["oddities"]) == 2
    assert headwater("oddities", "--after", after, "--server", odd.url).returncode == 2
    assert headwater("oddities", "strange", "--server", odd.url).returncode == 2
