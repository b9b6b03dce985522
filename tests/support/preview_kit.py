"""What samples of pages are made of: a frame, a form, invented names and addresses."""

from dataclasses import dataclass, field
from typing import Any


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
        "signup signup_mail signin forgot magic_link verify_resend next switch accounts apps"
        " account profile requests security sessions activity privacy logout client"
        " start_again mailbox passkey"
        " poll resend passkey_new totp_new backup_codes skip download email_change"
        " email_code backup_view export_html sessions_revoke password export"
        " delete_account older mfa_setup"
    ).split()
}
INTERACTION = "8Zq"
ALONE = {"client": None}
"""No app waits for the answer."""


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
