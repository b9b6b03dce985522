"""Sign in with a password."""

from flask import Response, request

from authserver.core.interactions import Interaction
from authserver.core.proof_of_work import FAILURES
from authserver.errors import (
    AccountSuspended,
    AuthError,
    BadCredentials,
    NotVerified,
    PasswordChangeNeeded,
    ProofOfWorkNeeded,
    SecondFactorNeeded,
    TooManyTries,
)
from authserver.http import accounts
from authserver.http.context import browser_id, services, signed_in
from authserver.http.limits import signin_limit
from authserver.http.pages import Form, render
from authserver.http.redirects import to
from authserver.http.unit_of_work import settle_refusal
from authserver.web import forms, mfa, proof_of_work
from authserver.web.page import (
    admit,
    asking_app,
    go_on,
    kept,
    providers,
    see,
    waiting,
)

MAX_HINT = 254


def show_signin() -> Response:
    """Show the form.

    Another tab may have signed in meanwhile: the dispatcher knows whether that will
    do, and sends back here with ``again`` if it will not.
    """
    row = waiting()
    if "again" not in request.args:
        if signed_in() is not None:
            return go_on(row)
        if accounts.are_aside():
            return see("web.show_accounts", **kept(row))
    hint = row.request.get("login_hint", "") if row else ""
    return _page(Form(values={"identifier": hint[:MAX_HINT]}), row)


@signin_limit()
def signin() -> Response:
    """Answer the form, then redirect: a reload must not sign in twice."""
    row = waiting()
    given, form = forms.read(forms.SigninForm())
    if given is None:
        return _page(form, row, status=422)
    browser_id()
    try:
        proof_of_work.require_after(FAILURES)
        session, cookie = services().signin.with_password(**given)
    except NotVerified as refusal:
        settle_refusal(refusal)
        return _to_verification(given["identifier"], row)
    except SecondFactorNeeded as refusal:
        return mfa.to_challenge(refusal, row)
    except PasswordChangeNeeded as refusal:
        settle_refusal(refusal)
        return see("web.show_setup", token=refusal.ticket)
    except BadCredentials as refusal:
        proof_of_work.count(FAILURES)
        return _refused(form, row, refusal)
    except (ProofOfWorkNeeded, TooManyTries, AccountSuspended) as refusal:
        return _refused(form, row, refusal)
    return admit(session, cookie, row)


def _refused(form: Form, row: Interaction | None, refusal: AuthError) -> Response:
    settle_refusal(refusal)
    response = _page(forms.show_again(form, refusal), row, status=refusal.status)
    response.headers.update(refusal.headers)
    return response


def refused_elsewhere(
    row: Interaction | None, refusal: AuthError, *, identifier: str = ""
) -> Response:
    """Show the form to somebody whom another service has not brought in."""
    return _refused(Form(values={"identifier": identifier[:MAX_HINT]}), row, refusal)


def _to_verification(identifier: str, row: Interaction | None) -> Response:
    """Lead somebody with the right password but an unproved address to the proof."""
    user = services().users.find_by_identifier(identifier)
    if user is None:
        return see("web.show_signin", interaction=row.id if row else None)
    challenge = services().signup.ask_again(
        user, interaction_id=row.id if row else None
    )
    return see(
        "web.show_verify",
        challenge=challenge.id,
        interaction=row.id if row else None,
    )


def _page(form: Form, row: Interaction | None, *, status: int = 200) -> Response:
    interaction = str(row.id) if row else None
    browser_id()
    passkeys = services().passkeys
    return render(
        "web/signin.html",
        status=status,
        app=asking_app(row),
        interaction=interaction,
        form=form,
        providers=providers(row),
        passkey_options=passkeys.ask() if passkeys.are_possible else None,
        links={
            "signin": to("web.show_signin", **kept(row)),
            "passkey": to("web.passkey_signin", **kept(row)),
            "signup": to("web.show_signup", interaction=interaction),
            "forgot": to("web.show_forgot", **kept(row)),
            "magic_link": to("web.show_magic_link", **kept(row)),
        },
        **proof_of_work.after(FAILURES),
    )
