"""Secrets by reference: a file that others may read says where a secret lies."""

import re
from pathlib import Path

from authserver.config.reader import environment
from authserver.errors import ConfigError

_REFERENCE = re.compile(r"\$\{(env|file):([^{}\x00]{1,4096})\}")


def referred(reference: str) -> str:
    """Give the secret that ``${env:NAME}`` or ``${file:/path}`` refers to.

    Raises:
        ConfigError: It is no reference, or leads to nothing; the words hold no value.
    """
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise ConfigError("Refer to it: ${env:NAME} or ${file:/path}.")
    kind, where = found.groups()
    if kind == "env":
        if not (value := environment().get(where)):
            raise ConfigError("The environment has no such name.")
        return value
    try:
        return Path(where).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise ConfigError("The file cannot be read.") from None
