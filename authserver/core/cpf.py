"""The Brazilian CPF of a person: optional, unique, and never kept in the clear (C25).

The number is sealed; beside it stands a blind index, by which it is found and kept
unique.  A CPF has only a billion values, so the index is keyed; when the
key-encryption key is changed, indexes made with the older one are still found.
"""

import uuid
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.core.personal import clean_cpf
from authserver.crypto.blind_index import blind_index
from authserver.crypto.sealed import Sealer
from authserver.errors import Conflict
from authserver.models import User


@dataclass(frozen=True)
class Cpfs:
    """Gives people their CPF, and finds them by it."""

    db: scoped_session[DbSession]
    sealer: Sealer
    keys: tuple[bytes, ...] = field(repr=False)
    """Keys of the index, the one in use first."""

    def find(self, number: str) -> uuid.UUID | None:
        """Find whose it is.

        Raises:
            InvalidInput: It is no CPF.
        """
        digits = clean_cpf(number)
        if digits is None:
            return None
        indexes = [blind_index(digits, key=key) for key in self.keys]
        return self.db.scalar(
            select(User.id).where(User.cpf_index.in_(indexes)).limit(1)
        )

    def assign(self, user: User, number: str | None) -> None:
        """Give a user their CPF, or take it away with None.

        Raises:
            InvalidInput: It is no CPF.
            Conflict: It is somebody else's.
        """
        digits = clean_cpf(number)
        if digits is None:
            user.cpf_sealed = user.cpf_index = None
            return
        owner = self.find(digits)
        if owner is not None and owner != user.id:
            refusal = Conflict("this CPF has an account", public=TAKEN)
            refusal.fields = {"cpf": [TAKEN]}
            raise refusal
        user.cpf_sealed = self.sealer.seal(digits.encode(), _context(user.id))
        user.cpf_index = blind_index(digits, key=self.keys[0])

    def seal(self, user_id: uuid.UUID, number: str | None) -> str | None:
        """Seal a number that ``assign`` gets later, when its owner has proved more.

        Raises:
            InvalidInput: It is no CPF.
        """
        digits = clean_cpf(number)
        return self.sealer.seal(digits.encode(), _context(user_id)) if digits else None

    def open(self, user_id: uuid.UUID, sealed: str | None) -> str | None:
        """Give the number as it is written: ``529.982.247-25``."""
        if not sealed:
            return None
        digits = self.sealer.open(sealed, _context(user_id)).decode()
        return f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"


TAKEN = "That CPF belongs to another account."


def masked(number: str | None) -> str | None:
    """Show enough to know it again: ``***.982.247-**``."""
    return f"***{number[3:12]}**" if number else None


def _context(user_id: uuid.UUID) -> bytes:
    return b"cpf|" + user_id.bytes
