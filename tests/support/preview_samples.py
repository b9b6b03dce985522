"""What the previews show: facts for each template of the main road, refused forms too.

The facts are those that the views promise.
"""

from collections.abc import Callable, Iterator

from tests.support.preview_console import console
from tests.support.preview_kit import ALONE, CLIENT, Sample, form
from tests.support.preview_letters import letters
from tests.support.preview_rooms import rooms

Words = Callable[..., str]


def samples(_: Words) -> Iterator[Sample]:
    """Every page and letter, in the words of one language."""
    yield from road(_)
    yield from rooms(_)
    yield from console(_)
    yield from letters()


def road(_: Words) -> Iterator[Sample]:
    """From sign-up to signed out."""
    yield Sample("signup", "web/signup.html", {"form": form()})
    due = {"form": form(), "puzzle": "15.1795000000.a.b"}
    yield Sample("signup-work", "web/signup.html", due)
    yield Sample("signup-mail", "web/signup_mail.html", {"form": form()})
    yield Sample(
        "signup-wrong",
        "web/signup.html",
        {
            "form": form(
                {"full_name": "Ada Lovelace", "email": "ada@"},
                {
                    "email": _("That is not an email address."),
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
    setup = {"form": form(), "token": "t", "email": "ada@example.org"}
    yield Sample("setup", "web/setup.html", setup | ALONE)
    yield Sample("verified", "web/verified.html")
    yield Sample("signin", "web/signin.html", {"form": form()})
    yield Sample(
        "signin-alone",
        "web/signin.html",
        {
            "form": form({"identifier": "ada@example.org"}),
            "passkey_options": '{"challenge":"YQ"}',
            "last_method": "passkey",
            "providers": [
                {"name": "Google", "url": "/google"},
                {"name": "GitHub", "url": "/github"},
            ],
        }
        | ALONE,
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
    late = {"form": form(), "puzzle": due["puzzle"]}
    yield Sample("signin-work", "web/signin.html", late)
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
            "client": CLIENT | {"is_unverified": True},
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
            "facts": [(_("Email address"), "ada@example.org")],
        }
        | ALONE,
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
        | ALONE,
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
                ("verify_email", "Confirm your email address"),
                ("new_device", "New sign-in to your account"),
            ]
        )
    ]
    yield Sample("dev-mail", "dev/mailbox.html", {"letters": letters} | ALONE)
    yield Sample(
        "dev-letter",
        "dev/letter.html",
        {
            "letter": letters[0]
            | {"text": "Hello Ada,\n\n482 913\n", "links": ["/verify/link?token=abc"]}
        }
        | ALONE,
    )
