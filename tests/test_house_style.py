"""What was said twice in review is checked here: small rules that ruff and mypy do not know."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.needs import ROOT

PACKAGES: Final = ("app", "ingest", "queries", "graph_schema", "headwater", "bench")
FUNCTION_LINES_MAX: Final = 60
FILE_LINES_MAX: Final = 400
TEST_FILE_LINES_MAX: Final = 500
POSITIONAL_MAX: Final = 4
POSITIONAL_PRIVATE_MAX: Final = 5
NESTING_MAX: Final = 4
DRAWERS: Final = re.compile(r"(utils?|helpers?|common|misc)\.py")
SUFFIXES: Final = re.compile(r"(Manager|Service|Repository|Helper|Handler)$")
CYPHER: Final = re.compile(r"\b(MATCH|MERGE|OPTIONAL MATCH|DETACH DELETE)\s*\(|\bUNWIND\s+\$")
MACHINE: Final = re.compile(
    r"(?<![\w.:/])/(?:work|root|tmp|home)/\w+|--(?:extra-)?index-url\s+\S|\bfind-links\b.*/"
)
TEXT: Final = (
    ".py",
    ".md",
    ".toml",
    ".lock",
    ".txt",
    ".yml",
    ".yaml",
    ".json",
    ".cypher",
    ".sh",
    ".html",
    ".graphql",
)
BLOCKS: Final = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def tracked() -> list[Path]:
    """List the files that git knows of or would take."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


FILES: Final = tracked()
SOURCES: Final = [path for path in FILES if path.suffix == ".py"]
OURS: Final = [path for path in SOURCES if path.relative_to(ROOT).parts[0] in PACKAGES]
TREES: Final = {path: ast.parse(path.read_text()) for path in SOURCES}


def place(path: Path, line: int = 1) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(TREES[path]) if isinstance(node, Function))


def test_no_file_is_a_drawer() -> None:
    """A file is named by what one reads there, never utils, helpers, common or misc."""
    assert [place(path) for path in SOURCES if DRAWERS.fullmatch(path.name)] == []


def test_no_class_is_named_for_a_pattern() -> None:
    """A class is a value or holds state; Manager, Service, Repository, Helper and Handler say neither."""
    classes = (
        (path, node) for path in SOURCES for node in ast.walk(TREES[path]) if isinstance(node, ast.ClassDef)
    )
    assert [place(path, node.lineno) for path, node in classes if SUFFIXES.search(node.name)] == []


def test_functions_fit_on_a_screen() -> None:
    """A function has about 40 lines at most; none has more than 60."""
    long = [
        f"{place(path, node.lineno)} {node.name}"
        for path in SOURCES
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX
    ]
    assert long == []


def test_files_have_one_subject() -> None:
    """A source file has at most 400 lines, a test file 500."""
    sizes = ((path, len(path.read_text().splitlines())) for path in SOURCES)
    limits = ((path, size, FILE_LINES_MAX if path in OURS else TEST_FILE_LINES_MAX) for path, size in sizes)
    assert [f"{place(path)} {size} lines" for path, size, limit in limits if size > limit] == []


def test_arguments_are_given_by_name() -> None:
    """Three positional arguments are the aim; a function has four at most, a private one five."""
    found = []
    for path in OURS:
        for node in functions(path):
            given = [*node.args.posonlyargs, *node.args.args]
            own = given[1:] if given and given[0].arg in {"self", "cls"} else given
            limit = POSITIONAL_PRIVATE_MAX if node.name.startswith("_") else POSITIONAL_MAX
            if len(own) > limit and not node.decorator_list:  # a framework calls decorated ones by name
                found.append(f"{place(path, node.lineno)} {node.name}")
    assert found == []


def depth(node: ast.AST, *, is_elif: bool = False) -> int:
    """Count nested blocks; an elif chain is one level, a nested function starts anew."""
    own = int(isinstance(node, BLOCKS) and not is_elif)
    below = [0]
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            continue
        chained = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        below.append(depth(child, is_elif=chained))
    return own + max(below)


def test_nesting_stays_shallow() -> None:
    """Blocks nest three deep, four at the very most."""
    deep = [
        f"{place(path, node.lineno)} {node.name}"
        for path in OURS
        for node in functions(path)
        if depth(node) > NESTING_MAX
    ]
    assert deep == []


def test_cypher_lives_in_its_own_files() -> None:
    """No Cypher stands in a Python string outside the tests."""
    found = [
        place(path, node.lineno)
        for path in OURS
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CYPHER.search(node.value)
    ]
    docstring = {place(path) for path in OURS}  # a module may show what its files look like
    assert [where for where in found if where not in docstring] == []


def test_every_module_says_which_question_it_answers() -> None:
    """Every module begins with a docstring."""
    assert [place(path) for path in SOURCES if ast.get_docstring(TREES[path]) is None] == []


def test_every_test_states_its_rule() -> None:
    """The docstring of a test is the rule it checks."""
    found = [
        f"{place(path, node.lineno)} {node.name}"
        for path in SOURCES
        if path.name.startswith("test_")
        for node in functions(path)
        if node.name.startswith("test_") and ast.get_docstring(node) is None
    ]
    assert found == []


def test_nothing_of_ours_is_mocked() -> None:
    """Tests run the real thing: no unittest.mock, no patching of our own modules."""
    tests = [path for path in SOURCES if path not in OURS and path != Path(__file__)]
    found = [place(path) for path in tests if re.search(r"unittest\.mock|MagicMock", path.read_text())]
    assert found == []


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if path.suffix in TEXT or path.name == "Makefile"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_machine_is_named(path: Path) -> None:
    """No file names a path of one machine or the address of a package index."""
    if path == Path(__file__):
        return
    found = [line for line in path.read_text(errors="replace").splitlines() if MACHINE.search(line)]
    assert found == []
