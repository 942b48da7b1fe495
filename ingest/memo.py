"""What was found out about a text is remembered, for as many texts as there is room for.

Producers send the same facets with every run. Those asked for lately stay: what was not asked for since the newer
half filled up is forgotten. That is cheaper than a list in order of use, and nothing depends on what is forgotten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

T = TypeVar("T")


class Memo(Generic[T]):
    """Remembers values by key. Two halves: the newer one fills up and then takes the place of the older one."""

    def __init__(self, size: int) -> None:
        """Make room for `size` values."""
        self._half = max(size // 2, 1)
        self._newer: dict[Hashable, T] = {}
        self._older: dict[Hashable, T] = {}

    def get(self, key: Hashable) -> T | None:
        """Give what is known under a key; None is nothing."""
        known = self._newer.get(key)
        if known is None:
            known = self._older.get(key)
            if known is not None:
                self.put(key, known)
        return known

    def put(self, key: Hashable, value: T) -> T:
        """Remember a value, and give it."""
        if len(self._newer) >= self._half:
            self._older, self._newer = self._newer, {}
        self._newer[key] = value
        return value
