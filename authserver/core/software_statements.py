"""Software statements: what somebody we believe says of a client (RFC 7591 §2.3)."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import Key, KeySet

from authserver.adapters.exchange import FetchFailed
from authserver.adapters.fetcher import Fetcher
from authserver.clock import Clock, is_fresh
from authserver.config import Settings
from authserver.config.registering import StatementIssuer
from authserver.core.client_members import TABLE
from authserver.core.client_metadata import KEY_ALGS
from authserver.crypto import signing
from authserver.errors import InvalidSoftwareStatement, UnapprovedSoftwareStatement

KEYS_AGE = timedelta(minutes=10)
LEEWAY_SECONDS = 10
MEMBER = "software_statement"
NOT_STATED = frozenset({MEMBER})
"""What a statement cannot say: itself."""


@dataclass(frozen=True)
class SoftwareStatements:
    """Checks statements, and says what they say."""

    clock: Clock
    settings: Settings
    fetcher: Fetcher
    kept: dict[str, tuple[datetime, dict[str, Key]]] = field(
        default_factory=dict, repr=False
    )

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Give a registration with what its statement says put in the place of its own.

        Where nobody is believed a statement is not understood, and so ignored (§2.3).

        Raises:
            InvalidSoftwareStatement: It is not signed as it should be, or expired.
            UnapprovedSoftwareStatement: It is of somebody we do not believe.
        """
        issuers = self.settings.statement_issuers
        said = {name: value for name, value in given.items() if name != MEMBER}
        if MEMBER not in given or not issuers:
            return said
        statement = given[MEMBER]
        by_name = {one.issuer: one for one in issuers}
        named = _issuer_named_in(statement)
        if named not in by_name:
            raise UnapprovedSoftwareStatement(f"statement of {named[:200]!r}")
        claims = self._verified(statement, by_name[named])
        known = {
            name: value
            for name, value in claims.items()
            if name.partition("#")[0] in TABLE and name not in NOT_STATED
        }
        return said | known | {MEMBER: statement}

    def _verified(self, statement: str, issuer: StatementIssuer) -> dict[str, Any]:
        try:
            claims = signing.verify_jwt(
                statement,
                self._keys(issuer),
                algorithms=KEY_ALGS,
                kid_optional=True,
            )
            if "exp" in claims:
                now = self.clock.now().timestamp()
                signing.check_times(claims, now, LEEWAY_SECONDS)
        except signing.BadToken as why:
            raise InvalidSoftwareStatement(f"statement: {why}") from None
        if claims.get("iss") != issuer.issuer:
            raise InvalidSoftwareStatement("iss changed while it was read")
        return claims

    def _keys(self, issuer: StatementIssuer) -> dict[str, Key]:
        now = self.clock.now()
        kept = self.kept.get(issuer.issuer)
        if kept is not None and is_fresh(kept[0], now, KEYS_AGE):
            return kept[1]
        try:
            keys: Any = issuer.jwks or self.fetcher.get_json(issuer.jwks_uri)
            read = KeySet.import_key_set(keys).keys
        except FetchFailed as why:
            raise InvalidSoftwareStatement(f"keys of the issuer: {why}") from None
        except Exception as why:  # noqa: BLE001 -- the library has no common class
            kind = type(why).__name__
            raise InvalidSoftwareStatement(f"keys of the issuer: {kind}") from None
        found = {key.kid or f"#{n}": key for n, key in enumerate(read)}
        self.kept[issuer.issuer] = (now, found)
        return found


def _issuer_named_in(statement: object) -> str:
    """Read ``iss`` before the signature: it says whose key to check with."""
    try:
        body = str(statement).split(".")[1]
        padded = body + "=" * (-len(body) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except (IndexError, ValueError, RecursionError):
        raise InvalidSoftwareStatement("the statement is no JWT") from None
    named = claims.get("iss") if isinstance(claims, dict) else None
    if not isinstance(statement, str) or not isinstance(named, str):
        raise InvalidSoftwareStatement("the statement names no issuer")
    return named
