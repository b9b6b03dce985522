"""Where each setting comes from, and what may be shown of it: of a secret, nothing."""

import dataclasses
import functools
import inspect
import re
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from authserver.config.settings import Settings

_USER_INFO = re.compile(r"(?<=//)[^/@\s]+@")
"""A name and password within a URL (RFC 3986 §3.2.1)."""


class Origin(StrEnum):
    """Who said it."""

    ENVIRONMENT = "environment"
    DOTENV = "dotenv"
    """A file ``.env`` in the working directory."""
    FILE = "file"
    """``NAME_FILE`` named it."""
    DEFAULT = "default"
    DERIVED = "derived"
    """It follows from other settings."""


@dataclasses.dataclass(frozen=True)
class SeenSetting:
    """One setting as an operator may see it.

    Attributes:
        name: Ours; whichever spelling was used.
        group: The heading under which it stands, in English.
        doc: What it does, in English.
        value: As the environment would say it; None of a secret.
        default: What holds when nobody says anything; None of a secret.
        is_set: Whether there is anything at all.
    """

    name: str
    group: str
    doc: str
    value: str | None
    default: str | None
    is_set: bool
    is_secret: bool
    origin: Origin


def seen(settings: Settings) -> list[SeenSetting]:
    """Give every setting in the order of the documents; no secret is among them."""
    return [_seen(settings, line) for line in dataclasses.fields(Settings)]


def _seen(settings: Settings, line: dataclasses.Field[Any]) -> SeenSetting:
    value, is_secret = getattr(settings, line.name), bool(line.metadata.get("secret"))
    unknown = Origin.DEFAULT if value == line.default else Origin.DERIVED
    return SeenSetting(
        name=line.metadata["env"][0],
        group=groups()[line.name],
        doc=line.metadata["doc"],
        value=None if is_secret else _USER_INFO.sub("", plain(value)),
        default=None if is_secret else plain(line.default),
        is_set=bool(plain(value)),
        is_secret=is_secret,
        origin=Origin(settings.origins.get(line.name, unknown)),
    )


@functools.cache
def groups() -> dict[str, str]:
    """Give the heading under which each setting stands, from the ``# --`` comments."""
    heading, found = "", {}
    for part in reversed(Settings.__mro__[:-1]):
        for line in inspect.getsource(part).splitlines():
            if match := re.match(r"    # -- (.+)", line):
                heading = match[1]
            elif match := re.match(r"    (\w+): .*= setting\(", line):
                found[match[1]] = heading
    return found


def plain(value: Any) -> str:
    """Write a value as the environment would."""
    if isinstance(value, timedelta):
        return str(int(value.total_seconds()))
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value == Path() else str(value)
