"""Which events make up the demo? Otter Canoes: bookings and river gauges in, a demand forecast out.

    bookings, customers ─Airflow─► raw/ ─dbt─► staging ─dbt─► trips ─► daily_demand ─► features ─► model
    gauge.readings ───────Flink──► raw/gauges (read by its Glue name)            └─► revenue ─► report

Two days of runs. Some events come late, some twice; one run fails; `demand` is renamed `daily_demand` between
the days; the Flink job never ends; the weekly report is only declared.
`python -m app.demo.estate` writes them, in order of arrival, as they stand in estate.ndjson.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from app.demo.shapes import (
    Json,
    column_lineage,
    dataset,
    dataset_event,
    job,
    job_event,
    job_type,
    parent,
    reads,
    run_event,
    schema,
)

DAYS: Final = ("2026-05-01", "2026-05-02")
SOURCE: Final = "postgres://bookings.otter.example:5432"
LAKE: Final = "s3://otter-lake"
GLUE: Final = "arn:aws:glue:eu-north-1:000000000000"
WAREHOUSE: Final = "bigquery"
TABLE: Final = {"datasetType": "TABLE"}
FILE: Final = {"datasetType": "FILE"}
_TYPES: Final = {
    "booking": "INT64",
    "river": "STRING",
    "day": "DATE",
    "seats": "INT64",
    "level_cm": "FLOAT64",
}


def columns(*names: str) -> Json:
    return schema({name: _TYPES.get(name, "STRING") for name in names})


def run_id(*words: str) -> str:
    """Make the same run id for the same words, in every process."""
    return str(uuid5(NAMESPACE_URL, "otter canoes/" + "/".join(words)))


BOOKINGS = dataset(
    SOURCE,
    "canoes.public.bookings",
    datasetType=TABLE,
    schema=columns("booking", "customer", "river", "day", "seats"),
)
CUSTOMERS = dataset(
    SOURCE, "canoes.public.customers", datasetType=TABLE, schema=columns("customer", "name", "email")
)
RAW_BOOKINGS = dataset(
    LAKE, "raw/bookings", datasetType=FILE, schema=columns("booking", "customer", "river", "day", "seats")
)
RAW_CUSTOMERS = dataset(LAKE, "raw/customers", datasetType=FILE, schema=columns("customer", "name", "email"))
READINGS = dataset(
    "kafka://stream.otter.example:9092", "gauge.readings", datasetType={"datasetType": "TOPIC"}
)
RAW_GAUGES = dataset(
    LAKE,
    "raw/gauges",
    datasetType=FILE,
    schema=columns("river", "day", "level_cm"),
    symlinks={"identifiers": [{"namespace": GLUE, "name": "table/raw/gauges", "type": "TABLE"}]},
)
GLUE_GAUGES = dataset(GLUE, "table/raw/gauges", datasetType=TABLE)


def table(name: str, *names: str, lineage: dict[str, list[Json]] | None = None, **given: Json) -> Json:
    """Write a warehouse table with its columns and where each of them comes from."""
    if lineage is not None:
        given["columnLineage"] = column_lineage(lineage)
    return dataset(WAREHOUSE, f"otter.{name}", datasetType=TABLE, schema=columns(*names), **given)


STG_BOOKINGS = table(
    "staging.stg_bookings", "booking", "customer", "river", "day", "seats",
    lineage={name: [reads(RAW_BOOKINGS, name)] for name in ("booking", "customer", "river", "day", "seats")},
)  # fmt: skip
STG_CUSTOMERS = table(
    "staging.stg_customers", "customer", "email_hash",
    lineage={
        "customer": [reads(RAW_CUSTOMERS, "customer")],
        "email_hash": [reads(RAW_CUSTOMERS, "email", subtype="TRANSFORMATION")],
    },
)  # fmt: skip
STG_GAUGES = table(
    "staging.stg_gauges", "river", "day", "level_cm",
    lineage={name: [reads(GLUE_GAUGES, name)] for name in ("river", "day", "level_cm")},
)  # fmt: skip
TRIPS = table(
    "marts.trips", "booking", "customer", "river", "day", "seats", "level_cm",
    lineage={
        **{name: [reads(STG_BOOKINGS, name)] for name in ("booking", "river", "day", "seats")},
        "customer": [reads(STG_CUSTOMERS, "customer")],
        "level_cm": [reads(STG_GAUGES, "level_cm")],
    },
)  # fmt: skip
_DEMAND_LINEAGE: Final = {
    "river": [reads(TRIPS, "river")],
    "day": [reads(TRIPS, "day")],
    "seats": [reads(TRIPS, "seats", subtype="AGGREGATION")],
    "level_cm": [reads(TRIPS, "level_cm", subtype="AGGREGATION")],
}
DEMAND = table("marts.demand", "river", "day", "seats", "level_cm", lineage=_DEMAND_LINEAGE)
DAILY_DEMAND = table("marts.daily_demand", "river", "day", "seats", "level_cm", lineage=_DEMAND_LINEAGE)
RENAMED = dataset(
    WAREHOUSE,
    "otter.marts.daily_demand",
    lifecycleStateChange={
        "lifecycleStateChange": "RENAME",
        "previousIdentifier": {"namespace": WAREHOUSE, "name": "otter.marts.demand"},
    },
)
REVENUE = table(
    "marts.revenue", "river", "day", "amount",
    lineage={"river": [reads(TRIPS, "river")], "day": [reads(TRIPS, "day")]},
)  # fmt: skip
MODEL = dataset("mlflow", "canoe-demand", datasetType={"datasetType": "MODEL"})
FORECAST = table("marts.forecast", "river", "day", "seats")
REPORT = dataset("looker", "weekly-canoe-report", datasetType={"datasetType": "VIEW"})

DAG = job("airflow", "daily_ingest", jobType=job_type("AIRFLOW", "DAG"))
DBT = job("dbt", "dbt-run-otter", jobType=job_type("DBT", "JOB"))
FLINK = job("flink", "gauge_stream", jobType=job_type("FLINK", "JOB", processing="STREAMING"))
FEATURE_JOB = job("airflow", "train.build_features", jobType=job_type("AIRFLOW", "TASK"))
TRAIN_JOB = job("airflow", "train.fit", jobType=job_type("AIRFLOW", "TASK"))


def task(name: str) -> Json:
    return job("airflow", f"daily_ingest.{name}", jobType=job_type("AIRFLOW", "TASK"))


def model(name: str) -> Json:
    """Write the job of one dbt model."""
    query = f"{{{{ config(materialized='table', alias='{name}') }}}} ..."
    return job(
        *("dbt", f"model.otter.{name}"),
        jobType=job_type("DBT", "MODEL"),
        sql={"query": query, "dialect": "bigquery"},
    )


def whole_run(
    of: Json,
    day: str,
    span: str,
    *,
    reading: Sequence[Json] = (),
    writing: Sequence[Json] = (),
    above: Json | None = None,
    error: str = "",
) -> list[Json]:
    """Write the START and the end of a run that took `span`, such as 04:00-04:30; FAIL with an error."""
    run, (start, end) = run_id(of["name"], day), span.split("-")
    given = {} if above is None else {"parent": parent(run_id(above["name"], day), above)}
    failed = {"errorMessage": {"message": error, "programmingLanguage": "SQL"}} if error else {}
    first = run_event("START", f"{day}T{start}:00Z", run=run, of=of, given=given)
    last = run_event(
        "FAIL" if error else "COMPLETE",
        f"{day}T{end}:00Z",
        run=run,
        of=of,
        inputs=reading,
        outputs=writing,
        given={**given, **failed},
    )
    return [first, last]


def ingest_day(day: str) -> Iterator[Json]:
    """Airflow copies bookings and customers into the lake."""
    start, end = whole_run(DAG, day, "04:00-04:30")
    bookings, customers = task("copy_bookings"), task("copy_customers")
    yield start
    yield from whole_run(bookings, day, "04:01-04:09", reading=[BOOKINGS], writing=[RAW_BOOKINGS], above=DAG)
    yield from whole_run(
        customers, day, "04:02-04:05", reading=[CUSTOMERS], writing=[RAW_CUSTOMERS], above=DAG
    )
    yield end


def built(name: str, day: str, span: str, **parts: Any) -> list[Json]:
    """Write the run of one dbt model."""
    return whole_run(model(name), day, span, above=DBT, **parts)


def dbt_day(day: str, demand: Json, *, error: str) -> Iterator[Json]:
    """Staging and marts are built by dbt; of the staging models only the end is reported."""
    start, end = whole_run(DBT, day, "05:00-05:20")
    yield start
    yield built("stg_bookings", day, "05:01-05:02", reading=[RAW_BOOKINGS], writing=[STG_BOOKINGS])[1]
    yield built("stg_customers", day, "05:01-05:03", reading=[RAW_CUSTOMERS], writing=[STG_CUSTOMERS])[1]
    yield built("stg_gauges", day, "05:01-05:04", reading=[GLUE_GAUGES], writing=[STG_GAUGES])[1]
    staged = [STG_BOOKINGS, STG_CUSTOMERS, STG_GAUGES]
    yield from built("trips", day, "05:05-05:09", reading=staged, writing=[TRIPS])
    name = demand["name"].rpartition(".")[2]
    yield from built(name, day, "05:10-05:12", reading=[TRIPS], writing=[demand])
    yield from built("revenue", day, "05:10-05:13", reading=[TRIPS], writing=[REVENUE], error=error)
    yield end


def train_day(day: str, demand: Json) -> Iterator[Json]:
    """Features are built from the demand table, and the model is fitted to them."""
    lineage = {
        "river": [reads(demand, "river")],
        "seats_7d": [reads(demand, "seats", subtype="AGGREGATION")],
        "level_cm": [reads(demand, "level_cm")],
    }
    features = dataset(
        *(LAKE, "features/demand.parquet"),
        datasetType=FILE,
        schema=columns("river", "seats_7d", "level_cm"),
        columnLineage=column_lineage(lineage),
    )
    yield from whole_run(FEATURE_JOB, day, "06:00-06:10", reading=[demand], writing=[features])
    yield from whole_run(TRAIN_JOB, day, "06:15-06:55", reading=[features], writing=[MODEL])


def stream() -> list[Json]:
    """Flink carries river levels into the lake and never ends."""
    seen = [("START", "2026-04-30"), *(("RUNNING", day) for day in DAYS)]
    return [
        run_event(
            *(kind, f"{day}T00:00:00Z"),
            run=run_id("gauge_stream"),
            of=FLINK,
            inputs=[READINGS],
            outputs=[RAW_GAUGES],
        )
        for kind, day in seen
    ]


def described() -> list[Json]:
    """State without any run who owns the bookings, and what the weekly report will read."""
    about = dataset(
        *(SOURCE, "canoes.public.bookings"),
        ownership={"owners": [{"name": "desk@otter.example", "type": "MAINTAINER"}]},
        documentation={"description": "One row per canoe seat sold at the desk or online."},
    )
    report = job("looker", "weekly_canoe_report", jobType=job_type("LOOKER", "REPORT"))
    return [
        dataset_event("2026-04-30T12:00:00Z", about=about),
        job_event("2026-05-02T09:00:00Z", of=report, inputs=[DAILY_DEMAND, REVENUE], outputs=[REPORT]),
    ]


def events() -> list[Json]:
    """List every event in order of arrival: late ones moved back, repeated ones repeated."""
    first, second = DAYS
    rename = job("airflow", "ops.rename_demand", jobType=job_type("AIRFLOW", "TASK"))
    arrived = [
        *described(),
        *stream(),
        *ingest_day(first),
        *dbt_day(first, DEMAND, error=""),
        *train_day(first, DEMAND),
        *ingest_day(second),
        *whole_run(rename, second, "04:45-04:46", writing=[RENAMED]),
        *dbt_day(second, DAILY_DEMAND, error="Division by zero: price / seats"),
        *train_day(second, DAILY_DEMAND),
        *built("forecast", second, "07:00-07:04", reading=[MODEL, DAILY_DEMAND], writing=[FORECAST]),
    ]
    # Late: the first copy of the bookings and the first trips come after all else. Twice: each twelfth event.
    late = [event for event in arrived if event["eventTime"] in {f"{first}T04:09:00Z", f"{first}T05:09:00Z"}]
    in_time = [event for event in arrived if event not in late]
    return [*in_time, *late, *arrived[::12]]


if __name__ == "__main__":
    for line in events():
        sys.stdout.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
