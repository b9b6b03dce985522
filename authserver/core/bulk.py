"""One deed, many people: for all of them, or for none.

Each is checked as if they were the only one.  The first refusal ends it, and what was
written before it goes with the transaction; it names whom it is about.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from authserver.core.administration import Administration
from authserver.core.subjects import Subject
from authserver.errors import AuthError, InvalidInput

MOST = 200
"""How many at once: one transaction holds all of their rows."""

Deed = Callable[..., Any]


@dataclass(frozen=True)
class Bulk:
    """Does to many what ``Administration`` does to one."""

    administration: Administration

    @property
    def deeds(self) -> Mapping[str, Deed]:
        """What can be done to many, by its name."""
        one = self.administration
        return {
            "lock": one.lock,
            "unlock": one.unlock,
            "sign-out": one.sign_out,
            "delete": one.delete,
        }

    def do(
        self, deed: str, by: Subject, ids: Sequence[uuid.UUID], *, reason: str | None
    ) -> int:
        """Do it to all; give to how many.

        Args:
            deed: A name of ``deeds``.
            by: Who does it.
            ids: To whom; twice counts once.
            reason: Why, for the log of each.

        Raises:
            InvalidInput: Nobody is named, or too many.
            AuthError: What one of them refuses; ``fields`` names whom.
        """
        people = list(dict.fromkeys(ids))
        if not people:
            raise InvalidInput("nobody", fields={"ids": ["Choose at least one."]})
        if len(people) > MOST:
            raise InvalidInput("too many", fields={"ids": ["Choose at most 200."]})
        # In one order for all, so that two of them cannot wait for each other.
        for user_id in sorted(people):
            try:
                self.deeds[deed](by, user_id, reason=reason)
            except AuthError as refusal:
                refusal.fields = {str(user_id): [refusal.public]}
                raise
        return len(people)
