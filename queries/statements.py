"""Which statements are there, what does each one answer, and what does it need to be given?

Every statement is a file `queries/cypher/<subject>/<verb>.cypher`. Its leading comment is read here:

    // Which datasets does one step downstream of these reach?
    // mode: read
    // params: frontier
    // returns: source, target
    UNWIND $frontier AS key ...

A file whose declared parameters differ from those it uses is refused. Where an engine needs another text
there is a file `<verb>.<dialect>.cypher` beside it, with the same mode, params and returns and a `// why:`.
Nothing is ever formatted into a text: labels and types are literals in the file, values are parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

DIALECTS: Final = ("neo4j", "arcadedb")
MODES: Final = ("read", "write", "schema")
CYPHER: Final = Path(__file__).parent / "cypher"

_NAME = re.compile(r"[a-z0-9_]+(?:/[a-z0-9_]+)+")
_HEADER = re.compile(r"//\s?(?P<text>.*)")
_FIELD = re.compile(r"(?P<key>mode|params|returns|why):\s*(?P<value>.*)")
_QUOTED_OR_COMMENT = re.compile(
    r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`|//[^\n]*|/\*.*?\*/", re.DOTALL
)
_PARAMETER = re.compile(r"\$([A-Za-z_]\w*)")
_WRITES = re.compile(r"\b(?:CREATE|MERGE|SET|DELETE|REMOVE|DROP|FOREACH)\b", re.IGNORECASE)


class BadStatement(Exception):
    """A statement file, or a call of it, that contradicts itself. A programming error, never a user's."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as its file gives it; `text` is what is sent."""

    name: str
    answers: str
    mode: str
    params: frozenset[str]
    returns: tuple[str, ...]
    text: str
    dialect: str | None = None


def statement(name: str, dialect: str | None = None) -> Statement:
    """Give the statement of a name, in the wording for a dialect where there is one.

    Without a dialect: the common wording, or the only one there is. A store picks its own wording again, so
    callers never name a dialect.
    """
    if not _NAME.fullmatch(name):
        raise BadStatement(f"{name!r} is no statement name; write subject/verb")
    return _variant(CYPHER, name, dialect)


def worded(one: Statement, dialect: str) -> Statement:
    """Give a statement in the wording for a dialect."""
    return one if one.dialect == dialect else _worded(CYPHER, one, dialect)


def bind(statement: Statement, params: Mapping[str, Any]) -> dict[str, Any]:
    """Check that exactly the declared parameters are given."""
    if params.keys() != statement.params:
        missing = sorted(statement.params - params.keys())
        surplus = sorted(params.keys() - statement.params)
        raise BadStatement(f"{statement.name}: parameters missing {missing}, surplus {surplus}")
    return dict(params)


def all_statements(folder: Path = CYPHER) -> Iterator[Statement]:
    """Read every file; raises BadStatement for the first one that is wrong."""
    for path in sorted(folder.rglob("*.cypher")):
        verb, _, dialect = path.name.removesuffix(".cypher").partition(".")
        name = (path.parent.relative_to(folder) / verb).as_posix()
        yield _variant(folder, name, dialect or None)


def read_statement(text: str, *, name: str, dialect: str | None = None) -> Statement:
    """Read a file's text into a statement; raises BadStatement."""
    lines = text.splitlines()
    end = next((n for n, line in enumerate(lines) if not line.startswith("//")), len(lines))
    answers, fields = _header(lines[:end], name)
    body = "\n".join(lines[end:]).strip()
    made = Statement(
        name=name,
        answers=answers,
        mode=fields.get("mode", ""),
        params=frozenset(_names(fields.get("params", ""))),
        returns=tuple(_names(fields.get("returns", ""))),
        text=body,
        dialect=dialect,
    )
    _check(made, fields)
    return made


@cache
def _variant(folder: Path, name: str, dialect: str | None) -> Statement:
    own = folder / f"{name}.{dialect}.cypher"
    common = folder / f"{name}.cypher"
    if dialect is not None and own.is_file():
        made = read_statement(own.read_text("utf-8"), name=name, dialect=dialect)
        if common.is_file():
            _check_alike(made, _variant(folder, name, None))
        return made
    if common.is_file():
        return read_statement(common.read_text("utf-8"), name=name)
    only = [one for one in DIALECTS if (folder / f"{name}.{one}.cypher").is_file()]
    if dialect is None and only:
        return _variant(folder, name, only[0])
    where = f" for {dialect}, only for {', '.join(only)}" if only else ""
    raise BadStatement(f"there is no statement {name}{where}")


@cache
def _worded(folder: Path, one: Statement, dialect: str) -> Statement:
    has_own = (folder / f"{one.name}.{dialect}.cypher").is_file()
    return one if one.dialect is None and not has_own else _variant(folder, one.name, dialect)


def _header(lines: list[str], name: str) -> tuple[str, dict[str, str]]:
    said: list[str] = []
    fields: dict[str, str] = {}
    for line in lines:
        match = _HEADER.fullmatch(line)
        text = match["text"].strip() if match else ""
        field = _FIELD.fullmatch(text)
        if field is None:
            said.append(text)
        elif field["key"] in fields:
            raise BadStatement(f"{name}: header says {field['key']} twice")
        else:
            fields[field["key"]] = field["value"].strip()
    return " ".join(filter(None, said)), fields


def _names(listed: str) -> list[str]:
    return [one.strip() for one in listed.split(",") if one.strip()]


def _check(made: Statement, fields: Mapping[str, str]) -> None:
    bare = _QUOTED_OR_COMMENT.sub(" ", made.text)
    used = set(_PARAMETER.findall(bare))
    faults = {
        "the first line must say what it answers": not made.answers,
        f"mode must be one of {', '.join(MODES)}": made.mode not in MODES,
        "the statement is empty": not made.text,
        f"uses undeclared parameters {sorted(used - made.params)}": bool(used - made.params),
        f"declares unused parameters {sorted(made.params - used)}": bool(made.params - used),
        "a reading statement may not write": made.mode == "read" and _WRITES.search(bare) is not None,
        "a reading statement must say what it returns": made.mode == "read" and not made.returns,
        f"the dialect must be one of {', '.join(DIALECTS)}": made.dialect not in {None, *DIALECTS},
        "a wording for one dialect must say why": made.dialect is not None and not fields.get("why"),
    }
    for fault, found in faults.items():
        if found:
            raise BadStatement(f"{made.name}: {fault}")


def _check_alike(made: Statement, common: Statement) -> None:
    if (made.mode, made.params, made.returns) != (common.mode, common.params, common.returns):
        raise BadStatement(f"{made.name}: the wording for {made.dialect} differs in mode, params or returns")
