"""What did a run say, of the data it took and gave and of how it was made, so that two runs can be compared?

Pure: it is read from the facets that a run's node keeps as text (`ingest/render/runs.py`). Whatever a producer wrote in
a shape of its own is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from graph_schema.identity import clean, dataset_key, field_key, stored_namespace
from graph_schema.schema_facet import fields_of

CODE: Final = ("sql", "sourceCode", "sourceCodeLocation")
"""Facets of a job that say by which code it ran."""
NOT_CONFIGURED: Final = frozenset(
    {"parent", "errorMessage", "extractionError", "externalQuery", "jobDependencies", "lineage"}
)
"""Facets of a run that say what became of it, or where it stands: nobody chose them. All others count as parameters."""
_NAMED: Final = (("name", "value"), ("key", "value"))
"""How lists of settings are written: environmentVariables by name, tags by key."""


class Said(NamedTuple):
    """What one run said; datasets by key, parameters and code by the dotted names of their values."""

    job: str
    inputs: dict[str, str]
    """dataset -> the version read, "" where none was stated"""
    outputs: dict[str, str]
    columns: dict[str, dict[str, str]]
    """dataset -> path -> type, of each schema it stated; of two for one dataset that of the output"""
    column_edges: dict[tuple[str, str], str]
    """(source field, target field) -> what was done to the data"""
    parameters: dict[str, str]
    code: dict[str, str]

    def called(self, name: Callable[[str], str]) -> Said:
        """Call its datasets by other names."""
        return self._replace(
            inputs={name(key): version for key, version in self.inputs.items()},
            outputs={name(key): version for key, version in self.outputs.items()},
            columns={name(key): columns for key, columns in self.columns.items()},
            column_edges={
                (_field(start, name), _field(end, name)): how
                for (start, end), how in self.column_edges.items()
            },
        )


def said(
    job: str, facets: Mapping[str, Any], inputs: Mapping[str, str | None], outputs: Mapping[str, str | None]
) -> Said:
    """Read what a run said; `inputs` and `outputs` are the datasets of its acts with their versions."""
    taken, given = part(facets, "inputs"), part(facets, "outputs")
    return Said(
        job=job,
        inputs={key: version or "" for key, version in inputs.items()},
        outputs={key: version or "" for key, version in outputs.items()},
        columns={**_schemas(taken), **_schemas(given)},
        column_edges=dict(_column_edges(given)),
        parameters={
            name: value
            for facet, body in part(facets, "run").items()
            if facet not in NOT_CONFIGURED
            for name, value in leaves(body, facet)
        },
        code={
            name: value
            for facet, body in part(facets, "job").items()
            if facet in CODE
            for name, value in leaves(body, facet)
        },
    )


def leaves(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Yield (dotted name, text) of each value within a facet, but of what describes the facet itself."""
    if isinstance(value, dict):
        for member, inner in value.items():
            if not member.startswith("_"):
                yield from leaves(inner, f"{name}.{member}")
    elif isinstance(value, list) and (named := _settings(value)) is not None:
        for member, inner in named.items():
            yield from leaves(inner, f"{name}.{member}")
    else:
        yield clean(name), text_of(value)


def text_of(value: Any) -> str:
    """Write a value: text as it is, all else as JSON."""
    return clean(value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False))


def _field(key: str, name: Callable[[str], str]) -> str:
    dataset, mark, path = key.partition("#")
    return name(dataset) + mark + path


def _settings(values: Sequence[Any]) -> dict[str, Any] | None:
    """Read a list of named values; None where it is none."""
    for name, value in _NAMED:
        if values and all(isinstance(one, dict) and isinstance(one.get(name), str) for one in values):
            return {one[name]: one.get(value) for one in values}
    return None


def part(holder: Any, member: str) -> dict[str, Any]:
    """Give an object within an object; an empty one where there is none."""
    found = holder.get(member) if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}


def _schemas(datasets: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    stated = {key: fields_of(part(facets, "schema")) for key, facets in datasets.items()}
    return {
        key: {one.path: one.data_type or "" for one in fields} for key, fields in stated.items() if fields
    }


def _column_edges(outputs: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    for dataset, facets in outputs.items():
        lineage = part(facets, "columnLineage")
        for path, stated in part(lineage, "fields").items():
            sources = stated.get("inputFields") if isinstance(stated, dict) else None
            for source in sources if isinstance(sources, list) else ():
                start = _source(source)
                if start is not None:
                    yield (start, field_key(dataset, clean(path))), _done(source.get("transformations"))


def _source(stated: Any) -> str | None:
    """Give the key of the field that an input of columnLineage names."""
    match stated:
        case {"namespace": str(namespace), "name": str(name), "field": str(field)}:
            return field_key(dataset_key(stored_namespace(clean(namespace)), clean(name)), clean(field))
    return None


def _done(transformations: Any) -> str:
    """Say what was done to the data, each way once: `DIRECT IDENTITY, INDIRECT FILTER`."""
    ways = (
        [one for one in transformations if isinstance(one, dict)] if isinstance(transformations, list) else []
    )
    named = {" ".join(str(way[part]) for part in ("type", "subtype") if way.get(part)) for way in ways}
    return ", ".join(sorted(named - {""}))
