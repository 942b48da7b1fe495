"""What does Marquez tell of datasets and of their versions?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graph_schema.errors import NodeNotFound
from graph_schema.identity import dataset_key, stored_namespace
from queries.lists import read_lists
from queries.marquez.catalog import Page, has_namespace, no_namespace
from queries.marquez.names import dataset_version, made_uuid, version_instant, wire_time
from queries.marquez.reading import Facets, Names, id_of, names_of, read_facets, schema_fields, text_of
from queries.marquez.runs import read_runs, tell_runs
from queries.marquez.shapes import (
    ColumnLineage,
    Dataset,
    DatasetData,
    DatasetVersion,
    InputField,
    Run,
)
from queries.nodes import KEYS_MAX, read_aliases_of, read_datasets, read_run_texts, told
from queries.results import Dataset as Known
from queries.said import part
from queries.statements import statement
from queries.store import GraphStore

UNKNOWN_SOURCE: Final = "default"
"""What Marquez calls the source of a dataset of which no source was told."""
_OF_A_NODE: Final = frozenset({"schema", "dataSource", "lifecycleStateChange"})
"""Facets that a node of lineage is told by."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A dataset, the one that it is another name of, and what both say."""

    node: Known
    home: Known
    physical: str
    """the name by which runs call it"""
    facets: Facets
    inputs: dict[str, list[tuple[str, str]]]

    @property
    def version(self) -> str:
        """Give the id of what it is now."""
        return dataset_version(self.node.key, self.home.last_written_at or self.node.created_at)


async def find_dataset(store: GraphStore, namespace: str, name: str) -> Known:
    """Read the node of a dataset; raises NodeNotFound as Marquez words it."""
    key = dataset_key(stored_namespace(namespace), name)
    found = (await read_datasets(store, [key])).get(key)
    if found is not None:
        return found
    if not await has_namespace(store, namespace):
        raise no_namespace(namespace)
    raise NodeNotFound(f"Dataset '{name[:300]}' not found.", key=key)


async def tell_datasets(store: GraphStore, keys: Sequence[str]) -> list[Dataset]:
    """Tell of datasets, in the order of their keys."""
    known = await _told(store, keys)
    names = await _source_names(store, known.values())
    return [_dataset(known[key], names) for key in keys if key in known]


async def tell_dataset_nodes(store: GraphStore, keys: Sequence[str]) -> dict[str, DatasetData]:
    """Tell of datasets as nodes of lineage."""
    return {key: _data(one) for key, one in (await _told(store, keys, whole=False)).items()}


async def _told(store: GraphStore, keys: Sequence[str], *, whole: bool = True) -> dict[str, _Told]:
    nodes = await read_datasets(store, keys)
    homes = sorted({one.alias_of or key for key, one in nodes.items()})
    groups = {home: [home, *others] for home, others in (await read_aliases_of(store, homes)).items()}
    members = sorted({key for group in groups.values() for key in group})
    known, facets, inputs = await asyncio.gather(
        read_datasets(store, members),
        read_facets(store, "dataset", members, only=None if whole else _OF_A_NODE),
        _inputs(store, homes if whole else []),
    )
    found = {}
    for key, node in nodes.items():
        home = known.get(node.alias_of or key, node)
        said: Facets = {}
        for one in [*reversed(groups[home.key]), key]:
            said |= facets.get(one, {})
        name = known.get(used_name(home, [known[one] for one in groups[home.key] if one in known]), home).name
        found[key] = _Told(node, home, name, said, inputs.get(home.key, {}))
    return found


def used_name(home: Known, group: Iterable[Known]) -> str:
    """Give the name of a dataset by which runs call it: the canonical one, unless only facets name that."""
    if not home.placeholder:
        return home.key
    return min((one.key for one in group if not one.placeholder), default=home.key)


async def used_names(store: GraphStore, datasets: Iterable[str], asked: Mapping[str, str]) -> dict[str, str]:
    """Say under which name each canonical dataset is shown: the one that was asked for, else the one that runs use."""
    names = {key: asked.get(key, key) for key in datasets}
    nodes = await read_datasets(store, [key for key in names if key not in asked])
    unused = [key for key, one in nodes.items() if one.placeholder]
    others = await read_aliases_of(store, unused) if unused else {}
    known = await read_datasets(store, sorted({name for some in others.values() for name in some}))
    for key in unused:
        names[key] = used_name(nodes[key], [known[one] for one in others[key] if one in known])
    return names


async def _inputs(store: GraphStore, keys: Sequence[str]) -> dict[str, dict[str, list[tuple[str, str]]]]:
    """Read what the fields of datasets are made from now: dataset -> path -> (dataset, path) of each source."""
    rows = await read_lists(store, statement("marquez/column_inputs"), keys, size=KEYS_MAX)
    found: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for key, path, source, source_path in (one for row in rows for one in row["inputs"]):
        found.setdefault(key, {}).setdefault(path, []).append((source, source_path))
    return found


async def _source_names(store: GraphStore, told_of: Iterable[_Told]) -> Names:
    sources = {key for one in told_of for some in one.inputs.values() for key, _ in some}
    used = await used_names(store, sources, {})
    names = await names_of(store, used.values())
    return {key: names[used[key]] for key in sources}


def _dataset(one: _Told, names: Names) -> Dataset:
    data = _data(one)
    return Dataset(
        id=data.id,
        name=data.name,
        physical_name=data.physical_name,
        created_at=data.created_at,
        updated_at=data.updated_at,
        namespace=data.namespace,
        source_name=data.source_name,
        fields=data.fields,
        tags=data.tags,
        last_modified_at=data.last_modified_at,
        last_lifecycle_state=data.last_lifecycle_state,
        description=data.description,
        current_version=one.version,
        column_lineage=_column_lineage(one, names) or None,
        facets=one.facets,
        deleted=one.node.live is False,
    )


def _data(one: _Told) -> DatasetData:
    node, facets = one.node, one.facets
    updated = max(filter(None, (node.created_at, one.home.last_written_at)), default=None)
    return DatasetData(
        id=id_of(node),
        name=node.name,
        physical_name=one.physical,
        created_at=wire_time(node.created_at),
        updated_at=wire_time(updated),
        namespace=node.namespace or "",
        source_name=text_of(part(facets, "dataSource").get("name")) or UNKNOWN_SOURCE,
        fields=schema_fields(facets),
        tags=list(node.tags or one.home.tags or []),
        last_modified_at=wire_time(one.home.last_written_at),
        description=node.description or one.home.description,
        last_lifecycle_state=text_of(part(facets, "lifecycleStateChange").get("lifecycleStateChange")) or "",
    )


def _column_lineage(one: _Told, names: Names) -> list[ColumnLineage]:
    stated = part(part(one.facets, "columnLineage"), "fields")
    return [_column(path, sources, stated.get(path), names) for path, sources in sorted(one.inputs.items())]


def _column(path: str, sources: Sequence[tuple[str, str]], stated: Any, names: Names) -> ColumnLineage:
    how = transformation(stated)
    inputs = [
        InputField(
            namespace=names[key].namespace,
            dataset=names[key].name,
            field=field,
            transformation_description=how[0],
            transformation_type=how[1],
        )
        for key, field in sorted(sources)
        if key in names
    ]
    return ColumnLineage(
        name=path, input_fields=inputs, transformation_description=how[0], transformation_type=how[1]
    )


def transformation(stated: Any) -> tuple[str | None, str | None]:
    """Take what an old columnLineage facet says of a whole field: description and type."""
    said = stated if isinstance(stated, dict) else {}
    return text_of(said.get("transformationDescription")), text_of(said.get("transformationType"))


async def dataset_versions(store: GraphStore, known: Known, page: Page) -> tuple[list[DatasetVersion], int]:
    """Tell of a page of a dataset's versions, newest first, and how many there are: one for each run that wrote it.

    A dataset that no run wrote has one version, which no run made.
    """
    names = await _names_of_group(store, known)
    counted = await store.read(statement("marquez/versions_count"), keys=names)
    count = int(counted[0]["count"]) if counted else 0
    if not count:
        first = Page(1, page.offset)
        unmade = (None, known.created_at)
        return (await _versions(store, known, [unmade]) if first.offset == 0 and page.limit else []), 1
    rows = await store.read(
        statement("marquez/versions_page"), keys=names, offset=page.offset, limit=page.limit
    )
    return await _versions(store, known, [(row["run"], row["at"]) for row in rows]), count


async def dataset_version_of(store: GraphStore, known: Known, version: str) -> DatasetVersion:
    """Tell of one version of a dataset; raises NodeNotFound."""
    at = version_instant(known.key, version)
    if at is not None:
        names = await _names_of_group(store, known)
        rows = await store.read(statement("marquez/version_at"), keys=names, as_of=at)
        made: tuple[str | None, str | None] = (rows[0]["run"], rows[0]["at"]) if rows else (None, at)
        found = await _versions(store, known, [made], version)
        if found:
            return found[0]
    raise NodeNotFound(f"Dataset version '{version[:100]}' not found.", key=known.key)


async def _names_of_group(store: GraphStore, known: Known) -> list[str]:
    home = known.alias_of or known.key
    return [home, *(await read_aliases_of(store, [home]))[home]]


async def _versions(
    store: GraphStore,
    known: Known,
    made: Sequence[tuple[str | None, str | None]],
    version: str | None = None,
) -> list[DatasetVersion]:
    """Tell of what some runs wrote, as they stated it; what they did not say is as it is now."""
    runs = [run for run, _ in made if run is not None]
    now, shown, texts = await asyncio.gather(
        _told(store, [known.key]), _shown(store, runs), read_run_texts(store, runs)
    )
    if known.key not in now:
        return []
    names = {known.key, known.alias_of}
    return [
        _version(
            now[known.key],
            shown.get(run or ""),
            _given(texts, run, names),
            (told(at), version or dataset_version(known.key, at)),
        )
        for run, at in made
    ]


async def _shown(store: GraphStore, runs: Sequence[str]) -> dict[str, Run]:
    found = await read_runs(store, runs)
    return await tell_runs(store, list(found.values()))


def _given(texts: dict[str, dict[str, Any]], run: str | None, names: set[str | None]) -> Facets | None:
    """Take the facets that a run gave a dataset that it wrote."""
    if run is None or run not in texts:
        return None
    given = part(texts[run]["facets"], "outputs")
    return next((facets for name, facets in given.items() if name in names), {})


def _version(
    one: _Told, run: Run | None, given: Facets | None, named: tuple[str | None, str]
) -> DatasetVersion:
    at, version = named
    facets = one.facets if given is None else given
    data = _data(one)
    fields = schema_fields(facets)
    listed = [f"{field.name}\t{field.type or ''}" for field in fields]
    return DatasetVersion(
        id=data.id,
        name=data.name,
        physical_name=data.physical_name,
        created_at=wire_time(at),
        version=version,
        namespace=data.namespace,
        source_name=text_of(part(facets, "dataSource").get("name")) or data.source_name,
        fields=fields,
        tags=data.tags,
        lifecycle_state=text_of(part(facets, "lifecycleStateChange").get("lifecycleStateChange")) or "",
        description=text_of(part(facets, "documentation").get("description")),
        current_schema_version=made_uuid("schema", one.node.key, *listed) if fields else None,
        created_by_run=run,
        facets=facets,
    )
