"""A return address of our own that we are willing to follow."""

import re

from flask import current_app, request

# One slash and then neither a slash nor a backslash: browsers read both "//host" and
# "/\host" as another host.  No control characters: they are dropped, and rejoin.
_LOCAL = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


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
