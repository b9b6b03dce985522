"""Connect a device: type its code, look at what asks, allow or deny (RFC 8628 §3.3)."""

from flask import Response, request, url_for
from flask_babel import gettext

from authserver.core.apps import App
from authserver.core.device_grants import OVER, Waiting
from authserver.core.interactions import Interaction
from authserver.core.signed_in import SignedIn
from authserver.errors import AuthError, ChallengeExpired, WrongCode
from authserver.http import words
from authserver.http.context import services, signed_in
from authserver.http.limits import device_limit
from authserver.http.pages import Form, render
from authserver.http.unit_of_work import settle_refusal
from authserver.web import consent, forms
from authserver.web.page import asking_app, go_on, see, switch, waiting
from authserver.web.room import owner

MAX_SHOWN = 32


def show_device() -> Response:
    """Ask for the code; one that came with the address is filled in, and not believed.

    Opening the page looks nothing up: a link that is fetched ahead must not tell
    whether a code is good.
    """
    given = request.args.get("user_code", "")[:MAX_SHOWN]
    return _page(Form(values={"user_code": given}))


@device_limit()
def device() -> Response:
    """Find the device, and begin what leads to its confirmation."""
    given, form = forms.read(forms.UserCodeForm())
    if given is None:
        return _page(form, status=422)
    try:
        found = services().device_grants.find(given["user_code"])
    except WrongCode as refusal:
        settle_refusal(refusal)
        form.errors = {"user_code": gettext(refusal.public)}
        return _page(form, status=refusal.status)
    row = services().interactions.begin(
        found.client_key,
        {"client_id": found.client_id, "scope": " ".join(found.wanted.scopes)},
        services().clock.now(),
        device_id=found.id,
    )
    return go_on(row)


def show_device_confirm() -> Response:
    """Show which device asks for what, and from where (RFC 8628 §5.4)."""
    row, app, found = _asked()
    who = signed_in()
    if who is None:
        return see("web.show_signin", interaction=row.id)
    zone = owner(who).timezone
    return render(
        "web/device_confirm.html",
        app=app,
        interaction=row.id,
        user={"name": who.full_name, "email": who.email},
        user_code=found.user_code,
        **consent.words_of_all(found.wanted),
        asked_at=words.moment(found.asked_at, zone),
        device=found.device,
        place=found.place,
        ip=found.ip,
        elsewhere=found.is_elsewhere,
        links={"switch": switch(row)},
    )


def device_confirm() -> Response:
    """Note the answer; the device hears of it when it asks next."""
    row, _, found = _asked()
    who = signed_in()
    if who is None:
        return see("web.show_signin", interaction=row.id)
    decision = request.form.get("decision")
    if decision not in ("allow", "deny"):
        raise AuthError("decision is neither allow nor deny")
    if decision == "allow":
        _allow(found, who)
    else:
        services().device_grants.deny(found, who)
    services().interactions.finish(row)
    return see("web.device_done", outcome=decision)


def _allow(found: Waiting, who: SignedIn) -> None:
    ticked = set(request.form.getlist("scope")) | consent.ALWAYS
    services().device_grants.allow(found, who, sorted(ticked))


def device_done() -> Response:
    """Say what came of it, and where to go now."""
    links: dict[str, str | None] = {"apps": url_for("web.apps")}
    allowed = request.args.get("outcome") == "allow"
    return render("web/device_done.html", allowed=allowed, links=links)


def _asked() -> tuple[Interaction, App, Waiting]:
    """Give the interaction, its client, and the device that waits.

    Raises:
        ChallengeExpired: One of them does not wait any more.
    """
    row = waiting()
    app = asking_app(row)
    if row is None or app is None:
        raise ChallengeExpired("no interaction waits for a device", public=OVER)
    return row, app, services().device_grants.get(row.device_id)


def _page(form: Form, *, status: int = 200) -> Response:
    return render("web/device.html", status=status, form=form)
