"""Clients that nobody vouches for: what people see of them, and where nobody is sent.

RFC 9700 §4.11.2, ASVS 10.7.1; the server as it is set up where nothing is said of that.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.support import enrolment
from tests.support.answer_rules import json_of, refused
from tests.support.browser import Browser, Departure, Page
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.registering import CALLBACK, at_own_address, post, register_client
from tests.support.relying_party import Registration, RelyingParty
from tests.support.site import Site

BELIEVED = ECKey.generate_key("P-256", {"kid": "one"})
OTHER = ECKey.generate_key("P-256", {"kid": "one"})
ISSUER = "https://directory.example"


@pytest.fixture(scope="module")
def wary(
    database_kind: str, make_migrated: Callable[[str], str], site: Site
) -> Iterator[LiveServer]:
    """Anybody may register, and nobody is believed but one directory."""
    keys = {"keys": [BELIEVED.as_dict(private=False)]}
    env = {
        "REGISTRATION": "open",
        "CLIENT_ID_METADATA_DOCUMENTS": "on",
        "SOFTWARE_STATEMENT_ISSUERS": json.dumps([{"issuer": ISSUER, "jwks": keys}]),
        "OUTBOUND_ALLOW": "127.0.0.1",
        "FETCH_CA_FILE": site.bundle,
    }
    with LiveServer(database_url=make_migrated(database_kind), env=env) as running:
        yield running


@pytest.fixture(scope="module")
def somebody(wary: LiveServer, folder: Path) -> Person:
    return enrolment.enrol_person(wary, folder)


@pytest.fixture
def window(wary: LiveServer) -> Iterator[Browser]:
    with Browser(wary.url) as browser:
        yield browser


def stays(window: Browser, url: str, *words: str) -> Page:
    """An error page: nobody is sent anywhere."""
    page = window.open(url)
    assert isinstance(page, Page), f"sent to {page.url}"
    assert page.status == 400, page.status
    assert page.text("error-code") in words, page.text("error-code")
    return page


FAULTS: list[tuple[str, dict[str, str | None]]] = [
    ("login_required", {"prompt": "none"}),
    ("invalid_request", {"response_type": None}),
    ("unsupported_response_type", {"response_type": "token"}),
    ("invalid_request", {"prompt": "none login"}),
    ("invalid_request", {"max_age": "x"}),
    ("invalid_scope", {"scope": 'openid "'}),
    ("invalid_request", {"code_challenge_method": "plain", "code_challenge": "x" * 43}),
    ("login_required", {"prompt": "none", "response_mode": "form_post"}),
]


@pytest.mark.spec("RFC 9700 §4.11.2")
@pytest.mark.parametrize(("word", "changes"), FAULTS)
def test_a_link_that_fails_leads_nobody_to_a_stranger(
    wary: LiveServer, window: Browser, word: str, changes: dict[str, str | None]
) -> None:
    party = register_client(wary.url)
    page = stays(window, party.ask(pkce=False, **changes).url, word)
    leads = ("href", "action", "formaction", "src", "content")
    ways = [e.get(name) for e in page.document.root.walk() for name in leads]
    assert not [way for way in ways if way.startswith("https://rp.example/callback")]


@pytest.mark.spec("RFC 9700 §4.11.2")
def test_once_somebody_has_allowed_it_errors_go_back(
    wary: LiveServer, window: Browser, somebody: Person
) -> None:
    """It is no stranger to them any more; to others it still is."""
    party = register_client(wary.url)
    assert party.sign_in(window, somebody).pages == ("signin", "consent")
    ask = party.ask(prompt="none", scope="openid profile")
    party.refused(ask, departure_of(window.open(ask.url)), "consent_required")
    with Browser(wary.url) as elsewhere:
        stays(elsewhere, ask.url, "login_required")


def test_a_no_is_told_by_redirect(
    wary: LiveServer, window: Browser, somebody: Person
) -> None:
    """They have seen where it goes, and have decided."""
    party = register_client(wary.url)
    ask = party.ask()
    walk = somebody.walk(window, window.open(ask.url), consents=False)
    party.refused(ask, walk.departure, "access_denied")


def departure_of(found: Page | Departure) -> Departure:
    assert isinstance(found, Departure), found
    return found


@pytest.mark.spec("RFC 7591 §5")
def test_pages_say_that_nobody_has_checked_it(
    wary: LiveServer, window: Browser, somebody: Person
) -> None:
    """On the sign-in page and on that of consent; never for a client of ours."""
    party = register_client(wary.url, client_name="Your bank")
    page = window.open(party.ask().url)
    assert isinstance(page, Page) and page.has("unverified-app", "login-submit")
    window.fill(username=somebody.username, password=somebody.password)
    consent = window.submit("login-submit")
    assert isinstance(consent, Page) and consent.has("unverified-app", "consent-allow")
    token = wary.cli("client", "initial-token", "create")["token"]
    given = {"redirect_uris": [CALLBACK], "client_name": "Shop"}
    told = json_of(post(wary.url, given, token), status=201)
    known = RelyingParty(wary.url, Registration(told["client_id"]))
    with Browser(wary.url) as elsewhere:
        page = elsewhere.open(known.ask().url)
        assert isinstance(page, Page) and not page.has("unverified-app")
        ask = known.ask(prompt="none")
        known.refused(ask, departure_of(elsewhere.open(ask.url)), "login_required")


@pytest.mark.spec("OIDC Registration §2.1")
def test_a_page_speaks_of_an_app_in_the_language_of_its_reader(
    wary: LiveServer,
) -> None:
    names = {
        "client_name": "Shop",
        "client_name#pt-BR": "Loja",
        "client_name#es": "Tienda",
    }
    ask = register_client(wary.url, **names).ask()
    for languages, name in (("pt-BR", "Loja"), ("es-MX", "Tienda"), ("de", "Shop")):
        with Browser(wary.url, languages=languages) as reader:
            page = reader.open(ask.url)
            assert isinstance(page, Page) and name in page.words


def test_another_address_asks_people_anew(
    wary: LiveServer, window: Browser, somebody: Person
) -> None:
    """What they allowed was to be answered elsewhere."""
    party = register_client(wary.url)
    party.sign_in(window, somebody)
    told = party.registration.told
    given = {
        "client_id": told["client_id"],
        "redirect_uris": [CALLBACK, f"{CALLBACK}2"],
    }
    assert at_own_address(told, "PUT", json=given).status_code == 200
    time.sleep(3.1)  # other processes know a client for seconds
    assert party.sign_in(window, somebody).pages == ("consent",)


# -- Software statements


def statement(key: Any = BELIEVED, **claims: Any) -> str:
    said = {"iss": ISSUER, "software_id": "s1", "client_name": "Checked"} | claims
    return jwt.encode({"alg": "ES256", "kid": "one"}, said, key)


@pytest.mark.spec("RFC 7591 §2.3")
def test_what_a_statement_says_takes_precedence(wary: LiveServer) -> None:
    """§3.2.1: it is told back as it came."""
    signed = statement(
        client_uri="https://checked.example/", aud="x", client_secret="y"
    )
    given = {
        "redirect_uris": [CALLBACK],
        "client_name": "Mine",
        "software_statement": signed,
    }
    told = json_of(post(wary.url, given), status=201)
    assert told["client_name"] == "Checked" and told["software_id"] == "s1"
    assert told["client_uri"] == "https://checked.example/"
    assert told["software_statement"] == signed
    assert told["client_secret"] != "y" and "aud" not in told


BAD_STATEMENTS: dict[str, tuple[str, Any]] = {
    "another key": ("invalid_software_statement", statement(OTHER)),
    "expired": ("invalid_software_statement", statement(exp=1)),
    "no JWT": ("invalid_software_statement", "x.y.z"),
    "text": ("invalid_software_statement", "x"),
    "a number": ("invalid_software_statement", 7),
    "nobody's": ("invalid_software_statement", statement(iss=None)),
    "a stranger's": (
        "unapproved_software_statement",
        statement(iss="https://x.example"),
    ),
    "a bad address": (
        "invalid_redirect_uri",
        statement(redirect_uris=["http://rp.example/"]),
    ),
}


@pytest.mark.spec("RFC 7591 §3.2.2")
@pytest.mark.parametrize(
    ("word", "signed"), BAD_STATEMENTS.values(), ids=BAD_STATEMENTS
)
def test_any_other_statement_is_refused(
    wary: LiveServer, word: str, signed: Any
) -> None:
    given = {"redirect_uris": [CALLBACK], "software_statement": signed}
    refused(post(wary.url, given), word, status=400)


def test_a_statement_without_a_signature_is_none(wary: LiveServer) -> None:
    head, body, _ = statement().split(".")
    for signed in (f"{head}.{body}.", f"eyJhbGciOiJub25lIn0.{body}."):
        given = {"redirect_uris": [CALLBACK], "software_statement": signed}
        refused(post(wary.url, given), "invalid_software_statement", status=400)
