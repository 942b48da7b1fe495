"""Are the events of any file found whole, lazily, and with the line they stand on?"""

from __future__ import annotations

import gzip
import io
import json
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_schema.errors import BadInput, TooLarge
from ingest.sources.files import events_in


def found(path: Path, content: bytes, **limits: int) -> list[tuple[bytes, int]]:
    path.write_bytes(content)
    return [(one.raw, one.line) for one in events_in([str(path)], **limits)]


CASES: dict[str, tuple[bytes, list[tuple[bytes, int]]]] = {
    "object.json": (b'{"a":1}\n', [(b'{"a":1}', 1)]),
    "bom.json": (b'\xef\xbb\xbf{"a":1}', [(b'{"a":1}', 1)]),
    "array.json": (b'[{"a":1},\n {"b":[1,\n2]}]\n', [(b'{"a":1}', 1), (b'{"b":[1,\n2]}', 2)]),
    "pretty.json": (b'{\n "a": 1\n}\n{"b":2}\n', [(b'{\n "a": 1\n}', 1), (b'{"b":2}', 4)]),
    "empty.json": (b" \n", []),
    "nothing.json": (b"[]", []),
    "scalars.json": (b"[1, null]", [(b"1", 1), (b"null", 1)]),
    "broken.json": (b'{"a":1}\n{broken\n{"b":2}\n', [(b'{"a":1}', 1), (b"{broken\n", 2), (b'{"b":2}', 3)]),
    "cut.json": (b'[{"a":1},{"b":', [(b'{"a":1}', 1), (b'{"b":', 1)]),
    "odd.json": (b'{"a":"\xff","n":NaN}', [(b'{"a":"\xff","n":NaN}', 1)]),
    "long number.json": (b"[" + b"9" * 9000 + b"]", [(b"9" * 9000, 1)]),
    "lines.ndjson": (b'\n{"a":1}\r\n\n{"b"\xff', [(b'{"a":1}', 2), (b'{"b"\xff', 4)]),
    "bom.jsonl": (b'\xef\xbb\xbf{"a":1}\n', [(b'{"a":1}', 1)]),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("packed", [False, True])
def test_events_are_found_as_they_stand(tmp_path: Path, name: str, packed: bool) -> None:  # noqa: FBT001
    """Objects, arrays, lines, gzip or not: each event byte for byte with its first line; broken ones are
    given too.
    """
    content, expected = CASES[name]
    path = tmp_path / (f"{name}.gz" if packed else name)
    assert found(path, gzip.compress(content) if packed else content) == expected


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.dictionaries(st.text(max_size=4), st.text(max_size=30) | st.floats()), max_size=6),
    indent=st.sampled_from([None, 1]),
)
def test_whatever_is_written_is_found(
    tmp_path_factory: pytest.TempPathFactory, values: list[dict[str, Any]], indent: int | None
) -> None:
    """An array, and the same values one after another, give back the values; lines add up."""
    folder = tmp_path_factory.mktemp("files")
    texts = [json.dumps(value, indent=indent) for value in values]
    for content in ("[" + ",\n".join(texts) + "]", "\n".join(texts)):
        pieces = found(folder / "x.json", content.encode())
        assert [json.loads(raw) for raw, _ in pieces] == [json.loads(text) for text in texts]
        lines = content.split("\n")
        assert all(raw.decode().split("\n")[0] in lines[line - 1] for raw, line in pieces)


def test_values_across_pieces(tmp_path: Path) -> None:
    """Values larger than one read, and words cut by a read's end, are found whole."""
    values = [{"a": "é" * 100_000, "t": True, "n": -1.5e10} for _ in range(9)] + [
        {"b": n} for n in range(30_000)
    ]
    content = json.dumps(values, ensure_ascii=False).encode()
    assert [json.loads(raw) for raw, _ in found(tmp_path / "x.json", content)] == values


def test_memory_is_bounded_by_one_event(tmp_path: Path) -> None:
    """A file of 60 MB of events is read in a few megabytes, whichever its form."""
    text = b'{"a":"' + b"x" * 3000 + b'"}'
    for name, content in (
        ("x.json", b"[" + b",".join([text] * 20_000) + b"]"),
        ("x.ndjson", b"\n".join([text] * 20_000)),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        tracemalloc.start()
        assert sum(1 for _ in events_in([str(path)])) == 20_000
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 8_000_000, name


def test_standard_input_may_be_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` reads lines, arrays, objects and gzip alike."""
    for content in (b'{"a":1}\n{"b":2}\n', b'[{"a":1},{"b":2}]', gzip.compress(b'{"a":1}{"b":2}')):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert [one.raw for one in events_in(["-"])] == [b'{"a":1}', b'{"b":2}']


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file, a folder, a cut gzip stream and an event over the limit say which file or
    line it is.
    """
    with pytest.raises(BadInput, match="absent"):
        list(events_in([str(tmp_path / "absent.json")]))
    with pytest.raises(BadInput):
        list(events_in([str(tmp_path)]))
    with pytest.raises(BadInput, match=r"cut\.json\.gz"):
        found(tmp_path / "cut.json.gz", gzip.compress(b'[{"a":1}]' * 5000)[:-20])
    for name in ("x.json", "x.ndjson"):
        with pytest.raises(TooLarge, match="line 2"):
            found(tmp_path / name, b'{"a":1}\n{"b":"' + b"x" * 2_000_000 + b'"}\n', event_bytes_max=500_000)


def test_files_are_read_in_order_and_lazily(tmp_path: Path) -> None:
    """Events come in the order of the files given, before the next file is opened."""
    first = tmp_path / "first.json"
    first.write_bytes(b'{"a":1}')
    stream = events_in([str(first), str(tmp_path / "absent.json")])
    assert next(stream).file == str(first)
    with pytest.raises(BadInput):
        next(stream)
