"""Export and deletion of one's own account at /v1 (C30; LGPD art. 18)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from authserver.models import User, UserRole, db
from tests.support.caller import PASSWORD, Caller
from tests.support.several import ADA


@pytest.fixture
def ada(api: Caller) -> str:
    """Somebody who signed up, with the letter and the traces of that."""
    api.sign_up(ADA, full_name="Ada Lovelace", username="ada")
    return ADA


@pytest.fixture
def me(api: Caller, ada: str) -> Caller:
    api.sign_in(ada)
    return api


@pytest.fixture
def shop(services: Any) -> Any:
    row, _ = services.clients.register(
        name="Shop", redirect_uris=["https://shop.example.test/back"]
    )
    db.session.commit()
    services.clients.cache.clear()
    return services.clients.find(row.client_id)


# -- GET /users/me/export


def test_everything_is_in_the_export_and_no_secret(
    me: Caller, services: Any, app: Flask, shop: Any, ada: str
) -> None:
    """LGPD art. 18 V, GDPR art. 20."""
    user = db.session.query(User).filter_by(email=ada).one()
    services.consents.remember(user.id, shop.id, ["openid", "email"])
    db.session.commit()
    me.patch("/users/me", {"cpf": "529.982.247-25", "phone": "+5511999999999"})
    me.post("/users/me/consent", {"version": "3"})
    me.post("/auth/mfa/setup")
    answer = me.get("/users/me/export")
    found = me.data(answer)
    assert found["user"]["cpf"] == "529.982.247-25"
    assert found["user"]["phone"] == "+5511999999999"
    assert found["terms"][0]["version"] == "3"
    assert found["apps"]["consents"][0]["name"] == "Shop"
    assert len(found["login_history"]) == 1
    assert found["letters"][0]["letter"] == "verify_email"
    assert "user:account:created" in {one["event"] for one in found["security_log"]}
    with app.app_context():
        user = db.session.query(User).filter_by(email=ada).one()
        for secret in (user.password_hash, user.mfa_secret, user.cpf_sealed):
            assert secret
            assert secret not in answer.text


def test_nothing_of_others_is_in_it(
    me: Caller, make_caller: Callable[..., Caller]
) -> None:
    grace = make_caller(ip="198.51.100.9")
    grace.sign_up("grace@example.test", full_name="Grace Hopper")
    grace.sign_in("grace@example.test")
    text = me.get("/users/me/export").text
    for word in ("grace@example.test", "Grace Hopper", "198.51.100.9"):
        assert word not in text


def test_a_page_for_reading(me: Caller, ada: str) -> None:
    me.patch("/users/me", {"full_name": "<script>alert(1)</script>"})
    answer = me.get("/users/me/export?format=html")
    assert answer.mimetype == "text/html"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert ada in answer.text
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert me.get("/users/me/export?format=xml").status_code == 422


def test_the_export_wants_a_recent_proof(me: Caller) -> None:
    me.clock.advance(minutes=11)
    answer = me.get("/users/me/export")
    assert (answer.status_code, answer.json["code"]) == (403, "AUTH_104")
    me.post("/auth/reauthenticate", {"password": PASSWORD})
    assert me.get("/users/me/export").status_code == 200


def test_it_is_plain_json(me: Caller) -> None:
    json.loads(me.get("/users/me/export").data)


# -- DELETE /users/me


def test_c30_deleted_nobody_signs_in_and_a_letter_says_until_when(
    me: Caller, make_caller: Callable[..., Caller], app: Flask, ada: str
) -> None:
    elsewhere = make_caller()
    elsewhere.sign_in(ada)
    told = me.data(me.delete("/users/me"))
    assert told["gone_at"] > told["deleted_at"]
    for caller in (me, elsewhere):
        assert caller.get("/users/me").status_code == 401
    given = {"email": ada, "password": PASSWORD}
    refused = make_caller().post("/auth/signin", given)
    assert (refused.status_code, refused.json["code"]) == (401, "AUTH_101")
    assert len(me.letters(ada, "account_deleted")) == 1
    with app.app_context():
        user = db.session.query(User).filter_by(email=ada).one()
        assert (user.status, user.full_name) == ("deleted", "Ada Lovelace")
        assert user.deleted_at is not None


def test_c30_the_letter_gives_it_back(
    me: Caller, app: Flask, services: Any, ada: str
) -> None:
    me.delete("/users/me")
    me.clock.advance(days=29)
    services.deletion.undo(me.link_token(ada, "account_deleted"))
    db.session.commit()
    me.token = None
    me.sign_in(ada)
    assert me.data(me.get("/users/me"))["user"]["deleted_at"] is None


def test_deleting_wants_a_recent_proof_or_the_password(me: Caller) -> None:
    me.clock.advance(minutes=11)
    assert me.delete("/users/me").status_code == 403
    assert me.delete("/users/me", {"password": "wrong"}).status_code == 401
    assert me.delete("/users/me", {"password": PASSWORD}).status_code == 200


def test_in_cookies_the_browser_forgets_its_tokens(
    make_caller: Callable[..., Caller], ada: str
) -> None:
    browser = make_caller()
    given = {"email": ada, "password": PASSWORD}
    found = browser.data(browser.post("/auth/signin", given, x_token_delivery="cookie"))
    answer = browser.delete("/users/me", x_csrf_token=found["csrfToken"])
    assert answer.status_code == 200
    gone = [one for one in answer.headers.getlist("Set-Cookie") if "Max-Age=0" in one]
    assert len(gone) == 2


def test_the_last_super_admin_stays(
    services: Any, make_caller: Callable[..., Caller], ada: str
) -> None:
    """C18."""
    db.session.rollback()
    roots = [
        services.people.add(
            email=f"{name}@example.test",
            password=PASSWORD,
            verified=True,
            roles=["super_admin"],
        )
        for name in ("one", "two")
    ]
    ids = [user.id for user in roots]
    db.session.query(UserRole).filter(UserRole.user_id.not_in(ids)).delete()
    db.session.commit()
    first, second = make_caller(), make_caller()
    first.sign_in("one@example.test")
    second.sign_in("two@example.test")
    assert first.delete("/users/me").status_code == 200
    answer = second.delete("/users/me")
    assert (answer.status_code, answer.json["code"]) == (409, "AUTH_004")
    assert second.get("/users/me").status_code == 200
