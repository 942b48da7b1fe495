"""What has been read of one event so far, while what it contributes is put together?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import msgspec
import orjson

from ingest import canonical
from ingest.facts import Sha, order_of, sha_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.facets.stated import Stated
    from ingest.memo import Memo
    from ingest.openlineage import Event, Named

PLACE_INPUT, PLACE_DATASET, PLACE_OUTPUT = 0, 1, 2
_MEMO_BYTES_MAX: Final = 16 * 1024
_encode = msgspec.msgpack.encode
T = TypeVar("T")


class Register(NamedTuple):
    """A stated facet of a job or dataset; the greatest stamp wins (rule F5)."""

    entity: str
    facet: str
    stamp: str
    body: Sha


class SchemaClaim(NamedTuple):
    """A schema stated for a dataset. `run` is set where the run's end decides how it ranks; `low` ranks below."""

    dataset: str
    stamp: str
    run: str
    low: bool
    body: Sha


class Name(NamedTuple):
    """An entity named by the event; `real` when it is more than mentioned inside a facet or as a parent."""

    kind: str
    key: str
    namespace: str
    name: str
    time: str | None
    real: bool


class Said(NamedTuple):
    """What an event says of an entity elsewhere than in the entity's own facets; the greatest stamp of a slot wins."""

    entity: str
    slot: str
    stamp: str
    body: Sha


class StartedBy(NamedTuple):
    """That a person started a run or experiment, by which evidence; the least time counts."""

    subject: str
    person: str
    evidence: str
    at: str


class Reading:
    """The contribution of one event while it is being put together."""

    def __init__(self, event: Event, digest: bytes, *, suspect: bool) -> None:
        self.event = event
        self.order = order_of(event.time, digest, suspect=suspect)
        self.time = None if suspect else event.time
        self.bodies: dict[Sha, bytes] = {}
        self._texts: dict[int, tuple[Sha, bytes]] = {}
        self.names: dict[str, Name] = {}
        self.fields: set[tuple[str, str]] = set()
        self.registers: list[Register] = []
        self.schemas: list[SchemaClaim] = []
        self.mentions: list[tuple[str, str | None]] = []
        self.said: list[Said] = []
        self.started: list[StartedBy] = []
        self.keyed: list[tuple[str, str]] = []

    def keep(self, body: Any) -> Sha:
        """Keep a facet's body, and give its name."""
        sha, text = self.text_of(body)
        self.bodies[sha] = text
        return sha

    def text_of(self, body: Any) -> tuple[Sha, bytes]:
        """Write a facet's body once; give its name and text."""
        known = self._texts.get(id(body))
        if known is None:
            try:
                text = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
            except TypeError:  # integers beyond 64 bits, lone surrogates
                text = canonical.text_of(body)
            known = self._texts[id(body)] = (sha_of(text), text)
        return known

    def remembered(self, memo: Memo[T], body: Any, make: Callable[[], T], *about: object) -> T:
        """Find out what a facet's body means, unless that is remembered; large ones are not."""
        sha, text = self.text_of(body)
        if len(text) > _MEMO_BYTES_MAX:
            return make()
        key = (*about, sha)
        known = memo.get(key)
        return memo.put(key, make()) if known is None else known

    def keep_bytes(self, text: bytes) -> Sha:
        sha = sha_of(text)
        self.bodies[sha] = text
        return sha

    def keep_stated(self, stated: Stated) -> Sha:
        return self.keep_bytes(_encode(stated))

    def name(self, named: Named, kind: str, *, real: bool) -> None:
        known = self.names.get(named.key)
        if known is None or (real and not known.real):
            self.names[named.key] = Name(kind, named.key, named.namespace, named.name, self.time, real)
