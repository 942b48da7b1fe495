"""What is a node's key, and what does a key name?

A key is `kind:part:part`, each part through `enc`; this module alone renders and parses keys (DESIGN 5).
Identity is the exact text after redaction and replacement: no case folding, trimming or unquoting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final
from urllib.parse import unquote
from uuid import NAMESPACE_URL, UUID, uuid5

from graph_schema.errors import BadKey

KEY_BYTES_MAX: Final = 2048
_CUT_BYTES: Final = 1900
_PARTS: Final = {
    "dataset": 2, "job": 2, "run": 1, "experiment": 2, "model": 2, "deployment": 2, "person": 2, "approval": 1,
    "facet": 2, "check": 2,
}  # fmt: skip
_NAMED: Final = frozenset({"experiment", "model", "deployment"})
_RESERVED = re.compile("[%:#\x00-\x1f\x7f]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SECRET = re.compile(r"^([A-Za-z][A-Za-z0-9+.\-]*://)([^/?#]*)@", re.DOTALL)
_CUT_KEY = re.compile(r"~[0-9a-f]{64}$")
_UUID_FORM = re.compile(
    r"(?:urn:uuid:)?\{?([0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?",
    re.IGNORECASE | re.ASCII,
)
_UUID_WRITTEN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_RUN_NAMESPACE: Final = uuid5(NAMESPACE_URL, "headwater:run")


@dataclass(frozen=True, slots=True)
class Key:
    """A parsed key: its kind, its decoded parts, and its one rendering."""

    kind: str
    parts: tuple[str, ...]
    text: str


def clean(text: str) -> str:
    """Replace what no engine stores, NUL and lone surrogates, by U+FFFD."""
    if text.isascii() and "\x00" not in text:
        return text
    return _UNSTORABLE.sub("�", text)


def redact(namespace: str) -> tuple[str, bool]:
    """Hide the password of `scheme://user:secret@rest`; tell whether there was one."""
    match = _SECRET.match(namespace)
    if match is None or ":" not in match[2]:
        return namespace, False
    user = match[2].split(":", 1)[0]
    return f"{match[1]}{user}:***@{namespace[match.end() :]}", True


def stored_namespace(namespace: str) -> str:
    """Give a namespace as it is stored and asked for: redacted, then replaced."""
    return clean(redact(namespace)[0])


def enc(part: str) -> str:
    """Escape one already redacted part of a key: `%`, `:`, `#` and control characters only."""
    return _RESERVED.sub(lambda found: f"%{ord(found[0]):02X}", clean(part))


def _bounded(key: str) -> str:
    encoded = key.encode()
    if len(encoded) <= KEY_BYTES_MAX:
        return key
    head = encoded[:_CUT_BYTES].decode(errors="ignore")
    return f"{head}~{sha256(encoded).hexdigest()}"


@lru_cache(maxsize=65_536)
def dataset_key(namespace: str, name: str) -> str:
    """Render a dataset's key from its exact namespace and name."""
    return _bounded(f"dataset:{enc(redact(namespace)[0])}:{enc(name)}")


@lru_cache(maxsize=65_536)
def job_key(namespace: str, name: str) -> str:
    """Render a job's key from its exact namespace and name."""
    return _bounded(f"job:{enc(redact(namespace)[0])}:{enc(name)}")


def run_key(uuid_text: str) -> str:
    """Render a run's key from its UUID in lower-case dashed form."""
    return f"run:{uuid_text}"


@lru_cache(maxsize=65_536)
def field_key(dataset: str, path: str) -> str:
    """Render a field's key from its dataset's (already bounded) key and its dotted path."""
    return _bounded(f"{dataset}#{enc(path)}")


def person_key(name: str) -> str:
    """Render a person's key."""
    return _bounded(f"person::{enc(name)}")


def named_key(kind: str, namespace: str, name: str) -> str:
    """Render the key of an experiment, a model or a deployment: its namespace is redacted as a dataset's is."""
    return _bounded(f"{kind}:{enc(redact(namespace)[0])}:{enc(name)}")


def approval_key(run: str) -> str:
    """Render the key of a recorded decision from the UUID of the run that recorded it."""
    return f"approval:{run}"


def facet_key(entity: str, facet: str) -> str:
    """Render the key of an entity's current facet."""
    return _bounded(f"facet:{enc(entity)}:{enc(facet)}")


def check_key(source: str, identity: str) -> str:
    """Render the key of a check result: where it was stated, and which one of those it is."""
    return _bounded(f"check:{enc(source)}:{enc(identity)}")


def container_key(kind: str, *parts: str) -> str:
    """Render the key of what nodes lie in, such as `namespace:bigquery`: it names a group in an answer, and no node."""
    return _bounded(":".join([kind, *(enc(part) for part in parts)]))


def run_uuid(text: str, job_namespace: str, job_name: str) -> str:
    """Give a run's UUID: the text's own when it is one, else a stable one made of job and text (DESIGN 5).

    Producers reuse texts such as `scheduled__2026-05-01` in many jobs, so the job is part of it.
    """
    own = uuid_of(text)
    return own if own is not None else revision_uuid(text, job_namespace, job_name)


def revision_uuid(text: str, job_namespace: str, job_name: str) -> str:
    """Give the UUID of a job's revision: always one made of job and text, since the digest of an image looks like a UUID."""
    namespace = stored_namespace(job_namespace)
    return str(uuid5(_RUN_NAMESPACE, f"{namespace}\n{clean(job_name)}\n{clean(text)}"))


def uuid_of(text: str) -> str | None:
    """Read a UUID in any of the accepted spellings; None for any other text."""
    if _UUID_WRITTEN.fullmatch(text) is not None:
        return text  # as nearly all are sent
    match = _UUID_FORM.fullmatch(text)
    return None if match is None else str(UUID(match[1]))


def parse_key(text: str) -> Key:
    """Read a key, or Marquez's unescaped `dataset:ns:name` where it is unambiguous; raises BadKey."""
    kind, found, rest = text.partition(":")
    if not found or kind not in _PARTS:
        raise _bad_key(text)
    if len(text) > _CUT_BYTES // 4 and _CUT_KEY.search(text) and len(text.encode()) >= _CUT_BYTES:
        return Key("field" if "#" in rest else kind, (), text)  # a cut key: its parts cannot be had back
    if kind == "run":
        own = uuid_of(unquote(rest))
        if own is None:
            raise _bad_key(text)
        return Key("run", (own,), run_key(own))
    body, hashed, path = rest.partition("#")
    parts = _split(kind, body, text)
    if hashed and kind == "dataset":
        owner = _rendered("dataset", parts)
        return Key("field", (*parts, unquote(path)), field_key(owner, unquote(path)))
    if hashed:
        raise _bad_key(text)
    return Key(kind, parts, _rendered(kind, parts))


def _split(kind: str, body: str, text: str) -> tuple[str, ...]:
    pieces = body.split(":")
    wanted = _PARTS[kind]
    if len(pieces) == wanted:
        return tuple(unquote(piece) for piece in pieces)
    # Marquez writes namespaces with their colons (`dataset:postgres://host:5432:db.t`); a name seldom has one,
    # so the last colon divides, unless the tail looks like the port of a namespace without a name.
    if wanted == 2 and len(pieces) > wanted and not pieces[-1].startswith("//"):  # noqa: PLR2004
        return ":".join(pieces[:-1]), pieces[-1]
    raise _bad_key(text)


def _rendered(kind: str, parts: tuple[str, ...]) -> str:
    if kind == "dataset":
        return dataset_key(parts[0], parts[1])
    if kind == "job":
        return job_key(parts[0], parts[1])
    if kind in _NAMED:
        return named_key(kind, *parts)
    return container_key(kind, *parts)


def _bad_key(text: str) -> BadKey:
    return BadKey(
        f"{text[:200]!r} is no key; write kind:namespace:name, such as dataset:postgres%3A//db:public.orders",
        key=text[:200],
    )
