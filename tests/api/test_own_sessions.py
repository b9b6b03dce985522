"""Where one is signed in, at /v1 (C17, C34, C35)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from authserver.models import Session, db
from tests.support.caller import PASSWORD, Caller

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
LISTS = ["/users/me/sessions", "/sessions"]


@pytest.fixture
def me(api: Caller, ada: str) -> Caller:
    """Ada, signed in at a desk."""
    answer = api.post(
        "/auth/signin", {"email": ada, "password": PASSWORD}, user_agent=FIREFOX
    )
    found = api.data(answer)
    api.token, api.session_id = found["accessToken"], found["sessionId"]  # type: ignore[attr-defined]
    api.refresh_token = found["refreshToken"]  # type: ignore[attr-defined]
    return api


@pytest.fixture
def phone(make_caller: Callable[..., Caller], me: Caller, ada: str) -> Any:
    """Ada, signed in a second time."""
    other = make_caller(ip="198.51.100.9")
    found = other.sign_in(ada)
    other.session_id = found["sessionId"]  # type: ignore[attr-defined]
    other.refresh_token = found["refreshToken"]  # type: ignore[attr-defined]
    return other


@pytest.fixture
def grace(make_caller: Callable[..., Caller]) -> Any:
    """Somebody else, signed in."""
    other = make_caller()
    other.sign_up("grace@example.test")
    found = other.sign_in("grace@example.test")
    other.session_id = found["sessionId"]  # type: ignore[attr-defined]
    other.refresh_token = found["refreshToken"]  # type: ignore[attr-defined]
    return other


@pytest.mark.parametrize("path", LISTS)
def test_c17_both_lists_are_one_and_say_more_than_s1(
    me: Any, phone: Any, grace: Any, path: str
) -> None:
    rows = me.data(me.get(path))
    assert [row["id"] for row in rows] == [phone.session_id, me.session_id]
    mine = rows[1]
    assert (mine["ip_address"], mine["is_active"]) == ("203.0.113.7", True)
    assert (mine["current"], rows[0]["current"]) == (True, False)
    assert (mine["device_name"], mine["device_type"]) == ("Firefox on Linux", "desktop")
    assert (mine["kind"], mine["amr"], mine["clients"]) == ("api", ["pwd"], [])
    assert mine["location_country"] is None


def test_no_handle_and_no_hash_is_shown(me: Any, app: Flask) -> None:
    text = me.get("/sessions").text
    with app.app_context():
        for row in db.session.query(Session):
            assert row.refresh_token not in text
            assert row.refresh_token_hash not in text


def test_c17_the_apps_that_hold_tokens_there_are_named(
    me: Any, app: Flask, services: Any
) -> None:
    from authserver.core import subjects
    from authserver.core.grant import Grant

    row, _ = services.clients.register(
        name="Shop", redirect_uris=["https://shop.example.test/back"]
    )
    db.session.commit()
    services.clients.cache.clear()
    session = db.session.get(Session, uuid.UUID(me.session_id))
    assert session is not None
    grant = Grant(
        app=services.clients.find(row.client_id),
        subject=subjects.load(services.tokens.db, session.user_id),
        scopes=("openid",),
        family_id=uuid.uuid4(),
        session_id=session.id,
        auth_time=session.auth_time,
        acr=session.acr,
        amr=tuple(session.amr),
    )
    services.tokens.begin_family(grant)
    db.session.commit()
    shown = me.data(me.get(f"/sessions/{me.session_id}"))
    assert shown["clients"] == [{"client_id": row.client_id, "name": "Shop"}]


def test_one_session_also_when_it_has_ended(me: Any, phone: Any) -> None:
    assert me.data(me.get(f"/sessions/{phone.session_id}"))["is_active"] is True
    me.delete(f"/sessions/{phone.session_id}")
    shown = me.data(me.get(f"/sessions/{phone.session_id}"))
    assert shown["is_active"] is False
    assert shown["revoked_at"].endswith("Z")


def test_ending_one_ends_its_tokens_and_no_others(me: Any, phone: Any) -> None:
    assert me.delete(f"/sessions/{phone.session_id}").status_code == 200
    assert phone.get("/users/me").status_code == 401
    given = {"refreshToken": phone.refresh_token}
    assert phone.post("/auth/refresh", given).status_code == 400
    assert me.get("/users/me").status_code == 200


def test_ending_all_spares_the_one_that_asks(me: Any, phone: Any, grace: Any) -> None:
    assert me.delete("/sessions").status_code == 200
    assert phone.get("/users/me").status_code == 401
    assert me.get("/users/me").status_code == 200
    assert grace.get("/users/me").status_code == 200
    assert len(me.data(me.get("/sessions"))) == 1


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_c35_somebody_elses_session_is_not_there(
    me: Any, grace: Any, method: str
) -> None:
    answer = me.call(method, f"/sessions/{grace.session_id}")
    unknown = me.call(method, f"/sessions/{uuid.uuid4()}")
    assert answer.status_code == unknown.status_code == 404
    assert answer.json["message"] == unknown.json["message"]
    assert grace.get("/users/me").status_code == 200


def test_c35_administrators_are_excepted(
    me: Any, grace: Any, services: Any, make_caller: Callable[..., Caller]
) -> None:
    services.people.add(
        email="root@example.test", password=PASSWORD, verified=True, roles=["admin"]
    )
    db.session.commit()
    admin = make_caller()
    admin.sign_in("root@example.test")
    shown = admin.data(admin.get(f"/sessions/{grace.session_id}"))
    assert shown["current"] is False
    assert admin.delete(f"/sessions/{grace.session_id}").status_code == 200
    assert grace.get("/users/me").status_code == 401
    assert admin.get("/users/me").status_code == 200


@pytest.mark.parametrize("odd", ["x", "0", "../users/me", "%00", "1" * 400])
def test_an_id_that_is_none_is_not_found(me: Any, odd: str) -> None:
    assert me.get(f"/sessions/{odd}").status_code == 404


# -- C34


def test_c34_a_refresh_token_of_the_session_gives_the_next_pair(me: Any) -> None:
    path = f"/sessions/{me.session_id}/refresh"
    pair = me.data(me.post(path, {"refreshToken": me.refresh_token}))
    assert pair["sessionId"] == me.session_id
    me.token = pair["accessToken"]
    assert me.get("/users/me").status_code == 200
    again = me.data(me.post(path, {"refresh_token": pair["refreshToken"]}))
    assert again["refreshToken"] != pair["refreshToken"]


def test_c34_a_token_of_another_session_is_refused_and_stays_good(
    me: Any, phone: Any, grace: Any
) -> None:
    for other in (phone, grace):
        given = {"refreshToken": other.refresh_token}
        answer = me.post(f"/sessions/{me.session_id}/refresh", given)
        assert (answer.status_code, answer.json["code"]) == (400, "AUTH_202")
        assert other.post("/auth/refresh", given).status_code == 200


def test_c34_a_replay_ends_the_family_here_too(me: Any) -> None:
    path = f"/sessions/{me.session_id}/refresh"
    first = {"refreshToken": me.refresh_token}
    pair = me.data(me.post(path, first))
    me.data(me.post(path, {"refreshToken": pair["refreshToken"]}))
    assert me.post(path, first).status_code == 400
    assert me.get("/users/me").status_code == 401


def test_c34_an_id_alone_gives_no_token(me: Any) -> None:
    answer = me.post(f"/sessions/{me.session_id}/refresh")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "refreshToken"
    me.token = None
    assert me.post(f"/sessions/{me.session_id}/refresh").status_code == 401


def in_cookies(caller: Caller, email: str) -> dict[str, Any]:
    given = {"email": email, "password": PASSWORD}
    found = caller.data(caller.post("/auth/signin", given, x_token_delivery="cookie"))
    return dict(found)


def test_c34_a_session_of_cookies_moves_its_end_on(
    make_caller: Callable[..., Caller], app: Flask, ada: str
) -> None:
    browser = make_caller()
    found = in_cookies(browser, ada)
    browser.client.delete_cookie("__Host-refresh", domain="auth.example.test")
    browser.clock.advance(minutes=10)
    answer = browser.post(
        f"/sessions/{found['sessionId']}/refresh", x_csrf_token=found["csrfToken"]
    )
    shown = browser.data(answer)
    assert shown["session"]["current"] is True
    assert "accessToken" not in shown
    with app.app_context():
        kept = db.session.get(Session, uuid.UUID(found["sessionId"]))
        assert kept is not None
        assert kept.last_activity_at == browser.clock.now()


def test_c34_of_another_session_nothing_moves(
    make_caller: Callable[..., Caller], me: Any, ada: str
) -> None:
    browser = make_caller()
    found = in_cookies(browser, ada)
    browser.client.delete_cookie("__Host-refresh", domain="auth.example.test")
    answer = browser.post(
        f"/sessions/{me.session_id}/refresh", x_csrf_token=found["csrfToken"]
    )
    assert answer.status_code == 404


def test_c34_by_cookie_it_wants_the_double_submit(
    make_caller: Callable[..., Caller], ada: str
) -> None:
    """C23."""
    browser = make_caller()
    found = in_cookies(browser, ada)
    path = f"/sessions/{found['sessionId']}/refresh"
    assert browser.post(path).status_code == 400
    pair = browser.data(browser.post(path, x_csrf_token=found["csrfToken"]))
    assert pair["tokenType"] == "Cookie"
