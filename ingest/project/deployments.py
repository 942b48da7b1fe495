"""Which jobs are deployments, and what feeds them (rules D1, D3, D6)?

A deployment is a job that says so by its facet, or a SERVICE run of which reads a model. What its SERVICE runs read feeds
it, in the intervals of rule D3: it is as if they output it, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graph_schema.identity import named_key
from ingest.derive.deployed import state_of
from ingest.derive.runs import newest_facets
from ingest.facets.job_type import SERVICE
from ingest.facts import DELETED
from ingest.project.kinds import is_kind
from ingest.render.kinds import MODELS

if TYPE_CHECKING:
    from ingest.derive.runs import Attempt, Run
    from ingest.facts import Sha
    from ingest.project.touched import Touched
    from ingest.state import State

DEPLOYMENT: Final = "mlops_deployment"
KEEP_DEPLOYED: Final = "INSERT OR REPLACE INTO deployed VALUES (?, ?, ?, ?, ?)"


def touch_deployment(state: State, job: str, touched: Touched) -> None:
    """Touch a job that became a deployment, or ceased to say so, with all its runs."""
    touched.deployments.add(job)
    touched.runs.update(row[0] for row in state.rows("SELECT run FROM run WHERE job = ?", (job,)))


def deployment_of(state: State, job: str) -> str:
    """Give the key of the deployment that a job is."""
    row = state.one("SELECT namespace, name FROM name WHERE key = ?", (job,))
    namespace, name = row or ("", "")
    return named_key("deployment", namespace, name)


def deploys(state: State, run: Run, attempt: Attempt) -> bool:
    """Tell whether an attempt is one of serving a deployment."""
    if attempt.processing[0] != SERVICE:
        return False
    said = state.one("SELECT body FROM register WHERE entity = ? AND facet = ?", (run.job, DEPLOYMENT))
    if said is not None and said[0] != DELETED:
        return True
    inputs = {listed.dataset for fact in attempt.facts for listed in fact.inputs}
    return any(is_kind(state, dataset, MODELS) for dataset in inputs)


def deployed_values(state: State, run: Run) -> list[tuple[str, str, str, str, Sha]]:
    """Give the row of a run that serves a deployment, or was to: when it was begun last, how that stands, what it says."""
    if not any(deploys(state, run, attempt) for attempt in run.attempts):
        return []
    newest = run.attempts[-1]
    own = newest_facets(newest.facts, lambda fact: fact.job_facets)
    return [(run.uuid, run.job, newest.facts[0].order, state_of(newest), own.get(DEPLOYMENT, DELETED))]


def replace_deployed(state: State, run: Run, touched: Touched) -> None:
    """Keep the row of a run, and touch the deployments that it was and is of."""
    before = state.rows("SELECT * FROM deployed WHERE run = ?", (run.uuid,))
    after = deployed_values(state, run)
    if before == after:
        return
    state.run("DELETE FROM deployed WHERE run = ?", (run.uuid,))
    state.many(KEEP_DEPLOYED, after)
    touched.deployments.update(row[1] for row in (*before, *after))
