"""What does an experiment say of the jobs whose runs are in it?"""

from __future__ import annotations

from .facets import Json, instant, job, job_event, job_type, known, texts
from .names import Place, job_name

NOTE = "mlflow.note.content"
FIRST_ROLE = "train"
"""An experiment without runs is told as the job that is to train in it."""


def experiment_facets(experiment: Json, role: str) -> dict[str, Json | None]:
    """Write the facets of a job of an experiment."""
    tags = texts(experiment.get("tags"))
    note = tags.get(NOTE)
    body = {
        "experimentId": str(experiment.get("experiment_id", "")),
        "name": str(experiment.get("name", "")),
        "lifecycleStage": experiment.get("lifecycle_stage"),
        "artifactLocation": experiment.get("artifact_location"),
        "workspace": experiment.get("workspace"),
        "tags": tags or None,
    }
    return {
        "mlflow_experiment": known(body),
        "jobType": job_type(role.upper()),
        "documentation": {"description": note} if note else None,
    }


def experiment_events(place: Place, experiment: Json, jobs: list[str], at: str | None) -> list[Json]:
    """Tell an experiment on each of its jobs: when it was made, or at the time a change was found."""
    time = at or instant(experiment.get("creation_time")) or instant(experiment.get("last_update_time"))
    named = jobs or [job_name(str(experiment.get("name", "")), FIRST_ROLE)]
    return [
        job_event(
            time or "1970-01-01T00:00:00.000000Z",
            of=job(place.namespace, name, experiment_facets(experiment, name.rpartition("/")[2])),
        )
        for name in named
    ]
