"""Which pages of other origins may call /v1: those that the operator named (C23).

The Fetch standard §3.2.  An origin that is not named gets no header at all, and its
browser keeps our answers from it.  Cookies come along, so the origin is never ``*``.
"""

from flask import Request, Response

from authserver.config import Settings

PATHS = "/v1/"
METHODS = "GET, POST, PUT, PATCH, DELETE"
MAY_SEND = (
    "Authorization, Content-Type, Accept-Language, Idempotency-Key, If-Match, Prefer, "
    "X-CSRF-Token, X-Proof-Of-Work, X-Token-Delivery, traceparent"
)
MAY_READ = (
    "ETag, Location, Preference-Applied, RateLimit-Limit, RateLimit-Policy, "
    "RateLimit-Remaining, RateLimit-Reset, Retry-After, WWW-Authenticate, X-Proof-Of-Work, X-Trace-Id"
)
PREFLIGHT_SECONDS = "600"


def send(request: Request, response: Response, settings: Settings) -> None:
    """Let a named origin read the answer."""
    if not (request.path.startswith(PATHS) or is_of_the_api(request.endpoint)):
        return
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin is None or origin not in settings.cors_origins:
        return
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = origin
    headers["Access-Control-Allow-Credentials"] = "true"
    headers["Access-Control-Expose-Headers"] = MAY_READ
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = METHODS
        headers["Access-Control-Allow-Headers"] = MAY_SEND
        headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS


def is_of_the_api(endpoint: str | None) -> bool:
    """Whether this is an endpoint of the JSON face, under whichever prefix (C28)."""
    return (endpoint or "").startswith("api-")
