"""Addresses of our own: to lead to, and to return to if we are willing to follow."""

import re
from functools import lru_cache
from urllib.parse import urlencode

from flask import current_app, request, url_for

# One slash and then neither a slash nor a backslash: browsers read both "//host" and
# "/\host" as another host.  No control characters: they are dropped, and rejoin.
_LOCAL = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
_SAFE = "!$'()*,/:;?@"
"""What may stand in a query as it is (RFC 3986 §3.4), as ``url_for`` leaves it."""


def local_path(target: str | None, default: str) -> str:
    """Give the target if it is a path on this server, else the default."""
    if target and len(target) <= 2048 and _LOCAL.fullmatch(target):
        return target
    return default


def this_page() -> str | None:
    """Give the address that was asked for, if it can also be opened as a page."""
    came = request.full_path.rstrip("?")
    if request.method == "GET" and request.url_rule is not None:
        return came
    can_be_read = current_app.url_map.bind("").test(request.path, method="GET")
    return came if can_be_read else None


def to(endpoint: str, **query: str | None) -> str:
    """Give the address of a page whose path takes nothing.

    A page leads to half a dozen others, and to look for their rules each time took a
    tenth of it.

    Args:
        endpoint: With its blueprint.
        query: What goes along; None is left out.
    """
    told = {name: value for name, value in query.items() if value is not None}
    path = _path(request.root_path, endpoint)
    return f"{path}?{urlencode(told, safe=_SAFE)}" if told else path


@lru_cache(maxsize=256)
def _path(root: str, endpoint: str) -> str:
    del root  # it stands before the path
    return url_for(endpoint)
