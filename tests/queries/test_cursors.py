"""Is a cursor of use to its own question alone?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_schema.errors import BadInput
from queries.cursors import decode_cursor, encode_cursor


@given(st.integers(0, 10_000), st.text(max_size=60))
def test_a_cursor_gives_its_row_back(depth: int, key: str) -> None:
    """What was encoded is decoded, whatever characters a key has."""
    key = key.encode(errors="replace").decode()
    text = encode_cursor(["down", 1], (depth, key))
    assert decode_cursor(text, ["down", 1], tuple[int, str]) == (depth, key)
    assert text.isascii()


def test_a_cursor_belongs_to_its_question() -> None:
    """Used with another question a cursor is refused: its page would be nonsense."""
    text = encode_cursor(["downstream", "a"], (1, "b"))
    with pytest.raises(BadInput, match="another question"):
        decode_cursor(text, ["upstream", "a"], tuple[int, str])


@pytest.mark.parametrize("text", ["", "x", "!!!!", "é", "A" * 9_000, "QUFBQUFBQUFBQUFB", "eyJhIjogMX0"])
def test_no_text_breaks_decoding(text: str) -> None:
    """Anything that is no cursor is BAD_INPUT, never a failure of ours."""
    with pytest.raises(BadInput):
        decode_cursor(text, ["q"], tuple[int, str])


@given(st.text(max_size=80))
def test_random_text_is_no_cursor(text: str) -> None:
    """The same for any text at all."""
    with pytest.raises(BadInput):
        decode_cursor(text, ["q"], tuple[int, str])
