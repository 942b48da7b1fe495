"""Does reading an MLflow server say at once what is missing for it?"""

from __future__ import annotations

from pathlib import Path

from app.demo.scratch import free_port
from tests.server import headwater


def test_an_mlflow_that_cannot_be_named_ends_the_start(tmp_path: Path) -> None:
    """Before anything is started, with the next step."""
    done = headwater("serve", "--home", str(tmp_path), "--mlflow", "mlflow:5000")
    assert (done.returncode, "write it as http://127.0.0.1:5000" in done.stderr) == (2, True)
    for words, says in (
        (("--url", f"http://127.0.0.1:{free_port()}"), "start `mlflow server`"),
        ((), "say which MLflow server"),
        (("--check",), "no MLflow server is read"),
    ):
        done = headwater("source", "mlflow", "--home", str(tmp_path), *words)
        assert done.returncode in {2, 3}
        assert says in done.stderr
