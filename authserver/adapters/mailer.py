"""Deliver one letter: to a mail server, or into a folder.

Flask-Mail connects without a time limit and, with STARTTLS, without looking at the
certificate; here its connection is opened with both (RFC 8314 §3, RFC 3207).
"""

import contextlib
import ipaddress
import os
import re
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal, Protocol

import flask_mail

from authserver.crypto import opaque
from authserver.errors import ConfigError

TIMEOUT_SECONDS = 10
SUBMISSIONS_PORT = 465
OK = 250

NO_SUCH_MAILBOX = frozenset({550, 551, 553, 556})
"""Said of a recipient, and not of us (RFC 5321 §4.2.3, RFC 7504); 552 may pass."""
ENHANCED = re.compile(r"5\.\d{1,3}\.\d{1,3}\b")
OF_THE_ADDRESS = re.compile(r"5\.(?:1\.(?:[0-6]|10)|2\.[0-2])\b")
"""RFC 3463 §3.2, §3.3, RFC 7505: not the sender's address, not somebody's policy."""

Security = Literal["tls", "starttls", "plain"]


class Mailer(Protocol):
    """Whatever brings a letter on its way."""

    def deliver(self, message: EmailMessage) -> None:
        """Bring it on its way, or raise."""


class UnfitLetter(ValueError):
    """This letter must not be sent: a header or an address holds what it may not."""


class RecipientRefused(OSError):
    """The server takes no letter for this address, and never will (RFC 5321 §4.2.1)."""


class HardenedConnection(flask_mail.Connection):
    """Flask-Mail's connection, with a time limit and a certificate that is checked."""

    def __init__(
        self, mail: Any, *, security: Security, context: ssl.SSLContext
    ) -> None:
        """Remember how to connect; entering the context connects."""
        super().__init__(mail)
        self.security = security
        self.context = context

    def configure_host(self) -> smtplib.SMTP:
        """Connect, encrypt, sign in."""
        mail = self.mail
        if self.security == "tls":
            host: smtplib.SMTP = smtplib.SMTP_SSL(
                mail.server, mail.port, timeout=TIMEOUT_SECONDS, context=self.context
            )
        else:
            host = smtplib.SMTP(mail.server, mail.port, timeout=TIMEOUT_SECONDS)
        try:
            if self.security == "starttls":
                host.starttls(context=self.context)
            if mail.username and mail.password:
                host.login(mail.username, mail.password)
        except BaseException:
            host.close()
            raise
        return host

    @property
    def server(self) -> smtplib.SMTP:
        """Give the open line; asking for it before entering is a bug."""
        if self.host is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        return self.host

    def __exit__(self, *fault: object) -> None:
        """Part politely; the letter was taken or refused before."""
        if self.host is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self.host.quit()
            self.host.close()


class SmtpMailer:
    """Sends by SMTP, encrypted unless the server is on this machine."""

    def __init__(
        self,
        *,
        host: str,
        port: int = SUBMISSIONS_PORT,
        username: str | None = None,
        password: str | None = None,
        ca_file: str | None = None,
        security: Security | None = None,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            host: Name of the server; its certificate must carry it.
            port: 465 speaks TLS at once, others by STARTTLS.
            username: Account there, if it wants one.
            password: Its password.
            ca_file: PEM bundle that may also have signed the certificate.
            security: How to connect, when the port does not say it.

        Raises:
            ConfigError: The bundle cannot be read, or plain text would leave this
                machine.
        """
        self.security = security or _usual_security(host, port, ca_file)
        if self.security == "plain" and not is_loopback(host):
            message = "MAIL_HOST: mail without encryption goes to this machine alone."
            raise ConfigError(message)
        self.context = _tls_context(ca_file)
        self.state = flask_mail.Mail().init_mail(
            {
                "MAIL_SERVER": host,
                "MAIL_PORT": port,
                "MAIL_USERNAME": username,
                "MAIL_PASSWORD": password,
                "MAIL_USE_SSL": self.security == "tls",
                "MAIL_USE_TLS": self.security == "starttls",
            }
        )

    def deliver(self, message: EmailMessage) -> None:
        """Hand the letter to the server.

        Raises:
            UnfitLetter: It must not be sent.
            RecipientRefused: There is nobody there; another try would not help.
            OSError: The server did not take it, or is not who it should be; also
                every error of smtplib.
        """
        sender, recipients = envelope(message)
        with self._connection() as line:
            try:
                line.server.send_message(message, sender, recipients)
            except smtplib.SMTPRecipientsRefused as fault:
                answers = list(fault.recipients.values())
                if all(_is_for_good(code, said) for code, said in answers):
                    raise RecipientRefused(_told(*answers[0])) from None
                raise
            except smtplib.SMTPDataError as fault:
                # Some look for the mailbox only then; what says no more than 550 may
                # be about the text, or about us.
                if _is_for_good(fault.smtp_code, fault.smtp_error, is_plain=False):
                    raise RecipientRefused(
                        _told(fault.smtp_code, fault.smtp_error)
                    ) from None
                raise

    def greet(self) -> None:
        """Connect, encrypt, sign in and part again: all of a delivery but the letter.

        Raises:
            OSError: As in ``deliver``.
        """
        with self._connection() as line:
            code, said = line.server.noop()
        if code != OK:
            raise smtplib.SMTPResponseException(code, said)

    def _connection(self) -> HardenedConnection:
        return HardenedConnection(
            self.state, security=self.security, context=self.context
        )


class FileMailer:
    """Keeps letters as files, one for each Message-ID."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        """Keep them in this folder, which is made when the first letter comes."""
        self.directory = Path(directory)

    def deliver(self, message: EmailMessage) -> None:
        """Write the letter whole, or not at all; a second time it replaces itself."""
        envelope(message)
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = self.directory / f"{_file_stem(message)}.eml"
        draft = self.directory / f".{opaque.new_secret(12)}.draft"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(message.as_bytes())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)


def envelope(message: EmailMessage) -> tuple[str, list[str]]:
    """Give sender and recipients, after a look for injected lines (RFC 5322 §2.2)."""
    for name, value in message.items():
        if re.search(r"[\r\n\0]", f"{name}{value}"):
            raise UnfitLetter(f"a line break in the header {name!r}")
    recipients = [a for name in ("To", "Cc", "Bcc") for a in _addresses(message, name)]
    senders = _addresses(message, "From")
    if len(senders) != 1 or not recipients:
        raise UnfitLetter("a letter has one sender, and somebody to go to")
    return senders[0], list(dict.fromkeys(recipients))


def _is_for_good(code: int, said: bytes | str, *, is_plain: bool = True) -> bool:
    """Whether an answer means that there is nobody at the address.

    Refusals of our own doing, such as 5.7.1 where we may not relay, are an operator's to
    mend: the letter is worth another try.

    Args:
        code: The reply code.
        said: What stood behind it, with an enhanced status code or without.
        is_plain: Whether the reply code alone may say so.
    """
    if not 500 <= code < 600:
        return False
    enhanced = ENHANCED.match(_text(said))
    if enhanced is None:
        return is_plain and code in NO_SUCH_MAILBOX
    return OF_THE_ADDRESS.match(enhanced[0]) is not None


def _told(code: int, said: bytes | str) -> str:
    return f"{code} {_text(said)}"


def _text(said: bytes | str) -> str:
    return said if isinstance(said, str) else said.decode("utf-8", "replace")


def is_loopback(host: str) -> bool:
    """Say whether what is sent to this host stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _addresses(message: EmailMessage, name: str) -> list[str]:
    found = [a.addr_spec for h in message.get_all(name, []) for a in h.addresses]
    for address in found:
        if not re.fullmatch(
            r"[^\s<>,;:\"@\x00-\x20\x7f]+@[^\s<>,;:\"@\x00-\x20\x7f]+", address
        ):
            raise UnfitLetter(f"not an address in {name}")
    return found


def _usual_security(host: str, port: int, ca_file: str | None) -> Security:
    if port == SUBMISSIONS_PORT:
        return "tls"
    # What catches mail on a developer's machine has no certificate anybody signed.
    return "plain" if is_loopback(host) and not ca_file else "starttls"


def _tls_context(ca_file: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as fault:
            raise ConfigError("MAIL_CA_FILE: is no readable PEM bundle.") from fault
    return context


def _file_stem(message: EmailMessage) -> str:
    """Name the file after the Message-ID, or its hash where it is no good name."""
    name = str(message.get("Message-ID", "")).strip().strip("<>")
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._@+=-]{0,149}", name):
        return name
    return opaque.fingerprint(name or message.as_string())
