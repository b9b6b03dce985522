"""Refusals of what came in: fields, limits, methods, sizes; and our own faults."""

from collections.abc import Mapping

from authserver.errors.base import AuthError


class InvalidInput(AuthError):
    """Some fields do not hold what they should; each is named."""

    status, code, number = 422, "invalid_input", "AUTH_002"
    message = "Some fields need your attention."

    def __init__(self, detail: str = "", *, fields: Mapping[str, list[str]]) -> None:
        """Take the faults by field: ``{"email": ["Enter an e-mail address."]}``."""
        super().__init__(detail or f"fields: {sorted(fields)}")
        self.fields = dict(fields)


class NotFound(AuthError):
    """There is nothing here, or nothing that the caller may know of."""

    status, code, number = 404, "not_found", "AUTH_003"
    message = "There is nothing here."


class Conflict(AuthError):
    """Somebody else has taken the name, or the state forbids it."""

    status, code, number = 409, "conflict", "AUTH_004"
    message = "That is already taken or no longer possible."


class Gone(Conflict):
    """What this belongs to has been deleted at the same moment; mostly it is a client."""

    oauth = "invalid_client"


class StaleVersion(AuthError):
    """``If-Match`` named a version that is gone (RFC 9110 §13.1.1)."""

    status, code, number = 412, "stale_version", "AUTH_005"
    message = "Someone else changed this meanwhile. Load it again."


class TooManyTries(AuthError):
    """A limit was reached; ``Retry-After`` says when to come back, in seconds."""

    status, code, number = 429, "too_many_tries", "AUTH_006"
    oauth = "temporarily_unavailable"
    message = "Too many tries. Please wait a while."
    recorded = True

    def __init__(self, detail: str = "", *, retry_after: int = 60) -> None:
        """Say after how many seconds the window opens again."""
        super().__init__(detail)
        self.retry_after = max(1, int(retry_after))
        self.headers = {"Retry-After": str(self.retry_after)}


class CsrfFailed(AuthError):
    """A form came without the token of this browser's page."""

    status, code, number = 400, "csrf_failed", "AUTH_007"
    message = "The page had grown old. Please send the form again."


class MethodNotAllowed(AuthError):
    """The address exists, but not for this method (RFC 9110 §15.5.6)."""

    status, code, number = 405, "method_not_allowed", "AUTH_008"
    message = "That method is not allowed here."


class TooLarge(AuthError):
    """The body is larger than we read (RFC 9110 §15.5.14)."""

    status, code, number = 413, "too_large", "AUTH_009"
    message = "That is too large."


class UnsupportedMedia(AuthError):
    """The body is of a kind that this address does not read (RFC 9110 §15.5.16)."""

    status, code, number = 415, "unsupported_media_type", "AUTH_010"
    message = "That kind of content is not understood here."


class Unavailable(AuthError):
    """We cannot answer now, and it is not the caller's fault."""

    status, code, number = 503, "unavailable", "AUTH_011"
    oauth = "temporarily_unavailable"
    message = "The service is not available at the moment. Please try again."


class ServerFault(AuthError):
    """A bug of ours.  The log has the traceback under the same trace id."""

    status, code, number = 500, "server_error", "AUTH_012"
    oauth = "server_error"
    message = "Something went wrong on our side."
