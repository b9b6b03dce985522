"""Front ends of S1 to S4 work against us, literally with their JSON: well and badly.

Where a seed's own example cannot work (a password known from leaks, a token called
"uuid") the next thing that its words allow stands in its place.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.frontend import Frontend
from tests.support.live import LiveServer

pytestmark = pytest.mark.live

PASSWORD = "Quatro-Faróis-47"
NEW_PASSWORD = "Zwölf-Hähne-am-Kai-9"
CPFS = iter(["529.982.247-25", "111.444.777-35", "123.456.789-09", "987.654.321-00"])
numbers = itertools.count(1)


@pytest.fixture
def front(server: LiveServer) -> Iterator[Frontend]:
    page = Frontend(server)
    yield page
    page.close()


@pytest.fixture
def email() -> str:
    """An address that nobody has used."""
    return f"seed{next(numbers)}@example.com"


def text_of(server: LiveServer, to: str, letter: str, count: int = 1) -> str:
    mail = server.wait_for_mail(to, letter, count=count)
    return mail.get_body(("plain",)).get_content()


def code(server: LiveServer, to: str, letter: str = "verify_email") -> str:
    return re.search(r"^(\d{6})\s*$", text_of(server, to, letter), re.MULTILINE)[1]


def token(server: LiveServer, to: str, letter: str) -> str:
    link = re.search(r"^http\S+token=\S+$", text_of(server, to, letter), re.MULTILINE)[
        0
    ]
    return parse_qs(urlsplit(link).query)["token"][0]


def claims_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


# -- S1: the front end of the endpoint list


def test_s1_an_account_from_beginning_to_end(
    front: Frontend, server: LiveServer, email: str
) -> None:
    asked = {"email": email, "password": "Password123", "full_name": "Nome Opcional"}
    assert front.post("/auth/signup", asked).status_code == 422
    signed_up = front.post("/auth/signup", asked | {"password": PASSWORD}).json()
    assert signed_up["success"] is True
    assert "user_id" in signed_up["data"]

    free = front.get(f"/auth/check-availability?email={email}").json()
    assert free["data"] == {"emailAvailable": False}

    given = {"email": email, "code": code(server, email)}
    assert front.post("/auth/verify-email", given).json()["success"] is True

    given = {"email": email, "password": PASSWORD}
    pair = front.post("/auth/signin", given).json()["data"]
    refreshed = front.post(
        "/auth/refresh", {"refreshToken": pair["refreshToken"]}
    ).json()["data"]
    assert refreshed["accessToken"] != pair["accessToken"]

    assert front.post("/auth/forgot-password", {"email": email}).status_code == 200
    reset = {
        "token": token(server, email, "reset_password"),
        "new_password": NEW_PASSWORD,
    }
    assert front.post("/auth/reset-password", reset).json()["success"] is True
    gone = front.post("/auth/refresh", {"refreshToken": refreshed["refreshToken"]})
    assert gone.status_code == 400

    assert front.post("/auth/magic-link", {"email": email}).json()["success"] is True
    link = {"token": token(server, email, "magic_link")}
    entered = front.post("/auth/magic-link/verify", link).json()["data"]
    assert {"accessToken", "refreshToken"} <= entered.keys()

    front.token = entered["accessToken"]
    listed = front.get("/users/me/sessions").json()["data"]
    assert {"id", "ip_address", "is_active"} <= listed[0].keys()
    out = front.post(
        "/users/me/signout", {"refreshToken": entered["refreshToken"]}
    ).json()
    assert out["success"] is True


@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("/auth/signup", {"email": "user@example.com"}, 422),
        ("/auth/signin", {"email": "user@example.com", "password": "wrong"}, 401),
        ("/auth/refresh", {"refreshToken": "uuid"}, 400),
        ("/auth/verify-email", {"email": "user@example.com", "code": "123456"}, 400),
        (
            "/auth/reset-password",
            {"token": "uuid", "new_password": "NovaSenha123"},
            410,
        ),
        ("/auth/magic-link/verify", {"token": "uuid"}, 422),
        ("/users/me/signout", {}, 401),
    ],
)
def test_s1_what_cannot_be_is_refused_in_the_envelope(
    front: Frontend, path: str, given: dict[str, str], status: int
) -> None:
    answer = front.post(path, given)
    assert (answer.status_code, answer.json()["success"]) == (status, False)


# -- S2: register, login with twoFactorCode, the payload of its tokens


def test_s2_from_register_to_logout(
    front: Frontend, server: LiveServer, email: str
) -> None:
    asked = {"email": email, "password": PASSWORD, "username": f"s2-{next(numbers)}"}
    pair = front.post("/auth/register", asked).json()["data"]
    front.token = pair["accessToken"]
    me = front.get("/auth/me").json()["data"]
    assert me["user"]["status"] == "pending_verification"
    front.token = None

    again = front.post("/auth/register", {"email": email, "password": PASSWORD})
    assert again.status_code == 409
    assert front.post("/verification-token/request", {"email": email}).ok
    letter = text_of(server, email, "verify_email", count=2)
    link = re.search(r"token=(\S+)", letter)[1]
    verified = front.post("/verification-token/verify", {"token": link})
    assert verified.json()["success"] is True

    given = {"identifier": asked["username"], "password": PASSWORD}
    pair = front.post("/auth/login", given).json()["data"]
    payload = claims_of(pair["accessToken"])
    assert {
        "sub",
        "user_id",
        "user_name",
        "email",
        "roles",
        "institutions",
        "iss",
        "aud",
        "iat",
        "exp",
    } <= payload.keys()
    assert payload["exp"] - payload["iat"] == 900
    said = front.post("/auth/introspect", {"token": pair["refreshToken"]}).json()[
        "data"
    ]
    assert (said["active"], said["email"]) == (True, email)
    assert said["jti"]

    following = front.post(
        "/auth/refresh", {"refreshToken": pair["refreshToken"]}
    ).json()["data"]
    assert {"accessToken", "refreshToken"} <= following.keys()
    out = front.post("/auth/logout", {"refreshToken": following["refreshToken"]})
    assert out.status_code == 204
    refused = front.post("/auth/refresh", {"refreshToken": following["refreshToken"]})
    assert refused.status_code == 400

    assert front.post("/reset-password/request", {"email": email}).ok
    reset = {"token": token(server, email, "reset_password"), "password": NEW_PASSWORD}
    assert front.post("/reset-password/confirm", reset).ok
    wrong = front.post("/auth/login", given)
    assert (wrong.status_code, wrong.json()["code"]) == (401, "AUTH_101")


# -- S3: Nome, CPF, Email, Senha, Telefone; 204 where it says so


def test_s3_from_register_to_a_new_password(
    front: Frontend, server: LiveServer, email: str
) -> None:
    asked = {
        "nome": "Ana Frida",
        "cpf": next(CPFS),
        "email": email,
        "senha": PASSWORD,
        "telefone": f"+55 11 98888-{next(numbers):04d}",
    }
    registered = front.post("/auth/register", asked)
    assert registered.status_code == 201
    user = registered.json()["data"]["user"]
    assert user["full_name"] == "Ana Frida"
    assert not {"password", "senha", "password_hash"} & user.keys()

    given = {"email": email, "code": code(server, email)}
    assert front.post("/auth/verify-email", given).ok
    taken = front.post("/auth/register", asked | {"email": f"x{email}"})
    assert taken.status_code == 409
    fields = {fault["field"] for fault in taken.json()["errors"]}
    assert fields == {"cpf", "phone"}

    login = {"email": email, "password": PASSWORD}
    pair = front.post("/auth/login", login).json()["data"]
    assert front.post("/auth/refresh", {"refreshToken": pair["refreshToken"]}).ok
    forgot = front.post("/auth/password/forgot", {"email": email})
    assert (forgot.status_code, forgot.content) == (204, b"")
    weak = {"token": token(server, email, "reset_password"), "password": "fraca123"}
    assert front.post("/auth/password/reset", weak).status_code == 422
    done = front.post("/auth/password/reset", weak | {"password": NEW_PASSWORD})
    assert (done.status_code, done.content) == (204, b"")


def test_s3_five_failures_lock_for_a_quarter_of_an_hour(
    front: Frontend, server: LiveServer, email: str
) -> None:
    server.cli("user", "create", "--email", email, "--password", PASSWORD, "--verified")
    stranger = Frontend(server)
    for _ in range(5):
        given = {"email": email, "password": "Errada-123!"}
        assert stranger.post("/auth/login", given).status_code == 401
    locked = stranger.post("/auth/login", {"email": email, "password": PASSWORD})
    assert (locked.status_code, locked.json()["code"]) == (401, "AUTH_101")
    assert "15" in text_of(server, email, "account_locked")
    stranger.close()


# -- S4: {code, message, data, traceId}, cookies and CSRF


def test_s4_a_front_end_with_cookies(
    front: Frontend, server: LiveServer, email: str
) -> None:
    asked = {"email": email, "password": PASSWORD, "displayName": "Li Wei"}
    created = front.post("/auth/signup", asked).json()
    assert {"code", "message", "data", "traceId"} <= created.keys()
    assert front.post(
        "/auth/verify-email", {"token": token(server, email, "verify_email")}
    ).ok

    given = {"email": email, "password": PASSWORD}
    signed_in = front.post("/auth/signin", given, X_Token_Delivery="cookie").json()
    assert "accessToken" not in signed_in["data"]
    csrf = signed_in["data"]["csrfToken"]
    assert front.get("/users/me").json()["data"]["user"]["full_name"] == "Li Wei"
    assert front.post("/auth/refresh", {}).json()["code"] == "AUTH_007"
    assert front.post("/auth/refresh", {}, X_CSRF_Token=csrf).ok
    changed = front.call("PATCH", "/users/me", {"full_name": "李伟"}, X_CSRF_Token=csrf)
    assert changed.json()["data"]["user"]["full_name"] == "李伟"
    assert front.post("/auth/logout", {}, X_CSRF_Token=csrf).status_code == 204
    assert front.get("/users/me").json()["code"] == "AUTH_102"


def test_s4_a_stolen_refresh_token_is_noticed(
    server: LiveServer, front: Frontend, email: str
) -> None:
    """Rotation is mandatory, the old one is void, and its return an alarm."""
    server.cli("user", "create", "--email", email, "--password", PASSWORD, "--verified")
    given = {"email": email, "password": PASSWORD}
    first = front.post("/auth/signin", given).json()["data"]["refreshToken"]
    second = front.post("/auth/refresh", {"refreshToken": first}).json()["data"]
    third = front.post("/auth/refresh", {"refreshToken": second["refreshToken"]}).json()
    replay = front.post("/auth/refresh", {"refreshToken": first})
    assert (replay.status_code, replay.json()["code"]) == (400, "AUTH_202")
    given = {"refreshToken": third["data"]["refreshToken"]}
    assert front.post("/auth/refresh", given).status_code == 400
    assert text_of(server, email, "signin_ended")


def test_s4_messages_are_in_the_reader_s_language(front: Frontend) -> None:
    given = {"email": "nobody@example.com", "password": "x"}
    answer = front.post("/auth/signin", given, Accept_Language="zh-CN").json()
    assert re.search(r"[\u4e00-\u9fff]", answer["message"])
