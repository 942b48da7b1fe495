"""Is the page on the graph up to date?"""

from __future__ import annotations

from pathlib import Path

from graph_schema.describe import described


def test_the_page_is_up_to_date() -> None:
    """docs/graph.md is what `make docs` writes."""
    page = Path(__file__).parents[2] / "docs" / "graph.md"
    assert page.read_text() == described()
