"""How well does a node answer what was searched for? Pure, and the same for every engine.

A rank is a number, the less the better: the whole name first, then a name that ends with the words asked for, then
by the worst place that a word was found at: a word of the name, the beginning of one, namespace, tags, owners, columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from graph_schema.words import read_words, token, words_of

Tokens = tuple[str, ...]
Place = tuple[int, Tokens]

NAME, BEGINNING, NAMESPACE, TAGS, OWNERS, COLUMNS = range(6)
"""The places that a word may be found at, best first."""

_PLACES: Final = (("namespace", NAMESPACE), ("tags", TAGS), ("owners", OWNERS))
_WHOLE, _END, _PARTLY = range(3)


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
    columns = (COLUMNS, tuple(one for column in words.columns for one in column))
    return _ranked(asked, words.name, words.joined, (*words.elsewhere, columns))


def field_ranks(asked: Asked, words: Words) -> Iterator[tuple[int, Tokens]]:
    """Rank the fields of a dataset: (rank, the field's words).

    A field is found by its own words and by its dataset's name and namespace, but not by these alone.
    """
    around = ((NAMESPACE, words.name), (NAMESPACE, words.joined), *words.elsewhere[:1])
    for column in words.columns:
        found = _ranked(asked, column, (), around, worst_best=BEGINNING)
        if found is not None:
            yield found, column


def _ranked(
    asked: Asked, name: Tokens, joined: Tokens, elsewhere: Sequence[Place], *, worst_best: int = COLUMNS
) -> int | None:
    """Rank by the places of all words; None where one has none, or the best place is worse than it may be."""
    own = ((NAME, name), (NAME, joined), *elsewhere)
    places: list[int] = []
    for one in asked.whole:
        place = next((place for place, tokens in own if one in tokens), None)
        if place is None:
            return None
        places.append(place)
    last = next((place for place, tokens in own[:2] if asked.last in tokens), None)
    if last is None:
        begun = ((BEGINNING, name), (BEGINNING, joined), *elsewhere)
        last = next((place for place, tokens in begun if _begins(asked.last, tokens)), None)
    if last is None or min([last, *places]) > worst_best:
        return None
    places.append(last)
    size = len(asked.tokens)
    fit = _WHOLE if name == asked.tokens else _END if name[-size:] == asked.tokens else _PARTLY
    return ((fit * 10 + max(places)) * 100 + sum(places)) * 100 + len(name)


def _begins(beginning: str, tokens: Tokens) -> bool:
    return any(one.startswith(beginning) for one in tokens)
