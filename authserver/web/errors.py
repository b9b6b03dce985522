"""A refusal as a page that a person can act on."""

from flask import Response, request, url_for

from authserver.errors import (
    AccountChanged,
    AuthError,
    ChallengeExpired,
    CsrfFailed,
    NotSignedIn,
    StepUpNeeded,
)
from authserver.http import redirects
from authserver.http.pages import error_page
from authserver.web.page import see

FILES = frozenset({"web.export", "web.download_codes"})
"""What comes as a file: a browser shows nothing new for it, so one asks for it again."""
ROOM = 3
"""How many parts the path of a room of the account has: ``/account/security``."""


def render(error: AuthError) -> Response:
    """Show what happened and the way on; who is to prove something is led there."""
    if request.blueprint == "web":
        if isinstance(error, NotSignedIn):
            return see("web.show_signin", next=_here())
        if isinstance(error, StepUpNeeded):
            return see("web.show_reauth", next=_here())
    # Of the query alone: the body may be what was too large to be read.
    interaction = request.args.get("interaction")
    links: dict[str, str | None] = {
        "signin": url_for("web.show_signin", interaction=interaction)
    }
    if isinstance(error, AccountChanged):
        links = {"start_again": redirects.this_page() or _here()}
    if isinstance(error, CsrfFailed):
        links["start_again"] = redirects.this_page() or _here()
    if isinstance(error, ChallengeExpired) and request.path.startswith("/verify"):
        links["start_again"] = url_for("web.show_signup", interaction=interaction)
    if isinstance(error, ChallengeExpired) and request.path.startswith("/device"):
        links["start_again"] = url_for("web.show_device")
    if isinstance(error, ChallengeExpired) and request.path.startswith("/account"):
        links["start_again"] = url_for("web.requests")
    return error_page(error, links=links)


def _here() -> str:
    """Give where to go on afterwards: this page, or the room that a form stands in."""
    if request.method == "GET" and request.endpoint not in FILES:
        return request.full_path.rstrip("?")
    return "/".join(request.path.split("/")[:ROOM])
