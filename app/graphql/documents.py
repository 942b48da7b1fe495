"""May this document be run? Parsed and validated once, then remembered.

Validating is most of what a small question costs, and clients that use variables send the same text again and
again. Strawberry's own ValidationCache never hits beside its limiters, which add a new rule class at every
request; here all that depends on the text alone is kept in one place, for each schema its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.extensions import SchemaExtension

from app.graphql.limits import check_cost, check_shape, over_limit

if TYPE_CHECKING:
    from app.settings import Settings

KEPT_MAX: Final = 128
KEPT_CHARACTERS_MAX: Final = 4 * 1024
"""A longer text is read anew each time: a parsed document takes sixty times the room of its text."""

NESTED_TOO_DEEPLY: Final = "nested too deeply"
TOO_MANY_TOKENS: Final = "tokens"


@dataclass(frozen=True, slots=True)
class Checked:
    """A document that can be parsed, and what is wrong with it whatever its variables are."""

    document: DocumentNode
    errors: tuple[GraphQLError, ...]


class Documents:
    """The documents that one schema was asked; `schema` is set once it is made."""

    schema: GraphQLSchema

    def __init__(self, settings: Settings) -> None:
        """Remember the limits."""
        self._settings = settings
        self._rules = (
            *specified_rules,
            *(() if settings.graphql_introspection else (NoSchemaIntrospectionCustomRule,)),
        )
        self.parses = self.validations = 0
        self._kept = lru_cache(maxsize=KEPT_MAX)(self._read)

    def checked(self, text: str) -> Checked:
        """Parse and validate a document, or remember that it was; raises GraphQLError where it is none."""
        return self._kept(text) if len(text) <= KEPT_CHARACTERS_MAX else self._read(text)

    def cost_errors(self, checked: Checked, variables: dict[str, Any]) -> list[GraphQLError]:
        """Tell whether a valid document could bring too many rows with these variables."""
        error = check_cost(self.schema, checked.document, variables, self._settings.graphql_cost_max)
        return [] if error is None else [error]

    def _read(self, text: str) -> Checked:
        document = self._parse(text)
        self.validations += 1
        errors = validate(self.schema, document, self._rules)
        return Checked(document, tuple(errors or check_shape(document, self._settings)))

    def _parse(self, text: str) -> DocumentNode:
        self.parses += 1
        try:
            return parse(text, max_tokens=self._settings.graphql_tokens_max)
        except GraphQLSyntaxError as error:
            if TOO_MANY_TOKENS in error.message:
                limit = self._settings.graphql_tokens_max
                raise over_limit(f"more than {limit} tokens", "graphql_tokens_max", limit) from error
            if NESTED_TOO_DEEPLY not in error.message:
                raise
        except RecursionError:
            pass
        limit = self._settings.graphql_depth_max
        raise over_limit("fields nested far too deeply", "graphql_depth_max", limit)


class Reading(SchemaExtension):
    """Takes parsing and validating over from strawberry, which finds them done."""

    def __init__(self, documents: Documents) -> None:
        """Remember where documents are kept."""
        self._documents = documents
        self._checked: Checked | None = None

    def on_parse(self) -> Iterator[None]:
        """Parse; a text that is no document is told as strawberry tells its own."""
        text = self.execution_context.query
        if text:
            self._checked = self._documents.checked(text)
            self.execution_context.graphql_document = self._checked.document
        yield

    def on_validate(self) -> Iterator[None]:
        """Say what is wrong with the document; an empty list is: nothing."""
        checked, context = self._checked, self.execution_context
        if checked is not None:
            context.pre_execution_errors = [
                *checked.errors,
                *_unnamed(checked.document, context._provided_operation_name),  # noqa: SLF001 - the other is guessed
            ] or self._documents.cost_errors(checked, context.variables or {})
        yield


def _unnamed(document: DocumentNode, named: str | None) -> list[GraphQLError]:
    """Refuse to choose among operations; strawberry would take the first one."""
    found = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if named or len(found) < 2:  # noqa: PLR2004 - one operation needs no name
        return []
    names = ", ".join(one.name.value for one in found if one.name)
    return [
        GraphQLError(f"this document has several operations; say by `operationName` which to run: {names}")
    ]
