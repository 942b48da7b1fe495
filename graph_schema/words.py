"""Into which words is a name cut, and how do a node's words stand in the graph?

One cut for what is indexed and for what is asked: at separators, where a small letter meets a capital one, and
where letters meet digits; case is folded. What a node is found by is one text, `words`, of tokens that every
analyzer of the Lucene family leaves whole: letters and digits of ASCII, each beginning with a letter. The text is
index bookkeeping: it is never exported, and its parts say where a word stands, so that answers are ranked by it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import groupby
from typing import Final
from zlib import crc32

WORDED: Final = ("Dataset", "Job", "Person", "Experiment", "Model", "Deployment")
"""Labels whose nodes have `words`; what else is to be found belongs here, into its rendering and queries/search.py."""

TEXT_CHARS_MAX: Final = 1_000
"""Of one name; what is longer is found by its beginning."""

WORD_CHARS_MAX: Final = 32
NAME_WORDS_MAX: Final = 64
WORDS_MAX: Final = 2_000
"""Of each part of a node: tags, owners and columns beyond are not found."""

LEVELS: Final = "qvxj"
"""Each token begins with the letter of a level. All nodes have theirs on the first; of every level one node in eight,
by its key, has them on the next, too. So where very many nodes have a word it is known without reading them all, and
the same part of them is looked at on every engine."""

LEVEL_FACTOR: Final = 8

PARTS: Final = ("name", "joined", "namespace", "tags", "owners")
_BETWEEN_PARTS: Final = "|"
_BETWEEN_NAMES: Final = ","
_WHOLE: Final = "zy"
"""No word's token begins so, for after a first `z` comes another or a digit of a code: see `token`."""

_RUN = re.compile("U+(?!L)|U?L+|D+")
_CHUNK = re.compile("[ULD]+")
_ESCAPED = re.compile("[^a-y0-9]")


def words_of(text: str) -> tuple[str, ...]:
    """Cut a text into its words, in order."""
    return tuple(word for chunk in _chunks(text) for word in chunk)


def joined_of(text: str) -> tuple[str, ...]:
    """Give the words that were cut at capitals, as one: who looks for `CustomerOrders` may type it small."""
    found = []
    for chunk in _chunks(text):
        for is_number, words in groupby(chunk, str.isdecimal):
            listed = list(words)
            if not is_number and len(listed) > 1:
                found.append(_bounded("".join(listed)))
    return tuple(found)


@lru_cache(maxsize=16_384)
def _cut(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the words of a text, and what was joined of them, as tokens; columns and namespaces come again and again."""
    return tuple(map(token, words_of(text))), tuple(map(token, joined_of(text)))


def _chunks(text: str) -> list[list[str]]:
    whole = unicodedata.normalize("NFKC", text[:TEXT_CHARS_MAX])
    shadow = "".join(map(_class_of, whole))
    return [
        [_bounded(whole[run.start() : run.end()].casefold()) for run in _RUN.finditer(shadow, *chunk.span())]
        for chunk in _CHUNK.finditer(shadow)
    ]


@lru_cache(maxsize=4_096)
def _class_of(char: str) -> str:
    """Say whether a character is a capital, a digit, another letter or mark, or none of a word's."""
    if char.isdecimal():
        return "D"
    if char.isalpha():
        return "U" if char.isupper() else "L"
    return "L" if unicodedata.category(char).startswith(("M", "N")) else "-"


def _bounded(word: str) -> str:
    return word[:WORD_CHARS_MAX]


def token(word: str) -> str:
    """Write a word in ASCII letters and digits, character by character, so that a beginning stays a beginning."""
    if word.isascii() and "z" not in word:
        return word
    return _ESCAPED.sub(lambda found: "zz" if found[0] == "z" else f"z{ord(found[0]):05x}", word)


def whole_token(tokens: Sequence[str]) -> str:
    """Give the one token that stands for a whole name."""
    return _WHOLE + blake2b(" ".join(tokens).encode(), digest_size=8).hexdigest()


def level_of(key: str) -> int:
    """Give the highest level that a node has tokens on."""
    number = crc32(key.encode())
    return next((n for n in range(1, len(LEVELS)) if number % LEVEL_FACTOR**n), len(LEVELS)) - 1


def word_query(level: int, tokens: Sequence[str], beginning: str | None) -> str:
    """Ask, in Lucene's words, for the nodes that have all tokens and one with this beginning, on a level."""
    ends = [*tokens, *([] if beginning is None else [f"{beginning}*"])]
    return " ".join(f"+{LEVELS[level]}{end}" for end in ends)


def words_text(
    key: str,
    name: str,
    *,
    namespace: str = "",
    tags: Iterable[str] = (),
    owners: Iterable[str] = (),
    columns: Iterable[str] = (),
) -> str:
    """Give what a node is found by. A word that stands at two places is kept at the first; a name keeps all of its own."""
    words, joined = _cut(name)
    named = words[:NAME_WORDS_MAX]
    seen = set(named)
    parts = [
        named,
        _new(joined[:NAME_WORDS_MAX], seen),
        _new(_cut(namespace)[0], seen),
        _new(_all_words(tags), seen),
        _new(_all_words(owners), seen),
    ]
    fields = _columns(columns)
    seen.update(*fields)
    whole = whole_token(named)
    copies = [_written({*seen, whole}, level) for level in range(1, level_of(key) + 1)]
    return f" {_BETWEEN_PARTS} ".join(
        [
            *map(_written, parts),
            f" {_BETWEEN_NAMES} ".join(map(_written, fields)),
            " ".join([_written([whole]), *copies]),
        ]
    )


def _all_words(texts: Iterable[str]) -> list[str]:
    return [one for text in sorted(texts) for words in _cut(text) for one in words]


def _columns(columns: Iterable[str]) -> list[tuple[str, ...]]:
    """List the words of columns, those of one spelling once, as many as there is room for."""
    found = sorted({_cut(one)[0][:NAME_WORDS_MAX] for one in columns} - {()})
    kept: list[tuple[str, ...]] = []
    room = WORDS_MAX
    for tokens in found:
        room -= len(tokens)
        if room < 0:
            break
        kept.append(tokens)
    return kept


def _new(tokens: Iterable[str], seen: set[str]) -> list[str]:
    found = [one for one in dict.fromkeys(tokens) if one not in seen][:WORDS_MAX]
    seen.update(found)
    return found


def _written(tokens: Iterable[str], level: int = 0) -> str:
    letter = LEVELS[level]
    return " ".join(letter + one for one in (tokens if level == 0 else sorted(tokens)))


def read_words(text: str) -> tuple[dict[str, tuple[str, ...]], tuple[tuple[str, ...], ...]]:
    """Read back what stands where, as tokens: part by part, and the columns' column by column."""
    *said, fields, _ = text.split(_BETWEEN_PARTS)
    columns = tuple(map(_read, fields.split(_BETWEEN_NAMES))) if fields.strip() else ()
    return dict(zip(PARTS, map(_read, said), strict=True)), columns


@lru_cache(maxsize=16_384)
def _read(said: str) -> tuple[str, ...]:
    return tuple(one[1:] for one in said.split())
