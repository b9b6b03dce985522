"""``Idempotency-Key`` (draft-ietf-httpapi-idempotency-key-header-07)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from authserver.models import RememberedAnswer, TermsConsent, db
from tests.support.caller import PASSWORD, Caller

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
CONSENT = {"document": "terms", "version": "3"}


@pytest.fixture
def me(api: Caller, ada: str) -> Caller:
    api.sign_in(ada)
    return api


def consent(caller: Caller, key: str | None = KEY, **changed: Any) -> Any:
    named = {} if key is None else {"idempotency_key": key}
    return caller.post("/users/me/consent", CONSENT | changed, **named)


def count(app: Flask, table: Any) -> int:
    with app.app_context():
        return int(db.session.query(table).count())


def test_the_same_request_is_done_once_and_answered_alike(
    me: Caller, app: Flask
) -> None:
    first, second = consent(me), consent(me)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.data == second.data
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert count(app, TermsConsent) == 1


def test_a_key_in_quotes_is_the_same_key(me: Caller, app: Flask) -> None:
    """RFC 9651 §3.3.3."""
    consent(me, KEY)
    consent(me, f'"{KEY}"')
    assert count(app, TermsConsent) == 1


def test_without_a_key_or_under_another_it_is_done_again(
    me: Caller, app: Flask
) -> None:
    for key in (None, None, "a", "b"):
        consent(me, key)
    assert count(app, TermsConsent) == 4


def test_another_request_under_the_key_is_refused(me: Caller, app: Flask) -> None:
    consent(me)
    other = consent(me, version="4")
    assert other.status_code == 422
    assert other.json["errors"][0]["field"] == "Idempotency-Key"
    assert count(app, TermsConsent) == 1


def test_the_key_of_another_person_is_another_key(
    me: Caller, make_caller: Callable[..., Caller], app: Flask
) -> None:
    grace = make_caller()
    grace.sign_up("grace@example.test")
    grace.sign_in("grace@example.test")
    first, second = consent(me), consent(grace)
    assert first.json["data"]["id"] != second.json["data"]["id"]
    assert count(app, TermsConsent) == 2


def test_whoever_is_not_signed_in_learns_nothing_by_a_key(
    me: Caller, make_caller: Callable[..., Caller]
) -> None:
    consent(me)
    assert consent(make_caller()).status_code == 401


def test_a_refusal_may_be_tried_again(me: Caller, app: Flask) -> None:
    wrong = consent(me, document="No Such Document")
    assert wrong.status_code == 422
    assert count(app, RememberedAnswer) == 0
    assert consent(me).status_code == 201


def test_a_refusal_that_is_kept_leaves_no_key_behind(
    api: Caller, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``recorded``: its transaction is committed, without the claim."""
    from authserver.core.signup import SignUp
    from authserver.errors import TooManyTries

    def refuse(*_: Any, **__: Any) -> None:
        raise TooManyTries("enough")

    given = {"email": "eve@example.test", "password": PASSWORD}
    with monkeypatch.context() as patch:
        patch.setattr(SignUp, "apply", refuse)
        answer = api.post("/auth/signup", given, idempotency_key=KEY)
    assert answer.status_code == 429
    assert count(app, RememberedAnswer) == 0
    assert api.post("/auth/signup", given, idempotency_key=KEY).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256, '"', 'a"b c'])
def test_a_key_that_is_none(me: Caller, app: Flask, key: str) -> None:
    assert consent(me, key).status_code == 422
    assert count(app, TermsConsent) == 0


def test_after_a_day_it_is_forgotten(me: Caller, app: Flask, ada: str) -> None:
    consent(me)
    me.clock.advance(hours=25)
    me.token = None
    me.sign_in(ada)
    assert "Idempotent-Replayed" not in consent(me).headers
    assert count(app, TermsConsent) == 2


def test_what_is_remembered_is_sealed(api: Caller, app: Flask) -> None:
    """It may hold tokens: ``register`` gives a pair."""
    given = {"email": "eve@example.test", "password": PASSWORD}
    first = api.post("/auth/register", given, idempotency_key=KEY)
    token = first.json["data"]["refreshToken"]
    with app.app_context():
        row = db.session.query(RememberedAnswer).one()
        kept = f"{row.key} {row.request_print} {row.answer_sealed}"
    for secret in (token, KEY, PASSWORD, "eve@example.test"):
        assert secret not in kept
    again = api.post("/auth/register", given, idempotency_key=KEY)
    assert again.json["data"]["refreshToken"] == token


def test_cookies_come_again_too(api: Caller) -> None:
    """C23."""
    given = {"email": "eve@example.test", "password": PASSWORD}
    named = {"idempotency_key": KEY, "x_token_delivery": "cookie"}
    api.post("/auth/register", given, **named)
    again = api.post("/auth/register", given, **named)
    cookies = " ".join(again.headers.getlist("Set-Cookie"))
    assert "__Host-access=" in cookies
    assert "__Host-refresh=" in cookies


def test_an_empty_answer_is_given_again_empty(me: Caller) -> None:
    for _ in range(2):
        answer = me.post(
            "/users/me/consent", CONSENT, idempotency_key=KEY, prefer="return=minimal"
        )
        assert (answer.status_code, answer.data) == (204, b"")


def test_of_eight_at_one_moment_one_does_it(me: Caller, app: Flask) -> None:
    start, answers = threading.Barrier(8), []

    def go() -> None:
        racer = Caller(app, me.clock)
        racer.token = me.token
        start.wait()
        answers.append(consent(racer))

    racers = [threading.Thread(target=go) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.data for answer in answers}) == 1
    assert count(app, TermsConsent) == 1


def test_the_document_names_the_header(app: Flask) -> None:
    with app.app_context():
        paths = app.test_client().get("/openapi.json").json["paths"]
    posts = [
        operations["post"] for operations in paths.values() if "post" in operations
    ]
    creating = [post for post in posts if "201" in post["responses"]]
    assert len(creating) >= 8
    for post in creating:
        names = [one.get("name") for one in post.get("parameters", ())]
        assert "Idempotency-Key" in names, post["operationId"]
