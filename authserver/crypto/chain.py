"""A chain of lines, each of which answers for all before it.

A link is an HMAC over the link before and the line's content: whoever can write the
table, but has not the key, can neither change a line nor make a chain of other lines.
It names its key, so that keys can be replaced while old links still count.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

START = "start"
"""What stands before the first line."""


class UnknownKey(Exception):
    """A link was made with a key that is not here."""


class Chain:
    """Links with the first key, and looks at links of every key."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {_key_id(key): key for key in reversed(keys)}
        self._active = _key_id(keys[0])

    def link(self, before: str, line: Mapping[str, Any]) -> str:
        """The link of a line that comes after another."""
        return self._link(self._active, before, line)

    def fits(self, link: str | None, before: str, line: Mapping[str, Any]) -> bool:
        """Is this the link of this line, in this place?"""
        key_id, _, _ = (link or "").partition(".")
        if key_id not in self._keys:
            if link:
                raise UnknownKey(key_id[:16])
            return False
        return hmac.compare_digest(
            self._link(key_id, before, line).encode("ascii"),
            (link or "").encode("utf-8", "replace"),
        )

    def _link(self, key_id: str, before: str, line: Mapping[str, Any]) -> str:
        content = canonical({"before": before, "line": line})
        mac = hmac.new(self._keys[key_id], content, hashlib.sha256).hexdigest()
        return f"{key_id}.{mac}"


def canonical(content: Mapping[str, Any]) -> bytes:
    """One spelling of a line: sorted, without spaces, moments in UTC."""
    return json.dumps(
        content,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
        default=_plain,
    ).encode("ascii")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date | UUID):
        return str(value)
    raise TypeError(f"no spelling for {type(value).__name__}")


def _key_id(key: bytes) -> str:
    return hmac.new(key, b"authserver chain id", hashlib.sha256).hexdigest()[:8]
