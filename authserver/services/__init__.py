"""The composition root: the core, built once from settings and adapters.

``building`` what is made at the start · ``ground`` what that stands on · ``own`` what
an account's owner needs · ``operators`` what operators need · ``outside`` what speaks to
other services · ``grants`` what waits for a person elsewhere; the last four are made
when they are first asked for.
"""

from authserver.services.building import Services, build
from authserver.services.ground import (
    KEY_FILE,
    build_doctor,
    build_mailer,
    key_encryption_keys,
)

__all__ = [
    "KEY_FILE",
    "Services",
    "build",
    "build_doctor",
    "build_mailer",
    "key_encryption_keys",
]
