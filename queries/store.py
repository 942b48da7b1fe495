"""What does Headwater ask of a graph engine?

Five things, and no more: which dialect it speaks, read, write, ping, close. Everything else is a statement in
a `.cypher` file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from graph_schema.errors import LineageError
from queries.statements import Statement

Row = dict[str, Any]
Step = tuple[Statement, dict[str, Any]]


class StatementFailed(LineageError):
    """The engine refused a statement; a fault of ours or of the data in it, so repeating it does not help."""

    code = "STATEMENT_FAILED"


class GraphStore(Protocol):
    """A graph engine. Raises StoreUnavailable, TimedOut and StatementFailed, never a driver's own error."""

    @property
    def dialect(self) -> str:
        """Which Cypher the engine speaks, `neo4j` or `arcadedb`; picks `<verb>.<dialect>.cypher` files."""
        ...

    async def read(self, statement: Statement, /, **params: Any) -> list[Row]:
        """Answer one reading statement, all rows. Reads run side by side."""
        ...

    async def write(self, steps: Sequence[Step], /) -> None:
        """Run all steps in one transaction, or none.

        After a lost connection it is not known whether the commit happened, and the steps are run again: they
        must mean the same when run twice. Statements of mode `schema` may not be mixed with others.
        """
        ...

    async def ping(self) -> None:
        """Return when the engine answers."""
        ...

    async def aclose(self) -> None:
        """Give up all connections."""
        ...
