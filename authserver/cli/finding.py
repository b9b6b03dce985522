"""What `authserver doctor` says of one thing it looked at.

No sentence repeats what was set, nor what another server said: either may hold a secret.
"""

from collections.abc import Callable
from dataclasses import dataclass

from authserver.config import Settings


@dataclass(frozen=True)
class Finding:
    """What was looked at, whether it is well, what is so, and the cure if there is one."""

    what: str
    is_ok: bool
    said: str
    cure: str | None = None


Look = Callable[[Settings], list[Finding]]


def well(what: str, said: str) -> list[Finding]:
    """Say that it is as it should be."""
    return [Finding(what, is_ok=True, said=said)]


def ill(what: str, said: str, cure: str) -> list[Finding]:
    """Say what is wrong, and what to do."""
    return [Finding(what, is_ok=False, said=said, cure=cure)]
