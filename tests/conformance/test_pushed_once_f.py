"""F41-F43, F46-F49, F52: how long a pushed request is good, for whom, and how it comes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import answer_rules, enrolment
from tests.support.answer_rules import json_of, refused
from tests.support.browser import Browser, Page
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.pushing import ENDPOINT, code_of, is_refused
from tests.support.relying_party import RelyingParty


@pytest.mark.spec("OIDF F41")
def test_f41_a_request_uri_may_be_opened_twice_before_its_answer(
    par_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """A page that is loaded again, or by a reader ahead, spends nothing."""
    ask = par_rp.pushed(par_rp.ask(pkce=True))
    with Browser(par_rp.issuer) as other:
        assert isinstance(other.open(ask.url), Page)
    assert isinstance(browser.open(ask.url), Page)
    assert code_of(par_rp, ask, browser, ada)


@pytest.mark.spec("OIDF F42")
@pytest.mark.spec("RFC 9126 §7.3")
def test_f42_a_request_uri_is_answered_once(
    par_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """The same browser, another one, and one whose page had been open all the while."""
    ask = par_rp.pushed(par_rp.ask(pkce=True))
    with Browser(par_rp.issuer) as waiting, Browser(par_rp.issuer) as late:
        page = waiting.open(ask.url)
        assert isinstance(page, Page)
        assert code_of(par_rp, ask, browser, ada)
        is_refused(par_rp, ask, browser, ada)
        is_refused(par_rp, ask, late, ada)
        end = ada.walk(waiting, page).end
        assert isinstance(end, Page) and end.has("error"), end
        # what was pushed is not shown to the browser after all
        assert not end.has("error-start-again")
        assert ask.params["nonce"] not in end.html


@pytest.fixture(scope="module")
def hasty(
    database_kind: str, make_migrated: Callable[[str], str]
) -> Iterator[LiveServer]:
    """A server whose pushed requests wait for five seconds."""
    url = make_migrated(database_kind)
    with LiveServer(database_url=url, env={"PAR_TTL": "5"}) as running:
        yield running


@pytest.mark.spec("OIDF F43")
@pytest.mark.spec("RFC 9126 §4")
def test_f43_a_request_uri_expires(hasty: LiveServer, tmp_path: Path) -> None:
    """But a person who was in time may take longer to sign in."""
    ada = enrolment.enrol_person(hasty, tmp_path, claims={})
    rp = enrolment.enrol_client(hasty, tmp_path)
    late, early = rp.pushed(rp.ask(pkce=True)), rp.pushed(rp.ask(pkce=True))
    assert json_of(rp.push(rp.ask(pkce=True)), status=201)["expires_in"] == 5
    with Browser(rp.issuer) as slow, Browser(rp.issuer) as tardy:
        page = slow.open(early.url)
        time.sleep(5.2)
        is_refused(rp, late, tardy, ada)
        end = ada.walk(slow, page)
        assert rp.receive(early, end.departure)["code"]


@pytest.mark.spec("OIDF F46")
@pytest.mark.spec("RFC 9126 §2.2")
def test_f46_a_request_uri_is_bound_to_its_client(
    par_rp: RelyingParty, other_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """Another client's name beside it opens nothing, and spends nothing."""
    ask = par_rp.pushed(par_rp.ask(pkce=True))
    theirs = par_rp.pushed(ask, client_id=other_rp.registration.client_id)
    is_refused(par_rp, theirs, browser, ada)
    assert code_of(par_rp, ask, browser, ada)


@pytest.mark.spec("OIDF F47")
@pytest.mark.spec("RFC 9126 §2.1")
@pytest.mark.parametrize("uri", ["https://rp.example/r.jwt", "a pushed one"])
def test_f47_a_request_uri_cannot_be_pushed(par_rp: RelyingParty, uri: str) -> None:
    ask = par_rp.ask(pkce=True)
    if uri == "a pushed one":
        uri = (par_rp.pushed(ask).carried or {})["request_uri"]
    refused(par_rp.push(ask, request_uri=uri), "invalid_request", status=400)


@pytest.mark.spec("OIDF F48")
@pytest.mark.spec("RFC 9126 §2.3")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_f48_only_post_pushes(par_rp: RelyingParty, method: str) -> None:
    headers, credentials = par_rp.credentials()
    form = credentials | par_rp.ask(pkce=True).params
    answer = par_rp.http.request(
        method, par_rp.metadata[ENDPOINT], data=form, headers=headers
    )
    assert answer.status_code == 405 and "POST" in answer.headers["Allow"]
    assert json_of(answer, status=405)["error"] == "invalid_request"


@pytest.mark.spec("OIDF F49")
@pytest.mark.spec("OIDF F52")
@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
    ],
)
def test_f49_f52_a_challenge_is_needed_and_it_is_s256(
    fapi_rp: RelyingParty, changes: dict[str, str | None]
) -> None:
    answer = fapi_rp.push(fapi_rp.ask(pkce=True), **changes)
    refused(answer, "invalid_request", status=400)


@pytest.mark.spec("RFC 9126 §2.1")
def test_a_client_proves_itself_to_push(rp: RelyingParty) -> None:
    """As at /token: unproved, wrong, and somebody else's name."""
    endpoint, form = rp.metadata[ENDPOINT], rp.ask(pkce=True).params
    refused(rp.http.post(endpoint, data=form), "invalid_client", status=401)
    me = rp.registration.client_id
    wrong = rp.http.post(endpoint, data=form, auth=(me, "no"))
    refused(wrong, "invalid_client", status=401)
    assert wrong.headers["WWW-Authenticate"].startswith("Basic")
    theirs = rp.push(rp.ask(), client_id="somebody-else")
    refused(theirs, "invalid_client", status=401)


@pytest.mark.spec("RFC 9126 §2.1")
def test_a_public_client_may_push_too(
    public_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """It proves nothing; but the request is out of the browser's hands."""
    ask = public_rp.pushed(public_rp.ask())
    code = code_of(public_rp, ask, browser, ada)
    answer_rules.token_answer(public_rp.redeem(ask, code))


@pytest.mark.spec("RFC 9126 §2.3")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"response_mode": "nonsense"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"scope": 'open"id'}, "invalid_scope"),
        ({"id_token_hint": "x"}, "invalid_request"),
    ],
)
def test_what_is_wrong_is_told_when_it_is_pushed(
    rp: RelyingParty, changes: dict[str, str], error: str
) -> None:
    """§2.1: validated as at /authorize; §2.3: told as at /token."""
    refused(rp.push(rp.ask(**changes)), error, status=400)


def test_a_pushed_request_may_be_posted_by_the_browser(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    ask = rp.pushed(rp.ask(pkce=True))
    start = browser.post_from_elsewhere(ask.endpoint, ask.carried or {})
    walk = ada.walk(browser, start)
    assert rp.receive(ask, walk.departure)["code"]


@pytest.mark.parametrize("mode", ["fragment", "form_post"])
def test_the_response_mode_is_the_pushed_one(
    rp: RelyingParty, browser: Browser, ada: Person, mode: str
) -> None:
    ask = rp.pushed(rp.ask(pkce=True, response_mode=mode), response_mode="query")
    assert code_of(rp, ask, browser, ada)


def test_the_endpoint_is_published(rp: RelyingParty) -> None:
    """RFC 9126 §5."""
    assert rp.metadata[ENDPOINT] == f"{rp.issuer}/par"
    assert rp.metadata["require_pushed_authorization_requests"] is False
