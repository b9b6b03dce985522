"""An authenticator in software: what a browser and a key would answer, or a liar.

Its keys are ES256; everything it says can be changed, one thing at a time.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ORIGIN = "https://auth.example.test"


@dataclass
class Authenticator:
    """One key of one person."""

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: bytes = b""
    count: int = 0

    def create(self, options: str | dict[str, Any], **lies: Any) -> str:
        """Make the key for a site, and give what the browser would send."""
        asked = json.loads(options) if isinstance(options, str) else options
        self.handle = base64url_to_bytes(asked["user"]["id"])
        site = lies.get("rp_id", asked["rp"]["id"])
        public = self.key.public_key().public_numbers()
        cose = encode_cbor(
            {
                1: 2,
                3: -7,
                -1: 1,
                -2: public.x.to_bytes(32, "big"),
                -3: public.y.to_bytes(32, "big"),
            }
        )
        flags = lies.get("flags", PRESENT | VERIFIED) | ATTESTED
        data = self._head(site, flags) + bytes(16)
        data += struct.pack(">H", len(self.id)) + self.id + cose
        attested = {"fmt": "none", "attStmt": {}, "authData": data}
        client = self._client("webauthn.create", asked, lies)
        inside = {"attestationObject": bytes_to_base64url(encode_cbor(attested))}
        return self._answer(client, inside)

    def get(self, options: str | dict[str, Any], **lies: Any) -> str:
        """Sign for a site, and give what the browser would send."""
        asked = json.loads(options) if isinstance(options, str) else options
        self.count += lies.get("step", 1)
        data = self._head(
            lies.get("rp_id", asked["rpId"]), lies.get("flags", PRESENT | VERIFIED)
        )
        client = self._client("webauthn.get", asked, lies)
        signed = data + hashlib.sha256(client).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        inside = {
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signature),
            "userHandle": bytes_to_base64url(lies.get("handle", self.handle)),
        }
        return self._answer(client, inside)

    def _head(self, site: str, flags: int) -> bytes:
        return hashlib.sha256(site.encode()).digest() + struct.pack(
            ">BI", flags, self.count
        )

    def _client(self, kind: str, asked: dict[str, Any], lies: dict[str, Any]) -> bytes:
        said = {
            "type": kind,
            "challenge": lies.get("challenge", asked["challenge"]),
            "origin": lies.get("origin", ORIGIN),
            "crossOrigin": False,
        }
        return json.dumps(said).encode()

    def _answer(self, client: bytes, inside: dict[str, str]) -> str:
        named = bytes_to_base64url(self.id)
        response = {"clientDataJSON": bytes_to_base64url(client), **inside}
        return json.dumps(
            {
                "id": named,
                "rawId": named,
                "type": "public-key",
                "clientExtensionResults": {},
                "response": response,
            }
        )
