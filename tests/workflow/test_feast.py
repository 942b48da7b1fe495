"""Does a real Feast registry come into the graph, beside what that Feast itself sends, and does what changes in it?"""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from app.demo.scratch import Server, serving, wait_ready
from tests.postgres.following import until
from tests.server import ask, headwater
from tests.workflow.feast_server import copied, driven
from tests.workflow.feast_server import serving as registry

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

NAMESPACE = "feast://loans.example/loans"


def key(name: str) -> str:
    return f"dataset:{NAMESPACE.replace(':', '%3A')}:{name}"


def made_of(server: Server, name: str) -> set[str]:
    """Give the names that something is made from, by edges that are no guess."""
    found = ask(server, "upstream", key(name), depth=1)
    known = [edge["source"] for edge in found["edges"] if edge["evidence"] != "PRODUCT"]
    return {source.rpartition(":")[2] for source in known}


def test_a_live_registry_is_followed_by_serve(tmp_path: Path) -> None:
    """A project is applied, and read. Then a view is called by another name, and what Feast itself sends of that comes as well:
    the old view is dropped, the new one and its services are told, materializations too, and nobody else is told anew.
    """
    project = copied(tmp_path)
    with driven(project) as feast:
        feast.do("prepare")
        with registry(project) as url:
            env = {
                "HEADWATER_FEAST": url,
                "HEADWATER_FEAST_NAMESPACE": "feast://loans.example",
                "HEADWATER_FEAST_ALIASES": "data/*=s3://lake/raw/*",
                "HEADWATER_FEAST_PAUSE_S": "0.5",
            }
            with serving(tmp_path / "home", env=env) as server:
                until(lambda: standing(server).get("events") == 12)
                assert made_of(server, "credit_history") == {"bureau_file"}
                assert made_of(server, "affordability") == {"applicant_profile", "loan_request"}
                feast.do("send", server.url)
                feast.do("rename", "credit_history", "credit_record")
                feast.do("materialize")
                until(lambda: standing(server).get("events") == 19)
                wait_ready(server)
                look_at_the_end(server)


def look_at_the_end(server: Server) -> None:
    """See what has become of it."""
    gone = httpx.get(
        f"{server.url}/api/v1/graph/node", params={"key": key("credit_history")}, timeout=30
    ).json()
    assert gone["live"] is False
    assert made_of(server, "credit_record") == {"bureau_file"}
    assert made_of(server, "loan_approval_1") == {"applicant_profile", "credit_record"}
    assert made_of(server, "online_store_credit_record") == {"credit_record"}
    columns = ask(server, "upstream", f"{key('loan_approval_1')}#income", granularity="FIELD")
    assert {edge["source"].rpartition(":")[2] for edge in columns["edges"]} == {
        "applicant_profile#income",
        "applicants_file#income",
    }
    up = re.search(r"^headwater_feast_up (\S+)$", httpx.get(f"{server.url}/metrics").text, re.MULTILINE)
    assert up is not None
    assert float(up[1]) == 1
    status = headwater("status", "--server", server.url)
    assert "feast: following since" in status.stdout
    assert "1 project, 12 things, 19 events" in status.stdout


def standing(server: Server) -> dict[str, object]:
    """Say how the source is."""
    found: dict[str, object] = httpx.get(f"{server.url}/readyz").json().get("feast") or {}
    return found
