"""Institutions, and who belongs to them; their codes go into tokens (S2, C29)."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core.audit import Audit, EventTag
from authserver.errors import Conflict, InvalidInput, NotFound
from authserver.models import Institution, UserInstitution

_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
"""No comma and no space: codes are joined and split in reads."""


@dataclass(frozen=True)
class Institutions:
    """The registry of institutions."""

    db: scoped_session[DbSession]
    clock: Clock
    audit: Audit

    def list_all(self) -> Sequence[Institution]:
        """Give all, by code."""
        return self.db.scalars(select(Institution).order_by(Institution.code)).all()

    def get(self, institution_id: int) -> Institution:
        """Give one.

        Raises:
            NotFound: There is none.
        """
        row = self.db.get(Institution, institution_id)
        if row is None:
            raise NotFound(f"no institution {institution_id}")
        return row

    def create(self, code: str, name: str, *, by: uuid.UUID | None) -> Institution:
        """Add one.

        Raises:
            InvalidInput: The code is not letters, digits, dots, dashes, underscores.
            Conflict: The code is taken.
        """
        self._check_code(code)
        row = Institution(code=code, name=name, created_at=self.clock.now())
        self.db.add(row)
        self.db.flush()
        self._record(row, by, "created")
        return row

    def change(
        self, institution_id: int, *, by: uuid.UUID | None, code: str, name: str
    ) -> Institution:
        """Give one another code or name; tokens show it from their next issue on.

        Raises:
            NotFound, InvalidInput, Conflict: As above.
        """
        row = self.get(institution_id)
        if code.lower() != row.code.lower():
            self._check_code(code)
        row.code, row.name = code, name
        self._record(row, by, "changed")
        return row

    def delete(
        self, institution_id: int, *, by: uuid.UUID | None, reason: str | None = None
    ) -> None:
        """Remove one, and everybody's membership of it."""
        row = self.get(institution_id)
        self._record(row, by, "deleted", reason=reason)
        self.db.delete(row)

    def of_user(self, user_id: uuid.UUID) -> Sequence[Institution]:
        """Give those that a user belongs to."""
        return self.db.scalars(
            select(Institution)
            .join(UserInstitution, UserInstitution.institution_id == Institution.id)
            .where(UserInstitution.user_id == user_id)
            .order_by(Institution.code)
        ).all()

    def join(self, user_id: uuid.UUID, institution_id: int, *, by: uuid.UUID) -> None:
        """Let a user belong to one; twice does no harm."""
        row = self.get(institution_id)
        if self.db.get(UserInstitution, (user_id, institution_id)) is None:
            self.db.add(UserInstitution(user_id=user_id, institution_id=institution_id))
            self._record(row, by, "joined", user_id=user_id)

    def leave(self, user_id: uuid.UUID, institution_id: int, *, by: uuid.UUID) -> None:
        """End a membership.

        Raises:
            NotFound: There is none.
        """
        membership = self.db.get(UserInstitution, (user_id, institution_id))
        if membership is None:
            raise NotFound("no such membership")
        self.db.delete(membership)
        self._record(self.get(institution_id), by, "left", user_id=user_id)

    def _check_code(self, code: str) -> None:
        if not _CODE.fullmatch(code):
            said = "Use up to 64 letters, digits, dots, dashes or underscores."
            raise InvalidInput("not a code", fields={"code": [said]})
        taken = select(Institution.id).where(
            func.lower(Institution.code) == code.lower()
        )
        if self.db.scalar(taken) is not None:
            raise Conflict(f"institution {code} exists")

    def _record(
        self,
        row: Institution,
        by: uuid.UUID | None,
        change: str,
        *,
        user_id: uuid.UUID | None = None,
        reason: str | None = None,
    ) -> None:
        self.audit.record(
            EventTag.INSTITUTION_CHANGED,
            actor_id=by,
            user_id=user_id,
            reason=reason,
            institution=row.code,
            change=change,
        )
