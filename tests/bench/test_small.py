"""Does the benchmark itself work? Its smallest run, and its arithmetic."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench import estate
from bench.__main__ import main
from bench.estate import Size
from bench.figures import Figure, percentile, timed
from bench.subjects import there
from bench.targets import Target
from tests.needs import need


def test_the_same_seed_gives_the_same_events() -> None:
    """Two generations of one size and seed are equal, and another seed's differs."""
    assert list(estate.events(Size(40))) == list(estate.events(Size(40)))
    assert list(estate.events(Size(40))) != list(estate.events(Size(40, seed=8)))


def test_events_are_of_the_size_that_producers_send() -> None:
    """An event with schemas and column lineage has 3 to 4 kB on average."""
    sizes = [len(json.dumps(event, separators=(",", ":"))) for event in estate.events(Size(400))]
    assert 3000 < sum(sizes) / len(sizes) < 4000


def test_datasets_are_made_of_earlier_layers_only() -> None:
    """Every input of a job lies in a layer before that of its output, so the estate has no cycle."""
    size = Size(1000)
    assert all(number // 100 < flow.output // 100 for flow in estate.flows(size) for number in flow.inputs)


def test_some_datasets_are_hubs() -> None:
    """Preferential attachment gives datasets that are read far more often than the average."""
    flows = estate.flows(Size(5000))
    read = [number for flow in flows for number in flow.inputs]
    assert max(read.count(number) for number in set(read[:500])) > 10 * len(read) / len(set(read))


@pytest.mark.parametrize(("part", "value"), [(50, 2), (95, 4), (99, 4)])
def test_percentiles_are_measured_values(part: int, value: int) -> None:
    """A percentile is the nearest rank, never a mean of two."""
    assert percentile([1, 2, 3, 4], part) == value


def test_a_target_is_met_by_its_p95() -> None:
    """A limit is compared with the p95, in ms, and is that of the engine's kind; others are asked nothing."""
    target = Target("quick", {"neo4j": 10})
    quick, slow = timed("x", [0.001] * 99 + [9.0], target), timed("x", [0.02] * 100, target)
    assert replace(quick, engine="neo4j-5.26").met is True
    assert replace(slow, engine="neo4j-5.26").met is False
    assert replace(slow, engine="embedded").met is None
    assert (
        replace(Figure("x", 3, "/s", Target("many", {"neo4j": 2}, at_least=True)), engine="neo4j").met is True
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_small_benchmark_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every part runs end to end, both engines are asked the same, and figures are kept with their conditions."""
    need("Neo4j", here="neo4j-5.26" in there(["neo4j-5.26"]), get_it="run `make neo4j-fetch`")
    measured = {}
    for part, engine in (("all", "embedded"), ("walks", "neo4j-5.26")):
        kept = tmp_path / f"{engine}.json"
        assert main([part, "--small", "--engine", engine, "--json", str(kept)]) == 0
        written = json.loads(kept.read_text())
        assert written["conditions"]["seed"] == 7
        assert {one["engine"] for one in written["figures"]} == {engine}
        measured[engine] = {one["what"] for one in written["figures"]}
    assert len(measured["neo4j-5.26"]) > 20
    assert measured["neo4j-5.26"] < measured["embedded"]
    assert "accepted over HTTP" in capsys.readouterr().out
