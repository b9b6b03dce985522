"""/dev/mail: the letters that development keeps instead of sending.  Development only."""

import re
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from flask import Response, make_response, url_for

from authserver.errors import NotFound
from authserver.http.context import settings
from authserver.http.pages import render

_LINK = re.compile(r"https?://\S+")
_NAME = re.compile(r"[A-Za-z0-9@._-]+\.eml")
MOST = 200


def mailbox() -> Response:
    """List the letters, the newest first."""
    files = sorted(
        settings().mail_dir.glob("*.eml"), key=lambda path: path.stat().st_mtime
    )
    letters = [_facts(path) for path in reversed(files[-MOST:])]
    return render("dev/mailbox.html", letters=letters)


def letter(name: str) -> Response:
    """Show one letter."""
    path = _path(name)
    message = _read(path)
    text = _part(message, "plain")
    facts = _facts(path) | {
        "from": message["From"],
        "text": text,
        "links": _LINK.findall(text),
        "html_url": url_for("devmail.letter_html", name=name),
        "eml_url": None,
    }
    return render(
        "dev/letter.html", letter=facts, links={"mailbox": url_for("devmail.mailbox")}
    )


def letter_html(name: str) -> Response:
    """Give the HTML twin alone, for a sandboxed frame."""
    response = make_response(_part(_read(_path(name)), "html"))
    response.headers["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _path(name: str) -> Path:
    path = settings().mail_dir / name
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound("no such letter")
    return path


def _read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)  # type: ignore[return-value]


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def _facts(path: Path) -> dict[str, Any]:
    message = _read(path)
    sent: datetime | None = message["Date"].datetime if message["Date"] else None
    return {
        "id": path.name,
        "kind": message["X-Letter"],
        "to": message["To"],
        "subject": message["Subject"],
        "sent_at": f"{sent:%Y-%m-%d %H:%M:%S %Z}" if sent else "",
        "url": url_for("devmail.letter", name=path.name),
    }
