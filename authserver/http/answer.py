"""A response on its way out: what Werkzeug would look at again, and need not.

It looks at every letter of each header that is set, finds those that it replaces, and
copies all of them for the server.  That is a tenth of a hot request.
"""

from collections.abc import Iterable
from typing import Any, cast

from flask import Response
from werkzeug.datastructures import Headers

Pairs = tuple[tuple[str, str], ...]
PLAIN = frozenset({200, 201, 400, 401, 403, 404})
"""Statuses whose headers have nothing to mend: no address, and as long as they say."""


class Answer(Response):
    """Flask's, and what of ours goes out beside the headers of its view."""

    beside: Pairs = ()

    def get_wsgi_headers(self, environ: Any) -> Headers:
        """Give the view's headers, mended where they may need it."""
        headers = self.headers
        if self.status_code in PLAIN and "Content-Length" in headers:
            return headers
        return super().get_wsgi_headers(environ)

    def get_wsgi_response(
        self, environ: Any
    ) -> tuple[Iterable[bytes], str, list[tuple[str, str]]]:
        """Give body, status and all headers."""
        body, status, headers = super().get_wsgi_response(environ)
        return body, status, [*headers, *self.beside]


def put_beside(response: Response, headers: Pairs) -> None:
    """Add headers with no word of anybody else in them, and that no view has set."""
    answer = cast("Answer", response)  # Flask makes one of whatever a view gives
    answer.beside += headers
