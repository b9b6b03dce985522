"""Each letter we write: to whom, which template, with which facts."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any
from urllib.parse import urlencode, urlsplit

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.device import here
from authserver.core.limiter import Limiter
from authserver.core.outbox import Outbox
from authserver.core.surroundings import Surroundings
from authserver.errors import TooManyTries
from authserver.models import User

LIMIT = "letter:address"

Rendered = tuple[str, str, str]
Render = Callable[[str, str, dict[str, Any]], Rendered]
"""(letter, language, facts) to (subject, text, HTML)."""


@dataclass(frozen=True)
class Letters:
    """Writes letters into the outbox."""

    settings: Settings
    clock: Clock
    outbox: Outbox
    render: Render
    limiter: Limiter
    surroundings: Surroundings

    def has_room(self, address: str) -> bool:
        """Whether another letter that a stranger may cause would go to an address."""
        return self.limiter.test(LIMIT, address)

    def verify_email(
        self,
        user: User,
        *,
        to: str,
        code: str,
        token: str,
        name: str | None = None,
        nobody: bool = False,
    ) -> None:
        """Carry both a code and a link; either verifies the address (C10)."""
        self._write_if_room(
            "verify_email",
            user,
            to=to,
            nobody=nobody,
            name=name or user.full_name,
            code=code,
            link=self.link("/verify/link", token=token),
            valid_for=self.settings.verification_ttl,
        )

    def account_exists(self, user: User, *, nobody: bool = False) -> None:
        """Tell the owner that somebody signed up with an address we know (C12)."""
        self._write_if_room(
            "account_exists",
            user,
            nobody=nobody,
            signin_link=self.link("/signin"),
            reset_link=self.link("/forgot"),
        )

    def reset_password(self, user: User, *, token: str, nobody: bool = False) -> None:
        """Carry the link that sets another password."""
        self._write_if_room(
            "reset_password",
            user,
            nobody=nobody,
            link=self.link("/reset", token=token),
            valid_for=self.settings.reset_ttl,
        )

    def magic_link(
        self,
        user: User,
        *,
        token: str,
        code: str,
        app: str | None = None,
        nobody: bool = False,
    ) -> None:
        """Carry a link and a code that sign in."""
        self._write_if_room(
            "magic_link",
            user,
            nobody=nobody,
            code=code,
            link=self.link("/magic-link/link", token=token),
            valid_for=self.settings.magic_link_ttl,
            app=app,
        )

    def password_changed(self, user: User) -> None:
        """Tell that the password was changed."""
        self._write("password_changed", user, reset_link=self.link("/forgot"))

    def account_locked(self, user: User) -> None:
        """Tell the owner that the password is locked for a while (C5)."""
        self._write(
            "account_locked",
            user,
            lock_time=self.settings.lock_time,
            reset_link=self.link("/forgot"),
        )

    def mfa_changed(self, user: User, change: str) -> None:
        """Tell that a way to sign in was added, taken away or used up.

        Args:
            user: Whose.
            change: ``totp_added``, ``totp_removed``, ``passkey_added``,
                ``passkey_removed``, ``backup_codes_new`` or ``backup_code_used``.
        """
        secure_link = self.link("/account")
        self._write("mfa_changed", user, change=change, secure_link=secure_link)

    def signin_ended(self, user: User) -> None:
        """Tell that a copied token was noticed and its sign-in was ended (C9)."""
        self._write("signin_ended", user, secure_link=self.link("/account"))

    def email_change_confirm(
        self, user: User, *, to: str, code: str, token: str, nobody: bool = False
    ) -> None:
        """Carry to the new address what proves that it is theirs: a code and a link."""
        self._write_if_room(
            "email_change_confirm",
            user,
            to=to,
            nobody=nobody,
            code=code,
            link=self.link("/email/confirm", token=token),
            valid_for=self.settings.verification_ttl,
        )

    def email_change_notice(
        self, user: User, *, to: str, new: str, token: str, valid_for: timedelta
    ) -> None:
        """Tell the old address that it is so no more, with a way to undo it."""
        self._write(
            "email_change_notice",
            user,
            to=to,
            new_email=new,
            undo_link=self.link("/email/undo", token=token),
            valid_for=valid_for,
        )

    def account_deleted(self, user: User, *, token: str, gone_at: datetime) -> None:
        """Tell that the account is deleted, with the way to have it back."""
        undo_link = self.link("/account/keep", token=token)
        self._write("account_deleted", user, undo_link=undo_link, gone_at=gone_at)

    def approve_request(self, user: User, *, app: str, valid_for: timedelta) -> None:
        """Tell that an app waits for an answer, in the reader's language.

        The app asks, and not the reader's browser, which is no help with that; and
        what the app wants to say is left for the page.
        """
        self._write(
            "approve_request",
            user,
            language=user.language,
            app=app,
            link=self.link("/account/requests"),
            valid_for=valid_for,
        )

    def new_device(self, user: User, *, token: str, app: str | None = None) -> None:
        """Tell of a sign-in from where nobody was seen, with "this was not me"."""
        secure_link = self.link("/not-me", token=token)
        self._write("new_device", user, secure_link=secure_link, app=app)

    def signed_out_everywhere(self, user: User) -> None:
        """Tell that every sign-in was ended, by an administrator or to be safe."""
        self._write("signed_out_everywhere", user, signin_link=self.link("/signin"))

    def specimen(
        self, letter: str, *, to: str, language: str, facts: dict[str, Any]
    ) -> None:
        """Write what an operator tries; the subject says that it is nothing more.

        Raises:
            TooManyTries: The address gets as many letters as it may bear.
        """
        self.limiter.hit(LIMIT, to)
        message = self._message(letter, to, language, facts)
        message.replace_header("Subject", f"[Test] {message['Subject']}")
        self.outbox.queue(message, letter=letter, user_id=None)

    def link(self, path: str, **query: str) -> str:
        """Make a link on our own host: the issuer, and nothing the request said."""
        asked = f"?{urlencode(query)}" if query else ""
        return f"{self.settings.issuer}{path}{asked}"

    def _write_if_room(
        self,
        letter: str,
        user: User,
        *,
        nobody: bool,
        to: str | None = None,
        **facts: Any,
    ) -> None:
        """Write what a stranger may cause, as often as one address may bear it.

        For nobody the same is done, and nothing kept: an address that is not known
        must not show by being answered sooner (C12).
        """
        message = self._compose(letter, user, to=to, **facts)
        try:
            self.limiter.hit(LIMIT, to or user.email)
        except TooManyTries:
            nobody = True
        if nobody:
            self.outbox.pretend(message, letter=letter)
        else:
            self.outbox.queue(message, letter=letter, user_id=user.id)

    def _write(self, letter: str, user: User, **facts: Any) -> None:
        message = self._compose(letter, user, **facts)
        self.outbox.queue(message, letter=letter, user_id=user.id)

    def _compose(
        self,
        letter: str,
        user: User,
        *,
        to: str | None = None,
        language: str | None = None,
        **facts: Any,
    ) -> EmailMessage:
        device = here.get()
        seen = self.surroundings.of(device)
        facts = {
            "name": user.full_name,
            "when": self.clock.now(),
            "zone": user.timezone,
            "ip": device.ip,
            "user_agent": device.user_agent,
            "device": seen.device_name,
            "place": seen.place,
            **facts,
        }
        language = language or device.language or user.language
        return self._message(letter, to or user.email, language, facts)

    def _message(
        self, letter: str, to: str, language: str, facts: dict[str, Any]
    ) -> EmailMessage:
        subject, text, html = self.render(letter, language, facts)
        message = EmailMessage()
        message["Subject"] = " ".join(subject.split())
        message["From"] = self.settings.mail_from
        message["To"] = to
        message["Date"] = formatdate(self.clock.timestamp())
        host = urlsplit(self.settings.issuer).hostname or "localhost"
        message["Message-ID"] = make_msgid(uuid.uuid4().hex, domain=host)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5
        message["X-Letter"] = letter
        message.set_content(text)
        message.add_alternative(html, subtype="html")
        # Last: giving a message its content takes every Content- header away.
        message["Content-Language"] = language
        return message
