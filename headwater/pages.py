"""How are the rows of a long answer read, page after page?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

from graph_schema.errors import BadInput
from headwater.answers import Completeness, PageInfo, united


class Paged(Protocol):
    """What every page of an answer has."""

    @property
    def completeness(self) -> Completeness: ...

    @property
    def page_info(self) -> PageInfo: ...


Page = TypeVar("Page", bound=Paged)
Row = TypeVar("Row")


class Pages(Generic[Page, Row]):
    """The rows of an answer, asked for page by page as they are taken; each iteration asks anew.

    `completeness` says how far what was read so far is the whole answer: look at it after the last row.
    """

    def __init__(
        self,
        read: Callable[[str | None], Page],
        rows: Callable[[Page], Sequence[Row]],
        *,
        of_whole: bool = False,
    ) -> None:
        """Read pages by their cursor, None for the first, and take rows from them.

        With `of_whole` each page says how complete the whole answer is, and not how complete it is itself.
        """
        self._read: Callable[[str | None], Page] = read
        self._rows: Callable[[Page], Sequence[Row]] = rows
        self._of_whole = of_whole
        self._known: Completeness | None = None

    @property
    def completeness(self) -> Completeness:
        """Say how far the pages that were read are the whole answer; raises BadInput before the first."""
        if self._known is None:
            raise BadInput("nothing was read yet: take rows first, then look how complete they are")
        return self._known

    def __iter__(self) -> Iterator[Row]:
        """Give row after row; raises what the server refuses with."""
        for page in self.pages():
            yield from self._rows(page)

    def pages(self) -> Iterator[Page]:
        """Give page after page: a page of lineage has edges beside its rows."""
        self._known = None
        after: str | None = None
        while True:
            page = self._read(after)
            if self._known is None or not self._of_whole:
                self._known = united(self._known, page.completeness)
            yield page
            after = page.page_info.end_cursor
            if not page.page_info.has_next_page or after is None:
                return
