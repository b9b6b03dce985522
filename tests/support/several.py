"""Several people at one browser: who they are, and how they are told apart.

Fixtures and steps for the tests of `/accounts`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask

from authserver.http import cookies
from authserver.models import Session, db
from tests.support.caller import ORIGIN, PASSWORD
from tests.support.reader import HOST, Reader

ADA = "ada@example.test"
BOB = "bob@example.test"
MANY = [f"n{number}@example.test" for number in range(4)]
BACK = f"{ORIGIN}/back-at-the-app"

Ask = Callable[..., str]


@pytest.fixture
def bob(make_reader: Callable[..., Reader], ada: str) -> str:
    make_reader().post_box.sign_up(BOB, full_name="Bob", username="bob")
    return BOB


@pytest.fixture
def both(at_home: Reader, bob: str) -> Reader:
    """Ada's browser, where Bob has signed in after her: he is in front."""
    return join(at_home, bob)


@pytest.fixture
def shop(app: Flask, ada: str) -> dict[str, str]:
    return client_of(app, skip_consent=True)


@pytest.fixture
def ask(shop: dict[str, str]) -> Ask:
    return lambda **more: url_of(shop, **more)


def client_of(app: Flask, **more: Any) -> dict[str, str]:
    services = app.extensions["services"]
    with app.app_context():
        row, secret = services.clients.register(
            name="Shop",
            redirect_uris=[BACK],
            auth_method="client_secret_post",
            **more,
        )
        db.session.commit()
        return {"client_id": row.client_id, "client_secret": str(secret)}


def url_of(shop: dict[str, str], **more: str) -> str:
    params = {
        "client_id": shop["client_id"],
        "response_type": "code",
        "redirect_uri": BACK,
        "scope": "openid email",
        "claims": '{"id_token":{"email":null}}',
    }
    return f"/authorize?{urlencode(params | more)}"


def join(page: Reader, email: str, **ticks: bool) -> Reader:
    """Sign in as one more person."""
    page.open("/signin?again=1").fill(username=email, password=PASSWORD)
    for box in ticks:
        page.tick(box)
    page.press("login-submit")
    assert (page.path, front(page)) == ("/account", email)
    return page


def front(page: Reader) -> str | None:
    """Whose account the browser shows."""
    page.open("/account")
    found = [one for one in (ADA, BOB, *MANY) if one in page.text]
    return found[0] if found else None


def choose(page: Reader, email: str, what: str = "account") -> Reader:
    """Press the button of a person in the open list."""
    for button in page.document.all("button"):
        if button.get("name") == what and email in button.text:
            return page.press_on(button)
    raise AssertionError(f"{email} is not in the list: {page.text[:300]}")


def listed(page: Reader) -> list[str]:
    page.open("/accounts")
    people = [b.text for b in page.document.all("button") if b.get("name") == "account"]
    known = [ADA, BOB, *MANY]
    return [next(one for one in known if one in text) for text in people]


def answer_of(page: Reader) -> dict[str, str]:
    assert page.path == urlsplit(BACK).path, (page.url, page.text[:300])
    return {name: one[0] for name, one in parse_qs(urlsplit(page.url).query).items()}


def redeem(page: Reader, shop: dict[str, str]) -> dict[str, Any]:
    """Give the claims of the ID token that the app gets, and the token."""
    code = answer_of(page)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    answer = page.client.post("/token", data=form | shop, base_url=ORIGIN)
    assert answer.status_code == 200, answer.text
    token = answer.json["id_token"]
    body = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return {**claims, "token": token}


def cookie_of(page: Reader, name: str) -> Any:
    return page.client.get_cookie(name, domain=HOST)


def asides(page: Reader, app: Flask) -> list[str]:
    """The names of the cookies that lie aside."""
    names = cookies.aside_names(app.extensions["services"].settings)
    return [name for name in names if cookie_of(page, name)]


def living(app: Flask) -> set[str]:
    with app.app_context():
        rows = db.session.query(Session).filter_by(is_active=True, kind="browser")
        return {str(row.id) for row in rows}
