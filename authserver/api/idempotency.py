"""``Idempotency-Key``: a POST that is sent again creates nothing twice.

draft-ietf-httpapi-idempotency-key-header-07.  A view says ``once=True``; a caller whose
answer was lost sends the same request under the same key and gets the same answer, for
a day.  Without the header nothing is remembered.
"""

import re
from collections.abc import Callable
from typing import Any

from flask import Response, make_response, request

from authserver.api import actors
from authserver.core.answers import Said
from authserver.errors import AuthError, InvalidInput
from authserver.http.context import services

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT_HEADERS = ("Content-Type", "Location", "ETag", "Set-Cookie")
_KEY = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,255}")
_QUOTED = re.compile(r'"([^"\\]+)"')  # RFC 9651 §3.3.3: a string

PARAMETER: dict[str, Any] = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "A key of the caller's choosing, such as a UUID. The same request "
    "under the same key gives the same answer again, for a day, and does nothing twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


def once(answer: Callable[[], Response], *, anyone: bool) -> Response:
    """Answer a request, or give the answer again that it was given before.

    Args:
        answer: Does what is asked, within the transaction that also holds the key.
        anyone: Whether callers are not known at this address.

    Raises:
        InvalidInput: The key is none, or was used for another request.
    """
    given = request.headers.get(HEADER)
    if given is None:
        return answer()
    claim = services().answers.claim(
        _key(given),
        who="anyone" if anyone else actors.current().id,
        what=f"{request.method} {request.path}",
        body=request.get_data(cache=True),
    )
    if claim.said is not None:
        return _again(claim.said)
    try:
        response = answer()
    except AuthError:
        # Some refusals are kept; the key is not, so that it may be tried again.
        services().answers.forget(claim)
        raise
    headers = [one for one in response.headers.items() if one[0] in KEPT_HEADERS]
    said = Said(response.status_code, headers, response.get_data(as_text=True))
    services().answers.remember(claim, said)
    return response


def _key(given: str) -> str:
    quoted = _QUOTED.fullmatch(given.strip())
    key = quoted[1] if quoted else given.strip()
    if not _KEY.fullmatch(key):
        fault = "Use 1 to 255 visible characters, such as a UUID."
        raise InvalidInput("odd idempotency key", fields={HEADER: [fault]})
    return key


def _again(said: Said) -> Response:
    response = make_response(said.body, said.status)
    response.headers.clear()
    for name, value in said.headers:
        response.headers.add(name, value)
    response.headers[REPLAYED] = "true"
    return response
