"""How does a test get a browser? Debian's Chromium, driven by playwright, with no way out of this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.needs import need

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE: Final = (1280, 800)
PHONE: Final = (390, 800)
PATIENCE_MS: Final = 60_000
"""On a busy machine a page of 4 MB of script takes its time."""


@contextmanager
def browsing() -> Iterator[Browser]:
    """Run a browser for the length of a block; without one the test is left out."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    need("Chromium", here=found is not None, get_it="install Debian's package `chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A page, and what went wrong or out of the house on it."""

    def __init__(self, browser: Browser, home: str, size: tuple[int, int]) -> None:
        """Open an empty page; what does not go to `home` is stopped and noted."""
        self.page: Page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        self.page.set_default_timeout(PATIENCE_MS)
        self.outside: list[str] = []
        self.faults: list[str] = []
        self._home = home
        self.page.route("**/*", self._watch)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)

    def _watch(self, route: Route) -> None:
        if route.request.url.startswith(self._home):
            route.continue_()
            return
        self.outside.append(route.request.url)
        route.abort()

    def fits(self) -> bool:
        """Tell whether nothing sticks out sideways."""
        wide: bool = self.page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
        return wide
