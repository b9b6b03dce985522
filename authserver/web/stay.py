"""Give a person more time: the request that waits, and the session (WCAG 2.2.1)."""

from flask import Response, jsonify, redirect, request, url_for

from authserver.http.context import services, signed_in
from authserver.http.limits import public_limit
from authserver.http.redirects import local_path
from authserver.web.page import waiting


@public_limit()
def stay() -> Response:
    """Put the end off, and say how long there is now; scripts ask for JSON."""
    row, who = waiting(), signed_in()
    session_ends = services().sessions.touch(who.session_id) if who else None
    ends = services().interactions.put_off(row) if row else session_ends
    if request.accept_mimetypes.best == "application/json":
        left = (ends - services().clock.now()).total_seconds() if ends else 0
        return jsonify({"left": max(0, int(left))})
    target = local_path(request.form.get("next"), url_for("web.account"))
    return redirect(target, 303)  # type: ignore[return-value]
