"""What is believed of an OpenID Provider (OIDC Core §3.1.3.7): one lie at a time."""

import time

import pytest

from authserver.adapters.fetcher import Fetcher
from authserver.adapters.social.base import Identity, SocialFailed
from authserver.adapters.social.google import Google
from authserver.adapters.social.oidc import OpenIdProvider
from authserver.clock import Clock
from authserver.crypto.signing import at_hash
from tests.adapters.hostile_server import page
from tests.adapters.liar import ERRAND, KEY, OTHER, Liar, app

HOUR = 3600


@pytest.fixture
def liar():
    with Liar() as server:
        yield server


@pytest.fixture
def provider(liar):
    fetcher = Fetcher(allow_http=True, allowed=["127.0.0.1"])
    return OpenIdProvider(
        "liar", "Liar", app(), fetcher, issuer=liar.issuer, clock=Clock()
    )


def come_back(provider, **more):
    return provider.identify("code", ERRAND, **more)


def test_an_honest_answer_is_believed(liar, provider):
    liar.claims |= {"name": "Ada", "picture": "https://pictures.example/ada.png"}
    assert come_back(provider) == Identity(
        issuer=liar.issuer,
        subject="ada",
        email="ada@example.test",
        is_email_verified=True,
        name="Ada",
        picture="https://pictures.example/ada.png",
    )


def test_what_goes_out(liar, provider):
    url = provider.authorization_url(ERRAND)
    assert url.startswith(f"{liar.issuer}/authorize?")
    for part in ("response_type=code", "state=state", "nonce=nonce", "=S256"):
        assert part in url
    assert ERRAND.verifier not in url
    come_back(provider)
    (sent,) = [r for r in liar.requests if r.startswith("POST /token")]
    for part in ("code=code", f"code_verifier={ERRAND.verifier}", "client_id="):
        assert part in sent


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        ({"iss": "https://other.example"}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"aud": "another-client"}, "for somebody else"),
        ({"aud": []}, "for somebody else"),
        ({"aud": ["the-client", "another"]}, "names none"),
        ({"azp": "another-client"}, "given to somebody else"),
        ({"aud": ["the-client", "x"], "azp": "x"}, "given to somebody else"),
        ({"nonce": "of another sign-in"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": 5}, "nonce"),
        ({"exp": int(time.time()) - HOUR}, "expired"),
        ({"exp": "soon"}, "number"),
        ({"iat": int(time.time()) + HOUR}, "not valid yet"),
        ({"sub": None}, "subject"),
        ({"sub": ""}, "subject"),
        ({"sub": 5}, "subject"),
        ({"sub": "x" * 256}, "subject"),
        ({"sub": "a\x00b"}, "subject"),
        ({"at_hash": "A" * 22}, "access token"),
        ({"at_hash": 5}, "access token"),
    ],
)
def test_an_id_token_that_says_something_else_is_not_believed(liar, provider, lie, why):
    liar.claims = {
        name: value for name, value in (liar.claims | lie).items() if value is not None
    }
    with pytest.raises(SocialFailed, match=why):
        come_back(provider)


def test_the_access_token_that_belongs_to_it_is_believed(liar, provider):
    liar.claims["at_hash"] = at_hash("token", "RS256")
    assert come_back(provider).subject == "ada"
    liar.claims["azp"] = "the-client"
    assert come_back(provider).subject == "ada"


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ({"alg": "RS256", "kid": "one"}, OTHER),
        ({"alg": "RS256", "kid": "nobody's"}, KEY),
        ({"alg": "none", "kid": "one"}, b""),
        ({"alg": "HS256", "kid": "one"}, KEY.as_pem(private=False)),
        ({"alg": "HS256", "kid": "one"}, b"secret"),
    ],
    ids=["other key", "unknown key", "none", "public key as secret", "secret"],
)
def test_a_signature_that_is_none_is_not_believed(liar, provider, header, key):
    """RFC 8725 §3.1: also where the metadata offers ``none`` and HS256."""
    liar.header, liar.signed_with = header, key
    with pytest.raises(SocialFailed, match="ID token"):
        come_back(provider)


def test_a_new_key_is_fetched_and_an_unknown_one_not_again_and_again(
    liar, provider, monkeypatch
):
    come_back(provider)
    liar.keys.append(OTHER.as_dict(private=False))
    liar.header, liar.signed_with = {"alg": "RS256", "kid": "two"}, OTHER
    with pytest.raises(SocialFailed):
        come_back(provider)
    assert liar.asked("/jwks") == 1

    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + 61)
    assert come_back(provider).subject == "ada"
    assert liar.asked("/jwks") == 2
    assert liar.asked("/.well-known/openid-configuration") == 1


def test_keys_that_nobody_can_read_do_no_harm(liar, provider):
    """RFC 7517 §5."""
    liar.keys[:0] = [5, {}, {"kty": "RSA"}, {"kty": "new"}, {"kty": "oct", "k": "YQ"}]
    assert come_back(provider).subject == "ada"


# -- Who answers


def test_the_issuer_of_an_answer_is_looked_at(liar, provider):
    """RFC 9207 §2.4: against mix-up."""
    assert come_back(provider, issuer=liar.issuer).subject == "ada"
    with pytest.raises(SocialFailed, match="9207"):
        come_back(provider, issuer="https://other.example")
    assert liar.asked("/token") == 1


def test_an_issuer_that_is_promised_must_be_there(liar, provider):
    liar.metadata["authorization_response_iss_parameter_supported"] = True
    with pytest.raises(SocialFailed, match="iss"):
        come_back(provider)
    assert liar.asked("/token") == 0


@pytest.mark.parametrize(
    "lie",
    [
        {"issuer": "https://other.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": 5},
        {"jwks_uri": []},
        {"authorization_endpoint": None},
    ],
)
def test_metadata_that_is_not_the_issuers_is_not_believed(liar, provider, lie):
    liar.metadata |= lie
    with pytest.raises(SocialFailed, match="metadata"):
        provider.authorization_url(ERRAND)


def test_metadata_leads_nowhere_that_is_not_public(liar):
    """The addresses that a provider names are as hostile as itself (RFC 6890)."""
    fetcher = Fetcher(allow_http=True, allowed=["127.0.0.1"])
    made = OpenIdProvider("l", "L", app(), fetcher, issuer=liar.issuer, clock=Clock())
    for name in ("token_endpoint", "jwks_uri"):
        liar.metadata[name] = "http://127.0.0.2/latest/meta-data"
    with pytest.raises(SocialFailed, match="not public"):
        come_back(made)


# -- Answers that are none


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        page(b"<html>"),
        page(b"[]"),
        page(b'"token"'),
        page(b"{}"),
        page(b'{"access_token": 5, "id_token": "x"}'),
        page(b'{"access_token": "x"}'),
        page(b'{"error": "invalid_grant"}', status="400 Bad Request"),
        page(b'{"error": "invalid_grant"}'),
        page(b'{"error": {"a": 1}, "error_description": ["x"]}'),
        page('{"error": "x", "error_description": "ção"}'.encode()),
        page(b"{}", status="500 Internal Server Error"),
        page(b"", status="302 Found", location="https://elsewhere.example/"),
    ],
)
def test_a_token_endpoint_that_talks_nonsense_is_a_failure_and_nothing_else(
    liar, provider, answer
):
    liar.answers["/token"] = answer
    with pytest.raises(SocialFailed):
        come_back(provider)


@pytest.mark.parametrize("answer", [b"", page(b"[]"), page(b'{"keys": 5}')])
def test_keys_that_are_none_are_a_failure_and_nothing_else(liar, provider, answer):
    liar.answers["/jwks"] = answer
    with pytest.raises(SocialFailed):
        come_back(provider)


def test_userinfo_is_asked_for_what_is_missing_and_believed_of_the_same_person(
    liar, provider
):
    """OIDC Core §5.3.2."""
    del liar.claims["email"], liar.claims["email_verified"]
    liar.userinfo |= {"email": "ada@example.test", "email_verified": "true"}
    found = come_back(provider)
    assert (found.email, found.is_email_verified) == ("ada@example.test", True)
    for lie in ({"sub": "grace"}, {"sub": None}):
        liar.userinfo |= lie
        with pytest.raises(SocialFailed, match="somebody else"):
            come_back(provider)


@pytest.mark.parametrize("word", [False, None, "false", "yes", 1.5, [], {}])
def test_only_a_plain_yes_vouches_for_an_address(liar, provider, word):
    liar.claims["email_verified"] = word
    assert come_back(provider).is_email_verified is False


@pytest.mark.parametrize(
    "url",
    [
        "http://plain.example/a.png",
        "javascript:alert(1)",
        "https://é.example",
        "https://x.example/" + "a" * 3000,
        "https://x.example/a\nb",
        5,
    ],
    ids=range(6),
)
def test_a_picture_is_an_address_of_the_web_or_nothing(liar, provider, url):
    liar.claims["picture"] = url
    assert come_back(provider).picture is None


def test_google_may_leave_its_scheme_out(liar):
    fetcher = Fetcher(allow_http=True, allowed=["127.0.0.1"])
    made = Google("google", "Google", app(), fetcher, issuer=liar.issuer, clock=Clock())
    assert "prompt=select_account" in made.authorization_url(ERRAND)
    made.issuer = "https://accounts.google.com"
    assert set(made._issuers()) == {made.issuer, "accounts.google.com"}


def test_an_identity_that_is_shown_in_a_log_holds_no_secret():
    assert ERRAND.verifier not in repr(ERRAND)
    assert "'secret'" not in repr(app())
