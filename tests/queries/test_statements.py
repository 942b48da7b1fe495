"""Are statement files read as they say, and refused when they contradict themselves?"""

from __future__ import annotations

from pathlib import Path

import pytest

from queries import statements
from queries.statements import BadStatement, all_statements, bind, read_statement, statement, worded

GOOD = """// Which keys are these?
// Hop by hop, so that any engine can.
// mode: read
// params: keys, limit
// returns: key, name
UNWIND $keys AS k MATCH (n:Dataset {key: k}) // not $this
WHERE n.name <> '$neither' RETURN n.key AS key, n.name AS name LIMIT $limit
"""


def changed(**lines: str) -> str:
    text = GOOD
    for key, value in lines.items():
        start = text.index(f"// {key}:")
        text = text[:start] + value + text[text.index("\n", start) :]
    return text


def test_a_header_is_read() -> None:
    """What it answers, mode, params and returns stand in the leading comment; the rest is sent."""
    made = read_statement(GOOD, name="nodes/some")
    assert made.answers == "Which keys are these? Hop by hop, so that any engine can."
    assert made.mode == "read"
    assert made.params == {"keys", "limit"}
    assert made.returns == ("key", "name")
    assert made.text.startswith("UNWIND $keys")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (changed(params="// params: keys"), r"undeclared parameters \['limit'\]"),
        (changed(params="// params: keys, limit, depth"), r"unused parameters \['depth'\]"),
        (changed(mode="// mode: write-ish"), "mode must be"),
        (changed(mode="//"), "mode must be"),
        (changed(returns="//"), "must say what it returns"),
        (changed(returns="// returns: key\n// returns: key"), "says returns twice"),
        (GOOD.replace("RETURN", "SET n.x = 1 RETURN"), "may not write"),
        (GOOD[GOOD.index("// mode") :], "first line must say"),
        ("// What?\n// mode: write\n", "empty"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(text: str, fault: str) -> None:
    """Declared and used parameters agree, the mode is known and kept, and the answer is named."""
    with pytest.raises(BadStatement, match=fault):
        read_statement(text, name="nodes/some")


def test_exactly_the_declared_parameters_are_bound() -> None:
    """A missing parameter would read as null on some engines; a surplus one is a misspelt one."""
    made = read_statement(GOOD, name="nodes/some")
    assert bind(made, {"keys": [], "limit": None}) == {"keys": [], "limit": None}
    with pytest.raises(BadStatement, match=r"missing \['limit'\], surplus \['limits'\]"):
        bind(made, {"keys": [], "limits": 1})


@pytest.mark.parametrize(
    "name", ["nodes", "../nodes/x", "nodes/../x", "nodes/x.cypher", "/nodes/x", "Nodes/X"]
)
def test_a_name_stays_below_its_folder(name: str) -> None:
    """A name is subject/verb, never a path."""
    with pytest.raises(BadStatement):
        statement(name)


def test_an_unknown_name_is_refused() -> None:
    """A statement that has no file is a mistake in the code, and says its name."""
    with pytest.raises(BadStatement, match="no statement nodes/nothing_here"):
        statement("nodes/nothing_here")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(statements, "CYPHER", tmp_path)
    (tmp_path / "nodes").mkdir()
    return tmp_path / "nodes"


def test_an_engine_gets_its_own_wording(folder: Path) -> None:
    """`<verb>.<dialect>.cypher` is taken on that dialect, the common file on every other."""
    (folder / "some.cypher").write_text(GOOD)
    own = GOOD.replace("// mode", "// why: its planner\n// mode").replace("UNWIND", "CALL () { } UNWIND")
    (folder / "some.arcadedb.cypher").write_text(own)
    common = statement("nodes/some")
    assert common.dialect is None
    assert worded(common, "neo4j") is common
    assert worded(common, "arcadedb").text.startswith("CALL")
    assert worded(worded(common, "arcadedb"), "arcadedb").dialect == "arcadedb"


def test_a_wording_of_one_engine_alone_is_found_by_its_name(folder: Path) -> None:
    """A fast path may exist on one engine only; asking for it on another is a mistake in the code."""
    (folder / "fast.neo4j.cypher").write_text(GOOD.replace("// mode", "// why: pruned walk\n// mode"))
    assert statement("nodes/fast").dialect == "neo4j"
    with pytest.raises(BadStatement, match="for arcadedb, only for neo4j"):
        worded(statement("nodes/fast"), "arcadedb")


@pytest.mark.parametrize(
    ("own", "fault"),
    [
        (GOOD, "must say why"),
        (changed(returns="// why: w\n// returns: name, key"), "differs in mode, params or returns"),
    ],
)
def test_a_wording_says_why_and_keeps_the_promise(folder: Path, own: str, fault: str) -> None:
    """Callers do not know which wording they get, so all wordings of a name have the same header."""
    (folder / "some.cypher").write_text(GOOD)
    (folder / "some.neo4j.cypher").write_text(own)
    with pytest.raises(BadStatement, match=fault):
        statement("nodes/some", "neo4j")


def test_every_file_is_a_good_statement() -> None:
    """No file waits to be refused until somebody asks for it."""
    names = [made.name for made in all_statements()]
    assert "store/ping" in names
