"""Where may our answers differ from Marquez's, and why? The whole table; docs/marquez.md shows its reasons."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from graph_schema.secrets import redacted
from tests.app.marquez.recorded import ABSENT, Answered, Difference, Names, moment

Json = Any
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Rule(NamedTuple):
    """Differences that are meant: of which members (of which paths), what must hold of both values, and why."""

    why: str
    member: str
    holds: Callable[[Json, Json], bool] = lambda _theirs, _ours: True
    asked: str = ".*"

    def allows(self, one: Difference) -> bool:
        """Tell whether a difference falls under it."""
        return (
            re.fullmatch(self.member, one.member) is not None
            and re.fullmatch(self.asked, one.asked) is not None
            and self.holds(one.theirs, one.ours)
        )


def same_or_later(theirs: Json, ours: Json) -> bool:
    return isinstance(theirs, str) and isinstance(ours, str) and moment(theirs) <= moment(ours)


def both_uuids(theirs: Json, ours: Json) -> bool:
    return all(isinstance(one, str) and _UUID.fullmatch(one) is not None for one in (theirs, ours))


def only_ours(theirs: Json, ours: Json) -> bool:
    return theirs in (None, ABSENT, "", []) and ours not in (None, ABSENT)


def only_theirs(theirs: Json, ours: Json) -> bool:
    return theirs not in (None, ABSENT) and ours in (None, ABSENT, "", [])


def same_time(theirs: Json, ours: Json) -> bool:
    return bool(moment(theirs) == moment(ours))


def not_later(theirs: Json, ours: Json) -> bool:
    return isinstance(theirs, str) and isinstance(ours, str) and moment(ours) <= moment(theirs)


def without_password(theirs: Json, ours: Json) -> bool:
    return isinstance(theirs, str) and redacted(theirs) == ours


def refused(theirs: Json, ours: Json) -> bool:
    return theirs == 500 and ours == 200


_RUN: Final = r"body\.(.*\.)?(latestRun|latestRuns\[\]|createdByRun|runs\[\])\."
_OF_DATASET: Final = r"body\.(datasets\[\]\.|versions\[\]\.|graph\[\]\.data\.)?"
_LINEAGE: Final = "lineage of (job|dataset)"

RULES: Final = (
    Rule("UUIDs of versions, schemas and parents are made of what they stand for",
         r".*\.(version|currentVersion|datasetVersion|currentSchemaVersion|parentJobUuid)", both_uuids),
    Rule("errors have our code and what they speak of beside Marquez's members",
         r"body\.(error|near|nodeId|key|namespace|parameter|code|errors|message)",
         lambda theirs, ours: theirs == ABSENT or isinstance(theirs, list) or (isinstance(theirs, str) and isinstance(ours, str))),
    Rule("a description holds until another one is sent", _OF_DATASET + "description", only_ours),
    Rule("a description holds until another one is sent", r"body\.(jobs\[\]\.)?description", only_ours),
    Rule("`lastModifiedAt` is when a dataset was written last", _OF_DATASET + "lastModifiedAt", only_ours),
    Rule("`updatedAt` of a dataset is when it was written last, not when it was named last", r"body\.(.*\.)?updatedAt", not_later,
         "datasets/1|namespaces/1/datasets|search|" + _LINEAGE),
    Rule("a version of a dataset begins when its run ended", r"body\.versions\[\]\.createdAt", same_or_later, "datasets/1/versions"),
    Rule("nominal times of a run are told", _RUN + "(nominalStartTime|nominalEndTime)", only_ours),
    Rule("times within facets and events stay as they were sent", r"body\..*(eventTime|nominalStartTime|nominalEndTime)", same_time),
    Rule("passwords in addresses are replaced", r"body\..*", without_password),
    Rule("a run has its own facets in the versions of its job, not the job's", r"body\.versions\[\]\.latestRun\.facets\..*",
         asked="jobs/1/versions"),
    Rule("from a dataset all jobs that read or write it are walked, not one of them",
         r"body\.graph\[\](\.inEdges\[\]|\.outEdges\[\])?", only_ours, "lineage of dataset"),
    Rule("datasets that only facets name are there", r"body\.datasets\[\]|body\.(datasets\[\]\.)?columnLineage\[\]", only_ours),
    Rule("datasets that only facets name are there", r"body\.totalCount", lambda theirs, ours: theirs < ours, "namespaces/1/datasets"),
    Rule("lists tell the facets of all datasets, not of the first ten", r"body\.datasets\[\]\.facets\.[^.]+", only_ours),
    Rule("the type of a source column is told", r"body\.graph\[\]\.data\.fieldType", only_ours),
    Rule("source columns have a downstream, and depth is the same in both directions",
         r"body\.graph\[\](\.outEdges\[\]|\.inEdges\[\])?", only_ours, "column-lineage with downstream"),
    Rule("a search is for words, of more than names", r"body\.(results\[\]|totalCount)", asked="search"),
    Rule("sources are told where Marquez fails", r"status", refused, "sources"),
    Rule("sources are told where Marquez fails", r"body\.(code|message|sources)", asked="sources"),
)  # fmt: skip


def as_sent(names: Names, value: Json) -> Json:
    """Give an answer of Marquez's with the names of jobs that were sent, without the jobs that it made."""
    if isinstance(value, list):
        return [as_sent(names, one) for one in value if not _is_made(names, one)]
    if not isinstance(value, dict):
        return _node_as_sent(names, value)
    found = {name: as_sent(names, one) for name, one in value.items()}
    own = (value.get("namespace"), value.get("name"))
    if own in names.sent:
        found["name"] = names.sent[own]
    return found


def comparable(theirs: Json, ours: Json) -> tuple[Json, Json]:
    """Leave out what says nothing: nulls within events, and the run of a child in Marquez's lineage, which is its parent's."""
    if "events" in theirs["body"]:
        return without_nulls(theirs), without_nulls(ours)
    nodes = {one["id"]: one for one in ours["body"].get("graph", ()) if isinstance(ours["body"], dict)}
    for one in theirs["body"].get("graph", ()):
        if one["type"] == "JOB" and one["data"]["parentJobName"] is not None and one["id"] in nodes:
            one["data"] |= {name: nodes[one["id"]]["data"][name] for name in ("latestRun", "currentRunUuid")}
    return theirs, ours


def without_nulls(value: Json) -> Json:
    """Leave out members that are null."""
    if isinstance(value, list):
        return [without_nulls(one) for one in value]
    if isinstance(value, dict):
        return {name: without_nulls(one) for name, one in value.items() if one is not None}
    return value


def _is_made(names: Names, one: Json) -> bool:
    is_job = isinstance(one, dict) and ("simpleName" in one or one.get("type") == "JOB")
    return is_job and _job_of(one) in names.made


def _job_of(one: Json) -> tuple[Json, Json]:
    data = one["data"] if one.get("data") else one
    return data.get("namespace"), data.get("name")


def _node_as_sent(names: Names, value: Json) -> Json:
    if isinstance(value, str) and value.startswith("job:"):
        for (namespace, name), sent in names.sent.items():
            if value == f"job:{namespace}:{name}":
                return f"job:{namespace}:{sent}"
    return value


def is_asked_in_vain(names: Names, answered: Answered) -> bool:
    """Tell whether a job was asked about that Marquez made."""
    split = urlsplit(answered.path)
    parts = [unquote(part) for part in split.path.split("/")]
    if len(parts) > 6 and parts[5] == "jobs":
        return (parts[4], parts[6]) in names.made
    node = parse_qs(split.query).get("nodeId", [""])[0]
    return any(node == f"job:{namespace}:{name}" for namespace, name in names.made)
