"""Does every accepted event arrive, in order per run, whatever the receiver does?"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest

from tests.ingest.forward.receiver import FAILS, HTML, Receiver, Reply, as_recorded, receiving
from tests.ingest.forward.told import (
    by_run,
    caught_up,
    first_arrivals,
    forwarding,
    keep,
    listed,
    raw,
    runs,
    standing,
    start,
    until,
)
from tests.needs import SHARED, need


def arrived_in_order(receiver: Receiver, bodies: list[bytes]) -> None:
    """Everything was taken, and the events of each run came first in the order of the journal."""
    firsts = first_arrivals(receiver.taken)
    assert set(firsts) == set(bodies)
    assert by_run(firsts) == by_run(bodies)


def goes_on(receiver: Receiver, done: Callable[[], bool]) -> Callable[[], bool]:
    """Tell whether more has arrived since now, or everything has."""
    before = len(receiver.arrived)
    return lambda: len(receiver.arrived) > before or done()


def test_bytes_go_on_as_they_came(tmp_path: Path) -> None:
    """One event a request, byte for byte, with the key; each once; several at once, in order per run."""
    odd = b' {"eventTime" : "2026-05-01T10:00:00Z","run":{"runId":"x"},"job":{"namespace":"\\u00e4","name":"x"}} \n'
    bodies = [*runs(60), odd]
    end = keep(tmp_path, bodies)[-1]
    with receiving(lambda _: Reply(hang_s=0.005)) as receiver:
        with forwarding(tmp_path, f"{receiver.url}/", key="k-1"):
            until(caught_up(tmp_path, end), "all is forwarded")
        assert Counter(receiver.arrived) == Counter(bodies)
        arrived_in_order(receiver, bodies)
        assert set(receiver.keys) == {"Bearer k-1"}
        assert receiver.paths == {"/api/v1/lineage"}
        assert receiver.at_once_most > 1
    found = standing(tmp_path)
    assert (found["forwarded"], found["refused"], found["waiting"]) == (len(bodies), 0, 0)


def test_what_only_a_lenient_reader_takes_is_written_anew(tmp_path: Path) -> None:
    """A mark of byte order, UTF-16 or half a character: the same event as plain JSON."""
    event = json.loads(raw("1 START r1 load: a -> c"))
    bodies = [b"\xef\xbb\xbf" + json.dumps(event).encode(), json.dumps({**event, "more": 1}).encode("utf-16")]
    end = keep(tmp_path, bodies)[-1]
    with receiving() as receiver:
        with forwarding(tmp_path, receiver.url):
            until(caught_up(tmp_path, end), "all is forwarded")
        assert [json.loads(body) for body in receiver.taken] == [event, {**event, "more": 1}]


def test_what_came_from_the_receiver_is_not_sent_back(tmp_path: Path) -> None:
    """Events whose source is Marquez's own table are passed over, and the cursor with them."""
    bodies = runs(4)
    keep(tmp_path, bodies[:5], source="marquez")
    end = keep(tmp_path, bodies[5:7])[-1]
    end = max(end, keep(tmp_path, bodies[7:], source="marquez")[-1])
    with receiving() as receiver:
        with forwarding(tmp_path, receiver.url):
            until(caught_up(tmp_path, end), "all is passed")
        assert set(receiver.taken) == set(bodies[5:7])
    assert standing(tmp_path)["kept_back"] == len(bodies) - 2


def test_a_receiver_that_is_new_may_begin_with_what_comes(tmp_path: Path) -> None:
    """`--begin new` leaves the past out, once: a second start goes on where the first ended."""
    old, new, later = runs(30)[:20], runs(30)[20:40], runs(30)[40:]
    keep(tmp_path, old)
    with receiving() as receiver:
        with forwarding(tmp_path, receiver.url, "--begin", "new"):
            until(lambda: standing(tmp_path), "it began")
            end = keep(tmp_path, new)[-1]
            until(caught_up(tmp_path, end), "what came is forwarded")
        end = keep(tmp_path, later)[-1]
        with forwarding(tmp_path, receiver.url, "--begin", "new"):
            until(caught_up(tmp_path, end), "what came meanwhile is forwarded")
        assert Counter(receiver.arrived) == Counter([*new, *later])


def test_a_receiver_that_is_away_costs_nothing_and_gets_everything(tmp_path: Path) -> None:
    """Nobody listens, for longer than an event is tried for: nothing is lost; when it is there, all comes, once."""
    bodies = runs(100)
    end = keep(tmp_path, bodies)[-1]
    receiver = Receiver()
    with forwarding(tmp_path, receiver.url):
        until(lambda: standing(tmp_path).get("retries", 0) >= 5, "it was tried")
        found = standing(tmp_path)
        assert (found["up"], found["waiting"], found["error"]["code"]) == (
            False, len(bodies), "RECEIVER_UNREACHABLE",
        )  # fmt: skip
        receiver.start()
        until(caught_up(tmp_path, end), "all is forwarded")
    receiver.stop()
    assert Counter(receiver.arrived) == Counter(bodies)
    arrived_in_order(receiver, bodies)
    assert (standing(tmp_path)["up"], listed(tmp_path)) == (True, [])


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (FAILS, "RECEIVER_FAILS"), (Reply(503, headers={"Retry-After": "1"}), "RECEIVER_BUSY"),
        (Reply(401), "RECEIVER_NOT_LET_IN"), (Reply(404), "RECEIVER_NOT_THERE"),
        (Reply(301, headers={"Location": "http://127.0.0.1:1/"}), "RECEIVER_REDIRECTS"),
        (Reply(cut="before"), "RECEIVER_UNREACHABLE"), (Reply(502, HTML, cut="after"), "RECEIVER_UNREACHABLE"),
        (Reply(400, HTML, hang_s=8.0), "RECEIVER_SLOW"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)  # fmt: skip
def test_a_receiver_that_takes_nothing_is_waited_for(tmp_path: Path, reply: Reply, code: str) -> None:
    """Failing, busy, closed, moved, cut or hanging for everybody: told by its code, and nothing is dropped."""
    bodies = runs(10)
    end = keep(tmp_path, bodies)[-1]
    with receiving(lambda _: reply) as receiver, forwarding(tmp_path, receiver.url, "--timeout-s", "0.5"):
        until(lambda: standing(tmp_path).get("retries", 0) >= 4, "it was tried")
        until(lambda: standing(tmp_path).get("error", {}).get("code") == code, code)
        assert standing(tmp_path)["forwarded"] == 0
        receiver.behave = lambda _: Reply()
        until(caught_up(tmp_path, end), "all is forwarded")
        arrived_in_order(receiver, bodies)
    assert listed(tmp_path) == []


def test_a_receiver_with_many_faults_gets_everything_in_order(tmp_path: Path) -> None:
    """Now and then it fails, cuts the answer or the request, says it is busy, or is slow: in order per run all the same."""
    bodies = runs(120)
    end = keep(tmp_path, bodies)[-1]
    dice = random.Random(7)
    faults = cycle([FAILS, Reply(cut="before"), Reply(201, b"x", cut="after"), Reply(503), Reply(hang_s=0.1)])

    def behave(_: bytes) -> Reply:
        return next(faults) if dice.random() < 0.2 else Reply()

    with receiving(behave) as receiver:
        # One event of 240 may well meet four faults in a row: that alone is no reason to give it up here.
        with forwarding(tmp_path, receiver.url, "--tries-max", "40"):
            until(caught_up(tmp_path, end), "all is forwarded")
        assert listed(tmp_path) == []
        arrived_in_order(receiver, bodies)


def test_what_is_refused_is_listed_and_passed_by(tmp_path: Path) -> None:
    """As a real Marquez answered its recorded events: each arrives once; the refused ones are listed with its answer."""
    corpora = SHARED / "corpora"
    need(
        "recorded answers of a Marquez",
        here=(corpora / "marquez").is_dir(),
        get_it="they lie beside the project",
    )
    posts = [
        json.loads(line) for line in (corpora / "marquez" / "odd" / "posts.ndjson").read_text().splitlines()
    ]
    lines = [((corpora / "openlineage" / one["file"]).read_bytes(), one) for one in posts]
    kept = [body for body, _ in lines if keep(tmp_path, [body])]
    with receiving(as_recorded(lines)) as receiver:
        with forwarding(tmp_path, receiver.url):
            until(lambda: standing(tmp_path).get("waiting") == 0, "all is forwarded")
        arrived = {json.dumps(json.loads(body)) for body in receiver.arrived}
    sent = {json.dumps(json.loads(body)) for body in kept}
    assert arrived <= sent
    by_answer = {one.answer: one for one in listed(tmp_path)}
    for post in posts:
        if post["status"] != 201 and post["body"][:2000] in by_answer:
            assert by_answer[post["body"][:2000]].status == post["status"]
    assert by_answer
    assert {one.reason for one in by_answer.values()} == {"refused"}


def test_one_event_that_fails_for_ever_stops_nobody(tmp_path: Path) -> None:
    """A 500 with HTML for one event again and again, while others are taken: given up, listed, passed by; its run goes on."""
    bodies = runs(200)
    poison = bodies[3]
    end = keep(tmp_path, bodies)[-1]
    behave = lambda body: FAILS if body == poison else Reply(hang_s=0.02)  # noqa: E731 - as short as it is
    with receiving(behave) as receiver, forwarding(tmp_path, receiver.url):
        until(caught_up(tmp_path, end), "all is passed")
        [one] = listed(tmp_path)
        assert (one.reason, one.status, one.job) == ("gave_up", 500, "job:jobs:job3")
        assert one.tries >= 4
        assert one.answer == HTML.decode()
        arrived_in_order(receiver, [body for body in bodies if body != poison])
    assert standing(tmp_path)["refused"] == 1


def test_nothing_is_held_up_by_a_slow_one(tmp_path: Path) -> None:
    """While one event hangs, those of other jobs go on; its own run waits."""
    bodies = runs(60)
    slow = bodies[0]
    keep(tmp_path, bodies)
    with receiving(lambda body: Reply(hang_s=3.0 if body == slow else 0.0)) as receiver:
        with forwarding(tmp_path, receiver.url):
            began = time.monotonic()
            until(lambda: len(receiver.taken) >= len(bodies) * 0.85, "the others are taken")
            assert time.monotonic() - began < 3.0
            until(lambda: len(receiver.taken) == len(bodies), "all is taken")
        arrived_in_order(receiver, bodies)


@pytest.mark.slow
def test_killed_at_any_point_it_repeats_few_and_loses_none(tmp_path: Path) -> None:
    """Kill -9 at random points while sending: all arrives, first arrivals in order per run, the refused are listed once."""
    bodies = runs(300)
    refusing = set(bodies[::37])
    end = keep(tmp_path, bodies)[-1]
    dice = random.Random(3)
    kills = 0

    def behave(body: bytes) -> Reply:
        return (
            Reply(422, b'{"errors":["no"]}', "application/json") if body in refusing else Reply(hang_s=0.01)
        )

    with receiving(behave) as receiver:
        while not caught_up(tmp_path, end)() and kills < 60:
            process = start(tmp_path, receiver.url)
            until(goes_on(receiver, caught_up(tmp_path, end)), "it sends")
            time.sleep(dice.random() * 0.4)
            process.kill()
            process.wait()
            kills += 1
        with forwarding(tmp_path, receiver.url):
            until(caught_up(tmp_path, end), "all is forwarded")
        arrived_in_order(receiver, [body for body in bodies if body not in refusing])
        repeated = len(receiver.arrived) - len(set(receiver.arrived))
    assert kills > 3
    assert repeated <= kills * 40
    assert len(listed(tmp_path)) == len(refusing)


def test_two_forwarders_of_one_home_take_turns(tmp_path: Path) -> None:
    """A second one waits until the first has ended, and goes on from there."""
    bodies = runs(40)
    keep(tmp_path, bodies[:60])
    with receiving() as receiver:
        with forwarding(tmp_path, receiver.url) as first, forwarding(tmp_path, receiver.url):
            until(lambda: len(receiver.arrived) == 60, "the first part is forwarded")
            first.kill()
            end = keep(tmp_path, bodies[60:])[-1]
            until(caught_up(tmp_path, end), "the second goes on")
        arrived_in_order(receiver, bodies)
        assert len(receiver.arrived) - len(bodies) <= 40
