"""A client of the Model Context Protocol that knows an address and nothing else.

Its authorization: RFC 9728 from the 401, RFC 8414 with its path, registration by RFC
7591, PKCE, RFC 8707 in both requests, RFC 9207 in the answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.rs.api import Api
from tests.support.answer_rules import token_answer
from tests.support.browser import Browser, Page
from tests.support.enrolment import enrol_person
from tests.support.live import LiveServer, until
from tests.support.relying_party import Registration, RelyingParty

CALLBACK = "http://127.0.0.1:33418/callback"
VERSION = "2025-11-25"
pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def authorization_server(
    make_migrated: Callable[[str], str],
) -> Iterator[LiveServer]:
    url = make_migrated("sqlite")
    with LiveServer(database_url=url, env={"REGISTRATION": "open"}) as running:
        yield running


@pytest.fixture
def api(authorization_server: LiveServer) -> Iterator[Api]:
    issuer = authorization_server.url
    with Api("mcp_server", "wsgi", issuer, path="/mcp") as running:
        authorization_server.cli(
            *("resource", "create", "--identifier", running.resource),
            *("--name", "Notes", "--scope", "notes:read=Read your notes", "--open"),
        )
        yield running
        authorization_server.cli("resource", "delete", running.resource)


def message(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


@pytest.mark.spec("RFC 9728 §5")
@pytest.mark.spec("RFC 9728 §4")
def test_a_client_that_knows_the_address_alone_gets_in(
    api: Api, authorization_server: LiveServer, tmp_path: Path
) -> None:
    http = api.http
    hello = message("initialize", protocolVersion=VERSION, capabilities={})
    refusal = http.post(api.resource, json=hello)
    assert refusal.status_code == 401
    said = refusal.headers["WWW-Authenticate"]
    where = re.search(r'resource_metadata="([^"]+)"', said)
    scope = re.search(r'scope="([^"]+)"', said)
    assert where and scope and scope[1] == "notes:read"

    resource = http.get(where[1]).json()
    assert resource["resource"] == api.resource
    (issuer,) = resource["authorization_servers"]
    metadata = discovered(http, issuer)
    until(
        lambda: api.resource in discovered(http, issuer).get("protected_resources", []),
        "the resource in the server's metadata",
    )

    client = register(http, metadata)
    ada = enrol_person(authorization_server, tmp_path, claims={})
    rp = RelyingParty(issuer, client)
    with Browser(issuer) as browser:
        ask = rp.ask(scope=scope[1], resource=api.resource, nonce=None)
        walk = ada.walk(browser, browser.open(ask.url))
        assert walk.pages == ("signin", "consent"), walk.pages
        reply = rp.receive(ask, walk.departure)
    assert reply["iss"] == issuer, "RFC 9207 §2.4"
    answer = rp.redeem(ask, reply["code"], resource=api.resource)
    token = token_answer(answer)["access_token"]

    http.headers["Authorization"] = f"Bearer {token}"
    told = http.post(api.resource, json=hello).json()["result"]
    assert told["protocolVersion"] == VERSION
    started = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    assert http.post(api.resource, json=started).status_code == 202
    (tool,) = http.post(api.resource, json=message("tools/list")).json()["result"][
        "tools"
    ]
    call = message("tools/call", name=tool["name"], arguments={})
    (part,) = http.post(api.resource, json=call).json()["result"]["content"]
    assert part["text"].endswith("Buy milk")
    lost = http.post(api.resource, json=message("no/such")).json()
    assert lost["error"]["code"] == -32601


def discovered(http: Any, issuer: str) -> dict[str, Any]:
    """RFC 8414 §3.1; what MCP demands of the document."""
    parts = urlsplit(issuer)
    url = f"{parts.scheme}://{parts.netloc}/.well-known/oauth-authorization-server"
    found: dict[str, Any] = http.get(url + parts.path).json()
    assert found["issuer"] == issuer
    assert "S256" in found["code_challenge_methods_supported"]
    assert "none" in found["token_endpoint_auth_methods_supported"]
    assert found["authorization_response_iss_parameter_supported"] is True
    return found


def register(http: Any, metadata: dict[str, Any]) -> Registration:
    """RFC 7591 §3.1, as an app on somebody's computer does."""
    answer = http.post(
        metadata["registration_endpoint"],
        json={
            "client_name": "An assistant",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        },
    )
    assert answer.status_code == 201, answer.text
    client_id = answer.json()["client_id"]
    return Registration(client_id, auth_method="none", redirect_uri=CALLBACK)


def test_the_person_is_shown_whom_they_let_in_and_to_what(
    api: Api, authorization_server: LiveServer, tmp_path: Path
) -> None:
    """ASVS 10.7.2: the client nobody has vouched for, and the API by its name."""
    issuer = authorization_server.url
    until(
        lambda: api.resource in discovered(api.http, issuer)["protected_resources"],
        "the resource",
    )
    rp = RelyingParty(issuer, register(api.http, discovered(api.http, issuer)))
    ada = enrol_person(authorization_server, tmp_path, claims={})
    with Browser(issuer) as browser:
        browser.open(rp.ask(scope="notes:read", resource=api.resource).url)
        browser.fill(username=ada.username, password=ada.password)
        page = browser.submit("login-submit")
    assert isinstance(page, Page)
    for words in ("An assistant", "Notes", "Read your notes", "on this computer"):
        assert words in page.words, words
