"""Which three questions are asked in the end, what has to be answered, and how are the events of the story kept?

`expected.json` was written by hand from what the six acts do. Ids, times and places of one performance are left out of the
comparison: names, kinds, states, evidence and ways are not.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from app.demo.questions import LOANS
from app.demo.scratch import COMMAND, Server
from app.demo.showing import run, title

EXPECTED: Final = Path(__file__).with_name("expected.json")
LOOPBACK: Final = re.compile(r"127\.0\.0\.1:[0-9]+")
Json = Mapping[str, Any]


def ask(server: Server) -> dict[str, Any]:
    """Ask all three as a person would, show the answers, and give what is compared."""
    found = {}
    for name, question in LOANS.items():
        title(question.words)
        run(server, question.command)
        told = subprocess.run(
            [COMMAND, *question.command, "--server", server.url, "--json"], check=True, capture_output=True
        )
        found[name] = TOLD[name](json.loads(told.stdout))
    return found


def judge(found: Json) -> int:
    """Compare with what was written by hand; gives the exit code."""
    wanted = json.loads(EXPECTED.read_text())
    for name in LOANS:
        if found[name] != wanted[name]:
            print(f"\nnot as expected, {name}:\n{json.dumps(found[name], indent=1)}", file=sys.stderr)
    if found == wanted:
        print("\nAll three answers are as expected.json has them.")
        return 0
    return 1


def record(server: Server, file: Path, stand_ins: Mapping[str, str]) -> None:
    """Write all events, in order of receipt, a line each; what is of this machine alone goes by its stand-in."""
    after, lines = "0", []
    while True:
        page = httpx.get(
            f"{server.url}/api/v1/events", params={"after": after, "limit": 500}, timeout=60
        ).json()
        lines += [
            json.dumps(one["body"], ensure_ascii=False, separators=(",", ":")) for one in page["events"]
        ]
        after = page["page_info"]["end_cursor"]
        if not page["page_info"]["has_next_page"]:
            break
    text = "".join(f"{line}\n" for line in lines)
    for found, stand_in in stand_ins.items():
        text = text.replace(found, stand_in)
    text = LOOPBACK.sub("loans.example", text)
    file.write_text(text, encoding="utf-8")


def _produced(answer: Json) -> Json:
    return {
        "datasets": _sorted(_named(one) for one in answer["datasets"]),
        "fetched": _sorted({_feature(one) for one in answer["features"] if one["fetched"]}),
        "used": _sorted({_feature(one) for one in answer["features"] if one["used"]}),
        "uncertain": _sorted({_feature(one) for one in answer["features"] if not one["certain"]}),
        "experiments": _sorted({one["name"] for one in answer["experiments"]}),
        "runs": _sorted(
            {f"{one['role']} {one['run']['state']}" for one in answer["runs"] if one["role"] != "UPSTREAM"}
        ),
        "parameters": _sorted(
            {one["name"] for run in answer["runs"] if run["role"] == "TRAINING" for one in run["parameters"]}
        ),
        "metrics": _sorted(
            {one["name"] for run in answer["runs"] if run["role"] == "TRAINING" for one in run["metrics"]}
        ),
        "failed checks": _sorted({one["name"] for one in answer["checks"] if one["outcome"] == "fail"}),
        "people": _sorted({f"{one['how']} {one['name']} {one['evidence']}" for one in answer["people"]}),
        "catalogue": answer["catalogue"]["state"],
        "acts": [one["act"] for one in answer["catalogue"]["acts"]],
        "aliases": answer["registry"]["aliases"],
        "deployments": {
            one["name"]: [f"{revision['revision']} {revision['state']}" for revision in one["revisions"]]
            for one in answer["deployments"]
        },
        "complete": answer["completeness"]["complete"],
        "guessed": answer["completeness"]["guessed_edges"],
    }


def _impacted(answer: Json) -> Json:
    wanted = {"LOGGED_MODEL", "MODEL_VERSION", "DEPLOYMENT"}
    nodes = [one["node"] for one in answer["nodes"]]
    return {
        "models": _sorted({_model(one["name"]) for one in nodes if one["kind"] in wanted}),
        "features": _sorted(
            {one["name"] for one in nodes if one["kind"] in {"FEATURE_VIEW", "FEATURE_SERVICE"}}
        ),
        "guessed": answer["completeness"]["guessed_edges"],
    }


def _between(answer: Json) -> list[str]:
    rows = {
        " > ".join(
            part or "-"
            for part in (
                _last(row["dataset"]), _last(row["feature"]), row["experiment"] and "experiment",
                _model(_last(row["version"]) or ""), _last(row["deployment"]),
            )
        )
        for row in answer["paths"]
    }  # fmt: skip
    return _sorted(rows)


TOLD: Final = {"produced": _produced, "impacted": _impacted, "between": _between}


def _named(one: Json) -> str:
    name = one["name"]
    shown = Path(name).name if name.startswith("/") else _model(name)
    return f"{one['kind']} {shown}"


def _model(name: str) -> str:
    """Give a logged model no id: it is another in each performance."""
    return "models/m-*" if name.startswith("models/m-") else name


def _feature(one: Json) -> str:
    return f"{_last(one['view'])}:{one['name']}"


def _last(key: str | None) -> str | None:
    return None if key is None else key.rpartition(":")[2]


def _sorted(names: Sequence[str] | Any) -> list[str]:
    return sorted(names)
