"""What do the numbers at /metrics say?

One registry per server, so that tests and several servers in one process do not share counters. Gauges are
set when they are asked for (`app/http/health.py`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

ACCEPT_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
PROJECTION_BUCKETS_S: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
SAMPLES_MAX: Final = 1_000
"""Accepted positions whose way into the graph is timed at once; a long backlog is sampled, not all timed."""

STANDING_GAUGES: Final = (
    ("headwater_follow_up", "follow", "up", "1 while Marquez's table is read, 0 while it cannot be."),
    ("headwater_follow_lag_seconds", "follow", "lag_s", "How far the follower is behind Marquez's table."),
    ("headwater_feast_up", "feast", "up", "1 while Feast's registry is read, 0 while it cannot be."),
    ("headwater_feast_lag_seconds", "feast", "lag_s", "Seconds since the registry was last read whole."),
    (
        "headwater_feast_things",
        "feast",
        "things",
        "Sources, entities, views, services and saved datasets in it.",
    ),
    ("headwater_gateway_up", "gateway", "up", "1 while the gateway's log is read, 0 while it cannot be."),
    ("headwater_forward_up", "forward", "up", "1 while the receiver takes events, 0 while it does not."),
    ("headwater_forward_lag_events", "forward", "waiting", "Events accepted and not yet forwarded."),
    ("headwater_mlflow_up", "mlflow", "up", "1 while the MLflow server is read, 0 while it cannot be."),
    ("headwater_mlflow_lag_seconds", "mlflow", "lag_s", "Since when the last whole look at it began."),
    ("headwater_mlflow_open_runs", "mlflow", "open_runs", "Runs that have not ended there."),
)
STANDING_COUNTERS: Final = (
    ("headwater_follow_rows", "follow", "rows", "Rows of Marquez's table that were taken."),
    ("headwater_follow_events", "follow", "events", "Events among them that were new here."),
    ("headwater_follow_duplicates", "follow", "duplicates", "Events among them that were here already."),
    ("headwater_follow_refused", "follow", "refused", "Rows that hold no usable event; kept as rejected."),
    ("headwater_feast_events", "feast", "events", "Events told of changes in Feast's registry."),
    ("headwater_gateway_requests", "gateway", "requests", "Requests in the gateway's log."),
    ("headwater_gateway_events", "gateway", "events", "Events among them: what somebody created."),
    ("headwater_gateway_refused", "gateway", "refused", "Lines of the log that say nothing."),
    ("headwater_mlflow_events", "mlflow", "events", "Events that were made of what it holds."),
    ("headwater_mlflow_sweeps", "mlflow", "sweeps", "Times that all of it was compared."),
    ("headwater_forward_sent", "forward", "forwarded", "Events that the receiver took."),
    ("headwater_forward_refused", "forward", "refused", "Events that it refused, or was given up on."),
    ("headwater_forward_retries", "forward", "retries", "Tries that came to no verdict."),
)
"""Series of what processes beside the server say of themselves: name, process, member, meaning."""


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        """Make every series, so that a counter that never moved is there and reads 0."""
        self.registry = CollectorRegistry()
        self.accepted = self._counter(
            "headwater_events_accepted", "Events made durable, duplicates not counted."
        )
        self.duplicates = self._counter(
            "headwater_events_duplicate", "Events that were in the journal already."
        )
        self.rejected = self._counter("headwater_events_rejected", "Bodies and events refused.", "code")
        self.unavailable = self._counter("headwater_posts_unavailable", "Posts answered with 503.", "code")
        self.failures = self._counter("headwater_failures", "Requests that met an error nobody foresaw.")
        self.child_restarts = self._counter(
            "headwater_child_restarts", "Restarts of a child process.", "child"
        )
        self.accept_seconds = Histogram(
            "headwater_accept_seconds", "From the first byte of a post to its answer.",
            buckets=ACCEPT_BUCKETS_S, registry=self.registry,
        )  # fmt: skip
        self.projection_seconds = Histogram(
            "headwater_projection_seconds", "From an event's acceptance until it is in the graph, sampled.",
            buckets=PROJECTION_BUCKETS_S, registry=self.registry,
        )  # fmt: skip
        self.journal_end = self._gauge("headwater_journal_end", "Position of the last event in the journal.")
        self.projected = self._gauge("headwater_projected", "Position up to which the graph is made.")
        self.lag = self._gauge("headwater_lag_events", "Events accepted and not yet in the graph.")
        self.subscriptions = self._gauge("headwater_subscriptions", "GraphQL subscriptions being served.")
        self._samples: deque[tuple[int, float]] = deque()
        self._standings = _Standings()
        self.registry.register(self._standings)

    def note_standings(self, standings: Mapping[str, Mapping[str, Any]]) -> None:
        """Take what the processes beside the server say of themselves; one that says nothing has no series."""
        self._standings.now = standings

    def sample(self, position: int) -> None:
        """Start timing how long the event at this position takes into the graph."""
        if len(self._samples) < SAMPLES_MAX:
            self._samples.append((position, time.monotonic()))

    def note_projected(self, position: int) -> None:
        """Say that the graph has reached a position; times every sample up to it."""
        now = time.monotonic()
        while self._samples and self._samples[0][0] <= position:
            self.projection_seconds.observe(now - self._samples.popleft()[1])

    @property
    def waiting_for_projection(self) -> bool:
        """Tell whether a sample is still being timed."""
        return bool(self._samples)

    def render(self) -> bytes:
        """Write everything in the Prometheus text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(name, says, labels, registry=self.registry)

    def _gauge(self, name: str, says: str) -> Gauge:
        return Gauge(name, says, registry=self.registry)


class _Standings(Collector):
    """Numbers that another process counts: they are told as they are, and may begin anew."""

    def __init__(self) -> None:
        self.now: Mapping[str, Mapping[str, Any]] = {}

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        for family, table in ((GaugeMetricFamily, STANDING_GAUGES), (CounterMetricFamily, STANDING_COUNTERS)):
            for name, process, member, says in table:
                if process in self.now:
                    value = self.now[process].get(member)
                    yield family(name, says, value=float("nan") if value is None else float(value))
