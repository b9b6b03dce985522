"""Streams of security events at the console: set up, paused, ended; no secret shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from authserver.core.signals import POLL, PUSH
from authserver.models import EventStream, SecurityEvent
from tests.support.caller import Caller
from tests.support.reader import Reader

HEADER = "Bearer header-that-nobody-may-see"


@pytest.fixture
def root(enter: Callable[..., Reader]) -> Reader:
    return enter("super_admin")


@pytest.fixture
def shop(services: Any, db: Any, make_reader: Any) -> Any:
    row, _ = services.clients.register(
        name="Shop",
        grant_types=("client_credentials",),
        scope="ssf.manage",
    )
    db.session.commit()
    return row


def kept(db: Any) -> EventStream | None:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(EventStream).one_or_none()


def changes(db: Any) -> list[tuple[str, str | None, bool]]:
    db.session.rollback()
    rows = (
        db.session.query(SecurityEvent)
        .order_by(SecurityEvent.id)
        .filter_by(event="client:stream:changed")
    )
    found = rows.order_by(SecurityEvent.id).all()
    assert HEADER not in str([row.facts for row in found])
    return [(r.facts["change"], r.reason, r.actor_id is not None) for r in found]


def set_up(root: Reader, shop: Any) -> Reader:
    root.open(f"/console/clients/{shop.id}").link("client-stream")
    assert not root.has("may-not-receive")
    root.choose("method", PUSH).fill(endpoint_url="https://shop.example/events")
    root.fill(authorization_header=HEADER, reason="asked for")
    return root.press("stream-submit")


def test_a_stream_is_set_up_and_what_is_shown_there_is_told_to_nobody(
    root, shop, db, services
):
    assert set_up(root, shop).has("done")
    row = kept(db)
    assert row is not None
    assert (row.method, row.endpoint_url) == (PUSH, "https://shop.example/events")
    assert len(row.events_requested) == 2
    assert HEADER not in root.answer.text
    assert changes(db) == [("created", "asked for", True)]
    root.open(f"/console/clients/{shop.id}/stream").fill(description="For the shop")
    root.choose("status", "paused").press("stream-submit")
    row = kept(db)
    assert row is not None
    assert (row.description, row.status) == ("For the shop", "paused")
    app = services.clients.find(shop.client_id)
    delivery = services.streams.config(row, app)["delivery"]
    assert delivery["authorization_header"] == HEADER
    assert [one for one, *_ in changes(db)] == ["created", "configured", "paused"]
    root.open("/console/streams")
    assert "Paused" in root.document.get("streams").text
    assert HEADER not in root.answer.text


def test_a_stream_is_ended(root, shop, db):
    set_up(root, shop)
    root.link("stream-delete").press("confirm-submit")
    assert root.status == 422
    root.fill(reason="over").press("confirm-submit")
    assert root.document.get("done").text == "The stream has ended."
    assert kept(db) is None
    assert changes(db)[-1] == ("deleted", "over", True)
    assert root.open(f"/console/clients/{shop.id}/stream/delete").status == 404


@pytest.mark.parametrize("url", ["", "ftp://x", "http://shop.example/", "https://x/#f"])
def test_an_address_that_cannot_be_told_is_refused(root, shop, db, url):
    root.open(f"/console/clients/{shop.id}/stream").choose("method", PUSH)
    root.fill(endpoint_url=url, authorization_header=HEADER)
    assert root.press("stream-submit").status == 400
    assert "delivery.endpoint_url" in root.document.get("error-summary").text
    assert HEADER not in root.answer.text
    assert kept(db) is None


def test_the_api_does_the_same(app, clock, root, shop, db):
    caller = Caller(app, clock)
    token = caller.sign_in("super_admin@example.test")["accessToken"]
    own = {"Authorization": f"Bearer {token}"}
    path = f"/admin/clients/{shop.client_id}/stream"
    assert caller.get(path, **own).status_code == 404
    wish = {"method": PUSH, "endpoint_url": "https://shop.example/e"}
    made = caller.put(path, wish | {"authorization_header": HEADER}, **own)
    assert caller.data(made)["has_authorization"] is True
    assert HEADER not in made.text
    again = caller.data(caller.put(path, {"method": POLL}, **own))
    assert (again["method"], again["has_authorization"]) == (POLL, False)
    assert [
        one["client_id"] for one in caller.data(caller.get("/admin/streams", **own))
    ]
    assert caller.put(path, {"status": "x"}, **own).status_code == 422
    assert caller.put(path, {"method": PUSH}, **own).status_code == 400
    assert caller.delete(path, **own).status_code == 200
    assert kept(db) is None
