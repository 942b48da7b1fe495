"""Can somebody with a browser and no internet ask a question? Seen with a real one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from app.demo.scratch import Server, wait_ready
from tests.browser.chromium import PATIENCE_MS, PHONE, WIDE, Watched, browsing
from tests.needs import ROOT
from tests.server import headwater

EXAMPLES = json.loads((ROOT / "app" / "graphql" / "files" / "examples.json").read_text())
DOWNSTREAM = next(one for one in EXAMPLES if "downstream(" in one["query"])

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
    """From the landing page to an answer; nothing is fetched from anywhere else, and no script fails."""
    seen = Watched(browser, estate.url, size)
    page = seen.page
    page.goto(estate.url)
    assert seen.fits()
    page.get_by_role("link", name="GraphQL").click()
    page.get_by_role("button", name="Examples").click()
    page.get_by_role("button", name=DOWNSTREAM["name"]).click()
    expect(page.locator(".graphiql-query-editor")).to_contain_text("query Downstream", timeout=PATIENCE_MS)
    expect(page.locator(".graphiql-editor-tool").first).to_contain_text("stg_gauges", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Execute query").click()
    answer = page.locator(".graphiql-response .result-window")
    expect(answer).to_contain_text("otter.marts.trips", timeout=PATIENCE_MS)
    expect(answer).not_to_contain_text("errors")
    assert seen.fits()
    assert (seen.outside, seen.faults) == ([], [])
    page.close()


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
