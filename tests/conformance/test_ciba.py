"""Client-initiated backchannel authentication over the wire (OpenID CIBA, FAPI-CIBA).

`interval` is five seconds; what must wait for it is in `tests/core/test_backchannel.py`,
where the clock stands still.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.ciba import (
    ENDPOINT,
    GRANT,
    GRANTS,
    ask,
    begin,
    decide,
    look,
    poll,
)
from tests.support import answer_rules
from tests.support.answer_rules import json_of, refused
from tests.support.browser import Browser, Page
from tests.support.enrolment import enrol_person
from tests.support.person import Person
from tests.support.relying_party import RelyingParty


@pytest.fixture
def ada(server: Any, folder: Path) -> Person:
    """Somebody for whom nothing else waits."""
    return enrol_person(server, folder, claims={})


@pytest.fixture(scope="module")
def app(enrol_client: Callable[..., RelyingParty]) -> RelyingParty:
    return enrol_client(grant_types=GRANTS, redirect_uris=())


@pytest.mark.spec("OIDF fapi-ciba-id1 discovery")
@pytest.mark.spec("OpenID CIBA §4")
def test_the_metadata_says_what_there_is(app: RelyingParty) -> None:
    """No push, no user codes, and no weak algorithm for signed requests."""
    found = app.metadata
    assert answer_rules.is_safe_url(found[ENDPOINT])
    assert GRANT in found["grant_types_supported"]
    modes = found["backchannel_token_delivery_modes_supported"]
    assert sorted(modes) == ["ping", "poll"]
    assert found["backchannel_user_code_parameter_supported"] is False
    algs = found["backchannel_authentication_request_signing_alg_values_supported"]
    assert {"PS256", "ES256"} <= set(algs)
    assert not {"none", "RS256", "HS256"} & set(algs)


@pytest.mark.spec("OIDF fapi-ciba-id1 happy")
@pytest.mark.spec("OpenID CIBA §10.1")
def test_the_whole_road(app: RelyingParty, browser: Browser, ada: Person) -> None:
    """Pending until the person has allowed it; then tokens about that very person."""
    told = begin(app, ada, binding_message="1234")
    refused(poll(app, told), "authorization_pending")
    page = look(browser, ada)
    assert page.text("binding-message-1") == "1234"
    decide(browser, ada, "allow")
    tokens = answer_rules.token_answer(poll(app, told))
    claims = answer_rules.id_token(
        tokens["id_token"],
        app.keys,
        issuer=app.issuer,
        client_id=app.registration.client_id,
        nonce=None,
        access_token=tokens["access_token"],
    )
    me = json_of(app.userinfo(tokens["access_token"]))
    assert me["sub"] == claims["sub"] and me["name"] == "Ada Lovelace"


@pytest.mark.spec("OIDF fapi-ciba-id1 refresh-token")
def test_a_refresh_token_works(
    app: RelyingParty, browser: Browser, ada: Person
) -> None:
    """And speaks of the same person."""
    told = begin(app, ada)
    decide(browser, ada, "allow")
    tokens = answer_rules.token_answer(poll(app, told))
    newer = answer_rules.token_answer(app.refresh(tokens["refresh_token"]))
    assert newer["refresh_token"] != tokens["refresh_token"]


@pytest.mark.spec("OIDF fapi-ciba-id1 user-rejects-authentication")
@pytest.mark.spec("OpenID CIBA §11")
def test_a_person_may_say_no(app: RelyingParty, browser: Browser, ada: Person) -> None:
    """`access_denied`, and nothing is given later either."""
    told = begin(app, ada)
    decide(browser, ada, "deny")
    for _ in range(2):
        refused(poll(app, told), "access_denied")
    assert look(browser, ada).has("no-requests")


@pytest.mark.spec("OIDF fapi-ciba-id1 multiple-call-to-token-endpoint")
def test_asking_too_soon_is_told_to_slow_down(app: RelyingParty, ada: Person) -> None:
    """The first answer says to wait; who does not wait is told so."""
    told = begin(app, ada)
    refused(poll(app, told), "authorization_pending")
    refused(poll(app, told), "slow_down")


@pytest.mark.spec("OIDF fapi-ciba-id1 wrong-auth-req-id")
def test_it_works_once(app: RelyingParty, browser: Browser, ada: Person) -> None:
    """And its return ends everything, as with an authorization code."""
    told = begin(app, ada)
    decide(browser, ada, "allow")
    tokens = answer_rules.token_answer(poll(app, told))
    refused(poll(app, told), "invalid_grant")
    assert json_of(app.introspect(tokens["access_token"])) == {"active": False}
    refused(app.refresh(tokens["refresh_token"]), "invalid_grant")


@pytest.mark.spec("OIDF fapi-ciba-id1 other-scope-order")
def test_the_order_of_scopes_means_nothing(app: RelyingParty, ada: Person) -> None:
    begin(app, ada, scope="profile openid")
    refused(ask(app, login_hint=ada.email, scope="profile"), "invalid_scope")


@pytest.mark.spec("OIDF fapi-ciba-id1 multiple-hints")
@pytest.mark.spec("OpenID CIBA §7.1")
def test_exactly_one_hint(
    rp: RelyingParty, app: RelyingParty, browser: Browser, ada: Person
) -> None:
    """None, two or three are refused; each alone names the person."""
    token = rp.sign_in(browser, ada).tokens["id_token"]
    refused(ask(app), "invalid_request")
    both = {"login_hint": ada.email, "id_token_hint": token}
    refused(ask(app, **both), "invalid_request")
    refused(ask(app, **both, login_hint_token="x"), "invalid_request")
    refused(ask(app, login_hint_token=token), "invalid_request")
    for one in ({"id_token_hint": token}, {"login_hint": ada.username}):
        told = begin(app, ada, **({"login_hint": None} | one))
        decide(browser, ada, "allow")
        answer_rules.token_answer(poll(app, told))


@pytest.mark.spec("OpenID CIBA §13")
@pytest.mark.parametrize("hint", ["nobody@people.example", "nobody", "\u2028"])
def test_a_hint_that_names_nobody(app: RelyingParty, hint: str) -> None:
    """`unknown_user_id`: the app has proved who it is, and gave the name itself."""
    refused(ask(app, login_hint=hint), "unknown_user_id")


def test_a_hint_that_is_no_token_of_ours(app: RelyingParty) -> None:
    refused(ask(app, id_token_hint="a.b.c"), "invalid_request")


MESSAGES = {
    "emoji": "1234 \U0001f44d\U0001f3ff",
    "other letters": "\u54c1\u5ddd 1234",
    "long": "Lorem ipsum dolor sit amet " * 5,
    "control": "12\x0734",
    "turns the text": "12\u202e34",
    "two lines": "12\n34",
}


@pytest.mark.spec("OIDF fapi-ciba-id1 binding-message")
@pytest.mark.spec("OIDF fapi-ciba-id1 potentially-bad-binding-message")
@pytest.mark.parametrize("kind", MESSAGES)
def test_a_binding_message_is_shown_or_refused_by_its_name(
    app: RelyingParty, browser: Browser, ada: Person, kind: str
) -> None:
    """Nothing in between: what cannot be shown as it is must not be shown."""
    message = MESSAGES[kind]
    answer = ask(app, login_hint=ada.email, binding_message=message)
    if kind in ("emoji", "other letters"):
        json_of(answer)
        assert look(browser, ada).text("binding-message-1") == message
    else:
        refused(answer, "invalid_binding_message")


@pytest.mark.spec("OIDF fapi-ciba-id1 requested-expiry-as-string")
def test_a_shorter_life_can_be_asked_for(app: RelyingParty, ada: Person) -> None:
    """Never a longer one; what is no number is refused."""
    assert begin(app, ada, requested_expiry="30")["expires_in"] == 30
    usual = begin(app, ada)["expires_in"]
    assert begin(app, ada, requested_expiry="999999")["expires_in"] == usual
    for wrong in ("0", "-5", "1.5", "soon", "9" * 40, "\u0663\u0660"):
        answer = ask(app, login_hint=ada.email, requested_expiry=wrong)
        refused(answer, "invalid_request")


def test_what_is_not_supported_is_refused(app: RelyingParty, ada: Person) -> None:
    refused(ask(app, login_hint=ada.email, user_code="1234"), "invalid_request")


@pytest.mark.spec("OIDF fapi-ciba-id1 wrong-client-at-token-endpoint")
def test_an_answer_is_its_clients_alone(
    enrol_client: Callable[..., RelyingParty],
    app: RelyingParty,
    browser: Browser,
    ada: Person,
) -> None:
    """Another client cannot use it, and does not spend it."""
    other = enrol_client(grant_types=GRANTS, redirect_uris=())
    told = begin(app, ada)
    decide(browser, ada, "allow")
    refused(poll(other, told), "invalid_grant")
    answer_rules.token_answer(poll(app, told))


HOSTILE: dict[str, str | None] = {
    "missing": None,
    "unknown": "x" * 43,
    "long": "x" * 60_000,
    "no text": "é\u2028\U0001f600",
}


@pytest.mark.spec("OIDF fapi-ciba-id1 wrong-auth-req-id")
@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_auth_req_id_is_refused(
    app: RelyingParty, ada: Person, kind: str
) -> None:
    answer = poll(app, begin(app, ada), auth_req_id=HOSTILE[kind])
    refused(answer, "invalid_grant" if HOSTILE[kind] else "invalid_request")


@pytest.mark.spec("OIDF fapi-ciba-id1 missing-client-assertion")
@pytest.mark.spec("OpenID CIBA §7.2")
def test_who_does_not_prove_itself_is_refused(
    app: RelyingParty, rp: RelyingParty, ada: Person
) -> None:
    """At both endpoints; and a client without the grant may not."""
    bare: dict[str, Any] = {"client_id": app.registration.client_id}
    form = bare | {"scope": "openid", "login_hint": ada.email}
    refused(app.http.post(app.metadata[ENDPOINT], data=form), "invalid_client")
    told = begin(app, ada)
    form = bare | {"grant_type": GRANT, "auth_req_id": told["auth_req_id"]}
    answer = app.http.post(app.metadata["token_endpoint"], data=form)
    refused(answer, "invalid_client")
    refused(ask(rp, login_hint=ada.email), "unauthorized_client")
    refused(poll(rp, told), "unauthorized_client")


def test_somebody_else_sees_nothing_of_it(
    server: Any, app: RelyingParty, ada: Person, grace: Person
) -> None:
    """And cannot decide it, though they know its address."""
    told = begin(app, ada)
    with Browser(server.url) as hers, Browser(server.url) as theirs:
        (form,) = [f for f in look(hers, ada).document.forms if _decides(f.action)]
        assert look(theirs, grace).has("no-requests")
        page = theirs.open("/account/profile")
        assert isinstance(page, Page)
        inputs = {i.get("name"): i.get("value") for i in page.document.all("input")}
        given = [("csrf_token", inputs["csrf_token"]), ("decision", "allow")]
        page = theirs.post(server.url + form.action, given)
        assert isinstance(page, Page) and page.status == 410, page
    refused(poll(app, told), "authorization_pending")


def _decides(action: str) -> bool:
    return action.startswith("/account/requests/")
