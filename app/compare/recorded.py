"""What did a Marquez answer when it was recorded? A reader of `answers.ndjson.gz`, in place of a server."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from app.compare.marquez import Answer

Question = tuple[str, str, str]


class Recorded:
    """Answers as recorded: each list whole on its first page, lineage with more around it than was asked for."""

    def __init__(self, path: Path) -> None:
        """Read the file."""
        self._answers: dict[Question, Answer] = {}
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                one = json.loads(line)
                self._answers.setdefault(_question(one["path"]), Answer(one["status"], one["body"]))

    async def get(self, path: str) -> Answer:
        """Answer as it was recorded; what nobody asked then has no answer."""
        if parse_qs(urlsplit(path).query).get("offset", ["0"]) != ["0"]:
            return Answer(404, None)  # the page before was the whole list
        return self._answers.get(_question(path)) or Answer(None, "it was not asked when this was recorded")


def _question(path: str) -> Question:
    """Give what a question asks, whatever its page and its depth."""
    split = urlsplit(path)
    asked = parse_qs(split.query)
    return unquote(split.path), asked.get("nodeId", [""])[0], asked.get("withDownstream", [""])[0]
