"""What is called like this, or has such a column, tag or owner?

The engine's full-text index finds candidates, and never ranks them: `queries/ranking.py` does, from the words that a
node carries, so that every engine gives the same answer. Of words that very many nodes have, a part of those nodes is
looked at, chosen by their keys, and the answer says that it was cut.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple

import msgspec

from graph_schema.errors import BadInput, LimitExceeded, NotSupported
from graph_schema.words import LEVEL_FACTOR, LEVELS, TEXT_CHARS_MAX, whole_token, word_query
from queries.cursors import decode_cursor, encode_cursor
from queries.limits import Limits, check_rows, within
from queries.nodes import read_fields_of, read_nodes
from queries.projection import Projection
from queries.ranking import Asked, Tokens, asked_of, field_ranks, rank, words_in
from queries.results import DATASET_KINDS, NODE_KINDS, Completeness, Field, Node, PageInfo
from queries.statements import statement
from queries.store import GraphStore, StatementFailed

ROWS_DEFAULT: Final = 20
WORDS_ASKED_MAX: Final = 16
CANDIDATES_MAX: Final = 1_000
"""How many nodes of one label are ranked, about; a node with its words is some 300 bytes."""

FREQUENT: Final = 40
"""A word in as many nodes of the highest level (of 20,000 nodes in all, about) is not sought by where a rarer one can
be: ArcadeDB reads all that its index has of each word."""

HIGHEST: Final = len(LEVELS) - 1


class Source(NamedTuple):
    """A label whose nodes carry words: the kinds found by it, and its full-text index on each engine."""

    noun: str
    kinds: frozenset[str]
    indexes: Mapping[str, str]


def _source(label: str, *kinds: str) -> Source:
    indexes = {"neo4j": f"{label.lower()}_words", "arcadedb": f"{label}[words]"}
    return Source(label.lower(), frozenset(kinds), indexes)


SOURCES: Final = (
    _source("Dataset", *DATASET_KINDS, "FIELD"),
    _source("Job", "JOB"),
    _source("Person", "PERSON"),
    _source("Experiment", "EXPERIMENT"),
    _source("Model", "MODEL"),
    _source("Deployment", "DEPLOYMENT"),
)
"""What is searched. What else is to be found is added here, in `graph_schema.words.WORDED` and to its rendering."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A search: `kinds` are those to list, all where there are none; the last word may be the beginning of one."""

    text: str
    kinds: frozenset[str] | None = None
    first: int = ROWS_DEFAULT
    after: str | None = None


class Found(msgspec.Struct, frozen=True):
    """One page of what was found, best first."""

    nodes: list[Node]
    completeness: Completeness
    page_info: PageInfo


class Candidate(NamedTuple):
    """A node that has every word; or the fields of a dataset whose words are `columns`, at their dataset's place."""

    rank: int
    place: str
    noun: str
    key: str
    columns: Tokens = ()


Row = tuple[int, str, str]
"""What pages are in order of: rank, place, key."""


async def search(store: GraphStore, question: Question, limits: Limits, *, projection: Projection) -> Found:
    """Answer a search; `projection` is where the graph stood before the first read."""
    asked = _checked(question, limits)
    identity = ["search", asked.tokens, sorted(question.kinds or NODE_KINDS)]
    after = None if question.after is None else decode_cursor(question.after, identity, Row)
    try:
        async with within(limits, "search for more or for rarer words"):
            candidates, whole = await _candidates(store, asked, question.kinds)
            rows = await _rows(store, candidates, after, question.first)
            nodes = await _read(store, rows[: question.first])
    except StatementFailed as error:
        if store.dialect != "arcadedb":
            raise
        message = "this graph has no full-text index; search works with the embedded engine and with Neo4j"
        raise NotSupported(message) from error
    page = rows[: question.first]
    end = encode_cursor(identity, page[-1].row) if page else None
    return Found(
        nodes=nodes,
        completeness=Completeness(
            complete=whole,
            truncated_by=[] if whole else ["candidates"],
            hidden=0,
            guessed_edges=0,
            position=projection.position,
        ),
        page_info=PageInfo(len(rows) > question.first, end),
    )


def _checked(question: Question, limits: Limits) -> Asked:
    """Read the words of a question; raises BadInput and LimitExceeded."""
    check_rows(question.first, limits.page_max)
    if len(question.text) > TEXT_CHARS_MAX:
        message = f"a search has at most {TEXT_CHARS_MAX} characters; give the words that matter"
        raise LimitExceeded(message, chars=len(question.text), limit=TEXT_CHARS_MAX)
    asked = asked_of(question.text)
    if not asked.tokens:
        raise BadInput("say what to search for: a part of a name, a namespace, tag, owner or column")
    if len(asked.tokens) > WORDS_ASKED_MAX:
        message = f"a search has at most {WORDS_ASKED_MAX} words; give those that matter"
        raise LimitExceeded(message, words=len(asked.tokens), limit=WORDS_ASKED_MAX)
    return asked


async def _candidates(
    store: GraphStore, asked: Asked, kinds: frozenset[str] | None
) -> tuple[list[Candidate], bool]:
    """Rank all candidates; tell whether they are all there are."""
    sources = [source for source in SOURCES if kinds is None or source.kinds & kinds]
    found = await asyncio.gather(*(_source_rows(store, source, asked, kinds) for source in sources))
    ranked = [
        candidate
        for source, (rows, _) in zip(sources, found, strict=True)
        for row in rows
        for candidate in _ranked(source, asked, row, kinds)
    ]
    return sorted(ranked), all(whole for _, whole in found)


def _ranked(
    source: Source, asked: Asked, row: Sequence[Any], kinds: frozenset[str] | None
) -> Iterator[Candidate]:
    key, kind, text = row
    words = words_in(text)
    own = rank(asked, words)
    if own is None:
        return
    if kinds is None or (kind or source.noun.upper()) in kinds:
        yield Candidate(own, key, source.noun, key)
    if "FIELD" in source.kinds and (kinds is None or "FIELD" in kinds):
        for found, columns in field_ranks(asked, words):
            yield Candidate(found, f"{key}#", "field", key, columns)


async def _source_rows(
    store: GraphStore, source: Source, asked: Asked, kinds: frozenset[str] | None
) -> tuple[list[Any], bool]:
    """Find the nodes of a source that may have all words; tell whether those are all.

    Where they are not, the nodes with just this name are looked for besides.
    """
    all_of_them = kinds is None or "FIELD" in kinds or len(source.kinds) == 1
    among = _Among(store, source, None if kinds is None or all_of_them else sorted(kinds & source.kinds))
    words = await _sought(among, asked)
    rows, whole = await _up_to(among, words)
    if not whole:
        more, _ = await _up_to(among, await among.counted((whole_token(asked.tokens),)))
        rows = list({row[0]: row for row in (*rows, *more)}.values())
    return rows, whole


class _Words(NamedTuple):
    """What an index is asked: whole tokens, and the beginning of one; in how many nodes of the highest level it is."""

    tokens: Tokens
    beginning: str | None
    highest: int = 0


class _Among(NamedTuple):
    """Where candidates are looked for."""

    store: GraphStore
    source: Source
    kinds: list[str] | None

    @property
    def named(self) -> str:
        """Give the name of the full-text index."""
        return self.source.indexes[self.store.dialect]

    async def counted(self, tokens: Tokens, beginning: str | None = None) -> _Words:
        """Count the nodes of the highest level that have some words, no further than needs be known."""
        query = word_query(HIGHEST, tokens, beginning)
        rows = await self.store.read(
            statement("search/count"), index=self.named, query=query, enough=CANDIDATES_MAX
        )
        return _Words(tokens, beginning, int(rows[0]["count"]))

    async def rows(self, words: _Words, level: int) -> list[Any]:
        """Read the nodes that have some words on a level."""
        query = word_query(level, words.tokens, words.beginning)
        rows = await self.store.read(
            statement("search/found"), index=self.named, query=query, kinds=self.kinds
        )
        found: list[Any] = rows[0]["found"]
        return found


async def _sought(among: _Among, asked: Asked) -> _Words:
    """Choose the words that an index is asked for: the rare ones, or all where none is rare."""
    counting = [among.counted((one,)) for one in dict.fromkeys(asked.whole)]
    single = await asyncio.gather(*counting, among.counted((), asked.last))
    rare = [one for one in single if one.highest < FREQUENT] or single
    return _Words(
        tuple(token for one in rare for token in one.tokens),
        next((one.beginning for one in rare if one.beginning is not None), None),
        min(one.highest for one in single),
    )


async def _up_to(among: _Among, words: _Words) -> tuple[list[Any], bool]:
    """Read the lowest level, which is that of all nodes, or the lowest that gives not many too many; tell whether it was all."""
    level = 0
    while level < HIGHEST and words.highest * LEVEL_FACTOR ** (HIGHEST - level) > CANDIDATES_MAX:
        level += 1
    rows = await among.rows(words, level)
    while level > 0 and len(rows) * LEVEL_FACTOR <= CANDIDATES_MAX:
        level -= 1
        rows = await among.rows(words, level)
    return rows, level == 0


class _Placed(NamedTuple):
    """A row, its noun, and the field that was read already, where it is one."""

    row: Row
    noun: str
    field: Field | None = None


async def _rows(
    store: GraphStore, candidates: Sequence[Candidate], after: Row | None, first: int
) -> list[_Placed]:
    """Give the rows of a page and one more, if there is one; which fields a dataset has is read on the way."""
    rows: list[_Placed] = []
    ahead = [one for one in candidates if after is None or (one.rank, one.place) >= after[:2]]
    groups = _groups(ahead)
    while len(rows) <= first and (some := list(islice(groups, first + 1))):
        datasets = sorted({group[0].key for group in some if group[0].noun == "field"})
        fields = await read_fields_of(store, datasets) if datasets else {}
        for group in some:
            rows += sorted(
                (one for one in _placed(group, fields) if after is None or one.row > after),
                key=lambda one: one.row,
            )
    return rows[: first + 1]


def _groups(candidates: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """Put together what has one rank and place: fields of one dataset."""
    group: list[Candidate] = []
    for one in candidates:
        if group and group[0][:2] != one[:2]:
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _placed(group: Sequence[Candidate], fields: Mapping[str, Sequence[Field]]) -> Iterator[_Placed]:
    one = group[0]
    if one.noun != "field":
        yield _Placed((one.rank, one.place, one.key), one.noun)
        return
    wanted = {candidate.columns for candidate in group}
    for field in fields[one.key]:
        if asked_of(field.path).tokens in wanted:
            yield _Placed((one.rank, one.place, field.key), "field", field)


async def _read(store: GraphStore, rows: Sequence[_Placed]) -> list[Node]:
    """Read the nodes of a page, in its order."""
    found: dict[str, Node] = {one.field.key: one.field for one in rows if one.field is not None}
    for source in SOURCES:
        keys = [one.row[2] for one in rows if one.noun == source.noun]
        if keys:
            found |= await read_nodes(store, source.noun, keys)
    return [found[one.row[2]] for one in rows if one.row[2] in found]
