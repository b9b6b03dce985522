"""What a client may register and we honour: one list for each kind of value.

Discovery publishes these very lists, so what is advertised is what is taken: a value is
added here together with the code that honours it.  ``client_members`` reads a single
member of a registration, ``client_rules`` says what members must be together.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from authserver.config import Settings
from authserver.core import certificates, security_profiles
from authserver.crypto import encryption, opening, signing

PROFILES = tuple(security_profiles.PROFILES)
AUTH_METHODS = (
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    *certificates.METHODS,
    "none",
)
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
CIBA = "urn:openid:params:grant-type:ciba"
GRANT_TYPES = (
    "authorization_code",
    "refresh_token",
    "client_credentials",
    DEVICE_CODE,
    CIBA,
    TOKEN_EXCHANGE,
)
GRANT_NAMES = {
    "device_code": DEVICE_CODE,
    "ciba": CIBA,
    "token_exchange": TOKEN_EXCHANGE,
}
"""Short names that operators may type for those whose own is a URN."""
LEGACY_GRANT_TYPES = ("implicit",)
RESPONSE_TYPES = ("code",)
LEGACY_RESPONSE_TYPES = (
    "id_token",
    "id_token token",
    "code id_token",
    "code token",
    "code id_token token",
)
"""Only where ``LEGACY_RESPONSE_TYPES`` is on, like the grant type."""
SUBJECT_TYPES = ("public", "pairwise")
SECRET_ALGS = ("HS256", "HS384", "HS512")
KEY_ALGS = security_profiles.KEY_ALGS

DELIVERY_MODE = "backchannel_token_delivery_mode"
NOTIFICATION_ENDPOINT = "backchannel_client_notification_endpoint"
EXCHANGE_FROM = "token_exchange_from"
EXCHANGE_TARGETS = "token_exchange_targets"
BACKCHANNEL_SIGNING_ALG = "backchannel_authentication_request_signing_alg"

FEATURES = frozenset(
    {
        "par",
        "request_object",
        "request_uri",
        "dpop",
        "mtls",
        "jwks_uri",
        "backchannel_logout",
        "frontchannel_logout",
        "ciba",
    }
)
"""What we can do that brings members of its own; see ``client_members.TABLE``.

A member of a feature that is not here is not understood, and so ignored (RFC 7591 §2).
"""

OPERATORS_FEATURES = frozenset({"rar", "resources", "exchange"})
"""What only an operator gives: which APIs and which types of details an app may name."""

VALUES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "application_type": ("web", "native"),
        "subject_type": SUBJECT_TYPES,
        "grant_types": GRANT_TYPES,
        "response_types": RESPONSE_TYPES,
        "token_endpoint_auth_method": AUTH_METHODS,
        "token_endpoint_auth_signing_alg": (*KEY_ALGS, *SECRET_ALGS),
        "id_token_signed_response_alg": signing.ALGORITHMS,
        "id_token_encrypted_response_alg": encryption.ALGORITHMS,
        "id_token_encrypted_response_enc": encryption.ENCODINGS,
        "userinfo_signed_response_alg": signing.ALGORITHMS,
        "userinfo_encrypted_response_alg": encryption.ALGORITHMS,
        "userinfo_encrypted_response_enc": encryption.ENCODINGS,
        "request_object_signing_alg": KEY_ALGS,
        "request_object_encryption_alg": opening.ALGORITHMS,
        "request_object_encryption_enc": encryption.ENCODINGS,
        "authorization_signed_response_alg": signing.ALGORITHMS,
        "authorization_encrypted_response_alg": encryption.ALGORITHMS,
        "authorization_encrypted_response_enc": encryption.ENCODINGS,
        "introspection_signed_response_alg": signing.ALGORITHMS,
        "introspection_encrypted_response_alg": encryption.ALGORITHMS,
        "introspection_encrypted_response_enc": encryption.ENCODINGS,
        DELIVERY_MODE: ("poll", "ping"),
        BACKCHANNEL_SIGNING_ALG: ("PS256", "ES256", "EdDSA", "Ed25519"),
    }
)
"""The values that a member takes; where there are none, any value is refused."""

SIGNED_BY_US = frozenset(
    {
        "id_token_signed_response_alg",
        "userinfo_signed_response_alg",
        "authorization_signed_response_alg",
        "introspection_signed_response_alg",
    }
)
"""Of these only what there is a key for is offered (or what a shared secret signs)."""

PUBLISHED: Mapping[str, str] = MappingProxyType(
    {
        "subject_type": "subject_types_supported",
        "grant_types": "grant_types_supported",
        "response_types": "response_types_supported",
        "token_endpoint_auth_method": "token_endpoint_auth_methods_supported",
        "token_endpoint_auth_signing_alg": (
            "token_endpoint_auth_signing_alg_values_supported"
        ),
        "id_token_signed_response_alg": "id_token_signing_alg_values_supported",
        "id_token_encrypted_response_alg": "id_token_encryption_alg_values_supported",
        "id_token_encrypted_response_enc": "id_token_encryption_enc_values_supported",
        "userinfo_signed_response_alg": "userinfo_signing_alg_values_supported",
        "userinfo_encrypted_response_alg": "userinfo_encryption_alg_values_supported",
        "userinfo_encrypted_response_enc": "userinfo_encryption_enc_values_supported",
        "request_object_signing_alg": "request_object_signing_alg_values_supported",
        "request_object_encryption_alg": (
            "request_object_encryption_alg_values_supported"
        ),
        "request_object_encryption_enc": (
            "request_object_encryption_enc_values_supported"
        ),
        "authorization_signed_response_alg": (
            "authorization_signing_alg_values_supported"
        ),
        "authorization_encrypted_response_alg": (
            "authorization_encryption_alg_values_supported"
        ),
        "authorization_encrypted_response_enc": (
            "authorization_encryption_enc_values_supported"
        ),
        "introspection_signed_response_alg": (
            "introspection_signing_alg_values_supported"
        ),
        "introspection_encrypted_response_alg": (
            "introspection_encryption_alg_values_supported"
        ),
        "introspection_encrypted_response_enc": (
            "introspection_encryption_enc_values_supported"
        ),
        "backchannel_token_delivery_mode": (
            "backchannel_token_delivery_modes_supported"
        ),
        "backchannel_authentication_request_signing_alg": (
            "backchannel_authentication_request_signing_alg_values_supported"
        ),
    }
)
"""The name under which discovery tells the values of a member."""


@dataclass(frozen=True)
class Offer:
    """What this deployment takes at this moment."""

    values: Mapping[str, tuple[str, ...]]
    features: frozenset[str]

    def published(self) -> dict[str, list[str]]:
        """Give the lists of discovery; an empty one is left out (RFC 8414 §2)."""
        return {
            name: list(self.values[member])
            for member, name in PUBLISHED.items()
            if self.values[member]
        }


def offer(
    settings: Settings,
    signing_algs: Collection[str],
    opening_algs: Collection[str] = (),
) -> Offer:
    """Say what can be registered.

    Args:
        settings: What the operator decided.
        signing_algs: The algorithms for which there is an active key.
        opening_algs: Those for which there is a key that others encrypt to.
    """
    values, features = dict(VALUES), FEATURES
    without = certificates.unavailable(settings)
    method = "token_endpoint_auth_method"
    values[method] = tuple(way for way in VALUES[method] if way not in without)
    if not settings.sees_certificates:
        features -= {"mtls"}
    if settings.legacy_response_types:
        values["grant_types"] = (*GRANT_TYPES, *LEGACY_GRANT_TYPES)
        values["response_types"] = (*RESPONSE_TYPES, *LEGACY_RESPONSE_TYPES)
    for member in SIGNED_BY_US:
        values[member] = tuple(
            alg for alg in VALUES[member] if alg in signing_algs or alg in SECRET_ALGS
        )
    opened = tuple(alg for alg in opening.ALGORITHMS if alg in opening_algs)
    values["request_object_encryption_alg"] = opened
    if not opened:
        values["request_object_encryption_enc"] = ()
    return Offer(values, features)


def needs_secret(auth_method: str) -> bool:
    """Whether a client proves itself by a secret that we share."""
    return auth_method.startswith("client_secret_")


def needs_readable_secret(members: Mapping[str, object]) -> bool:
    """Whether the protocol needs the secret itself, and not its fingerprint.

    For assertions it has signed (OIDC Core §9), and for what we sign or encrypt with it
    (§10.1, §10.2).
    """
    if members.get("token_endpoint_auth_method") == "client_secret_jwt":
        return True
    return any(
        isinstance(alg, str) and _is_shared(alg)
        for name, alg in members.items()
        if name.endswith("_response_alg")
    )


def _is_shared(alg: str) -> bool:
    is_wrapped = alg.startswith("A") and alg.endswith("KW")
    return alg in SECRET_ALGS or alg == "dir" or is_wrapped
