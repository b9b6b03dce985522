"""A further proof for an app that asks for one, by page (RFC 9470 §5, OIDC Core §5.5.1.1)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pyotp
import pytest
from flask import Flask

from authserver.clock import FrozenClock
from authserver.models import Client, Session, db
from tests.support.authenticator import Authenticator
from tests.support.caller import ORIGIN, PASSWORD
from tests.support.reader import Reader

BACK = f"{ORIGIN}/back-at-the-app"
NEW = "/account/security/passkeys/new"


@pytest.fixture
def shop(app: Flask, at_home: Reader) -> dict[str, str]:
    """An app of the operator's own, so that nobody is asked for consent."""
    services = app.extensions["services"]
    with app.app_context():
        row, secret = services.clients.register(
            name="Shop",
            redirect_uris=[BACK],
            auth_method="client_secret_post",
            skip_consent=True,
        )
        db.session.commit()
        assert secret is not None
        return {"client_id": row.client_id, "client_secret": secret}


@pytest.fixture
def ask(shop: dict[str, str]) -> Callable[..., str]:
    def url(**changes: str) -> str:
        params = {
            "client_id": shop["client_id"],
            "response_type": "code",
            "redirect_uri": BACK,
            "scope": "openid",
        }
        return f"/authorize?{urlencode(params | changes)}"

    return url


@pytest.fixture
def tokens(shop: dict[str, str]) -> Callable[[Reader], dict[str, Any]]:
    """Redeem what the app was sent, and give the claims of both tokens."""

    def redeem(page: Reader) -> dict[str, Any]:
        form = {"grant_type": "authorization_code", "code": answer_of(page)["code"]}
        answer = page.client.post(
            "/token", data=form | shop | {"redirect_uri": BACK}, base_url=ORIGIN
        )
        assert answer.status_code == 200, answer.text
        found = body_of(answer.json["id_token"])
        access = body_of(answer.json["access_token"])
        assert {n: access[n] for n in ("acr", "auth_time", "amr")} == {
            n: found[n] for n in ("acr", "auth_time", "amr")
        }
        told = page.client.post(
            "/introspect",
            data=shop | {"token": answer.json["access_token"]},
            base_url=ORIGIN,
        )
        assert (told.json["acr"], told.json["auth_time"]) == (
            found["acr"],
            found["auth_time"],
        )
        return found

    return redeem


def body_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def answer_of(page: Reader) -> dict[str, str]:
    assert page.path == urlsplit(BACK).path, (page.url, page.text[:300])
    return {name: one[0] for name, one in parse_qs(urlsplit(page.url).query).items()}


@pytest.fixture
def totp(at_home: Reader) -> pyotp.TOTP:
    """Ada's app for codes, set up in a session that a password began."""
    at_home.open("/account/security/totp")
    found = pyotp.TOTP(at_home.document.get("totp-secret").get("data-text"))
    at_home.fill(code=found.at(at_home.clock.now())).press("totp-submit")
    at_home.clock.advance(seconds=30)
    return found


@pytest.fixture
def key(at_home: Reader) -> Authenticator:
    at_home.open(NEW)
    made = Authenticator()
    options = at_home.document.get("passkey-form").get("data-options")
    at_home.send(NEW, credential=made.create(options), name="key")
    return made


@pytest.mark.spec("RFC 9470 §5")
@pytest.mark.spec("RFC 9470 §6.1")
@pytest.mark.spec("RFC 9470 §6.2")
def test_a_code_lifts_the_session_that_is_there(
    at_home: Reader,
    ask: Callable[..., str],
    tokens: Callable[[Reader], dict[str, Any]],
    totp: pyotp.TOTP,
) -> None:
    before = tokens(at_home.open(ask()))
    assert before["acr"] == "1"
    at_home.open(ask(acr_values="2"))
    assert at_home.path == "/step-up"
    at_home.fill(code="000000").press("mfa-submit")
    assert (at_home.status, at_home.path) == (400, "/step-up")
    at_home.fill(code=totp.at(at_home.clock.now())).press("mfa-submit")
    after = tokens(at_home)
    assert (after["acr"], after["amr"]) == ("2", ["pwd", "otp", "mfa"])
    assert after["sid"] == before["sid"]
    assert after["auth_time"] > before["auth_time"]
    assert tokens(at_home.open(ask(acr_values="2")))["acr"] == "2"
    assert tokens(at_home.open(ask(acr_values="1")))["acr"] == "1"


@pytest.mark.spec("OIDC Core §3.1.2.6")
def test_prompt_none_says_that_a_page_is_needed(
    at_home: Reader, ask: Callable[..., str], totp: pyotp.TOTP
) -> None:
    at_home.open(ask(acr_values="2", prompt="none"))
    assert answer_of(at_home)["error"] == "interaction_required"


@pytest.mark.spec("RFC 9470 §5")
def test_a_passkey_reaches_the_highest_class(
    at_home: Reader,
    ask: Callable[..., str],
    tokens: Callable[[Reader], dict[str, Any]],
    totp: pyotp.TOTP,
    key: Authenticator,
) -> None:
    at_home.open(ask(acr_values="phr"))
    assert at_home.path == "/step-up" and not at_home.has("mfa-totp")
    options = at_home.document.get("mfa-form").get("data-options")
    forged = Authenticator(id=key.id, handle=key.handle)
    at_home.send(at_home.url, credential=forged.get(options))
    assert (at_home.status, at_home.path) == (401, "/step-up")
    options = at_home.document.get("mfa-form").get("data-options")
    at_home.send(at_home.url, credential=key.get(options))
    claims = tokens(at_home)
    assert (claims["acr"], claims["amr"]) == ("phr", ["pwd", "hwk", "user", "mfa"])


def test_a_code_does_not_do_where_a_passkey_is_asked_for(
    at_home: Reader, ask: Callable[..., str], totp: pyotp.TOTP, key: Authenticator
) -> None:
    """It lifts the session, and the page asks again: the app gets nothing meanwhile."""
    at_home.open(ask(acr_values="phr"))
    at_home.send(at_home.url, code=totp.at(at_home.clock.now()))
    assert (at_home.status, at_home.path) == (200, "/step-up")


@pytest.mark.spec("OIDC Core §5.5.1.1")
def test_an_essential_class_is_reached_or_refused(
    at_home: Reader,
    ask: Callable[..., str],
    tokens: Callable[[Reader], dict[str, Any]],
) -> None:
    wish = {"id_token": {"acr": {"essential": True, "values": ["2"]}}}
    essential = json.dumps(wish)
    at_home.open(ask(claims=essential))
    assert answer_of(at_home)["error"] == "unmet_authentication_requirements"
    at_home.open("/account/security/totp")
    totp = pyotp.TOTP(at_home.document.get("totp-secret").get("data-text"))
    at_home.fill(code=totp.at(at_home.clock.now())).press("totp-submit")
    at_home.clock.advance(seconds=30)
    at_home.open(ask(claims=essential, acr_values="1"))
    assert at_home.path == "/step-up"
    at_home.fill(code=totp.at(at_home.clock.now())).press("mfa-submit")
    assert tokens(at_home)["acr"] == "2"


def test_what_nobody_can_reach_is_told_truthfully(
    at_home: Reader,
    ask: Callable[..., str],
    tokens: Callable[[Reader], dict[str, Any]],
) -> None:
    """`acr_values` is a wish (OIDC Core §3.1.2.1): the token says what was."""
    assert tokens(at_home.open(ask(acr_values="2")))["acr"] == "1"
    assert tokens(at_home.open(ask(acr_values="urn:of:others")))["acr"] == "1"


def test_the_clients_default_counts_where_nothing_is_asked(
    at_home: Reader,
    app: Flask,
    shop: dict[str, str],
    ask: Callable[..., str],
    totp: pyotp.TOTP,
) -> None:
    with app.app_context():
        row = db.session.query(Client).filter_by(client_id=shop["client_id"]).one()
        row.extra = {"default_acr_values": ["2"]}
        db.session.commit()
    app.extensions["services"].clients.cache.clear()
    assert at_home.open(ask()).path == "/step-up"


def test_the_cookie_changes_and_the_old_one_is_nobodys(
    at_home: Reader,
    make_reader: Callable[..., Reader],
    ask: Callable[..., str],
    totp: pyotp.TOTP,
) -> None:
    """ASVS 7.2.4."""
    before = at_home.client.get_cookie("__Host-session", domain="auth.example.test")
    at_home.open(ask(acr_values="2"))
    at_home.fill(code=totp.at(at_home.clock.now())).press("mfa-submit")
    after = at_home.client.get_cookie("__Host-session", domain="auth.example.test")
    assert before is not None and after is not None and before.value != after.value
    thief = make_reader()
    thief.client.set_cookie(
        "__Host-session", before.value, domain="auth.example.test", secure=True
    )
    assert thief.open("/account").path == "/signin"


def test_without_a_session_or_a_request_there_is_nothing_to_prove(
    at_home: Reader, make_reader: Callable[..., Reader]
) -> None:
    assert make_reader().open("/step-up").path == "/signin"
    assert at_home.open("/step-up?interaction=nonsense").path == "/account"


def test_somebody_new_signs_in_first(
    make_reader: Callable[..., Reader],
    ada: str,
    ask: Callable[..., str],
    totp: pyotp.TOTP,
    clock: FrozenClock,
    app: Flask,
) -> None:
    """Who has a second factor gives it at the sign-in, and is not asked twice."""
    phone = make_reader().open(ask(acr_values="2"))
    phone.fill(username=ada, password=PASSWORD).press("login-submit")
    assert phone.path == "/mfa"
    phone.fill(code=totp.at(clock.now())).press("mfa-submit")
    assert "code" in answer_of(phone)
    with app.app_context():
        assert {"1", "2"} == {one.acr for one in db.session.query(Session)}
