"""How much may one GraphQL document ask for?

Its depth, its aliases and its cost are counted as it would be executed, fragments at every place where they are
spread; each fragment is looked at once, since a few hundred tokens of fragments can spread 2^60 times. The cost
is the rows that a document may bring: each list by its `first`, times the rows of the lists it stands in, and
each node that a field leads to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

if TYPE_CHECKING:
    from app.settings import Settings

INSTEAD: Final = {
    "graphql_depth_max": "nest less, or ask in two steps: a key that one answer gives is asked about in the next",
    "graphql_aliases_max": "ask for fewer things at once",
    "graphql_tokens_max": "send a shorter document, and values as variables",
    "graphql_cost_max": "ask for a smaller `first`, or use /api/v1/graph for big answers",
}
"""What to do instead, by the setting that was hit."""


def over_limit(what: str, setting: str, limit: int, **values: Any) -> GraphQLError:
    """Make the error of a document that goes beyond a setting."""
    name = f"HEADWATER_{setting.upper()}"
    return GraphQLError(
        f"this document has {what}; {name} allows {limit}: {INSTEAD[setting]}",
        extensions={"code": "LIMIT_EXCEEDED", "setting": name, "limit": limit, **values},
    )


def check_shape(document: DocumentNode, settings: Settings) -> list[GraphQLError]:
    """Find the limits that a valid document is beyond, whatever its variables are."""
    shape = _Shape(document)
    found = []
    if shape.depth > settings.graphql_depth_max:
        what = f"fields nested {shape.depth} deep"
        found.append(over_limit(what, "graphql_depth_max", settings.graphql_depth_max, depth=shape.depth))
    if shape.aliases > settings.graphql_aliases_max:
        what = f"{_told(shape.aliases)} aliases"
        found.append(over_limit(what, "graphql_aliases_max", settings.graphql_aliases_max))
    return found


def check_cost(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], rows_max: int
) -> GraphQLError | None:
    """Refuse a valid document that could bring more rows than `rows_max`."""
    rows = _Cost(schema, document, variables).rows
    if rows <= rows_max:
        return None
    return over_limit(
        f"an answer of up to {_told(rows)} rows", "graphql_cost_max", rows_max, cost=min(rows, _SAID_MAX)
    )


_SAID_MAX: Final = 2**53
"""Beyond it a number is no longer exact in JavaScript, and says no more than that it is too big."""


def _told(number: int) -> str:
    return f"{number}" if number < _SAID_MAX else "more than 2^53"


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}


def _operations(document: DocumentNode) -> Iterator[OperationDefinitionNode]:
    return (one for one in document.definitions if isinstance(one, OperationDefinitionNode))


class _Shape:
    """Counts depth and aliases; what asks about the schema (`__typename`, introspection) has no depth."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = _fragments(document)
        self._known: dict[str, tuple[int, int]] = {}
        found = [self._measured(one.selection_set) for one in _operations(document)]
        self.depth = max((depth for depth, _ in found), default=0)
        self.aliases = sum(aliases for _, aliases in found)

    def _measured(self, selected: SelectionSetNode | None) -> tuple[int, int]:
        found = [self._selection(node) for node in selected.selections] if selected else []
        return max((depth for depth, _ in found), default=0), sum(aliases for _, aliases in found)

    def _selection(self, node: SelectionNode) -> tuple[int, int]:
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in self._known:
                self._known[name] = self._measured(self._fragments[name].selection_set)
            return self._known[name]
        if isinstance(node, InlineFragmentNode):
            return self._measured(node.selection_set)
        if not isinstance(node, FieldNode):
            return 0, 0
        depth, aliases = self._measured(node.selection_set)
        own = 0 if node.name.value.startswith("__") else depth + 1
        return own, aliases + (1 if node.alias else 0)


class _Cost:
    """Counts the rows of the costliest operation; what a fragment brings for one object is the same everywhere."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._schema = schema
        self._node = schema.get_type("Node")
        self._fragments = _fragments(document)
        self._known: dict[str, int] = {}
        operations = list(_operations(document))
        self._variables = {
            one.variable.name.value: one.default_value
            for operation in operations
            for one in operation.variable_definitions or ()
        } | dict(variables)
        counted = (self._rows(one.selection_set, schema.get_root_type(one.operation)) for one in operations)
        self.rows = max(counted, default=0)

    def _rows(self, selected: SelectionSetNode | None, kind: Any) -> int:
        """Count what a selection brings for each object it is made on."""
        return sum(self._selection(node, kind) for node in selected.selections) if selected else 0

    def _selection(self, node: SelectionNode, kind: Any) -> int:
        if isinstance(node, FieldNode):
            return self._field(node, kind)
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in self._known:
                fragment = self._fragments[name]
                on = self._schema.get_type(fragment.type_condition.name.value)
                self._known[name] = self._rows(fragment.selection_set, on)
            return self._known[name]
        if isinstance(node, InlineFragmentNode):
            named = node.type_condition
            return self._rows(node.selection_set, self._schema.get_type(named.name.value) if named else kind)
        return 0

    def _field(self, node: FieldNode, kind: Any) -> int:
        field = kind.fields.get(node.name.value) if hasattr(kind, "fields") else None
        if field is None:
            return 0
        inner = get_named_type(field.type)
        times = self._first(node, field)
        return times * self._rows(node.selection_set, inner) + self._own(field, inner, times)

    def _own(self, field: Any, inner: Any, times: int) -> int:
        """Count the rows of the field itself: those of a page, or the one node that it leads to."""
        if "first" in field.args:
            return times
        leads_to_node = inner is self._node or self._node in getattr(inner, "interfaces", ())
        return 1 if leads_to_node and not is_list_type(get_nullable_type(field.type)) else 0

    def _first(self, node: FieldNode, field: Any) -> int:
        argument = field.args.get("first")
        if argument is None:
            return 1
        given: Any = next((one.value for one in node.arguments or () if one.name.value == "first"), None)
        if isinstance(given, VariableNode):
            given = self._variables.get(given.name.value)
        number = given.value if isinstance(given, IntValueNode) else given
        known = isinstance(number, (int, str)) and str(number).lstrip("-").isdecimal()
        return max(int(number) if known else argument.default_value or 1, 1)
