"""Sign in by mail: ask for a letter, wait, open its link or type its code.

A letter that nobody gets must look like one that somebody gets (C12), so the page that
waits knows nothing but what was typed.  That stands in its URL, sealed for this very
browser; a URL that was copied opens nothing elsewhere.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from flask import Response, jsonify, request, url_for

from authserver.core.challenges import Challenge
from authserver.core.device import Device
from authserver.core.interactions import Interaction
from authserver.core.proof_of_work import LETTERS
from authserver.crypto.sealed import SealBroken
from authserver.errors import (
    ChallengeExpired,
    InvalidInput,
    ProofOfWorkNeeded,
    SecondFactorNeeded,
    TooManyTries,
    WrongCode,
)
from authserver.http import language, words
from authserver.http.context import browser_id, services, signed_in
from authserver.http.limits import public_limit
from authserver.http.pages import Form, render
from authserver.http.unit_of_work import settle_refusal
from authserver.web import forms, mfa, proof_of_work
from authserver.web.page import (
    admit,
    asking_app,
    go_on,
    kept,
    masked,
    next_page,
    open_interaction,
    see,
    waiting,
)

RESEND_AFTER = timedelta(seconds=30)
NOT_OPENED = "The link has not been opened in this browser yet."


@dataclass(frozen=True)
class Ticket:
    """What the page that waits knows."""

    email: str
    asked_at: float


def show_magic_link() -> Response:
    """Show the form."""
    return _ask_page(Form(), waiting())


@public_limit()
def magic_link() -> Response:
    """Send the letter; known and unknown addresses lead to the same page."""
    row = waiting()
    given, form = forms.read(forms.AddressForm())
    if given is None:
        return _ask_page(form, row, status=422)
    try:
        proof_of_work.require_after(LETTERS)
        proof_of_work.count(LETTERS)
        return _send(given["email"], row)
    except (InvalidInput, ProofOfWorkNeeded) as refusal:
        settle_refusal(refusal)
        again = forms.show_again(form, refusal)
        return _ask_page(again, row, status=refusal.status)


def _send(email: str, row: Interaction | None, **more: object) -> Response:
    browser_id()
    app = asking_app(row)
    services().magic_link.ask(
        email,
        interaction_id=row.id if row else None,
        app=app.name if app else None,
    )
    ticket = Ticket(email.strip(), services().clock.now().timestamp())
    return see("web.show_sent", ticket=_seal(ticket), **kept(row), **more)


def _ask_page(form: Form, row: Interaction | None, *, status: int = 200) -> Response:
    return render(
        "web/magic_link.html",
        status=status,
        app=asking_app(row),
        interaction=row.id if row else None,
        form=form,
        links={"signin": url_for("web.show_signin", again=1, **kept(row))},
        **proof_of_work.after(LETTERS),
    )


def show_sent() -> Response:
    """Wait for the link to be opened, or for the code."""
    row, ticket = waiting(), _ticket()
    if ticket is None:
        return see("web.show_magic_link", **kept(row))
    if _has_arrived(ticket):
        return go_on(row)
    return _sent_page(Form(), row, ticket)


@public_limit()
def sent() -> Response:
    """Sign in by the code, or go on if the link was opened in another tab."""
    row, ticket = waiting(), _ticket()
    if ticket is None:
        return see("web.show_magic_link", **kept(row))
    if request.form.get("decision") == "opened":
        if _has_arrived(ticket):
            return go_on(row)
        form = Form(error=language.translate(NOT_OPENED))
        return _sent_page(form, row, ticket, status=422)
    given, form = forms.read(forms.CodeForm())
    if given is None:
        return _sent_page(form, row, ticket, status=422)
    try:
        session, cookie = services().magic_link.enter_with_code(
            ticket.email, given["code"], remember=False
        )
    except SecondFactorNeeded as refusal:
        return mfa.to_challenge(refusal, row)
    except (WrongCode, TooManyTries) as refusal:
        settle_refusal(refusal)
        form.errors["code"] = language.translate(refusal.public)
        return _sent_page(form, row, ticket, status=refusal.status)
    return admit(session, cookie, row)


@public_limit()
def resend_magic_link() -> Response:
    """Send another letter; too soon after the last one nothing is sent."""
    row, ticket = waiting(), _ticket(request.form.get("challenge", ""))
    if ticket is None:
        return see("web.show_magic_link", **kept(row))
    if _wait(ticket):
        return see("web.show_sent", ticket=_seal(ticket), **kept(row))
    return _send(ticket.email, row, resent=1)


def poll() -> Response:
    """Tell the scripts of the page that waits whether to go on."""
    row, ticket = waiting(), _ticket()
    if ticket is None or not _has_arrived(ticket):
        return jsonify({})
    target = url_for("oidc.resume", interaction=row.id) if row else next_page()
    return jsonify({"location": target})


def _sent_page(
    form: Form, row: Interaction | None, ticket: Ticket, *, status: int = 200
) -> Response:
    sealed, along = _seal(ticket), kept(row)
    ttl = services().settings.magic_link_ttl
    return render(
        "web/magic_link_sent.html",
        status=status,
        app=asking_app(row),
        interaction=row.id if row else None,
        form=form,
        challenge=sealed,
        address=masked(ticket.email),
        lifetime=language.duration(ttl.total_seconds()),
        wait=_wait(ticket),
        tries_left=None,
        resent="resent" in request.args,
        links={
            "resend": url_for("web.resend_magic_link", **along),
            "poll": url_for("web.poll", ticket=sealed, **along),
            "magic_link": url_for("web.show_magic_link", **along),
        },
    )


def show_landing() -> Response:
    """Show where the link leads.  A GET spends nothing: mail scanners open it too."""
    token = request.args.get("token", "")
    try:
        challenge = services().magic_link.look(token)
    except ChallengeExpired as refusal:
        settle_refusal(refusal)
        return _spent_page(refusal)
    is_here = _is_from_here(challenge)
    row = open_interaction(challenge.interaction_id)
    seen = services().sessions.surroundings.of(
        Device(ip=challenge.ip_address, user_agent=challenge.user_agent)
    )
    return render(
        "web/magic_link_landing.html",
        app=asking_app(row),
        token=token,
        same_browser=is_here,
        asked_at=words.moment(challenge.created_at, None),
        device=seen.device_name,
        place=seen.place,
        code=None,
    )


@public_limit()
def landing() -> Response:
    """Sign in where the link was asked for; elsewhere send a letter for there.

    Whoever has the link reads the mailbox; but only a letter that this browser has
    asked for opens in it, so that a link which was passed on is worth nothing.  What
    waits in the other browser is that browser's, and is left alone.
    """
    token = request.form.get("token", "")
    try:
        challenge = services().magic_link.look(token)
        if not _is_from_here(challenge):
            return _send(challenge.email or "", None)
        row = open_interaction(challenge.interaction_id)
        session, cookie = services().magic_link.enter_with_link(token, remember=False)
    except ChallengeExpired as refusal:
        settle_refusal(refusal)
        return _spent_page(refusal)
    except SecondFactorNeeded as refusal:
        return mfa.to_challenge(refusal, row)
    return admit(session, cookie, row)


def _spent_page(refusal: ChallengeExpired) -> Response:
    return render(
        "web/magic_link_landing.html",
        status=refusal.status,
        spent=True,
        links={"magic_link": url_for("web.show_magic_link")},
    )


def _is_from_here(challenge: Challenge) -> bool:
    is_bound = challenge.browser_hash is not None
    return not is_bound or services().challenges.is_from_this_browser(challenge)


def _has_arrived(ticket: Ticket) -> bool:
    """Whether whoever asked has signed in since, in another tab of this browser."""
    who = signed_in()
    asked_at = datetime.fromtimestamp(ticket.asked_at, UTC)
    is_them = who is not None and who.email == ticket.email.casefold()
    return who is not None and is_them and who.auth_time >= asked_at


def _wait(ticket: Ticket) -> int:
    now = services().clock.now().timestamp()
    return max(0, int(ticket.asked_at + RESEND_AFTER.total_seconds() - now))


def _seal(ticket: Ticket) -> str:
    return services().cpfs.sealer.seal(json.dumps(asdict(ticket)).encode(), _context())


def _ticket(sealed: str | None = None) -> Ticket | None:
    text = request.args.get("ticket", "") if sealed is None else sealed
    try:
        plain = services().cpfs.sealer.open(text, _context())
    except SealBroken:
        return None
    ticket = Ticket(**json.loads(plain))
    life = services().settings.magic_link_ttl.total_seconds()
    is_old = services().clock.now().timestamp() > ticket.asked_at + life
    return None if is_old else ticket


def _context() -> bytes:
    return f"magic link|{browser_id()}".encode()
