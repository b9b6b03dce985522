"""A user and what was asked, to claims (OIDC Core §5.1, §5.4, §5.5)."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from authserver.core.scopes import CLAIMS_OF, SCOPE_OF
from authserver.core.subjects import Subject
from authserver.errors import AuthError

MAX_REQUEST_CHARS = 16_384
OF_NO_SCOPE = frozenset({"acr", "amr", "auth_time", "sid"})
COMPARED = frozenset({"sub", "acr"})
"""Claims whose asked value decides; of all others the name alone is heard."""


def every_claim(subject: Subject, *, role_case: str = "lower") -> dict[str, Any]:
    """Give all that is known; what is not known is left out (OIDC Core §5.3.2)."""
    known = {
        **{name: subject.profile.get(name) for name in CLAIMS_OF["profile"]},
        "address": subject.profile.get("address"),
        "sub": str(subject.id),
        "name": subject.full_name or subject.profile.get("name"),
        "preferred_username": subject.username
        or subject.profile.get("preferred_username"),
        "picture": subject.avatar_url or subject.profile.get("picture"),
        "birthdate": _birthdate(subject),
        "zoneinfo": subject.timezone,
        "locale": subject.language,
        "updated_at": int(subject.updated_at.timestamp()),
        "email": subject.email,
        "email_verified": subject.is_email_verified,
        "phone_number": subject.phone,
        "phone_number_verified": subject.is_phone_verified if subject.phone else None,
        "roles": cased(subject.roles, role_case),
        "institutions": list(subject.institutions),
    }
    return {name: value for name, value in known.items() if value is not None}


def _birthdate(subject: Subject) -> str | None:
    if subject.date_of_birth is not None:
        return subject.date_of_birth.isoformat()
    return subject.profile.get("birthdate")


def cased(roles: Iterable[str], role_case: str) -> list[str]:
    """Write role names in the case that the deployment chose (C18)."""
    change = str.upper if role_case == "upper" else str.lower
    return [change(role) for role in roles]


def for_scopes(scopes: Iterable[str], asked: Iterable[str] = ()) -> set[str]:
    """Name the claims that scopes and a ``claims`` request open."""
    names = {claim for scope in scopes for claim in CLAIMS_OF.get(scope, ())}
    return names | (set(asked) & set(SCOPE_OF)) | {"sub"}


def select(claims: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Keep the named claims, in the order of the claims."""
    wanted = set(names)
    return {name: value for name, value in claims.items() if name in wanted}


def parse_request(text: str | None) -> dict[str, dict[str, Any]] | None:
    """Read the ``claims`` parameter (OIDC Core §5.5); unknown claims are ignored.

    Only what is understood is kept: the rest may hold what no table can, such as NUL
    or half a surrogate pair, which PostgreSQL's jsonb refuses.

    Raises:
        AuthError: It is not JSON of the right shape.
    """
    if text is None:
        return None
    if len(text) > MAX_REQUEST_CHARS:
        raise AuthError("claims parameter is too long")
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError):
        raise AuthError("claims parameter is not JSON") from None
    if not isinstance(asked, dict):
        raise AuthError("claims parameter is not an object")
    kept: dict[str, dict[str, Any]] = {}
    for place in ("userinfo", "id_token"):
        wishes = asked.get(place)
        if wishes is not None and not isinstance(wishes, dict):
            raise AuthError(f"claims.{place} is not an object")
        kept[place] = {
            name: _understood(name, wish)
            for name, wish in (wishes or {}).items()
            if name in SCOPE_OF or name in OF_NO_SCOPE
        }
    return kept


def _understood(name: str, wish: object) -> dict[str, Any] | None:
    """Keep of one wish what OIDC Core §5.5.1 defines and we act upon."""
    if wish is None:
        return None
    if not isinstance(wish, dict):
        raise AuthError(f"claims: the wish for {name} is not an object")
    kept: dict[str, Any] = {}
    if wish.get("essential") is True:
        kept["essential"] = True
    if name in COMPARED and "value" in wish:
        kept["value"] = _word(wish["value"])
    if name in COMPARED and "values" in wish:
        if not isinstance(wish["values"], list):
            raise AuthError("claims: values is not an array")
        kept["values"] = [_word(value) for value in wish["values"]]
    return kept


def _word(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise AuthError("claims: a value to compare with is not text")
    return value


def asked_for(request: Mapping[str, Any] | None, place: str) -> set[str]:
    """Name the claims that a stored ``claims`` request asks for at one place."""
    return set((request or {}).get(place) or ())


def scopes_of_request(request: Mapping[str, Any] | None) -> set[str]:
    """Name the scopes whose claims are asked for one by one: consent covers them."""
    names = asked_for(request, "userinfo") | asked_for(request, "id_token")
    return {SCOPE_OF[name] for name in names if name in SCOPE_OF} - {"openid"}
