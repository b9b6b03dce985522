"""Headers that every answer carries (OWASP Secure Headers, RFC 9700 §4.16)."""

import secrets
from collections.abc import Sequence

from flask import Request, Response, g

from authserver.config import Settings
from authserver.http.answer import Pairs, put_beside

NEVER_FRAMED = "frame-ancestors 'none'"
ANYWHERE = "frame-ancestors *"
BY_US = "frame-ancestors 'self'"

ALWAYS: Pairs = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)
SECURE: Pairs = (("Strict-Transport-Security", "max-age=31536000"),)
NOT_KEPT: Pairs = (("Cache-Control", "no-store"),)
OF_DATA: Pairs = (("Content-Security-Policy", f"default-src 'none'; {NEVER_FRAMED}"),)
OF_PAGE: Pairs = (("Cross-Origin-Opener-Policy", "same-origin"),)
FRAMED_BY_US = ("X-Frame-Options", "SAMEORIGIN")
FRAMED_BY_NOBODY = ("X-Frame-Options", "DENY")
NAMES = frozenset(
    name.lower()
    for name, _ in (*ALWAYS, *SECURE, *NOT_KEPT, *OF_DATA, *OF_PAGE, FRAMED_BY_NOBODY)
)
"""What a view may have said itself."""


def nonce() -> str:
    """Give the nonce of this page's own script and style elements."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def allow_form_to(origin: str) -> None:
    """Let this page's forms lead to an origin: where the app's redirect goes."""
    g.form_action = origin


def allow_frames(origins: Sequence[str]) -> None:
    """Let this page load frames from these origins, and from nowhere else."""
    g.frame_src = " ".join(origins)


def allow_worker() -> None:
    """Let this page run a script of ours beside itself (CSP Level 3 §6.1.16)."""
    g.worker_src = "'self'"


def allow_framing() -> None:
    """Let other sites show this page in a frame; it must hold nothing to press."""
    g.may_be_framed = True


def allow_framing_by_us() -> None:
    """Let pages of our own show this one in a frame, where it can do nothing."""
    g.is_framed_by_us = True


def policy() -> str:
    """Give the Content-Security-Policy of a page: nothing from anybody else."""
    own = f"'nonce-{nonce()}'"
    forms = f"'self' {g.get('form_action', '')}".strip()
    frames = g.get("frame_src", "'self'")
    workers = f" worker-src {g.worker_src};" if "worker_src" in g else ""
    return (
        f"default-src 'none'; script-src {own}; style-src {own}; img-src 'self' data:;"
        f" font-src 'self'; connect-src 'self'; frame-src {frames};{workers}"
        f" base-uri 'none'; form-action {forms}; {_ancestors()}"
    )


def _ancestors() -> str:
    if g.get("may_be_framed"):
        return ANYWHERE
    return BY_US if g.get("is_framed_by_us") else NEVER_FRAMED


def send(request: Request, response: Response, settings: Settings) -> None:
    """Add what is missing; a view may have said more."""
    wanted = (*ALWAYS, *SECURE) if settings.is_secure else ALWAYS
    if request.endpoint != "static":
        wanted += NOT_KEPT
    said = {name.lower() for name, _ in response.headers}
    if response.mimetype != "text/html":
        wanted += OF_DATA
    else:
        wanted += _of_page()
        if "content-security-policy" not in said:  # it names places of other people
            response.headers["Content-Security-Policy"] = policy()
    if not said.isdisjoint(NAMES):
        wanted = tuple(one for one in wanted if one[0].lower() not in said)
    put_beside(response, wanted)


def _of_page() -> Pairs:
    if g.get("may_be_framed"):
        return OF_PAGE
    return (*OF_PAGE, FRAMED_BY_US if g.get("is_framed_by_us") else FRAMED_BY_NOBODY)
