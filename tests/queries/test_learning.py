"""Do walks reach deployments and set out from models, and are the new nodes told whole, on each engine?"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from graph_schema.errors import BadInput, NodeNotFound
from graph_schema.identity import dataset_key, job_key
from queries.details import read_details
from queries.diff import DiffQuestion, SideAsked, diff
from queries.export import export_blocks
from queries.history import HistoryQuestion, history
from queries.learned import Approval, Deployment, Experiment, Model
from queries.learning import read_versions_of
from queries.limits import Limits
from queries.lineage import Question, lineage
from queries.nodes import read_node
from queries.paths import PathQuestion, paths
from queries.projection import read_projection
from queries.results import Dataset, Lineage, Run
from queries.rollup import RollupQuestion, rollup
from queries.search import Question as Searched
from queries.search import search
from queries.store import GraphStore
from tests import loans
from tests.arrows import hour
from tests.engine import Database
from tests.loans import (
    CREDIT,
    DEPLOYMENT,
    EXPERIMENT,
    FEAST,
    LOGGED,
    MODEL,
    PLATFORM,
    TRAINED,
    VERSION_1,
    VERSION_2,
)
from tests.queries.storied import told

SOURCE = dataset_key(FEAST, "credit_source")
JOB = job_key(PLATFORM, "loans")
Work = Callable[[GraphStore], Awaitable[Any]]


def ask(graph: Database, folder: Path, work: Work) -> Any:
    """Ask once the story of loans was projected."""

    async def asking(store: GraphStore) -> Any:
        async with told(store, folder, loans.history(*loans.STORY)):
            return await work(store)

    return graph.run(asking)


async def walk(store: GraphStore, of: str, direction: Any, **more: Any) -> Lineage:
    question = Question(of=of, direction=direction, **more)
    return await lineage(store, question, Limits(), projection=await read_projection(store))


def reached(answer: Lineage) -> dict[str, int]:
    return {row.node.key: row.depth for row in answer.nodes}


def test_walks_reach_deployments_and_set_out_from_them(graph: Database, tmp_path: Path) -> None:
    """From raw data down to what serves, and back up from it; edges stand beside it on the page."""

    async def work(store: GraphStore) -> None:
        down = await walk(store, SOURCE, "downstream", totals=True)
        wanted = {CREDIT: 1, LOGGED: 2, VERSION_1: 3, VERSION_2: 3, DEPLOYMENT: 4}
        assert reached(down) == wanted
        assert {row.node.kind for row in down.nodes} >= {"FEATURE_VIEW", "MODEL_VERSION", "DEPLOYMENT"}
        assert (VERSION_2, DEPLOYMENT) in {(edge.source, edge.target) for edge in down.edges}
        assert down.totals is not None
        assert {one.kind: one.count for one in down.totals.by_kind}["DEPLOYMENT"] == 1
        up = await walk(store, DEPLOYMENT, "upstream")
        assert up.root.kind == "DEPLOYMENT"
        assert reached(up)[VERSION_2] == 1
        assert reached(up)[SOURCE] == 4
        assert VERSION_1 not in reached(up)
        assert reached(await walk(store, DEPLOYMENT, "downstream")) == {}

    ask(graph, tmp_path, work)


def test_a_deployment_is_walked_as_it_was(graph: Database, tmp_path: Path) -> None:
    """As of an instant a deployment has what fed it then."""

    async def work(store: GraphStore) -> None:
        for at, fed in ((8, {VERSION_1}), (11, {VERSION_1, VERSION_2}), (13, {VERSION_2})):
            then = await walk(store, DEPLOYMENT, "upstream", as_of=hour(at), depth=1)
            assert set(reached(then)) == fed
            assert all(edge.target == DEPLOYMENT for edge in then.edges)
        old = await walk(store, VERSION_1, "downstream", as_of=hour(8))
        assert reached(old) == {DEPLOYMENT: 1}
        assert reached(await walk(store, VERSION_1, "downstream")) == {}

    ask(graph, tmp_path, work)


def test_only_deployments_can_be_listed(graph: Database, tmp_path: Path) -> None:
    """`kinds` filters rows: which deployments does this table reach?"""

    async def work(store: GraphStore) -> None:
        only = await walk(store, SOURCE, "downstream", kinds=frozenset({"DEPLOYMENT"}), first=1)
        assert reached(only) == {DEPLOYMENT: 4}

    ask(graph, tmp_path, work)


def test_a_model_means_its_versions(graph: Database, tmp_path: Path) -> None:
    """They are the rows at depth 0, whichever way one walks."""

    async def work(store: GraphStore) -> None:
        down = reached(await walk(store, MODEL, "downstream"))
        assert down == {VERSION_1: 0, VERSION_2: 0, DEPLOYMENT: 1}
        up = reached(await walk(store, MODEL, "upstream"))
        assert (up[VERSION_1], up[LOGGED], up[SOURCE]) == (0, 1, 3)

    ask(graph, tmp_path, work)


def test_other_granularities(graph: Database, tmp_path: Path) -> None:
    """Among jobs a deployment is its job; among fields it is those of what feeds it; among runs its newest one."""

    async def work(store: GraphStore) -> None:
        jobs = await walk(store, DEPLOYMENT, "upstream", granularity="JOB")
        assert (reached(jobs)[JOB], reached(jobs)[VERSION_2]) == (0, 1)
        below = reached(await walk(store, SOURCE, "downstream", granularity="JOB"))
        assert JOB in below
        assert DEPLOYMENT not in below
        then = reached(await walk(store, SOURCE, "downstream", granularity="JOB", as_of=hour(11)))
        assert JOB in then
        assert DEPLOYMENT not in then
        await walk(store, DEPLOYMENT, "upstream", granularity="FIELD")
        runs = await walk(store, DEPLOYMENT, "upstream", granularity="RUN")
        assert TRAINED in reached(runs)
        with pytest.raises(BadInput, match="versions"):
            await walk(store, MODEL, "upstream", granularity="RUN")
        for key in (EXPERIMENT, "person::mo"):
            with pytest.raises(BadInput, match="no lineage"):
                await walk(store, key, "upstream")

    ask(graph, tmp_path, work)


def test_every_other_question_takes_a_deployment(graph: Database, tmp_path: Path) -> None:
    """Paths, roll-ups, histories and differences know it as an end."""

    async def work(store: GraphStore) -> None:
        projection = await read_projection(store)
        found = await paths(
            store, PathQuestion(source=SOURCE, target=DEPLOYMENT), Limits(), projection=projection
        )
        assert found.paths[0].keys == [SOURCE, CREDIT, LOGGED, VERSION_2, DEPLOYMENT]
        kinds = RollupQuestion(of=SOURCE, direction="downstream", group_by="NAMESPACE")
        rolled = await rollup(store, kinds, Limits(), projection=projection)
        counts = {one.kind: one.count for group in rolled.groups for one in group.by_kind}
        assert counts["DEPLOYMENT"] == 1
        past = await history(store, HistoryQuestion(of=DEPLOYMENT, first=10), Limits(), projection=projection)
        assert [(edge.source, edge.intervals[0].valid_from) for edge in past.edges] == [
            (VERSION_1, hour(7)), (VERSION_2, hour(10)),
        ]  # fmt: skip
        only = HistoryQuestion(of=DEPLOYMENT, source=VERSION_1, first=10)
        assert len((await history(store, only, Limits(), projection=projection)).edges) == 1
        asked = DiffQuestion(before=SideAsked(DEPLOYMENT, hour(8)), after=SideAsked(DEPLOYMENT, hour(13)))
        changed = await diff(store, asked, Limits(), projection=projection)
        assert VERSION_1 in json.dumps(str(changed))

    ask(graph, tmp_path, work)


def test_each_new_node_is_told_whole(graph: Database, tmp_path: Path) -> None:
    """By its key, with what belongs to it."""

    async def work(store: GraphStore) -> None:
        experiment = await read_node(store, EXPERIMENT)
        assert isinstance(experiment, Experiment)
        assert (experiment.name, experiment.experiment_id) == ("loan approval", "7")
        more = await read_details(store, experiment)
        assert ([run.key for run in more["runs"]], more["started_by"][0].evidence) == ([TRAINED], "gateway")
        model = await read_node(store, MODEL)
        assert isinstance(model, Model)
        assert (await read_details(store, model))["versions"] == [VERSION_2, VERSION_1]
        assert (await read_versions_of(store, [MODEL]))[MODEL][0] == ("2", VERSION_2)
        deployment = await read_node(store, DEPLOYMENT)
        assert isinstance(deployment, Deployment)
        assert (deployment.state, deployment.environment, deployment.job) == ("RUNNING", "prod", JOB)
        assert (await read_details(store, deployment))["sources"] == [VERSION_2]
        version = await read_node(store, VERSION_1)
        assert isinstance(version, Dataset)
        of = version.of_model
        assert of is not None
        assert (of.model, of.version, of.catalogue_state) == (MODEL, "1", "APPROVED")
        (approval,) = (await read_details(store, version))["approvals"]
        assert isinstance(approval, Approval)
        assert approval.evidence == [{"kind": "run", "ref": loans.uuid(1)}]
        assert await read_details(store, await read_node(store, approval.key)) == {
            "datasets": [VERSION_1], "decided_by": ["person::mo"], "more": [],
        }  # fmt: skip
        run = await read_node(store, TRAINED)
        assert isinstance(run, Run)
        assert run.experiment == EXPERIMENT
        more = await read_details(store, run)
        assert [one.evidence for one in more["started_by"]] == ["gateway", "mlflow.user"]
        assert [one.mode for one in more["features_used"]] == ["FETCHED", "FETCHED", "FETCHED", "USED"]

    ask(graph, tmp_path, work)


def test_names_that_are_near_are_suggested(graph: Database, tmp_path: Path) -> None:
    """An unknown experiment, model, deployment or decision is not found, with names like it."""

    async def work(store: GraphStore) -> None:
        for key in (EXPERIMENT, MODEL, DEPLOYMENT):
            with pytest.raises(NodeNotFound) as raised:
                await read_node(store, key + "x")
            assert key in raised.value.values["near"]

    ask(graph, tmp_path, work)


def test_search_finds_experiments_models_deployments_and_people(graph: Database, tmp_path: Path) -> None:
    """By words of their names, their tags and their environment."""

    async def work(store: GraphStore) -> None:
        projection = await read_projection(store)
        for text, kind, key in (
            ("approval", "EXPERIMENT", EXPERIMENT),
            ("loan", "MODEL", MODEL),
            ("risk", "MODEL", MODEL),
            ("loans prod", "DEPLOYMENT", DEPLOYMENT),
            ("mo", "PERSON", "person::mo"),
        ):
            asked = Searched(text=text, kinds=frozenset({kind}))
            found = await search(store, asked, Limits(), projection=projection)
            assert key in [node.key for node in found.nodes], text

    ask(graph, tmp_path, work)


def test_the_export_tells_all_of_it(graph: Database, tmp_path: Path) -> None:
    """DESIGN 10: each type is there, every field always present."""

    async def work(store: GraphStore) -> None:
        lines = b"".join([block async for block in export_blocks(store)]).splitlines()
        rows = [json.loads(line) for line in lines]
        for kind in ("experiment", "model", "deployment", "approval", "person", "in_experiment", "version_of",
                     "used_feature", "started_by", "approves", "decided_by"):  # fmt: skip
            found = [row for row in rows if row["type"] == kind]
            assert found, kind
            assert len({frozenset(row) for row in found}) == 1
        assert {row["target"] for row in rows if row["type"] == "feeds"} >= {DEPLOYMENT}
        assert [row["type"] for row in rows] == sorted(row["type"] for row in rows)

    ask(graph, tmp_path, work)
