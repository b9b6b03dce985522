"""Converters of what stands in a path, beside Werkzeug's own."""

from flask import Flask
from werkzeug.routing import Map, UnicodeConverter

THUMBPRINT_LENGTH = 43
"""SHA-256 in base64url (RFC 7638 §3)."""


class ThumbprintConverter(UnicodeConverter):
    """The id of a key of ours; any other word is another address."""

    def __init__(self, map: Map) -> None:  # noqa: A002 -- Werkzeug's name for it
        """Take only what is as long as a thumbprint."""
        super().__init__(map, length=THUMBPRINT_LENGTH)


def init_app(app: Flask) -> None:
    """Let routes say ``<thumbprint:kid>``."""
    app.url_map.converters["thumbprint"] = ThumbprintConverter
