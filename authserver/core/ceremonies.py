"""The challenges of WebAuthn (Level 3 §13.4.3): made without a table, taken back once.

A challenge is not kept anywhere before it comes back: it is signed, for one browser, one
purpose, one person where one is known, and five minutes.  The first try spends it.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import timedelta

from authserver.adapters.passkey import Answer, PasskeyRefused
from authserver.clock import Clock
from authserver.core.device import here
from authserver.core.tokens import Tokens
from authserver.crypto import opaque

LIFE = timedelta(minutes=5)
_FORM = re.compile(r"([0-9]{1,12})\.[\w-]{16,64}")


@dataclass(frozen=True)
class Ceremonies:
    """Makes challenges, and takes them back."""

    clock: Clock
    tokens: Tokens
    key: bytes

    def challenge(self, purpose: str, user_id: uuid.UUID | None) -> str:
        """Make a challenge for this browser.

        Args:
            purpose: What the answer is to be good for.
            user_id: Who is to answer, where that is known.
        """
        ends = int((self.clock.now() + LIFE).timestamp())
        rest = f"{ends}.{opaque.new_secret(16)}"
        return f"{rest}.{self._mark(purpose, user_id, rest)}"

    def take_back(
        self, answer: Answer, purpose: str, user_id: uuid.UUID | None
    ) -> None:
        """Take a challenge back, once, from the browser that it was made for.

        Raises:
            PasskeyRefused: It is not ours, another's, too old, or spent.
        """
        rest, _, mark = answer.challenge.rpartition(".")
        found = _FORM.fullmatch(rest)
        if not found or not opaque.same(mark, self._mark(purpose, user_id, rest)):
            raise PasskeyRefused("no challenge of ours for this")
        ends = int(found[1])
        if self.clock.now().timestamp() > ends:
            raise PasskeyRefused("the challenge is too old")
        if not self.tokens.spend_assertion("passkey", rest, ends):
            raise PasskeyRefused("the challenge was spent before")

    def _mark(self, purpose: str, user_id: uuid.UUID | None, rest: str) -> str:
        text = f"passkey|{purpose}|{user_id}|{rest}|{here.get().browser}"
        return opaque.fingerprint(text, key=self.key)
