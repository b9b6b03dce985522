"""What the previews show: a sample of facts for each template, the refused form too.

The facts are those that the views promise; names and addresses are invented.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Words = Callable[..., str]


@dataclass(frozen=True)
class Sample:
    """One page to look at: where its picture goes, what it is made of."""

    name: str
    template: str
    facts: dict[str, Any] = field(default_factory=dict)


CLIENT = {
    "name": "Harbour Notes",
    "host": "notes.example.org",
    "policy_uri": "https://notes.example.org/privacy",
    "tos_uri": "https://notes.example.org/terms",
    "client_uri": "https://notes.example.org/",
}
ADA = {"name": "Ada Lovelace", "email": "ada@example.org", "username": "ada"}
LINKS = {
    name: "/" + name
    for name in (
        "signup signin forgot magic_link verify_resend next switch apps account profile"
        " security sessions activity privacy logout client start_again mailbox"
    ).split()
}
INTERACTION = "8Zq"


def frame() -> dict[str, Any]:
    """The variables of every page."""
    return {
        "brand": {
            "name": "Northwind ID",
            "logo_url": None,
            "colour": "#1f6f5c",
            "support_email": "help@example.org",
            "privacy_url": "/privacy-policy",
            "terms_url": "/terms",
        },
        "client": CLIENT,
        "csrf_token": "t0ken",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "interaction": INTERACTION,
        "links": LINKS,
        "user": ADA,
    }


def form(
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    error: str | None = None,
) -> dict[str, Any]:
    """A form as a page shows it: what was typed, and what was wrong with it."""
    return {"values": values or {}, "errors": errors or {}, "error": error}


def samples(_: Words) -> Iterator[Sample]:
    """Every page and letter, in the words of one language."""
    yield from road(_)


def road(_: Words) -> Iterator[Sample]:
    """From sign-up to signed out."""
    alone = {"client": None}
    yield Sample("signup", "web/signup.html", {"form": form()})
    yield Sample(
        "signup-wrong",
        "web/signup.html",
        {
            "form": form(
                {"full_name": "Ada Lovelace", "email": "ada@"},
                {
                    "email": _("That is not an e-mail address."),
                    "password": _("This password is too short."),
                },
            )
        },
    )
    letter = {
        "form": form(),
        "challenge": "h",
        "address": "a•••@example.org",
        "lifetime": "24 h",
    }
    yield Sample("check-mail", "web/check_mail.html", letter)
    yield Sample(
        "check-mail-wrong",
        "web/check_mail.html",
        letter
        | {
            "form": form(errors={"code": _("That code is not right.")}),
            "tries_left": 3,
            "wait": 30,
        },
    )
    yield Sample("check-mail-resent", "web/check_mail.html", letter | {"resent": True})
    yield Sample(
        "verify-link",
        "web/verify_link.html",
        {"token": "t", "address": "a•••@example.org"},
    )
    yield Sample("verified", "web/verified.html")
    yield Sample("signin", "web/signin.html", {"form": form()})
    yield Sample(
        "signin-alone",
        "web/signin.html",
        {
            "form": form({"identifier": "ada@example.org"}),
            "passkeys": True,
            "providers": [
                {"name": "Google", "url": "/google"},
                {"name": "GitHub", "url": "/github"},
            ],
        }
        | alone,
    )
    yield Sample(
        "signin-wrong",
        "web/signin.html",
        {
            "form": form(
                {"identifier": "ada@example.org"}, error=_("That sign-in did not work.")
            )
        },
    )
    yield Sample(
        "consent",
        "web/consent.html",
        {
            "scopes": [
                {"name": "openid", "optional": False},
                {"name": "profile", "optional": False},
                {"name": "email", "optional": False},
                {"name": "phone", "optional": True, "checked": True},
                {"name": "offline_access", "optional": True},
            ],
            "redirect_host": "notes.example.org",
        },
    )
    yield Sample(
        "consent-unverified",
        "web/consent.html",
        {
            "scopes": [
                {"name": "openid"},
                {"name": "notes:write", "text": "Write notes"},
            ],
            "unverified": True,
            "loopback": True,
            "resources": ["Notes API"],
        },
    )
    yield Sample("logout", "web/logout.html")
    yield Sample("signed-out", "web/signed_out.html")
    yield Sample(
        "account",
        "web/account.html",
        {
            "steps": [
                {
                    "text": _("Add a second step to your sign-in"),
                    "url": "/security",
                    "action": _("Set up"),
                }
            ],
            "facts": [(_("E-mail address"), "ada@example.org")],
        }
        | alone,
    )
    yield Sample(
        "error",
        "error.html",
        {
            "error": {
                "code": "invalid_redirect",
                "message": _("The app sent an address that it has not registered."),
                "description": "redirect_uri is not registered for this client",
                "parameter": "redirect_uri",
            }
        },
    )
    yield Sample(
        "error-plain",
        "error.html",
        {
            "error": {"code": "not_found", "message": _("There is nothing here.")},
            "links": {"account": "/account"},
        }
        | alone,
    )
    yield Sample(
        "form-post",
        "oidc/form_post.html",
        {"action": "/back", "fields": [("code", "c"), ("state", "s & t")]},
    )
    letters = [
        {
            "id": str(number),
            "kind": kind,
            "to": "ada@example.org",
            "subject": subject,
            "sent_at": "12:04",
            "url": f"/dev/mail/{number}",
        }
        for number, (kind, subject) in enumerate(
            [
                ("verify_email", "Confirm your e-mail address"),
                ("new_device", "New sign-in to your account"),
            ]
        )
    ]
    yield Sample("dev-mail", "dev/mailbox.html", {"letters": letters} | alone)
    yield Sample(
        "dev-letter",
        "dev/letter.html",
        {
            "letter": letters[0]
            | {"text": "Hello Ada,\n\n482 913\n", "links": ["/verify/link?token=abc"]}
        }
        | alone,
    )
