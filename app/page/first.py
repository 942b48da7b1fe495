"""What does a newcomer paste first? The sample in, and a question about it; said by `make run` and by the page."""

from __future__ import annotations

from app.cli.options import SERVER_DEFAULT


def first_lines(address: str) -> tuple[str, ...]:
    """Give commands that work as they are in the folder of the sources, for the server at an address."""
    server = "" if address == SERVER_DEFAULT else f" --server {address}"
    return (
        f".venv/bin/headwater ingest app/demo/estate.ndjson{server}",
        f".venv/bin/headwater upstream dataset:mlflow:canoe-demand{server}",
    )
