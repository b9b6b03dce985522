"""A refusal as a page that a person can act on."""

from flask import Response, request, url_for

from authserver.errors import AuthError, ChallengeExpired, CsrfFailed
from authserver.http.pages import error_page


def render(error: AuthError) -> Response:
    """Show what happened and the way on."""
    # Of the query alone: the body may be what was too large to be read.
    interaction = request.args.get("interaction")
    links: dict[str, str | None] = {
        "signin": url_for("web.show_signin", interaction=interaction)
    }
    if isinstance(error, CsrfFailed):
        links["start_again"] = request.full_path.rstrip("?")
    if isinstance(error, ChallengeExpired):
        links["start_again"] = url_for("web.show_signup", interaction=interaction)
    return error_page(error, links=links)
