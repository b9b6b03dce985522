"""One client whose profile can be flipped; everything else about it stays."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from sqlalchemy import select

from authserver.core.acr import SINGLE
from authserver.core.apps import App
from authserver.core.grants import Authorization
from authserver.crypto import pkce
from authserver.models import Client
from authserver.services import Services
from tests.support.relying_party import JWT_BEARER

CALLBACK = "https://shop.example.test/back"
VERIFIER = "v" * 43
LONG = timedelta(minutes=5)
KEYS = {
    "RSA": RSAKey.generate_key(2048, {"kid": "rsa"}),
    "EC": ECKey.generate_key("P-256", {"kid": "ec"}),
    "OKP": OKPKey.generate_key("Ed25519", {"kid": "okp"}),
}
KEY_OF = {
    "RS256": "RSA",
    "PS256": "RSA",
    "ES256": "EC",
    "EdDSA": "OKP",
    "Ed25519": "OKP",
}


class Shop:
    """One client, whose profile can be flipped."""

    def __init__(self, web: FlaskClient, services: Services, db: Any):
        self.web, self.services, self.db = web, services, db
        self.issuer = services.settings.issuer
        public = KeySet(list(KEYS.values())).as_dict(private=False)
        row, _ = services.clients.register(
            name="Shop",
            redirect_uris=[CALLBACK],
            auth_method="private_key_jwt",
            grant_types=("authorization_code", "refresh_token", "client_credentials"),
            jwks=public,
        )
        self.client_id = row.client_id
        self.user = services.people.add(
            email="ada@example.test", password="a lantern above", verified=True
        )
        db.session.commit()

    def flip(self, **columns: Any) -> None:
        row = self.db.session.scalar(
            select(Client).where(Client.client_id == self.client_id)
        )
        for name, value in columns.items():
            setattr(row, name, value)
        self.db.session.commit()
        self.services.clients.cache.clear()

    @property
    def app(self) -> App:
        found = self.services.clients.find(self.client_id)
        assert found is not None
        return found

    def sign(self, claims: dict[str, Any], algorithm: str = "PS256") -> str:
        now = self.services.clock.timestamp()
        times = {"iat": now, "nbf": now, "exp": now + 60, "iss": self.client_id}
        key = KEYS[KEY_OF[algorithm]]
        header = {"alg": algorithm, "kid": key.kid}
        body = {"aud": self.issuer, "jti": secrets.token_hex(8), **times, **claims}
        return jws.serialize_compact(
            header, json.dumps(body), key, algorithms=[algorithm]
        )

    def proof(self, algorithm: str = "PS256", **claims: Any) -> dict[str, str]:
        """What proves the client, by an assertion."""
        signed = self.sign({"sub": self.client_id} | claims, algorithm)
        return {"client_assertion_type": JWT_BEARER, "client_assertion": signed}

    def ask(self, **changes: str | None) -> dict[str, str]:
        """A request that every profile takes; keywords change one thing."""
        params = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "profile",
            "response_mode": "jwt",
            "code_challenge": pkce.challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        } | changes
        return {name: value for name, value in params.items() if value is not None}

    def pushes(self, *, is_signed: bool = True, **changes: str | None) -> bool:
        """Whether a pushed request is taken."""
        asked = self.ask(**changes)
        form = {"request": self.sign(asked)} if is_signed else asked
        answer = self.web.post("/par", data=form | self.proof())
        assert answer.status_code in (201, 400), answer.text
        return answer.status_code == 201

    def proves(self, form: dict[str, str], **headers: str) -> bool:
        """Whether the client is believed: asked where nothing else can go wrong."""
        answer = self.web.post("/revoke", data={"token": "x"} | form, headers=headers)
        assert answer.status_code in (200, 401), answer.text
        return answer.status_code == 200

    def code(self, services: Services) -> str:
        now = self.services.clock.now()
        code = services.grants.issue_code(
            self.app,
            Authorization(
                user_id=self.user.id,
                session_id=None,
                redirect_uri=CALLBACK,
                scopes=("openid", "offline_access"),
                auth_time=now,
                acr=SINGLE,
                amr=("pwd",),
                challenge=pkce.challenge_of(VERIFIER),
            ),
        )
        self.db.session.commit()
        return code
