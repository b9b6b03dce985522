"""Passkeys: add, list, remove, sign in (WebAuthn Level 3).

Each ceremony has two halves: options for the browser's ``navigator.credentials``, and
what it answers.  Both must come from one browser, which its cookie shows.
"""

import json
import uuid
from collections.abc import Sequence
from typing import Any

from authserver.api import actors, delivery
from authserver.api.endpoint import ANYONE, Answer, endpoint
from authserver.api.schemas.auth import SigninResponse
from authserver.api.schemas.passkeys import (
    PasskeyOptionsResponse,
    PasskeyRequest,
    PasskeyResponse,
    PasskeySigninRequest,
)
from authserver.core.passkeys import Passkey
from authserver.errors import (
    AccountSuspended,
    BadCredentials,
    LastMethod,
    NotFound,
    NotVerified,
    StepUpNeeded,
    TooManyTries,
)
from authserver.http.context import browser_id, services


@endpoint(gives=PasskeyOptionsResponse, limit="public", refuses=(StepUpNeeded,))
def begin_passkey() -> dict[str, Any]:
    """Begin to add a passkey.

    Gives the options for `navigator.credentials.create`, good for five minutes and for
    this browser. It needs a sign-in or a `POST /auth/reauthenticate` of the last ten
    minutes.
    """
    actor = actors.current()
    browser_id()
    options = services().passkeys.begin(actor.id, actor.session_id)
    return {"options": json.loads(options)}


@endpoint(
    takes=PasskeyRequest,
    gives=PasskeyResponse,
    limit="public",
    status=201,
    once=True,
    refuses=(StepUpNeeded,),
)
def add_passkey(credential: dict[str, Any], name: str) -> Passkey:
    """Add the passkey that the browser has made.

    The owner gets a letter. A passkey verifies its user, so that signing in with it is
    two factors in one.
    """
    actor = actors.current()
    return services().passkeys.add(
        actor.id, actor.session_id, credential=json.dumps(credential), name=name
    )


@endpoint(gives=PasskeyResponse, many=True)
def list_passkeys() -> Sequence[Passkey]:
    """List one's passkeys, the oldest first."""
    return services().passkeys.list_of(actors.current().id)


@endpoint(limit="public", refuses=(StepUpNeeded, NotFound, LastMethod))
def remove_passkey(passkey_id: uuid.UUID) -> None:
    """Remove a passkey, unless it is the last way to sign in; the owner gets a letter."""
    actor = actors.current()
    services().passkeys.remove(actor.id, actor.session_id, passkey_id=passkey_id)


@endpoint(gives=PasskeyOptionsResponse, who=ANYONE, limit="public")
def begin_passkey_signin() -> dict[str, Any]:
    """Begin to sign in with a passkey, whoever it is.

    Gives the options for `navigator.credentials.get`, good for five minutes and for
    this browser.
    """
    browser_id()
    return {"options": json.loads(services().passkeys.ask())}


@endpoint(
    takes=PasskeySigninRequest,
    gives=SigninResponse,
    who=ANYONE,
    limit="signin",
    refuses=(BadCredentials, AccountSuspended, NotVerified, TooManyTries),
)
def signin_with_passkey(credential: dict[str, Any], *, remember: bool) -> Answer:
    """Sign in with what the browser has answered.

    The answer is exactly that of a sign-in, and no second factor is asked for.
    """
    session, _ = services().passkeys.enter(
        json.dumps(credential), remember=remember, kind="api"
    )
    return delivery.admit(session)


ROUTES = (
    ("GET", "/auth/passkeys", list_passkeys),
    ("POST", "/auth/passkeys", add_passkey),
    ("POST", "/auth/passkeys/options", begin_passkey),
    ("DELETE", "/auth/passkeys/<uuid:passkey_id>", remove_passkey),
    ("POST", "/auth/passkeys/signin/options", begin_passkey_signin),
    ("POST", "/auth/passkeys/signin", signin_with_passkey),
)
