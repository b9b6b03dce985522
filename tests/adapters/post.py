"""A letter, and a mail server that keeps what it gets."""

import ssl
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from aiosmtpd.smtp import SMTP

from tests.support.ports import free_port


def letter(**changed):
    message = EmailMessage()
    headers = {
        "Subject": "Código de verificação",
        "From": "Sign-in <no-reply@id.example>",
        "To": "Ana Ção <ana@example.org>",
        "Message-ID": "<20261120.1@id.example>",
        "X-Letter": "verify_email",
        **changed,
    }
    for name, value in headers.items():
        if value is not None:
            message[name] = value
    message.set_content("Your code:\n\n123456\n")
    message.add_alternative("<p>Your code: <b>123456</b></p>", subtype="html")
    return message


class Mailbox(MessageHandler):
    """Keeps what came, and over which kind of line."""

    def __init__(self):
        super().__init__()
        self.letters, self.lines, self.refuses = [], [], False
        self.says = {}  # to which command what, where it is not what it should be
        self.connections = 0

    def handle_message(self, message):
        self.letters.append(message)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self.says.get("MAIL", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, options):
        if "RCPT" in self.says:
            return self.says["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.lines.append(server.transport.get_extra_info("ssl_object") is not None)
        self.envelope = envelope
        if self.refuses:
            return "554 5.7.1 not today"
        if "DATA" in self.says:
            return self.says["DATA"]
        return await super().handle_DATA(server, session, envelope)


class Server(Controller):
    """aiosmtpd on a free port; with TLS at once, by STARTTLS, or with none."""

    def __init__(self, certificate=None, *, at_once=False, **options):
        self.mailbox = Mailbox()
        self.starttls = None
        context = None
        if certificate:
            made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            made.load_cert_chain(certificate.chain, certificate.key)
            context, self.starttls = (made, None) if at_once else (None, made)
        self.options = options
        super().__init__(
            self.mailbox, hostname="127.0.0.1", port=free_port(), ssl_context=context
        )

    def factory(self):
        return SMTP(
            self.handler,
            tls_context=self.starttls,
            require_starttls=self.starttls is not None,
            **self.options,
        )

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *fault):
        self.stop()
