"""Which MLflow server do these tests share? One for all of them; each test has experiments and models of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.workflow.mlflow.server import Mlflow, serving


@pytest.fixture(scope="session")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mlflow]:
    """A real server."""
    with serving(tmp_path_factory.mktemp("mlflow")) as running:
        yield running
