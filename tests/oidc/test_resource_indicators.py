"""Resource indicators on the wire (RFC 8707, RFC 9068 §3, §6, RFC 7662 §4)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.answer_rules import json_of, refused, token_answer
from tests.support.browser import Browser, Page
from tests.support.live import until
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

NOTES, FILES = "https://notes.example/api", "https://files.example"
EVERYTHING = "openid email offline_access notes:read notes:write files:read"

Enrol = Callable[..., RelyingParty]


def body_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


@pytest.fixture(scope="module")
def apis(server: Any, enrol_client: Enrol) -> Iterator[SimpleNamespace]:
    """Two APIs, the clients that they themselves are, and two that ask for them."""
    machine = {"redirect_uris": (), "grant_types": ("client_credentials",)}
    cast = SimpleNamespace(
        notes=enrol_client(scope="", **machine),
        files=enrol_client(scope="", **machine),
        robot=enrol_client(scope="notes:read", **machine),
        app=enrol_client(scope=EVERYTHING),
    )
    server.cli(
        *("resource", "create", "--identifier", NOTES, "--name", "Notes"),
        *("--name-in", "es=Notas", "--token-ttl", "300"),
        *("--scope", "notes:read=Read your notes", "--scope", "notes:write"),
        *("--scope-in", "notes:read", "es", "Leer tus notas"),
        *("--introspection-client", cast.notes.registration.client_id),
    )
    server.cli(
        *("resource", "create", "--identifier", FILES, "--name", "Files"),
        *("--scope", "files:read=See your files"),
        *("--introspection-client", cast.files.registration.client_id),
    )
    wait_for(cast.robot, NOTES)
    yield cast
    server.cli("resource", "delete", NOTES)
    server.cli("resource", "delete", FILES)


def machine_token(rp: RelyingParty, **form: Any) -> Any:
    return rp.post("token_endpoint", grant_type="client_credentials", **form)


def wait_for(robot: RelyingParty, resource: str) -> None:
    """A running server looks for new resources every few seconds."""
    until(lambda: machine_token(robot, resource=resource).ok, "the new resource")


@pytest.mark.spec("RFC 8707 §2.2")
def test_the_audience_is_the_resource_that_was_named(
    apis: SimpleNamespace, browser: Browser, ada: Person
) -> None:
    flow = apis.app.sign_in(browser, ada, scope="openid notes:read", resource=NOTES)
    claims = body_of(flow.tokens["access_token"])
    assert (claims["aud"], claims["scope"]) == (NOTES, "notes:read")
    assert flow.tokens["scope"] == "notes:read"
    assert claims["exp"] - claims["iat"] == flow.tokens["expires_in"] == 300
    assert flow.claims["aud"] == apis.app.registration.client_id


@pytest.mark.spec("RFC 8707 §2.1")
def test_several_resources_are_named_by_repetition(
    apis: SimpleNamespace, browser: Browser, ada: Person
) -> None:
    both = {"scope": "openid notes:read files:read", "resource": [NOTES, FILES]}
    flow = apis.app.sign_in(browser, ada, **both)
    assert body_of(flow.tokens["access_token"])["aud"] == [NOTES, FILES]
    ask = apis.app.ask(**both)
    walk = ada.walk(browser, browser.open(ask.url))
    code = apis.app.receive(ask, walk.departure)["code"]
    refused(apis.app.redeem(ask, code, resource="urn:other"), "invalid_target")
    refused(apis.app.redeem(ask, code, resource=apis.app.issuer), "invalid_target")
    told = token_answer(apis.app.redeem(ask, code, resource=FILES))
    assert body_of(told["access_token"])["aud"] == FILES
    assert told["scope"] == "files:read"


@pytest.mark.spec("RFC 8707 §2")
@pytest.mark.parametrize(
    "resource",
    [
        "https://nobody.example",
        "notes",
        f"{NOTES}#part",
        f"{NOTES}/more",
        [NOTES, "https://nobody.example"],
        "https://notes.example/%00",
    ],
)
def test_an_unknown_resource_is_refused_by_redirect(
    apis: SimpleNamespace, browser: Browser, ada: Person, resource: Any
) -> None:
    ask = apis.app.ask(scope="openid notes:read", resource=resource)
    departure = ada.walk(browser, browser.open(ask.url)).departure
    apis.app.refused(ask, departure, "invalid_target")
    answer = machine_token(apis.robot, scope="notes:read", resource=resource)
    refused(answer, "invalid_target")


@pytest.mark.spec("RFC 8707 §2.2")
def test_a_refresh_may_narrow_and_never_reach_further(
    apis: SimpleNamespace, browser: Browser, ada: Person
) -> None:
    flow = apis.app.sign_in(
        browser,
        ada,
        scope="openid offline_access notes:read files:read",
        resource=[NOTES, apis.app.issuer],
        prompt="consent",
    )
    token = flow.tokens["refresh_token"]
    refused(apis.app.refresh(token, resource=FILES), "invalid_target")
    for resource, scope in (
        (NOTES, "notes:read"),
        (apis.app.issuer, "openid offline_access"),
    ):
        told = token_answer(apis.app.refresh(token, resource=resource))
        claims = body_of(told["access_token"])
        assert (claims["aud"], claims["scope"]) == (resource, scope)
        token = told["refresh_token"]
    assert apis.app.userinfo(told["access_token"]).ok


@pytest.mark.spec("RFC 9068 §3")
def test_unsaid_the_scopes_name_the_audience(
    apis: SimpleNamespace, browser: Browser, ada: Person
) -> None:
    flow = apis.app.sign_in(browser, ada, scope="openid email notes:read")
    token = flow.tokens["access_token"]
    assert body_of(token)["aud"] == [apis.app.issuer, NOTES]
    assert json_of(apis.app.userinfo(token))["email"] == ada.email
    alone = apis.app.sign_in(browser, ada, scope="notes:read", nonce=None)
    assert body_of(alone.tokens["access_token"])["aud"] == NOTES
    ask = apis.app.ask(scope="openid notes:read files:read")
    departure = ada.walk(browser, browser.open(ask.url)).departure
    apis.app.refused(ask, departure, "invalid_scope")


@pytest.mark.spec("RFC 9068 §6")
def test_userinfo_refuses_a_token_for_another_audience(
    apis: SimpleNamespace, browser: Browser, ada: Person
) -> None:
    flow = apis.app.sign_in(browser, ada, scope="openid notes:read", resource=NOTES)
    answer = apis.app.userinfo(flow.tokens["access_token"])
    refused(answer, "invalid_token", status=401)


@pytest.mark.spec("RFC 7662 §4")
def test_introspection_is_no_oracle_for_another_resource_server(
    apis: SimpleNamespace, browser: Browser, ada: Person, other_rp: RelyingParty
) -> None:
    both = {"scope": "openid notes:read files:read", "resource": [NOTES, FILES]}
    shared = apis.app.sign_in(browser, ada, **both).tokens["access_token"]
    flow = apis.app.sign_in(browser, ada, scope="openid notes:read", resource=NOTES)
    token = flow.tokens["access_token"]
    own = json_of(apis.app.introspect(token))
    assert own["active"] and own["aud"] == NOTES
    assert json_of(apis.notes.introspect(token))["scope"] == "notes:read"
    for stranger in (apis.files, other_rp, apis.robot):
        assert json_of(stranger.introspect(token)) == {"active": False}
    assert json_of(apis.notes.introspect(shared))["scope"] == "notes:read"
    assert json_of(apis.files.introspect(shared))["scope"] == "files:read"
    assert json_of(other_rp.introspect(shared)) == {"active": False}


@pytest.mark.spec("RFC 6749 §4.4")
def test_a_machine_asks_for_what_its_registration_names(apis: SimpleNamespace) -> None:
    told = token_answer(machine_token(apis.robot, scope="notes:read"))
    assert body_of(told["access_token"])["aud"] == NOTES
    told = token_answer(machine_token(apis.robot, resource=NOTES))
    assert body_of(told["access_token"])["aud"] == NOTES and "scope" not in told
    refused(machine_token(apis.robot, resource=FILES), "invalid_target")
    refused(machine_token(apis.files, resource=NOTES), "invalid_target")


def test_other_parameters_still_come_once(
    apis: SimpleNamespace, browser: Browser
) -> None:
    ask = apis.app.ask(scope=["openid", "email"])
    departure = browser.open(ask.url)
    assert not isinstance(departure, Page)
    assert departure.params["error"] == "invalid_request"
    refused(machine_token(apis.robot, scope=["a", "b"]), "invalid_request")


@pytest.mark.spec("ASVS 10.7.2")
def test_the_person_is_told_of_the_api_in_their_language(
    server: Any, apis: SimpleNamespace, grace: Person
) -> None:
    ask = apis.app.ask(scope="openid notes:read", resource=NOTES, prompt="consent")
    with Browser(server.url, languages="es") as browser:
        browser.open(ask.url)
        browser.fill(username=grace.username, password=grace.password)
        page = browser.submit("login-submit")
        assert isinstance(page, Page)
        assert "Notas" in page.words and "Leer tus notas" in page.words
        browser.submit("consent-allow")


def test_a_new_resource_asks_for_consent_again(
    apis: SimpleNamespace, browser: Browser, grace: Person
) -> None:
    """What was allowed for one API is not allowed for another."""
    apis.app.sign_in(browser, grace, scope="openid", resource=NOTES)
    again = apis.app.sign_in(browser, grace, scope="openid", resource=NOTES)
    assert again.pages == ()
    other = apis.app.sign_in(browser, grace, scope="openid", resource=FILES)
    assert other.pages == ("consent",)


def test_a_posted_request_may_name_several_too(
    apis: SimpleNamespace, browser: Browser, ada: Person
) -> None:
    ask = apis.app.ask(scope="openid", resource=f"{NOTES} {FILES}")
    start = browser.post_from_elsewhere(ask.endpoint, ask.params)
    flow = apis.app.finish(ask, ada.walk(browser, start))
    assert body_of(flow.tokens["access_token"])["aud"] == [NOTES, FILES]


@pytest.mark.spec("RFC 9126 §2.1")
def test_a_pushed_request_may_name_several_too(
    apis: SimpleNamespace, browser: Browser, ada: Person
) -> None:
    ask = apis.app.pushed(apis.app.ask(scope="openid", resource=[NOTES, FILES]))
    flow = apis.app.finish(ask, ada.walk(browser, browser.open(ask.url)))
    assert body_of(flow.tokens["access_token"])["aud"] == [NOTES, FILES]
    unknown = apis.app.push(apis.app.ask(resource="https://nobody.example"))
    refused(unknown, "invalid_target")


def test_a_deleted_resource_gets_no_more_tokens(
    server: Any, apis: SimpleNamespace, browser: Browser, ada: Person
) -> None:
    gone = "https://gone.example"
    server.cli("resource", "create", "--identifier", gone, "--name", "Gone", "--open")

    def listed() -> bool:
        found = apis.app.http.get(f"{server.url}/.well-known/openid-configuration")
        return gone in found.json().get("protected_resources", [])

    until(listed, "the open resource in the metadata (RFC 9728 §4)")
    flow = apis.app.sign_in(
        browser, ada, scope="openid offline_access", resource=gone, prompt="consent"
    )
    assert body_of(flow.tokens["access_token"])["aud"] == gone
    refused(machine_token(apis.robot, resource=gone), "invalid_target")
    server.cli("resource", "delete", gone)
    until(lambda: not listed(), "the resource to go")
    answer = apis.app.refresh(flow.tokens["refresh_token"])
    refused(answer, "invalid_target")
