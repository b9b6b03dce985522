"""At DEBUG the server tells much, and not one secret.

The whole road is walked, with right and with wrong secrets; whatever passed is
collected, and everything the server has written is searched for it.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import requests

from tests.support.browser import Browser, Departure, Page
from tests.support.enrolment import enrol_client
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.relying_party import RelyingParty, basic

pytestmark = pytest.mark.live

AUTH_METHODS = [
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "none",
]
TOKEN_NAMES = ("access_token", "refresh_token", "id_token")


@dataclass
class Secrets:
    """What must not be written down, with where it was used."""

    found: dict[str, str] = field(default_factory=dict)

    def add(self, what: str, secret: str | None) -> str:
        assert secret, f"no {what} to look for"
        self.found[secret] = what
        return secret

    def add_tokens(self, answer: requests.Response) -> dict[str, Any]:
        assert answer.status_code == 200, answer.text
        told = answer.json()
        for name in TOKEN_NAMES:
            if name in told:
                self.add(name, told[name])
        return told

    def add_browser(self, browser: Browser) -> None:
        for cookie in browser.cookies:
            self.add(f"cookie {cookie.name}", cookie.value)

    def add_page(self, page: Page | Departure) -> None:
        if isinstance(page, Page):
            for form in page.document.forms:
                for name, value in form.entries(None):
                    if name == "csrf_token":
                        self.add("csrf_token", value)

    def leaked_into(self, text: str) -> list[str]:
        """Name what stands in the text, as it is or in another spelling."""
        return sorted(
            {
                f"{what}: {secret[:6]}…"
                for secret, what in self.found.items()
                for spelling in spellings(secret)
                if stands_in(text, spelling)
            }
        )


def stands_in(text: str, spelling: str) -> bool:
    """Six digits are also part of many a number; a long secret is only itself."""
    if len(spelling) >= 12:
        return spelling in text
    return bool(re.search(rf"(?<![\w.-]){re.escape(spelling)}(?![\w-])", text))


def spellings(secret: str) -> set[str]:
    plain = secret.encode()
    return {
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        base64.b64encode(plain).decode(),
        repr(secret)[1:-1],
    }


@pytest.fixture
def server(database_kind, make_migrated) -> Iterator[LiveServer]:
    with LiveServer(
        database_url=make_migrated(database_kind), env={"LOG_LEVEL": "DEBUG"}
    ) as server:
        yield server


def test_the_whole_road_leaves_no_secret(server, tmp_path):
    passed = Secrets()
    person = sign_up(server, passed, by="code")
    sign_up(server, passed, by="link")
    wrong_passwords(server, person, passed)
    for auth_method in AUTH_METHODS:
        client = enrol_client(server, tmp_path, auth_method=auth_method)
        with Browser(server.url) as browser:
            tokens_and_out(client, browser, person=person, passed=passed)
    wrong_client_secrets(client, passed)

    written = server.log
    assert "/token" in written, "the log does tell what happened"
    assert len(passed.found) > 60
    assert passed.leaked_into(written) == []


def test_the_search_would_find_a_leak():
    """The test above proves something only if it can fail."""
    passed = Secrets()
    passed.add("code", "481516")
    passed.add("basic", "a b+c")
    assert passed.leaked_into("code=481516") == ["code: 481516…"]
    assert passed.leaked_into("1481516 0.481516") == []
    assert passed.leaked_into("GET /?q=a+b%2Bc") == ["basic: a b+c…"]
    encoded = base64.b64encode(b"a b+c").decode()
    assert passed.leaked_into(f"Basic {encoded}") == ["basic: a b+c…"]


def sign_up(server: LiveServer, passed: Secrets, *, by: str) -> Person:
    email = f"quiet-{secrets.token_hex(5)}@example.org"
    password = passed.add("password", f"Wren {secrets.token_hex(9)} lantern")
    with Browser(server.url) as browser:
        passed.add_page(browser.open("/signup"))
        browser.fill(full_name="Quiet", email=email, password=password)
        passed.add_page(browser.submit("signup-submit"))
        letter = server.wait_for_mail(email, "verify_email").get_body(("plain",))
        words = letter.get_content()
        code = re.search(r"^\s*(\d{6})\s*$", words, re.MULTILINE)
        link = re.search(r"https?://\S+/verify/link\?token=(\S+)", words)
        assert code
        assert link
        passed.add("verification code", code[1])
        passed.add("verification link", link[1])
        if by == "code":
            browser.fill(code="000000" if code[1] != "000000" else "111111")
            browser.submit("verify-submit")
            browser.fill(code=code[1])
            browser.submit("verify-submit")
        else:
            passed.add_page(browser.open(link[0]))
            browser.submit("verify-link-confirm")
        passed.add_browser(browser)
    return Person(email, password, email)


def wrong_passwords(server: LiveServer, person: Person, passed: Secrets) -> None:
    wrong = passed.add("wrong password", f"{person.password}x")
    with Browser(server.url) as browser:
        for name in (person.username, "nobody@example.org"):
            passed.add_page(browser.open("/signin"))
            browser.fill(username=name, password=wrong)
            browser.submit("login-submit")
        # A password typed into the wrong field is a password all the same.
        browser.fill(username=person.password, password=wrong)
        browser.submit("login-submit")
        passed.add_browser(browser)


def tokens_and_out(
    client: RelyingParty, browser: Browser, *, person: Person, passed: Secrets
) -> None:
    me = client.registration
    if me.client_secret:
        passed.add("client secret", me.client_secret)
        passed.add("Basic", basic(me.client_id, me.client_secret).split()[1])
    keep_assertions(client, passed)

    ask = client.ask(scope="openid profile offline_access", pkce=True)
    passed.add("code_verifier", ask.verifier)
    first = browser.open(ask.url)
    passed.add_page(first)
    walk = person.walk(browser, first)
    passed.add_browser(browser)
    code = passed.add("code", client.receive(ask, walk.departure)["code"])

    wrong = passed.add("wrong verifier", secrets.token_urlsafe(48))
    almost = passed.add("almost the code", code[::-1])
    assert client.redeem(ask, almost).status_code == 400
    tokens = passed.add_tokens(client.redeem(ask, code))
    for way in ("get", "post", "body"):
        assert client.userinfo(tokens["access_token"], by=way).status_code == 200
    newer = passed.add_tokens(client.refresh(tokens["refresh_token"]))
    if me.auth_method != "none":
        for name in ("access_token", "refresh_token"):
            client.introspect(newer[name])
    client.post("token_endpoint", grant_type="client_credentials")
    client.http.get(f"{client.issuer}/userinfo?access_token={newer['access_token']}")
    client.http.post(
        f"{client.issuer}/token?code={code}", data={"grant_type": "password"}
    )
    client.redeem(ask, code, code_verifier=wrong)  # a replay, with a wrong verifier
    client.revoke(newer["access_token"])
    client.refresh(newer["refresh_token"])
    client.userinfo(newer["access_token"])

    out = client.logout_url(
        id_token_hint=newer["id_token"],
        post_logout_redirect_uri=me.post_logout_redirect_uri,
    )
    person.walk(browser, browser.open(out))
    browser.open(client.logout_url(id_token_hint=f"{newer['id_token']}x"))


def keep_assertions(client: RelyingParty, passed: Secrets) -> None:
    """Collect each client assertion as it is made."""
    make = client.assertion

    def made(**changes: Any) -> str:
        return passed.add("client assertion", make(**changes))

    client.assertion = made


def wrong_client_secrets(client: RelyingParty, passed: Secrets) -> None:
    url, me = client.metadata["token_endpoint"], client.registration.client_id
    wrong = passed.add("wrong client secret", secrets.token_urlsafe(24))
    form = {"grant_type": "client_credentials"}
    client.http.post(url, data=form, headers={"Authorization": basic(me, wrong)})
    client.http.post(url, data=form | {"client_id": me, "client_secret": wrong})
    client.http.post(url, data=form, headers={"Authorization": f"Basic {wrong}"})
    client.http.post(url, data=form, headers={"Authorization": f"Bearer {wrong}"})
    client.http.get(f"{url}?client_id={me}&client_secret={wrong}")
    broken = {"client_assertion": f"e30.{wrong}.x", "client_assertion_type": "x"}
    client.http.post(url, data=form | broken)
    client.http.get(f"{client.issuer}/verify/link", params={"token": wrong})
    client.http.post(f"{client.issuer}/introspect", data={"token": wrong})
