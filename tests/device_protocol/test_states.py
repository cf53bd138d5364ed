"""The state table is whole and keeps the rules that the design took."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from device_protocol.codes import FACTS, Code, first_of
from device_protocol.errors import DeviceError
from device_protocol.state_docs import codes_markdown, state_table_markdown
from device_protocol.states import (
    BACKEND,
    JOB,
    PAGE,
    SESSION,
    TABLE,
    BackendState,
    JobHandle,
    Outcome,
    PageHandle,
    SessionState,
    State,
    Verb,
    cell,
    refusal,
)

STATES = {"Backend": BackendState, "Session": SessionState, "Job": JobHandle, "Page": PageHandle}


@pytest.mark.parametrize("name", list(TABLE))
def test_one_cell_for_each_verb_and_state(name: str) -> None:
    """Every verb of an object has exactly one cell for each state, and a refusal has a code while nothing else has one."""
    for verb, cells in TABLE[name].items():
        assert list(cells) == list(STATES[name]), verb
        for answer in cells.values():
            assert (answer.code is not None) == (answer.outcome is Outcome.REFUSED)


def test_every_verb_belongs_to_an_object() -> None:
    """No verb is left out of the table."""
    assert {verb for rows in TABLE.values() for verb in rows} == set(Verb)


@pytest.mark.parametrize("state", [SessionState.CLOSED, JobHandle.CLOSED, PageHandle.CLOSED, BackendState.CLOSED])
def test_after_close_all_is_closed_but_close(state: State) -> None:
    """LIFE-06, LIFE-05: after close every verb fails CLOSED, except close, which does nothing."""
    rows = TABLE[type(state).__name__.removesuffix("State").removesuffix("Handle")]
    for verb in rows:
        if verb is Verb.CLOSE:
            assert cell(verb, state).outcome is Outcome.NO_OP
        else:
            assert refusal(verb, state) is Code.CLOSED


def test_a_lost_device_can_be_asked_cancelled_and_closed() -> None:
    """Design 2: in LOST status, cancel and close are legal and everything else is DEVICE_LOST (ERR-03)."""
    legal = {verb for verb in SESSION if refusal(verb, SessionState.LOST) is None}
    assert legal == {Verb.STATUS, Verb.CANCEL, Verb.CLOSE}
    assert refusal(Verb.NEXT_PAGE, JobHandle.LOST) is Code.DEVICE_LOST
    assert refusal(Verb.READ, PageHandle.LOST) is Code.DEVICE_LOST


def test_cancel_and_close_never_fail_while_open() -> None:
    """CANC-01, LIFE-04: cancel and close are legal in every open state of a session and a job."""
    for verb, state in itertools.product((Verb.CANCEL, Verb.CLOSE), set(SessionState) - {SessionState.CLOSED}):
        assert refusal(verb, state) is None
    refused = {state for state in JobHandle if refusal(Verb.CANCEL, state) is not None}
    assert refused == {JobHandle.CLOSED}


def test_the_end_is_given_again() -> None:
    """Design 2: next_page after the end gives the end again."""
    assert JOB[Verb.NEXT_PAGE][JobHandle.COMPLETED].outcome is Outcome.AGAIN
    assert PAGE[Verb.READ][PageHandle.AT_END].code is Code.WRONG_STATE  # DATA-03
    assert BACKEND[Verb.OPEN][BackendState.DEVICE_OPEN].code is Code.BUSY


def test_precedence_of_refusals() -> None:
    """Device-models.md 5c: CLOSED over DEVICE_LOST over WRONG_STATE over BUSY over value errors."""
    order = [Code.CLOSED, Code.DEVICE_LOST, Code.WRONG_STATE, Code.BUSY, Code.INVALID_VALUE]
    for index, code in enumerate(order):
        assert first_of(order[index:][::-1]) is code


def test_there_are_21_codes_with_facts() -> None:
    """Every code fixes three booleans, a REST code below zero and a sentence."""
    assert len(Code) == 21
    assert set(FACTS) == set(Code)
    assert all(facts.rest_code < 0 and facts.text.endswith(".") for facts in FACTS.values())
    assert FACTS[Code.JAM].rest_code == -1020


@pytest.mark.parametrize("code", list(Code))
def test_an_instance_may_only_lower_its_claims(code: Code) -> None:
    """Design 2: an instance may lower retryable and survives; raising one is a programming error."""
    lowered = DeviceError(code, retryable=False, survives=False)
    assert (lowered.retryable, lowered.survives) == (False, False)
    facts = FACTS[code]
    if not facts.retryable:
        with pytest.raises(ValueError, match="never raise"):
            DeviceError(code, retryable=True)
    if not facts.survives:
        with pytest.raises(ValueError, match="never raise"):
            DeviceError(code, survives=True)


@pytest.mark.parametrize(
    ("path", "text"),
    [("docs/reference/states.md", state_table_markdown()), ("docs/reference/codes.md", codes_markdown())],
)
def test_generated_pages_are_current(path: str, text: str) -> None:
    """The documentation of the tables is what the tables say; `make docs` writes it again."""
    page = Path(__file__).parents[2] / path
    assert page.read_text() == text, "run `make docs`"
