"""Which of our errors is an error of the driver, and is it worth another try?

One table, by status code first and by class second. A class that stands in no row takes the row of its
nearest ancestor; a test asks for every class that the driver has.
"""

from __future__ import annotations

from typing import Final

from neo4j import exceptions as driver

from graph_schema.errors import LineageError, StoreUnavailable, TimedOut
from queries.store import StatementFailed

BY_CODE: Final[dict[str, type[LineageError]]] = {
    "Neo.ClientError.Transaction.TransactionTimedOut": TimedOut,
    "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration": TimedOut,
    "Neo.ClientError.Transaction.LockClientStopped": TimedOut,
    "Neo.ClientError.Transaction.Terminated": TimedOut,
    "Neo.TransientError.Transaction.LockAcquisitionTimeout": TimedOut,
    "Neo.ClientError.Database.DatabaseNotFound": StoreUnavailable,
    "Neo.ClientError.Cluster.NotALeader": StoreUnavailable,
    # A database that an operator lets nobody write to; no class of the driver says so.
    "Neo.ClientError.General.WriteOnReadOnlyAccessDatabase": StoreUnavailable,
    "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase": StoreUnavailable,
    # A disk that is full or broken: Neo4j stops writing until it is started again.
    "Neo.DatabaseError.Transaction.TransactionCommitFailed": StoreUnavailable,
    "Neo.DatabaseError.Transaction.TransactionLogError": StoreUnavailable,
    "Neo.DatabaseError.Transaction.TransactionStartFailed": StoreUnavailable,
    "Neo.ClientError.Security.AuthenticationRateLimit": StoreUnavailable,
    # A first password that was never changed.
    "Neo.ClientError.Security.CredentialsExpired": StoreUnavailable,
}

BY_CLASS: Final[dict[type[Exception], type[LineageError]]] = {
    driver.GqlError: StatementFailed,
    driver.Neo4jError: StatementFailed,
    driver.ClientError: StatementFailed,
    driver.DatabaseError: StatementFailed,
    driver.ConstraintError: StatementFailed,
    driver.CypherSyntaxError: StatementFailed,
    driver.CypherTypeError: StatementFailed,
    # The user may not do it, or nobody may: a database that is only read.
    driver.Forbidden: StoreUnavailable,
    driver.AuthError: StoreUnavailable,
    driver.TokenExpired: StoreUnavailable,
    driver.TransientError: StoreUnavailable,
    driver.DatabaseUnavailable: StoreUnavailable,
    driver.NotALeader: StoreUnavailable,
    driver.ForbiddenOnReadOnlyDatabase: StoreUnavailable,
    driver.DriverError: StoreUnavailable,
    driver.SessionError: StatementFailed,
    driver.TransactionError: StatementFailed,
    driver.TransactionNestingError: StatementFailed,
    driver.ResultError: StatementFailed,
    driver.ResultFailedError: StatementFailed,
    driver.ResultConsumedError: StatementFailed,
    driver.ResultNotSingleError: StatementFailed,
    driver.BrokenRecordError: StatementFailed,
    driver.SessionExpired: StoreUnavailable,
    driver.ServiceUnavailable: StoreUnavailable,
    driver.RoutingServiceUnavailable: StoreUnavailable,
    driver.WriteServiceUnavailable: StoreUnavailable,
    driver.ReadServiceUnavailable: StoreUnavailable,
    driver.IncompleteCommit: StoreUnavailable,
    driver.ConnectionPoolError: StoreUnavailable,
    driver.ConnectionAcquisitionTimeoutError: StoreUnavailable,
    driver.ConfigurationError: StoreUnavailable,
    driver.AuthConfigurationError: StoreUnavailable,
    driver.CertificateConfigurationError: StoreUnavailable,
    driver.UnsupportedServerProduct: StoreUnavailable,
    OSError: StoreUnavailable,
    TimeoutError: TimedOut,
    # The driver's packer: a lone surrogate, an integer over 64 bits, an object of ours.
    ValueError: StatementFailed,
    OverflowError: StatementFailed,
    TypeError: StatementFailed,
}

CAUGHT: Final = (driver.GqlError, OSError, ValueError, OverflowError, TypeError)

_NEXT_STEPS: Final[dict[type[LineageError], str]] = {
    StoreUnavailable: "the graph engine cannot be used now; see that it runs and that address, user, "
    "password and database are right, then try again",
    TimedOut: "the graph engine took too long; ask for less, or raise HEADWATER_GRAPH_TIMEOUT_S",
    StatementFailed: "the graph engine refused a statement; this is a fault in Headwater, please report it",
}


def kind_of(error: Exception) -> type[LineageError]:
    """Find the class of ours that says what a driver's error means."""
    by_code = BY_CODE.get(getattr(error, "code", None) or "")
    if by_code is not None:
        return by_code
    return next(BY_CLASS[one] for one in type(error).__mro__ if one in BY_CLASS)


def explained(error: Exception, *, doing: str) -> LineageError:
    """Make our error out of a driver's, with its words kept."""
    kind = kind_of(error)
    reason = _words(error)
    return kind(f"{doing}: {_NEXT_STEPS[kind]} ({reason[:1000]})", reason=reason[:4000])


class NotLetIn(StoreUnavailable):
    """The engine is there and refuses user or password. To try on would lock the user out for everybody else."""


def unreachable(error: Exception, *, uri: str) -> StoreUnavailable:
    """Make our error out of whatever went wrong while connecting."""
    reason = _words(error)
    refused = "Neo.ClientError.Security." in (getattr(error, "code", None) or "")
    kind = NotLetIn if refused else StoreUnavailable
    return kind(f"{uri}: {_NEXT_STEPS[StoreUnavailable]} ({reason[:1000]})", reason=reason[:4000])


def is_passing(error: Exception) -> bool:
    """Tell whether trying again may help, when the steps mean the same when run twice."""
    if isinstance(error, (driver.IncompleteCommit, OSError)) or is_about_bookmarks(error):
        return True
    return isinstance(error, driver.GqlError) and _says_retry(error)


def is_about_bookmarks(error: Exception) -> bool:
    """Tell whether a server will not, or cannot in time, get as far as this process has already seen."""
    return "Bookmark" in (getattr(error, "code", None) or "")


def is_lost_merge(error: Exception) -> bool:
    """Tell whether two writers merged the same new key; ArcadeDB lets the second one fail."""
    return isinstance(error, driver.ConstraintError)


def _words(error: Exception) -> str:
    # Only what a server says is found in `message`; the driver's own errors have a stock text there.
    if isinstance(error, driver.Neo4jError):
        return f"{error.code or type(error).__name__}: {error.message}"
    return f"{type(error).__name__}: {error}"


def _says_retry(error: driver.GqlError) -> bool:
    return isinstance(error, driver.Neo4jError | driver.DriverError) and error.is_retryable()
