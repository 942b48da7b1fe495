"""Where does the data of a Feast source lie outside Feast, as everybody else names it?

What a registry says of a source is the text of a configuration. Where that is a name by itself (`s3://bucket/key`, a BigQuery
table) it is taken; a relative path, or a table without its server, is a name only here, and whoever knows the place says so
by an alias. Nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from graph_schema.errors import BadInput, BadKey
from graph_schema.identity import parse_key
from graph_schema.secrets import redacted

ANY: Final = "*"
EXAMPLE: Final = "applicants_file=s3://lake/raw/applicants.parquet"
BUCKETS: Final = {
    "s3": "s3",
    "s3a": "s3",
    "s3n": "s3",
    "gs": "gs",
    "gcs": "gs",
    "abfss": "abfss",
    "abfs": "abfss",
    "wasbs": "wasbs",
}
"""Schemes whose names are a bucket and a key in it."""

BIGQUERY_PARTS: Final = 3
TABLES: Final = ("table", "topic", "streamName")


class Place(NamedTuple):
    """The namespace and name of a dataset."""

    namespace: str
    name: str


class Alias(NamedTuple):
    """Of a source, by its name or by what its configuration says, where it lies; `project` is "" for all of them.

    Both sides may end in `*`: what it stands for on the left is put in its place on the right.
    """

    project: str
    source: str
    place: Place

    def found(self, project: str, name: str, uri: str) -> Place | None:
        """Give the place of a source that this speaks of."""
        if self.project not in {"", project}:
            return None
        if self.source in {name, uri}:
            return self.place
        if not self.source.endswith(ANY):
            return None
        begin = self.source.removesuffix(ANY)
        for text in (uri, name):
            if text.startswith(begin) and text != begin:
                rest = text.removeprefix(begin)
                return Place(self.place.namespace, self.place.name.removesuffix(ANY) + rest)
        return None


def aliases_of(texts: Iterable[str]) -> tuple[Alias, ...]:
    """Read aliases, each `SOURCE=NAMESPACE/NAME`; raises BadInput."""
    return tuple(alias_of(text) for text in texts if text.strip())


def alias_of(text: str) -> Alias:
    """Read `SOURCE=NAMESPACE/NAME`, also `PROJECT:SOURCE=...` and `SOURCE=dataset:NAMESPACE:NAME`, escaped as keys are."""
    left, equals, right = text.strip().partition("=")
    project, colon, source = left.partition(":")
    if not colon or source.startswith("//"):
        project, source = "", left
    if not equals or not source or not right:
        raise _bad(text, "it has no two sides")
    place = _named(right)
    if place is None:
        raise _bad(text, f"{right!r} names no dataset")
    if place.name.endswith(ANY) != source.endswith(ANY):
        raise _bad(text, "* has to end both sides, or neither")
    return Alias(project, source, place)


def _named(text: str) -> Place | None:
    if text.startswith("dataset:"):
        try:
            parts = parse_key(text).parts
        except BadKey:
            return None
        return Place(*parts) if len(parts) == len(Place._fields) else None
    if "://" in text:
        return place_of_uri(text) or _split_after_authority(text)
    namespace, slash, name = text.partition("/")
    return Place(namespace, name) if slash and namespace and name else None


def _split_after_authority(text: str) -> Place | None:
    scheme, _, rest = text.partition("://")
    authority, slash, name = rest.partition("/")
    return Place(f"{scheme}://{authority}", name) if slash and authority and name else None


def place_of_uri(uri: str) -> Place | None:
    """Name what an absolute address names, as OpenLineage does; None for what is no name by itself."""
    if uri.startswith("/"):
        return Place("file", uri)
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme == "file" and not parts.netloc:
        return Place("file", parts.path) if parts.path.startswith("/") else None
    key = parts.path.lstrip("/")
    if parts.scheme in BUCKETS and parts.netloc and key:
        return Place(f"{BUCKETS[parts.scheme]}://{parts.netloc}", key)
    if parts.scheme in {"hdfs", "dbfs"} and parts.netloc and key:
        return Place(f"{parts.scheme}://{parts.netloc}", parts.path)
    return None


def options_of(source: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the options of a source, whatever their kind."""
    for name, value in source.items():
        if name.endswith("Options") and isinstance(value, dict):
            return value
    return {}


def uri_of(source: Mapping[str, Any]) -> str:
    """Write where a source lies by its configuration, as Feast writes it, without passwords."""
    options = options_of(source)
    path = options.get("uri") or options.get("path")
    if isinstance(path, str) and path:
        return str(redacted(path))
    for member in TABLES:
        table = options.get(member)
        if isinstance(table, str) and table:
            return f"table://{redacted(table)}"
    return f"feast://{source.get('name') or 'unnamed'}"


def place_of(source: Mapping[str, Any], project: str, aliases: Iterable[Alias]) -> Place | None:
    """Tell where a source lies: by the first alias that speaks of it, else by its own configuration."""
    name, uri = str(source.get("name", "")), uri_of(source)
    for alias in aliases:
        if found := alias.found(project, name, uri):
            return found
    options = options_of(source)
    if "bigqueryOptions" in source and isinstance(options.get("table"), str):
        table = options["table"].replace(":", ".", 1)
        return Place("bigquery", table) if table.count(".") == BIGQUERY_PARTS - 1 else None
    if "kafkaOptions" in source and isinstance(options.get("topic"), str):
        servers = options.get("kafkaBootstrapServers") or options.get("bootstrapServers")
        first = servers.split(",")[0].strip() if isinstance(servers, str) else ""
        return Place(f"kafka://{first}", options["topic"]) if first else None
    return place_of_uri(uri)


def _bad(text: str, why: str) -> BadInput:
    return BadInput(f"{text!r} is no alias: {why}; write it as {EXAMPLE}")
