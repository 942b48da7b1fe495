"""A graph in plain dictionaries: takes the rows a batch writes, gives the rows of the export.

It stands in for an engine where a law needs thousands of histories; `tests/laws/test_engine.py` runs the same
laws on the real engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph_schema.instants import OPEN_END

if TYPE_CHECKING:
    from ingest.render.rows import Rows

Row = dict[str, Any]
_EXPORTED = {
    "dataset": ("namespace", "name", "kind", "live", "placeholder", "created_at", "last_written_at"),
    "field": ("dataset", "name", "path", "data_type", "ordinal", "role", "current"),
    "job": ("namespace", "name", "parent", "placeholder"),
    "run": ("job", "state", "started_at", "ended_at", "parent", "root", "job_clash"),
    "experiment": ("namespace", "name", "experiment_id", "lifecycle_stage", "artifact_location", "workspace",
                   "description", "tags"),
    "model": ("namespace", "name", "description", "tags", "aliases", "alias_versions", "deleted"),
    "deployment": ("namespace", "name", "job", "state", "running", "environment", "platform", "endpoint", "revision",
                   "traffic_percent", "requested_alias", "image", "reason", "by", "configuration"),
    "approval": ("decision", "at", "reason", "by", "model", "version", "evidence", "evidence_hash"),
}  # fmt: skip
_LEARNED = {
    "run_experiment": ("in_experiment", "run", "experiment"),
    "dataset_model": ("version_of", "key", "model"),
    "run_feature": ("used_feature", "run", "field"),
    "run_starter": ("started_by", "key", "person"),
    "experiment_starter": ("started_by", "key", "person"),
    "approval_dataset": ("approves", "key", "dataset"),
    "approval_person": ("decided_by", "key", "person"),
}
"""The edges of machine learning: their type in the export, and from which member to which they lead."""
_DERIVED = ("feeds", "fed", "feeds_field", "fed_field", "shapes")
_ENDS = {"input": ("job", "dataset"), "output": ("job", "dataset")} | dict.fromkeys(
    _DERIVED, ("source", "target", "job")
)


class Graph:
    """Nodes by key, own edges by (type, ends); statements do what their Cypher does."""

    def __init__(self) -> None:
        self.nodes: dict[str, dict[str, Row]] = {}
        self.edges: dict[str, dict[tuple[str, ...], Row]] = {}

    def apply(self, rows: Rows) -> None:
        for statement, listed in rows.ordered():
            verb, _, noun = statement.partition("_")
            for row in listed:
                getattr(self, f"_{verb}")(noun, row)

    def _create(self, noun: str, row: Row) -> None:
        """A kind's label comes with the node; the node itself is merged after."""

    _label = _create

    def _merge(self, noun: str, row: Row) -> None:
        noun = noun.removesuffix("_wide").removesuffix("_deployment")
        if noun in _ENDS:
            ends = tuple(row[end] for end in _ENDS[noun])
            for end in ends[:2]:
                assert any(end in nodes for nodes in self.nodes.values()), (
                    f"{noun} ends at a missing node {end}"
                )
            self.edges.setdefault(noun, {})[ends] = row["props"]
        else:
            self.nodes.setdefault(noun.split("_", maxsplit=1)[0], {})[row["key"]] = row

    def _delete(self, noun: str, row: Row) -> None:
        noun = noun.removesuffix("_deployment")
        if noun in _ENDS:
            del self.edges[noun][tuple(row[end] for end in _ENDS[noun])]
        else:
            del self.nodes[noun][row["key"]]
            for edges in self.edges.values():
                for ends in [ends for ends in edges if row["key"] in ends]:
                    del edges[ends]

    def _link(self, noun: str, row: Row) -> None:
        ends = tuple(str(row[name]) for name in row if name not in {"props", "type"})
        for end in ends[:2]:
            assert any(end in nodes for nodes in self.nodes.values()), (
                f"link_{noun} ends at a missing node {end}"
            )
        self.edges.setdefault(f"link_{noun}", {})[ends] = row

    def _clear(self, noun: str, row: Row) -> None:
        kinds = {
            "run": ("run_job", "run_parent", "read", "wrote", "run_experiment", "run_feature", "run_starter"),
            "model": ("dataset_model",),
            "approval": ("approval_dataset", "approval_person"),
            "alias": ("alias",),
            "parent": ("job_parent",),
            "dataset_owners": ("dataset_owner",),
            "job_owners": ("job_owner",),
        }[noun]
        for kind in kinds:
            edges = self.edges.get(f"link_{kind}", {})
            for ends in [ends for ends in edges if ends[0] == row["key"]]:
                del edges[ends]

    def everything(self) -> tuple[Any, ...]:
        """Give all nodes and edges, for comparing two graphs whole."""
        nodes = {noun: found for noun, found in self.nodes.items() if found}
        return nodes, {kind: edges for kind, edges in self.edges.items() if edges}

    def export(self) -> list[Row]:
        """Give the export's rows for what the naive implementation derives too."""
        return [*self._nodes(), *self._io(), *self._derived(), *self._learned()]

    def _nodes(self) -> list[Row]:
        alias = {row["key"]: row["canonical"] for row in self.edges.get("link_alias", {}).values()}
        return [
            _row(noun, row, kept) | ({"alias_of": alias.get(key)} if noun == "dataset" else {})
            for noun, kept in _EXPORTED.items()
            for key, row in self.nodes.get(noun, {}).items()
        ]

    def _io(self) -> list[Row]:
        rows = []
        for direction in ("input", "output"):
            for (job, dataset), props in self.edges.get(direction, {}).items():
                ends = {"dataset": self._named("dataset", dataset), "job": self._named("job", job)}
                rows.append({"type": "io", "direction": direction.upper(), **ends, **props})
        return rows

    def _named(self, noun: str, key: str) -> Row:
        node = self.nodes[noun][key]
        return {"namespace": node["namespace"], "name": node["name"]}

    def _derived(self) -> list[Row]:
        rows = []
        for kind in _DERIVED:
            for (source, target, job), props in self.edges.get(kind, {}).items():
                shown = props | {"job": job or None, "source": source, "target": target, "type": kind}
                shown["valid_to"] = [None if end == OPEN_END else end for end in props["valid_to"]]
                rows.append(shown)
        return rows

    def _learned(self) -> list[Row]:
        return [
            {"type": kind, "source": row[source], "target": row[target], **row.get("props", {})}
            for noun, (kind, source, target) in _LEARNED.items()
            for row in self.edges.get(f"link_{noun}", {}).values()
        ]


def _row(kind: str, row: Row, kept: tuple[str, ...]) -> Row:
    return {"type": kind, "key": row["key"]} | {name: row.get(name) for name in kept}
