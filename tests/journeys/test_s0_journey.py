"""The journey of S0: sign up, read the token from the database, verify, sign in, me, out.

The database keeps fingerprints of the code and the link; the code itself stands in the
letter, which waits sealed in the outbox and is dropped once it is sent.  So the test
does what an operator with the key can: it opens the letter that waits.  The mail server
is down throughout, which must not show (S0: "não deve travar o login").
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
import sqlalchemy as sa

from authserver.core.outbox import PURPOSE
from authserver.crypto.sealed import Sealer
from tests.support.frontend import Frontend
from tests.support.live import LiveServer
from tests.support.ports import free_port

pytestmark = pytest.mark.live

EMAIL = "joana@example.com"
PASSWORD = "Maré-Alta-às-7h"
KEY = os.urandom(32)


@pytest.fixture(scope="module")
def server(
    database_kind: str, make_database: Callable[[str], str]
) -> Iterator[LiveServer]:
    server = LiveServer(
        database_url=make_database(database_kind),
        env={
            "KEY_ENCRYPTION_KEY": base64.b64encode(KEY).decode(),
            "MAIL_HOST": "127.0.0.1",
            "MAIL_PORT": str(free_port()),
        },
    )
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def rows(server: LiveServer) -> Iterator[Callable[..., list[Any]]]:
    """Ask the database, as S0's test does."""
    url = server.database_url.replace("postgresql://", "postgresql+psycopg2://")
    engine = sa.create_engine(url)
    schema = "auth." if engine.dialect.name == "postgresql" else ""

    def ask(statement: str, **values: str) -> list[Any]:
        text = sa.text(statement.replace("auth.", schema))
        with engine.connect() as connection:
            return list(connection.execute(text, values))

    yield ask
    engine.dispose()


@pytest.fixture
def front(server: LiveServer) -> Iterator[Frontend]:
    page = Frontend(server)
    yield page
    page.close()


def test_from_sign_up_to_sign_out(
    front: Frontend, rows: Callable[..., list[Any]]
) -> None:
    # 1. Cadastrar usuário (POST /signup).
    asked = {"email": EMAIL, "password": PASSWORD, "full_name": "Joana Prado"}
    signed_up = front.post("/auth/signup", asked)
    assert signed_up.status_code == 201
    user_id = signed_up.json()["data"]["user_id"]

    # 2. Ler o token no banco.
    [(status, verified)] = rows(
        "SELECT status, is_email_verified FROM auth.users WHERE email = :email",
        email=EMAIL,
    )
    assert (status, bool(verified)) == ("pending_verification", False)
    [(kind, kept)] = rows(
        "SELECT token_type, token_hash FROM auth.verification_tokens"
        " WHERE email = :email",
        email=EMAIL,
    )
    assert kind == "email_verification"
    [(sealed,)] = rows(
        "SELECT message_sealed FROM auth.outbox WHERE recipient = :email", email=EMAIL
    )
    raw = Sealer([KEY]).open(sealed, PURPOSE)
    letter = message_from_bytes(raw, policy=policy.default)
    text = letter.get_body(("plain",)).get_content()
    code = re.search(r"^(\d{6})\s*$", text, re.MULTILINE)[1]
    assert code not in kept

    # 3. Verificar conta (POST /verify-email).
    early = front.post("/auth/signin", {"email": EMAIL, "password": PASSWORD})
    assert early.json()["code"] == "AUTH_109"
    verified = front.post("/auth/verify-email", {"email": EMAIL, "code": code})
    assert verified.json()["success"] is True

    # 4. Fazer Login (POST /signin) e receber JWT.
    signed_in = front.post("/auth/signin", {"email": EMAIL, "password": PASSWORD})
    tokens = signed_in.json()["data"]
    front.token = tokens["accessToken"]
    [(session_active,)] = rows("SELECT is_active FROM auth.sessions")
    assert session_active

    # 5. Acessar rota protegida (GET /me) com o JWT.
    me = front.get("/users/me").json()["data"]
    assert (me["user"]["id"], me["user"]["email"]) == (user_id, EMAIL)
    assert me["user"]["status"] == "active"

    # 6. Fazer Logout (POST /signout).
    out = front.post("/users/me/signout", {"refreshToken": tokens["refreshToken"]})
    assert out.json()["success"] is True
    assert front.get("/users/me").status_code == 401
    [(session_active, revoked_at)] = rows(
        "SELECT is_active, revoked_at FROM auth.sessions"
    )
    assert not session_active
    assert revoked_at is not None

    # S0: every sign-in, good or bad, is recorded.
    found = rows("SELECT status, auth_method FROM auth.login_history ORDER BY id")
    assert [tuple(row) for row in found] == [
        ("failure", "password"),
        ("success", "password"),
    ]
