"""A Feast that does as it is told, a word a line: importing it once takes longer than everything it does here.

    prepare         write the data, and apply the project
    rename OLD NEW  call a view by another name, and apply; what is sent goes to OPENLINEAGE_URL, given by `send`
    send URL        from now on
    materialize     the last forty days

Runs in Feast's environment, in a copy of story/feature_repo; answers each line with `done`.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from feast import FeatureStore
from feast.repo_config import load_repo_config
from feast.repo_operations import apply_total


def main() -> None:
    """Do what is asked for until the input ends."""
    folder = Path.cwd()
    sys.path.insert(0, str(folder))
    os.environ["OPENLINEAGE_DISABLED"] = "true"
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "send":
            os.environ["OPENLINEAGE_URL"] = rest[0]
            os.environ["OPENLINEAGE_DISABLED"] = "false"
        else:
            _do(word, rest, folder)
        sys.stdout.write("done\n")
        sys.stdout.flush()


def _do(word: str, rest: list[str], folder: Path) -> None:
    if word == "materialize":
        now = datetime.now(UTC)
        FeatureStore(str(folder)).materialize(now - timedelta(days=40), now)
        return
    if word == "prepare":
        _module(folder / "make_data.py").write(folder / "data", until=datetime.now(UTC))
    else:
        features = folder / "features.py"
        features.write_text(features.read_text().replace(f'name="{rest[0]}"', f'name="{rest[1]}"'))
        sys.modules.pop("features", None)
    apply_total(load_repo_config(folder, folder / "feature_store.yaml"), folder, skip_source_validation=True)


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
