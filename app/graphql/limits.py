"""What may one GraphQL document ask for, and how are its errors told?

Depth, aliases and tokens are limited by strawberry's own extensions; the cost is ours: the rows that a
document may bring, each list counted by its `first`, times the rows of the lists it stands in.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

import structlog
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)
from strawberry.extensions import SchemaExtension

from app.http.waiting import AskerLeft
from graph_schema.errors import LineageError

log = structlog.get_logger()
_OVER_LIMIT: Final = re.compile(r"exceed|allowed|more than|maximum", re.IGNORECASE)


class CostLimit(SchemaExtension):
    """Refuse a document that could bring more rows than `rows_max`."""

    def __init__(self, rows_max: int) -> None:
        """Remember the limit."""
        self._rows_max = rows_max

    def on_validate(self) -> Iterator[None]:
        """Count once the document is known to be valid: the cache of validations stands before this one."""
        context = self.execution_context
        valid = context.graphql_document is not None and not context.pre_execution_errors
        rows = _document_rows(context) if valid else 0
        if rows > self._rows_max:
            context.pre_execution_errors = [
                GraphQLError(
                    f"this document may bring {rows} rows; at most {self._rows_max} are allowed: ask for a "
                    "smaller `first`, or use /api/v1/graph for big answers",
                    extensions={"code": "LIMIT_EXCEEDED", "cost": rows, "limit": self._rows_max},
                )
            ]
        yield


def _document_rows(context: Any) -> int:
    schema = context.schema._schema  # noqa: SLF001 - strawberry's way to the graphql-core schema
    definitions = context.graphql_document.definitions
    fragments = {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}
    operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
    defaults = {
        one.variable.name.value: one.default_value
        for operation in operations
        for one in operation.variable_definitions or ()
    }
    counting = _Counting(schema, fragments, context.variables or {}, defaults)
    return max((counting.rows(one.selection_set, schema.query_type, 1) for one in operations), default=0)


class _Counting:
    """Counts the rows that selections may bring."""

    def __init__(
        self,
        schema: Any,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
        defaults: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self._defaults = defaults

    def rows(self, selected: SelectionSetNode | None, kind: Any, times: int) -> int:
        """Count one selection set whose object stands `times` times in the answer."""
        total = 0
        for node in selected.selections if selected else ():
            if isinstance(node, FieldNode):
                total += self._field(node, kind, times)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                inner = self._schema.get_type(fragment.type_condition.name.value)
                total += self.rows(fragment.selection_set, inner, times)
            elif isinstance(node, InlineFragmentNode):
                named = node.type_condition
                inner = self._schema.get_type(named.name.value) if named else kind
                total += self.rows(node.selection_set, inner, times)
        return total

    def _field(self, node: FieldNode, kind: Any, times: int) -> int:
        field = kind.fields.get(node.name.value) if hasattr(kind, "fields") else None
        if field is None:
            return 0
        inner = get_named_type(field.type)
        rows = times * self._first(node, field)
        nested = self.rows(node.selection_set, inner, rows) if hasattr(inner, "fields") else 0
        return nested + (rows if "first" in field.args else 0)

    def _first(self, node: FieldNode, field: Any) -> int:
        argument = field.args.get("first")
        if argument is None:
            return 1
        given = next((one.value for one in node.arguments or () if one.name.value == "first"), None)
        if isinstance(given, VariableNode):
            name = given.name.value
            given = self._variables[name] if name in self._variables else self._defaults.get(name)
        number = given.value if isinstance(given, IntValueNode) else given
        return max(int(number if isinstance(number, (int, str)) else argument.default_value or 1), 1)


class Position(SchemaExtension):
    """Say with every answer how far the graph had come."""

    def get_results(self) -> dict[str, Any]:
        """Say up to where the graph was made when the questions were answered."""
        position = getattr(self.execution_context.context, "position", None)
        return {} if position is None else {"position": position}


def told(error: GraphQLError) -> GraphQLError:
    """Make an error that may be shown: typed ones with their code, unforeseen ones masked and logged."""
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, AskerLeft):
        return _again(error, "nobody waits for this answer any more", {"code": "ASKER_LEFT"})
    if isinstance(cause, LineageError):
        return _again(error, cause.message, {**cause.values, "code": cause.code})
    if error.extensions and "code" in error.extensions:
        return error
    if cause is None or isinstance(cause, GraphQLError):
        code = "LIMIT_EXCEEDED" if _OVER_LIMIT.search(error.message) else "BAD_QUERY"
        return _again(error, error.message, {"code": code})
    request_id = uuid.uuid4().hex
    log.error("unforeseen", request_id=request_id, path=error.path, exc_info=cause)
    message = f"something went wrong here; the log has the rest under request {request_id}"
    return _again(error, message, {"code": "INTERNAL", "request_id": request_id})


def _again(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
