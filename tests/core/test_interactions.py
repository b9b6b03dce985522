"""The next step of an authorization request (OIDC Core §3.1.2)."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from authserver.core.interactions import (
    Ask,
    Standing,
    Step,
    check_acr,
    next_step,
    silent_refusal,
)
from authserver.errors import UnmetAuthentication

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADA, BOB = uuid.UUID(int=1), uuid.UUID(int=2)
LOGIN, CONSENT = frozenset({"login"}), frozenset({"consent"})
MULTI, PASSKEY = frozenset({"2"}), frozenset({"phr"})
EITHER = frozenset({"1", "phr"})
SELECT, CREATE = frozenset({"select_account"}), frozenset({"create"})


def ask(**facts: object) -> Ask:
    return Ask(asked_at=NOON, **facts)  # type: ignore[arg-type]


def ada(at: datetime = NOON - HOUR, **facts: object) -> Standing:
    facts = {"acr": "1"} | facts
    return Standing(at, ADA, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "who", "step"),
    [
        # nobody is here
        (ask(), Standing(), Step.SIGN_IN),
        (ask(prompt=CREATE), Standing(), Step.SIGN_UP),
        # nobody is in front, and yet there are sessions in this browser
        (ask(), Standing(others_are_here=True), Step.CHOOSE_ACCOUNT),
        (ask(prompt=LOGIN), Standing(others_are_here=True), Step.SIGN_IN),
        (ask(prompt=CREATE), Standing(others_are_here=True), Step.SIGN_UP),
        (ask(subject=BOB), Standing(others_are_here=True), Step.SIGN_IN),
        # somebody is here
        (ask(), ada(has_consented=True), Step.DONE),
        (ask(), ada(), Step.CONSENT),
        (ask(), ada(consented_at=NOON), Step.DONE),
        # the client insists on a sign-in, which satisfies it once
        (ask(prompt=LOGIN), ada(has_consented=True), Step.SIGN_IN),
        (ask(prompt=LOGIN), ada(NOON + HOUR, has_consented=True), Step.DONE),
        # the sign-in is too old; a new one is never too old, even for max_age=0
        (ask(max_age=HOUR / 2), ada(has_consented=True), Step.SIGN_IN),
        (ask(max_age=2 * HOUR), ada(has_consented=True), Step.DONE),
        (ask(max_age=timedelta(0)), ada(NOON, has_consented=True), Step.DONE),
        # somebody else is wanted
        (ask(subject=BOB), ada(NOON + HOUR, has_consented=True), Step.SIGN_IN),
        (ask(subject=ADA), ada(has_consented=True), Step.DONE),
        # consent is asked for again, and given once
        (ask(prompt=CONSENT), ada(has_consented=True), Step.CONSENT),
        (
            ask(prompt=CONSENT),
            ada(has_consented=True, consented_at=NOON),
            Step.DONE,
        ),
        # another proof is asked for, if the person has one to give
        (ask(acr_values=MULTI), ada(has_consented=True, reach="2"), Step.STEP_UP),
        (ask(acr_values=MULTI), ada(has_consented=True, reach="phr"), Step.STEP_UP),
        (ask(acr_values=MULTI), ada(has_consented=True, reach="1"), Step.DONE),
        (ask(acr_values=MULTI), ada(has_consented=True, acr="2"), Step.DONE),
        (ask(acr_values=MULTI), ada(has_consented=True, acr="phr"), Step.DONE),
        (ask(acr_values=PASSKEY), ada(acr="2", reach="2"), Step.CONSENT),
        (ask(acr_values=PASSKEY), ada(acr="2", reach="phr"), Step.STEP_UP),
        (ask(acr_values=EITHER), ada(has_consented=True, reach="phr"), Step.DONE),
        (ask(acr_values=MULTI, prompt=LOGIN), ada(reach="2"), Step.SIGN_IN),
        # an account must be chosen; signing in is a choice too
        (ask(prompt=SELECT), ada(has_consented=True), Step.CHOOSE_ACCOUNT),
        (
            ask(prompt=SELECT),
            ada(has_consented=True, account_chosen_at=NOON),
            Step.DONE,
        ),
        (ask(prompt=SELECT), ada(NOON + HOUR, has_consented=True), Step.DONE),
    ],
)
def test_next_step(asked: Ask, who: Standing, step: Step) -> None:
    assert next_step(asked, who, now=NOON) is step


@pytest.mark.parametrize(
    ("step", "word"),
    [
        (Step.SIGN_IN, "login_required"),
        (Step.SIGN_UP, "interaction_required"),
        (Step.CHOOSE_ACCOUNT, "account_selection_required"),
        (Step.STEP_UP, "interaction_required"),
        (Step.CONSENT, "consent_required"),
    ],
)
def test_prompt_none_says_which_page_would_be_needed(step: Step, word: str) -> None:
    """OIDC Core §3.1.2.6."""
    assert silent_refusal(step).oauth == word


def test_an_essential_acr_that_was_not_reached_is_refused() -> None:
    """OIDC Core §5.5.1.1."""
    with pytest.raises(UnmetAuthentication):
        check_acr(ask(essential_acr=frozenset({"2"})), "1")
    check_acr(ask(essential_acr=frozenset({"1", "2"})), "1")
    check_acr(ask(essential_acr=frozenset({"1"})), "phr")
    check_acr(ask(), "1")
    with pytest.raises(UnmetAuthentication):
        check_acr(ask(essential_acr=frozenset({"urn:of:others"})), "phr")
