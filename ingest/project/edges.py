"""How is a pair's derivation kept as edges?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    from ingest.derive.sequence import Derived
    from ingest.derive.tracks import Track


class EdgeKey(NamedTuple):
    """Names a derived edge. `type` is FEEDS (FED when closed), FIELD or SHAPES; paths are "" where there is none."""

    job: str
    target: str
    type: str
    source: str
    source_path: str
    target_path: str


def is_deployment(target: str) -> bool:
    """Tell whether what an edge feeds is a deployment rather than a dataset."""
    return target.startswith("deployment:")


class EdgeBody(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An edge's properties: `value` is the evidence's rank, or the transformations."""

    value: Any
    valid_from: tuple[str, ...]
    valid_to: tuple[str, ...]
    last_at: str
    earlier: int


Edges = dict[EdgeKey, tuple[bool, bytes]]
"""edge -> whether it is open, and its encoded body."""

_encode = msgspec.msgpack.encode
decode_body = msgspec.msgpack.Decoder(EdgeBody).decode


def edges_of(pair: tuple[str, str], derived: Derived) -> Edges:
    """Give the edges that a pair's derivation comes to."""
    job, target = pair
    edges: Edges = {}
    for source, track in derived.sources.items():
        edges[EdgeKey(job, target, "FEEDS", source, "", "")] = _shown(track)
    for (source, path, target_path), track in derived.columns.items():
        kind = "SHAPES" if target_path is None else "FIELD"
        edges[EdgeKey(job, target, kind, source, path, target_path or "")] = _shown(track)
    return edges


def _shown(track: Track) -> tuple[bool, bytes]:
    body = EdgeBody(track.value, track.valid_from, track.valid_to, track.last_at, track.earlier)
    return track.is_open, _encode(body)
