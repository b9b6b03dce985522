"""What is read of a token that came back: is it revoked, is its user still welcome?

One indexed read each, and what else the request wants of the user in the same.
"""

from typing import Any

from sqlalchemy import Row, bindparam, literal_column, select

from authserver.core import subjects
from authserver.core.spent_proofs import ProvenRead
from authserver.core.users import DENIED_STATUSES
from authserver.models import Client, RevokedToken, TokenFamily, User

_revoked = (
    select(literal_column("1"))
    .where(RevokedToken.jti == bindparam("jti"))
    .scalar_subquery()
    .label("is_revoked")
)
_off = select(Client.disabled_at).where(Client.id == TokenFamily.client_id)
_disabled = _off.scalar_subquery().label("disabled_at")


def _by_family(*columns: Any) -> ProvenRead:
    """Read what becomes of a family's tokens, with more of it or of its user."""
    facts = (TokenFamily.revoked_at, TokenFamily.session_id, _revoked, _disabled)
    found = select(*facts, *columns).join(User, User.id == TokenFamily.user_id)
    return ProvenRead(found.where(TokenFamily.id == bindparam("family_id")))


family = _by_family(User.status, User.deleted_at)
family_and_subject = _by_family(TokenFamily.claims, *subjects.columns)
family_and_owner = _by_family(
    TokenFamily.claims, *subjects.columns, *subjects.owner_columns
)
own = ProvenRead(
    select(Client.disabled_at, _revoked).where(
        Client.client_id == bindparam("client_id")
    )
)


def is_alive(row: Row[Any]) -> bool:
    """Nothing of it is revoked, and nobody behind it is gone."""
    facts = row._mapping  # noqa: SLF001 -- SQLAlchemy's public name for it
    if facts["is_revoked"] or facts.get("revoked_at") or facts.get("disabled_at"):
        return False
    return not facts.get("deleted_at") and facts.get("status") not in DENIED_STATUSES
