"""The ceremonies of WebAuthn Level 3 (§7.1, §7.2), by the package ``webauthn``.

What a browser sends is JSON and CBOR from a stranger: whatever is wrong with it is one
``PasskeyRefused``.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

LONGEST = 20_000
"""Characters of an answer that are read; a real one has two thousand."""
FAULTS = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, EOFError)
"""What the parsers below raise for what is none."""


class PasskeyRefused(Exception):
    """The browser's answer does not hold."""


@dataclass(frozen=True)
class Site:
    """Whom a passkey is made for."""

    id: str
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True)
class Made:
    """A new passkey."""

    credential_id: str
    public_key: str
    sign_count: int
    aaguid: str
    is_synced: bool


@dataclass(frozen=True)
class Used:
    """A passkey that has signed."""

    sign_count: int
    is_synced: bool


@dataclass(frozen=True)
class Answer:
    """What a browser sent, as far as it says what it belongs to."""

    credential_id: str
    challenge: str
    user_handle: bytes | None
    parsed: dict[str, Any]


def read(credential: str) -> Answer:
    """Read an answer as hostile as it came; nothing of it is proved by this.

    Raises:
        PasskeyRefused: It is none.
    """
    try:
        if len(credential) > LONGEST:
            raise ValueError("too long")
        parsed = json.loads(credential)
        inside = parsed["response"]
        client = json.loads(base64url_to_bytes(inside["clientDataJSON"]))
        challenge = base64url_to_bytes(client["challenge"]).decode("ascii")
        handle = inside.get("userHandle")
        raw = bytes_to_base64url(base64url_to_bytes(parsed["rawId"]))
        return Answer(
            raw, challenge, base64url_to_bytes(handle) if handle else None, parsed
        )
    except (*FAULTS, RecursionError) as fault:
        raise PasskeyRefused(f"unreadable: {type(fault).__name__}") from None


def creation_options(
    site: Site,
    *,
    user_id: bytes,
    user_name: str,
    display_name: str,
    challenge: str,
    existing: Sequence[str],
) -> str:
    """Give the JSON for ``navigator.credentials.create``."""
    options = webauthn.generate_registration_options(
        rp_id=site.id,
        rp_name=site.name,
        user_id=user_id,
        user_name=user_name,
        user_display_name=display_name,
        challenge=challenge.encode(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_named(existing),
    )
    return webauthn.options_to_json(options)


def request_options(site: Site, *, challenge: str, allowed: Sequence[str] = ()) -> str:
    """Give the JSON for ``navigator.credentials.get``; anybody's when none is named."""
    options = webauthn.generate_authentication_options(
        rp_id=site.id,
        challenge=challenge.encode(),
        allow_credentials=_named(allowed) or None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def check_made(site: Site, answer: Answer) -> Made:
    """Check a new passkey (§7.1).

    Raises:
        PasskeyRefused: Something about it does not hold.
    """
    try:
        found = webauthn.verify_registration_response(
            credential=answer.parsed,
            expected_challenge=answer.challenge.encode(),
            expected_rp_id=site.id,
            expected_origin=list(site.origins),
            require_user_verification=True,
        )
    except FAULTS as fault:
        raise PasskeyRefused(f"{type(fault).__name__}: {fault}") from None
    return Made(
        credential_id=bytes_to_base64url(found.credential_id),
        public_key=bytes_to_base64url(found.credential_public_key),
        sign_count=found.sign_count,
        aaguid=found.aaguid,
        is_synced=found.credential_backed_up,
    )


def check_used(site: Site, answer: Answer, *, public_key: str, sign_count: int) -> Used:
    """Check that a passkey has signed (§7.2); a count that went back is refused.

    Raises:
        PasskeyRefused: Something about it does not hold.
    """
    try:
        found = webauthn.verify_authentication_response(
            credential=answer.parsed,
            expected_challenge=answer.challenge.encode(),
            expected_rp_id=site.id,
            expected_origin=list(site.origins),
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except FAULTS as fault:
        raise PasskeyRefused(f"{type(fault).__name__}: {fault}") from None
    return Used(found.new_sign_count, found.credential_backed_up)


def _named(ids: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in ids]
