"""The members of a client registration, one line each: how it is read, what it may be.

RFC 7591 §2, OIDC Registration 1.0 §2, RP-Initiated, Back-Channel and Front-Channel
Logout 1.0, RFC 8705, RFC 9101, RFC 9126, RFC 9449, JARM, CIBA.  A reader gives the value
as it is kept, or raises ``Fault`` with the words for whoever registers.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authserver.core import client_keys, redirects
from authserver.core.client_keys import Fault
from authserver.core.targets import canonical

MAX_TEXT = 1000
MAX_NAME = 200
MAX_ITEMS = 100
MAX_SECONDS = 10 * 365 * 86400
MAX_SCOPE = 4096

Reader = Callable[[Any], Any]
_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


@dataclass(frozen=True)
class Member:
    """One member: how it is read, and the feature that it belongs to, if to one."""

    read: Reader
    feature: str = ""
    speaks: bool = False
    """Whether it may be there in several languages: ``client_name#pt-BR``."""


def text(value: Any) -> str:
    """Take a line of text: printable, so that it can be shown and stored."""
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT:
        raise Fault(f"must be text of 1 to {MAX_TEXT} characters")
    if not value.isprintable():
        raise Fault("must be printable text")
    return value.strip()


def name(value: Any) -> str:
    """Take a name that people are shown."""
    if len(said := text(value)) > MAX_NAME:
        raise Fault(f"must be text of 1 to {MAX_NAME} characters")
    return said


def word(value: Any) -> str:
    """Take a value of a list; which ones there are, the offer says."""
    if not isinstance(value, str):
        raise Fault("must be text")
    return value


def words(value: Any) -> list[str]:
    """Take a list of values, each once."""
    return _list(value, word)


def statement(value: Any) -> str:
    """Take a software statement; who has signed it was looked at before."""
    if not isinstance(value, str) or not _JWT.fullmatch(value):
        raise Fault("must be a JWT")
    return value


def flag(value: Any) -> bool:
    """Take true or false, and not the words for them."""
    if not isinstance(value, bool):
        raise Fault("must be true or false")
    return value


def seconds(value: Any) -> int:
    """Take a number of seconds."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Fault("must be a number of seconds")
    if not 0 <= value <= MAX_SECONDS:
        raise Fault(f"must be 0 to {MAX_SECONDS} seconds")
    return value


def scope(value: Any) -> str:
    """Take scopes, in the grammar of RFC 6749 §3.3, each once."""
    if not isinstance(value, str) or len(value) > MAX_SCOPE:
        raise Fault("must be scopes separated by spaces")
    found = dict.fromkeys(one for one in value.split(" ") if one)
    if not all(_SCOPE.fullmatch(one) for one in found):
        raise Fault("must be scopes separated by spaces (RFC 6749 §3.3)")
    return " ".join(found)


def redirect_uris(value: Any) -> list[str]:
    """Take the addresses that answers go to (RFC 6749 §3.1.2)."""
    return _list(value, _redirect_uri)


def _redirect_uri(value: Any) -> str:
    if not isinstance(value, str):
        raise Fault("must be a list of URIs")
    if why := redirects.fault_of(value):
        raise Fault(f"{value[:200]!a} {why}")
    return value


def page(value: Any) -> str:
    """Take the address of something people or we may open; https, or this machine."""
    if not isinstance(value, str):
        raise Fault("must be a URL")
    why = redirects.fault_of(value)
    if why or urlsplit(value).scheme not in ("https", "http"):
        raise Fault("must be an https URL")
    return value


def page_or_fragment(value: Any) -> str:
    """Take a ``request_uri``: what follows # is a hash of what lies there (§6.2)."""
    if not isinstance(value, str):
        raise Fault("must be a list of URLs")
    page(value.partition("#")[0])
    if redirects.fault_of(value, fragment_allowed=True):
        raise Fault("must be an https URL")
    return value


def secure_page(value: Any) -> str:
    """Take an address that is https and nothing else."""
    if urlsplit(said := page(value)).scheme != "https":
        raise Fault("must be https")
    return said


def resource(value: Any) -> str:
    """Take the identifier of an API, as the registry of them writes it (RFC 8707 §2)."""
    try:
        return canonical(value if isinstance(value, str) else "")
    except ValueError:
        raise Fault("must be absolute URIs without a fragment (RFC 8707)") from None


def many(read: Reader) -> Reader:
    """Make the reader of a list, of the reader of one."""
    return lambda value: _list(value, read)


def _list(value: Any, read: Reader) -> list[Any]:
    if not isinstance(value, list) or len(value) > MAX_ITEMS:
        raise Fault(f"must be a list of at most {MAX_ITEMS}")
    return list(dict.fromkeys(read(one) for one in value))


_WORD, _FLAG, _TEXT = Member(word), Member(flag), Member(text)
_LINK = Member(page, speaks=True)

TABLE: Mapping[str, Member] = {
    # RFC 7591 §2
    "redirect_uris": Member(redirect_uris),
    "token_endpoint_auth_method": _WORD,
    "grant_types": Member(words),
    "response_types": Member(words),
    "client_name": Member(name, speaks=True),
    "client_uri": _LINK,
    "logo_uri": Member(page),
    "scope": Member(scope),
    "contacts": Member(many(text)),
    "tos_uri": _LINK,
    "policy_uri": _LINK,
    "jwks_uri": Member(page, "jwks_uri"),
    "jwks": Member(client_keys.key_set),
    "software_id": _TEXT,
    "software_version": _TEXT,
    "software_statement": Member(statement),
    # OIDC Registration 1.0 §2
    "application_type": _WORD,
    "sector_identifier_uri": Member(secure_page),
    "subject_type": _WORD,
    "id_token_signed_response_alg": _WORD,
    "id_token_encrypted_response_alg": _WORD,
    "id_token_encrypted_response_enc": _WORD,
    "userinfo_signed_response_alg": _WORD,
    "userinfo_encrypted_response_alg": _WORD,
    "userinfo_encrypted_response_enc": _WORD,
    "request_object_signing_alg": _WORD,
    "request_object_encryption_alg": _WORD,
    "request_object_encryption_enc": _WORD,
    "token_endpoint_auth_signing_alg": _WORD,
    "default_max_age": Member(seconds),
    "require_auth_time": _FLAG,
    "default_acr_values": Member(many(text)),
    "initiate_login_uri": Member(secure_page),
    "request_uris": Member(many(page_or_fragment), "request_uri"),
    # Logout
    "post_logout_redirect_uris": Member(redirect_uris),
    "backchannel_logout_uri": Member(page, "backchannel_logout"),
    "backchannel_logout_session_required": Member(flag, "backchannel_logout"),
    "frontchannel_logout_uri": Member(page, "frontchannel_logout"),
    "frontchannel_logout_session_required": Member(flag, "frontchannel_logout"),
    # JAR (RFC 9101 §10.5), PAR (RFC 9126 §6), JARM §3
    "require_signed_request_object": Member(flag, "request_object"),
    "require_pushed_authorization_requests": Member(flag, "par"),
    "authorization_signed_response_alg": _WORD,
    "authorization_encrypted_response_alg": _WORD,
    "authorization_encrypted_response_enc": _WORD,
    # DPoP (RFC 9449 §5.2), mTLS (RFC 8705 §2.1.2, §3.4)
    "dpop_bound_access_tokens": Member(flag, "dpop"),
    "tls_client_certificate_bound_access_tokens": Member(flag, "mtls"),
    "tls_client_auth_subject_dn": Member(text, "mtls"),
    "tls_client_auth_san_dns": Member(text, "mtls"),
    "tls_client_auth_san_uri": Member(text, "mtls"),
    "tls_client_auth_san_ip": Member(text, "mtls"),
    "tls_client_auth_san_email": Member(text, "mtls"),
    # JWT introspection (RFC 9701 §6), RAR (RFC 9396 §10), CIBA §4
    "introspection_signed_response_alg": _WORD,
    "introspection_encrypted_response_alg": _WORD,
    "introspection_encrypted_response_enc": _WORD,
    "authorization_details_types": Member(words, "rar"),
    # Our own: the APIs that it may ask for beside those of its scopes (RFC 8707)
    "resources": Member(many(resource), "resources"),
    # Whose tokens it may exchange beside its own, and for what (RFC 8693)
    "token_exchange_from": Member(many(text), "exchange"),
    "token_exchange_targets": Member(many(resource), "exchange"),
    "backchannel_token_delivery_mode": _WORD,
    "backchannel_client_notification_endpoint": Member(page, "ciba"),
    "backchannel_authentication_request_signing_alg": _WORD,
    "backchannel_user_code_parameter": Member(flag, "ciba"),
}
"""Every member that we have heard of; all others are ignored."""
