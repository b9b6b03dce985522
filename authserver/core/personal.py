"""What people say about themselves: one written form of each, or a fault by field."""

import re
from collections.abc import Callable

from authserver.crypto.blind_index import normalise_cpf
from authserver.errors import InvalidInput

_USERNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{1,30})[A-Za-z0-9]")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")  # ITU-T E.164 §6.2.1
_IN_A_NUMBER = str.maketrans("", "", " -.()")


def clean_username(name: str | None) -> str | None:
    """Give a user name; without ``@``, which tells an address from a name (C13).

    Raises:
        InvalidInput: It is none.
    """
    typed = (name or "").strip()
    if typed and not _USERNAME.fullmatch(typed):
        fault = (
            "Use 3 to 32 letters, digits, dots, dashes or underscores; begin and end "
            "with a letter or digit."
        )
        raise InvalidInput("not a user name", fields={"username": [fault]})
    return typed or None


def clean_phone(number: str | None) -> str | None:
    """Give a telephone number as ITU-T E.164 writes it.

    Raises:
        InvalidInput: It is none.
    """
    typed = (number or "").translate(_IN_A_NUMBER)
    if typed and not _PHONE.fullmatch(typed):
        fault = "Enter the number with its country code, such as +5511999999999."
        raise InvalidInput("not a telephone number", fields={"phone": [fault]})
    return typed or None


def clean_cpf(number: str | None) -> str | None:
    """Give the eleven digits of a CPF, with check digits that fit (C25).

    Raises:
        InvalidInput: It is none.
    """
    if not (number or "").strip():
        return None
    digits = normalise_cpf(number)
    if digits is None:
        fault = "Enter a CPF that exists, such as 529.982.247-25."
        raise InvalidInput("not a CPF", fields={"cpf": [fault]})
    return digits


def gather(faults: dict[str, list[str]], check: Callable[[], str | None]) -> str | None:
    """Run one check; put what it refuses among the faults, so that all come at once."""
    try:
        return check()
    except InvalidInput as fault:
        faults.update(fault.fields)
        return None
