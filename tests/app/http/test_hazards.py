"""What does the door do with the odd inputs of openlineage.md 4.3 that can be seen from outside?

What they mean for the graph is tested where the fold and the laws are; here each must be answered as stated,
kept whole, and never be a 5xx.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.app.http.serving import Served, serving
from tests.app.http.test_door import DOOR, body, event


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("home")) as running:
        yield running


def post(served: Served, **more: Any) -> tuple[int, dict[str, Any]]:
    answer = served.client.post(DOOR, content=json.dumps(event(**more)).encode())
    return answer.status_code, answer.json()


def warned(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["code"], one["pointer"]) for one in answer["warnings"]]


GOOD_TIMES = [
    "2026-05-01T10:00:01", "2026-05-01T10:00:02+05:30", "2026-05-01T10:00:03.123456789Z",
    "2026-05-01t10:00:04z",
    "2026-05-01T10:00:05Z[UTC]", "2026-05-01T10:00:06+02:00[Europe/Paris]", "2026-05-01 10:00:07Z",
    "9998-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "0000-12-31T23:30:00-01:00",
]  # fmt: skip
BAD_TIMES = [
    1714557600, 1714557600.5, True, [], {}, "", "2026-05-01", "10:00:00", "2026-05-01T10:00:60Z",
    "2026-02-30T10:00:00Z",
    "2026-05-01T10:00:00[Europe/Paris]", "9999-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "yesterday",
    "٢٠٢٦-05-01T10:00:00Z",
    "2026-05-01T10:00:00Z; DROP", "9998-12-31T23:59:59-23:59",
]  # fmt: skip


@pytest.mark.parametrize("given", GOOD_TIMES)
def test_hazard_10_times_that_are_read(served: Served, given: str) -> None:
    """Hazard 10: no zone, offsets, nanoseconds, a region after an offset, lower case: accepted as
    instants.
    """
    assert post(served, eventTime=given)[0] == 201


@pytest.mark.parametrize("given", BAD_TIMES)
def test_hazard_10_times_that_are_refused(served: Served, given: Any) -> None:
    """Hazard 10: a number, a bare date, second 60, a region alone, year 9999: 422 that points at
    eventTime.
    """
    status, answer = post(served, eventTime=given)
    assert (status, answer["pointer"]) == (422, "/eventTime")
    assert answer["code"].startswith("EVENT_TIME_")


def test_hazard_10_a_far_future_time_is_suspect(served: Served) -> None:
    """Hazard 10: a time more than 24 h ahead of its receipt is kept with the suspect flag (F1)."""
    _, answer = post(served, eventTime="9000-01-01T00:00:00Z")
    stored = served.journal.read_after(int(answer["position"]) - 1, 1)[0]
    assert stored.suspect
    _, answer = post(served, eventTime="2026-05-01T10:00:00.5Z")
    assert not served.journal.read_after(int(answer["position"]) - 1, 1)[0].suspect


@pytest.mark.parametrize(
    "run_id", ["scheduled__2026-05-01", "", "x" * 5000, "'; DROP", "0192b6a0", "é\u0000\U0001f600"]
)
def test_hazard_12_a_run_id_that_is_no_uuid(served: Served, run_id: str) -> None:
    """Hazard 12: accepted with a warning and a made id; never a failure."""
    status, answer = post(served, run_id=run_id)
    assert (status, warned(answer)) == (201, [("RUN_ID_NOT_UUID", "/run/runId")])


@pytest.mark.parametrize("run", [{}, None, [], "x", 3, {"runId": 3}, {"runId": None}, {"runId": ["x"]}])
def test_hazard_12_a_run_without_usable_id(served: Served, run: Any) -> None:
    """Hazard 12: an event whose run has no usable id keeps its names; all but a null run carry a warning."""
    status, answer = post(served, run=run)
    codes = [code for code, _ in warned(answer)]
    assert (status, codes) == (
        201 if not answer["duplicate"] else 200,
        [] if run is None else ["RUN_ID_MISSING"],
    )


@pytest.mark.parametrize(
    ("part", "warning"),
    [
        ({"inputs": None}, None),
        ({"outputs": None, "eventType": None}, None),
        ({"inputs": "x"}, ("LIST_BROKEN", "/inputs")),
        ({"inputs": [None, 3]}, ("DATASET_BROKEN", "/inputs/0")),
        ({"outputs": [{"namespace": "n"}]}, ("DATASET_BROKEN", "/outputs/0")),
        ({"outputs": [{"namespace": "n", "name": 3}]}, ("DATASET_BROKEN", "/outputs/0")),
        ({"inputs": [{"namespace": "n", "name": "d", "facets": []}]}, ("FACETS_BROKEN", "/inputs/0/facets")),
        (
            {"inputs": [{"namespace": "n", "name": "d", "facets": {"a/b~": 1}}]},
            ("FACET_BROKEN", "/inputs/0/facets/a~1b~0"),
        ),
        (
            {
                "inputs": [
                    {"namespace": "n", "name": "d", "facets": {"schema": {"fields": [None, 3, {"name": 7}]}}}
                ]
            },
            None,
        ),
        ({"inputs": [{"namespace": "n", "name": "d", "facets": {"schema": {"fields": None}}}]}, None),
        ({"inputs": [{"namespace": "", "name": ""}]}, None),
    ],
)
def test_hazard_13_broken_parts(
    served: Served, part: dict[str, Any], warning: tuple[str, str] | None
) -> None:
    """Hazard 13: null lists, null facets, wrong types: the broken part is left out with a warning, the rest
    is used.
    """
    status, answer = post(served, run_id="0192b6a0-0000-7000-8000-00000000000d", note=str(part), **part)
    assert status == 201
    assert warning is None or warning in warned(answer)
    assert (not answer["warnings"]) is (warning is None)


def test_hazard_16_the_unknown_is_kept(served: Served) -> None:
    """Hazard 16: unknown facets, fields, event types and spec versions are accepted and kept byte
    for byte.
    """
    unknown: dict[str, Any] = {
        "schemaURL": "https://openlineage.io/spec/99-0-0/OpenLineage.json#/$defs/NewEvent",
        "producer": "no uri",
        "eventType": "PAUSED", "newMember": {"deep": [1, {"x": None}]},
        "facets": {"other_custom": {"y": 1.50}},
    }  # fmt: skip
    raw = body(**unknown)
    answer = served.client.post(DOOR, content=raw)
    assert answer.status_code == 201
    assert warned(answer.json()) == [("EVENT_TYPE_UNKNOWN", "/eventType")]
    assert served.journal.read_after(int(answer.json()["position"]) - 1, 1)[0].body == raw


@pytest.mark.parametrize("missing", ["producer", "schemaURL", "eventType", "run"])
def test_hazard_16_required_by_the_spec_and_not_by_us(served: Served, missing: str) -> None:
    """Hazard 16: what the graph does not need may be missing: refusing would lose the event for good."""
    whole = event("0192b6a0-0000-7000-8000-000000000016", schemaURL="x", note=missing)
    del whole[missing]
    assert served.client.post(DOOR, content=json.dumps(whole)).status_code == 201


ODD_NAMES = [
    "a:b#c%d", "a`b\"c'd\\e", "' OR 1=1 //", "MATCH (n) DETACH DELETE n", "${jndi:ldap://x}", "{{7*7}}",
    "\U0001f600",
    "n" * 5000, "line\nbreak\ttab", "nul\u0000", " ", "../../etc/passwd", "a" + "\u0301", "\ufeff",
    "null", "-",
]  # fmt: skip


@pytest.mark.parametrize("name", ODD_NAMES)
def test_hazard_23_odd_names_are_kept_exactly(served: Served, name: str) -> None:
    """Hazard 23: delimiters, Cypher, quotes, emoji, 5,000 characters, NUL: accepted, and the body is kept as
    sent.
    """
    job = {"namespace": name, "name": name}
    raw = body(run_id="0192b6a0-0000-7000-8000-000000000023", job=job, inputs=[job], outputs=[job])
    answer = served.client.post(DOOR, content=raw)
    assert answer.status_code == 201
    stored = served.journal.read_after(int(answer.json()["position"]) - 1, 1)[0]
    assert stored.body == raw
    assert json.loads(stored.body)["job"]["name"] == name


def test_hazard_23_a_password_in_a_namespace_is_flagged(served: Served) -> None:
    """Hazard 23: credentials in a namespace are flagged, and the answer does not repeat them."""
    secret = {"namespace": "postgres://user:hunter2@db:5432", "name": "t"}
    answer = served.client.post(DOOR, content=body(inputs=[secret]))
    assert ("SECRET_REDACTED", "/inputs/0/namespace") in warned(answer.json())
    assert "hunter2" not in answer.text


def test_hazard_27_a_large_event(served: Served) -> None:
    """Hazard 27: 600 columns of 12 sources each and a 300 kB facet are taken, in bounded time, others being
    served.
    """
    names = [f"column_{n}" for n in range(600)]
    sources = [{"namespace": "n", "name": f"source_{n}", "field": "f"} for n in range(12)]
    facets = {
        "schema": {"fields": [{"name": name, "type": "text"} for name in names]},
        "columnLineage": {"fields": {name: {"inputFields": sources} for name in names}},
        "opaque": {"blob": "x" * 300_000},
    }
    raw = body(outputs=[{"namespace": "n", "name": "wide", "facets": facets}])
    assert len(raw) > 700_000
    began = time.monotonic()
    assert served.client.post(DOOR, content=raw).status_code == 201
    assert time.monotonic() - began < 5, "clients give up after five seconds"


def test_hazard_27_nesting_is_bounded(served: Served) -> None:
    """Hazard 27: nesting without end is one 400, whichever brackets it is made of."""
    for raw in (
        b'{"a":' * 3000 + b"1" + b"}" * 3000,
        b"[" * 3000 + b"]" * 3000,
        body(x=[]).replace(b"[]", b"[" * 500 + b"]" * 500),
    ):
        assert served.client.post(DOOR, content=raw).status_code == 400


@pytest.mark.parametrize(
    ("envelope", "pointer"),
    [
        ({}, "/job"),
        ({"run": {"runId": "x"}}, "/job"),
        ({"job": {"namespace": "n"}}, "/job"),
        ({"job": {"name": "n"}, "inputs": [{"namespace": "n", "name": "d"}]}, "/job"),
        ({"dataset": {"name": "d"}}, "/job"),
        ({"job": None, "dataset": None, "run": None}, "/job"),
    ],
)
def test_hazard_30_nothing_to_hold_on_to(served: Served, envelope: dict[str, Any], pointer: str) -> None:
    """Hazard 30: an envelope without any usable identity is 422 and says where one was looked for."""
    answer = served.client.post(DOOR, content=json.dumps({"eventTime": "2026-05-01T10:00:00Z", **envelope}))
    assert (answer.status_code, answer.json()["code"], answer.json()["pointer"]) == (
        422,
        "IDENTITY_MISSING",
        pointer,
    )


@pytest.mark.parametrize(
    "envelope",
    [
        {"job": {"namespace": "n", "name": "j"}},
        {"dataset": {"namespace": "n", "name": "d"}},
        {"job": {"namespace": "n", "name": "j"}, "dataset": {"namespace": "n", "name": "d"}},
        {"run": {"runId": "x"}, "dataset": {"namespace": "n", "name": "d"}},
        {"job": {"namespace": "n"}, "dataset": {"namespace": "n", "name": "d"}},
    ],
)
def test_hazard_30_ambiguous_envelopes_are_accepted(served: Served, envelope: dict[str, Any]) -> None:
    """Hazard 30: JobEvents, DatasetEvents and what is neither wholly are taken for what they name."""
    answer = served.client.post(DOOR, content=json.dumps({"eventTime": "2026-05-01T10:00:00Z", **envelope}))
    assert answer.status_code == 201


def test_hazard_2_the_same_event_three_times(served: Served) -> None:
    """Hazard 2: re-sent events, also spelled otherwise, are one: same position, and the journal
    grows by one.
    """
    before = served.journal.count_after(0)
    whole = event("0192b6a0-0000-7000-8000-000000000002", n=1)
    spellings = [
        whole,
        {**whole, "n": 1.0},
        {**whole, "gone": None},
        {**whole, "eventTime": "2026-05-01T12:00:00+02:00"},
    ]
    answers = [
        served.client.post(DOOR, content=json.dumps(one, indent=indent)).json()
        for one in spellings
        for indent in (None, 2)
    ]
    assert len({(answer["position"], answer["id"]) for answer in answers}) == 1
    assert [answer["duplicate"] for answer in answers] == [False] + [True] * 7
    assert served.journal.count_after(0) == before + 1
