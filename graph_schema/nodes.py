"""Which nodes are there, and what do their properties mean? Unknown is absent on the node and null in answers."""

from __future__ import annotations

from typing import Final, NamedTuple


class Node(NamedTuple):
    """A label: what one node of it is, and its properties beside `key`, each with its meaning."""

    label: str
    one_per: str
    properties: tuple[tuple[str, str], ...]


_NAMED: Final = (("namespace", "as sent, secrets hidden"), ("name", "as sent"))
_SEEN: Final = (
    ("placeholder", "named only inside facets or as a parent"),
    ("created_at", "least eventTime naming it"),
)
_DESCRIBED: Final = (("description", "from the documentation facet"), ("tags", "key, or key:value"))
_FOUND: Final = (("words", "what search finds it by; bookkeeping, see decision 0035"),)

NODES: Final = (
    Node(
        "Dataset",
        "dataset name; its kind is a second label (:Dataset:Table)",
        (
            *_NAMED,
            (
                "kind",
                "TABLE, VIEW, FILE, TOPIC, FEATURE_VIEW, FEATURE_SERVICE, LOGGED_MODEL, MODEL_VERSION, OTHER",
            ),
            ("live", "false after a DROP, or a RENAME away, until the next write"),
            *_SEEN,
            ("last_written_at", "newest observation by a run, of its whole group of names"),
            (
                "unmerged",
                "first name (key) of its group, where symlinks connect too many names to merge them",
            ),
            ("changes", "DROPPED, RENAMED_FROM, RENAMED_TO, oldest first; of its whole group of names"),
            ("changed_at", "when, one for each of `changes`"),
            ("changed_other", "key of the other name of a rename, else empty"),
            ("changed_by", "key of the run that did it, empty for a dataset event's"),
            ("changes_earlier", "how many more there were before these"),
            ("model", "key of the registered model that it is a version of"),
            ("model_id", "id of the logged model"),
            ("version", "of a model version"),
            ("aliases", "that stand for this version, as MLflow says"),
            ("stage", "of a model version, as MLflow says"),
            ("status", "of a model, as MLflow says"),
            ("made_by", "key of the run that made the model, as MLflow says"),
            ("deleted", "MLflow does not know it any more"),
            (
                "catalogue_state",
                "what was decided last about a model version: APPROVED, REJECTED, RETIRED, ...",
            ),
            ("catalogue_at", "when"),
            ("catalogue_by", "by whom"),
            *_DESCRIBED,
            *_FOUND,
        ),
    ),
    Node(
        "Field",
        "column or feature",
        (
            ("dataset", "key of its dataset"),
            ("name", "last part of the path"),
            ("path", "dotted"),
            ("data_type", "as the current schema states it"),
            ("ordinal", "from 1"),
            ("role", "COLUMN, or FEATURE: a field of a feature view that is no join key"),
            ("current", "in the current schema; unknown where none was ever sent"),
        ),
    ),
    Node(
        "Job",
        "job",
        (
            *_NAMED,
            ("parent", "key of the job that contains it"),
            *_SEEN,
            ("processing_type", "BATCH, STREAMING, SERVICE as stated"),
            ("integration", "as stated"),
            ("job_type", "as stated"),
            *_DESCRIBED,
            *_FOUND,
        ),
    ),
    Node(
        "Run",
        "run",
        (
            ("job", "key of its job"),
            (
                "state",
                "STARTED, RUNNING, COMPLETED, FAILED, ABORTED, UNKNOWN; none for one that never reported",
            ),
            ("processing", "STREAMING or SERVICE; absent for a batch run"),
            ("started_at", "earliest START of the attempt shown"),
            ("ended_at", "winning terminal event of the attempt shown"),
            ("parent", "key of the run that contains it"),
            ("root", "key of the outermost run"),
            ("job_clash", "keys of other jobs that used the same run id"),
            ("clash", "its own key where there are such jobs: an index lists them"),
            ("sent_id", "the run id as sent, where it is no UUID"),
            ("nominal_start", "from nominalTime"),
            ("nominal_end", "from nominalTime"),
            ("created_at", "least eventTime"),
            ("last_event_at", "greatest eventTime"),
            ("attempts", "how often it was begun"),
            ("experiment", "key of the experiment it is in"),
            ("transitions", "JSON text: kept state changes"),
            ("warnings", "JSON text: what was left out of its events"),
            ("facets", "JSON text: run, job, inputs, outputs as given"),
        ),
    ),
    Node(
        "Check",
        "check result on a dataset, made by a run or told by a DatasetEvent",
        (
            ("name", "of the check"),
            ("outcome", "pass, fail, skip"),
            ("severity", "as stated"),
            ("at", "end of the run, or time of the event"),
            ("dataset", "key"),
            ("run", "key; none for what was told outside of any run"),
            ("column", "where it speaks of one"),
            ("expected", "as stated"),
            ("actual", "as stated"),
        ),
    ),
    Node(
        "Facet",
        "current facet of a dataset or job",
        (
            ("entity", "key of its owner"),
            ("name", "of the facet"),
            ("event", "canonical hash of the event that states it"),
            ("deleted", "it is a tombstone"),
            ("body", "JSON text"),
        ),
    ),
    Node(
        "Experiment",
        "experiment of an MLflow server",
        (
            ("namespace", "of the MLflow server"),
            ("name", "as it is called now"),
            ("experiment_id", "what it is known by"),
            ("lifecycle_stage", "as stated"),
            ("artifact_location", "as stated"),
            ("workspace", "as stated"),
            *_DESCRIBED,
            *_FOUND,
        ),
    ),
    Node(
        "Model",
        "registered model; its versions are datasets",
        (
            ("namespace", "of the registry"),
            ("name", "as registered"),
            ("aliases", "as its newest facet states them"),
            ("alias_versions", "the version that each of `aliases` stands for"),
            ("deleted", "the registry does not know it any more"),
            *_DESCRIBED,
            *_FOUND,
        ),
    ),
    Node(
        "Deployment",
        "job that serves a model",
        (
            ("namespace", "of its job: the platform"),
            ("name", "of its job"),
            ("job", "key of its job, whose runs are its revisions"),
            (
                "state",
                "REQUESTED, RUNNING, FAILED or WITHDRAWN: of the revision begun last; none where none was",
            ),
            ("running", "how many of its revisions run"),
            ("environment", "as the revision begun last states, else its job"),
            ("platform", "as the revision begun last states, else its job"),
            ("endpoint", "as the revision begun last states, else its job"),
            ("revision", "as the revision begun last states, else its job"),
            ("traffic_percent", "as the revision begun last states, else its job"),
            ("requested_alias", "as the revision begun last states, else its job"),
            ("image", "as the revision begun last states, else its job"),
            ("reason", "as the revision begun last states, else its job"),
            ("by", "as the revision begun last states, else its job"),
            ("configuration", "JSON text, as the revision begun last states, else its job"),
            *_FOUND,
        ),
    ),
    Node("Person", "owner, author or approver", (("name", "as stated"), *_FOUND)),
    Node(
        "Approval",
        "recorded decision about a model version",
        (
            ("name", "its decision"),
            ("decision", "REGISTERED, VALIDATED, APPROVED, REJECTED, DEPLOYED or RETIRED, as stated"),
            ("at", "when it was made"),
            ("reason", "as stated"),
            ("by", "as stated"),
            ("model", "key of the model it names"),
            ("version", "as stated"),
            ("evidence", "JSON text: what it was based on"),
            ("evidence_hash", "sha256 of that; none where nothing was stated"),
        ),
    ),
    Node(
        "Projection",
        "graph: up to where it is made",
        (
            ("cursor", "journal position"),
            ("journal", "id of the journal"),
            ("state", "id of the projector's state file"),
            ("rebuilding", "it is being made anew"),
            ("version", "of what the rows mean"),
        ),
    ),
    Node("Migration", "change of the database's schema that ran", (("at", "when"),)),
)
"""Every label, in the order of the graph's story."""
