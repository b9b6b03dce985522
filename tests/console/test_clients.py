"""Apps at the console: registered by kind, looked at, changed, given secrets, deleted."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from authserver.crypto import signing
from authserver.models import Client, Notice, Role, TokenFamily
from tests.console.apps import BACK, client, register
from tests.console.people import events
from tests.support.reader import Reader

BASIC = "client_secret_basic"


@pytest.fixture
def root(enter: Callable[..., Reader]) -> Reader:
    return enter("super_admin")


def is_secret_of(services: Any, row: Client, secret: str) -> bool:
    services.clients.cache.clear()
    return services.clients.has_secret(services.clients.find(row.client_id), secret)


@pytest.mark.parametrize(
    ("kind", "method", "grants", "has_secret"),
    [
        ("web", "client_secret_basic", ["authorization_code", "refresh_token"], True),
        ("spa", "none", ["authorization_code", "refresh_token"], False),
        ("native", "none", ["authorization_code", "refresh_token"], False),
        ("machine", "client_secret_basic", ["client_credentials"], True),
        (
            "device",
            "none",
            ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
            False,
        ),
    ],
)
def test_the_kind_decides_what_an_app_is_registered_as(
    root, db, services, kind, method, grants, has_secret
):
    register(root, kind)
    row = client(db, "Notes")
    assert (row.token_endpoint_auth_method, row.grant_types) == (method, grants)
    assert (row.profile, row.scope) == ("oauth21", "openid email")
    assert row.registered_by == "operator"
    assert root.has("client-secret") is has_secret
    if has_secret:
        assert is_secret_of(services, row, root.document.get("client-secret").text)
        assert root.answer.headers["Cache-Control"] == "no-store"
        root.link("secret-on")
    assert root.document.get("client-id").text == row.client_id
    (event,) = (e for e in events(db, "client:self:created") if e.client_id == row.id)
    assert event.actor_id
    shown = root.open("/console/clients").document.get("clients").text
    kinds = {
        "web": "Web app with a server",
        "spa": "Web app in the browser alone",
        "native": "App on a phone",
        "machine": "Service without people",
        "device": "Device without",
    }
    assert kinds[kind] in shown


def test_an_app_with_keys_has_no_secret(root, db):
    key = signing.import_pem(signing.generate("ES256"), "ES256").public_jwk()
    register(root, profile="fapi2", jwks=json.dumps({"keys": [key]}))
    row = client(db, "Notes")
    assert row.token_endpoint_auth_method == "private_key_jwt"
    assert row.profile == "fapi2"
    assert not root.has("client-secret")
    assert not root.has("client-rotate")
    page = root.path
    root.open("/account/profile").send(f"{page}/secret", reason="r")
    assert root.status == 422
    assert "no secret" in root.document.get("error-summary").text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"client_name": ""}, "client_name"),
        ({"redirect_uris": "javascript:alert(1)"}, "redirect_uris"),
        ({"redirect_uris": ""}, "redirect_uris"),
        ({"redirect_uris": f"{BACK}\n" * 101}, "redirect_uris"),
        ({"scope": 'a"b'}, "scope"),
        ({"resources": f"{BACK}\n" * 101}, "resources"),
        ({"profile": "weak"}, "profile"),
        ({"kind": "toaster"}, "kind"),
        ({"jwks": "no json"}, "jwks"),
        ({"jwks": "[" * 15_000}, "jwks"),
        ({"jwks": "[]"}, "jwks"),
        ({"jwks": '{"keys": 7}'}, "jwks"),
        ({"skip_consent": "perhaps"}, "skip_consent"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(root, db, typed, field):
    register(root, **typed)
    assert root.status == 422
    assert root.has("error-summary")
    summary = root.document.get("error-summary")
    links = [e.get("href") for e in summary.walk() if e.tag == "a"]
    assert f"#{field}" in links
    assert db.session.query(Client).filter_by(name="Notes").count() == 0


def test_what_has_no_field_is_said_at_the_head(root):
    register(root, profile="fapi2")
    assert root.status == 422
    said = root.document.get("error-summary").text
    assert "token_endpoint_auth_method: fapi2 takes private_key_jwt" in said


def test_an_app_is_changed_and_keeps_what_the_form_does_not_name(root, db, services):
    extra = {"policy_uri": "https://app.example/policy", "refresh_ttl": 60}
    row, _ = services.clients.register(name="Old", redirect_uris=[BACK], extra=extra)
    db.session.commit()
    root.open(f"/console/clients/{row.id}").link("client-edit")
    root.fill(client_name="New").press("client-submit")
    assert root.status == 422
    root.fill(reason="renamed").choose("profile", "oauth21").press("client-submit")
    assert root.document.get("done").text.startswith("The app is changed.")
    now = client(db, "New")
    assert now.redirect_uris == [BACK]
    assert now.extra["policy_uri"] == extra["policy_uri"]
    assert now.extra["refresh_ttl"] == 60
    assert (now.profile, now.token_endpoint_auth_method) == ("oauth21", BASIC)
    (event,) = events(db, "client:self:changed")
    assert (event.reason, event.actor_id is not None) == ("renamed", True)


def test_an_app_that_somebody_else_changed_is_not_overwritten(root, enter, db):
    register(root, "spa")
    page = root.path
    other = enter("super_admin", "other")
    root.open(f"{page}/edit")
    other.open(f"{page}/edit").fill(client_name="Theirs", reason="r")
    other.press("client-submit")
    root.fill(client_name="Mine", reason="r").press("client-submit")
    assert root.status == 412
    assert client(db, "Theirs").name == "Theirs"


def test_a_new_secret_is_shown_once_and_the_old_one_lives_a_week(root, db, services):
    register(root)
    old = root.document.get("client-secret").text
    root.link("secret-on").link("client-rotate")
    assert root.press("confirm-submit").status == 422
    root.fill(reason="a leak").press("confirm-submit")
    new, row = root.document.get("client-secret").text, client(db, "Notes")
    assert is_secret_of(services, row, new)
    assert is_secret_of(services, row, old)
    assert new not in root.open(f"/console/clients/{row.id}").answer.text
    (event,) = events(db, "client:secret:rotated")
    assert (event.reason, event.actor_id is not None) == ("a leak", True)
    assert new not in json.dumps(event.facts)
    root.clock.advance(days=8)
    assert not is_secret_of(services, row, old)


def test_an_app_is_deleted_by_its_name(root, db):
    register(root, "spa")
    root.link("client-delete").fill(reason="over", typed="Note")
    assert root.press("confirm-submit").status == 422
    assert client(db, "Notes")
    root.fill(reason="over", typed="Notes").press("confirm-submit")
    assert root.path == "/console/clients"
    assert db.session.query(Client).filter_by(name="Notes").count() == 0
    (event,) = events(db, "client:self:deleted")
    assert (event.reason, event.actor_id is not None) == ("over", True)


def test_a_page_says_what_stands_between_an_app_and_a_profile(root):
    register(root, "spa")
    said = root.document.get("profiles").text
    assert "token_endpoint_auth_method" in said
    assert "fapi2 takes private_key_jwt" in said
    assert "Nothing stands in the way" in said


def test_a_page_says_how_many_people_use_an_app(root, db, services, add, clock):
    row, _ = services.clients.register(name="Used", redirect_uris=[BACK])
    other, _ = services.clients.register(name="Other", redirect_uris=[BACK])
    ada, bob = add("ada"), add("bob")
    now, day = clock.now(), timedelta(days=1)
    for client_id, user_id, ends, revoked in (
        (row.id, ada, now + day, None),
        (row.id, ada, now + day, None),
        (row.id, bob, now + day, None),
        (row.id, bob, now + day, now),
        (row.id, bob, now - day, None),
        (other.id, bob, now + day, None),
    ):
        db.session.add(
            TokenFamily(
                client_id=client_id,
                user_id=uuid.UUID(user_id),
                scope="openid",
                auth_time=now,
                acr="1",
                amr=["pwd"],
                created_at=now,
                expires_at=ends,
                revoked_at=revoked,
            )
        )
    db.session.commit()
    root.open(f"/console/clients/{row.id}")
    assert root.document.get("use-people").text == "2"
    assert root.document.get("use-grants").text == "3"
    assert services.app_grants.use_of(row).last_signin_at == now


def test_what_it_was_told_of_sign_outs_is_listed(root, db, services, clock):
    more = {"backchannel_logout_uri": "https://app.example/out"}
    row, _ = services.clients.register(name="Told", redirect_uris=[BACK], **more)
    now = clock.now()
    for n in range(31):
        at = now - timedelta(minutes=n)
        db.session.add(
            Notice(
                kind="logout",
                client_id=row.id,
                status="failed" if n == 0 else "sent",
                attempts=n + 1,
                last_error="<b>answered 500</b>" if n == 0 else None,
                not_before=at,
                created_at=at,
            )
        )
    db.session.commit()
    root.open(f"/console/clients/{row.id}").link("client-deliveries")
    first = root.document.get("deliveries").text
    assert "Given up" in first and "<b>answered 500</b>" in first
    assert "<b>" not in root.answer.text
    root.link("page-next")
    assert "Delivered" in root.document.get("deliveries").text
    assert not root.has("page-next")


def test_our_own_app_is_shown_and_left_alone(root, db, services):
    services.clients.ensure_own()
    db.session.commit()
    row = services.clients.get("authserver")
    root.open(f"/console/clients/{row.id}")
    assert root.document.get("client-id").text == "authserver"
    assert not root.has("client-edit")
    assert not root.has("client-delete")


def test_who_may_only_look_is_offered_nothing(db, services, enter):
    look = Role(name="looker", permissions=["clients:read"], is_system_role=False)
    look.created_at = look.updated_at = services.clock.now()
    db.session.add(look)
    row, _ = services.clients.register(name="Notes", redirect_uris=[BACK])
    db.session.commit()
    services.roles.forget()
    looker = enter("looker")
    assert not looker.open("/console/clients").has("client-new")
    page = looker.open(f"/console/clients/{row.id}")
    for deed in ("client-edit", "client-rotate", "client-disable", "client-delete"):
        assert not page.has(deed)
    for path in ("edit", "secret", "off", "on", "delete"):
        page.open("/account/profile").send(f"/console/clients/{row.id}/{path}")
        assert page.status == 403


def test_an_app_of_no_id_is_not_found(root):
    missing = "/console/clients/00000000-0000-4000-8000-000000000000"
    for path in (missing, f"{missing}/edit", f"{missing}/deliveries"):
        assert root.open(path).status == 404
