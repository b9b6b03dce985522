"""RFC 7591 and RFC 7592 from one end of a client's life to the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jws
from joserfc.jwk import ECKey

from tests.support.answer_rules import json_of, refused
from tests.support.browser import Browser, Page
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.registering import CALLBACK, at_own_address, post, register_client
from tests.support.relying_party import RelyingParty

Register = Callable[..., RelyingParty]
OURS = (
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
    "client_secret",
)


def put(told: dict[str, Any], **changes: Any) -> requests.Response:
    """Send back what was told, with a change; None leaves a member out."""
    given = {name: v for name, v in told.items() if name not in OURS} | changes
    kept = {name: value for name, value in given.items() if value is not None}
    return at_own_address(told, "PUT", json=kept)


def claims_of(token: str) -> dict[str, Any]:
    """What a token says; who signed it is looked at elsewhere."""
    found: dict[str, Any] = json.loads(jws.extract_compact(token.encode()).payload)
    return found


@pytest.mark.spec("RFC 7592 §2.1")
def test_what_is_registered_can_be_read_again(register: Register) -> None:
    """All of it but the secret, of which we know a fingerprint alone."""
    told = register(client_name="Shop", contacts=["a@rp.example"]).registration.told
    read = json_of(at_own_address(told))
    secret = {"client_secret", "client_secret_expires_at"}
    assert read == {name: v for name, v in told.items() if name not in secret}


@pytest.mark.spec("RFC 7592 §2.2")
def test_what_is_left_out_is_gone(register: Register) -> None:
    told = register(client_name="Shop", contacts=["a@rp.example"]).registration.told
    new = json_of(put(told, contacts=None, client_name="Store"))
    assert "contacts" not in new and new["client_name"] == "Store"
    assert new["client_id"] == told["client_id"]
    assert json_of(at_own_address(told)) == new


@pytest.mark.spec("RFC 7592 §2.2")
def test_the_secret_stays_what_it_was(
    register: Register, visitor: Browser, guest: Person
) -> None:
    party = register()
    new = json_of(put(party.registration.told, client_name="Store"))
    assert "client_secret" not in new
    assert party.sign_in(visitor, guest).claims["sub"]


@pytest.mark.spec("RFC 7592 §2.2")
@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": "another"},
        {"client_secret": "another"},
        {"client_secret": 7},
        *({name: "x"} for name in OURS[:4]),
    ],
    ids=str,
)
def test_what_is_ours_to_say_is_refused(
    register: Register, changes: dict[str, Any]
) -> None:
    told = register().registration.told
    refused(put(told, **changes), "invalid_client_metadata", status=400)


@pytest.mark.spec("RFC 7592 §2.2")
def test_its_own_secret_may_be_sent_along(register: Register) -> None:
    told = register().registration.told
    assert put(told, client_secret=told["client_secret"]).status_code == 200


@pytest.mark.spec("RFC 7592 §2.2")
def test_a_bad_change_changes_nothing(register: Register) -> None:
    told = register().registration.told
    before = json_of(at_own_address(told))
    refused(put(told, redirect_uris=["http://rp.example/"]), "invalid_redirect_uri")
    assert json_of(at_own_address(told)) == before


def test_another_way_to_authenticate_brings_what_it_needs(
    register: Register, visitor: Browser, guest: Person
) -> None:
    """To keys: the old secret dies. Back to a secret: there is a new one."""
    party = register()
    told = party.registration.told
    key = ECKey.generate_key("P-256", {"kid": "one"})
    keys = {"keys": [key.as_dict(private=False)]}
    method = "token_endpoint_auth_method"
    new = json_of(put(told, **{method: "private_key_jwt", "jwks": keys}))
    assert "client_secret" not in new
    refused(party.refresh("x"), "invalid_client")
    again = json_of(put(told, **{method: "client_secret_jwt"}))
    assert again["client_secret"] not in (None, told["client_secret"])
    assert again["client_secret_expires_at"] == 0


@pytest.mark.spec("RFC 7592 §2.3")
def test_a_client_that_goes_takes_its_tokens_along(
    register: Register, visitor: Browser, guest: Person
) -> None:
    """Introspection by another client, userinfo, refresh: all of it is over at once."""
    party = register(grant_types=["authorization_code", "refresh_token"])
    flow = party.sign_in(visitor, guest, scope="openid offline_access")
    access = flow.tokens["access_token"]
    other = register()
    assert json_of(other.introspect(access))["active"] is True
    assert at_own_address(party.registration.told, "DELETE").status_code == 204
    assert json_of(other.introspect(access)) == {"active": False}
    assert party.userinfo(access).status_code == 401
    refused(party.refresh(flow.tokens["refresh_token"]), "invalid_client", status=401)


def test_tokens_of_the_client_itself_die_too(register: Register) -> None:
    """They have no row: the client that is gone is what they are checked by."""
    party = register(grant_types=["client_credentials"], redirect_uris=[])
    answer = party.post("token_endpoint", grant_type="client_credentials")
    access = json_of(answer)["access_token"]
    other = register()
    assert json_of(other.introspect(access))["active"] is True
    at_own_address(party.registration.told, "DELETE")
    assert json_of(other.introspect(access)) == {"active": False}


@pytest.mark.spec("OIDC Core §8")
def test_a_pairwise_subject_is_the_same_wherever_it_is_told(
    register: Register, visitor: Browser, guest: Person
) -> None:
    """ID token, userinfo, introspection, after a refresh; and taken back as a hint."""
    grants = ["authorization_code", "refresh_token"]
    party = register(subject_type="pairwise", grant_types=grants)
    flow = party.sign_in(visitor, guest, scope="openid offline_access")
    sub, tokens = flow.claims["sub"], flow.tokens
    assert json_of(party.userinfo(tokens["access_token"]))["sub"] == sub
    for token in (tokens["access_token"], tokens["refresh_token"]):
        said = json_of(party.introspect(token))
        assert (said["sub"], said["user_id"]) == (sub, sub)
    new = json_of(party.refresh(tokens["refresh_token"]))
    assert claims_of(new["id_token"])["sub"] == sub
    hinted = party.sign_in(
        visitor, guest, prompt="none", id_token_hint=tokens["id_token"]
    )
    assert hinted.claims["sub"] == sub and hinted.pages == ()
    wish = json.dumps({"id_token": {"sub": {"value": sub}}})
    assert (
        party.sign_in(visitor, guest, prompt="none", claims=wish).claims["sub"] == sub
    )
    public = register().sign_in(visitor, guest).claims["sub"]
    assert public != sub
    ask = party.ask(prompt="none", claims=wish.replace(sub, public))
    party.refused(ask, guest.walk(visitor, visitor.open(ask.url)).departure,
                  "login_required")  # fmt: skip


@pytest.mark.spec("RP-Initiated Logout §2")
def test_a_pairwise_hint_signs_its_person_out(
    register: Register, visitor: Browser, guest: Person
) -> None:
    home = "https://rp.example/signed-out"
    party = register(subject_type="pairwise", post_logout_redirect_uris=[home])
    flow = party.sign_in(visitor, guest)
    url = party.logout_url(
        id_token_hint=flow.tokens["id_token"], post_logout_redirect_uri=home
    )
    walk = guest.walk(visitor, visitor.open(url))
    assert walk.pages == () and walk.departure.url == home


@pytest.mark.spec("OIDC Core §8")
def test_a_session_has_one_name_for_a_pairwise_client(
    register: Register, visitor: Browser, guest: Person
) -> None:
    """In the ID token and in the frame that tells of its end; another client's differs."""
    out = "https://rp.example/out"
    party = register(subject_type="pairwise", frontchannel_logout_uri=out)
    flow = party.sign_in(visitor, guest)
    public = register().sign_in(visitor, guest)
    assert public.claims["sid"] != flow.claims["sid"]
    page = visitor.open(party.logout_url(id_token_hint=flow.tokens["id_token"]))
    assert isinstance(page, Page)
    frames = [e.get("src") for e in page.document.root.walk() if e.tag == "iframe"]
    told = [parse_qs(urlsplit(src).query)["sid"] for src in frames if out in src]
    assert told == [[flow.claims["sid"]]]


# -- Initial access tokens


@pytest.fixture(scope="module")
def by_token(
    database_kind: str, make_migrated: Callable[[str], str]
) -> Iterator[LiveServer]:
    """Where one needs a token to register."""
    env = {
        "REGISTRATION": "token",
        "RATE_LIMITS": "on",
        "REGISTRATION_LIMITS": "1/hour",
    }
    with LiveServer(database_url=make_migrated(database_kind), env=env) as running:
        yield running


@pytest.mark.spec("RFC 7591 §3")
@pytest.mark.parametrize("token", [None, "x", "x" * 43])
def test_without_a_good_token_nobody_registers(
    by_token: LiveServer, token: str | None
) -> None:
    answer = post(by_token.url, {"redirect_uris": [CALLBACK]}, token)
    refused(answer, "invalid_token", status=401)
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith("Bearer")
    assert ("error=" in challenge) == (token is not None)


@pytest.mark.spec("RFC 7591 §3")
def test_a_token_registers_as_many_clients_as_it_has_uses(by_token: LiveServer) -> None:
    """A refusal gives the use back; limits of strangers do not hold for its bearer."""
    made = by_token.cli(
        "client", "initial-token", "create", "--uses", "2", "--note", "x"
    )
    good, token = {"redirect_uris": [CALLBACK]}, made["token"]
    refused(post(by_token.url, {"redirect_uris": []}, token), "invalid_redirect_uri")
    for _ in range(2):
        told = json_of(post(by_token.url, good, token), status=201)
    refused(post(by_token.url, good, token), "invalid_token", status=401)
    shown = by_token.cli("client", "show", told["client_id"])
    assert shown["registered_by"] == "token" and shown["unused_until"]
    (listed,) = by_token.cli("client", "initial-token", "list")
    assert listed["uses_left"] == 0 and "token" not in listed


def test_a_token_that_was_revoked_registers_nobody(by_token: LiveServer) -> None:
    made = by_token.cli("client", "initial-token", "create")
    by_token.cli("client", "initial-token", "revoke", made["id"])
    answer = post(by_token.url, {"redirect_uris": [CALLBACK]}, made["token"])
    refused(answer, "invalid_token", status=401)
    assert made["token"] not in by_token.log


def test_a_client_that_is_used_stays(
    register: Register, open_server: LiveServer, visitor: Browser, guest: Person
) -> None:
    """The first token it gets takes away the day on which it would have gone."""
    party = register()
    show = ("client", "show", party.registration.client_id)
    assert open_server.cli(*show)["unused_until"]
    party.sign_in(visitor, guest)
    assert open_server.cli(*show)["unused_until"] is None


def test_strangers_may_register_so_many_and_no_more(
    database_kind: str, make_migrated: Callable[[str], str]
) -> None:
    """Per network; the answer says when to come again."""
    env = {"REGISTRATION": "open", "RATE_LIMITS": "on", "REGISTRATION_LIMITS": "3/hour"}
    with LiveServer(database_url=make_migrated(database_kind), env=env) as server:
        for _ in range(3):
            register_client(server.url)
        answer = post(server.url, {"redirect_uris": [CALLBACK]})
        assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
        assert json_of(answer, status=429)["error"] == "temporarily_unavailable"
