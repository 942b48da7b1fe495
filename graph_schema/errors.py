"""Which failures does Headwater name?

    LineageError
    ├── BadInput              BAD_INPUT            an argument that cannot be used
    │   └── BadKey            BAD_KEY              a text that is no node key
    ├── NodeNotFound          NOT_FOUND            a key that names nothing here
    ├── NotSupported          NOT_SUPPORTED        asked for what this version cannot do
    ├── BadJson               BAD_JSON             a body that is no JSON
    ├── EventRejected         (its own code)       JSON that is no usable OpenLineage event
    ├── ImpossibleAct         IMPOSSIBLE_ACT       a state that cannot follow the one there is
    ├── IdTaken               ID_TAKEN             an id under which something else was said before
    ├── TooLarge              TOO_LARGE            a body over the limit
    ├── Unauthorized          UNAUTHORIZED         no or wrong credentials
    ├── LimitExceeded         LIMIT_EXCEEDED       a question over a limit
    ├── TimedOut              TIMED_OUT            an answer that took too long
    ├── NotCaughtUp           NOT_CAUGHT_UP        the graph is behind the position asked for
    ├── Rebuilding            REBUILDING           the graph is being rebuilt
    ├── JournalUnavailable    JOURNAL_UNAVAILABLE  events cannot be made durable now
    │   └── Overloaded        OVERLOADED           more events are waiting than may wait
    ├── StoreUnavailable      STORE_UNAVAILABLE    the graph engine cannot be reached
    └── ForeignStore          FOREIGN_STORE        the database holds somebody else's data

Transports turn `code` into a status in one table each (`app/errors.py`). A message says what to do next.
"""

from __future__ import annotations

from typing import Any


class LineageError(Exception):
    """A failure with a stable `code`, a message that names the next step, and the values it speaks of."""

    code: str = "INTERNAL"

    def __init__(self, message: str, **values: Any) -> None:
        """Keep the message and the values apart, so that transports can send both."""
        super().__init__(message)
        self.message = message
        self.values: dict[str, Any] = values


class BadInput(LineageError):
    """An argument that cannot be used as given."""

    code = "BAD_INPUT"


class BadKey(BadInput):
    """A text that is no node key."""

    code = "BAD_KEY"


class NodeNotFound(LineageError):
    """A key that names nothing in this graph; `near` lists names that resemble it."""

    code = "NOT_FOUND"

    def __init__(self, message: str, *, near: list[str] | None = None, **values: Any) -> None:
        """Carry the names that resemble the one asked for."""
        super().__init__(message, near=near or [], **values)


class NotSupported(LineageError):
    """A question this version cannot answer yet."""

    code = "NOT_SUPPORTED"


class BadJson(LineageError):
    """A body that is no JSON text."""

    code = "BAD_JSON"


class EventRejected(LineageError):
    """JSON with nothing to hold on to as an OpenLineage event; `pointer` is a JSON pointer."""

    code = "EVENT_REJECTED"

    def __init__(self, code: str, message: str, pointer: str = "") -> None:
        """Carry the reason's own code and the place it speaks of."""
        super().__init__(message, pointer=pointer)
        self.code = code
        self.pointer = pointer


class ImpossibleAct(LineageError):
    """An act that takes a model version to a state that cannot follow the one it has."""

    code = "IMPOSSIBLE_ACT"


class IdTaken(LineageError):
    """An id under which something else was said before."""

    code = "ID_TAKEN"


class TooLarge(LineageError):
    """A body over the size limit."""

    code = "TOO_LARGE"


class Unauthorized(LineageError):
    """No credentials, or wrong ones."""

    code = "UNAUTHORIZED"


class LimitExceeded(LineageError):
    """A question over one of the configured limits."""

    code = "LIMIT_EXCEEDED"


class TimedOut(LineageError):
    """The answer took longer than the configured time."""

    code = "TIMED_OUT"


class NotCaughtUp(LineageError):
    """The graph has not reached the position asked for within the waiting time."""

    code = "NOT_CAUGHT_UP"


class Rebuilding(LineageError):
    """The graph is being rebuilt from the journal; ask again later."""

    code = "REBUILDING"


class Preparing(LineageError):
    """The graph of a past is being made; ask again later."""

    code = "PREPARING"


class JournalUnavailable(LineageError):
    """Events cannot be made durable now; nothing was accepted."""

    code = "JOURNAL_UNAVAILABLE"


class Overloaded(JournalUnavailable):
    """More events are waiting to be written than may wait; nothing was accepted."""

    code = "OVERLOADED"


class StoreUnavailable(LineageError):
    """The graph engine cannot be reached."""

    code = "STORE_UNAVAILABLE"


class ForeignStore(LineageError):
    """The database holds data that is not Headwater's; it is left alone."""

    code = "FOREIGN_STORE"
