"""Is every error of the driver told as one of ours?"""

from __future__ import annotations

import inspect

import pytest
from neo4j import exceptions as driver

from graph_schema.errors import LineageError, StoreUnavailable, TimedOut
from queries.store import StatementFailed
from queries.stores.driver_errors import BY_CLASS, BY_CODE, explained, is_passing, kind_of

CLASSES = [
    one
    for _, one in inspect.getmembers(driver, inspect.isclass)
    if issubclass(one, BaseException) and not issubclass(one, Warning)
]


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: one.__name__)
def test_every_class_of_the_driver_has_a_row(one: type[Exception]) -> None:
    """A class that a new version of the driver brings fails here until somebody decides what it means."""
    assert one in BY_CLASS


@pytest.mark.parametrize(
    "error",
    [
        driver.ServiceUnavailable("its own words"),
        driver.Neo4jError._hydrate_neo4j(code="Neo.ClientError.Statement.TypeError", message="its own words"),
        ValueError("its own words"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_words_are_kept(error: Exception) -> None:
    """What comes out is a LineageError that says what was being done and what the driver said."""
    made = explained(error, doing="reading nodes/some")
    assert isinstance(made, LineageError)
    assert "its own words" in made.message
    assert "reading nodes/some" in made.message


@pytest.mark.parametrize(("code", "kind"), BY_CODE.items())
def test_a_code_beats_a_class(code: str, kind: type[LineageError]) -> None:
    """A time-out comes as a ClientError; its code tells."""
    error = driver.Neo4jError._hydrate_neo4j(code=code, message="m")
    assert kind_of(error) is kind


def test_errors_beside_the_driver() -> None:
    """The packer's and the socket's errors are told, too; the client's own time-out is a TimedOut."""
    assert kind_of(TimeoutError()) is TimedOut
    assert kind_of(ConnectionResetError()) is StoreUnavailable
    assert kind_of(UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates")) is StatementFailed
    assert kind_of(OverflowError()) is StatementFailed


def test_only_what_passes_is_tried_again() -> None:
    """Lost connections and deadlocks pass; a refused statement does not."""
    deadlock = driver.Neo4jError._hydrate_neo4j(
        code="Neo.TransientError.Transaction.DeadlockDetected", message="m"
    )
    assert is_passing(deadlock)
    assert is_passing(driver.ServiceUnavailable("gone"))
    assert is_passing(driver.IncompleteCommit("gone"))
    assert not is_passing(driver.CypherSyntaxError("typo"))
    assert not is_passing(driver.AuthError("who"))
