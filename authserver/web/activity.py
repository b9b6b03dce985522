"""What happened to the account, in words."""

import re

from flask import Response, request, url_for
from flask_babel import lazy_gettext

from authserver.core.audit import EventTag
from authserver.core.device import Device
from authserver.core.timeline import Happening
from authserver.core.users import User
from authserver.http import words
from authserver.http.context import services
from authserver.web.page import require_signed_in
from authserver.web.room import owner, render_room

_BEFORE = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})")
OTHER = lazy_gettext("Your account was changed")
SAID = {
    "signin": lazy_gettext("Signed in"),
    "signin-refused": lazy_gettext("Attempt to sign in"),
    "proof": lazy_gettext("Confirmed that it is you"),
    "proof-refused": lazy_gettext("Attempt to confirm that it is you"),
    EventTag.USER_SIGNED_UP: lazy_gettext("Account created"),
    EventTag.USER_SIGNUP_REPEATED: lazy_gettext("Sign-up with your address"),
    EventTag.VERIFICATION_ASKED: lazy_gettext("Code for your address asked for"),
    EventTag.USER_EMAIL_VERIFIED: lazy_gettext("Your email address is confirmed"),
    EventTag.RESET_ASKED: lazy_gettext("Link for a new password asked for"),
    EventTag.MAGIC_LINK_ASKED: lazy_gettext("Sign-in link asked for"),
    EventTag.USER_PASSWORD_CHANGED: lazy_gettext("Your password was changed"),
    EventTag.USER_PASSWORD_LOCKED: lazy_gettext("Your password was taken away"),
    EventTag.SESSION_REVOKED: lazy_gettext("Signed out on a device"),
    EventTag.SESSIONS_REVOKED: lazy_gettext("Signed out on other devices"),
    EventTag.CONSENT_GRANTED: lazy_gettext("App given access"),
    EventTag.CONSENT_DENIED: lazy_gettext("App refused access"),
    EventTag.CONSENT_WITHDRAWN: lazy_gettext("Access of an app removed"),
    EventTag.MFA_ENABLED: lazy_gettext("An authenticator app was added."),
    EventTag.MFA_DISABLED: lazy_gettext("The authenticator app was removed."),
    EventTag.BACKUP_CODE_USED: lazy_gettext("A backup code was used."),
    EventTag.BACKUP_CODES_RENEWED: lazy_gettext("New backup codes made"),
    EventTag.PASSKEY_ADDED: lazy_gettext("A passkey was added."),
    EventTag.DEVICE_TRUSTED: lazy_gettext("A device was trusted."),
    EventTag.DEVICE_UNTRUSTED: lazy_gettext("A device is trusted no longer."),
    EventTag.PASSKEY_REMOVED: lazy_gettext("A passkey was removed."),
    EventTag.CONNECTION_LINKED: lazy_gettext("Other service connected"),
    EventTag.CONNECTION_UNLINKED: lazy_gettext("Other service disconnected"),
    EventTag.PROFILE_CHANGED: lazy_gettext("Profile changed"),
    EventTag.EMAIL_CHANGE_ASKED: lazy_gettext("Change of the email address asked for"),
    EventTag.EMAIL_CHANGED: lazy_gettext("Your email address was changed"),
    EventTag.EMAIL_CHANGE_UNDONE: lazy_gettext("The change was undone"),
    EventTag.TERMS_ACCEPTED: lazy_gettext("Terms accepted"),
    EventTag.TERMS_WITHDRAWN: lazy_gettext("Terms no longer accepted"),
    EventTag.DATA_EXPORTED: lazy_gettext("Your data was downloaded"),
    EventTag.ACCOUNT_DELETED: lazy_gettext("Your account is deleted"),
    EventTag.ACCOUNT_RESTORED: lazy_gettext("Your account is kept"),
    EventTag.DEVICE_FIRST_SEEN: lazy_gettext("Sign-in on a new device"),
    EventTag.SIGNIN_DISOWNED: lazy_gettext("A sign-in was reported as not yours"),
}
"""What stands for an event; anything else is a change by the operator."""


def activity() -> Response:
    """List it, the latest first."""
    user = owner(require_signed_in())
    found = _BEFORE.fullmatch(request.args.get("before", ""))
    after = (int(found[1]), int(found[2])) if found else None
    stretch = services().timeline.of(user.id, after=after)
    links: dict[str, str | None] = {"password": url_for("web.show_password")}
    if stretch.after is not None:
        signin, event = stretch.after
        links["older"] = url_for("web.activity", before=f"{signin}.{event}")
    if after is not None:
        links["newer"] = url_for("web.activity")
    return render_room(
        "web/activity.html",
        user,
        events=[_line(one, user) for one in stretch.happenings],
        links=links,
    )


def _line(one: Happening, user: User) -> dict[str, object]:
    seen = services().sessions.surroundings.of(Device(one.ip, one.user_agent))
    return {
        "text": SAID.get(one.what, OTHER),
        "when": words.moment(one.at, user.timezone),
        "device": seen.device_name or "",
        "place": seen.place,
        "ip": one.ip,
        "mood": "bad" if one.is_bad else "",
    }
