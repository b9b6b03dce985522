"""What the doctor says of one thing it looked at.

No sentence repeats what was set, nor what another server said: either may hold a secret.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from authserver.adapters.mailer import Mailer
from authserver.config import Settings


@dataclass(frozen=True)
class Finding:
    """What was looked at, whether it is well, what is so, and the cure if there is one.

    Attributes:
        what: One of a few names, in English.
        is_ok: Whether nothing has to be done.
        said: What is so: a sentence that a face may translate.
        cure: What to do about it, likewise.
        facts: What stands in both where they say ``%(name)s``.
    """

    what: str
    is_ok: bool
    said: str
    cure: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What is so, in English."""
        return self.said % self.facts

    @property
    def remedy(self) -> str | None:
        """What to do, in English."""
        return self.cure and self.cure % self.facts


@dataclass(frozen=True)
class Ward:
    """What there is to look at, and how to reach it.

    Attributes:
        settings: What the operator decided.
        key_file: Where the key-encryption key lies when no setting holds it.
        sealing_keys: Reads the key-encryption keys, and makes none.
        open_mailer: Makes what letters go by; connects to nothing yet.
    """

    settings: Settings
    key_file: Path
    sealing_keys: Callable[[], list[bytes]]
    open_mailer: Callable[[], Mailer]


Look = Callable[[Ward], list[Finding]]


def well(what: str, said: str, **facts: Any) -> list[Finding]:
    """Say that it is as it should be."""
    return [Finding(what, is_ok=True, said=said, facts=facts)]


def ill(what: str, said: str, cure: str, **facts: Any) -> list[Finding]:
    """Say what is wrong, and what to do."""
    return [Finding(what, is_ok=False, said=said, cure=cure, facts=facts)]
