"""Samples of the console's rooms for keys, letters and the system."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.support.preview_kit import Sample, form

Words = Callable[..., str]
Shell = Callable[..., dict[str, Any]]
TABS = {"system": "/s", "doctor": "/d", "settings": "/t"}


def server(_: Words, shell: Shell) -> Iterator[Sample]:
    """What the server itself keeps."""
    yield from keys(_, shell)
    yield from outbox(_, shell)
    yield from mail(_, shell)
    yield from system(_, shell)
    yield from doctor(_, shell)
    yield from settings(_, shell)


def keys(_: Words, shell: Shell) -> Iterator[Sample]:
    """Keys in every state, and none."""
    signs = {
        "kid": "u5VbzXHiWfBN3yyEvCgtZ5q4vLAZ8PKPVdqDPgXSbPY",
        "alg": "RS256",
        "state": {"words": _("Signs"), "mood": "good"},
        "since": "20 Nov 2026 11:00",
        "signed": "20 Nov 2026 12:00",
        "retired": None,
        "ready": None,
        "is_ready": False,
        "rotate_url": None,
        "retire_url": None,
    }
    coming = signs | {
        "state": {"words": _("Signs next"), "mood": ""},
        "signed": None,
        "ready": "21 Nov 2026 12:00",
        "rotate_url": "/r",
    }
    retired = signs | {
        "state": {"words": _("Retired"), "mood": "warn"},
        "retired": "20 Nov 2026 13:00",
        "ready": "20 Nov 2026 14:00",
        "is_ready": True,
        "retire_url": "/t",
    }
    for name, rows in (("", [signs, coming, retired]), ("-none", [])):
        yield Sample(
            f"console-keys{name}",
            "console/keys.html",
            shell("keys", _("Keys"), keys=rows, links={"jwks": "/jwks"}),
        )


def mail(_: Words, shell: Shell) -> Iterator[Sample]:
    """A letter, and the form to try one."""
    chosen = {"letter": "verify_email", "language": "en"}
    known = {
        "letters": [("magic_link", "magic_link"), ("verify_email", "verify_email")],
        "languages_known": [("en", "English"), ("ar", "العربية")],
    }
    yield Sample(
        "console-mail",
        "console/mail.html",
        shell(
            "mail",
            _("Mail"),
            form=form(chosen),
            subject="Confirm your email address",
            text="Hello\n\n482913\n",
            frames=[],
            links={"self": "/console/mail", "test": "/t"},
            **known,
        ),
    )
    yield Sample(
        "console-mail-test",
        "console/mail_test.html",
        shell(
            "mail",
            _("Send a test letter"),
            (_("Mail"), "/console/mail"),
            form=form(chosen, {"email": "Enter an email address."}),
            links={"back": "/b"},
            **known,
        ),
    )


def outbox(_: Words, shell: Shell) -> Iterator[Sample]:
    """Letters in every state, one that was given up, and none."""
    given_up = {
        "letter": "verify_email",
        "recipient": "ada@example.org",
        "owner_url": "/u",
        "state": {"words": _("Given up"), "mood": "bad"},
        "attempts": 12,
        "since": "20 Nov 2026 09:00",
        "again": None,
        "sent": None,
        "fault": "SMTPRecipientsRefused: 550 5.1.1 <b>no such user</b> " * 9,
        "url": "/l",
        "retry_url": "/r",
        "drop_url": "/d",
    }
    sent = given_up | {
        "recipient": "x" * 64 + "@" + "long." * 30 + "example.org",
        "owner_url": None,
        "state": {"words": _("Sent"), "mood": "good"},
        "attempts": 1,
        "sent": "20 Nov 2026 09:00",
        "fault": None,
        "retry_url": None,
    }
    facts = {
        "form": form({"state": "failed"}),
        "pages": {"next": "/n"},
        "is_narrowed": True,
        "states": [("failed", _("Given up")), ("sent", _("Sent"))],
        "kinds": [("verify_email", "verify_email")],
        "sees_addresses": True,
        "links": {"self": "/console/outbox", "retry_all": "/a", "test": "/t"},
    }
    for name, rows in (("", [given_up, sent]), ("-none", [])):
        yield Sample(
            f"console-outbox{name}",
            "console/outbox.html",
            shell("outbox", _("Outbox"), letters=rows, **facts),
        )
    yield Sample(
        "console-outbox-letter",
        "console/outbox_letter.html",
        shell(
            "outbox",
            "verify_email",
            (_("Outbox"), "/console/outbox"),
            letter=given_up,
            fault=given_up["fault"],
        ),
    )


def system(_: Words, shell: Shell) -> Iterator[Sample]:
    """Well, and not."""
    facts = {
        "version": "1.0.0",
        "database": "postgresql",
        "letters": {"waiting": 3, "failed": 1200},
        "runs": [{"when": "20 Nov 2026 12:00", "rows": 5000}],
        "links": {"clean": "/c", "outbox": "/o"} | TABS,
    }
    well = [{"name": _("Database"), "said": "ok", "mood": "good"}]
    ill = [
        *well,
        {"name": _("Keys"), "said": "missing: run `authserver db up`", "mood": "bad"},
        {"name": _("Limits"), "said": "degraded", "mood": "warn"},
    ]
    for name, checks, over in (
        ("", well, []),
        ("-ill", ill, [{"table": "sessions", "rows": 5000, "is_more": True}]),
    ):
        yield Sample(
            f"console-system{name}",
            "console/system.html",
            shell("system", _("System"), checks=checks, over=over, **facts),
        )


def doctor(_: Words, shell: Shell) -> Iterator[Sample]:
    """Well, and not."""
    well = [
        {"what": _("Public address"), "is_ok": True, "said": _("APP_URL is https.")},
        {"what": _("Disk"), "is_ok": True, "said": "AUTHSERVER_HOME has 900 MiB left."},
    ]
    mail = {
        "what": _("Mail server"),
        "is_ok": False,
        "said": _("The server does not let us in."),
        "cure": _("Check MAIL_USER and MAIL_PASS."),
    }
    for name, findings in (("", [mail, *well]), ("-well", well)):
        yield Sample(
            f"console-doctor{name}",
            "console/doctor.html",
            shell(
                "system",
                _("Doctor"),
                (_("System"), "/console/system"),
                findings=findings,
                is_ok=name == "-well",
                at="20 Nov 2026 12:00",
                links=TABS,
            ),
        )


def settings(_: Words, shell: Shell) -> Iterator[Sample]:
    """Some of each kind, and none."""
    one = {
        "name": "ACCESS_TTL",
        "doc": "Life of an access token.",
        "value": "900",
        "is_set": True,
        "is_secret": False,
        "origin": _("Default"),
        "is_default": True,
    }
    secret = one | {
        "name": "MAIL_PASS",
        "doc": "Its password.",
        "is_secret": True,
        "origin": _("A file that a variable names"),
        "is_default": False,
    }
    long = one | {"name": "SIGNUP_REQUIRED_FIELDS", "value": "x" * 300}
    empty = one | {"name": "SUPPORT_EMAIL", "value": "", "is_set": False}
    groups = [("Lifetimes", [one, long]), ("Mail", [secret, empty])]
    for name, found in (("", groups), ("-none", [])):
        yield Sample(
            f"console-settings{name}",
            "console/settings.html",
            shell(
                "system",
                _("Settings"),
                (_("System"), "/console/system"),
                form=form(),
                groups=found,
                origins=[("default", _("Default"))],
                is_narrowed=True,
                links=TABS | {"self": "/console/system/settings"},
            ),
        )
