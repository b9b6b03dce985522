"""Consents and apps at /v1 (LGPD art. 8, ASVS 10.7.3)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from authserver.core import subjects, terms
from authserver.core.grant import Grant
from authserver.models import (
    Client,
    ClientConsent,
    TermsConsent,
    TokenFamily,
    User,
    db,
)
from tests.support.caller import Caller

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def me(api: Caller, ada: str) -> Caller:
    api.sign_in(ada)
    return api


@pytest.fixture
def in_force(services: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two documents, each in a version."""
    chosen = replace(services.settings, terms=("terms:3", "privacy:2026-11"))
    monkeypatch.setitem(
        services.__dict__, "terms", replace(services.terms, settings=chosen)
    )


# -- POST /users/me/consent


def test_an_answer_is_kept_with_its_proof(me: Caller, app: Flask) -> None:
    """LGPD art. 8 §2: the controller has to prove that consent was given."""
    answer = me.post(
        "/users/me/consent",
        {"document": "terms", "version": "3"},
        user_agent=FIREFOX,
    )
    shown = me.data(answer)
    assert answer.status_code == 201
    assert (shown["accepted"], shown["in_force"]) == (True, True)
    with app.app_context():
        row = db.session.query(TermsConsent).one()
        assert (row.document, row.version) == ("terms", "3")
        assert (row.ip_address, row.user_agent) == ("203.0.113.7", FIREFOX)
        assert row.created_at == me.clock.now()


@pytest.mark.parametrize(
    "given",
    [
        {"terms_version": "3", "accepted": True},
        {"type": "terms", "version": "3", "consent": True},
        {"consentType": "terms", "termsVersion": "3", "granted": True},
    ],
)
def test_other_spellings(me: Caller, given: dict[str, Any]) -> None:
    shown = me.data(me.post("/users/me/consent", given))
    assert (shown["document"], shown["version"]) == ("terms", "3")


def test_consent_can_be_taken_back_and_nothing_is_overwritten(me: Caller) -> None:
    """LGPD art. 8 §5."""
    me.post("/users/me/consent", {"version": "3"})
    me.post("/users/me/consent", {"version": "3", "accepted": False})
    found = me.data(me.get("/users/me/consents"))["consents"]
    assert [(one["accepted"], one["in_force"]) for one in found] == [
        (False, False),
        (True, False),
    ]


def test_what_waits_for_an_answer_is_told(me: Caller, in_force: None) -> None:
    waiting = me.data(me.get("/users/me/consents"))["outstanding"]
    assert {one["document"] for one in waiting} == {"terms", "privacy"}
    shown = me.data(me.post("/users/me/consent", {"document": "privacy"}))
    assert shown["version"] == "2026-11"
    waiting = me.data(me.get("/users/me/consents"))["outstanding"]
    assert waiting == [{"document": "terms", "version": "3"}]


def test_an_older_answer_waits_again_when_the_text_changes(
    me: Caller, services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    me.post("/users/me/consent", {"document": "terms", "version": "2"})
    chosen = replace(services.settings, terms=("terms:3",))
    changed = terms.Terms(db.session, services.clock, chosen, services.audit)
    monkeypatch.setitem(services.__dict__, "terms", changed)
    found = me.data(me.get("/users/me/consents"))
    assert found["outstanding"] == [{"document": "terms", "version": "3"}]
    assert found["consents"][0]["in_force"] is False


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"document": "cookies"}, "document"),
        ({"document": "terms", "version": "2"}, "version"),
        ({"document": "Terms!"}, "document"),
        ({"version": "x" * 65}, "version"),
        ({"accepted": "perhaps"}, "accepted"),
        ({"user_id": "x"}, "user_id"),
    ],
)
def test_what_cannot_be_accepted(
    me: Caller, in_force: None, given: dict[str, Any], field: str
) -> None:
    answer = me.post("/users/me/consent", given)
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json["errors"]] == [field]


def test_without_documents_of_the_operator_a_version_must_be_said(me: Caller) -> None:
    answer = me.post("/users/me/consent", {"document": "terms"})
    assert answer.json["errors"][0]["field"] == "version"


# -- /users/me/grants


@pytest.fixture
def shop(services: Any) -> Any:
    row, _ = services.clients.register(
        name="Shop", redirect_uris=["https://shop.example.test/back"]
    )
    db.session.commit()
    services.clients.cache.clear()
    return services.clients.find(row.client_id)


def allow(services: Any, email: str, shop: Any, *, with_tokens: bool = True) -> None:
    user = db.session.query(User).filter_by(email=email).one()
    services.consents.remember(user.id, shop.id, ["openid", "email"])
    if with_tokens:
        grant = Grant(
            app=shop,
            subject=subjects.load(services.tokens.db, user.id),
            scopes=("openid", "email", "offline_access"),
            family_id=uuid.uuid4(),
            session_id=None,
            auth_time=services.clock.now(),
            acr="1",
            amr=("pwd",),
        )
        services.tokens.begin_family(grant)
    db.session.commit()


def test_the_apps_that_were_let_in(
    me: Caller, services: Any, shop: Any, ada: str
) -> None:
    assert me.data(me.get("/users/me/grants")) == []
    allow(services, ada, shop)
    (found,) = me.data(me.get("/users/me/grants"))
    assert (found["client_id"], found["name"]) == (shop.client_id, "Shop")
    assert found["scopes"] == ["openid", "email"]
    assert found["is_active"] is True


def test_an_app_is_put_out_and_its_tokens_end(
    me: Caller, services: Any, shop: Any, ada: str
) -> None:
    """ASVS 10.7.3."""
    allow(services, ada, shop)
    assert me.delete(f"/users/me/grants/{shop.client_id}").status_code == 200
    assert me.data(me.get("/users/me/grants")) == []
    db.session.rollback()
    assert db.session.query(ClientConsent).count() == 0
    own = db.session.query(Client).filter_by(client_id="authserver").one()
    for family in db.session.query(TokenFamily):
        assert (family.revoked_at is None) == (family.client_id == own.id)
    again = me.delete(f"/users/me/grants/{shop.client_id}")
    assert again.status_code == 404


def test_nobody_puts_an_app_out_for_somebody_else(
    me: Caller, services: Any, shop: Any, make_caller: Callable[..., Caller]
) -> None:
    grace = make_caller()
    grace.sign_up("grace@example.test")
    grace.sign_in("grace@example.test")
    allow(services, "grace@example.test", shop)
    assert me.delete(f"/users/me/grants/{shop.client_id}").status_code == 404
    assert len(grace.data(grace.get("/users/me/grants"))) == 1


@pytest.mark.parametrize("client_id", ["authserver", "nobody", "x" * 999, "%00", "é"])
def test_our_own_front_end_and_strangers_are_no_apps(
    me: Caller, client_id: str
) -> None:
    assert me.delete(f"/users/me/grants/{client_id}").status_code == 404
    assert me.get("/users/me").status_code == 200
