"""JWTs for one client: signed as it registered, then encrypted to its own key.

ID tokens (OIDC Core §2, §10), userinfo (§5.3.2), authorization responses (JARM §2.2)
and introspection (RFC 9701 §5) are made alike, and the members of a registration that
say how are named alike: ``userinfo_signed_response_alg``, ``…_encrypted_response_alg``,
``…_encrypted_response_enc``.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from authserver.core.apps import App
from authserver.core.client_key_sets import ClientKeySets
from authserver.core.keys import DEFAULT_ALG, Keys
from authserver.crypto import encryption, signing
from authserver.crypto.encryption import DEFAULT_ENCODING, NoKey
from authserver.errors import AuthError


class Kind(StrEnum):
    """What is said to a client in a JWT."""

    ID_TOKEN = "id_token"
    USERINFO = "userinfo"
    AUTHORIZATION = "authorization"
    INTROSPECTION = "introspection"


@dataclass(frozen=True)
class ClientMessages:
    """Signs and encrypts what is for one client alone."""

    keys: Keys
    client_key_sets: ClientKeySets

    def algorithm(self, app: App, kind: Kind) -> str:
        """Give the algorithm that this client wants such messages signed with.

        What its profile forbids it cannot have asked for; then it is what
        ``usual_algorithm`` says.
        """
        chosen = app.extra.get(f"{kind}_signed_response_alg")
        is_allowed = chosen in app.security.algorithms
        return str(chosen) if is_allowed else self.usual_algorithm(app)

    def usual_algorithm(self, app: App) -> str:
        """Give what is signed with where a client has no wish (FAPI 2.0 §5.4.1)."""
        allowed = app.security.algorithms
        if DEFAULT_ALG in allowed:
            return DEFAULT_ALG
        active = self.keys.ring().active
        return next((alg for alg in allowed if alg in active), allowed[0])

    def wants_jwt(self, app: App, kind: Kind) -> bool:
        """Whether it asked for a JWT where JSON would do (OIDC Core §5.3.2)."""
        return bool(self._chosen(app, kind, "signed") or self._cipher(app, kind))

    def prepare(self, app: App, kinds: Iterable[Kind] = Kind) -> None:
        """Have the keys at hand that this client's messages will be encrypted to.

        They may lie at its ``jwks_uri``: nothing may have been written by then, since
        whoever writes holds others up.
        """
        wanted = {alg for kind in kinds if (alg := self._cipher(app, kind))}
        if wanted:
            self.client_key_sets.of(app, lambda keys: encryption.fits(keys, wanted))

    def make(
        self, app: App, kind: Kind, claims: Mapping[str, Any], *, typ: str = "JWT"
    ) -> str:
        """Sign, and encrypt if it is wanted: a nested JWT (RFC 7519 §5.2).

        Userinfo may be wanted encrypted alone; all other kinds are always signed.

        Raises:
            AuthError: The client wants encryption, and has no key for it.
            Unavailable: There is no key of ours for its algorithm.
        """
        is_signed = kind is not Kind.USERINFO or self._chosen(app, kind, "signed")
        if is_signed:
            signer = self.keys.signer(self.algorithm(app, kind))
            text = signing.sign_jwt(signer, claims, typ)
        else:
            text = json.dumps(claims, ensure_ascii=False)
        if self._cipher(app, kind) is None:
            return text
        return self._encrypted(app, kind, text, is_jwt=bool(is_signed))

    def _encrypted(self, app: App, kind: Kind, text: str, *, is_jwt: bool) -> str:
        alg = self._cipher(app, kind) or ""
        enc = app.extra.get(f"{kind}_encrypted_response_enc") or DEFAULT_ENCODING
        try:
            key = encryption.pick(self.client_key_sets.of(app).encryption, alg)
        except NoKey as why:
            fault = self.client_key_sets.fault_of(app)
            raise AuthError(
                f"{app.client_id}: {why} {fault}".strip(),
                public="The app has no key for the encryption that it asked for.",
            ) from None
        return encryption.encrypt(text, key, alg=alg, enc=enc, is_jwt=is_jwt)

    def _cipher(self, app: App, kind: Kind) -> str | None:
        return self._chosen(app, kind, "encrypted")

    @staticmethod
    def _chosen(app: App, kind: Kind, how: str) -> str | None:
        return app.extra.get(f"{kind}_{how}_response_alg") or None
