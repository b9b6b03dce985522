"""Dovecot lets people read their mail by our access tokens (RFC 7628, XOAUTH2).

It asks us about each token, or checks it by our published keys; both as
``examples/mail_server`` sets it up.
"""

from __future__ import annotations

import imaplib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.interop.dovecot import EXAMPLE, Dovecot
from tests.support.browser import Browser
from tests.support.enrolment import enrol_client, enrol_person
from tests.support.live import LiveServer, until
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

pytestmark = [
    pytest.mark.live,
    pytest.mark.interop,
    pytest.mark.skipif(
        os.environ.get("AUTHSERVER_TESTS_WITHOUT_DOVECOT") == "1",
        reason="AUTHSERVER_TESTS_WITHOUT_DOVECOT=1",
    ),
]

MAIL, OTHER = "https://mail.example.org", "https://notes.example.org"
SCOPE = "openid email imap notes"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mail")


@pytest.fixture(scope="module")
def guard(server: LiveServer, folder: Path) -> Iterator[RelyingParty]:
    """Dovecot's own client, and the two APIs; one of them is mail."""
    machine = enrol_client(
        server,
        folder,
        redirect_uris=(),
        grant_types=["client_credentials"],
        scope="imap notes",
    )
    asks = ("--introspection-client", machine.registration.client_id)
    made = (
        (MAIL, "Mail", "imap=Read your mail", "--token-typ", "JWT"),
        (OTHER, "Notes", "notes=Read your notes"),
    )
    for identifier, name, scope, *more in made:
        server.cli(
            *("resource", "create", "--identifier", identifier, "--name", name),
            *("--scope", scope, *asks, *more),
        )
    for scope in ("imap", "notes"):
        until(lambda s=scope: asks_for(machine, s).ok, f"the server to know {scope}")
    yield machine
    for identifier, *_ in made:
        server.cli("resource", "delete", identifier)


def asks_for(machine: RelyingParty, scope: str) -> requests.Response:
    form = {"grant_type": "client_credentials", "scope": scope}
    return machine.post("token_endpoint", **form)


@pytest.fixture(scope="module")
def person(server: LiveServer, folder: Path) -> Person:
    return enrol_person(server, folder, claims={})


@pytest.fixture(scope="module")
def app(server: LiveServer, folder: Path, guard: RelyingParty) -> RelyingParty:
    return enrol_client(server, folder, scope=SCOPE)


@pytest.fixture
def tokens(app: RelyingParty, person: Person) -> dict[str, Any]:
    return sign_in(app, person, "openid email imap")


def sign_in(app: RelyingParty, person: Person, scope: str) -> dict[str, Any]:
    with Browser(app.issuer) as browser:
        return app.sign_in(browser, person, scope=scope).tokens


@pytest.fixture
def asking(server: LiveServer, guard: RelyingParty) -> Iterator[Dovecot]:
    """It asks us about each token."""
    me = guard.registration
    with Dovecot() as dovecot:
        yield dovecot.start(
            "by-introspection",
            **{
                "https://DOVECOT_CLIENT_ID:DOVECOT_CLIENT_SECRET@auth.example.org": (
                    f"http://{me.client_id}:{me.client_secret}@127.0.0.1:{server.port}"
                )
            },
        )
    assert not dovecot.is_alive()


@pytest.fixture
def checking(server: LiveServer, guard: RelyingParty) -> Iterator[Dovecot]:
    """It checks tokens by our keys, and never calls us."""
    with Dovecot() as dovecot:
        write_keys(server, dovecot)
        yield dovecot.start("by-keys", **{"https://auth.example.org": server.url})
    assert not dovecot.is_alive()


def write_keys(server: LiveServer, dovecot: Dovecot) -> None:
    subprocess.run(
        [sys.executable, EXAMPLE / "write_keys.py", server.url, dovecot.keys],
        check=True,
    )


def read_mail(dovecot: Dovecot, token: str, name: str, mechanism: str) -> list[bytes]:
    """Sign in, and open the inbox of a new account."""
    said = {
        "XOAUTH2": f"user={name}\1auth=Bearer {token}\1\1",
        "OAUTHBEARER": f"n,a={name},\1host=127.0.0.1\1port={dovecot.port}\1auth=Bearer {token}\1\1",
    }[mechanism]
    with imaplib.IMAP4("127.0.0.1", dovecot.port, timeout=30) as imap:
        imap.authenticate(
            mechanism, lambda challenge: b"" if challenge else said.encode()
        )
        status, found = imap.select("INBOX")
        assert status == "OK"
        return found


MECHANISMS = ("XOAUTH2", "OAUTHBEARER")


@pytest.mark.spec("RFC 7662 §2.2")
def test_it_asks_about_each_token(
    asking: Dovecot, tokens: dict[str, Any], person: Person, app: RelyingParty
) -> None:
    access = tokens["access_token"]
    for mechanism in MECHANISMS:
        assert read_mail(asking, access, person.email, mechanism) == [b"0"]
    with pytest.raises(imaplib.IMAP4.error):
        read_mail(asking, access, "somebody.else@people.example", "XOAUTH2")
    assert app.revoke(access).status_code == 200
    with pytest.raises(imaplib.IMAP4.error):
        read_mail(asking, access, person.email, "XOAUTH2")


@pytest.mark.spec("RFC 9068 §4")
def test_it_checks_tokens_by_our_keys(
    checking: Dovecot, tokens: dict[str, Any], person: Person, server: LiveServer
) -> None:
    """Also by those that came after it had started."""
    access = tokens["access_token"]
    for mechanism in MECHANISMS:
        assert read_mail(checking, access, person.email, mechanism) == [b"0"]
    with pytest.raises(imaplib.IMAP4.error):
        read_mail(checking, access, "somebody.else@people.example", "XOAUTH2")
    head, body, signature = access.split(".")
    forged = ".".join((head, body, signature[::-1]))
    with pytest.raises(imaplib.IMAP4.error):
        read_mail(checking, forged, person.email, "XOAUTH2")


@pytest.mark.spec("RFC 9068 §4")
def test_a_token_for_another_api_opens_no_mailbox(
    asking: Dovecot, checking: Dovecot, app: RelyingParty, person: Person
) -> None:
    """Its scope is another, and its header says that it is an access token."""
    access = sign_in(app, person, "openid email notes")["access_token"]
    for dovecot in (asking, checking):
        with pytest.raises(imaplib.IMAP4.error):
            read_mail(dovecot, access, person.email, "XOAUTH2")
