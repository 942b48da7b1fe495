"""What of a node differs from what the graph shows of it? By short hashes of its parts (DESIGN 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ingest.facts import sha_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ingest.state import State

_encode = msgspec.msgpack.Encoder(order="sorted").encode
parts_of = msgspec.msgpack.Decoder(dict[str, bytes]).decode


def changed(state: State, key: str, parts: Mapping[str, object]) -> tuple[set[str], set[str]]:
    """Compare a node's parts with those shown; give (parts to write, parts to delete) and remember the new ones."""
    known = state.shown(key)
    before = parts_of(known) if known else {}
    after = {part: sha_of(_encode(value))[:8] for part, value in parts.items()}
    if before == after:
        return set(), set()
    state.keep_shown(key, _encode(after))
    return {part for part, sha in after.items() if before.get(part) != sha}, before.keys() - after.keys()
