"""A registration as a row, and the row as a registration (RFC 7591 §2).

What is asked for on each request has a column; everything else lies in ``extra`` under
its registered name.
"""

from collections.abc import Mapping
from typing import Any

from authserver.core.apps import App
from authserver.core.client_members import TABLE
from authserver.models import Client

COLUMNS: Mapping[str, str] = {
    "client_name": "name",
    "redirect_uris": "redirect_uris",
    "post_logout_redirect_uris": "post_logout_redirect_uris",
    "grant_types": "grant_types",
    "response_types": "response_types",
    "scope": "scope",
    "token_endpoint_auth_method": "token_endpoint_auth_method",
    "jwks": "jwks",
}
"""The members that have a column."""

OFTEN_EMPTY = frozenset({"jwks", "post_logout_redirect_uris"})
"""Columns that hold nothing where nothing was registered."""


def put(row: Client, members: Mapping[str, Any]) -> None:
    """Write a complete registration into a row; what it does not name goes.

    What an operator has set beside it, such as ``refresh_ttl``, stays.
    """
    for member, column in COLUMNS.items():
        if member in members or column != "scope":
            setattr(row, column, members.get(member))
    row.extra = beside(row.extra) | {
        n: v for n, v in members.items() if n not in COLUMNS
    }


def beside(extra: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give what operators set that is no part of a registration: ``refresh_ttl``."""
    return {n: v for n, v in (extra or {}).items() if not is_member(n)}


def is_member(name: str) -> bool:
    """Whether this is part of a registration, in whichever language."""
    return name.partition("#")[0] in TABLE


def members_of(row: Client | App) -> dict[str, Any]:
    """Give what is registered, under the names of RFC 7591."""
    columns = {member: getattr(row, column) for member, column in COLUMNS.items()}
    lists = {n: list(v) if isinstance(v, tuple) else v for n, v in columns.items()}
    said = {n: v for n, v in lists.items() if v or n not in OFTEN_EMPTY}
    return said | {n: v for n, v in row.extra.items() if is_member(n)}
