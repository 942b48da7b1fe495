"""Which acts may be done, and which event is each?"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.acts.asked import ActAsked, Evidence, read_asked, read_at, read_state
from app.acts.catalogue import Decision, Who, act_event, check_act, is_same_act, who_acts
from graph_schema.catalogue import STATES, states_after
from graph_schema.errors import BadInput, ImpossibleAct
from tests.facets import faults

NOW = "2026-05-01T12:00:00.000000Z"
RUN = "0190f4d0-77aa-7b11-8c22-90aa11bb22cc"


def asked(**more: object) -> ActAsked:
    return ActAsked(**{"model": "loan", "version": 2, **more})  # type: ignore[arg-type]


def test_an_act_is_one_event_as_its_facet_says() -> None:
    """COMPLETE of a run of its own, in the model's namespace, reading the version; unknown members are left out."""
    act = asked(by="ana", reason="auc", evidence=[Evidence("run", RUN)], id="x1")
    decision = Decision("APPROVED", "VALIDATED", Who("ci", "AUTHENTICATED", "ana"), NOW, forced=False)
    event = act_event(act, "mlflow://a:5000", RUN, decision)
    assert faults(event) == []
    assert (event["eventType"], event["eventTime"], event["run"]["runId"]) == ("COMPLETE", NOW, RUN)
    assert event["job"] == {"namespace": "mlflow://a:5000", "name": "catalogue/loan"}
    (read,) = event["inputs"]
    assert (read["namespace"], read["name"], event["outputs"]) == ("mlflow://a:5000", "models/loan/2", [])
    facet = event["run"]["facets"]["catalogue_act"]
    told = {name: value for name, value in facet.items() if not name.startswith("_")}
    assert told == {
        "act": "APPROVED",
        "model": {"namespace": "mlflow://a:5000", "name": "loan"},
        "version": "2",
        "by": "ci",
        "byEvidence": "AUTHENTICATED",
        "byClaimed": "ana",
        "reason": "auc",
        "evidence": [{"kind": "run", "ref": RUN}],
        "at": NOW,
        "from": "VALIDATED",
        "id": "x1",
    }


@given(st.lists(st.sampled_from(STATES), max_size=12))
def test_no_state_is_reached_but_by_the_arrows(wanted: list[str]) -> None:
    """Whatever is asked for, unforced acts go from REGISTERED along the drawn arrows, and each refusal says where to."""
    state: str | None = None
    for one in wanted:
        if one in states_after(state):
            assert check_act(asked(), one, state) is False
            state = one
            continue
        with pytest.raises(ImpossibleAct) as refused:
            check_act(asked(), one, state)
        assert refused.value.values["allowed"] == list(states_after(state))
    assert state in {None, *STATES}


def test_no_version_is_approved_without_being_validated_since_it_was_registered() -> None:
    """The only way into APPROVED is from VALIDATED, and into that from REGISTERED."""
    into = {to: {state for state in (None, *STATES) if to in states_after(state)} for to in STATES}
    assert into["APPROVED"] == {"VALIDATED", "APPROVED"}
    assert into["VALIDATED"] == {"REGISTERED", "VALIDATED"}
    assert into["DEPLOYED"] == {"APPROVED"}
    assert into["REGISTERED"] == {None, "REJECTED"}
    assert states_after("RETIRED") == ()


def test_a_forced_act_needs_a_reason_and_is_marked() -> None:
    """What could not follow is taken, with a reason; what could follow is never marked as forced."""
    with pytest.raises(BadInput, match="reason"):
        check_act(asked(force=True), "APPROVED", "REGISTERED")
    assert check_act(asked(force=True, reason="board decided"), "APPROVED", "REGISTERED") is True
    assert check_act(asked(force=True, reason="x"), "VALIDATED", "REGISTERED") is False


def test_who_acts_is_whom_the_server_knows() -> None:
    """A caller that auth knows by name outranks the request, which is kept beside; nobody at all is refused."""
    assert who_acts("ci", "ana") == Who("ci", "AUTHENTICATED", "ana")
    assert who_acts("ana", "ana") == Who("ana", "AUTHENTICATED", None)
    assert who_acts(None, "ana") == Who("ana", "CLAIMED", None)
    with pytest.raises(BadInput, match="who decides"):
        who_acts(None, None)


def test_the_same_act_again_is_known_by_what_it_says() -> None:
    """Same state, version, reason and evidence, and the same time where one is told; anything else is another act."""
    act = asked(by="ana", reason="auc")
    decision = Decision("VALIDATED", "REGISTERED", Who("ana", "CLAIMED"), NOW, forced=False)
    facet = act_event(act, "ns", RUN, decision)["run"]["facets"]["catalogue_act"]
    assert is_same_act(facet, act, "VALIDATED", "ns")
    assert is_same_act(facet, asked(by="ana", reason="auc", at=NOW), "VALIDATED", "ns")
    assert not is_same_act(facet, act, "APPROVED", "ns")
    assert not is_same_act(facet, asked(version=3, reason="auc"), "VALIDATED", "ns")
    assert not is_same_act(facet, asked(reason="other"), "VALIDATED", "ns")
    assert not is_same_act(facet, asked(reason="auc", at="2026-05-01T12:00:01.000000Z"), "VALIDATED", "ns")


@pytest.mark.parametrize(
    ("body", "said", "pointer"),
    [
        ("[1]", "Expected `object`", ""),
        ('{"model": "m"', "no JSON object", None),
        ('{"model": "m"}', "version", ""),
        ('{"model": "", "version": 1}', "length >= 1", "/model"),
        ('{"model": "m", "version": 1, "namspace": "x"}', "namspace", ""),
        ('{"model": "m", "version": 1, "evidence": [{"kind": "run"}]}', "ref", "/evidence/0"),
        ('{"model": "m", "version": [1]}', "Expected `int | str`", "/version"),
        (b'{"model": "\xff", "version": 1}'.decode("latin-1"), "", None),
    ],
)
def test_a_wrong_body_is_told_where_it_is_wrong(body: str, said: str, pointer: str | None) -> None:
    """BAD_INPUT with a JSON pointer; a member that nobody knows is never left out in silence."""
    raw = body.encode("latin-1")
    if not said:
        with pytest.raises(BadInput):
            read_asked(raw, ActAsked)
        return
    with pytest.raises(BadInput, match=said.replace("|", r"\|")) as refused:
        read_asked(raw, ActAsked)
    assert pointer is None or refused.value.values["pointer"] == pointer


def test_states_and_times_are_read_or_refused() -> None:
    """Any case; an unknown state lists those there are; a time that lies ahead says what time it is here."""
    assert read_state(" approved ") == "APPROVED"
    with pytest.raises(BadInput, match="REGISTERED, VALIDATED"):
        read_state("prod")
    with pytest.raises(BadInput, match="say which state"):
        read_state(None)
    assert read_at("2026-05-01T14:00:00+02:00", NOW) == NOW
    assert read_at(None, NOW) is None
    for wrong in ("yesterday", "2026-05-01T13:00:01Z", "2026-05-01"):
        with pytest.raises(BadInput, match="at"):
            read_at(wrong, NOW)


def test_names_that_no_engine_stores_are_replaced() -> None:
    """NUL and half characters, as everywhere; a password in a namespace stays out of the facet."""
    act = asked(model="lo\x00an", reason="a\x00b", by="ana")
    decision = Decision("REGISTERED", None, who_acts(None, "a\x00na"), NOW, forced=False)
    event = act_event(act, "mlflow://u:secret@h", RUN, decision)
    facet = json.dumps(event["run"]["facets"])
    assert "secret" not in facet
    assert "\\u0000" not in facet
