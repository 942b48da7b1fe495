"""How well does a node answer what was searched for? Pure, and the same for every engine.

A rank is a number, the less the better: the whole name first, then a name that ends with the words asked for, then
by the worst place that a word was found at: a word of the name, the beginning of one, namespace, tags, owners, columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from graph_schema.words import read_words, token, words_of

Tokens = tuple[str, ...]
Place = tuple[int, Tokens]

NAME, BEGINNING, NAMESPACE, TAGS, OWNERS, COLUMNS = range(6)
"""The places that a word may be found at, best first."""

_PLACES: Final = (("namespace", NAMESPACE), ("tags", TAGS), ("owners", OWNERS))
_WHOLE, _END, _PARTLY = range(3)
_NOWHERE: Final = (None,) * 64


class Asked(NamedTuple):
    """The words of a question as tokens; the last one may be the beginning of a word."""

    tokens: Tokens

    @property
    def whole(self) -> Tokens:
        """Give those that are whole words."""
        return self.tokens[:-1]

    @property
    def last(self) -> str:
        """Give the one that may be a beginning."""
        return self.tokens[-1]


class Words(NamedTuple):
    """A node's words by where they stand; `columns` are those of a dataset's fields, field by field."""

    name: Tokens
    joined: Tokens
    elsewhere: tuple[Place, ...]
    columns: tuple[Tokens, ...]


def asked_of(text: str) -> Asked:
    """Cut what was asked; it may have no words at all."""
    return Asked(tuple(token(word) for word in words_of(text)))


def words_in(text: str) -> Words:
    """Read a node's words as the graph has them."""
    parts, columns = read_words(text)
    elsewhere = tuple((place, parts[part]) for part, place in _PLACES)
    return Words(parts["name"], parts["joined"], elsewhere, columns)


def rank(asked: Asked, words: Words) -> int | None:
    """Rank a node; None where a word that was asked for is nowhere among its own."""
    own = _own_places(asked, words.name)
    joined = _own_places(asked, words.joined)
    columns = [_own_places(asked, column) for column in words.columns]
    places = []
    for n, one in enumerate(asked.tokens):
        found = [place for place in (own[n], joined[n]) if place is not None]
        if found:
            places.append(min(found))
            continue
        begins = one if n == len(asked.tokens) - 1 else None
        place = next((place for place, tokens in words.elsewhere if _is_among(one, tokens, begins)), None)
        if place is None and any(column[n] is not None for column in columns):
            place = COLUMNS
        if place is None:
            return None
        places.append(place)
    return _rank_of(asked, words.name, places)


def field_ranks(asked: Asked, words: Words) -> Iterator[tuple[int, Tokens]]:
    """Rank the fields of a dataset: (rank, the field's words).

    A field is found by its own words and by its dataset's name and namespace, but not by these alone.
    """
    around: list[bool] | None = None
    for column in words.columns:
        own = _own_places(asked, column)
        if own == _NOWHERE[: len(own)]:
            continue
        around = around or _around(asked, words)
        places = [NAMESPACE if place is None else place for place in own]
        if all(place is not None or near for place, near in zip(own, around, strict=True)):
            yield _rank_of(asked, column, places), column


def _around(asked: Asked, words: Words) -> list[bool]:
    """Say of each word whether it is one of a dataset's name or namespace."""
    near = {*words.name, *words.joined, *words.elsewhere[0][1]}
    found = [one in near for one in asked.tokens]
    found[-1] = found[-1] or any(one.startswith(asked.tokens[-1]) for one in near)
    return found


@lru_cache(maxsize=32_768)
def _own_places(asked: Asked, tokens: Tokens) -> tuple[int | None, ...]:
    """Say of each word whether it stands in a name, whole or begun; columns of one name come again and again."""
    found: list[int | None] = [NAME if one in tokens else None for one in asked.tokens]
    last = asked.tokens[-1]
    if found[-1] is None and any(one.startswith(last) for one in tokens):
        found[-1] = BEGINNING
    return tuple(found)


def _is_among(one: str, tokens: Tokens, begins: str | None) -> bool:
    return one in tokens or (begins is not None and any(other.startswith(begins) for other in tokens))


def _rank_of(asked: Asked, name: Tokens, places: Sequence[int]) -> int:
    size = len(asked.tokens)
    fit = _WHOLE if name == asked.tokens else _END if name[-size:] == asked.tokens else _PARTLY
    return ((fit * 10 + max(places)) * 100 + sum(places)) * 100 + len(name)
