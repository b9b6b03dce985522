"""Time-based one-time codes (RFC 6238) over pyotp.

pyotp knows the arithmetic; the replay guard is ours (RFC 6238 §5.2: a code is
accepted once), and so is the tolerance for how people type.
"""

from __future__ import annotations

import re
from datetime import datetime

import pyotp

from authserver.crypto import opaque

STEP_SECONDS = 30
DIGITS = 6

# Authenticator apps show "123 456"; some people type the gap, or a hyphen.
_GAPS = re.compile(r"[ \t\u00a0\u202f-]")
_CODE = re.compile(rf"[0-9]{{{DIGITS}}}")


def new_totp_secret() -> str:
    """160 random bits in base32, the length RFC 4226 §4 recommends."""
    return pyotp.random_base32(32)


def provisioning_uri(secret: str, account: str, issuer: str) -> str:
    """The otpauth:// URI that authenticator apps read from a QR code."""
    uri: str = pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)
    return uri


def matching_step(
    secret: str, code: str, now: datetime, *, last_step: int | None, window: int = 1
) -> int | None:
    """The time step whose code this is, or None.

    Only steps later than `last_step` count, so a code works once even inside
    the window (RFC 6238 §5.2).  The caller stores the step that is returned.
    Every step of the window is computed: the time taken tells nothing.
    """
    if now.tzinfo is None:
        raise ValueError("now must carry its time zone")
    if not isinstance(code, str) or len(code) > 4 * DIGITS:
        return None
    typed = _GAPS.sub("", code)
    if _CODE.fullmatch(typed) is None:
        return None
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    current = int(now.timestamp()) // STEP_SECONDS
    found: int | None = None
    for step in range(max(0, current - window), current + window + 1):
        fits = opaque.same(totp.generate_otp(step), typed)
        if fits and (last_step is None or step > last_step):
            found = step
    return found
