"""The forms of the pages against forged, broken and swollen submissions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.browser import Browser, Departure, Page
from tests.support.document import Element
from tests.support.hostile import BAD_BYTES, FORM, MARKUP, Answer, pairs, sane, send
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

pytestmark = pytest.mark.usefixtures("faultless")

FIELDS = {
    "/signin": {"identifier": "ada", "password": "x"},
    "/signup": {
        "full_name": "Eve",
        "email": "eve@people.example",
        "password": "Wren-harbour-41-lantern",
    },
    "/verify": {"code": "000000"},
    "/verify/resend": {"challenge": "x"},
    "/verify/link": {"token": "x"},
    "/consent": {"decision": "allow"},
    "/logout": {},
}


class Visitor:
    """Somebody with a cookie and its CSRF token, who posts what they like."""

    def __init__(self, browser: Browser):
        self.browser = browser
        page = browser.open("/signup")
        assert isinstance(page, Page)
        inputs = page.document.all("input")
        self.csrf = _value(inputs, "csrf_token")

    @property
    def cookie(self) -> tuple[str, str]:
        crumbs = (f"{c.name}={c.value}" for c in self.browser.cookies)
        return "Cookie", "; ".join(crumbs)

    def post(self, path: str, body: str, *, kind: str = FORM) -> Answer:
        """With the cookie; the body has to bring the token itself."""
        origin = ("Origin", self.browser.origin)
        return send(
            self.browser.home,
            path,
            method="POST",
            headers=[self.cookie, origin],
            body=body,
            kind=kind,
        )

    def form(self, path: str, **raw: str) -> str:
        good = [(k, v) for k, v in FIELDS[path].items() if k not in raw]
        return pairs([*good, ("csrf_token", self.csrf)], **raw)


def _value(inputs: list[Element], name: str) -> str:
    return next(i.get("value") for i in inputs if i.get("name") == name)


@pytest.fixture
def visitor(browser: Browser) -> Visitor:
    return Visitor(browser)


def shows_again(answer: Answer) -> None:
    """A page with status 4xx: the form once more (422 here), or the error page."""
    sane(answer)
    assert 400 <= answer.status < 500 and answer.status != 405, answer.status
    assert answer.headers.get_content_type() == "text/html"
    assert answer.location is None


@pytest.mark.parametrize("path", FIELDS)
@pytest.mark.parametrize("given", [None, "", "nonsense", "%00", "%FF", "a" * 5000])
@pytest.mark.spec("RFC 9700 §4.7")
def test_a_form_without_its_token_is_refused(
    visitor: Visitor, path: str, given: str | None
) -> None:
    """At /logout a form without token is a client's request: it is asked about."""
    body = pairs(
        FIELDS[path].items(), **({} if given is None else {"csrf_token": given})
    )
    answer = visitor.post(path, body)
    if path == "/logout":
        assert sane(answer).status in (200, 303, 400, 403)
        assert "Set-Cookie" not in answer.headers or answer.status != 303
    else:
        shows_again(answer)


@pytest.mark.parametrize("path", [path for path in FIELDS if path != "/logout"])
def test_the_token_of_another_browser_is_refused(visitor: Visitor, path: str) -> None:
    """It is bound to the cookie: an attacker's own token opens nothing."""
    body = visitor.form(path)
    with Browser(visitor.browser.home) as other:
        shows_again(Visitor(other).post(path, body))
    without_cookie = send(visitor.browser.home, path, method="POST", body=body)
    shows_again(without_cookie)


NAMED = [(path, name) for path in FIELDS for name in FIELDS[path]]


@pytest.mark.parametrize(("path", "name"), NAMED)
@pytest.mark.parametrize("value", BAD_BYTES.values(), ids=BAD_BYTES)
def test_bytes_that_are_no_text_are_no_value(
    visitor: Visitor, path: str, name: str, value: str
) -> None:
    """A NUL in particular, which PostgreSQL stores nowhere; and nobody gets in."""
    answer = sane(visitor.post(path, visitor.form(path, **{name: value})))
    if path != "/signup":
        shows_again(answer)


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_markup_and_length_break_nothing(
    visitor: Visitor, path: str, name: str
) -> None:
    """What was typed stands in the form again, escaped; `sane` looks."""
    for value in (pairs([("", MARKUP)])[1:], "a" * 60_000, "%F0%9F%94%91" * 500):
        answer = sane(visitor.post(path, visitor.form(path, **{name: value})))
        assert answer.status < 500


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_missing_or_empty_field_is_told(
    visitor: Visitor, path: str, name: str
) -> None:
    without = [(k, v) for k, v in FIELDS[path].items() if k != name]
    for body in (
        pairs([*without, ("csrf_token", visitor.csrf)]),
        visitor.form(path, **{name: ""}),
        visitor.form(path, **{name: "%20%20"}),
    ):
        answer = sane(visitor.post(path, body))
        if (path, name) == ("/signup", "full_name"):
            assert answer.status in (303, 400, 422)
        else:
            shows_again(answer)


@pytest.mark.parametrize("path", FIELDS)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "nonsense"])
def test_a_form_of_another_kind_is_no_form(
    visitor: Visitor, path: str, content_type: str
) -> None:
    """`text/plain` is what a form of another site may send without being asked."""
    answer = visitor.post(path, visitor.form(path), kind=content_type)
    if path != "/logout":
        shows_again(answer)
    assert sane(answer).status < 500


@pytest.mark.parametrize("path", ["/signin", "/signup", "/consent", "/verify"])
@pytest.mark.parametrize("name", ["interaction", "next", "return_to", "challenge"])
@pytest.mark.parametrize(
    "value", ["https://evil.example/", "//evil.example", "%00", "%FF", "a" * 9000, "1"]
)
def test_no_page_sends_anybody_where_a_parameter_says(
    visitor: Visitor, path: str, name: str, value: str
) -> None:
    """RFC 9700 §4.11: not an open redirector."""
    target = f"{path}?{name}={value}"
    shown = sane(send(visitor.browser.home, target, headers=[visitor.cookie]))
    sent = sane(visitor.post(target, visitor.form(path)))
    for answer in (shown, sent):
        assert "evil.example" not in (answer.location or "")
        assert b'action="https://evil' not in answer.body
        assert b'href="https://evil' not in answer.body
        assert b'href="//evil' not in answer.body


def test_a_wrong_password_says_no_more_than_a_wrong_name(
    browser: Browser, ada: Person
) -> None:
    """Status, words and cookies are the same, whoever was tried."""
    seen = []
    for name in (ada.username, ada.email, "nobody", "nobody@people.example"):
        browser.open("/signin")
        browser.fill(username=name, password="wrong")
        page = browser.submit("login-submit")
        assert isinstance(page, Page) and page.has("login-submit")
        typed = page.document.get("username")
        assert typed.get("value") == name
        assert page.document.get("password").get("value") == ""
        seen.append((page.status, page.words))
    assert len(set(seen)) == 1 and seen[0][0] == 401


def test_signing_in_changes_the_cookie(browser: Browser, ada: Person) -> None:
    """ASVS 7.2.4: a session that was planted before is worth nothing after."""
    browser.open("/signin")
    before = {cookie.value for cookie in browser.cookies}
    browser.fill(username=ada.username, password=ada.password)
    browser.submit("login-submit")
    after = {cookie.name: cookie.value for cookie in browser.cookies}
    assert set(after.values()) - before


def test_consent_gives_no_more_than_was_asked(
    rp: RelyingParty, browser: Browser, grace: Person
) -> None:
    """Ticks that the page did not show are not taken; neither is another decision."""
    ask = rp.ask(scope="openid email", prompt="login consent")
    browser.open(ask.url)
    browser.fill(username=grace.username, password=grace.password)
    page = browser.submit("login-submit")
    assert isinstance(page, Page) and page.has("consent-allow")
    form = page.document.form_of(page.document.get("consent-allow"))
    kept = [(k, v) for k, v in form.entries(None) if k != "decision"]
    for decision in ("", "maybe", "allow\0"):
        body = [*kept, ("decision", decision)]
        answer = browser.post(page.url, body)
        assert isinstance(answer, Page), "a decision that is none was taken for one"
    more = [("scope", "profile"), ("scope", "phone"), ("scope", "admin")]
    body = [*kept, *more, ("decision", "allow")]
    end = browser.post(page.url, body)
    assert isinstance(end, Departure)
    reply = rp.receive(ask, end)
    tokens = rp.redeem(ask, reply["code"]).json()
    granted = tokens.get("scope", "openid email").split()
    assert set(granted) <= {"openid", "email"}
    told = rp.userinfo(tokens["access_token"]).json()
    assert "name" not in told and "phone_number" not in told
    assert "consent" in rp.sign_in(browser, grace, scope="openid email profile").pages


def test_a_person_answers_for_nobody_else(
    enrol_client: Callable[..., RelyingParty],
    browser: Browser,
    ada: Person,
    grace: Person,
) -> None:
    """One person says yes; another who finds the request is asked for themselves."""
    rp = enrol_client()
    ask = rp.ask()
    browser.open(ask.url)
    browser.fill(username=ada.username, password=ada.password)
    page = browser.submit("login-submit")
    assert isinstance(page, Page) and page.has("consent-allow")
    form = page.document.form_of(button := page.document.get("consent-allow"))
    answered = browser.session.post(
        page.url, data=form.entries(button), allow_redirects=False
    )
    assert answered.status_code == 303
    with Browser(browser.home) as hers:
        hers.open("/signin")
        hers.fill(username=grace.username, password=grace.password)
        hers.submit("login-submit")
        asked = hers.open(answered.headers["Location"])
        assert isinstance(asked, Page) and asked.has("consent-allow")
    end = browser.open(answered.headers["Location"])
    assert isinstance(end, Departure) and "code" in rp.receive(ask, end)


@pytest.mark.parametrize("path", ["/consent", "/verify", "/verify/link", "/account"])
@pytest.mark.parametrize("query", ["", "?interaction=x", "?challenge=x", "?token=x"])
def test_a_page_without_its_occasion_is_no_dead_end(
    server: Any, path: str, query: str
) -> None:
    """An error page with a way on, or the sign-in page; never a fault."""
    answer = sane(send(server.url, path + query))
    if answer.status in (302, 303):
        assert (answer.location or "").startswith(("/signin", server.url + "/signin"))
    else:
        assert 400 <= answer.status < 500 or path.startswith("/verify")
        assert b"<a " in answer.body


@pytest.mark.parametrize("hint", ["javascript:alert(1)", MARKUP, "a" * 3000, "\u202e"])
def test_what_a_client_says_of_the_person_is_shown_as_text(
    rp: RelyingParty, browser: Browser, hint: str
) -> None:
    page = browser.open(rp.ask(login_hint=hint, ui_locales=hint).url)
    assert isinstance(page, Page)
    assert "<script>alert" not in page.html
    assert hint.startswith(page.document.get("username").get("value"))


def test_a_clients_name_is_shown_as_text(
    server: Any, enrol_client: Callable[..., RelyingParty], browser: Browser
) -> None:
    client = server.cli(
        *("client", "create", "--name", MARKUP[:100], "--json"),
        *("--redirect-uri", "https://rp.example/callback"),
    )
    rp = enrol_client()
    ask = rp.ask(client_id=client["client_id"])
    page = browser.open(ask.url)
    assert isinstance(page, Page) and page.has("login-submit")
    assert "<script>alert" not in page.html
