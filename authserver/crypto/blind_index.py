"""The Brazilian CPF: one written form, its check digits, and a blind index.

The number itself is kept sealed; the index lets us find a person by it, and
keep it unique, without storing it in a form that can be read back.
"""

from __future__ import annotations

import hashlib
import hmac
import re

_CPF = re.compile(r"([0-9]{3})\.?([0-9]{3})\.?([0-9]{3})-?([0-9]{2})")


def normalise_cpf(text: object) -> str | None:
    """The eleven digits of a valid CPF, or None."""
    if not isinstance(text, str):
        return None
    match = _CPF.fullmatch(text.strip(" \t"))
    if match is None:
        return None
    digits = "".join(match.groups())
    return digits if _check_digits_fit(digits) else None


def is_valid_cpf(text: object) -> bool:
    return normalise_cpf(text) is not None


def blind_index(value: str, *, key: bytes, purpose: str = "cpf") -> str:
    """HMAC-SHA-256 under a secret key: a CPF has only 10^9 values to try."""
    if not key:
        raise ValueError("a blind index without a key can be read by counting")
    data = purpose.encode() + b"\x00" + value.encode("utf-8", "surrogatepass")
    return hmac.new(key, data, hashlib.sha256).hexdigest()


def _check_digits_fit(digits: str) -> bool:
    # 111.111.111-11 and its nine siblings satisfy the sums but are never issued.
    if len(set(digits)) == 1:
        return False
    numbers = [int(digit) for digit in digits]
    return all(numbers[at] == _check_digit(numbers[:at]) for at in (9, 10))


def _check_digit(numbers: list[int]) -> int:
    weights = range(len(numbers) + 1, 1, -1)
    total = sum(n * w for n, w in zip(numbers, weights, strict=True))
    return total * 10 % 11 % 10
