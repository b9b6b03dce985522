"""Secrets at rest: AES-256-GCM under the key-encryption key of the settings.

An envelope reads `s1.<key id>.<nonce and ciphertext>`.  The context (say
"totp:<user id>") is authenticated but not stored, so a sealed value copied to
another row does not open there.  The first key seals; every key opens, so a
key is changed by putting the new one in front.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_VERSION = "s1"
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


class SealBroken(Exception):
    """This does not open: another key, another context, or tampered with."""


class BadKey(ValueError):
    """Not a key of 32 bytes.  The message never repeats what was given."""


class Sealer:
    """Seals with the first key, opens with any of them."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise BadKey("at least one key is needed")
        for key in keys:
            if len(key) != KEY_BYTES:
                raise BadKey(f"a key has {len(key)} bytes, not {KEY_BYTES}")
        self._ciphers = {_key_id(key): AESGCM(key) for key in reversed(keys)}
        self._active = _key_id(keys[0])

    def seal(self, plain: bytes, context: bytes) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        body = nonce + self._ciphers[self._active].encrypt(nonce, plain, context)
        return f"{_VERSION}.{self._active}.{_encode(body)}"

    def open(self, sealed: str, context: bytes) -> bytes:
        key_id, body = _split(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise SealBroken("sealed with a key that is not here")
        nonce, ciphertext = body[:_NONCE_BYTES], body[_NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, ciphertext, context)
        except InvalidTag:
            raise SealBroken("wrong context, or tampered with") from None

    def is_current(self, sealed: str) -> bool:
        """Was it sealed with the first key?  If not, seal it anew when met."""
        return sealed.startswith(f"{_VERSION}.{self._active}.")


def parse_key(text: str) -> bytes:
    """A 32-byte key from base64, base64url or hex; no passphrases."""
    compact = text.strip()
    if re.fullmatch(r"[0-9A-Fa-f]{64}", compact):
        return bytes.fromhex(compact)
    unpadded = compact.rstrip("=").replace("+", "-").replace("/", "_")
    if _BASE64URL.fullmatch(unpadded):
        with contextlib.suppress(binascii.Error, ValueError):
            key = _decode(unpadded)
            if len(key) == KEY_BYTES:
                return key
    raise BadKey("a key is 32 random bytes as base64, base64url or hex")


def load_or_create_key(path: str | os.PathLike[str]) -> bytes:
    """Read the key file, or make one that only its owner may read.

    Of several processes that start at once one wins and all get its key: the
    file is written whole under another name, and link() refuses to replace.
    """
    target = Path(path)
    try:
        return _read_key(target)
    except FileNotFoundError:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.urandom(8).hex()}")
    try:
        _write_private(draft, _encode(os.urandom(KEY_BYTES)) + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    _flush_directory(target.parent)
    return _read_key(target)


def _read_key(path: Path) -> bytes:
    with path.open("r", encoding="ascii", errors="replace") as file:
        if os.fstat(file.fileno()).st_mode & stat.S_IWOTH:
            raise BadKey(f"{path.name} can be written by anybody")
        return parse_key(file.read(4096))


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _flush_directory(path: Path) -> None:
    """Make the new name survive a power cut: a lost key loses all it sealed."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _split(sealed: str) -> tuple[str, bytes]:
    parts = sealed.split(".") if isinstance(sealed, str) else []
    if len(parts) != 3 or parts[0] != _VERSION:
        raise SealBroken("not an envelope of ours")
    if _BASE64URL.fullmatch(parts[2]) is None:
        raise SealBroken("not base64url")
    try:
        body = _decode(parts[2])
    except (binascii.Error, ValueError):
        raise SealBroken("not base64url") from None
    if len(body) < _NONCE_BYTES + _TAG_BYTES or _encode(body) != parts[2]:
        raise SealBroken("too short, or bits to spare")
    return parts[1], body


def _key_id(key: bytes) -> str:
    return _encode(hmac.new(key, b"authserver key id", hashlib.sha256).digest()[:6])


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
