"""Who takes part in the black-box tests: people and relying parties, by command line."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from tests.support.person import Person
from tests.support.relying_party import Registration, RelyingParty
from tools.examination import EVERY_CLAIM

EVERY_SCOPE = "openid profile email address phone offline_access"
PASSWORD = "Wren-harbour-41-lantern"
_numbers = itertools.count(1)


class Server(Protocol):
    """What these tests need of a live server."""

    url: str
    verify: str | bool

    def cli(self, *args: str) -> Any: ...


def enrol_person(
    server: Server, folder: Path, *, claims: dict[str, Any] | None = None
) -> Person:
    """A new user with a verified address; by default with every standard claim."""
    number = next(_numbers)
    username, email = f"ada{number}", f"ada{number}@people.example"
    file = folder / f"claims-{number}.json"
    # a telephone belongs to one person
    every = EVERY_CLAIM | {"phone_number": f"+44207946{number:04}"}
    file.write_text(json.dumps(every if claims is None else claims))
    server.cli(
        *("user", "create", "--email", email, "--username", username),
        *("--full-name", "Ada Lovelace", "--password", PASSWORD, "--verified"),
        *("--claims-file", str(file), "--json"),
    )
    return Person(username, PASSWORD, email)


def enrol_client(
    server: Server,
    folder: Path,
    *,
    auth_method: str = "client_secret_basic",
    key_algorithm: str = "RS256",
    redirect_uris: Sequence[str] = ("https://rp.example/callback",),
    scope: str = EVERY_SCOPE,
    grant_types: Sequence[str] = ("authorization_code", "refresh_token"),
    profile: str | None = None,
    more: Sequence[str] = (),
    metadata: dict[str, Any] | None = None,
    decryption_key: Any = None,
    jwks_uri: str | None = None,
    jwks: dict[str, Any] | None = None,
) -> RelyingParty:
    """A new client, and the relying party that plays it.

    ``metadata`` are further members of its registration; with ``jwks_uri`` its keys are
    published there, by the test, and not registered.  ``jwks`` are keys beside those
    that its method needs.
    """
    number = next(_numbers)
    args = ["client", "create", "--name", f"Client {number}", "--scope", scope]
    for uri in redirect_uris:
        args += ["--redirect-uri", uri]
    for grant_type in grant_types:
        args += ["--grant-type", grant_type]
    args += ["--post-logout-redirect-uri", "https://rp.example/signed-out"]
    args += ["--public"] if auth_method == "none" else ["--auth-method", auth_method]
    args += ["--profile", profile] if profile else []
    args += more
    key: Any = None
    public = []
    if auth_method == "private_key_jwt":
        key = signing_key(key_algorithm, kid=f"client-{number}")
        public.append(key.as_dict(private=False, use="sig", alg=key_algorithm))
    if decryption_key is not None:
        public.append(decryption_key.as_dict(private=False, use="enc"))
    public += (jwks or {}).get("keys", [])
    if jwks_uri:
        args += ["--jwks-uri", jwks_uri]
    elif public:
        file = folder / f"jwks-{number}.json"
        file.write_text(json.dumps({"keys": public}))
        args += ["--jwks-file", str(file)]
    if metadata:
        file = folder / f"metadata-{number}.json"
        file.write_text(json.dumps(metadata))
        args += ["--metadata-file", str(file)]
    told = server.cli(*args, "--json")
    if auth_method == "client_secret_jwt":
        key, key_algorithm = OctKey.import_key(told["client_secret"]), "HS256"
    registration = Registration(
        told["client_id"],
        told.get("client_secret"),
        auth_method=auth_method,
        redirect_uri=redirect_uris[0] if redirect_uris else "",
        key=key,
        key_algorithm=key_algorithm,
        decryption_key=decryption_key,
        response_algorithm=(metadata or {}).get(
            "authorization_signed_response_alg", "RS256"
        ),
    )
    return RelyingParty(server.url, registration, verify=server.verify)


def signing_key(algorithm: str, *, kid: str) -> Any:
    """A fresh private key for one JWS algorithm."""
    match algorithm[:2]:
        case "RS" | "PS":
            return RSAKey.generate_key(2048, {"kid": kid})
        case "ES":
            return ECKey.generate_key(f"P-{algorithm[2:]}", {"kid": kid})
        case _:
            return OKPKey.generate_key("Ed25519", {"kid": kid})
