"""Does a real `dbt-ol run` over DuckDB reach the graph, unchanged?"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from app.demo.scratch import Server
from graph_schema.identity import dataset_key
from tests.needs import ROOT, need
from tests.server import arrows, ask

pytestmark = [pytest.mark.clients, pytest.mark.slow]

DBT = ROOT / ".dbt-venv" / "bin"


def dbt(command: str, *arguments: str, project: Path, **env: str) -> None:
    """Run dbt, or its OpenLineage wrapper, on the project."""
    done = subprocess.run(
        [str(DBT / command), *arguments, "--profiles-dir", ".", "--project-dir", "."],
        cwd=project,
        env={**os.environ, "PATH": f"{DBT}:{os.environ['PATH']}", "DO_NOT_TRACK": "1", **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_dbt_models_have_their_lineage(server: Server, tmp_path: Path) -> None:
    """A dbt run's models stand in the graph with the tables they select from, column by column."""
    need("dbt with DuckDB", here=(DBT / "dbt-ol").exists(), get_it="run `make dbt`")
    project, database = tmp_path / "project", tmp_path / "otter.duckdb"
    shutil.copytree(Path(__file__).parent / "dbt_project", project)
    env = {"OTTER_DUCKDB": str(database), "OPENLINEAGE_URL": server.url}
    dbt("dbt", "seed", project=project, **env)
    dbt("dbt-ol", "run", project=project, **env)

    def key(table: str) -> str:
        return dataset_key(f"duckdb://{database}", f"otter.main.{table}")

    answer = ask(server, "upstream", key("demand"))
    assert arrows(answer) == {
        (key("trips"), key("demand")),
        (key("stg_bookings"), key("trips")),
        (key("customers"), key("trips")),
        (key("bookings"), key("stg_bookings")),
    }
    assert {edge["evidence"] for edge in answer["edges"]} == {"COLUMN"}
    assert answer["completeness"]["guessed_edges"] == 0
