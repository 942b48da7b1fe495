"""Act 1, the data engineer: raw data is loaded and checked, and becomes the files that the feature store reads.

Says so in OpenLineage events, as a scheduler's integration would: what was read and written, which column comes from which,
and what the checks found.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    column_lineage_dataset,
    data_quality_assertions_dataset,
    job_type_job,
    output_statistics_output_dataset,
    ownership_job,
    schema_dataset,
)
from openlineage.client.uuid import generate_new_uuid

PRODUCER = "https://headwater.example/story"
WAREHOUSE = "postgres://core.loans.example:5432"
LAKE = "file"
OWNER = "dana@loans.example"

LOADED = {
    "applicants": (
        "core.public.applicants",
        {"income": "net_income", "employed_years": "employed_since", "housing": "housing"},
    ),
    "bureau": (
        "core.public.bureau_answers",
        {"credit_score": "score", "open_loans": "open_loans", "missed_payments": "missed"},
    ),
    "payments": ("core.public.payments", {"paid_30d": "amount", "late_30d": "days_late"}),
}
"""Which table each file is loaded from, and which column each of its columns is made of."""


def main(data: Path) -> None:
    """Tell of three loads, and of the checks of each."""
    client = OpenLineageClient()
    for name, (table, columns) in LOADED.items():
        file = data / f"{name}.parquet"
        rows = pd.read_parquet(file)
        _load(client, name, table, columns, file, rows)
        _check(client, name, file, rows)


def _load(
    client: OpenLineageClient, name: str, table: str, columns: dict[str, str], file: Path, rows: pd.DataFrame
) -> None:
    key = {"applicant_id": "applicant_id", "known_at": "changed_at", **columns}
    lineage = {
        mine: column_lineage_dataset.Fields(
            inputFields=[
                column_lineage_dataset.InputField(
                    namespace=WAREHOUSE,
                    name=table,
                    field=theirs,
                    transformations=[
                        column_lineage_dataset.Transformation(
                            type="DIRECT", subtype="IDENTITY" if mine == theirs else "TRANSFORMATION"
                        )
                    ],
                )
            ]
        )
        for mine, theirs in key.items()
    }
    source = InputDataset(
        namespace=WAREHOUSE,
        name=table,
        facets={"schema": _schema(dict.fromkeys(key.values(), "text"))},
    )
    made = OutputDataset(
        namespace=LAKE,
        name=str(file),
        facets={
            "schema": _schema({one: str(kind) for one, kind in rows.dtypes.items()}),
            "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet(fields=lineage),
        },
        outputFacets={
            "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
                rowCount=len(rows), size=file.stat().st_size
            )
        },
    )
    _ran(client, f"load_{name}", inputs=[source], outputs=[made], minutes_ago=30)


def _check(client: OpenLineageClient, name: str, file: Path, rows: pd.DataFrame) -> None:
    checks = [
        data_quality_assertions_dataset.Assertion(assertion="row_count > 0", success=len(rows) > 0),
        *(
            data_quality_assertions_dataset.Assertion(
                assertion="not_null", column=column, success=not rows[column].isna().any()
            )
            for column in rows.columns
        ),
        data_quality_assertions_dataset.Assertion(
            assertion="unique", column="applicant_id", success=rows["applicant_id"].is_unique
        ),
    ]
    checked = InputDataset(
        namespace=LAKE,
        name=str(file),
        inputFacets={
            "dataQualityAssertions": data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
                assertions=checks
            )
        },
    )
    _ran(client, f"check_{name}", inputs=[checked], outputs=[], minutes_ago=20)


def _ran(
    client: OpenLineageClient,
    name: str,
    *,
    inputs: list[InputDataset],
    outputs: list[OutputDataset],
    minutes_ago: int,
) -> None:
    run, began = Run(runId=str(generate_new_uuid())), datetime.now(UTC) - timedelta(minutes=minutes_ago)
    job = Job(
        namespace="batch://loans.example",
        name=f"nightly.{name}",
        facets={
            "jobType": job_type_job.JobTypeJobFacet(
                processingType="BATCH", integration="SCRIPT", jobType="TASK"
            ),
            "ownership": ownership_job.OwnershipJobFacet(
                owners=[ownership_job.Owner(name=OWNER, type="MAINTAINER")]
            ),
        },
    )
    for state, at in ((RunState.START, began), (RunState.COMPLETE, began + timedelta(minutes=2))):
        client.emit(
            RunEvent(
                eventType=state,
                eventTime=at.isoformat(),
                run=run,
                job=job,
                producer=PRODUCER,
                inputs=inputs,
                outputs=outputs,
            )
        )


def _schema(columns: dict[str, str]) -> schema_dataset.SchemaDatasetFacet:
    return schema_dataset.SchemaDatasetFacet(
        fields=[
            schema_dataset.SchemaDatasetFacetFields(name=name, type=kind) for name, kind in columns.items()
        ]
    )


if __name__ == "__main__":
    os.environ.setdefault("OPENLINEAGE_DISABLED", "false")
    main(Path(sys.argv[1]))
