"""Can somebody with a browser and no internet ask a question? Seen with a real one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from app.demo.scratch import Server, wait_ready
from tests.app.asked import post_story
from tests.arrows import key_of
from tests.browser.chromium import PATIENCE_MS, PHONE, WIDE, Watched, browsing
from tests.needs import ROOT
from tests.server import headwater

EXAMPLES = json.loads((ROOT / "app" / "graphql" / "files" / "examples.json").read_text())
DOWNSTREAM = next(one for one in EXAMPLES if "downstream(" in one["query"])
CHANGES = f'subscription {{ changes(of: "{key_of("a")}", direction: DOWNSTREAM) {{ added nodes position }} }}'

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as running:
        yield running


@pytest.fixture(scope="module")
def estate(server: Server) -> Server:
    """A server that holds the sample."""
    found = headwater("ingest", "app/demo/estate.ndjson", "--server", server.url, cwd=ROOT)
    assert found.returncode == 0, found.stderr
    wait_ready(server)
    return server


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_an_example_is_picked_asked_and_answered(
    browser: Browser, estate: Server, size: tuple[int, int]
) -> None:
    """From the landing page to an answer in sight; nothing is fetched from elsewhere, and no script fails."""
    seen = Watched(browser, estate.url, size)
    page = seen.page
    page.goto(estate.url)
    assert seen.fits()
    assert page.locator("pre").evaluate("it => it.scrollWidth <= it.clientWidth")
    page.get_by_role("link", name="GraphQL").click()
    page.get_by_role("button", name="Examples").click()
    page.get_by_role("button", name=DOWNSTREAM["name"]).click()
    expect(page.locator(".graphiql-query-editor")).to_contain_text("query Downstream", timeout=PATIENCE_MS)
    expect(page.locator(".graphiql-editor-tool").first).to_contain_text("stg_gauges", timeout=PATIENCE_MS)
    expect(page.locator(".headwater-examples")).to_have_count(0 if size == PHONE else 1)
    page.get_by_role("button", name="Execute query").click()
    answer = page.locator(".graphiql-response .result-window")
    expect(answer).to_contain_text("otter.marts.trips", timeout=PATIENCE_MS)
    expect(answer).not_to_contain_text("errors")
    expect(answer.get_by_text("otter.marts.trips").first).to_be_in_viewport()
    expect(answer).to_be_in_viewport(ratio=0.9)
    assert seen.fits()
    assert (seen.outside, seen.faults) == ([], [])
    page.close()


def test_an_example_has_one_tab_and_no_line_is_cut(browser: Browser, estate: Server) -> None:
    """Picking goes to the tab that is there, unless it was changed; beside the list each line has room."""
    seen = Watched(browser, estate.url, WIDE)
    page = seen.page
    page.goto(f"{estate.url}/graphql")
    tabs = page.locator(".graphiql-tab-button")
    editor = page.locator(".graphiql-query-editor")
    page.get_by_role("button", name="Examples").click()
    for example in EXAMPLES:
        title = example["query"].partition("query ")[2].partition("(")[0].split()[0]
        page.get_by_role("button", name=example["name"]).click()
        expect(editor).to_contain_text(f"query {title}", timeout=PATIENCE_MS)
        expect(page.locator("[role=tabpanel]")).to_have_accessible_name(title)
        assert tabs.count() == len(EXAMPLES)
        assert (rows_a_line(page, ".graphiql-query-editor"), sideways(page)) == ({1}, [])
    editor.locator(".CodeMirror").click()
    page.keyboard.type("# mine")
    page.get_by_role("button", name=EXAMPLES[-1]["name"]).click()
    expect(tabs).to_have_count(len(EXAMPLES) + 1)
    assert (seen.outside, seen.faults) == ([], [])
    page.close()


def rows_a_line(page: Page, editor: str) -> set[int]:
    """Tell on how many rows the lines of an editor are shown."""
    lines = page.locator(f"{editor} pre.CodeMirror-line")
    rows: list[int] = lines.evaluate_all(
        "lines => lines.map(line => Math.round(line.offsetHeight / parseFloat(getComputedStyle(line).lineHeight)))"
    )
    return set(rows)


def sideways(page: Page) -> list[str]:
    """Tell which editors hold text beyond their right edge."""
    beyond: list[str] = page.locator(".graphiql-editors .CodeMirror").evaluate_all(
        "all => all.map(it => it.CodeMirror).filter(it => it.getScrollInfo().width > it.getScrollInfo().clientWidth)"
        ".map(it => it.getValue())"
    )
    return beyond


def test_the_tabs_hold_the_examples_and_a_shared_question_is_not_run(
    browser: Browser, estate: Server
) -> None:
    """At first a tab for each; a question in the address is shown and waits for somebody to ask it."""
    seen = Watched(browser, estate.url, WIDE)
    asked: list[str] = []
    seen.page.on(
        "request", lambda sent: asked.append(sent.post_data or "") if sent.method == "POST" else None
    )
    seen.page.goto(f"{estate.url}/graphql")
    expect(seen.page.locator(".graphiql-tab-button")).to_have_count(len(EXAMPLES), timeout=PATIENCE_MS)
    seen.page.goto(f"{estate.url}/graphql?query=%7B%20shared%3A%20__typename%20%7D")
    expect(seen.page.locator(".graphiql-query-editor")).to_contain_text("shared", timeout=PATIENCE_MS)
    assert [body for body in asked if "shared" in body] == []
    assert (seen.outside, seen.faults) == ([], [])
    seen.page.close()


def test_a_subscription_runs_on_the_page(browser: Browser, server: Server) -> None:
    """What is there is shown, and a change when it comes, without asking again."""
    position = post_story(server)
    wait_ready(server)
    seen = Watched(browser, server.url, WIDE)
    page = seen.page
    page.goto(f"{server.url}/graphql?query={quote(CHANGES)}")
    expect(page.locator(".graphiql-query-editor")).to_contain_text("changes", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Execute query").click()
    answer = page.locator(".graphiql-response .result-window")
    expect(answer).to_contain_text(f'"position": "{position}"', timeout=PATIENCE_MS)
    event = {
        "eventTime": "2026-05-02T00:00:00Z",
        "job": {"namespace": "jobs", "name": "declared"},
        "inputs": [{"namespace": "db", "name": "d"}],
        "outputs": [{"namespace": "db", "name": "seen on the page"}],
    }
    assert httpx.post(f"{server.url}/api/v1/lineage", json=event, timeout=30).status_code == 201
    expect(answer).to_contain_text(key_of("seen on the page"), timeout=PATIENCE_MS)
    assert (seen.outside, seen.faults) == ([], [])
    page.close()
