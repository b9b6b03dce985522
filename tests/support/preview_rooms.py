"""Samples of the pages beyond the road: recovery, second step, devices, the account."""

from collections.abc import Callable, Iterator
from typing import Any

from authserver.adapters import qr
from tests.support.preview_kit import ALONE, Sample, form

Words = Callable[..., str]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OTPAUTH = f"otpauth://totp/Northwind:ada@example.org?secret={SECRET}&issuer=Northwind"
LAPTOP = {"device": "Firefox, Linux", "place": "Recife, Brazil", "ip": "203.0.113.7"}


def rooms(_: Words) -> Iterator[Sample]:
    """Every page that is not on the main road."""
    yield from by_mail(_)
    yield from second_step(_)
    yield from devices(_)
    yield from account(_)


def by_mail(_: Words) -> Iterator[Sample]:
    """Magic link, forgotten password."""
    sent = {"form": form(), "address": "ada@example.org", "lifetime": "15 min"}
    landing = {"token": "t", "asked_at": "12:04", **LAPTOP}
    yield Sample("magic-link", "web/magic_link.html", {"form": form()})
    due = {"puzzle": "15.1795000000.a.b", "free_in": "40 min"}
    yield Sample("forgot-work", "web/forgot.html", {"form": form()} | due | ALONE)
    yield Sample("magic-link-sent", "web/magic_link_sent.html", sent)
    yield Sample(
        "magic-link-landing",
        "web/magic_link_landing.html",
        landing | {"same_browser": True},
    )
    yield Sample(
        "magic-link-elsewhere",
        "web/magic_link_landing.html",
        landing | {"code": "482913"},
    )
    yield Sample("magic-link-spent", "web/magic_link_landing.html", {"spent": True})
    yield Sample("forgot", "web/forgot.html", {"form": form()} | ALONE)
    yield Sample("forgot-sent", "web/forgot.html", sent | {"sent": True} | ALONE)
    reset = {"form": form(), "token": "t", "email": "ada@example.org"}
    yield Sample("reset", "web/reset.html", reset | ALONE)
    yield Sample("reset-spent", "web/reset.html", {"spent": True} | ALONE)
    yield Sample("reset-done", "web/reset.html", {"done": True} | ALONE)


def second_step(_: Words) -> Iterator[Sample]:
    """The challenge, and its setting up."""
    others = [
        {"method": "passkey", "url": "/p"},
        {"method": "backup_code", "url": "/b"},
    ]
    yield Sample(
        "mfa-totp",
        "web/mfa_challenge.html",
        {"form": form(), "method": "totp", "others": others, "trust_days": 30},
    )
    yield Sample(
        "mfa-totp-wrong",
        "web/mfa_challenge.html",
        {
            "form": form(errors={"code": _("That code is not right.")}),
            "method": "totp",
            "others": others,
            "trust_days": 30,
            "skew": True,
        },
    )
    yield Sample(
        "mfa-backup",
        "web/mfa_challenge.html",
        {"form": form(), "method": "backup_code", "others": others[:1]},
    )
    yield Sample(
        "mfa-passkey",
        "web/mfa_challenge.html",
        {
            "form": form(),
            "method": "passkey",
            "others": others[1:],
            "passkey_options": '{"challenge":"YQ"}',
        },
    )
    yield Sample("mfa-setup", "web/mfa_setup.html", ALONE)
    groups = " ".join(SECRET[start : start + 4] for start in range(0, len(SECRET), 4))
    yield Sample(
        "mfa-totp-new",
        "web/mfa_totp.html",
        {
            "form": form(),
            "qr": qr.draw(OTPAUTH),
            "secret": groups,
            "secret_plain": SECRET,
            "otpauth_url": OTPAUTH,
        }
        | ALONE,
    )
    codes = [
        f"{number:04d}-{number * 7919 % 10000:04d}" for number in range(1234, 1244)
    ]
    yield Sample(
        "backup-codes",
        "web/backup_codes.html",
        {"form": form(), "codes": codes} | ALONE,
    )
    yield Sample(
        "passkey-new",
        "web/passkey_new.html",
        {"form": form(), "passkey_options": '{"challenge":"YQ"}', "offer": True}
        | ALONE,
    )
    yield Sample("reauth", "web/reauth.html", {"form": form()} | ALONE)


def devices(_: Words) -> Iterator[Sample]:
    """Device code, account chooser, and the pages of one question or one notice."""
    scopes = [{"name": "openid"}, {"name": "profile"}]
    yield Sample("device", "web/device.html", {"form": form()} | ALONE)
    yield Sample(
        "device-confirm",
        "web/device_confirm.html",
        {
            "user_code": "WDJB-MJHT",
            "scopes": [*scopes, {"name": "email", "optional": True, "checked": True}],
            "asked_at": "12:04",
            "elsewhere": True,
            **LAPTOP,
        },
    )
    yield Sample(
        "connect",
        "web/connect.html",
        {"provider": "Google", "host": "accounts.google.com", "links": {"next": "/"}}
        | ALONE,
    )
    yield Sample("device-done", "web/device_done.html", {"allowed": True})
    people = [
        {
            "id": "1",
            "name": "Ada Lovelace",
            "email": "ada@example.org",
            "is_in_front": True,
        },
        {
            "id": "2",
            "name": None,
            "email": "a.very.long.address.of.somebody@department.university.example",
        },
    ]
    yield Sample("accounts", "web/accounts.html", {"accounts": people})
    yield Sample(
        "notice",
        "web/notice.html",
        {"heading": _("Your email address is changed"), "words": None} | ALONE,
    )
    yield Sample(
        "confirm",
        "web/confirm.html",
        {
            "heading": _("Keep my account"),
            "links": {"cancel": "/"},
            "token": "t",
        }
        | ALONE,
    )


def account(_: Words) -> Iterator[Sample]:
    """The rooms of one's own account."""
    values = {
        "full_name": "Ada Lovelace",
        "username": "ada",
        "language": "en",
        "timezone": "America/Sao_Paulo",
    }
    yield Sample(
        "profile",
        "web/profile.html",
        {
            "form": form(values),
            "locales": [("en", "English"), ("pt-BR", "Português (Brasil)")],
            "timezones": ["America/Sao_Paulo", "Europe/Lisbon"],
            "pending_email": "ada@new.example",
            "done": _("Saved."),
        }
        | ALONE,
    )
    yield Sample(
        "password", "web/password.html", {"form": form(), "has_password": True} | ALONE
    )
    yield Sample("security", "web/security.html", keys() | ALONE)
    yield Sample("security-empty", "web/security.html", {"passkeys": []} | ALONE)
    yield Sample("sessions", "web/sessions.html", {"sessions": sessions()} | ALONE)
    scopes = [{"name": "openid"}, {"name": "profile"}, {"name": "offline_access"}]
    app = {"name": "Harbour Notes", "host": "notes.example.org", "scopes": scopes}
    dates = {"since": "3 May 2026", "used_at": "2 h", "revoke_url": "/r"}
    yield Sample("apps", "web/apps.html", {"apps": [app | dates]} | ALONE)
    yield Sample("apps-empty", "web/apps.html", {"apps": []} | ALONE)
    asked = {
        "id": "1",
        "client": {"name": "Harbour Bank", "host": "bank.example.org"},
        "binding_message": "W4SCT",
        "scopes": [*scopes, {"name": "email", "optional": True, "checked": True}],
        "asked_at": "12:04",
        "ends_at": "12:09",
        "url": "/r",
    }
    yield Sample("requests", "web/requests.html", {"requests": [asked, asked]} | ALONE)
    yield Sample("requests-empty", "web/requests.html", {"requests": []} | ALONE)
    events = [
        {"text": _("Signed in with a password"), "when": "12:04", **LAPTOP},
        {"text": _("Sign-in refused"), "when": "11:58", "mood": "bad", **LAPTOP},
    ]
    yield Sample("activity", "web/activity.html", {"events": events} | ALONE)
    agreed = [{"text": _("Terms"), "version": "3", "when": "3 May 2026"}]
    yield Sample(
        "privacy",
        "web/privacy.html",
        {"form": form(), "consents": agreed, "grace_days": 30} | ALONE,
    )
    yield Sample("export", "web/export.html", {"data": kept()} | ALONE)


def kept() -> dict[str, Any]:
    """An export with a little of each kind."""
    row = {"id": 7, "created_at": "2026-05-03 12:04", "facts": {"fields": ["phone"]}}
    names = (
        "roles institutions connections passkeys terms sessions letters login_history"
    )
    return {
        "exported_at": "2026-11-20 12:00",
        "user": {"email": "ada@example.org", "phone": None, "metadata": {}},
        "apps": {"consents": [row], "signins": []},
        "security_log": [row],
        "codes_and_links": [],
        **{name: [row] for name in names.split()},
    }


def keys() -> dict[str, Any]:
    """The ways to sign in of somebody who has them all."""
    passkey = {"made_at": "3 May 2026", "used_at": "2 h", "remove_url": "/r"}
    return {
        "password_changed_at": "3 May 2026",
        "passkeys": [
            passkey | {"id": "1", "name": "Laptop"},
            passkey | {"id": "2", "name": "iCloud Keychain"},
        ],
        "totp": {"added_at": "3 May 2026", "remove_url": "/r"},
        "backup_codes_left": 7,
        "connections": [
            {"name": "Google", "account": "ada@example.com", "remove_url": "/r"},
            {"name": "GitHub", "connect_url": "/c"},
        ],
        "trusted": [
            {"name": "Firefox, Linux", "until": "3 June 2026", "remove_url": "/r"}
        ],
    }


def sessions() -> list[dict[str, Any]]:
    """Three sign-ins, this one first."""
    seen = {"first_seen": "3 May 2026", "last_seen": "12:04", "revoke_url": "/r"}
    return [
        seen | {"name": "Firefox, Linux", "current": True, **LAPTOP},
        seen | {"name": "Safari, iPhone", "apps": ["Harbour Notes"], **LAPTOP},
        seen | {"name": "Chrome, Windows", "place": None},
    ]
