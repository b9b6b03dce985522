"""What the authorization endpoint itself gives: codes, and tokens by older flows.

The implicit and hybrid flows (OIDC Core §3.2, §3.3) hand tokens through the browser.
They are there for apps that cannot be changed; who may use them is decided before.
"""

import json
import uuid
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.core import subjects, unredeemed
from authserver.core.apps import App
from authserver.core.grant import Grant
from authserver.core.grants import Authorization, Grants
from authserver.core.scopes import OFFLINE
from authserver.core.tokens import Tokens
from authserver.core.users import DENIED_STATUSES
from authserver.errors import AccessDenied


@dataclass(frozen=True)
class FrontChannel:
    """Makes the answer to an authorization request that was allowed."""

    db: scoped_session[DbSession]
    grants: Grants
    tokens: Tokens

    def answer(
        self, app: App, given: Authorization, wanted: AbstractSet[str]
    ) -> dict[str, str]:
        """Give what the response type names.

        An access token that goes through the browser has a family of its own, and no
        refresh token; the code beside it opens another.

        Args:
            app: The client.
            given: What the person allowed.
            wanted: The words of the response type: code, id_token, token.

        Raises:
            AccessDenied: The account was closed or locked a moment ago, or signed out.
        """
        told: dict[str, str] = {}
        if "code" in wanted:
            told["code"] = self.grants.issue_code(app, given)
        if wanted == {"code"}:
            return told
        grant = self._grant(app, given)
        if "token" in wanted:
            self.tokens.begin_family(grant)
            said = self.tokens.access_answer(grant)
            told |= {name: _written(value) for name, value in said.items()}
        if "id_token" in wanted:
            told["id_token"] = self.tokens.id_token(
                grant,
                told.get("access_token"),
                code=told.get("code"),
                is_alone=wanted == {"id_token"},
            )
        return told

    def _grant(self, app: App, given: Authorization) -> Grant:
        subject = subjects.load(self.db, given.user_id)
        if subject.is_deleted or subject.status in DENIED_STATUSES:
            raise AccessDenied(f"user {subject.id} is {subject.status}")
        session = given.session_id
        if session is not None and not unredeemed.goes_on(self.db, session):
            raise AccessDenied(f"session {session} has ended meanwhile")
        return Grant(
            app=app,
            subject=subject,
            scopes=tuple(scope for scope in given.scopes if scope != OFFLINE),
            family_id=uuid.uuid4(),
            session_id=given.session_id,
            auth_time=given.auth_time,
            acr=given.acr,
            amr=tuple(given.amr),
            nonce=given.nonce,
            claims=given.claims,
            resources=tuple(given.resources),
            details=tuple(given.details),
        )


def _written(value: Any) -> str:
    """Write a member of a token response as a parameter (RFC 6749 §4.2.2)."""
    return value if isinstance(value, str) else json.dumps(value)
