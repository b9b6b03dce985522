"""Settings of clients that register themselves (RFC 7591, CIMD)."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from authserver.config.setting import DAY, seconds, setting


@dataclass(frozen=True, kw_only=True)
class Registering:
    """What whoever lets strangers' apps in decides."""

    # -- Clients that register themselves
    registration: str = setting(
        "Who may register clients at /register: nobody, who holds an initial access "
        "token (`authserver client initial-token create`), or anybody.",
        env="REGISTRATION",
        default="off",
        choices=("off", "token", "open"),
    )
    registration_limits: str = setting(
        "Registrations without an initial access token, per address.",
        env="REGISTRATION_LIMITS",
        default="10/hour;50/day",
    )
    registration_unused_ttl: timedelta = setting(
        "How long a client that registered itself may go unused before it is deleted.",
        env="REGISTRATION_UNUSED_TTL",
        default=seconds(30 * DAY),
        kind="span",
    )
    registration_scopes: tuple[str, ...] = setting(
        "Scopes that such a client may ask for.",
        env="REGISTRATION_SCOPES",
        default=("openid", "profile", "email", "address", "phone", "offline_access"),
        kind="words",
    )
    registered_clients: str = setting(
        "What clients that nobody has vouched for are: `untrusted` ones are shown as "
        "unchecked, and nobody is sent to one before having allowed it, also not with "
        "an error (RFC 9700 §4.11.2). `trusted` is for examinations.",
        env="REGISTERED_CLIENTS",
        default="untrusted",
        choices=("untrusted", "trusted"),
    )
    software_statement_issuers: str = setting(
        "Who may sign software statements, as JSON: a list of objects with `issuer` "
        "and `jwks_uri` or `jwks`. Empty: statements are ignored.",
        env="SOFTWARE_STATEMENT_ISSUERS",
        default="",
    )
    client_id_documents: bool = setting(
        "Whether a client_id may be the https URL of its metadata "
        "(draft-ietf-oauth-client-id-metadata-document).",
        env="CLIENT_ID_METADATA_DOCUMENTS",
        default=False,
        kind="switch",
    )

    @property
    def statement_issuers(self) -> tuple["StatementIssuer", ...]:
        """Who may sign software statements, read."""
        return read_issuers(self.software_statement_issuers)


@dataclass(frozen=True)
class StatementIssuer:
    """Somebody whose software statements are believed."""

    issuer: str
    jwks_uri: str = ""
    jwks: dict[str, Any] = field(default_factory=dict)


def read_issuers(text: str) -> tuple[StatementIssuer, ...]:
    """Read ``SOFTWARE_STATEMENT_ISSUERS``.

    Raises:
        ValueError: It is not what it should be; says what.
    """
    try:
        given = json.loads(text or "[]")
    except (ValueError, RecursionError):
        raise ValueError("must be JSON.") from None
    if not isinstance(given, list):
        raise ValueError("must be a list of objects.")  # noqa: TRY004 -- for operators
    return tuple(_issuer(entry) for entry in given)


def _issuer(entry: Any) -> StatementIssuer:
    if not isinstance(entry, dict) or not set(entry) <= {"issuer", "jwks_uri", "jwks"}:
        raise ValueError("must be objects of issuer, jwks_uri, jwks.")
    name, uri, keys = (entry.get(n) for n in ("issuer", "jwks_uri", "jwks"))
    if not isinstance(name, str) or not name:
        raise ValueError("must name each issuer.")
    has_uri = isinstance(uri, str) and uri.startswith(("https://", "http://"))
    has_keys = isinstance(keys, dict) and isinstance(keys.get("keys"), list)
    if has_uri == has_keys:
        raise ValueError("must give each issuer a jwks_uri or a jwks.")
    return StatementIssuer(name, uri or "", keys or {})
