"""Which checks do the quality facets state (rule F11)?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from graph_schema.identity import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


class CheckResult(NamedTuple):
    """One result: what was checked, on which column, how it came out (`pass`, `fail`, `skip`, or unknown)."""

    name: str
    column: str | None
    outcome: str | None
    severity: str | None
    expected: str | None
    actual: str | None

    def identity(self, dataset: str | None) -> str:
        """Name the result among those of one statement: what differs in it is another check.

        The outcome is part of it: of two bounds on one column without `expected`, the one that failed must
        not vanish behind the one that passed.
        """
        return orjson.dumps([dataset, self.name, self.column, self.expected, self.outcome]).decode()


def assertions(body: dict[str, Any]) -> Iterator[CheckResult]:
    """Read a dataQualityAssertions facet."""
    for item in _objects(body.get("assertions")):
        success = item.get("success")
        outcome = ("pass" if success else "fail") if isinstance(success, bool) else None
        name = _text(item.get("name")) or _text(item.get("assertion")) or "assertion"
        yield CheckResult(name, _text(item.get("column")), outcome, *_rest(item))


def tests(body: dict[str, Any]) -> Iterator[CheckResult]:
    """Read a test run facet."""
    for item in _objects(body.get("tests")):
        name = _text(item.get("name")) or "test"
        yield CheckResult(name, _text(item.get("column")), _text(item.get("status")), *_rest(item))


def metrics(body: dict[str, Any]) -> Iterator[CheckResult]:
    """Read a dataQualityMetrics facet: a measurement without a verdict; its tombstone measures nothing."""
    if body.get("_deleted") is True:
        return
    measured = {
        key: value for key, value in body.items() if not key.startswith("_") and key != "columnMetrics"
    }
    yield CheckResult("dataQualityMetrics", None, None, None, None, _text(measured))


QUALITY: Final[Mapping[str, Callable[[dict[str, Any]], Iterator[CheckResult]]]] = {
    "dataQualityAssertions": assertions,
    "dataQualityMetrics": metrics,
}
"""The facets of a dataset that state checks, and how each is read."""


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    yield from (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _rest(item: dict[str, Any]) -> tuple[str | None, str | None, str | None]:
    return _text(item.get("severity")), _text(item.get("expected")), _text(item.get("actual"))


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return None if value is None else clean(value)
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:
        return clean(repr(value))
