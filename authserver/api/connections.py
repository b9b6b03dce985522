"""Sign in by another service: out to a provider and back; list and unlink (S0, S1)."""

from collections.abc import Sequence
from typing import Any

from authserver.api import actors, provider_flow
from authserver.api.endpoint import ANYONE, Answer, endpoint
from authserver.api.schemas.connections import (
    BeginQuery,
    BeginResponse,
    CallbackQuery,
    CallbackResponse,
    ConnectionResponse,
)
from authserver.errors import (
    AccessDenied,
    AccountSuspended,
    AddressUnproved,
    ChallengeExpired,
    Conflict,
    ConnectFirst,
    LastMethod,
    NotFound,
    NotSignedIn,
    ProviderFailed,
    StepUpNeeded,
)
from authserver.http.context import services

begins = endpoint(
    query=BeginQuery,
    gives=BeginResponse,
    who=ANYONE,
    limit="lookup",
    refuses=(NotFound, NotSignedIn, StepUpNeeded, ProviderFailed),
)
finishes = endpoint(
    query=CallbackQuery,
    gives=CallbackResponse,
    who=ANYONE,
    limit="lookup",
    refuses=(
        ChallengeExpired,
        AccessDenied,
        AddressUnproved,
        AccountSuspended,
        ConnectFirst,
        Conflict,
        ProviderFailed,
    ),
)


@begins
def begin(provider: str, return_to: str | None, *, remember: bool, link: bool) -> Any:
    """Sign in with another service that the operator has set up.

    A browser (`Accept: text/html`) is redirected; a call gets the address to go to. It
    is good in this browser alone, for ten minutes, once. Without a `return_to` in
    `CORS_ORIGINS` a browser goes on through the pages of this server and ends there
    signed in. With `link=true` what comes back is linked to the account that is signed
    in: that needs its token, a proof of the last ten minutes, and in cookie mode
    `X-CSRF-Token`.
    """
    return provider_flow.send_out(provider, return_to, remember=remember, link=link)


@begins
def begin_google(**given: Any) -> Any:
    """Sign in with Google; as `GET /v1/auth/oauth/{provider}`."""
    return provider_flow.send_out("google", **given)


@begins
def begin_github(**given: Any) -> Any:
    """Sign in with GitHub; as `GET /v1/auth/oauth/{provider}`."""
    return provider_flow.send_out("github", **given)


@finishes
def come_back(provider: str, **_: Any) -> Any:
    """Come back from another service; this is the callback to register there.

    Whoever is known by issuer and subject is signed in; whoever is new gets an account,
    if the service vouches for the address and nobody has it. An address that has an
    account is refused with 409: sign in there, and link. A call gets the envelope with
    the tokens, or `mfaRequired` where a second factor is set up. A browser that began
    with `return_to` is sent there with `result` (`signed_in`, `linked`, or
    `mfa_required` and `#mfaToken=`), or with `error` and `error_code`, and holds its
    tokens in cookies.
    """
    return provider_flow.take_in(provider)


@finishes
def come_back_from_google(**_: Any) -> Any:
    """Come back from Google; as `GET /v1/auth/oauth/{provider}/callback`."""
    return provider_flow.take_in("google")


@finishes
def come_back_from_github(**_: Any) -> Any:
    """Come back from GitHub; as `GET /v1/auth/oauth/{provider}/callback`."""
    return provider_flow.take_in("github")


@endpoint(gives=ConnectionResponse, many=True)
def list_connections() -> Sequence[Any]:
    """List the accounts of other services that are linked to one's own.

    Only what shows whose they are; no token of theirs is kept.
    """
    return services().connections.list_of(actors.current().id)


@endpoint(refuses=(NotFound, LastMethod, StepUpNeeded))
def unlink(provider: str) -> Answer:
    """Unlink the account of another service.

    The owner gets a letter. It is refused where no other way to sign in is left, and
    needs a sign-in or a `POST /auth/reauthenticate` of the last ten minutes.
    """
    actor = actors.current()
    services().connections.unlink(actor.id, provider, session_id=actor.session_id)
    return Answer()


ROUTES = (
    ("GET", "/auth/oauth/google", begin_google),
    ("GET", "/auth/oauth/google/callback", come_back_from_google),
    ("GET", "/auth/oauth/github", begin_github),
    ("GET", "/auth/oauth/github/callback", come_back_from_github),
    ("GET", "/auth/oauth/connections", list_connections),
    ("DELETE", "/auth/oauth/connections/<provider>", unlink),
    ("GET", "/auth/oauth/<provider>", begin),
    ("GET", "/auth/oauth/<provider>/callback", come_back),
)
