"""PKCE with S256 (RFC 7636)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.crypto import pkce
from tests.crypto.hostile import any_text

# RFC 7636 Appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

UNRESERVED = st.sampled_from(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
)


@pytest.mark.spec("RFC 7636 Appendix B")
def test_the_example_of_the_rfc():
    assert pkce.challenge_of(VERIFIER) == CHALLENGE
    assert pkce.matches(VERIFIER, CHALLENGE)


@pytest.mark.spec("RFC 7636 §4.1")
@pytest.mark.parametrize(
    ("verifier", "valid"),
    [
        ("a" * 42, False),
        ("a" * 43, True),
        ("a" * 128, True),
        ("a" * 129, False),
        ("-._~" + "A" * 39, True),
        ("a" * 43 + "\n", False),
        ("a" * 43 + "+", False),
        ("a" * 42 + "é", False),
        ("a" * 42 + "٣", False),  # a digit, but not one of ASCII
        ("", False),
        (None, False),
        (b"a" * 43, False),
    ],
)
def test_the_grammar_of_a_verifier(verifier, valid):
    assert pkce.is_valid_verifier(verifier) is valid
    if not valid:
        assert pkce.matches(verifier, CHALLENGE) is False


@pytest.mark.spec("RFC 7636 §4.2")
@pytest.mark.parametrize(
    ("challenge", "valid"),
    [
        (CHALLENGE, True),
        (CHALLENGE + "=", False),
        (CHALLENGE[:-1], False),
        (CHALLENGE + "A", False),
        (CHALLENGE + "\n", False),
        (CHALLENGE.replace("-", "+"), False),
        (CHALLENGE[:-1] + "~", False),
        (None, False),
    ],
)
def test_the_grammar_of_a_challenge(challenge, valid):
    assert pkce.is_valid_challenge(challenge) is valid


@pytest.mark.spec("RFC 7636 §7.2")
def test_a_challenge_is_not_its_own_verifier():
    """That would be the method "plain", which we do not know."""
    assert not pkce.matches(VERIFIER, VERIFIER)


def test_a_challenge_of_something_else_is_an_error_of_ours():
    with pytest.raises(ValueError, match=r"7636"):
        pkce.challenge_of("short")


@given(st.text(UNRESERVED, min_size=43, max_size=128))
def test_every_verifier_fits_its_own_challenge_and_no_other(verifier):
    challenge = pkce.challenge_of(verifier)
    assert pkce.is_valid_challenge(challenge)
    assert pkce.matches(verifier, challenge)
    assert not pkce.matches(verifier + "x", challenge)
    assert not pkce.matches(verifier, challenge.swapcase())


@given(any_text, any_text)
def test_matching_never_raises(verifier, challenge):
    assert pkce.matches(verifier, challenge) is False
