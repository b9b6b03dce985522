"""The composition root: the core, built once from settings and adapters.

``building`` what is made at the start · ``own`` what an account's owner needs ·
``operators`` what operators need · ``outside`` what speaks to other services; the last
three are made when they are first asked for.
"""

from authserver.services.building import (
    KEY_FILE,
    Services,
    build,
    build_mailer,
    key_encryption_keys,
)

__all__ = [
    "KEY_FILE",
    "Services",
    "build",
    "build_mailer",
    "key_encryption_keys",
]
