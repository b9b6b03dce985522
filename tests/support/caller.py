"""A front end of /v1, in this process: calls, keeps its tokens, opens its letters.

    ada = Caller(app, clock)
    ada.post("/auth/signup", {"email": "ada@example.test", "password": PASSWORD})
    ada.post("/auth/verify-email", {"email": ..., "code": ada.code("ada@example.test")})

Each call comes a second after the one before, so that what it leaves has an order.
"""

from __future__ import annotations

import re
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from authserver.clock import FrozenClock
from authserver.models import OutboxLetter, db

PASSWORD = "Quatro-Faróis-47"
ORIGIN = "https://auth.example.test"


class Caller:
    """One device: its cookies are its own."""

    def __init__(self, app: Flask, clock: FrozenClock, *, ip: str = "203.0.113.7"):
        self.app = app
        self.clock = clock
        self.client = app.test_client()
        self.ip = ip
        self.token: str | None = None

    # -- Calling

    def call(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> TestResponse:
        """Call with headers by name: `prefer="return=minimal"`."""
        self.clock.advance(seconds=1)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            named.setdefault("Authorization", f"Bearer {self.token}")
        return self.client.open(
            f"/v1{path}",
            method=method,
            json=body,
            headers=named,
            base_url=ORIGIN,
            environ_overrides={"REMOTE_ADDR": self.ip},
        )

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.call("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.call("PATCH", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.call("PUT", path, body, **headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.call("DELETE", path, body, **headers)

    def data(self, answer: TestResponse) -> Any:
        """What a good answer holds."""
        assert answer.status_code < 300, answer.text
        assert answer.json["success"] is True
        return answer.json["data"]

    # -- What people do with it

    def sign_up(self, email: str, password: str = PASSWORD, **more: Any) -> None:
        """Begin an account and verify its address by the code of the letter."""
        self.data(
            self.post("/auth/signup", {"email": email, "password": password, **more})
        )
        given = {"email": email, "code": self.code(email)}
        self.data(self.post("/auth/verify-email", given))

    def has_account(self, email: str, **facts: Any) -> None:
        """Give somebody what signing up leaves, but for its letter and its traces."""
        with self.app.app_context():
            self.app.extensions["services"].people.add(
                email=email, password=PASSWORD, verified=True, **facts
            )
            db.session.commit()

    def sign_in(self, email: str, password: str = PASSWORD, **more: Any) -> Any:
        """Sign in, and call as this person from now on."""
        given = {"email": email, "password": password, **more}
        found = self.data(self.post("/auth/signin", given))
        self.token = found["accessToken"]
        return found

    # -- Its letters

    def letters(self, to: str, letter: str | None = None) -> list[EmailMessage]:
        """The letters to an address, oldest first."""
        with self.app.app_context():
            outbox = self.app.extensions["services"].outbox
            found = [outbox.message(row) for row in self._rows(to)]
        return [m for m in found if letter in (None, m["X-Letter"])]

    def _rows(self, to: str) -> list[OutboxLetter]:
        found = db.session.query(OutboxLetter).filter_by(recipient=to)
        return found.order_by(OutboxLetter.created_at).all()

    def code(self, to: str, letter: str | None = None) -> str:
        """The code of the newest letter."""
        text = self.letters(to, letter)[-1].get_body(("plain",)).get_content()
        found = re.search(r"^(\d{6})\s*$", text, re.MULTILINE)
        assert found is not None, text
        return found[1]

    def link_token(self, to: str, letter: str | None = None) -> str:
        """The token in the link of the newest letter."""
        text = self.letters(to, letter)[-1].get_body(("plain",)).get_content()
        found = re.search(r"^https://\S+token=\S+$", text, re.MULTILINE)
        assert found is not None, text
        return parse_qs(urlsplit(found[0]).query)["token"][0]
