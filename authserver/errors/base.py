"""Every refusal we can give.  The class is public; its argument is for the log.

A class says what leaves the house: the HTTP status, our word (``code``), the number
front ends match on (``number``), the registered OAuth word (``oauth``; RFC 6749 §5.2,
RFC 6750 §3.1, OIDC Core §3.1.2.6) and one safe sentence.  What explains the refusal to
the operator is the private ``detail`` and never leaves.

``recorded`` marks the refusals whose writes must survive: a failed attempt has to
count, a replay has to take its family down.  All others roll back.
"""

from collections.abc import Mapping
from typing import ClassVar

registry: dict[str, type["AuthError"]] = {}
"""Every class of refusal by its number: the table in docs/errors.md is printed from it."""


class AuthError(Exception):
    """The request is not valid, and nothing more precise is to be said."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "invalid_request"
    number: ClassVar[str] = "AUTH_001"
    oauth: ClassVar[str] = "invalid_request"
    message: ClassVar[str] = "The request is not valid."
    recorded: ClassVar[bool] = False
    headers: Mapping[str, str] = {}

    def __init__(self, detail: str = "", *, public: str = "") -> None:
        """Keep the reason for the log; ``public`` may replace the safe sentence."""
        super().__init__(detail)
        self.detail = detail
        self.public = public or self.message
        self.fields: dict[str, list[str]] = {}

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Enter the class in the table of refusals."""
        super().__init_subclass__(**kwargs)
        registry.setdefault(cls.number, cls)


registry[AuthError.number] = AuthError


class ConfigError(Exception):
    """The settings cannot work; the message lists every fault and its cure."""
