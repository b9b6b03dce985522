"""Refresh, sign out, introspect, revoke at /v1 (C3, C7, C9, C35; RFC 7662, RFC 7009)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from authserver.clock import FrozenClock
from authserver.errors import InvalidGrant
from authserver.models import Session, TokenFamily, db
from tests.support.caller import Caller

SIGN_OUT = ["/users/me/signout", "/auth/logout"]
INTROSPECT = ["/auth/token/introspect", "/auth/introspect"]


@pytest.fixture
def pair(api: Caller, ada: str) -> dict[str, Any]:
    """What Ada's sign-in gave; calls are not hers by themselves."""
    found: dict[str, Any] = api.sign_in(ada)
    api.token = None
    return found


def refresh(api: Caller, token: str) -> Any:
    return api.post("/auth/refresh", {"refreshToken": token})


def is_active(api: Caller, token: str) -> bool:
    return bool(api.post("/auth/introspect", {"token": token}).json["data"]["active"])


def living(app: Flask) -> tuple[int, int]:
    """How many sessions and families are alive."""
    with app.app_context():
        sessions = db.session.query(Session).filter_by(is_active=True).count()
        families = db.session.query(TokenFamily).filter_by(revoked_at=None).count()
        return sessions, families


def test_c9_each_refresh_token_gives_the_next_pair(
    api: Caller, pair: dict[str, Any], app: Flask, clock: FrozenClock
) -> None:
    """S4: the old one is void; S1: the session was active just now."""
    following = api.data(refresh(api, pair["refreshToken"]))
    assert following["refreshToken"] != pair["refreshToken"]
    assert following["accessToken"] != pair["accessToken"]
    assert following["sessionId"] == pair["sessionId"]
    with app.app_context():
        assert db.session.query(Session).one().last_activity_at == clock.now()
    # The answer was lost: within half a minute the same successor comes again.
    again = api.data(refresh(api, pair["refreshToken"]))
    assert again["refreshToken"] == following["refreshToken"]
    assert api.data(refresh(api, following["refreshToken"]))


def test_c9_a_replay_ends_the_sign_in_and_tells_its_owner(
    api: Caller, pair: dict[str, Any], ada: str, app: Flask, clock: FrozenClock
) -> None:
    following = api.data(refresh(api, pair["refreshToken"]))
    clock.advance(seconds=31)
    replay = refresh(api, pair["refreshToken"])
    assert (replay.status_code, replay.json["code"]) == (400, InvalidGrant.number)
    assert refresh(api, following["refreshToken"]).status_code == 400
    assert not is_active(api, following["accessToken"])
    letters = [m["X-Letter"] for m in api.letters(ada)]
    assert letters.count("signin_ended") == 1
    assert living(app) == (0, 0)


@pytest.mark.parametrize(
    "token",
    ["", "x", "a.b", "00000000-0000-4000-8000-000000000000." + "A" * 43, "\x00" * 9],
)
def test_what_is_no_refresh_token_is_refused(
    api: Caller, pair: dict[str, Any], token: str
) -> None:
    assert refresh(api, token).status_code in {400, 401, 422}
    assert api.data(refresh(api, pair["refreshToken"]))


def test_an_access_token_refreshes_nothing(api: Caller, pair: dict[str, Any]) -> None:
    assert refresh(api, pair["accessToken"]).status_code in {400, 422}


@pytest.mark.parametrize("path", SIGN_OUT)
@pytest.mark.parametrize("way", ["refresh", "access", "both", "spent"])
def test_signing_out_ends_the_session_and_all_its_tokens(
    api: Caller, pair: dict[str, Any], app: Flask, path: str, way: str
) -> None:
    """By either token; S2 and S3 send the refresh token alone."""
    held = pair
    if way == "spent":
        held = api.data(refresh(api, pair["refreshToken"]))
    if way in {"access", "both"}:
        api.token = pair["accessToken"]
    given = {} if way == "access" else {"refreshToken": pair["refreshToken"]}
    answer = api.post(path, given)
    # C3: S3's path answers 204 without a body, the canonical one the envelope.
    assert (answer.status_code, answer.data) == (204, b"") or path != "/auth/logout"
    assert answer.status_code == (204 if path == "/auth/logout" else 200)
    assert living(app) == (0, 0)
    api.token = None
    assert refresh(api, held["refreshToken"]).status_code == 400
    assert not is_active(api, held["accessToken"])


def test_c35_nobody_signs_somebody_else_out(
    api: Caller,
    make_caller: Callable[..., Caller],
    pair: dict[str, Any],
    app: Flask,
) -> None:
    """A refresh token of another user ends nothing for somebody signed in."""
    mallory = make_caller()
    mallory.sign_up("mallory@example.test")
    mallory.sign_in("mallory@example.test")
    given = {"refreshToken": pair["refreshToken"]}
    assert mallory.post("/users/me/signout", given).status_code == 200
    assert is_active(api, pair["accessToken"])
    assert living(app) == (2, 2)


def test_signing_out_as_nobody_is_refused(api: Caller) -> None:
    answer = api.post("/users/me/signout", {})
    assert (answer.status_code, answer.json["code"]) == (401, "AUTH_102")
    unknown = {"refreshToken": "00000000-0000-4000-8000-000000000000." + "A" * 43}
    assert api.post("/auth/logout", unknown).status_code == 204


def test_signing_out_here_leaves_other_devices_alone(
    api: Caller, make_caller: Callable[..., Caller], ada: str, app: Flask
) -> None:
    other = make_caller().sign_in(ada)
    api.sign_in(ada)
    api.post("/users/me/signout", {})
    api.token = None
    assert is_active(api, other["accessToken"])
    assert living(app) == (1, 1)


@pytest.mark.parametrize("path", INTROSPECT)
def test_s2_introspection_shows_what_a_token_says(
    api: Caller, pair: dict[str, Any], ada: str, path: str
) -> None:
    """Access or refresh token, with S2's payload; jti in both."""
    for name in ("accessToken", "refreshToken"):
        said = api.data(api.post(path, {"token": pair[name]}))
        assert said["active"] is True
        assert said["sub"] == said["user_id"]
        assert (said["user_name"], said["email"]) == ("Ada Lovelace", ada)
        assert (said["roles"], said["institutions"]) == ([], [])
        assert said["jti"]
        assert {"iss", "aud", "iat", "exp"} <= said.keys()
    access = api.data(api.post(path, {"token": pair["accessToken"]}))
    assert access["exp"] - access["iat"] == 900
    # C7: the jti of a refresh token is its public half.
    selector = pair["refreshToken"].split(".")[0]
    refreshed = api.data(api.post(path, {"token": pair["refreshToken"]}))
    assert refreshed["jti"] == selector


@pytest.mark.parametrize("path", INTROSPECT)
def test_what_is_not_good_is_inactive_without_a_word_why(
    api: Caller, pair: dict[str, Any], clock: FrozenClock, path: str
) -> None:
    head, body, mark = pair["accessToken"].split(".")
    bad = ["x", f"{head}.{body}.{mark[::-1]}", pair["refreshToken"][:-1] + "~"]
    clock.advance(minutes=15, seconds=1)
    for token in [*bad, pair["accessToken"]]:
        assert api.data(api.post(path, {"token": token})) == {"active": False}


def test_an_app_s_token_is_none_of_ours(
    api: Caller, ada: str, app: Flask, pair: dict[str, Any]
) -> None:
    """It is neither shown, nor ended, nor taken for a sign-in at /v1."""
    with app.app_context():
        services = app.extensions["services"]
        row, _ = services.clients.register(
            name="Shop",
            redirect_uris=["https://shop.example.test/back"],
            grant_types=["authorization_code", "refresh_token", "client_credentials"],
        )
        db.session.commit()
        shop = services.clients.find(row.client_id)
        token = services.tokens.client_answer(shop, ("openid",))["access_token"]
    assert not is_active(api, token)
    api.data(api.post("/auth/token/revoke", {"token": token}))
    with app.app_context():
        assert services.checks.introspect(token, caller=shop)["active"]
    api.token = token
    assert api.post("/auth/reauthenticate", {"password": "x"}).status_code == 401


@pytest.mark.parametrize("name", ["accessToken", "refreshToken"])
def test_revoking_either_token_ends_both(
    api: Caller, pair: dict[str, Any], app: Flask, name: str
) -> None:
    """RFC 7009 §2.1; an unknown token is no fault (§2.2)."""
    assert api.data(api.post("/auth/token/revoke", {"token": "nonsense"}))["revoked"]
    assert living(app) == (1, 1)
    given = {"token": pair[name], "token_type_hint": "access_token"}
    assert api.data(api.post("/auth/token/revoke", given)) == {"revoked": True}
    assert living(app) == (0, 0)
    assert refresh(api, pair["refreshToken"]).status_code == 400


def test_c34_a_refresh_token_belongs_to_its_session(
    app: Flask, api: Caller, pair: dict[str, Any]
) -> None:
    """Another session's id refuses it, and does not spend it."""
    import uuid

    with app.app_context(), pytest.raises(InvalidGrant):
        app.extensions["services"].pairs.rotate(
            pair["refreshToken"], session_id=uuid.uuid4()
        )
    assert api.data(refresh(api, pair["refreshToken"]))
