"""Rich authorization requests on the wire (RFC 9396)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.answer_rules import json_of, refused, token_answer
from tests.support.browser import Browser, Page
from tests.support.live import until
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

BANK, ARCHIVE = "https://bank.example", "https://archive.example"
PAY, READ = "payment", "statement"
PAYMENT = {
    "type": PAY,
    "actions": ["initiate", "status"],
    "amount": {"value": "12.50", "currency": "EUR"},
    "payee": "<b>Shop</b>",
}
STATEMENT = {"type": READ, "account": "DE02", "months": 3}
TYPES = [
    {
        "type": PAY,
        "fields": {
            "actions": {"type": "array", "items": {"enum": ["initiate", "status"]}},
            "amount": {
                "type": "object",
                "properties": {
                    "value": {"type": "string"},
                    "currency": {"type": "string"},
                },
            },
            "payee": {"type": "string"},
        },
        "required": ["amount", "payee"],
        "texts": {
            "en": "Pay {amount.value} {amount.currency} to {payee}",
            "es": "Pagar {amount.value} {amount.currency} a {payee}",
        },
        "resources": [BANK],
    },
    {
        "type": READ,
        "fields": {
            "account": {"type": "string"},
            "months": {"type": "integer", "minimum": 1},
        },
        "required": ["account"],
        "texts": {"en": "See the statements of account {account}"},
        "resources": [ARCHIVE],
        "is_remembered": True,
    },
]

Enrol = Callable[..., RelyingParty]


def body_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def written(*details: dict[str, Any]) -> str:
    return json.dumps(details)


@pytest.fixture(scope="module")
def bank(server: Any, enrol_client: Enrol, folder: Path) -> Iterator[SimpleNamespace]:
    """An app that may ask for payments and statements; the two APIs behind them."""
    machine = {"redirect_uris": (), "grant_types": ("client_credentials",)}
    cast = SimpleNamespace(
        bank=enrol_client(scope="", **machine),
        archive=enrol_client(scope="", **machine),
        app=enrol_client(
            scope="openid offline_access",
            more=("--detail-type", PAY, "--detail-type", READ),
        ),
        robot=enrol_client(scope="", more=("--detail-type", READ), **machine),
        stranger=enrol_client(scope="openid"),
        signer=enrol_client(
            scope="openid",
            auth_method="private_key_jwt",
            more=("--detail-type", PAY),
        ),
    )
    for identifier, rp in ((BANK, cast.bank), (ARCHIVE, cast.archive)):
        server.cli(
            *("resource", "create", "--identifier", identifier, "--open"),
            *("--name", identifier.split("/")[2].split(".")[0].title()),
            *("--introspection-client", rp.registration.client_id),
        )
    for kind in TYPES:
        file = folder / f"{kind['type']}.json"
        file.write_text(json.dumps(kind))
        server.cli("resource", "add-type", "--file", str(file))

    def told() -> dict[str, Any]:
        url = f"{server.url}/.well-known/oauth-authorization-server"
        return dict(cast.app.http.get(url).json())

    until(
        lambda: (
            set(told().get("authorization_details_types_supported", [])) == {PAY, READ}
            and BANK in told().get("protected_resources", [])
        ),
        "the types in the metadata (RFC 9396 §10)",
    )
    yield cast
    for kind in (PAY, READ):
        server.cli("resource", "remove-type", kind)
    for identifier in (BANK, ARCHIVE):
        server.cli("resource", "delete", identifier)


@pytest.mark.spec("RFC 9396 §7")
@pytest.mark.spec("RFC 9396 §9.1")
def test_what_was_granted_stands_in_answer_and_token(
    bank: SimpleNamespace, browser: Browser, ada: Person
) -> None:
    flow = bank.app.sign_in(browser, ada, authorization_details=written(PAYMENT))
    assert flow.tokens["authorization_details"] == [PAYMENT]
    claims = body_of(flow.tokens["access_token"])
    assert claims["authorization_details"] == [PAYMENT]
    assert claims["aud"] == [bank.app.issuer, BANK]


@pytest.mark.spec("RFC 9396 §3")
def test_a_request_without_scope_may_bring_details(
    bank: SimpleNamespace, browser: Browser, ada: Person
) -> None:
    flow = bank.app.sign_in(
        browser, ada, scope=None, nonce=None, authorization_details=written(PAYMENT)
    )
    assert body_of(flow.tokens["access_token"])["aud"] == BANK


@pytest.mark.spec("RFC 9396 §3")
def test_in_a_request_object_they_are_json(
    bank: SimpleNamespace, browser: Browser, ada: Person
) -> None:
    ask = bank.signer.signed(
        bank.signer.ask(prompt="consent"),
        authorization_details=[PAYMENT],
        resource=[BANK, bank.signer.issuer],
    )
    flow = bank.signer.finish(ask, ada.walk(browser, browser.open(ask.url)))
    assert flow.tokens["authorization_details"] == [PAYMENT]
    assert body_of(flow.tokens["access_token"])["aud"] == [BANK, bank.signer.issuer]


@pytest.mark.spec("RFC 9396 §2")
def test_a_pushed_request_is_checked_at_once(bank: SimpleNamespace) -> None:
    bad = bank.app.ask(authorization_details=written({"type": "loan"}))
    refused(bank.app.push(bad), "invalid_authorization_details")


@pytest.mark.spec("RFC 9396 §5")
@pytest.mark.parametrize(
    "details",
    [
        "nothing",
        "{}",
        written({"type": "loan"}),
        written({"type": PAY, "payee": "Shop"}),
        written(PAYMENT | {"tip": "1.00"}),
        written(PAYMENT | {"amount": {"value": "1", "currency": "EUR", "tip": "1"}}),
        written(PAYMENT | {"actions": ["cancel"]}),
        written(PAYMENT, {"type": READ, "account": "DE02", "months": 0}),
    ],
)
def test_what_the_type_does_not_know_is_refused(
    bank: SimpleNamespace, browser: Browser, ada: Person, details: str
) -> None:
    ask = bank.app.ask(authorization_details=details)
    departure = ada.walk(browser, browser.open(ask.url)).departure
    bank.app.refused(ask, departure, "invalid_authorization_details")


@pytest.mark.spec("RFC 9396 §10")
def test_a_client_sends_only_the_types_it_is_registered_for(
    bank: SimpleNamespace, browser: Browser, ada: Person
) -> None:
    ask = bank.stranger.ask(authorization_details=written(STATEMENT))
    departure = ada.walk(browser, browser.open(ask.url)).departure
    bank.stranger.refused(ask, departure, "invalid_authorization_details")


@pytest.mark.spec("RFC 9396 §6")
def test_a_token_request_may_ask_for_less_and_never_for_more(
    bank: SimpleNamespace, browser: Browser, ada: Person
) -> None:
    ask = bank.app.ask(
        scope="openid offline_access",
        prompt="consent",
        authorization_details=written(PAYMENT, STATEMENT),
        resource=[BANK, ARCHIVE],
    )
    walk = ada.walk(browser, browser.open(ask.url))
    code = bank.app.receive(ask, walk.departure)["code"]
    more = written(PAYMENT | {"amount": {"value": "999", "currency": "EUR"}})
    error = "invalid_authorization_details"
    refused(bank.app.redeem(ask, code, authorization_details=more), error)
    told = token_answer(bank.app.redeem(ask, code))
    assert told["authorization_details"] == [PAYMENT, STATEMENT]
    token = told["refresh_token"]
    refused(bank.app.refresh(token, authorization_details=more), error)
    less = PAYMENT | {"actions": ["status"]}
    told = token_answer(bank.app.refresh(token, authorization_details=written(less)))
    assert told["authorization_details"] == [less]
    again = token_answer(bank.app.refresh(told["refresh_token"], resource=ARCHIVE))
    assert again["authorization_details"] == [STATEMENT]
    assert body_of(again["access_token"])["aud"] == ARCHIVE


@pytest.mark.spec("RFC 9396 §9.2")
def test_each_resource_server_is_told_of_its_own(
    bank: SimpleNamespace, browser: Browser, ada: Person
) -> None:
    flow = bank.app.sign_in(
        browser,
        ada,
        authorization_details=written(PAYMENT, STATEMENT),
        resource=[BANK, ARCHIVE],
    )
    token = flow.tokens["access_token"]
    for rp, seen in ((bank.bank, PAYMENT), (bank.archive, STATEMENT)):
        assert json_of(rp.introspect(token))["authorization_details"] == [seen]
    own = json_of(bank.app.introspect(token))["authorization_details"]
    assert own == [PAYMENT, STATEMENT]
    assert json_of(bank.stranger.introspect(token)) == {"active": False}


@pytest.mark.spec("RFC 9396 §5")
def test_a_machine_gets_the_details_of_its_registration(bank: SimpleNamespace) -> None:
    answer = bank.robot.post(
        "token_endpoint",
        grant_type="client_credentials",
        authorization_details=written(STATEMENT),
    )
    told = token_answer(answer)
    assert told["authorization_details"] == [STATEMENT]
    assert body_of(told["access_token"])["aud"] == ARCHIVE
    answer = bank.robot.post(
        "token_endpoint",
        grant_type="client_credentials",
        authorization_details=written(PAYMENT),
    )
    refused(answer, "invalid_authorization_details")


@pytest.mark.spec("ASVS 10.7.2")
@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Pay 12.50 EUR to <b>Shop</b>"), ("es", "Pagar 12.50 EUR a <b>Shop</b>")],
)
def test_the_person_reads_it_in_words(
    server: Any, bank: SimpleNamespace, ada: Person, language: str, sentence: str
) -> None:
    ask = bank.app.ask(authorization_details=written(PAYMENT), prompt="consent")
    with Browser(server.url, languages=language) as browser:
        browser.open(ask.url)
        browser.fill(username=ada.username, password=ada.password)
        page = browser.submit("login-submit")
    assert isinstance(page, Page)
    said = page.text("details")
    assert sentence in said and "actions" in said and "initiate, status" in said
    assert "<b>Shop" not in page.html


def test_a_payment_is_allowed_once_and_a_remembered_type_for_good(
    server: Any, bank: SimpleNamespace, grace: Person
) -> None:
    with Browser(server.url) as browser:
        bank.app.sign_in(browser, grace, authorization_details=written(STATEMENT))
        again = bank.app.sign_in(
            browser, grace, authorization_details=written(STATEMENT)
        )
        assert again.pages == ()
        other = STATEMENT | {"account": "DE03"}
        changed = bank.app.sign_in(browser, grace, authorization_details=written(other))
        assert changed.pages == ("consent",)
        for _ in range(2):
            paid = bank.app.sign_in(
                browser, grace, authorization_details=written(PAYMENT)
            )
            assert paid.pages == ("consent",)
        ask = bank.app.ask(authorization_details=written(PAYMENT), prompt="none")
        departure = grace.walk(browser, browser.open(ask.url)).departure
        bank.app.refused(ask, departure, "consent_required")
