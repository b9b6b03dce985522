"""The doctor: everything that this node needs, in words, with the cure of what is wrong."""

from typing import Any

from flask import Response, request
from flask_babel import gettext, lazy_gettext

from authserver.console import show
from authserver.console.room import Screen
from authserver.core.doctor import Visit
from authserver.core.finding import Finding
from authserver.http.context import services

WHAT: dict[str, Any] = {
    "issuer": lazy_gettext("Public address"),
    "cookies": lazy_gettext("Cookies"),
    "proxies": lazy_gettext("Proxies"),
    "arrival": lazy_gettext("This request"),
    "disk": lazy_gettext("Disk"),
    "key-encryption key": lazy_gettext("Key-encryption key"),
    "database": lazy_gettext("Database"),
    "signing keys": lazy_gettext("Signing keys"),
    "mail": lazy_gettext("Mail server"),
    "notices": lazy_gettext("Notices to apps"),
    "limits": lazy_gettext("Limits"),
    "clock": lazy_gettext("Clock"),
}
"""What each thing is called that is looked at; another speaks for itself."""


def show_doctor() -> Response:
    """Look, and say what was found: what is wrong first."""
    seen = services().doctor.examine(Visit(request.scheme, request.host))
    found = sorted(seen.findings, key=lambda one: one.is_ok)
    return show.render(
        "doctor",
        title=gettext("Doctor"),
        findings=[_row(one) for one in found],
        is_ok=seen.is_ok,
        at=show.moment(seen.at),
        links=tabs(),
    )


def tabs() -> dict[str, str | None]:
    """Give the ways between the screens about the system, to whoever may."""
    return {
        "system": show.allowed("maintenance:read", "console.show_system"),
        "doctor": show.allowed("maintenance:read", "console.show_doctor"),
        "settings": show.allowed("settings:read", "console.list_settings"),
    }


def _row(one: Finding) -> dict[str, Any]:
    return {
        "what": WHAT.get(one.what, one.what),
        "is_ok": one.is_ok,
        "said": _in_words(one.said, one),
        "cure": _in_words(one.cure, one) if one.cure else None,
    }


def _in_words(sentence: str, one: Finding) -> str:
    return gettext(sentence) % dict(one.facts)


SCREENS = (
    Screen(
        "/system/doctor",
        show_doctor,
        "maintenance:read",
        "GET /admin/maintenance/doctor",
    ),
)
