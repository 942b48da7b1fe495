"""Are the schemas of our own facets right, served, and told?"""

from __future__ import annotations

import copy
from pathlib import Path

import jsonschema_rs
import pytest

from graph_schema.facets import NAMES, definition, schema, schema_url, text, written
from graph_schema.facets.describe import described
from tests.app.http.serving import serving
from tests.facets import faults, validator
from tests.needs import ROOT


def test_the_page_is_up_to_date() -> None:
    """docs/facets.md is what `make docs` writes."""
    assert (ROOT / "docs" / "facets.md").read_text() == described()


def test_each_file_is_named_and_each_name_has_a_file() -> None:
    """No schema is forgotten in the list."""
    files = {path.stem for path in (ROOT / "graph_schema" / "facets").glob("*.json")}
    assert files == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_valid_and_takes_its_example(name: str) -> None:
    """It is a JSON Schema of draft 2020-12, named by its address, and its example is one of what it describes."""
    jsonschema_rs.meta.validate(schema(name))
    assert schema(name)["$id"].endswith(f"/{name}.json")
    assert schema_url(name).startswith(schema(name)["$id"])
    (example,) = definition(name)["examples"]
    assert [error.message for error in validator(name).iter_errors({name: example})] == []
    members = definition(name)["allOf"][1]["properties"]
    assert set(example) - {"_producer", "_schemaURL"} <= set(members)
    assert all("description" in part for part in members.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_refuses_what_lacks_a_needed_member(name: str) -> None:
    """Each needed member is missed, and so are producer and schema."""
    (example,) = definition(name)["examples"]
    for member in (*definition(name)["allOf"][1]["required"], "_producer", "_schemaURL"):
        broken = copy.deepcopy(example)
        del broken[member]
        assert not validator(name).is_valid({name: broken}), member


def test_a_facet_in_the_wrong_place_is_a_fault() -> None:
    """A run's facet on a job is told, and so is another schema's address."""
    facet = written(
        "mlflow_run", "https://headwater.example/producers/x", {"runId": "a", "experimentId": "1"}
    )
    assert faults({"run": {"facets": {"mlflow_run": facet}}}) == []
    assert faults({"job": {"facets": {"mlflow_run": facet}}}) == ["mlflow_run stands where a JobFacet does"]
    renamed = {**facet, "_schemaURL": "https://headwater.example/facets/x.json"}
    assert len(faults({"run": {"facets": {"mlflow_run": renamed}}})) == 1


def test_a_server_gives_the_schemas(tmp_path: Path) -> None:
    """All names at /facets, each schema at its own path byte for byte; another name is 404 with those there are."""
    with serving(tmp_path) as served:
        assert served.client.get("/facets").json() == {name: schema_url(name) for name in NAMES}
        for name in NAMES:
            answer = served.client.get(f"/facets/{name}.json")
            assert answer.content == text(name)
            assert answer.headers["Content-Type"].startswith("application/schema+json")
        missing = served.client.get("/facets/mlflow.json")
        assert (missing.status_code, missing.json()["code"]) == (404, "NOT_FOUND")
        assert missing.json()["near"] == list(NAMES)
