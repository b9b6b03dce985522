"""Time-based codes (RFC 6238): the vectors, the window, the replay guard."""

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
from hypothesis import given

from authserver.crypto import totp
from tests.crypto.hostile import any_text

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890" in base32
NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
STEP = int(NOON.timestamp()) // 30


def at(seconds):
    return datetime.fromtimestamp(seconds, UTC)


def code_of(step):
    return pyotp.TOTP(SECRET).generate_otp(step)


def find(code, now=NOON, **changed):
    return totp.matching_step(SECRET, code, now, **{"last_step": None, **changed})


@pytest.mark.spec("RFC 6238 Appendix B")
@pytest.mark.parametrize(
    ("seconds", "code"),
    [  # the last six digits of the eight that the table shows
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_vectors_of_the_rfc(seconds, code):
    assert find(code, at(seconds), window=0) == seconds // 30


@pytest.mark.spec("RFC 6238 §5.2")
@pytest.mark.parametrize(
    ("drift", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_one_step_of_drift_is_forgiven(drift, accepted):
    assert find(code_of(STEP + drift)) == (STEP + drift if accepted else None)


@pytest.mark.spec("RFC 6238 §5.2")
@pytest.mark.parametrize("drift", [-1, 0, 1])
def test_a_code_works_once(drift):
    step = find(code_of(STEP + drift))
    assert find(code_of(STEP + drift), last_step=step) is None
    assert find(code_of(STEP + drift), last_step=step - 1) == step


def test_an_older_code_of_the_window_is_dead_once_a_newer_was_used():
    assert find(code_of(STEP - 1), last_step=STEP) is None
    assert find(code_of(STEP + 1), last_step=STEP) == STEP + 1


def test_a_code_of_two_steps_counts_for_the_later(monkeypatch):
    """A collision inside the window must not leave the code usable again."""
    monkeypatch.setattr(pyotp.TOTP, "generate_otp", lambda _totp, _step: "123456")
    step = find("123456")
    assert step == STEP + 1
    assert find("123456", last_step=step) is None


@pytest.mark.parametrize("typed", ["{} {}", " {}{} ", "{}-{}", "{}\u00a0{}", "{}\t{}"])
def test_how_people_type_is_forgiven(typed):
    code = code_of(STEP)
    assert find(typed.format(code[:3], code[3:])) == STEP


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12345",
        "1234567",
        "abcdef",
        "\uff11\uff12\uff13\uff14\uff15\uff16",  # full-width digits
        "٠١٢٣٤٥",
        " " * 10_000,
        None,
        123456,
    ],
)
def test_what_is_no_code_is_refused(typed):
    assert find(typed) is None


@given(any_text)
def test_no_string_makes_it_raise(typed):
    assert find(typed) in (None, STEP - 1, STEP, STEP + 1)


def test_the_first_minute_of_the_epoch_has_no_step_before_it():
    assert find(pyotp.TOTP(SECRET).generate_otp(0), at(3)) == 0


def test_a_time_without_a_zone_is_an_error_of_ours():
    with pytest.raises(ValueError, match="time zone"):
        find("123456", NOON.replace(tzinfo=None))


def test_the_zone_of_the_clock_does_not_matter():
    elsewhere = NOON.astimezone(timezone(timedelta(hours=-3)))
    assert find(code_of(STEP), elsewhere) == STEP


def test_a_secret_has_160_bits_and_is_new_each_time():
    secrets = {totp.new_totp_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert all(len(pyotp.TOTP(secret).byte_secret()) == 20 for secret in secrets)


def test_the_uri_escapes_what_the_names_hold():
    uri = totp.provisioning_uri(SECRET, "ana+a&b@example.org", "Casa & Cia: nº 1")
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/Casa & Cia: nº 1:ana+a&b@example.org"
    fields = parse_qs(parts.query)
    assert fields["secret"] == [SECRET]
    assert fields["issuer"] == ["Casa & Cia: nº 1"]
