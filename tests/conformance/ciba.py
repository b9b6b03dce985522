"""An app that asks for somebody who is elsewhere, over the wire (OpenID CIBA)."""

from __future__ import annotations

import json
import secrets
import time
from typing import Any

import requests
from joserfc import jws

from tests.support.answer_rules import json_of
from tests.support.browser import Browser, Page
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

GRANT = "urn:openid:params:grant-type:ciba"
ENDPOINT = "backchannel_authentication_endpoint"
GRANTS = (GRANT, "refresh_token")
SCOPE = "openid profile offline_access"


def ask(app: RelyingParty, **changes: str | None) -> requests.Response:
    """A request by form; keywords change one thing, None leaves it out."""
    return app.post(ENDPOINT, **({"scope": SCOPE} | changes))


def begin(app: RelyingParty, person: Person, **changes: str | None) -> dict[str, Any]:
    """Ask for somebody by address, held to CIBA §7.3."""
    answer = ask(app, **({"login_hint": person.email} | changes))
    return begun(answer)


def begun(answer: requests.Response) -> dict[str, Any]:
    told: dict[str, Any] = json_of(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(told) == {"auth_req_id", "expires_in", "interval"}
    assert len(told["auth_req_id"]) * 6 >= 128
    assert isinstance(told["expires_in"], int) and told["expires_in"] > 0
    assert isinstance(told["interval"], int) and told["interval"] > 0
    return told


def signed(app: RelyingParty, person: Person, **changes: Any) -> str:
    """A signed request (CIBA §7.1.1); `header` and `key` change how it is signed."""
    me, now = app.registration, int(time.time())
    key = changes.pop("key", me.key)
    header = {"alg": me.key_algorithm, "kid": key.kid} | changes.pop("header", {})
    claims = {
        "iss": me.client_id,
        "aud": app.issuer,
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "jti": secrets.token_urlsafe(16),
        "scope": SCOPE,
        "login_hint": person.email,
    } | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    return jws.serialize_compact(
        header, json.dumps(kept), key, algorithms=[header["alg"]]
    )


def poll(app: RelyingParty, told: dict[str, Any], **changes: str | None) -> Any:
    form = {"grant_type": GRANT, "auth_req_id": told["auth_req_id"]}
    return app.post("token_endpoint", **(form | changes))


def look(browser: Browser, person: Person) -> Page:
    """Open what waits, signing in where that is asked."""
    page = browser.open("/account/requests")
    assert isinstance(page, Page)
    if page.has("login-submit"):
        browser.fill(username=person.username, password=person.password)
        page = browser.submit("login-submit")
    assert isinstance(page, Page) and page.status == 200, page
    return page


def decide(browser: Browser, person: Person, decision: str) -> Page:
    """Answer the newest request."""
    look(browser, person)
    page = browser.submit(f"request-{decision}-1")
    assert isinstance(page, Page) and page.status == 200, page
    return page
