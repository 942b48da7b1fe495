"""Are names cut into the words that people look for, and can what is indexed be read back?"""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graph_schema.words import (
    LEVELS,
    NAME_WORDS_MAX,
    WORD_CHARS_MAX,
    WORDS_MAX,
    joined_of,
    level_of,
    read_words,
    token,
    words_of,
    words_text,
)

TEXTS = st.text(max_size=60)


@pytest.mark.parametrize(
    ("text", "words", "joined"),
    [
        ("public.orders_daily", ("public", "orders", "daily"), ()),
        ("CustomerOrders2024", ("customer", "orders", "2024"), ("customerorders",)),
        ("HTTPServer v2", ("http", "server", "v", "2"), ("httpserver",)),
        ("größe-ÄRGER", ("grösse", "ärger"), ()),
        ("注文テーブル/日次", ("注文テーブル", "日次"), ()),
        ('+a AND (b OR "c") -d:* ~e^2', ("a", "and", "b", "or", "c", "d", "e", "2"), ()),
        ("\ud800x", ("x",), ()),
        ("-_./: \x00", (), ()),
        ("", (), ()),
    ],
)  # fmt: skip
def test_names_are_cut_into_words(text: str, words: tuple[str, ...], joined: tuple[str, ...]) -> None:
    """At separators, capitals and digits, case folded; what was cut at capitals is found as one word too."""
    assert (words_of(text), joined_of(text)) == (words, joined)


def test_words_are_bounded() -> None:
    """However long a name is: a thousand characters, words of 32; and so many words of so many columns."""
    assert words_of("x" * 100_000) == ("x" * WORD_CHARS_MAX,)
    assert len(words_of("a " * 100_000)) == 500
    parts, columns = read_words(words_text("k", "a1" * 900, columns=(f"c{n}_of" for n in range(5_000))))
    assert len(parts["name"]) == NAME_WORDS_MAX
    assert sum(map(len, columns)) <= WORDS_MAX


@given(TEXTS, st.integers(0, 5))
@example("zy", 1)
def test_a_token_is_plain_and_begins_as_its_word(text: str, size: int) -> None:
    """Letters and digits of ASCII, whatever the script; a beginning stays a beginning; different words stay apart."""
    for word in words_of(text):
        assert re.fullmatch("[a-z0-9]+", token(word))
        assert len(token(word)) < 250
        assert token(word).startswith(token(word[:size]))
    words = set(words_of(text))
    assert len({token(word) for word in words}) == len(words)
    assert not any(token(word).startswith("zy") for word in words), "that is how whole names begin"


@given(TEXTS, TEXTS, st.lists(TEXTS, max_size=3), st.lists(TEXTS, max_size=3), st.lists(TEXTS, max_size=4))
def test_what_is_written_is_read_back(
    name: str, namespace: str, tags: list[str], owners: list[str], columns: list[str]
) -> None:
    """Words stand where they stood, each at its first place alone; lists may come in any order."""
    text = words_text("k", name, namespace=namespace, tags=tags, owners=owners, columns=columns)
    assert text == words_text(
        "k", name, namespace=namespace, tags=tags[::-1], owners=owners[::-1], columns=columns[::-1]
    )
    parts, read = read_words(text)
    named = tuple(map(token, words_of(name)))[:NAME_WORDS_MAX]
    assert parts["name"] == named
    everywhere = [one for part in ("joined", "namespace", "tags", "owners") for one in parts[part]]
    assert len(everywhere) == len({*everywhere} - {*named})
    assert set(read) == {tuple(map(token, words_of(one)))[:NAME_WORDS_MAX] for one in columns} - {()}
    wanted = {one for said in (namespace, *tags, *owners) for one in map(token, words_of(said))}
    assert wanted <= {*everywhere, *named}


def test_levels_thin_out() -> None:
    """One node in eight has its words on the next level, too; by its key, so that it is the same one everywhere."""
    levels = [level_of(f"dataset:n:{n}") for n in range(50_000)]
    for level in range(1, len(LEVELS)):
        share = sum(one >= level for one in levels) / len(levels)
        assert 0.8 < share * 8**level < 1.25
