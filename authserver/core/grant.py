"""What was granted, whichever way: the client, the person, and how far it reaches."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from authserver.core.apps import App
from authserver.core.binding import UNBOUND, Binding
from authserver.core.subjects import Subject
from authserver.core.targets import Target


def reach(
    scopes: Sequence[str], resources: Sequence[str], details: Sequence[Any]
) -> dict[str, Any]:
    """Give how far a grant reaches as rows keep it; ``Grant.of_row`` reads it back."""
    return {
        "scope": " ".join(scopes),
        "resources": list(resources) or None,
        "details": list(details) or None,
    }


@dataclass(frozen=True)
class Grant:
    """For whom tokens are made: client, user, and what was allowed."""

    app: App
    subject: Subject
    scopes: tuple[str, ...]
    family_id: uuid.UUID
    session_id: uuid.UUID | None
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    nonce: str | None = None
    claims: Mapping[str, Any] | None = None
    binding: Binding = UNBOUND
    """The key that the access token is bound to."""
    resources: tuple[str, ...] = ()
    """The resources that the authorization request named, if it did (RFC 8707)."""
    details: tuple[dict[str, Any], ...] = ()
    """The authorization details that were granted (RFC 9396)."""
    target: Target | None = None
    """What the access token is for; by all of these when not said."""
    act: Mapping[str, Any] | None = None
    """Who acts for the person (RFC 8693 §4.1)."""
    refresh_token: str | None = None
    """The refresh token to send along, when one was made."""
    refresh_life: timedelta | None = None
    """How long it may lie idle."""

    @classmethod
    def of_row(cls, row: Any, **facts: Any) -> "Grant":
        """Give the grant that a row keeps until its client redeems it.

        The family of its tokens has the row's id: it exists once, as the row is spent
        once.

        Args:
            row: Of a code, or of what a client polls for.
            facts: What the row does not tell: ``app``, ``subject``, ``session_id``,
                ``binding``, ``target``, and whatever else a grant has.
        """
        return cls(
            scopes=tuple(row.scope.split()),
            family_id=row.id,
            auth_time=row.auth_time,
            acr=row.acr,
            amr=tuple(row.amr),
            resources=tuple(row.resources or ()),
            details=tuple(row.details or ()),
            **facts,
        )
