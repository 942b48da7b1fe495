"""What does a newcomer paste first? Waits for the server that `make run` starts, then prints three lines."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import Final

from app.demo.scratch import START_S, is_up

LINES: Final = """
  try:  .venv/bin/headwater ingest app/demo/estate.ndjson{server}
        .venv/bin/headwater upstream dataset:mlflow:canoe-demand{server}
        open {url}/graphql
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8020)
    port = parser.parse_args().port
    url, started_by = f"http://127.0.0.1:{port}", os.getppid()
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and os.getppid() == started_by:
        if is_up(url):
            server = "" if port == 8020 else f" --server {url}"  # noqa: PLR2004 - the port of the contract
            print(LINES.format(server=server, url=url), flush=True)
            return 0
        time.sleep(0.2)
    return 1


if __name__ == "__main__":
    sys.exit(main())
