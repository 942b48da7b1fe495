"""What does a newcomer paste first? Waits for the server that `make run` starts, then prints three lines."""

from __future__ import annotations

import argparse
import os
import sys
import time

from app.demo.scratch import START_S, is_up
from app.page.first import first_lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8020)
    port = parser.parse_args().port
    url, started_by = f"http://127.0.0.1:{port}", os.getppid()
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and os.getppid() == started_by:
        if is_up(url):
            lines = "\n        ".join([*first_lines(url), f"open {url}/graphql"])
            print(f"\n  try:  {lines}\n", flush=True)
            return 0
        time.sleep(0.2)
    return 1


if __name__ == "__main__":
    sys.exit(main())
