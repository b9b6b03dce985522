"""A table of ways to cheat with a JWT; the only answer is BadToken (RFC 8725)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

from authserver.crypto import signing
from authserver.crypto.signing import ALGORITHMS, BadToken, SigningKey
from tests.crypto.forgery import CLAIMS, GOOD, KEYS, MINE, b64, forge, verify
from tests.crypto.hostile import any_text


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({**GOOD, "alg": "none"}, id="alg none"),
        pytest.param({**GOOD, "alg": "None"}, id="alg None"),
        pytest.param({**GOOD, "alg": "HS256"}, id="alg HS256"),
        pytest.param({**GOOD, "alg": "ES384"}, id="an alg not asked for"),
        pytest.param({**GOOD, "alg": "RS256"}, id="an alg of another key"),
        pytest.param({**GOOD, "alg": ["ES256"]}, id="alg no string"),
        pytest.param({**GOOD, "alg": None}, id="alg null"),
        pytest.param({"kid": MINE.kid}, id="no alg"),
        pytest.param({**GOOD, "kid": "unknown"}, id="unknown kid"),
        pytest.param({**GOOD, "kid": 7}, id="kid no string"),
        pytest.param({**GOOD, "kid": [MINE.kid]}, id="kid a list"),
        pytest.param({"alg": "ES256"}, id="no kid"),
        pytest.param({**GOOD, "kid": KEYS["RS256"].kid}, id="kid of another key"),
        pytest.param({**GOOD, "crit": ["exp"]}, id="crit"),
        pytest.param({**GOOD, "crit": []}, id="empty crit"),
        pytest.param({**GOOD, "b64": False, "crit": ["b64"]}, id="b64 RFC 7797"),
        pytest.param({**GOOD, "b64": True}, id="b64 true"),
        pytest.param({**GOOD, "jku": 1}, id="jku no string"),
        pytest.param({**GOOD, "typ": None}, id="typ null"),
        pytest.param({"alg": "ES256", "kid": MINE.kid}, id="no typ"),
        pytest.param([GOOD], id="header a list"),
        pytest.param("alg", id="header a string"),
        pytest.param({**GOOD, "pad": "x" * 9000}, id="header too long"),
    ],
)
def test_a_header_that_cheats(header):
    assert verify(forge(GOOD), typ="JWT") == CLAIMS
    with pytest.raises(BadToken):
        verify(forge(header), typ="JWT")


def test_our_own_public_key_is_no_hmac_secret():
    """RFC 8725 §2.1: the oldest trick with RS256."""
    key = KEYS["RS256"]
    public = key.key.as_pem(private=False)
    token = forge({"alg": "HS256", "kid": key.kid}, secret=public)
    with pytest.raises(BadToken):
        verify(token, algorithms=[*ALGORITHMS, "HS256"])
    bare = {key.kid: RSAKey.import_key(public)}
    with pytest.raises(BadToken):
        verify(token, bare, algorithms=[*ALGORITHMS, "HS256"])


@pytest.mark.spec("RFC 8725 §3.1")
def test_a_key_serves_one_algorithm():
    """The same RSA numbers, but the key was published for RS256."""
    twin = SigningKey(KEYS["RS256"].kid, "PS256", KEYS["RS256"].key)
    token = signing.sign_jwt(twin, CLAIMS, "JWT")
    with pytest.raises(BadToken):
        verify(token)
    published = JWKRegistry.import_key(KEYS["RS256"].public_jwk())
    with pytest.raises(BadToken):
        verify(token, {twin.kid: published})


def test_an_encryption_key_signs_nothing():
    jwk = {**MINE.public_jwk(), "use": "enc"}
    with pytest.raises(BadToken):
        verify(forge(GOOD), {MINE.kid: ECKey.import_key(jwk)})


@pytest.mark.parametrize(
    "payload",
    [b"", b"null", b"[]", b'"x"', b"{", b'{"exp": NaN}', b"\xff\xfe", b"[" * 9000],
)
def test_a_payload_that_is_no_json_object(payload):
    with pytest.raises(BadToken):
        verify(forge(GOOD, payload))


def test_one_changed_character_breaks_the_signature():
    token = signing.sign_jwt(KEYS["ES256"], CLAIMS, "JWT")
    for at in range(0, len(token), 3):
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        with pytest.raises(BadToken):
            verify(changed)


@pytest.mark.parametrize("signature", ["", "AA", "A" * 86, "A" * 88, "=" * 86, "!"])
@pytest.mark.parametrize("alg", ALGORITHMS)
def test_an_empty_or_zero_signature(alg, signature):
    """CVE-2022-21449: zeros must not verify under ECDSA."""
    head, body, _ = signing.sign_jwt(KEYS[alg], CLAIMS, "JWT").split(".")
    with pytest.raises(BadToken):
        verify(f"{head}.{body}.{signature}")


def test_an_oversized_token_is_refused_unread():
    token = signing.sign_jwt(MINE, {"pad": "x" * signing.MAX_TOKEN_CHARS}, "JWT")
    with pytest.raises(BadToken, match="too long"):
        verify(token)


@given(
    st.one_of(
        any_text,
        st.from_regex(r"\A[\w-]{0,80}\.[\w-]{0,80}\.[\w-]{0,90}\Z"),
        st.none(),
        st.binary(),
        st.builds(
            lambda h, p: f"{b64(h)}.{b64(p)}.AAAA",
            st.dictionaries(
                st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk", "x5c"]),
                st.one_of(
                    st.sampled_from([*ALGORITHMS, MINE.kid, "none", "HS256"]),
                    st.none(),
                    st.integers(),
                    st.lists(st.text(max_size=3)),
                ),
            ),
            st.dictionaries(st.text(max_size=5), st.integers()),
        ),
    )
)
@settings(deadline=None)
def test_nothing_but_bad_token_comes_out(token):
    with pytest.raises(BadToken):
        verify(token)
    with pytest.raises(BadToken):
        verify(token, kid_optional=True, now=1_000)


@pytest.mark.parametrize("typ", ["JWT", "id+jwt", "", "application/jwt"])
def test_a_token_of_another_type(typ):
    with pytest.raises(BadToken):
        verify(signing.sign_jwt(MINE, CLAIMS, typ), typ="at+jwt")


def test_times_are_not_looked_at_unless_asked():
    assert verify(signing.sign_jwt(MINE, {"exp": 1}, "JWT")) == {"exp": 1}


@pytest.mark.spec("RFC 7519 §4.1.4, §4.1.5")
@pytest.mark.parametrize(
    ("claims", "leeway", "accepted"),
    [
        ({"exp": 1001}, 0, True),
        ({"exp": 1000}, 0, False),  # "on or after" is too late
        ({"exp": 1000}, 5, True),
        ({"exp": 995}, 5, False),
        ({"exp": 1001.5}, 0, True),
        ({}, 0, False),
        ({"exp": None}, 0, False),
        ({"exp": "2000"}, 0, False),
        ({"exp": True}, 0, False),
        ({"exp": 2000, "nbf": 1000}, 0, True),
        ({"exp": 2000, "nbf": 1001}, 0, False),
        ({"exp": 2000, "nbf": 1001}, 1, True),
        ({"exp": 2000, "nbf": "soon"}, 0, False),
        ({"exp": 2000, "nbf": True}, 0, False),
        ({"exp": 2000, "iat": 1001}, 0, False),
        ({"exp": 2000, "iat": [1]}, 0, False),
    ],
)
def test_times_when_asked(claims, leeway, accepted):
    token = signing.sign_jwt(MINE, claims, "JWT")
    if accepted:
        assert verify(token, now=1000, leeway=leeway) == claims
    else:
        with pytest.raises(BadToken):
            verify(token, now=1000, leeway=leeway)
