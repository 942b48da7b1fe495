"""Does Marquez's own Python client work when it is pointed here?"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.demo.scratch import Server, wait_ready
from tests.needs import ROOT, corpus, need

pytestmark = [pytest.mark.clients]

PYTHON = ROOT / ".marquez-venv" / "bin" / "python"
NAMESPACE, DATASET, JOB = "food_delivery", "public.delivery_7_days", "etl_delivery_7_days"
FOOD = "filled-marquez-food-delivery.ndjson"


@pytest.fixture(scope="module")
def said(server: Server) -> dict[str, Any]:
    """What the client got for each of its calls, of Marquez's own example estate."""
    need("Marquez's Python client", here=PYTHON.exists(), get_it="run `make marquez-client`")
    for line in (corpus() / FOOD).read_bytes().splitlines():
        httpx.post(f"{server.url}/api/v1/lineage", content=line, timeout=30).raise_for_status()
    wait_ready(server)
    driver = Path(__file__).with_name("marquez_driver.py")
    done = subprocess.run(
        [str(PYTHON), "-W", "ignore", str(driver), server.url, NAMESPACE, DATASET, JOB],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_it_reads_everything(said: dict[str, Any]) -> None:
    """Namespaces, datasets and their versions, jobs and runs, sources and tags."""
    assert [one["name"] for one in said["list_namespaces"]["namespaces"]] == [NAMESPACE]
    assert said["get_namespace"] == said["list_namespaces"]["namespaces"][0]
    assert said["list_datasets"]["totalCount"] == 14  # one of them only a columnLineage facet names
    assert len(said["list_datasets"]["datasets"]) == 2
    assert said["get_dataset"]["sourceName"] == "food_delivery_db"
    assert said["list_dataset_versions"]["versions"] == [said["get_dataset_version"]]
    assert said["get_dataset_version"]["createdByRun"]["id"] == said["get_job_run"]["id"]
    assert (said["list_jobs"]["totalCount"], len(said["list_jobs"]["jobs"])) == (13, 3)
    assert said["get_job"]["latestRun"] == said["get_job_run"] == said["list_job_runs"]["runs"][0]
    assert [one["name"] for one in said["list_sources"]["sources"]] == ["food_delivery_db"]
    assert said["list_tags"] == {"tags": []}


def test_it_reads_column_lineage(said: dict[str, Any]) -> None:
    """By dataset, by version, by field and by job."""
    own = f"datasetField:{NAMESPACE}:{DATASET}:order_id"
    for asked in ("columns_of_dataset", "columns_of_version", "columns_of_field", "columns_of_job"):
        (node,) = (one for one in said[asked]["graph"] if one["id"] == own)
        inputs = {(one["dataset"], one["field"]) for one in node["data"]["inputFields"]}
        assert inputs == {("public.order_status", "order_id"), ("public.orders_7_days", "order_id")}


def test_what_it_cannot_have_it_is_told(said: dict[str, Any]) -> None:
    """404 for what is not there, 405 for what would write."""
    assert said["no_namespace"] == {"status": 404}
    assert said["create_namespace"] == said["tag_dataset"] == said["create_tag"] == {"status": 405}
