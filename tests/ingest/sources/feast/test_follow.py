"""Is a registry read into the journal, once each, and is it said what stands in the way?"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from graph_schema.errors import BadInput, LineageError
from ingest.journal import Journal
from ingest.sources.feast.asking import access_of
from ingest.sources.feast.changes import planned
from ingest.sources.feast.follow import Follower, Reading
from ingest.sources.feast.kept import Kept, locked
from ingest.sources.feast.places import aliases_of
from ingest.sources.feast.things import things_of
from ingest.sources.mlflow.mapping.names import project_namespace
from ingest.standing import told
from tests.workflow.recorded import CONFIGURED, NAMESPACE, answers, changed, snapshot
from tests.workflow.replay import Asked, Said, answering, registry

Json = dict[str, Any]


@contextmanager
def opened(home: Path) -> Iterator[Journal]:
    home.mkdir(exist_ok=True)
    with closing(Journal.open(home / "journal.sqlite")) as journal:
        yield journal


def read_once(home: Path, url: str, *, again: bool = False, anew: bool = False, alias: str = "") -> Json:
    """Read a registry once, and give how that was."""
    reading = Reading(access_of(url, timeout_s=1.0), CONFIGURED, aliases_of([alias]))
    with opened(home) as journal:
        follower = Follower(home, journal, reading)
        asyncio.run(follower.run(asyncio.Event(), once=True, again=again, anew=anew))
        return follower.standing()


def events_of(home: Path) -> list[Json]:
    """Give the events of a home's journal."""
    with opened(home) as journal:
        return [json.loads(one.body) for one in journal.read_after(0, 1_000)]


def test_a_registry_is_read_and_then_what_changed(tmp_path: Path) -> None:
    """All of it at first; nothing where nothing changed; one event for one change."""
    now = answers()
    with answering(registry(lambda: now)) as url:
        standing = read_once(tmp_path, url)
        assert (standing["events"], standing["projects"], standing["things"]) == (16, 1, 13)
        assert standing["version"] == "0.67.0"
        assert "3 sources without a place outside Feast" in standing["notes"][0]
        assert read_once(tmp_path, url)["events"] == 16
        now = changed("feature_views", lambda views: views[0]["spec"].update(description="Who asks."))
        assert read_once(tmp_path, url)["events"] == 17
    told_last = events_of(tmp_path)[-1]
    assert told_last["job"] == {
        **told_last["job"],
        "namespace": NAMESPACE,
        "name": "feature_view_applicant_profile",
    }


def test_lists_alone_are_asked_for(tmp_path: Path) -> None:
    """Asking for one object makes the server write that somebody looked; and its cache may be ten minutes old."""
    asked: list[Asked] = []
    replay = registry(answers)

    def answer(question: Asked) -> Said:
        asked.append(question)
        return replay(question)

    with answering(answer) as url:
        read_once(tmp_path, f"{url}/api/v1/")
    assert {one.path.count("/") for one in asked} == {3}
    assert all("allow_cache=false" in one.query for one in asked)


def test_a_change_is_believed_when_two_readings_agree(tmp_path: Path) -> None:
    """Several questions are one reading: a registry that is written between them looks as if views were gone."""
    torn = [changed("feature_views", lambda views: views.clear())["feature_views"]]

    def answer(question: Asked) -> Said:
        if question.path.endswith("/feature_views") and torn:
            return Said(torn.pop())
        return registry(answers)(question)

    with answering(registry(answers)) as url:
        read_once(tmp_path, url)
    with answering(answer) as url:
        assert read_once(tmp_path, url)["events"] == 16
    assert "DROP" not in json.dumps(events_of(tmp_path))


def test_a_crash_between_note_and_journal_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """What is noted is put into the journal by whoever opens the file next; what is there already is known."""
    plan = planned(
        {}, things_of(snapshot(), NAMESPACE, ()), namespace=NAMESPACE, found_at="2026-12-01T00:00:00.000000Z"
    )
    with opened(tmp_path) as journal:
        kept = Kept(tmp_path, journal)
        kept.save("loans", NAMESPACE, [plan])
        kept.close()  # killed before the journal had it
    with answering(registry(answers)) as url:
        assert read_once(tmp_path, url)["events"] == 16
        with opened(tmp_path) as journal:
            kept = Kept(tmp_path, journal)
            kept.save("loans", NAMESPACE, [plan])
            kept.close()  # killed before the note was taken away
        standing = read_once(tmp_path, url)
    assert (standing["events"], standing["duplicates"]) == (16, 13)
    assert len(events_of(tmp_path)) == 16


def test_all_is_told_again_on_request(tmp_path: Path) -> None:
    """For whoever let others speak of the same names meanwhile; and a ledger that is lost tells what the journal has."""
    with answering(registry(answers)) as url:
        read_once(tmp_path, url)
        assert read_once(tmp_path, url, again=True)["events"] == 29
        for file in tmp_path.glob("feast.sqlite*"):
            file.unlink()
        standing = read_once(tmp_path, url)
    assert (standing["events"], standing["duplicates"]) == (0, 16)


def test_another_registry_is_refused(tmp_path: Path) -> None:
    """All views of the one before would seem to be gone; a project that is gone beside others is gone."""
    other = json.dumps({"projects": [{"spec": {"name": "other"}, "meta": {}}]}).encode()
    both = json.dumps({"projects": [{"spec": {"name": "loans"}}, {"spec": {"name": "other"}}]}).encode()
    now = answers()
    with answering(registry(lambda: now)) as url:
        read_once(tmp_path, url)
        now = {**answers(), "projects": other}
        with pytest.raises(LineageError, match=r"none of the projects .* \(loans\).*--anew") as found:
            read_once(tmp_path, url)
        assert found.value.code == "FOREIGN_SOURCE"
        now = {**answers(), "projects": both}
        assert read_once(tmp_path, url)["projects"] == 2
        now = {**answers(), "projects": other}
        read_once(tmp_path, url)
        gone = [event for event in events_of(tmp_path) if '"DROP"' in json.dumps(event)]
        assert len(gone) == 13
        now = answers()
        assert read_once(tmp_path, url, anew=True)["projects"] == 1


def slow(_: Asked) -> Said:
    time.sleep(3)
    return Said()


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        (lambda _: Said(b"<html>", kind="text/html"), "SOURCE_REFUSED", "answers no JSON"),
        (lambda _: Said(b'{"detail":"no token"}', 401), "SOURCE_REFUSED", "HEADWATER_FEAST_TOKEN"),
        (lambda _: Said(b'{"detail":"no"}', 403), "SOURCE_REFUSED", "HEADWATER_FEAST_TOKEN"),
        (lambda _: Said(b'{"detail":"Not Found"}', 404), "SOURCE_REFUSED", "feast serve_registry --rest-api"),
        (lambda _: Said(b"", 302, headers={"location": "/login"}), "SOURCE_REFUSED", "/login"),
        (lambda _: Said(b'{"detail":"boom"}', 500), "SOURCE_UNAVAILABLE", "boom"),
        (lambda _: Said(b'{"error":"no registry file"}'), "SOURCE_UNAVAILABLE", "no registry file"),
        (lambda _: Said(b'{"projects":[{"name":"flat"}]}'), "SOURCE_REFUSED", "another form than Feast 0.67"),
        (lambda _: Said(b"{"), "SOURCE_REFUSED", "another form than Feast 0.67"),
        (slow, "SOURCE_UNAVAILABLE", "HEADWATER_FEAST_TIMEOUT_S"),
    ],
)
def test_what_stands_in_the_way_is_said(
    tmp_path: Path, answer: Callable[[Asked], Said], code: str, says: str
) -> None:
    """With a stable code and the next step; nothing is told that was not read."""
    with answering(answer) as url, pytest.raises(LineageError) as found:
        read_once(tmp_path, url)
    assert found.value.code == code
    assert says in found.value.message
    assert events_of(tmp_path) == []


def test_a_server_that_is_away_is_asked_again(tmp_path: Path) -> None:
    """It says so meanwhile, and goes on by itself when it is back."""
    with answering(registry(answers)) as url:
        pass

    async def followed() -> None:
        stop = asyncio.Event()
        with opened(tmp_path) as journal:
            follower = Follower(
                tmp_path, journal, Reading(access_of(url, timeout_s=1.0), CONFIGURED, pause_s=0.1)
            )
            task = asyncio.create_task(follower.run(stop))
            while (told(tmp_path, "feast") or {}).get("state") != "waiting":  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            standing = told(tmp_path, "feast") or {}
            assert (standing["error"]["code"], standing["up"]) == ("SOURCE_UNAVAILABLE", False)
            stop.set()
            await task

    asyncio.run(asyncio.wait_for(followed(), 30))


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """Two would tell the same change with two times."""
    with locked(tmp_path), pytest.raises(LineageError) as found, locked(tmp_path):
        pass
    assert found.value.code == "ALREADY_FOLLOWING"


@pytest.mark.parametrize("text", ["", "ftp://x", "localhost:6572", "http://", "http://h:port"])
def test_an_address_that_is_none_is_refused(text: str) -> None:
    """Before anything is asked."""
    with pytest.raises(BadInput, match="http://HOST:6572"):
        access_of(text)


def test_no_password_is_shown() -> None:
    """Neither in what is told nor in how it is printed."""
    access = access_of("http://me:secret@host:6572", token="t0ken")
    assert access.shown == "http://me:***@host:6572"
    assert "secret" not in repr(access)
    assert "t0ken" not in repr(access)


@pytest.mark.parametrize(
    ("configured", "project", "namespace"),
    [
        ("", "loans", "loans"),
        ("feast", "loans", "loans"),
        ("feast://h", "loans", "feast://h/loans"),
        ("feast://h/loans", "loans", "feast://h/loans"),
        ("loans", "loans", "loans"),
    ],
)
def test_a_namespace_is_made_by_feasts_own_rule(configured: str, project: str, namespace: str) -> None:
    """So that both name the same datasets."""
    assert project_namespace(configured, project) == namespace
