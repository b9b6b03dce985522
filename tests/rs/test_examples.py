"""The examples against the server itself: Flask, FastAPI, Django; one set of rules."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from authserver_rs.decoding import sha256_url
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.rs.api import Api, challenge, machine_token, registered
from tests.support.answer_rules import token_answer
from tests.support.browser import Browser, Page
from tests.support.enrolment import enrol_person
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

FRAMEWORKS = {"flask_api": "wsgi", "fastapi_api": "asgi", "django_api": "wsgi"}
pytestmark = pytest.mark.live


@pytest.fixture(scope="module", params=FRAMEWORKS)
def api(
    request: pytest.FixtureRequest,
    authorization_server: LiveServer,
    robot: RelyingParty,
) -> Iterator[Api]:
    program = request.param
    with (
        Api(program, FRAMEWORKS[program], authorization_server.url) as running,
        registered(authorization_server, running, robot),
    ):
        yield running


@pytest.mark.spec("RFC 9728 §5.1")
def test_a_stranger_finds_the_way_to_the_authorization_server(api: Api) -> None:
    answer = api.call("GET")
    assert (answer.status_code, answer.json()) == (401, {})
    assert answer.headers["Cache-Control"] == "no-store"
    told = challenge(answer)
    assert told["scope"] == "notes:read" and "error" not in told
    assert told["resource_metadata"] == api.metadata_url
    document = api.http.get(told["resource_metadata"]).json()
    assert document["resource"] == api.resource
    assert document["authorization_servers"] == [api.env["ISSUER"]]
    assert document["scopes_supported"] == ["notes:read", "notes:write"]


def test_a_machine_reads_and_does_not_write(api: Api, robot: RelyingParty) -> None:
    token = token_answer(machine_token(robot, api))["access_token"]
    answer = api.call("GET", token)
    assert answer.ok and answer.json()["owner"] == robot.registration.client_id
    refusal = api.call("POST", token)
    assert (refusal.status_code, refusal.json()) == (
        403,
        {"error": "insufficient_scope"},
    )
    assert challenge(refusal)["scope"] == "notes:write"


def test_a_token_for_somebody_else_is_none(
    api: Api, shop: RelyingParty, ada: Person, authorization_server: LiveServer
) -> None:
    with Browser(authorization_server.url) as browser:
        flow = shop.sign_in(browser, ada, scope="openid", resource=shop.issuer)
    for token in (flow.tokens["access_token"], flow.tokens["id_token"], "rubbish"):
        answer = api.call("GET", token)
        assert answer.status_code == 401
        assert challenge(answer)["error"] == "invalid_token"


@pytest.mark.spec("RFC 9449 §7.1")
def test_a_token_that_is_bound_to_a_key_wants_its_proof(
    api: Api, robot: RelyingParty
) -> None:
    key = ECKey.generate_key("P-256")

    def proof(method: str, url: str, **more: str) -> str:
        claims = {"htm": method, "htu": url, "iat": int(time.time())}
        claims |= {"jti": secrets.token_urlsafe(16), **more}
        shown = key.as_dict(private=False)
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": shown}
        return jwt.encode(header, claims, key)

    headers, form = robot.credentials()
    endpoint = robot.metadata["token_endpoint"]
    wish = {"grant_type": "client_credentials", "scope": "notes:read"}
    answer = robot.http.post(
        endpoint,
        data=form | wish | {"resource": api.resource},
        headers=headers | {"DPoP": proof("POST", endpoint)},
    )
    assert answer.ok and answer.json()["token_type"] == "DPoP", answer.text
    token = answer.json()["access_token"]
    ath = sha256_url(token.encode())
    good = proof("GET", f"{api.url}/notes", ath=ath)
    assert api.call("GET", token, scheme="DPoP", DPoP=good).ok
    again = api.call("GET", token, scheme="DPoP", DPoP=good)
    assert challenge(again, "DPoP")["error"] == "invalid_dpop_proof"
    stolen = api.call("GET", token)
    assert stolen.status_code == 401
    assert challenge(stolen, "DPoP")["error"] == "invalid_token"


@pytest.mark.spec("RFC 9470 §3")
@pytest.mark.spec("RFC 9470 §4")
def test_what_is_dangerous_asks_for_two_factors_and_gets_them(
    api: Api, shop: RelyingParty, authorization_server: LiveServer, home: Path
) -> None:
    """The whole walk: refused, asked again by what the API says, let in."""
    grace = enrol_person(authorization_server, home, claims={})
    wish = {"scope": "openid notes:write", "resource": api.resource}
    with Browser(authorization_server.url) as browser:
        token = shop.sign_in(browser, grace, **wish).tokens["access_token"]
        refusal = api.call("DELETE", token)
        assert refusal.status_code == 401
        told = challenge(refusal)
        assert told["error"] == "insufficient_user_authentication"
        totp = turn_on_totp(browser)
        asked = {name: told[name] for name in ("acr_values", "max_age")}
        ask = shop.ask(**(wish | asked))
        page = browser.open(ask.url)
        assert isinstance(page, Page) and page.has("mfa-form"), page
        browser.fill(code=totp.at(time.time() + 30))
        flow = shop.finish(ask, grace.walk(browser, browser.submit("mfa-submit")))
    assert flow.claims["acr"] == "2"
    assert api.call("DELETE", flow.tokens["access_token"]).json()["deleted"] is True


def turn_on_totp(browser: Browser) -> pyotp.TOTP:
    page = browser.open("/account/security/totp")
    assert isinstance(page, Page)
    totp = pyotp.TOTP(page.document.get("totp-secret").get("data-text"))
    browser.fill(code=totp.at(time.time()))
    done = browser.submit("totp-submit")
    assert isinstance(done, Page) and done.has("backup-codes")
    return totp
