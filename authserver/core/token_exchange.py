"""Exchange a token for a lesser one (RFC 8693): narrower, shorter, never more.

The new token is of the subject token's family, so it ends with it.  Its scopes and
audience are within those of the subject token, and it lives no longer than what it was
made of.  Who acts is written into ``act``, around those who acted before (§4.1).
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from authserver.config import Settings
from authserver.core import binding
from authserver.core.apps import App
from authserver.core.audit import Audit, EventTag
from authserver.core.binding import Binding
from authserver.core.checked import Checked
from authserver.core.checks import Checks
from authserver.core.client_metadata import EXCHANGE_FROM, EXCHANGE_TARGETS
from authserver.core.grant import Grant
from authserver.core.scopes import OFFLINE
from authserver.core.targets import Target, audience_of
from authserver.core.tokens import Tokens
from authserver.errors import AuthError, InvalidScope, InvalidTarget, InvalidToken

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
JWT = "urn:ietf:params:oauth:token-type:jwt"
MOST_ACTORS = 8
"""How many may have acted one after the other."""


@dataclass(frozen=True)
class Wish:
    """A token exchange request (RFC 8693 §2.1)."""

    subject_token: str
    subject_type: str | None
    actor_token: str | None
    actor_type: str | None
    requested_type: str | None
    scopes: tuple[str, ...]
    resource: str | None
    audience: str | None


@dataclass(frozen=True)
class TokenExchange:
    """Exchanges."""

    settings: Settings
    checks: Checks
    tokens: Tokens
    audit: Audit

    def exchange(self, wish: Wish, *, app: App, shown: Binding) -> Grant:
        """Give the grant of the lesser token.

        Args:
            wish: What is asked.
            app: Who asks; it has been authenticated.
            shown: The key that the new token will be bound to.

        Raises:
            AuthError: A token is not good, or not for this client to exchange; the
                specification has ``invalid_request`` for both (§2.2.2).
            InvalidScope: A scope that the subject token does not have.
            InvalidTarget: An audience that it does not have, or not for this client.
        """
        _check_types(wish)
        subject = self._living(wish.subject_token, "subject_token")
        self._may_exchange(subject.claims, app, shown)
        actor = self._actor(wish.actor_token, app, shown)
        act = _acting(subject.claims, actor, app, self.settings.issuer)
        target = self._target(wish, subject, app)
        ends = min(one["exp"] for one in (subject.claims, actor or subject.claims))
        target = replace(target, until=ends)
        self.audit.record(
            EventTag.TOKEN_EXCHANGED,
            user_id=subject.subject.id,
            client_id=app.id,
            given_to=subject.claims["client_id"],
            audience=list(target.audience),
        )
        return self._grant(subject, target, act, app=app, shown=shown)

    def _living(self, token: str, name: str) -> Checked:
        try:
            return self.checks.living(token)
        except InvalidToken as why:
            said = f"The {name} is not valid."
            raise AuthError(f"{name}: {why.detail}", public=said) from None

    def _may_exchange(
        self, claims: Mapping[str, Any], app: App, shown: Binding
    ) -> None:
        """Say whether the client may exchange this token at all.

        It may exchange its own, those that are for an API that it serves, and those of
        clients that the operator named.  A token that is bound to a key is no bearer
        token: out of one nothing is made that is.
        """
        bound = binding.of(claims.get("cnf"))
        is_own = claims["client_id"] == app.client_id
        if bound and (not shown or (is_own and not shown.opens(bound))):
            raise _unacceptable("a bound subject token, and no key")
        named = app.extra.get(EXCHANGE_FROM) or ()
        if not (is_own or claims["client_id"] in named or self._serves(claims, app)):
            raise _unacceptable(f"{app.client_id} may not exchange this token")

    def _serves(self, claims: Mapping[str, Any], app: App) -> bool:
        apis = self.tokens.targeting.resources.catalogue().apis
        meant = (apis[one] for one in audience_of(claims) if one in apis)
        return any(app.client_id in api.introspectors for api in meant)

    def _actor(
        self, token: str | None, app: App, shown: Binding
    ) -> dict[str, Any] | None:
        """Give the claims of the actor token: the client's own, or nobody's (§2.1)."""
        if token is None:
            return None
        claims = self._living(token, "actor_token").claims
        if claims["client_id"] != app.client_id:
            raise _unacceptable("an actor_token of another client")
        bound = binding.of(claims.get("cnf"))
        if bound and not shown.opens(bound):
            raise _unacceptable("a bound actor_token, and not its key")
        return claims

    def _target(self, wish: Wish, subject: Checked, app: App) -> Target:
        """Decide what the new token is for: within the subject token, and the policy."""
        has = audience_of(subject.claims)
        catalogue = self.tokens.targeting.resources.catalogue()
        asked = catalogue.parse(" ".join(filter(None, (wish.resource, wish.audience))))
        policy = app.extra.get(EXCHANGE_TARGETS)
        may = has if policy is None else has & set(policy)
        if not set(asked) <= may or not may:
            raise InvalidTarget("an audience beyond the subject token or the policy")
        if wish.scopes and not set(wish.scopes) <= subject.scopes:
            raise InvalidScope("more scope than the subject token has")
        kept = wish.scopes or tuple(sorted(subject.scopes - {OFFLINE}))
        target = catalogue.target(
            kept,
            authorized=tuple(sorted(has)),
            asked=asked or tuple(sorted(may)),
            details=self.tokens.targeting.detail_types.owned(
                subject.claims.get("authorization_details") or ()
            ),
        )
        if lost := set(wish.scopes) - set(target.scopes):
            raise InvalidScope(f"scopes of another audience: {sorted(lost)[:5]}")
        return target

    def _grant(
        self,
        subject: Checked,
        target: Target,
        act: dict[str, Any] | None,
        *,
        app: App,
        shown: Binding,
    ) -> Grant:
        claims = subject.claims
        return Grant(
            app=app,
            subject=subject.subject,
            scopes=target.scopes,
            family_id=uuid.UUID(claims["fam"]),
            session_id=subject.session_id,
            auth_time=datetime.fromtimestamp(claims["auth_time"], UTC),
            acr=claims["acr"],
            amr=tuple(claims["amr"]),
            binding=shown,
            target=target,
            act=act,
        )


def _check_types(wish: Wish) -> None:
    """RFC 8693 §2.1, §3: access tokens in, access tokens out."""
    if wish.subject_type not in (ACCESS_TOKEN, JWT):
        raise AuthError("subject_token_type", public="Unsupported subject_token_type.")
    if (wish.actor_token is None) != (wish.actor_type is None):
        said = "actor_token and actor_token_type belong together."
        raise AuthError("actor_token without its type, or the reverse", public=said)
    if wish.actor_type not in (None, ACCESS_TOKEN, JWT):
        raise AuthError("actor_token_type", public="Unsupported actor_token_type.")
    if wish.requested_type not in (None, ACCESS_TOKEN):
        said = "Unsupported requested_token_type."
        raise AuthError("requested_token_type", public=said)


def _acting(
    subject: Mapping[str, Any],
    actor: Mapping[str, Any] | None,
    app: App,
    issuer: str,
) -> dict[str, Any] | None:
    """Give the ``act`` of the new token, around that of the old one (§4.1, §4.4).

    A client that narrows its own token acts for nobody else; any other is written down,
    also when it brings no actor token.
    """
    before = subject.get("act")
    is_own = subject["client_id"] == app.client_id
    me = {"sub": actor["sub"] if actor else app.client_id, "client_id": app.client_id}
    may_act = subject.get("may_act")
    if may_act is not None and not _fits(may_act, me | {"iss": issuer}):
        raise _unacceptable("may_act names another actor")
    if is_own and actor is None:
        return before
    if _depth(before) >= MOST_ACTORS:
        raise _unacceptable("too many have acted")
    return me | ({"act": before} if before else {})


def _fits(may_act: object, me: Mapping[str, str]) -> bool:
    """RFC 8693 §4.4: every member that names the actor is the actor's."""
    if not isinstance(may_act, dict) or not may_act:
        return False
    return all(me.get(name) == value for name, value in may_act.items())


def _depth(act: Any) -> int:
    depth = 0
    while isinstance(act, dict):
        depth, act = depth + 1, act.get("act")
    return depth


def _unacceptable(why: str) -> AuthError:
    said = "This client may not exchange this token so."
    return AuthError(why, public=said)
