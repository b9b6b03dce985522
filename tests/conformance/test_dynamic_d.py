"""D4-D16: Dynamic OP, the modules about registration; C1, G9, T1 and T2 of it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import requests
from joserfc.jwk import ECKey

from tests.support import answer_rules
from tests.support.answer_rules import json_of, refused
from tests.support.browser import Browser, Page
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.pictures import png
from tests.support.registering import CALLBACK, at_own_address, post, register_client
from tests.support.relying_party import RelyingParty
from tests.support.site import Site

Register = Callable[..., RelyingParty]
OTHER = "https://rp.example/other"


def stays(party: RelyingParty, visitor: Browser, **changes: str | None) -> Page:
    """A page says what is wrong; nobody is sent to the client."""
    page = visitor.open(party.ask(**changes).url)
    assert isinstance(page, Page), page
    assert page.status == 400 and page.has("error")
    return page


@pytest.mark.spec("OIDF C1")
@pytest.mark.spec("OIDF D9")
def test_d9_a_place_to_register_is_published(register: Register) -> None:
    """oidcc-discovery-endpoint-verification in the Dynamic plan."""
    found = register().metadata
    assert answer_rules.is_safe_url(found["registration_endpoint"])
    assert {"public", "pairwise"} <= set(found["subject_types_supported"])


@pytest.mark.spec("OIDF C1")
@pytest.mark.spec("OIDF D9")
def test_d9_it_is_not_published_where_nobody_may(rp: RelyingParty) -> None:
    """Off is the default; then there is nothing at the address either."""
    assert "registration_endpoint" not in rp.metadata
    answer = post(rp.issuer, {"redirect_uris": [CALLBACK]})
    assert answer.status_code == 404
    assert json_of(answer, status=404)["error"] == "invalid_request"


@pytest.mark.spec("OIDF G9")
@pytest.mark.spec("RFC 7591 §3.2.1")
@pytest.mark.spec("RFC 7592 §2.3")
def test_g9_a_registration_is_told_in_full_and_ended_with_204(
    open_server: LiveServer,
) -> None:
    """201, JSON, not to be kept; a secret says when it ends; the end is 204."""
    answer = post(open_server.url, {"redirect_uris": [CALLBACK], "nonsense": [1]})
    told = json_of(answer, status=201)
    assert "no-store" in answer.headers["Cache-Control"]
    assert told["client_secret"] and told["client_secret_expires_at"] == 0
    assert answer_rules.is_safe_url(told["registration_client_uri"])
    assert answer_rules.measured_bits(told["registration_access_token"]) >= 128
    assert "nonsense" not in told
    gone = at_own_address(told, "DELETE")
    assert (gone.status_code, gone.content) == (204, b"")
    assert at_own_address(told).status_code == 401


@pytest.mark.spec("OIDF G9")
def test_g9_a_public_client_is_given_no_secret(register: Register) -> None:
    """And so no word of when it ends."""
    told = register(token_endpoint_auth_method="none").registration.told
    assert not {"client_secret", "client_secret_expires_at"} & set(told)


@pytest.mark.spec("OIDF D4")
def test_d4_of_two_addresses_one_must_be_named(
    register: Register, visitor: Browser
) -> None:
    """oidcc-ensure-redirect-uri-in-authorization-request."""
    party = register(redirect_uris=[CALLBACK, OTHER])
    stays(party, visitor, redirect_uri=None)


@pytest.mark.spec("OIDF D5")
def test_d5_a_query_in_the_address_stays_and_is_added_to(
    register: Register, visitor: Browser, guest: Person
) -> None:
    """oidcc-redirect-uri-query-OK; `receive` looks for foo=bar and all else."""
    party = register(redirect_uris=[f"{CALLBACK}?foo=bar"])
    assert party.sign_in(visitor, guest).claims["sub"]


@pytest.mark.spec("OIDF D6")
def test_d6_another_query_is_another_address(
    register: Register, visitor: Browser
) -> None:
    """oidcc-redirect-uri-query-mismatch."""
    party = register(redirect_uris=[f"{CALLBACK}?foo=bar"])
    stays(party, visitor, redirect_uri=f"{CALLBACK}?foo=baz")


@pytest.mark.spec("OIDF D7")
def test_d7_a_query_that_was_added_is_another_address(
    register: Register, visitor: Browser
) -> None:
    """oidcc-redirect-uri-query-added."""
    stays(register(), visitor, redirect_uri=f"{CALLBACK}?foo=bar")


@pytest.mark.spec("OIDF D8")
@pytest.mark.parametrize("end", ["#foobar", "#", "?a=b#c"])
def test_d8_an_address_with_a_fragment_is_not_registered(
    open_server: LiveServer, end: str
) -> None:
    """oidcc-redirect-uri-regfrag."""
    answer = post(open_server.url, {"redirect_uris": [CALLBACK + end]})
    refused(answer, "invalid_redirect_uri", status=400)


@pytest.mark.spec("OIDF D10")
def test_d10_a_registered_client_signs_in_by_its_own_keys(
    register: Register, visitor: Browser, guest: Person
) -> None:
    """oidcc-server, with private_key_jwt as in the Dynamic plan."""
    key = ECKey.generate_key("P-256", {"kid": "one"})
    party = register(
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [key.as_dict(private=False)]},
        key=key,
        key_algorithm="ES256",
    )
    flow = party.sign_in(visitor, guest)
    said = json_of(party.userinfo(flow.tokens["access_token"]))
    assert said["sub"] == flow.claims["sub"]


@pytest.mark.spec("OIDF D11")
def test_d11_the_logo_is_on_the_sign_in_page_and_comes_from_us(
    register: Register, visitor: Browser, site: Site
) -> None:
    """oidcc-registration-logo-uri; no browser asks the client for it."""
    path = f"/logo-{secrets.token_hex(4)}.png"  # both databases ask the one site
    party = register(logo_uri=site.put(path, png(64, 32)), client_name="Harbour")
    page = visitor.open(party.ask().url)
    assert isinstance(page, Page) and page.has("login-submit")
    (picture,) = (e for e in page.document.root.walk() if e.tag == "img")
    where = requests.compat.urljoin(page.url, picture.get("src"))
    assert urlsplit(where)[:2] == urlsplit(party.issuer)[:2]
    shown = requests.get(where, timeout=10)
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.content.startswith(b"\x89PNG")
    assert "immutable" in shown.headers["Cache-Control"]
    assert site.asked(path) == 1
    assert site.url("") not in page.html


@pytest.mark.spec("OIDF D12")
@pytest.mark.spec("OIDF D13")
@pytest.mark.parametrize("member", ["policy_uri", "tos_uri", "client_uri"])
def test_d12_d13_what_the_client_has_written_is_linked_from_the_sign_in_page(
    register: Register, visitor: Browser, member: str
) -> None:
    """oidcc-registration-policy-uri, oidcc-registration-tos-uri."""
    uri = f"https://rp.example/{member}"
    page = visitor.open(register(**{member: uri}).ask().url)
    assert isinstance(page, Page) and page.has("login-submit")
    (link,) = (e for e in page.document.root.walk() if e.get("href") == uri)
    assert "noopener" in link.get("rel")


@pytest.mark.spec("OIDF D15")
@pytest.mark.spec("OIDC Core §8.1")
def test_d15_a_sector_document_that_lists_every_address_is_taken(
    register: Register, site: Site, visitor: Browser, guest: Person
) -> None:
    """oidcc-registration-sector-uri; several hosts may be one sector."""
    addresses = [CALLBACK, "https://b.example/cb"]
    listed = site.put("/sector.json", json.dumps([*addresses, OTHER]).encode())
    party = register(
        redirect_uris=addresses,
        sector_identifier_uri=listed,
        subject_type="pairwise",
    )
    told = party.registration.told
    assert (told["sector_identifier_uri"], told["subject_type"]) == (listed, "pairwise")
    assert party.sign_in(visitor, guest).claims["sub"]


BAD_LISTS = {
    "lacks one": json.dumps([OTHER]).encode(),
    "is no list": json.dumps({"redirect_uris": [CALLBACK]}).encode(),
    "is no JSON": b"<html>",
    "is too large": b"[" + b" " * 300_000 + b"]",
    "is not there": None,
}


@pytest.mark.spec("OIDF D16")
@pytest.mark.parametrize("body", BAD_LISTS.values(), ids=BAD_LISTS)
def test_d16_any_other_sector_document_is_refused(
    open_server: LiveServer, site: Site, body: bytes | None
) -> None:
    """oidcc-registration-sector-bad."""
    url = site.url("/missing") if body is None else site.put("/bad.json", body)
    given = {"redirect_uris": [CALLBACK], "sector_identifier_uri": url}
    refused(post(open_server.url, given), "invalid_client_metadata", status=400)


@pytest.mark.spec("OIDF T1")
def test_t1_an_address_to_begin_sign_in_at_is_kept_and_can_be_read(
    register: Register,
) -> None:
    """oidcc-3rd_party-init-login, the part of registration."""
    uri = "https://rp.example/begin"
    told = register(initiate_login_uri=uri).registration.told
    assert told["initiate_login_uri"] == uri
    read = json_of(at_own_address(told))
    assert read["initiate_login_uri"] == uri
    assert read["registration_access_token"] == told["registration_access_token"]


@pytest.mark.spec("OIDF T2")
def test_t2_such_an_address_is_https(open_server: LiveServer) -> None:
    """oidcc-3rd_party-init-login-nohttps."""
    given = {"redirect_uris": [CALLBACK], "initiate_login_uri": "http://rp.example/x"}
    refused(post(open_server.url, given), "invalid_client_metadata", status=400)


@pytest.mark.spec("OIDF B18")
def test_b18_a_trusted_registration_is_told_by_redirect(
    register: Register, visitor: Browser
) -> None:
    """oidcc-prompt-none-not-logged-in, with a client that has just registered."""
    party = register()
    ask = party.ask(prompt="none")
    page = visitor.open(ask.url)
    assert not isinstance(page, Page)
    party.refused(ask, page, "login_required")


@pytest.mark.spec("OIDC Registration §2")
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post",
                                    "client_secret_jwt", "none"])  # fmt: skip
def test_every_method_that_can_be_registered_goes_the_whole_road(
    open_server: LiveServer, visitor: Browser, guest: Person, method: str
) -> None:
    """What is accepted is honoured."""
    party = register_client(open_server.url, token_endpoint_auth_method=method)
    assert party.sign_in(visitor, guest, pkce=True).claims["sub"]
