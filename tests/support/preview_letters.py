"""Samples of the letters; each is rendered as text and as HTML."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from tests.support.preview_kit import Sample

NOON = dt.datetime(2026, 5, 3, 15, 4, tzinfo=dt.UTC)
SITE = "https://id.example.org"
VERIFY = f"{SITE}/verify/link?token=8mV2yq3tXo0Jp5sKc7RzE1dNfLwUaHbG4iTnSxYvQ9k"
HOURS = dt.timedelta(hours=24)

FACTS: dict[str, dict[str, Any]] = {
    "verify_email": {"code": "482913", "link": VERIFY, "valid_for": HOURS},
    "account_exists": {"signin_link": SITE, "reset_link": f"{SITE}/forgot"},
    "password_changed": {"reset_link": f"{SITE}/forgot"},
    "reset_password": {"link": VERIFY, "valid_for": HOURS / 24},
    "magic_link": {
        "code": "482913",
        "link": VERIFY,
        "valid_for": HOURS / 96,
        "app": "Harbour Notes",
    },
    "approve_request": {
        "app": "Harbour Bank",
        "link": SITE,
        "valid_for": HOURS / 288,
    },
    "new_device": {"secure_link": SITE},
    "email_change_confirm": {"code": "482913", "link": VERIFY, "valid_for": HOURS},
    "email_change_notice": {
        "new_email": "a•••@new.example",
        "undo_link": SITE,
        "valid_for": HOURS * 7,
    },
    "mfa_changed": {"change": "totp_added", "secure_link": SITE},
    "account_deleted": {"undo_link": SITE, "gone_at": NOON + HOURS * 30},
    "account_locked": {"lock_time": HOURS / 96, "reset_link": f"{SITE}/forgot"},
    "signed_out_everywhere": {"signin_link": SITE},
    "signin_ended": {"secure_link": SITE},
    "admin_invite": {"link": VERIFY, "valid_for": HOURS * 3, "username": "ada"},
}


def letters() -> Iterator[Sample]:
    """Each letter once."""
    for name, facts in FACTS.items():
        shared = {
            "site": "id.example.org",
            "name": "Ada Lovelace",
            "when": NOON,
            "zone": "America/Recife",
            "ip": "203.0.113.7",
            "device": "Firefox, Linux",
            "place": "Recife",
        }
        yield Sample(f"mail/{name}", f"mail/{name}.html", shared | facts)
