"""Out to a provider and back, as the /v1 face does it; see ``connections``.

Browsers are sent on, calls get the envelope: ``Accept`` decides.  Tokens never stand in
an address: a browser that is sent on holds them in cookies (C23).
"""

from typing import Any
from urllib.parse import urlencode

from flask import Response, redirect, request, url_for

from authserver.api import actors, delivery
from authserver.api.endpoint import Answer
from authserver.core.attempts import LIFE, Attempt, Wish
from authserver.errors import AuthError, InvalidInput, SecondFactorNeeded
from authserver.http import csrf, provider_return
from authserver.http.context import services
from authserver.http.unit_of_work import settle_refusal

HTML, JSON = "text/html", "application/json"
FACE = "api"


def _is_browser() -> bool:
    return request.accept_mimetypes.best_match([JSON, HTML]) == HTML


def send_out(
    provider: str, return_to: str | None, *, remember: bool, link: bool
) -> Any:
    """Begin: redirect a browser, or tell a call where to go."""
    own = provider_return.own_path(return_to)
    front_end = provider_return.may_return_to(return_to)
    if return_to and not own and not front_end:
        fault = "Name a page of this server, or of an origin of CORS_ORIGINS."
        raise InvalidInput(fields={"return_to": [fault]})
    services().attempts.provider(provider)
    if _is_browser() and front_end is None and not link:
        # Our own pages take it from here: a session, and no tokens.
        pages = url_for("web.begin_connection", provider=provider, next=own)
        return redirect(pages, 303)
    url = provider_return.departed(
        provider,
        Wish(face=FACE, remember=remember, return_to=front_end, **_linker(link=link)),
    )
    if _is_browser():
        return redirect(url, 303)
    return {"authorizationUrl": url, "expiresIn": int(LIFE.total_seconds())}


def _linker(*, link: bool) -> dict[str, Any]:
    """Say to whom to link; what begins it must be a call of the front end itself."""
    if not link:
        return {}
    actor = actors.current()
    if actor.by_cookie:
        csrf.check_header()
    services().sessions.require_recent(actor.session_id)
    return {"user_id": actor.id, "session_id": actor.session_id}


def take_in(provider: str) -> Any:
    """Finish: sign in or link whoever comes back, and send a browser on."""
    state = provider_return.parameter("state") or ""
    if services().attempts.face_of(provider, state) == "page":
        given = request.args.to_dict(flat=False)
        pages = url_for("web.connection_back", provider=provider, **given)
        return redirect(pages, 303)
    attempt = provider_return.arrived(provider)
    sent_on = attempt.wish.return_to if _is_browser() else None
    try:
        answer = _finish(attempt)
    except AuthError as refusal:
        if sent_on is None:
            raise
        settle_refusal(refusal)
        return _send_on(sent_on, error=refusal.code, error_code=refusal.number)
    if sent_on is None:
        return answer
    response = _send_on(sent_on, **_told(answer))
    if answer.prepare:
        answer.prepare(response)
    return response


def _finish(attempt: Attempt) -> Answer:
    identity = provider_return.identified(attempt)
    if attempt.wish.user_id is not None:
        return Answer({"connection": services().connections.link(attempt, identity)})
    try:
        session, _ = services().connections.enter(attempt, identity, kind=FACE)
    except SecondFactorNeeded as due:
        return Answer(delivery.what_is_due(due))
    in_cookies = True if attempt.wish.return_to and _is_browser() else None
    user = services().users.get(session.user_id)
    return delivery.hand_over(
        services().pairs.issue(user, session), in_cookies=in_cookies
    )


def _told(answer: Answer) -> dict[str, str]:
    """Say in the address what came of it: never a token."""
    if answer.data.get("mfaRequired"):
        # Behind the hash: no server and no log reads it (RFC 3986 §3.5).
        return {"result": "mfa_required", "#mfaToken": answer.data["mfaToken"]}
    return {"result": "linked" if "connection" in answer.data else "signed_in"}


def _send_on(target: str, **told: str) -> Response:
    behind = {name[1:]: value for name, value in told.items() if name[0] == "#"}
    query = {name: value for name, value in told.items() if name[0] != "#"}
    joint = "&" if "?" in target else "?"
    fragment = f"#{urlencode(behind)}" if behind else ""
    return redirect(f"{target}{joint}{urlencode(query)}{fragment}", 303)  # type: ignore[return-value]
