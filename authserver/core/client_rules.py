"""What the members of a registration must be together, and what stands where none is.

RFC 7591 §2 and §2.1, OIDC Registration 1.0 §2.  ``complete`` is the one way in for all
who register: the operator's API and command, and clients themselves.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from authserver.core import (
    certificates,
    client_metadata,
    grant_rules,
    security_profiles,
)
from authserver.core.client_keys import Fault
from authserver.core.client_members import TABLE, Member
from authserver.core.client_metadata import Offer

Members = dict[str, Any]
Faults = dict[str, list[str]]
Found = list[tuple[str, str]]
Rule = Callable[[Members], Found]

MAX_LANGUAGES = 20
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")
ENCRYPTED = (
    "id_token_encrypted_response",
    "userinfo_encrypted_response",
    "request_object_encryption",
    "authorization_encrypted_response",
    "introspection_encrypted_response",
)
DEFAULT_ENC = "A128CBC-HS256"
_NEEDS_CODE = "code"
_NEEDS_IMPLICIT = frozenset({"id_token", "token"})


def complete(
    given: Mapping[str, Any],
    offer: Offer,
    *,
    profile: str = "oidc",
    by_operator: bool = False,
) -> tuple[Members, Faults]:
    """Read a registration: what is kept of it, with the defaults, and its faults.

    Args:
        given: Members under their registered names; those unheard of are ignored.
        offer: What this deployment takes.
        profile: The security profile that it must fit.
        by_operator: Whether it is registered by somebody we answer to: the rules for
            strangers, such as https for web applications, are then theirs to keep.
    """
    if by_operator:
        more = client_metadata.OPERATORS_FEATURES
        offer = replace(offer, features=offer.features | more)
    members, faults = _read(given, offer)
    _fill(members, faults, by_operator=by_operator)
    for rule in RULES if by_operator else (*RULES, *RULES_FOR_STRANGERS):
        for member, said in rule(members):
            # Of a value that was not taken there is nothing more to say.
            faults.setdefault(member, [said])
    for member, said in _profile_faults(members, profile):
        faults.setdefault(member, []).append(said)
    return members, faults


def _profile_faults(members: Members, profile: str) -> Found:
    if profile not in security_profiles.PROFILES:
        return [("profile", f"One of {', '.join(security_profiles.PROFILES)}.")]
    found = security_profiles.faults_of(
        security_profiles.of(profile),
        auth_method=members["token_endpoint_auth_method"],
        response_types=tuple(members["response_types"] or ["code"]),
        jwks=members.get("jwks"),
        extra=members,
    )
    return list(found)


def _read(given: Mapping[str, Any], offer: Offer) -> tuple[Members, Faults]:
    members: Members = {}
    faults: Faults = {}
    for named, value in given.items():
        member, _, language = named.partition("#")
        known = TABLE.get(member)
        if known is None or not _is_understood(known, language, offer) or value is None:
            continue
        try:
            said = known.read(value)
            _check_values(member, said, offer)
        except Fault as why:
            faults.setdefault(named, []).append(f"{why}.")
        else:
            members[named] = said
    if sum("#" in named for named in members) > MAX_LANGUAGES * len(_SPOKEN):
        faults.setdefault("client_name", []).append("has too many languages.")
    return members, faults


_SPOKEN = tuple(name for name, member in TABLE.items() if member.speaks)


def _is_understood(known: Member, language: str, offer: Offer) -> bool:
    if known.feature and known.feature not in offer.features:
        return False
    return not language or (known.speaks and _TAG.fullmatch(language) is not None)


def _check_values(member: str, said: Any, offer: Offer) -> None:
    if member not in offer.values:
        return
    allowed = offer.values[member]
    # A response type is a set of words: their order says nothing (RFC 6749 §3.1.1).
    wanted = said if isinstance(said, list) else [said]
    if member == "response_types":
        said[:] = wanted = [in_order(one, allowed) for one in wanted]
    if set(wanted) - set(allowed):
        known = ", ".join(allowed)
        raise Fault(f"must be among {known}" if known else "is not supported here")


def in_order(response_type: str, known: tuple[str, ...]) -> str:
    """Write a response type as we do: ``token id_token`` is ``id_token token``."""
    asked = sorted(response_type.split(" "))
    same = (one for one in known if sorted(one.split(" ")) == asked)
    return next(same, response_type)


def _fill(members: Members, faults: Faults, *, by_operator: bool) -> None:
    """Put the defaults in (RFC 7591 §2, OIDC Registration §2)."""
    members.setdefault("redirect_uris", [])
    members.setdefault("post_logout_redirect_uris", [])
    members.setdefault("token_endpoint_auth_method", "client_secret_basic")
    if "grant_types" not in members:
        responses = members.get("response_types", ["code"])
        members["grant_types"] = grants_of(responses) or ["authorization_code"]
    if "response_types" not in members:
        has_code = "authorization_code" in members["grant_types"]
        members["response_types"] = ["code"] if has_code else []
    members.setdefault("application_type", _kind(members, by_operator=by_operator))
    members.setdefault("subject_type", "public")
    for prefix in ENCRYPTED:
        if f"{prefix}_alg" in members:
            members.setdefault(f"{prefix}_enc", DEFAULT_ENC)
    if "client_name" not in members and "client_name" not in faults:
        members["client_name"] = _name(members)


def grants_of(response_types: list[str]) -> list[str]:
    """Give the grant types that response types need (RFC 7591 §2.1)."""
    parts = {part for one in response_types for part in one.split(" ")}
    needed = {
        "authorization_code": _NEEDS_CODE in parts,
        "implicit": bool(_NEEDS_IMPLICIT & parts),
    }
    return [grant for grant, is_needed in needed.items() if is_needed]


def _kind(members: Members, *, by_operator: bool) -> str:
    """OIDC Registration §2: ``web``, unless the addresses are those of an app.

    Clients of plain OAuth know no ``application_type``; one without a secret that is
    answered on its own machine is what the word ``native`` means (RFC 8252).
    """
    uris = [urlsplit(uri) for uri in members["redirect_uris"]]
    is_public = members["token_endpoint_auth_method"] == "none"
    is_app = any(uri.scheme != "https" for uri in uris)
    return "native" if is_app and (is_public or by_operator) else "web"


def _name(members: Members) -> str:
    """Give what to call an app that has no name: where it is."""
    uris = [members.get("client_uri", ""), *members["redirect_uris"]]
    hosts = (urlsplit(uri).hostname for uri in uris if uri)
    return next((host for host in hosts if host), "App")


# -- Rules.  Each gives (member, what is wrong).


def _grants_fit_responses(members: Members) -> Found:
    """RFC 7591 §2.1."""
    grants, responses = set(members["grant_types"]), members["response_types"]
    found: Found = []
    if missing := set(grants_of(responses)) - grants:
        needed = ", ".join(sorted(missing))
        found.append(("grant_types", f"The response_types need {needed} as well."))
    if "implicit" in grants and "implicit" not in grants_of(responses):
        found.append(("response_types", "Name those of the implicit grant."))
    if "authorization_code" in grants and "code" not in " ".join(responses):
        found.append(("response_types", "The code flow needs code."))
    return found


def _flows_have_addresses(members: Members) -> Found:
    if members["response_types"] and not members["redirect_uris"]:
        return [("redirect_uris", "This flow needs at least one.")]
    return []


def _public_has_no_credentials(members: Members) -> Found:
    """RFC 6749 §4.4."""
    is_public = members["token_endpoint_auth_method"] == "none"
    if is_public and "client_credentials" in members["grant_types"]:
        return [("grant_types", "A public client has no credentials (RFC 6749 §4.4).")]
    return []


def _keys_are_given_once(members: Members) -> Found:
    """RFC 7591 §2: ``jwks`` and ``jwks_uri`` exclude each other."""
    if "jwks" in members and "jwks_uri" in members:
        return [("jwks", "Give jwks or jwks_uri, not both.")]
    needs_keys = members["token_endpoint_auth_method"] == "private_key_jwt"
    if needs_keys and not {"jwks", "jwks_uri"} & set(members):
        return [("jwks", "private_key_jwt needs the client's public keys.")]
    return []


def _certificate_is_named(members: Members) -> Found:
    """RFC 8705 §2.1.2 and §2.2.2."""
    method = members["token_endpoint_auth_method"]
    return list(certificates.faults_of(method, members.get("jwks"), members))


def _assertions_fit(members: Members) -> Found:
    """OIDC Registration §2: an algorithm of the kind that the method signs with."""
    alg = members.get("token_endpoint_auth_signing_alg")
    method = members["token_endpoint_auth_method"]
    fits = {
        "private_key_jwt": client_metadata.KEY_ALGS,
        "client_secret_jwt": client_metadata.SECRET_ALGS,
    }
    if alg is not None and method in fits and alg not in fits[method]:
        return [("token_endpoint_auth_signing_alg", f"Does not fit {method}.")]
    return []


def _encryption_is_named(members: Members) -> Found:
    """OIDC Registration §2: an ``enc`` without its ``alg`` means nothing."""
    return [
        (f"{prefix}_enc", f"Needs {prefix}_alg.")
        for prefix in ENCRYPTED
        if f"{prefix}_enc" in members and f"{prefix}_alg" not in members
    ]


def _sector_is_known(members: Members) -> Found:
    """OIDC Core §8.1: of several hosts none is the sector."""
    hosts = {urlsplit(uri).hostname for uri in members["redirect_uris"]}
    is_pairwise = members["subject_type"] == "pairwise"
    if is_pairwise and len(hosts) != 1 and "sector_identifier_uri" not in members:
        said = "Several hosts need a sector_identifier_uri (OIDC Core §8.1)."
        return [("sector_identifier_uri", said)]
    return []


def _frontchannel_is_at_home(members: Members) -> Found:
    """Front-Channel Logout §2: scheme, host and port are those of a redirect URI."""
    uri = members.get("frontchannel_logout_uri")
    if uri is None:
        return []
    homes = {urlsplit(one)[:2] for one in members["redirect_uris"]}
    if urlsplit(uri)[:2] not in homes:
        return [("frontchannel_logout_uri", "Must be at the host of a redirect URI.")]
    return []


RULES: tuple[Rule, ...] = (
    _grants_fit_responses,
    _flows_have_addresses,
    _public_has_no_credentials,
    _keys_are_given_once,
    _certificate_is_named,
    _assertions_fit,
    _encryption_is_named,
    _sector_is_known,
    _frontchannel_is_at_home,
    *grant_rules.RULES,
)
RULES_FOR_STRANGERS: tuple[Rule, ...] = grant_rules.FOR_STRANGERS
