"""The traps of Authlib 1.9 that stand on this road, each with the test that watches it.

The numbers are those under which they are written in `docs/decisions`; what is told
here is what the library does by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.support import answer_rules
from tests.support.answer_rules import claims_of, header_of, json_of, refused
from tests.support.browser import Browser
from tests.support.hostile import pairs, refused_in_json, send
from tests.support.person import Person
from tests.support.relying_party import RelyingParty, SignedIn, basic

FOR_GOOD = {"scope": "openid offline_access", "prompt": "consent"}


@pytest.fixture(scope="session")
def robot(enrol_client: Callable[..., RelyingParty]) -> RelyingParty:
    """A client that acts for itself."""
    return enrol_client(grant_types=["client_credentials"], redirect_uris=[])


@pytest.fixture
def flow(rp: RelyingParty, browser: Browser, ada: Person) -> SignedIn:
    return rp.sign_in(browser, ada, **FOR_GOOD)


def own_token(robot: RelyingParty) -> dict[str, Any]:
    return answer_rules.token_answer(
        robot.post("token_endpoint", grant_type="client_credentials")
    )


def test_trap_1_a_key_is_imported_once(server: Any, robot: RelyingParty) -> None:
    """Given as a dict or PEM, the key is read again for each token: 40 ms of CPU."""
    own_token(robot)
    before = _cpu_seconds(server)
    for _ in range(40):
        own_token(robot)
    assert (_cpu_seconds(server) - before) / 40 < 0.025


def _cpu_seconds(server: Any) -> float:
    times = [worker.cpu_times() for worker in server.workers()]
    assert times
    return sum(time.user + time.system for time in times)


def test_trap_2_one_key_signs_though_several_are_published(
    server: Any, rp: RelyingParty, robot: RelyingParty
) -> None:
    """A KeySet of several keys signs with any of them; a bare key names no kid."""
    server.cli("keys", "rotate", "--now")
    published = {key.kid for key in rp.keys.keys}
    assert len(published) > 1, "the next or the last key is published as well"
    kids = [header_of(own_token(robot)["access_token"])["kid"] for _ in range(24)]
    assert len(set(kids[-12:])) == 1 and set(kids) <= published


@pytest.mark.spec("RFC 7636 §4.3")
@pytest.mark.parametrize(
    "change",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge": "x" * 43, "code_challenge_method": ""},
        {"code_challenge": ""},
        {"code_challenge": "short"},
    ],
)
def test_trap_3_a_challenge_is_s256_or_refused(
    public_rp: RelyingParty,
    browser: Browser,
    ada: Person,
    change: dict[str, str | None],
) -> None:
    """Without a method it is `plain`, and none at all is noticed at the end only."""
    ask = public_rp.ask(pkce=True, **change)
    departure = ada.walk(browser, browser.open(ask.url)).departure
    public_rp.refused(ask, departure, "invalid_request")


@pytest.mark.parametrize("method", [None, "plain"])
def test_trap_3_nor_does_a_confidential_client_get_plain(
    rp: RelyingParty, browser: Browser, ada: Person, method: str | None
) -> None:
    """PKCE is its choice; a weak PKCE is not."""
    ask = rp.ask(code_challenge="x" * 43, code_challenge_method=method)
    departure = ada.walk(browser, browser.open(ask.url)).departure
    rp.refused(ask, departure, "invalid_request")


def test_trap_4_an_access_token_lives_for_minutes(
    rp: RelyingParty, robot: RelyingParty, browser: Browser, ada: Person
) -> None:
    """By itself it would be ten days, for codes and client credentials alike."""
    for tokens in (rp.sign_in(browser, ada).tokens, own_token(robot)):
        claims = claims_of(tokens["access_token"])
        assert tokens["expires_in"] <= 3600
        assert claims["exp"] - claims["iat"] <= 3600


@pytest.mark.spec("OIDC Core §12.2")
def test_trap_5_a_refreshed_id_token_keeps_what_it_said(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """Else `auth_time` becomes now, and `acr`, `amr` and `sid` are gone."""
    flow = rp.sign_in(browser, ada, max_age="10000", **FOR_GOOD)
    tokens = json_of(rp.refresh(flow.tokens["refresh_token"]))
    again = claims_of(tokens["id_token"])
    for claim in ("auth_time", "acr", "amr", "sid"):
        assert flow.claims[claim] == again[claim], claim
    told = claims_of(tokens["access_token"])
    assert told["auth_time"] == flow.claims["auth_time"]


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_trap_6_each_advertised_algorithm_proves_a_client(
    enrol_client: Callable[..., RelyingParty], algorithm: str
) -> None:
    """Only RS256, ES256 and HS256 are on by default; the rest is refused, or 500."""
    client = enrol_client(
        auth_method="private_key_jwt",
        key_algorithm=algorithm,
        grant_types=["client_credentials"],
        redirect_uris=[],
    )
    assert own_token(client)["access_token"]


def test_trap_7_a_malformed_basic_header_is_no_fault_of_ours(
    rp: RelyingParty,
) -> None:
    """UnicodeDecodeError, and a TypeError for a secret outside ASCII."""
    me = rp.registration
    for value in (
        b"Basic \xff",
        b"Basic //79",
        basic(me.client_id, "sécret-漢").encode(),
        basic("é", "x").encode(),
    ):
        answer = send(
            *(rp.issuer, "/token"),
            method="POST",
            headers=[("Authorization", value)],
            body="grant_type=client_credentials",
        )
        refused_in_json(answer, ("invalid_client", "invalid_request"))


def test_trap_8_no_token_is_logged(
    server: Any, rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """The library says each token it issues, at DEBUG."""
    flow = rp.sign_in(browser, ada, **FOR_GOOD)
    again = json_of(rp.refresh(flow.tokens["refresh_token"]))
    log = server.log
    assert "/token" in log
    for tokens in (flow.tokens, again):
        for name in ("access_token", "refresh_token", "id_token"):
            assert tokens[name] not in log, name
    assert flow.reply["code"] not in log


def test_trap_9_parameters_of_a_token_request_stand_in_its_body(
    public_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """A public client got its tokens with everything in the query."""
    ask = public_rp.ask()
    reply = public_rp.receive(ask, ada.walk(browser, browser.open(ask.url)).departure)
    assert ask.verifier is not None
    everything = [
        ("grant_type", "authorization_code"),
        ("client_id", public_rp.registration.client_id),
        ("code", reply["code"]),
        ("redirect_uri", public_rp.registration.redirect_uri),
        ("code_verifier", ask.verifier),
    ]
    target = f"/token?{pairs(everything)}"
    for body in ("", "a=b", pairs(everything[:1])):
        answer = send(public_rp.issuer, target, method="POST", body=body)
        refused_in_json(answer, ("invalid_request", "invalid_client"))


@pytest.mark.parametrize("state", ["a b", "a+b", "\"'&<>", "é漢", "%20"])
def test_trap_10_a_form_post_is_escaped_as_html(
    rp: RelyingParty, browser: Browser, ada: Person, state: str
) -> None:
    """`a b` came as `a%20b`, and without `iss`."""
    flow = rp.speaking("form_post").sign_in(browser, ada, state=state)
    assert flow.reply["state"] == state and flow.reply["iss"] == rp.issuer


def test_trap_11_of_eight_requests_with_one_code_one_wins(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """The code is read, the tokens are saved, and only then is the code deleted."""
    ask = rp.ask(**FOR_GOOD)
    reply = rp.receive(ask, ada.walk(browser, browser.open(ask.url)).departure)
    rp.metadata  # noqa: B018 -- read before the race, not in it
    start, answers = threading.Barrier(8), []

    def go() -> None:
        client = RelyingParty(rp.issuer, rp.registration)
        client.__dict__["metadata"] = rp.metadata
        start.wait()
        answers.append(client.redeem(ask, reply["code"]))

    racers = [threading.Thread(target=go) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [400] * 7
    won = next(answer for answer in answers if answer.status_code == 200).json()
    refused(rp.refresh(won["refresh_token"]), "invalid_grant")


def test_trap_12_one_jwt_method_does_not_spend_the_assertion_of_the_other(
    enrol_client: Callable[..., RelyingParty],
) -> None:
    """Two methods, one parameter: the first to look took the `jti`, and all failed."""
    for method in ("client_secret_jwt", "private_key_jwt"):
        client = enrol_client(auth_method=method)
        flow = client.introspect("nonsense")
        assert json_of(flow) == {"active": False}, method


def test_trap_12_the_registered_algorithm_is_kept(
    enrol_client: Callable[..., RelyingParty],
) -> None:
    """A shared secret does not open a client that is registered with a key."""
    client = enrol_client(auth_method="client_secret_jwt")
    me = client.registration
    for sent in (
        {"client_id": me.client_id, "client_secret": me.client_secret},
        {"client_id": me.client_id},
    ):
        answer = client.http.post(
            client.metadata["introspection_endpoint"], data=sent | {"token": "x"}
        )
        refused(answer, "invalid_client", status=401)


def test_trap_13_a_nonce_may_come_again(
    rp: RelyingParty, other_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """`exists_nonce` takes a second try of the same client for an attack."""
    for client in (rp, rp, other_rp):
        assert client.sign_in(browser, ada, nonce="n-0").claims["nonce"] == "n-0"


def test_trap_15_a_narrowed_scope_is_told(
    enrol_client: Callable[..., RelyingParty], browser: Browser, ada: Person
) -> None:
    """`get_allowed_scope` narrows in silence (RFC 6749 §3.3)."""
    modest = enrol_client(scope="openid email")
    flow = modest.sign_in(browser, ada, scope="openid email profile")
    assert set(flow.tokens["scope"].split()) == {"openid", "email"}


def test_trap_15_no_credentials_are_not_an_error_code(rp: RelyingParty) -> None:
    """`missing_authorization` is no word of RFC 6750 §3.1."""
    answer = send(rp.issuer, "/userinfo")
    assert answer.status == 401
    assert "error" not in answer.headers["WWW-Authenticate"]


def test_trap_16_an_access_token_says_its_type(robot: RelyingParty) -> None:
    """RFC 9068 §2.1: `at+jwt`, and asymmetric."""
    header = header_of(own_token(robot)["access_token"])
    assert header["typ"] == "at+jwt" and header["alg"] in ("RS256", "PS256", "ES256")


def test_trap_16_a_token_of_another_type_is_none(flow: SignedIn, rp: RelyingParty):
    """Signed by our key, for this very client, and no access token (RFC 8725 §3.11)."""
    assert header_of(flow.tokens["id_token"]).get("typ", "JWT").upper() == "JWT"
    assert rp.userinfo(flow.tokens["id_token"]).status_code == 401
    assert json_of(rp.introspect(flow.tokens["id_token"])) == {"active": False}
