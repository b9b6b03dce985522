"""Mail against a real server: encrypted, checked, and given up in time."""

import datetime as dt
import smtplib
import socket
import ssl
import threading
import time
from email import message_from_bytes, policy

import pytest
from aiosmtpd.smtp import AuthResult

from authserver.adapters import mailer
from authserver.adapters.mailer import SmtpMailer
from authserver.errors import ConfigError
from tests.adapters.authority import Authority
from tests.adapters.post import Server, letter


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def certificate(authority):
    return authority.issue("localhost")


def sender(server, authority, security, **changed):
    return SmtpMailer(
        **{
            "host": "localhost",
            "port": server.port,
            "ca_file": str(authority.bundle),
            "security": security,
            **changed,
        }
    )


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_letter_arrives_whole_over_an_encrypted_line(
    authority, certificate, security
):
    with Server(certificate, at_once=security == "tls") as server:
        sender(server, authority, security).deliver(letter())
    (arrived,) = server.mailbox.letters
    assert server.mailbox.lines == [True]
    assert server.mailbox.envelope.mail_from == "no-reply@id.example"
    assert server.mailbox.envelope.rcpt_tos == ["ana@example.org"]
    arrived = message_from_bytes(arrived.as_bytes(), policy=policy.default)
    assert arrived["Subject"] == "Código de verificação"
    assert arrived["To"] == "Ana Ção <ana@example.org>"
    assert arrived["Message-ID"] == "<20261120.1@id.example>"
    assert "123456" in arrived.get_body(["plain"]).get_content().splitlines()
    assert "<b>123456</b>" in arrived.get_body(["html"]).get_content()


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize(
    "flaw", ["another authority", "another host", "expired", "self-signed"]
)
def test_a_certificate_that_does_not_fit_is_refused(
    authority, tmp_path, security, flaw
):
    """And nothing of the letter was said before."""
    stranger = Authority(tmp_path, "Somebody else")
    certificate = {
        "another authority": lambda: stranger.issue("localhost"),
        "another host": lambda: authority.issue("mail.example"),
        "expired": lambda: authority.issue("localhost", until=-dt.timedelta(days=1)),
        "self-signed": lambda: stranger.issue("localhost"),
    }[flaw]()
    with (
        Server(certificate, at_once=security == "tls") as server,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        sender(server, authority, security).deliver(letter())
    assert server.mailbox.letters == []


def test_a_server_that_hides_starttls_gets_nothing(authority):
    """Whoever sits on the line may strip the offer: RFC 3207 §6."""
    with Server() as server, pytest.raises(smtplib.SMTPNotSupportedError):
        sender(server, authority, "starttls").deliver(letter())
    assert server.mailbox.letters == []


def test_the_password_is_said_on_an_encrypted_line_only(authority, certificate):
    seen = []

    def authenticate(server, session, envelope, mechanism, data):
        seen.append((session.ssl is not None, data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)

    options = {"authenticator": authenticate, "auth_required": True}
    with Server(certificate, **options) as server:
        account = {"username": "mail@id.example", "password": "right"}
        sender(server, authority, "starttls", **account).deliver(letter())
        wrong = sender(server, authority, "starttls", **account | {"password": "wrong"})
        with pytest.raises(smtplib.SMTPAuthenticationError):
            wrong.deliver(letter())
    assert seen[0] == (True, b"mail@id.example", b"right")
    assert all(encrypted for encrypted, _, _ in seen)
    assert len(server.mailbox.letters) == 1


def test_on_this_machine_mail_may_go_plain():
    with Server() as server:
        SmtpMailer(host="127.0.0.1", port=server.port).deliver(letter())
    assert len(server.mailbox.letters) == 1


@pytest.mark.parametrize("host", ["mail.example", "10.0.0.5", "127.0.0.1.example"])
def test_plain_text_does_not_leave_this_machine(host):
    with pytest.raises(ConfigError):
        SmtpMailer(host=host, port=25, security="plain")


@pytest.mark.parametrize(
    ("host", "port", "security"),
    [
        ("mail.example", 465, "tls"),
        ("mail.example", 587, "starttls"),
        ("mail.example", 25, "starttls"),
        ("localhost", 465, "tls"),
        ("localhost", 1025, "plain"),
        ("::1", 1025, "plain"),
    ],
)
def test_the_port_says_how_to_connect(host, port, security):
    assert SmtpMailer(host=host, port=port).security == security


def test_who_names_an_authority_wants_it_used(authority):
    bundle = str(authority.bundle)
    assert SmtpMailer(host="localhost", port=25, ca_file=bundle).security == "starttls"


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_bundle_that_is_none_stops_the_start(tmp_path, content):
    path = tmp_path / "bundle.crt"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError, match="MAIL_CA_FILE"):
        SmtpMailer(host="mail.example", ca_file=str(path))


def test_a_letter_that_is_refused_is_an_error(authority, certificate):
    with Server(certificate) as server:
        server.mailbox.refuses = True
        with pytest.raises(smtplib.SMTPDataError):
            sender(server, authority, "starttls").deliver(letter())


def test_a_server_that_says_nothing_is_given_up(monkeypatch, authority):
    monkeypatch.setattr(mailer, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        for security in ("tls", "starttls", "plain"):
            slow = SmtpMailer(host="127.0.0.1", port=port, security=security)
            before = time.monotonic()
            with pytest.raises(OSError, match="timed out"):
                slow.deliver(letter())
            assert time.monotonic() - before < 5


def test_a_server_that_goes_away_is_an_error_and_not_a_crash():
    with socket.create_server(("127.0.0.1", 0)) as rude:

        def hang_up():
            line, _ = rude.accept()
            line.sendall(b"220 hello\r\n")
            line.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(OSError):
            SmtpMailer(host="127.0.0.1", port=rude.getsockname()[1]).deliver(letter())
        thread.join()
