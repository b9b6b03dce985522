"""What counts tries, as the core sees it; ``adapters/throttle`` does it."""

from typing import Protocol


class Limiter(Protocol):
    """Counts tries by the name of a limit and a key."""

    def hit(self, name: str, key: str) -> None:
        """Count one try; TooManyTries when there have been enough."""

    def test(self, name: str, key: str) -> bool:
        """Say whether another try would pass, without counting one."""

    def resets_in(self, name: str, key: str) -> int:
        """Give the seconds until a try passes; 0 when one would pass now."""

    def clear(self, name: str, key: str) -> None:
        """Forget the tries: the right proof has come."""
