"""The certificate that a request's sender has proved, whoever ended the TLS.

Our own listener for mutual TLS puts it into the environment of the request; a trusted
proxy into a header, which ``proxies`` reads and takes from everybody else (RFC 9440 §4).
"""

import logging
from typing import Any, cast

from flask import g

from authserver.crypto.certificate import (
    BadCertificate,
    Certificate,
    chain_from_header,
    from_header,
)
from authserver.http.context import this_request

PLACE = "authserver.client_certificate"
"""In the environment of a request; no header of a client can become this."""
CHAIN_HEADER = "HTTP_CLIENT_CERT_CHAIN"

log = logging.getLogger("authserver.refusal")


def current() -> Certificate | None:
    """Give the certificate of this request; None when there is none to be read."""
    found = this_request().environ.get(PLACE)
    if found is None:
        return None
    if "certificate" not in g:
        g.certificate = _readable(found)
    return cast("Certificate | None", g.certificate)


def take_from_header(environ: dict[str, Any], name: str) -> None:
    """Read the header of a trusted proxy; what it cannot mean is as good as absent."""
    text = environ.pop(name, "")
    chain = environ.pop(CHAIN_HEADER, "")
    if not text:
        return
    try:
        environ[PLACE] = Certificate(from_header(text), chain_from_header(chain))
    except BadCertificate as why:
        log.warning("client certificate", extra={"detail": str(why)})


def as_variable(header: str) -> str:
    """Give the name of a header in the environment of a request."""
    return f"HTTP_{header.upper().replace('-', '_')}"


def _readable(found: Certificate) -> Certificate | None:
    try:
        _ = found.parsed
    except BadCertificate as why:
        log.warning("client certificate", extra={"detail": str(why)})
        return None
    return found
