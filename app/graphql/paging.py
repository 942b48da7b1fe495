"""How does a list go on? By keyset cursors that are bound to their question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

import strawberry

from graph_schema.errors import BadInput, LimitExceeded
from queries.cursors import decode_cursor

if TYPE_CHECKING:
    from app.graphql.asking import Asking

Row = TypeVar("Row")


@strawberry.type(description="Whether there is more; endCursor goes into `after`.")
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


ROWS_DEFAULT: Final = 20


def rows_asked(info: strawberry.Info[Asking, None], first: int | None) -> int:
    """Check how many rows one page may have."""
    if first is None:
        return ROWS_DEFAULT
    limit = info.context.settings.page_max
    if first < 0:
        raise BadInput("a page has 0 rows or more", first=first)
    if first > limit:
        raise LimitExceeded(
            f"a page has at most {limit} rows (HEADWATER_PAGE_MAX); ask for fewer and go on with `after`",
            setting="HEADWATER_PAGE_MAX",
            first=first,
            limit=limit,
        )
    return first


def read_after(after: str | None, question: Sequence[Any], row_type: Any) -> Any:
    """Read the row that the page before ended with, if there was one."""
    return None if not after else decode_cursor(after, question, row_type)


def cut_page(rows: Sequence[Row], first: int, cursor: Callable[[Row], str]) -> tuple[Sequence[Row], PageInfo]:
    """Cut what was read (one row more than asked for) to the page."""
    page = rows[:first]
    return page, PageInfo(has_next_page=len(rows) > first, end_cursor=cursor(page[-1]) if page else None)
