"""How sure we are of who is there: the classes we tell of (OIDC Core §2, RFC 9470 §4).

Each class includes those before it.  The words are ours for the first two, and that of
OpenID Connect EAP ACR Values §2 for the last.
"""

from collections.abc import Iterable, Mapping
from typing import Any

SINGLE = "1"
"""One kind of proof: a password, a link by mail, another service's word."""
MULTI = "2"
"""Two kinds of proof."""
PHISHING_RESISTANT = "phr"
"""A passkey took part, with its user verified: a page of somebody else gets nothing."""

CLASSES = (SINGLE, MULTI, PHISHING_RESISTANT)
PASSKEY_WORDS = frozenset({"hwk", "swk"})
"""The ``amr`` of a passkey, in one device or synchronized (RFC 8176 §2)."""


def reached(amr: Iterable[str]) -> str:
    """Give the class of a sign-in by its proofs."""
    proofs = set(amr)
    if "mfa" not in proofs:
        return SINGLE
    return PHISHING_RESISTANT if proofs & PASSKEY_WORDS else MULTI


def satisfies(asked: Iterable[str], acr: str) -> bool:
    """Whether a class is one of those asked, or includes one."""
    return any(_rank(one) <= _rank(acr) for one in asked if one in CLASSES)


def told(asked: Iterable[str], acr: str) -> str:
    """Give the class to tell: the highest of those asked that was reached, else ours.

    A client that asks for some is to find one of its list (OIDC Core §5.5.1.1).
    """
    fitting = [one for one in asked if one in CLASSES and _rank(one) <= _rank(acr)]
    return max(fitting, key=_rank, default=acr)


def asked_by(
    acr_values: str | None, claims: Mapping[str, Any] | None, default: Iterable[str]
) -> frozenset[str]:
    """Name the classes that a request would like (OIDC Core §3.1.2.1, §5.5.1.1).

    Those that we do not know are left out: they cannot be meant for us.

    Args:
        acr_values: The parameter.
        claims: The ``claims`` request, as it was understood.
        default: The client's ``default_acr_values``, where nothing is asked.
    """
    named = (
        essential_in(claims) or (acr_values or "").split() or _values(claims) or default
    )
    return frozenset(one for one in named if one in CLASSES)


def essential_in(claims: Mapping[str, Any] | None) -> frozenset[str]:
    """Name the classes of which one must be reached; only values can refuse."""
    is_essential = _wish(claims).get("essential") is True
    return frozenset(_values(claims)) if is_essential else frozenset()


def _wish(claims: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return ((claims or {}).get("id_token") or {}).get("acr") or {}


def _values(claims: Mapping[str, Any] | None) -> list[str]:
    wish = _wish(claims)
    values = wish.get("values") or [wish.get("value")]
    return [one for one in values if isinstance(one, str)]


def _rank(acr: str) -> int:
    return CLASSES.index(acr) if acr in CLASSES else -1
