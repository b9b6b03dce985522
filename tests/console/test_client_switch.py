"""An app is switched off at the console, by /v1 and by the command; what it then gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from authserver.core.clients import OWN_CLIENT
from authserver.models import SecurityEvent
from tests.support.caller import ORIGIN, PASSWORD, Caller
from tests.support.reader import Reader

BACK = "https://app.example/back"


@pytest.fixture
def root(enter: Callable[..., Reader]) -> Reader:
    return enter("super_admin")


@pytest.fixture
def shop(services: Any, db: Any) -> tuple[str, str, str]:
    """An app that acts for people and for itself: key of its row, id and secret."""
    row, secret = services.clients.register(
        name="Shop",
        redirect_uris=[BACK],
        grant_types=("authorization_code", "refresh_token", "client_credentials"),
    )
    db.session.commit()
    return str(row.id), row.client_id, secret


@pytest.fixture
def ask(app: Any) -> Callable[..., Any]:
    """Send a form to an address of the protocol, as a client that has a secret."""

    def post(path: str, client_id: str, secret: str, **form: str) -> Any:
        return app.test_client().post(
            path, data=form, auth=(client_id, secret), base_url=ORIGIN
        )

    return post


def authorize(reader: Reader, client_id: str) -> Reader:
    asked = {"response_type": "code", "client_id": client_id, "redirect_uri": BACK}
    return reader.open(f"/authorize?{urlencode(asked | {'scope': 'openid'})}")


def test_an_app_that_is_off_gets_nothing_and_people_read_why(
    root, shop, ask, make_reader, db
):
    key, *who = shop
    own = {"grant_type": "client_credentials", "scope": ""}
    token = ask("/token", *who, grant_type="client_credentials").json["access_token"]
    assert ask("/introspect", *who, token=token).json["active"] is True
    visitor = authorize(make_reader(), who[0])
    assert visitor.path == "/signin"
    waiting = visitor.url

    root.open(f"/console/clients/{key}").link("client-disable")
    assert root.press("confirm-submit").status == 422
    root.fill(reason="a leak").press("confirm-submit")
    assert root.document.get("done").text.startswith("The app is off.")
    assert "Disabled" in root.text
    assert not root.has("client-disable")

    refused = ask("/token", *who, **own)
    assert (refused.status_code, refused.json["error"]) == (401, "invalid_client")
    refused = ask("/token", *who, grant_type="refresh_token", refresh_token="a.b")
    assert (refused.status_code, refused.json["error"]) == (401, "invalid_client")
    visitor = authorize(make_reader(), who[0])
    assert (visitor.status, visitor.path) == (403, "/authorize")
    assert visitor.document.get("error-code").text == "unauthorized_client"
    assert "This app is switched off for now." in visitor.text
    # Whoever was on the way ends on the same page, and not at the app.
    late = make_reader()
    late.open(waiting).open(waiting.replace("/signin", "/authorize/resume"))
    assert late.status in (400, 403, 410)

    root.link("client-enable").fill(reason="mended").press("confirm-submit")
    assert ask("/introspect", *who, token=token).json["active"] is True
    assert authorize(make_reader(), who[0]).path == "/signin"
    found = (
        db.session.query(SecurityEvent)
        .order_by(SecurityEvent.id)
        .filter(
            SecurityEvent.event.in_(("client:self:disabled", "client:self:enabled"))
        )
    )
    assert {one.event.rpartition(":")[2]: one.reason for one in found} == {
        "disabled": "a leak",
        "enabled": "mended",
    }
    assert all(one.actor_id for one in found)


def test_the_same_by_the_api(app, clock, enter, shop, services):
    enter("super_admin")
    enter("admin")
    root, admin = Caller(app, clock), Caller(app, clock)
    root.sign_in("super_admin@example.test", PASSWORD)
    admin.sign_in("admin@example.test", PASSWORD)
    path = f"/admin/clients/{shop[1]}"
    assert admin.post(f"{path}/disable").status_code == 403
    off = root.data(root.post(f"{path}/disable", {"reason": "r"}))
    assert off["disabled_at"] is not None
    assert root.post(f"{path}/disable").status_code == 409
    assert services.clients.find(shop[1]) is None
    assert root.data(root.post(f"{path}/enable"))["disabled_at"] is None
    assert root.post(f"/admin/clients/{OWN_CLIENT}/disable").status_code == 409
    assert root.post("/admin/clients/nobody/disable").status_code == 404
