"""Where is the MLflow server that an address names, and how are things in it named?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import unquote, urlsplit

from graph_schema.errors import BadInput
from ingest.sources.mlflow.mapping.names import Place, namespace_of

EXAMPLE: Final = "http://127.0.0.1:5000"
OPERATIONS: Final = "*-feast-ops"
"""Experiments in which Feast logs its own operations; they are no experiments of models."""


@dataclass(frozen=True, slots=True)
class Address:
    """A server: `url` to call it by, `shown` without any password, what names are given in, and what is left out."""

    url: str = field(repr=False)
    shown: str
    place: Place
    excluded: tuple[str, ...] = (OPERATIONS,)
    username: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    timeout_s: float = 30.0

    def is_excluded(self, experiment: str) -> bool:
        """Tell whether an experiment is left out by its name."""
        return any(fnmatchcase(experiment, pattern) for pattern in self.excluded)


def address_of(
    text: str,
    *,
    namespace: str = "",
    feast: Sequence[str] = (),
    feast_before: str = "",
    tables: str = "",
    excluded: Sequence[str] = (),
    username: str = "",
    password: str = "",
    token: str = "",
    timeout_s: float = 30.0,
) -> Address:
    """Read an address and what belongs to it; raises BadInput."""
    try:
        parts = urlsplit(text.strip().rstrip("/"))
        port = parts.port
    except ValueError as error:
        raise BadInput(f"the address cannot be read ({error}); write it as {EXAMPLE}") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadInput(f"{text!r} is no address of an MLflow server; write it as {EXAMPLE}")
    if parts.query or parts.fragment:
        raise BadInput(f"the address of an MLflow server ends with its path; write it as {EXAMPLE}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    bare = f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{parts.path}"
    named = namespace or namespace_of(bare)
    if not named.startswith("mlflow://"):
        raise BadInput(f"the namespace {named!r} is written as mlflow://HOST:PORT")
    return Address(
        url=bare,
        shown=bare,
        place=Place(named, dict(_pair(one) for one in feast), tables, feast_before),
        excluded=(OPERATIONS, *excluded),
        username=username or unquote(parts.username or ""),
        password=password or unquote(parts.password or ""),
        token=token,
        timeout_s=timeout_s,
    )


def _pair(text: str) -> tuple[str, str]:
    project, equals, namespace = text.partition("=")
    if not equals or not project.strip() or not namespace.strip():
        raise BadInput(
            f"{text!r} names no Feast namespace; write PROJECT=NAMESPACE, such as loans=feast://host/loans"
        )
    return project.strip(), namespace.strip()
