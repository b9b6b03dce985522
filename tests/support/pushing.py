"""Who pushes authorization requests in the tests, and how a walk with one ends."""

from __future__ import annotations

from tests.support import answer_rules
from tests.support.browser import Browser, Page
from tests.support.person import Person
from tests.support.relying_party import Ask, RelyingParty

ENDPOINT = "pushed_authorization_request_endpoint"
OTHER_URI = "https://rp.example/other?dummy1=lorem&dummy2=ipsum"
CALLBACKS = ("https://rp.example/callback", OTHER_URI)
KINDS = {
    "oidc": {"auth_method": "client_secret_basic"},
    "fapi2": {
        "auth_method": "private_key_jwt",
        "key_algorithm": "PS256",
        "profile": "fapi2",
    },
}


def code_of(rp: RelyingParty, ask: Ask, browser: Browser, person: Person) -> str:
    """Walk to the end of a pushed request; give the code."""
    walk = person.walk(browser, browser.open(ask.url))
    return rp.receive(ask, walk.departure)["code"]


def is_refused(rp: RelyingParty, ask: Ask, browser: Browser, person: Person) -> None:
    """An error page, or the word by redirect; never a code."""
    walk = person.walk(browser, browser.open(ask.url))
    if isinstance(walk.end, Page):
        assert walk.end.has("error") and 400 <= walk.end.status < 500
        assert walk.end.text("error-code") in answer_rules.REGISTERED_ERRORS
    else:
        rp.refused(ask, walk.departure, "invalid_request", "invalid_request_uri")
