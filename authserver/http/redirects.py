"""A return address of our own that we are willing to follow."""

import re

# One slash and then neither a slash nor a backslash: browsers read both "//host" and
# "/\host" as another host.  No control characters: they are dropped, and rejoin.
_LOCAL = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


def local_path(target: str | None, default: str) -> str:
    """Give the target if it is a path on this server, else the default."""
    if target and len(target) <= 2048 and _LOCAL.fullmatch(target):
        return target
    return default
