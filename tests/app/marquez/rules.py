"""Where may our answers differ from Marquez's, and why? The whole table; docs/marquez.md shows its reasons."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from graph_schema.secrets import redacted
from tests.app.marquez.recorded import ABSENT, FAILED, Answered, Difference, Names, moment

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
    return isinstance(theirs, str) and isinstance(ours, str) and bool(moment(theirs) <= moment(ours))


def both_uuids(theirs: Json, ours: Json) -> bool:
    return all(isinstance(one, str) and _UUID.fullmatch(one) is not None for one in (theirs, ours))


def only_ours(theirs: Json, ours: Json) -> bool:
    return theirs in (None, ABSENT, "", [], "default") and ours not in (None, ABSENT)


def only_theirs(theirs: Json, ours: Json) -> bool:
    return theirs not in (None, ABSENT) and ours in (None, ABSENT, "", [])


def same_time(theirs: Json, ours: Json) -> bool:
    return bool(moment(theirs) == moment(ours))


def not_later(theirs: Json, ours: Json) -> bool:
    return isinstance(theirs, str) and isinstance(ours, str) and bool(moment(ours) <= moment(theirs))


def told_otherwise(theirs: Json, ours: Json) -> bool:
    both = isinstance(theirs, str) and isinstance(ours, str)
    return theirs == ABSENT or isinstance(theirs, list) or both


def is_longer(theirs: Json, ours: Json) -> bool:
    return isinstance(theirs, int) and isinstance(ours, int) and ours > theirs


def has_no_type(theirs: Json, ours: Json) -> bool:
    return ours == ABSENT and isinstance(theirs, dict) and theirs["type"] is None


def is_of_failed_run(theirs: Json, ours: Json) -> bool:
    return ours in (ABSENT, None) and FAILED in str(json.dumps(theirs))


def only_ours_or_empty(theirs: Json, ours: Json) -> bool:
    return theirs is None and ours not in (None, ABSENT)


def is_more(theirs: Json, ours: Json) -> bool:
    return isinstance(theirs, int) and isinstance(ours, int) and theirs > ours


def is_less(theirs: Json, ours: Json) -> bool:
    return isinstance(theirs, int) and isinstance(ours, int) and theirs < ours


def without_password(theirs: Json, ours: Json) -> bool:
    return isinstance(theirs, str) and bool(redacted(theirs) == ours)


def refused(theirs: Json, ours: Json) -> bool:
    return (theirs, ours) == (500, 200)


_RUN: Final = r"body\.((.*\.)?(latestRun|latestRuns\[\]|createdByRun|runs\[\])\.)?"
_OF_DATASET: Final = r"body\.(datasets\[\]\.|versions\[\]\.|graph\[\]\.data\.)?"
_OF_JOB: Final = r"body\.(jobs\[\]\.|versions\[\]\.|graph\[\]\.data\.)?"
_LINEAGE: Final = "lineage of (job|dataset|what a failed run did)"
_COLUMNS: Final = "column-lineage( with downstream)?"
_NODES: Final = r"body\.graph(\[\](\.inEdges\[\]|\.outEdges\[\]|\.data\.inputFields\[\])?)?"

RULES: Final = (
    Rule("UUIDs of versions, schemas and parents are made of what they stand for",
         r".*\.(version|currentVersion|datasetVersion|currentSchemaVersion|parentJobUuid)", both_uuids),
    Rule("a dataset without columns has no version of its schema", r".*\.currentSchemaVersion", only_theirs),
    Rule("errors have our code and what they speak of beside Marquez's members",
         r"body\.(error|near|nodeId|key|namespace|parameter|code|errors|message)", told_otherwise),
    Rule("a description holds until another one is sent", rf"({_OF_DATASET}|{_OF_JOB})description", only_ours),
    Rule("`lastModifiedAt` is when a dataset was written last", _OF_DATASET + "lastModifiedAt", only_ours),
    Rule("`updatedAt` of a dataset is when it was written last, not when it was named last",
         r"body\.(.*\.)?updatedAt", not_later, "datasets/1|namespaces/1/datasets|search|sources|" + _LINEAGE),
    Rule("a version of a dataset begins when its run ended", r"body\.versions\[\]\.createdAt", same_or_later,
         "datasets/1/versions"),
    Rule("nominal times of a run are told", _RUN + "(nominalStartTime|nominalEndTime)", only_ours),
    Rule("a run began with its first START", _RUN + "(startedAt|createdAt)", not_later),
    Rule("a run began with its first START", _RUN + "durationMs", is_longer),
    Rule("every facet of a run is told", _RUN + r"facets\.[^.]+", only_ours),
    Rule("every facet of an input or output is told", r"body\..*DatasetVersions\[\]\.facets\.[^.]+", only_ours),
    Rule("facets of inputs and outputs are told with their run",
         r"body\.(datasets\[\]\.|versions\[\]\.)?facets\.(dataQuality\w+|outputStatistics|inputStatistics)", only_theirs),
    Rule("a version of a dataset has the facets of inputs and outputs that its run stated",
         r"body\.versions\[\]\.facets\.[^.]+", only_ours, "datasets/1/versions"),
    Rule("times within facets and events stay as they were sent",
         r"body\..*(eventTime|nominalStartTime|nominalEndTime)", same_time),
    Rule("passwords in addresses are replaced", r"body\..*", without_password),
    Rule("a run has its own facets in the versions of its job, not the job's",
         r"body\.versions\[\]\.latestRun\.facets\..*", asked="jobs/1/versions"),
    Rule("from a dataset all jobs that read or write it are walked, not one of them", _NODES, only_ours,
         "lineage of dataset"),
    Rule("datasets that only facets name are there", r"body\.datasets\[\]|body\.(datasets\[\]\.)?columnLineage\[\]",
         only_ours),
    Rule("datasets that only facets name are there", r"body\.totalCount", is_less, "namespaces/1/datasets"),
    Rule("lists tell the facets of all datasets, not of the first ten", r"body\.datasets\[\]\.facets\.[^.]+", only_ours),
    Rule("a dataset of several names is one, told under each with all that is known of it",
         r"body\.(datasets\[\]\.)?(columnLineage|facets\.[^.]+|versions\[\]|sourceName)", only_ours,
         "datasets/1(/versions)?|namespaces/1/datasets"),
    Rule("a dataset of several names is one, told under each with all that is known of it", r"body\.totalCount", is_less,
         "datasets/1/versions"),
    Rule("a job's inputs and outputs are told under the name that was sent, and no other",
         r"body\.(jobs\[\]\.|versions\[\]\.)?(inputs|outputs)\[\]", only_theirs),
    Rule("a node id with more colons is found", r"status", lambda theirs, ours: (theirs, ours) == (404, 200),
         f"{_LINEAGE}|{_COLUMNS}"),
    Rule("a node id with more colons is found", r"body\.(code|graph)", asked=f"{_LINEAGE}|{_COLUMNS}"),
    Rule("the type and the transformation of a source column are told",
         r"body\.graph\[\]\.data\.(fieldType|transformationDescription|transformationType)", only_ours, _COLUMNS),
    Rule("source columns have a downstream, and depth is the same in both directions", _NODES, only_ours,
         "column-lineage with downstream"),
    Rule("a search is for words, of more than names", r"body\.(results\[\]|totalCount)", asked="search"),
    Rule("sources are told where Marquez fails", r"status", refused, "sources"),
    Rule("sources are told where Marquez fails", r"body\.(code|message|sources)", asked="sources"),
    Rule("the type of a source is the scheme of its address", r"body\.sources\[\]\.type", asked="sources"),
    Rule("a column without a type is told once", _OF_DATASET + r"fields\[\]", has_no_type),
    Rule("a failed run wrote nothing", rf"{_NODES}|body\.(.*\.)?(createdByRun|inputs\[\]|outputs\[\])", is_of_failed_run),
    Rule("a failed run wrote nothing", rf"{_NODES}|{_OF_JOB}(inputs|outputs)\[\]", only_theirs,
         "lineage of what a failed run did"),
    Rule("a failed run wrote nothing", _OF_DATASET + "(currentVersion|lastLifecycleState)", only_ours_or_empty),
    Rule("jobs that are only named as parents are those that were meant", r"body\.totalCount", is_more,
         "jobs|namespaces/1/jobs"),
    Rule("columns are walked where Marquez fails", r"status", refused, _COLUMNS),
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
