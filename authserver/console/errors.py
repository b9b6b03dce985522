"""A refusal as a page of the console; who is to prove something is led there."""

from flask import Response, g, redirect, request, url_for

from authserver.console import show
from authserver.errors import (
    AccountChanged,
    AuthError,
    CsrfFailed,
    NotSignedIn,
    StepUpNeeded,
)
from authserver.http import redirects
from authserver.http.pages import error_page


def render(error: AuthError) -> Response:
    """Show what happened and the way on."""
    here = request.full_path.rstrip("?")
    if request.blueprint == "console":
        if isinstance(error, NotSignedIn):
            return redirect(url_for("web.show_signin", next=here), 303)  # type: ignore[return-value]
        if isinstance(error, StepUpNeeded):
            return redirect(url_for("web.show_reauth", next=here), 303)  # type: ignore[return-value]
    links: dict[str, str | None] = {"account": url_for("web.account")}
    if "operator" in g and show.navigation():
        links["console"] = url_for("console.index")
    if isinstance(error, AccountChanged | CsrfFailed):
        links["start_again"] = redirects.this_page()
    return error_page(error, links=links)
