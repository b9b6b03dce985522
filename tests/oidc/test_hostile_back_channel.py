"""/token, /par, /introspect, /revoke and /userinfo against hostile clients."""

from __future__ import annotations

import pytest

from tests.support.browser import Browser
from tests.support.hostile import (
    BAD_BYTES,
    MARKUP,
    pairs,
    refused_in_json,
    sane,
    send,
)
from tests.support.person import Person
from tests.support.relying_party import (
    JWT_BEARER,
    RelyingParty,
    SignedIn,
    basic,
)

pytestmark = pytest.mark.usefixtures("faultless")

BACK_CHANNEL = ("/token", "/par", "/introspect", "/revoke")
GOOD = {
    "/token": [("grant_type", "refresh_token"), ("refresh_token", "x")],
    "/par": [("response_type", "code")],
    "/introspect": [("token", "x")],
    "/revoke": [("token", "x")],
}


@pytest.fixture
def flow(rp: RelyingParty, browser: Browser, ada: Person) -> SignedIn:
    return rp.sign_in(
        browser, ada, scope="openid profile offline_access", prompt="consent"
    )


def header(rp: RelyingParty) -> list[tuple[str, str | bytes]]:
    me = rp.registration
    return [("Authorization", basic(me.client_id, me.client_secret))]


@pytest.mark.parametrize("path", BACK_CHANNEL)
@pytest.mark.spec("RFC 6749 §3.2")
def test_a_missing_parameter_is_a_bad_request(rp: RelyingParty, path: str) -> None:
    for name, _ in GOOD[path]:
        for body in (
            pairs([p for p in GOOD[path] if p[0] != name]),
            pairs([p for p in GOOD[path] if p[0] != name], **{name: ""}),
        ):
            answer = send(rp.issuer, path, method="POST", headers=header(rp), body=body)
            refused_in_json(answer, ("invalid_request",), statuses=(400,))


@pytest.mark.parametrize("path", BACK_CHANNEL)
@pytest.mark.spec("RFC 6749 §3.2")
def test_a_doubled_parameter_is_a_bad_request(rp: RelyingParty, path: str) -> None:
    for name, value in [*GOOD[path], ("client_id", rp.registration.client_id)]:
        for second in (value, "other"):
            body = pairs([*GOOD[path], (name, value), (name, second)])
            answer = send(rp.issuer, path, method="POST", headers=header(rp), body=body)
            refused_in_json(answer, ("invalid_request",), statuses=(400,))


@pytest.mark.parametrize("path", BACK_CHANNEL)
@pytest.mark.parametrize("value", BAD_BYTES.values(), ids=BAD_BYTES)
def test_bytes_that_are_no_text_are_refused(
    rp: RelyingParty, path: str, value: str
) -> None:
    """As a token they are one that does not exist; RFC 7009 §2.2 answers that 200."""
    for name, _ in GOOD[path]:
        good = [p for p in GOOD[path] if p[0] != name]
        body = pairs(good, **{name: value})
        answer = send(rp.issuer, path, method="POST", headers=header(rp), body=body)
        if sane(answer).status == 200:
            assert path != "/token"
            assert path == "/revoke" or answer.json() == {"active": False}
        else:
            refused_in_json(answer)


@pytest.mark.parametrize("path", BACK_CHANNEL)
@pytest.mark.parametrize("value", [MARKUP, "é漢", "\\", "a b", "a" * 20_000])
def test_no_value_is_said_back_nor_trips_the_library(
    rp: RelyingParty, path: str, value: str
) -> None:
    """Authlib puts some values into its errors, where not every letter may stand."""
    names = {name for name, _ in GOOD[path]} | {"scope", "redirect_uri", "code"}
    for name in names:
        body = pairs([*[p for p in GOOD[path] if p[0] != name], (name, value)])
        answer = send(rp.issuer, path, method="POST", headers=header(rp), body=body)
        assert value not in sane(answer).text
        if path == "/token":
            refused_in_json(answer, statuses=(400,))


@pytest.mark.parametrize("path", BACK_CHANNEL)
@pytest.mark.parametrize("where", ["all", "client", "one", "extra"])
@pytest.mark.spec("RFC 6749 §2.3.1")
def test_nothing_of_the_back_channel_is_read_from_the_query(
    post_rp: RelyingParty, path: str, where: str
) -> None:
    """URLs are logged: no secret and no token may stand there."""
    me = post_rp.registration
    assert me.client_secret is not None
    credentials = [("client_id", me.client_id), ("client_secret", me.client_secret)]
    query, body = {
        "all": (credentials + GOOD[path], []),
        "client": (credentials, GOOD[path]),
        "one": (GOOD[path][-1:], credentials + GOOD[path][:-1]),
        "extra": (GOOD[path][-1:], credentials + GOOD[path]),
    }[where]
    target = f"{path}?{pairs(query)}"
    answer = send(post_rp.issuer, target, method="POST", body=pairs(body))
    refused_in_json(answer, ("invalid_request", "invalid_client"))


@pytest.mark.parametrize("path", BACK_CHANNEL)
@pytest.mark.spec("RFC 6749 §2.3")
def test_two_ways_to_prove_oneself_are_one_too_many(
    rp: RelyingParty, path: str
) -> None:
    me = rp.registration
    assert me.client_secret is not None
    secret = [("client_id", me.client_id), ("client_secret", me.client_secret)]
    assertion = [("client_assertion_type", JWT_BEARER), ("client_assertion", "a.b.c")]
    for headers, extra in (
        (header(rp), secret),
        (header(rp), assertion),
        ([], secret + assertion),
        (header(rp) + header(rp), []),
    ):
        body = pairs(GOOD[path] + extra)
        answer = send(rp.issuer, path, method="POST", headers=headers, body=body)
        refused_in_json(answer, ("invalid_request", "invalid_client"))


@pytest.mark.parametrize("path", BACK_CHANNEL)
def test_a_client_may_not_say_it_is_another(
    rp: RelyingParty, other_rp: RelyingParty, path: str
) -> None:
    """Proven by the header as one, named in the body as the other (F29)."""
    named = [*GOOD[path], ("client_id", other_rp.registration.client_id)]
    answer = send(rp.issuer, path, method="POST", headers=header(rp), body=pairs(named))
    refused_in_json(answer, ("invalid_request", "invalid_client", "invalid_grant"))


@pytest.mark.parametrize("path", BACK_CHANNEL)
def test_only_the_registered_method_is_taken(
    rp: RelyingParty, post_rp: RelyingParty, path: str
) -> None:
    """RFC 7591 §2: `token_endpoint_auth_method` is what the client promised."""
    me, other = rp.registration, post_rp.registration
    assert me.client_secret is not None
    body = [("client_id", me.client_id), ("client_secret", me.client_secret)]
    by_post = send(rp.issuer, path, method="POST", body=pairs(GOOD[path] + body))
    refused_in_json(by_post, ("invalid_client",), statuses=(401,))
    by_basic = send(
        *(rp.issuer, path),
        method="POST",
        headers=[("Authorization", basic(other.client_id, other.client_secret))],
        body=pairs(GOOD[path]),
    )
    refused_in_json(by_basic, ("invalid_client",), statuses=(401,))
    by_name = send(rp.issuer, path, method="POST", body=pairs(GOOD[path] + body[:1]))
    refused_in_json(by_name, ("invalid_client",), statuses=(401,))


@pytest.mark.parametrize("path", ["/introspect", "/revoke"])
def test_nobody_introspects_or_revokes_unproven(
    rp: RelyingParty, public_rp: RelyingParty, flow: SignedIn, path: str
) -> None:
    """RFC 7662 §2.1; RFC 7009 §2.1: a public client revokes only its own."""
    token = [("token", flow.tokens["access_token"])]
    answer = send(rp.issuer, path, method="POST", body=pairs(token))
    refused_in_json(answer, ("invalid_client", "invalid_request"))
    named = [*token, ("client_id", public_rp.registration.client_id)]
    answer = send(rp.issuer, path, method="POST", body=pairs(named))
    refused_in_json(answer, ("invalid_client", "invalid_grant", "invalid_request"))
    assert rp.userinfo(flow.tokens["access_token"]).status_code == 200
