"""GitHub: a code for a token, the account by its number, the address that is proved."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from authserver.adapters.fetcher import Fetcher
from authserver.adapters.social.base import App, Errand, SocialFailed
from authserver.adapters.social.github import GitHub
from tests.adapters.hostile_server import page, serving
from tests.support.hub import Hub

CALLBACK = "https://here.example/back"
ERRAND = Errand(CALLBACK, "state", "nonce", "v" * 43)


@pytest.fixture
def hub():
    with Hub("app", "secret") as hub:
        hub.next_is(41, login="ada", emails=[("ada@example.test", True, True)])
        yield hub


def provider(url, *, secret="secret"):
    fetcher = Fetcher(allow_http=True, allowed=["127.0.0.1"])
    app = App("app", secret, "read:user user:email")
    return GitHub("github", "GitHub", app, fetcher, url=url, api_url=f"{url}/api")


def code_of(hub, made, errand=ERRAND):
    """What GitHub sends back after the way out."""
    from http.client import HTTPConnection

    parts = urlsplit(made.authorization_url(errand))
    line = HTTPConnection(parts.netloc, timeout=10)
    line.request("GET", f"{parts.path}?{parts.query}")
    back = line.getresponse().headers["Location"]
    line.close()
    return parse_qs(urlsplit(back).query)["code"][0]


def test_the_number_says_who_it_is(hub):
    made = provider(hub.url)
    found = made.identify(code_of(hub, made), ERRAND)
    assert (found.issuer, found.subject) == (hub.url, "41")
    assert (found.email, found.is_email_verified) == ("ada@example.test", True)
    assert (found.name, found.username) == ("ada", "ada")


def test_a_code_is_taken_once_and_with_its_verifier_and_secret(hub):
    made = provider(hub.url)
    code = code_of(hub, made)
    other = Errand(CALLBACK, "state", "nonce", "w" * 43)
    with pytest.raises(SocialFailed, match="bad_verification_code"):
        made.identify(code, other)
    code = code_of(hub, made)
    assert made.identify(code, ERRAND).subject == "41"
    with pytest.raises(SocialFailed, match="bad_verification_code"):
        made.identify(code, ERRAND)
    with pytest.raises(SocialFailed, match="incorrect_client_credentials"):
        provider(hub.url, secret="wrong").identify(code_of(hub, made), ERRAND)


@pytest.mark.parametrize(
    ("emails", "chosen"),
    [
        ([("a@x.test", True, True), ("b@x.test", False, True)], ("a@x.test", True)),
        ([("b@x.test", False, True), ("a@x.test", True, True)], ("a@x.test", True)),
        ([("a@x.test", True, False), ("b@x.test", False, True)], ("b@x.test", True)),
        ([("a@x.test", True, False)], ("a@x.test", False)),
        ([], (None, False)),
    ],
)
def test_an_address_that_is_proved_comes_before_the_primary_one(hub, emails, chosen):
    hub.next_is(41, login="ada", emails=emails)
    made = provider(hub.url)
    found = made.identify(code_of(hub, made), ERRAND)
    assert (found.email, found.is_email_verified) == chosen


TOKEN = page(b'{"access_token": "t", "token_type": "bearer"}')
USER = {"id": 41, "login": "ada"}


@pytest.mark.parametrize(
    ("user", "emails"),
    [
        ([], []),
        ({"id": "41"}, []),
        ({"id": True}, []),
        ({"id": 0}, []),
        ({"id": -1}, []),
        ({"login": "ada"}, []),
        (None, []),
    ],
)
def test_a_user_without_a_number_is_nobody(user, emails):
    with serving(answers(user, emails)) as server, pytest.raises(SocialFailed):
        provider(server.url("")).identify("code", ERRAND)


@pytest.mark.parametrize(
    "emails",
    [
        None,
        {},
        "ada@example.test",
        [5, None, "x"],
        [{"email": 5, "verified": True}],
        [{"email": "a" * 300, "verified": True}],
        [{"verified": True, "primary": True}],
    ],
)
def test_addresses_that_are_none_are_no_addresses(emails):
    with serving(answers(USER, emails)) as server:
        found = provider(server.url("")).identify("code", ERRAND)
    assert (found.email, found.is_email_verified) == (None, False)


@pytest.mark.parametrize("word", ["true", 1, None, "yes"])
def test_only_a_plain_yes_vouches_for_an_address(word):
    said = [{"email": "ada@example.test", "primary": True, "verified": word}]
    with serving(answers(USER, said)) as server:
        found = provider(server.url("")).identify("code", ERRAND)
    assert found.is_email_verified is False


def answers(user, emails):
    def answer(request):
        if request.startswith("POST"):
            return TOKEN
        told = emails if "/api/user/emails " in request else user
        return page(json.dumps(told).encode())

    return answer


def test_a_token_that_no_header_takes_is_refused():
    said = page(json.dumps({"access_token": "a\r\nX: y", "token_type": "b"}).encode())
    with serving(said) as server, pytest.raises(SocialFailed, match="header"):
        provider(server.url("")).identify("code", ERRAND)
    assert len(server.requests) == 1


def test_another_issuer_is_not_believed(hub):
    made = provider(hub.url)
    with pytest.raises(SocialFailed, match="9207"):
        made.identify(code_of(hub, made), ERRAND, issuer="https://other.example")
