"""What a token is worth where it does not belong: userinfo, introspection, revocation."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest

from tests.support.answer_rules import json_of, refused
from tests.support.browser import Browser
from tests.support.hostile import MARKUP, pairs, refused_by_bearer, sane, send
from tests.support.person import Person
from tests.support.relying_party import RelyingParty, SignedIn

pytestmark = pytest.mark.usefixtures("faultless")


@pytest.fixture
def flow(rp: RelyingParty, browser: Browser, ada: Person) -> SignedIn:
    return rp.sign_in(
        browser, ada, scope="openid profile offline_access", prompt="consent"
    )


def respelled(token: str, part: int, **changes: object) -> str:
    """The same token, one of its parts changed and not signed again."""
    parts = token.split(".")
    content = json.loads(base64.urlsafe_b64decode(parts[part] + "=="))
    coded = base64.urlsafe_b64encode(json.dumps(content | changes).encode())
    parts[part] = coded.rstrip(b"=").decode()
    return ".".join(parts)


WORTHLESS = {
    "garbage": "nonsense",
    "three dots": "a.b.c",
    "empty parts": "..",
    "none": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.",
    "large": "a" * 15_000,
    "markup": MARKUP.replace(" ", ""),
    "other characters": "é",
    "two words": "a b",
}


@pytest.mark.parametrize("token", WORTHLESS.values(), ids=WORTHLESS)
@pytest.mark.spec("RFC 6750 §3.1")
def test_userinfo_refuses_what_is_no_token(rp: RelyingParty, token: str) -> None:
    """By header and by form; never a word about why."""
    value = b"Bearer " + token.encode()
    words = ("invalid_token", "invalid_request", "none")
    by_header = send(rp.issuer, "/userinfo", headers=[("Authorization", value)])
    refused_by_bearer(by_header, words, statuses=(400, 401))
    body = pairs([("access_token", token)])
    by_form = send(rp.issuer, "/userinfo", method="POST", body=body)
    refused_by_bearer(by_form, words, statuses=(400, 401))


def test_userinfo_refuses_a_token_that_was_touched(
    rp: RelyingParty, flow: SignedIn
) -> None:
    """Signature, header and claims belong together; so does each letter."""
    good = flow.tokens["access_token"]
    assert good.count(".") == 2
    unsigned = good.rsplit(".", 1)[0] + "."
    for token in (
        good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
        respelled(good, 0, alg="none"),
        respelled(unsigned, 0, alg="none"),
        respelled(good, 0, alg="HS256"),
        respelled(good, 0, typ="JWT"),
        respelled(good, 0, jwk={"kty": "oct", "k": "AAAA"}),
        respelled(good, 1, sub="somebody-else"),
        respelled(good, 1, exp=4_000_000_000),
        good + ".extra",
        good.upper(),
    ):
        answer = rp.userinfo(token)
        assert answer.status_code == 401, token
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.spec("RFC 9068 §4")
def test_userinfo_takes_access_tokens_alone(rp: RelyingParty, flow: SignedIn) -> None:
    """Not an ID token, not a refresh token, not a code."""
    for token in (
        flow.tokens["id_token"],
        flow.tokens["refresh_token"],
        flow.reply["code"],
    ):
        assert rp.userinfo(token).status_code == 401


@pytest.mark.spec("RFC 6750 §2.3")
def test_userinfo_reads_no_token_from_the_query(
    rp: RelyingParty, flow: SignedIn
) -> None:
    target = "/userinfo?" + pairs([("access_token", flow.tokens["access_token"])])
    refused_by_bearer(
        send(rp.issuer, target), ("none", "invalid_request"), statuses=(400, 401)
    )
    posted = send(rp.issuer, target, method="POST", body="a=b")
    refused_by_bearer(posted, ("none", "invalid_request"), statuses=(400, 401))


@pytest.mark.spec("RFC 6750 §2")
def test_userinfo_takes_one_transport_at_a_time(
    rp: RelyingParty, flow: SignedIn
) -> None:
    """Header and form together, or either of them twice, is `invalid_request`."""
    token = flow.tokens["access_token"]
    bearer = ("Authorization", f"Bearer {token}")
    body = [("access_token", token)]
    for headers, form in (
        ([bearer], pairs(body)),
        ([bearer, bearer], ""),
        ([], pairs(body + body)),
    ):
        answer = send(
            *(rp.issuer, "/userinfo"), method="POST", headers=headers, body=form
        )
        words = ("invalid_request", "invalid_token")
        refused_by_bearer(answer, words, statuses=(400, 401))


@pytest.mark.spec("RFC 6750 §2")
def test_userinfo_takes_no_second_token_from_the_query(
    rp: RelyingParty, flow: SignedIn
) -> None:
    """A good header does not make up for a URL that ends in logs."""
    token = flow.tokens["access_token"]
    headers = [("Authorization", f"Bearer {token}")]
    target = f"/userinfo?{pairs([('access_token', token)])}"
    answer = send(rp.issuer, target, headers=headers)
    refused_by_bearer(answer, ("invalid_request",), statuses=(400,))


@pytest.mark.parametrize("scheme", ["Basic", "Token", "", "Bearer:", "Bearer,"])
def test_userinfo_knows_no_further_scheme(
    rp: RelyingParty, flow: SignedIn, scheme: str
) -> None:
    value = f"{scheme} {flow.tokens['access_token']}".strip()
    answer = send(rp.issuer, "/userinfo", headers=[("Authorization", value)])
    words = ("none", "invalid_token", "invalid_request")
    refused_by_bearer(answer, words, statuses=(400, 401))


@pytest.mark.spec("RFC 9110 §11.1")
def test_the_scheme_is_written_in_any_case(rp: RelyingParty, flow: SignedIn) -> None:
    for scheme in ("bearer", "BEARER"):
        value = f"{scheme} {flow.tokens['access_token']}"
        answer = send(rp.issuer, "/userinfo", headers=[("Authorization", value)])
        assert sane(answer).status == 200


@pytest.mark.spec("RFC 6750 §3.1")
def test_a_token_without_openid_does_not_reach_userinfo(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """403 `insufficient_scope`, which names the scope that is missing."""
    plain = rp.sign_in(browser, ada, scope="email", nonce=None)
    answer = rp.userinfo(plain.tokens["access_token"])
    assert answer.status_code == 403
    challenge = answer.headers["WWW-Authenticate"]
    assert 'error="insufficient_scope"' in challenge and "openid" in challenge


@pytest.mark.spec("RFC 6749 §4.4")
def test_a_clients_own_token_is_nobodys_at_userinfo(
    enrol_client: Callable[..., RelyingParty],
) -> None:
    """Nor does it come with a refresh token, nor an ID token (§4.4.3)."""
    robot = enrol_client(grant_types=["client_credentials"], redirect_uris=[])
    tokens = json_of(robot.post("token_endpoint", grant_type="client_credentials"))
    assert "refresh_token" not in tokens and "id_token" not in tokens
    assert robot.userinfo(tokens["access_token"]).status_code in (401, 403)


@pytest.mark.spec("RFC 7662 §2.2")
@pytest.mark.parametrize("token", WORTHLESS.values(), ids=WORTHLESS)
def test_introspection_says_inactive_and_nothing_else(
    rp: RelyingParty, token: str
) -> None:
    answer = rp.introspect(token)
    assert json_of(answer) == {"active": False}
    assert "no-store" in answer.headers["Cache-Control"]


def test_introspection_is_no_oracle(
    rp: RelyingParty, other_rp: RelyingParty, flow: SignedIn
) -> None:
    """Another's refresh token, an ID token, a code, a touched token: inactive."""
    refresh = flow.tokens["refresh_token"]
    assert json_of(other_rp.introspect(refresh)) == {"active": False}
    for token in (
        flow.tokens["id_token"],
        flow.reply["code"],
        respelled(flow.tokens["access_token"], 1, scope="admin"),
        flow.tokens["access_token"][:-3],
        refresh[:-3],
        refresh + "x",
    ):
        assert json_of(rp.introspect(token)) == {"active": False}, token


@pytest.mark.parametrize("hint", ["", "access_token", "refresh_token", "x", "a" * 999])
@pytest.mark.spec("RFC 7662 §2.1")
def test_a_wrong_hint_hides_nothing(
    rp: RelyingParty, flow: SignedIn, hint: str
) -> None:
    for name in ("access_token", "refresh_token"):
        told = json_of(rp.introspect(flow.tokens[name], token_type_hint=hint))
        assert told["active"] is True, name
        assert told["client_id"] == rp.registration.client_id


@pytest.mark.parametrize("token", WORTHLESS.values(), ids=WORTHLESS)
@pytest.mark.spec("RFC 7009 §2.2")
def test_revoking_what_does_not_exist_succeeds(rp: RelyingParty, token: str) -> None:
    assert rp.revoke(token).status_code == 200


@pytest.mark.parametrize("hint", ["", "access_token", "refresh_token", "x", "a" * 999])
@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
@pytest.mark.spec("RFC 7009 §2.1")
def test_a_wrong_hint_protects_nothing(
    rp: RelyingParty, flow: SignedIn, name: str, hint: str
) -> None:
    """An unknown hint is ignored too, where Authlib answers with an error."""
    assert rp.revoke(flow.tokens[name], token_type_hint=hint).status_code == 200
    assert json_of(rp.introspect(flow.tokens[name])) == {"active": False}
    if name == "refresh_token":
        refused(rp.refresh(flow.tokens[name]), "invalid_grant")
        assert rp.userinfo(flow.tokens["access_token"]).status_code == 401


@pytest.mark.spec("RFC 7009 §2.1")
def test_nobody_revokes_what_is_anothers(
    rp: RelyingParty, other_rp: RelyingParty, flow: SignedIn
) -> None:
    for name in ("access_token", "refresh_token"):
        answer = other_rp.revoke(flow.tokens[name])
        assert answer.status_code in (200, 400)
    assert rp.userinfo(flow.tokens["access_token"]).status_code == 200
    assert rp.refresh(flow.tokens["refresh_token"]).status_code == 200


@pytest.mark.spec("RFC 6749 §4.1.3")
def test_a_code_is_worth_nothing_to_another_client(
    rp: RelyingParty, other_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """Refused to the thief; what that means for the owner is the owner's client's."""
    ask = rp.ask()
    reply = rp.receive(ask, ada.walk(browser, browser.open(ask.url)).departure)
    refused(other_rp.redeem(ask, reply["code"]), "invalid_grant", status=400)


@pytest.mark.parametrize(
    "uri", ["https://rp.example/callback/", "https://evil.example/", "%00", "é"]
)
@pytest.mark.spec("RFC 6749 §4.1.3")
def test_a_code_goes_only_with_its_redirect_uri(
    rp: RelyingParty, browser: Browser, ada: Person, uri: str
) -> None:
    ask = rp.ask()
    reply = rp.receive(ask, ada.walk(browser, browser.open(ask.url)).departure)
    answer = rp.redeem(ask, reply["code"], redirect_uri=uri)
    refused(answer, "invalid_grant", status=400)


@pytest.mark.parametrize("scope", ["openid email", "admin", "openid profile admin"])
@pytest.mark.spec("RFC 6749 §6")
def test_a_refresh_cannot_widen_the_grant(
    rp: RelyingParty, flow: SignedIn, scope: str
) -> None:
    refused(rp.refresh(flow.tokens["refresh_token"], scope=scope), "invalid_scope")
    assert rp.refresh(flow.tokens["refresh_token"]).status_code == 200


@pytest.mark.spec("RFC 6749 §6")
def test_a_narrower_refresh_does_not_shrink_the_grant(
    rp: RelyingParty, flow: SignedIn
) -> None:
    narrow = json_of(rp.refresh(flow.tokens["refresh_token"], scope="openid"))
    assert narrow["scope"].split() == ["openid"]
    told = json_of(rp.userinfo(narrow["access_token"]))
    assert "given_name" not in told
    full = json_of(rp.refresh(narrow["refresh_token"]))
    assert "given_name" in json_of(rp.userinfo(full["access_token"]))
