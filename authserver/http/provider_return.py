"""Somebody goes to another service and comes back: what both faces do with them.

The ``state`` is spent and that is kept, before the provider is asked: asking takes
time, and no transaction waits for somebody else's server.
"""

import logging
from urllib.parse import urlsplit

from flask import request

from authserver.adapters.social.base import Identity
from authserver.core.attempts import Attempt, Wish
from authserver.errors import AccessDenied, ProviderFailed
from authserver.http.context import browser_id, services, settings
from authserver.http.redirects import local_path
from authserver.http.unit_of_work import keep_already

log = logging.getLogger("authserver.provider")


def departed(provider: str, wish: Wish) -> str:
    """Note who goes out from this browser, and give the address to go to.

    Raises:
        NotFound: There is no such provider.
        ProviderFailed: It cannot be reached.
    """
    browser_id()
    try:
        return services().attempts.begin(provider, wish)
    except ProviderFailed as refusal:
        _tell_operator(refusal)
        raise


def _tell_operator(refusal: ProviderFailed) -> None:
    # A page shows what a person can do; why it was is for whoever set it up.
    log.warning("provider failed", extra={"detail": refusal.detail})


def arrived(provider: str) -> Attempt:
    """Spend the ``state`` that came back.

    Raises:
        ChallengeExpired: It is not good, or not here.
    """
    attempt = services().attempts.arrive(provider, parameter("state") or "")
    keep_already()
    return attempt


def identified(attempt: Attempt) -> Identity:
    """Say who it is that came back.

    Raises:
        AccessDenied: They said no, over there.
        ProviderFailed: There is no answer to believe.
    """
    error, code = parameter("error"), parameter("code")
    if error == "access_denied":
        raise AccessDenied(f"{attempt.provider}: the person said no")
    try:
        if error or not code or not code.isprintable() or not code.isascii():
            raise ProviderFailed(f"{attempt.provider} sends {(error or '')[:60]!r}")
        return services().attempts.identify(attempt, code, issuer=parameter("iss"))
    except ProviderFailed as refusal:
        _tell_operator(refusal)
        raise


def parameter(name: str) -> str | None:
    """Give a parameter of the answer; one that comes twice is none (RFC 6749 §3.1)."""
    given = request.args.getlist(name)
    return given[0] if len(given) == 1 else None


def may_return_to(target: str | None) -> str | None:
    """Give where to send somebody on, if we are willing to: a front end we know."""
    if not target or len(target) > 2048 or not target.isascii():
        return None
    if not target.isprintable() or "\\" in target or " " in target:
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    origin = f"{parts.scheme}://{parts.netloc}"
    known = origin in settings().cors_origins and not parts.fragment
    return target if known else None


def own_path(target: str | None) -> str | None:
    """Give a path of our own pages to go on to."""
    return local_path(target, "") or None
