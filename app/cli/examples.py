"""What does somebody type who reads `--help`? Examples for every command; tests run each of them.

They are on the bundled estate (`headwater ingest app/demo/estate.ndjson`), so that they can be pasted.
"""

from __future__ import annotations

from typing import Final

EXAMPLES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "serve": (
        ("headwater serve", "with the graph engine that comes along"),
        ("headwater serve --home lineage --port 8021", "kept elsewhere, on another port"),
        ("headwater serve --follow marquez://headwater@127.0.0.1/marquez", "beside a Marquez"),
        ("headwater serve --forward http://127.0.0.1:5000", "in front of a Marquez"),
        ("headwater serve --feast http://127.0.0.1:6572", "and read a Feast registry"),
        ("headwater serve --mlflow http://127.0.0.1:5000", "reading an MLflow server"),
    ),
    "work": (
        ("headwater work --graph bolt://127.0.0.1:7687", "the graph is in Neo4j, `serve` runs elsewhere"),
    ),
    "ingest": (
        ("headwater ingest app/demo/estate.ndjson", "the bundled sample"),
        ("cat app/demo/estate.ndjson | headwater ingest - --json", "from a pipe, for a program"),
    ),
    "backfill": (
        ("headwater backfill marquez://headwater@127.0.0.1:5432/marquez", "and go on following"),
        ("headwater backfill marquez://headwater@127.0.0.1/marquez --once --json", "for a program"),
        ("headwater backfill http://127.0.0.1:5000", "over its API, where that is all there is"),
    ),
    "follow": (
        ("headwater follow marquez://headwater@127.0.0.1/marquez", "beside `serve` on the same home"),
        ("headwater follow --check", "how it is, for a health check"),
    ),
    "source feast": (
        ("headwater source feast --url http://127.0.0.1:6572", "all that it holds"),
        ("headwater source feast --url http://127.0.0.1:6572 --follow", "and what changes from then on"),
        ("headwater source feast --check", "how it is, for a health check"),
    ),
    "source gateway": (
        (
            "headwater source gateway --log a.log --mlflow-namespace mlflow://host:5000",
            "who created which run and experiment",
        ),
        ("headwater source gateway --check", "how it is, for a health check"),
    ),
    "upstream": (
        ("headwater upstream dataset:mlflow:canoe-demand", "what a model was made from"),
        ("headwater upstream dataset:mlflow:canoe-demand --as-of 2026-05-01T12:00:00Z", "at that time"),
        ("headwater upstream dataset:mlflow:canoe-demand --known-at 50", "by what was known then"),
    ),
    "downstream": (
        ("headwater downstream dataset:bigquery:otter.staging.stg_gauges --depth 2", "what it touches"),
        (
            "headwater downstream dataset:bigquery:otter.marts.trips --kinds TABLE",
            "tables alone",
        ),
        ("headwater downstream job:dbt:model.otter.trips --granularity JOB", "with the jobs between"),
    ),
    "paths": (
        (
            "headwater paths job:dbt:model.otter.trips dataset:mlflow:canoe-demand",
            "how what a job writes gets into a model",
        ),
    ),
    "diff": (
        (
            "headwater diff dataset:mlflow:canoe-demand --a-as-of 2026-05-01T12:00:00Z",
            "what changed since then in what it is made of",
        ),
        (
            "headwater diff job:dbt:model.otter.trips --a-as-of 2026-05-01T12:00:00Z",
            "a job: its newest run then, and its newest now",
        ),
    ),
    "columns": (
        ("headwater columns dataset:bigquery:otter.marts.trips", "a whole table, one edge each way"),
        ("headwater columns dataset:bigquery:otter.marts.trips --depth 9", "as far as there is"),
    ),
    "rollup": (
        (
            "headwater rollup dataset:bigquery:otter.marts.trips --by SCHEMA",
            "which schemas it goes into",
        ),
        (
            "headwater rollup job:dbt:model.otter.trips --granularity JOB --by PARENT_JOB",
            "which flows depend on a job",
        ),
    ),
    "search": (
        ("headwater search trips", "by a part of a name"),
        ("headwater search otter booking --kinds TABLE,JOB", "all words must be there; of these kinds"),
    ),
    "history": (
        ("headwater history dataset:bigquery:otter.marts.trips", "what it was made of, from when to when"),
        ("headwater history dataset:mlflow:canoe-demand --json", "for a program"),
    ),
    "events": (
        ("headwater events run:349a7aa0-bdbf-59ed-97f7-c575fc7d852c", "one line each, by time"),
        (
            "headwater events run:349a7aa0-bdbf-59ed-97f7-c575fc7d852c --json",
            "whole",
        ),
    ),
    "node": (("headwater node dataset:bigquery:otter.marts.trips", "fields, jobs, owners, checks"),),
    "export": (
        ("headwater export -o graph.ndjson", "the whole graph, into a file"),
        ("headwater export | head -3", "or into a pipe"),
    ),
    "rebuild": (("headwater rebuild --home .headwater", "the server may be running"),),
    "verify": (("headwater verify --home .headwater --json", "has any record been changed?"),),
    "oddities": (
        ("headwater oddities", "the first of each kind"),
        ("headwater oddities rejected --limit 100", "one kind, page by page"),
    ),
    "status": (
        ("headwater status", "is it ready, how far behind is its graph"),
        ("headwater status --server http://127.0.0.1:8020 --json", "another server, for a program"),
    ),
    "provenance": (
        (
            "headwater provenance canoe-demand --namespace mlflow --version 1",
            "the version that `catalogue register` shows",
        ),
        ("headwater provenance dataset:mlflow:canoe-demand --json", "of a model without versions"),
    ),
    "ml-paths": (
        ("headwater ml-paths --dataset dataset:bigquery:otter.marts.trips", "from a table on"),
        ("headwater ml-paths --model dataset:mlflow:canoe-demand --limit 10", "into a model"),
    ),
    "compare-models": (
        (
            (
                "headwater compare-models dataset:mlflow:canoe-demand \\\n"
                "    dataset:mlflow:models/canoe-demand/1"
            ),
            "by their keys",
        ),
    ),
    "catalogue register": (
        (
            "headwater catalogue register canoe-demand 1 --namespace mlflow --by ana",
            "the first version, which events told of",
        ),
    ),
    "catalogue state": (
        (
            (
                "headwater catalogue state canoe-demand 1 validated --namespace mlflow \\\n"
                "    --by ben --evidence report=otter/17 --force --reason 'moved in'"
            ),
            "forced, since it may not be registered here",
        ),
    ),
    "catalogue show": (
        ("headwater catalogue show canoe-demand --namespace mlflow", "all its versions, newest first"),
    ),
    "deploy-event": (
        (
            (
                "headwater deploy-event requested deployment:k8s%3A//otter:demand \\\n"
                "    --revision 1 --model canoe-demand --version 1 --model-namespace mlflow"
            ),
            "a rollout begins",
        ),
        (
            (
                "headwater deploy-event started deployment:k8s%3A//otter:demand \\\n"
                "    --revision 1 --endpoint https://demand.otter.example --percent 10"
            ),
            "it serves, a tenth of the requests",
        ),
        (
            (
                "headwater deploy-event failed deployment:k8s%3A//otter:demand \\\n"
                "    --revision 2 --reason 'no memory left'"
            ),
            "the next one does not come up",
        ),
    ),
    "forward run": (("headwater forward run --to http://127.0.0.1:5000", "to a Marquez on this machine"),),
    "forward status": (("headwater forward status --home .headwater", "of a home, without a server"),),
    "forward retry": (
        ("headwater forward retry", "everything that was refused"),
        ("headwater forward retry 812 815 --home .headwater", "two of them"),
    ),
    "forward skip": (("headwater forward skip 812", "it stands in the way of others"),),
    "source mlflow": (
        ("headwater source mlflow --url http://127.0.0.1:5000", "read it once, with all its history"),
        ("headwater source mlflow --url http://127.0.0.1:5000 --follow", "and go on reading"),
        ("headwater source mlflow --url http://127.0.0.1:5000 --resync", "compare all of it anew"),
        ("headwater source mlflow --check", "how it is, for a health check"),
    ),
    "compare marquez": (
        ("headwater compare marquez --url http://127.0.0.1:5000", "where they differ, and why"),
        ("headwater compare marquez --url http://marquez:5000 --html compared.html", "as a page, too"),
    ),
    "completion": (("source <(headwater completion bash)", "in this shell; in ~/.bashrc, in each"),),
}


def epilog(command: str) -> str:
    r"""Write a command's examples as the end of its help; `\b` keeps the lines as they are."""
    lines = [f"  # {says}\n  {line}" for line, says in EXAMPLES[command]]
    return "\b\nExamples:\n" + "\n".join(lines)
