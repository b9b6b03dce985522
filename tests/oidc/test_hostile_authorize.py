"""/authorize and /authorize/resume against hostile requests (RFC 6749 §3.1, §10.15)."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.support.browser import Browser, Departure, Page
from tests.support.hostile import (
    BAD_BYTES,
    MARKUP,
    Answer,
    pairs,
    refused_on_a_page,
    sane,
    send,
)
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

pytestmark = pytest.mark.usefixtures("faultless")

HOME = "https://rp.example/callback"


def authorize(
    rp: RelyingParty, *, leave_out: str = "", method: str = "GET", **raw: str
) -> Answer:
    """A good request with raw, already encoded values in place of some."""
    params = rp.ask().params
    good = [(k, v) for k, v in params.items() if k not in raw and k != leave_out]
    sent = pairs(good, **raw)
    if method == "POST":
        return send(rp.issuer, "/authorize", method="POST", body=sent)
    return send(rp.issuer, f"/authorize?{sent}")


def refused_by_redirect_or_page(answer: Answer, *errors: str, mark: str = "?") -> str:
    """The client is told with a registered word, or the person on a page."""
    if answer.location is None:
        return refused_on_a_page(answer).get("error-code").text
    sane(answer)
    assert answer.status in (302, 303)
    assert answer.location.startswith(HOME + mark), answer.location
    params = Departure(answer.location).params
    assert "code" not in params and params.get("error") in errors, params
    return params["error"]


NAMES = (
    "client_id redirect_uri response_type scope state nonce response_mode prompt "
    "max_age display acr_values ui_locales login_hint id_token_hint claims "
    "code_challenge code_challenge_method"
).split()
# what has to be kept or compared byte for byte cannot be guessed at
EXACT = "client_id redirect_uri response_type scope state nonce response_mode".split()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.spec("RFC 6749 §3.1")
def test_a_doubled_parameter_is_refused(
    rp: RelyingParty, name: str, method: str
) -> None:
    """The same value twice is twice as well."""
    good = rp.ask(prompt="login", max_age="1", display="page").params
    value = good.get(name, "S256")
    for second in (value, "other"):
        sent = pairs([*good.items(), (name, value), (name, second)])
        answer = (
            send(rp.issuer, "/authorize", method="POST", body=sent)
            if method == "POST"
            else send(rp.issuer, f"/authorize?{sent}")
        )
        if name in ("client_id", "redirect_uri"):
            refused_on_a_page(answer)
        else:
            refused_by_redirect_or_page(answer, "invalid_request")


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "scope"])
@pytest.mark.spec("RFC 6749 §3.1")
def test_a_posted_request_is_read_from_its_body_alone(
    rp: RelyingParty, browser: Browser, ada: Person, name: str
) -> None:
    """What the query says beside it is refused, or it is not heard."""
    ask = rp.ask()
    other = {"client_id": "other", "redirect_uri": "https://evil.example/"}
    target = f"{ask.endpoint}?{pairs([(name, other.get(name, 'other'))])}"
    end = ada.walk(browser, browser.post_from_elsewhere(target, ask.params)).end
    if isinstance(end, Page):
        assert end.has("error") and 400 <= end.status < 500
    else:
        assert rp.receive(ask, end)["state"] == ask.params["state"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("value", BAD_BYTES.values(), ids=BAD_BYTES)
@pytest.mark.parametrize("name", NAMES)
def test_bytes_that_are_no_text_are_refused_where_they_matter(
    rp: RelyingParty, name: str, value: str, method: str
) -> None:
    """State and nonce come back as sent or not at all; hints may be ignored."""
    answer = sane(authorize(rp, method=method, **{name: value}))
    if name in ("client_id", "redirect_uri"):
        refused_on_a_page(answer)
    elif name in EXACT:
        refused_by_redirect_or_page(
            answer,
            *("invalid_request", "invalid_scope", "unsupported_response_type"),
        )
    assert answer.location is None or "%EF%BF%BD" not in answer.location


@pytest.mark.parametrize("name", NAMES)
def test_markup_is_never_reflected(rp: RelyingParty, name: str) -> None:
    """`sane` looks for it; what is told to the client is encoded."""
    sane(authorize(rp, **{name: pairs([("", MARKUP)])[1:]}))


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
@pytest.mark.parametrize("value", [None, "", "%20", "%09", "nobody", "a" * 5000, "*"])
def test_without_client_or_way_back_there_is_a_page(
    rp: RelyingParty, name: str, value: str | None
) -> None:
    """A client of one redirect URI may leave it out (RFC 6749 §3.1.2.3)."""
    if value is None:
        answer = authorize(rp, leave_out=name)
        if name == "redirect_uri" and answer.location:
            assert urlsplit(answer.location).netloc in ("", urlsplit(rp.issuer).netloc)
            return
    else:
        answer = authorize(rp, **{name: value})
        if (name, value) == ("redirect_uri", "") and answer.location:
            return  # RFC 6749 §3.1: sent without a value is not sent
    refused_on_a_page(answer)


WRONG = {
    "max_age": [
        *("-1", "-0.5", "1.5", "1e3", "NaN", "Infinity", "soon", "0x10", "%2B1", "1_0"),
        *("%20", "1%202", "%D9%A3", "9" * 5000, "-" + "9" * 400),
    ],
    "prompt": [
        *("nonsense", "none%20login", "login%20none", "NONE", "none%20none%20consent"),
        *("login,consent", "%00", "a" * 5000),
    ],
    "response_mode": ["nonsense", "FORM_POST", "web_message", "query%20fragment"],
    "response_type": [
        "nonsense",
        "Code",
        "code%20code",
        "code%20token",
        "%20",
        "token",
    ],
    "code_challenge": [
        "short",
        "a" * 42,
        "a" * 129,
        "%2B" * 43,
        "a" * 43 + "%3D",
        "%C3%A9" * 43,
    ],
    "code_challenge_method": ["S256", "plain", "s256", "none"],
    "claims": [
        *("{", "[]", "null", "1", "%22x%22", "%7B%22userinfo%22:[]%7D"),
        *("%7B%22userinfo%22:%7B%22name%22:1%7D%7D", "%7B%22userinfo%22:1e999%7D"),
        "a" * 20_000,
    ],
    "request": [
        *("e30.e30.", "nonsense", "a" * 5000, "a.b.c", "W10.e30.", ".e30.e30"),
        *("e30.W10.", "bnVsbA.bnVsbA.bnVsbA", "eyJhbGciOjF9.e30.", "%C3%A9.e30.x"),
    ],
    "request_uri": [
        *("https://127.0.0.1/x", "urn:ietf:params:oauth:request_uri:x", "a" * 5000),
        *("https://[::1", "file:///etc/passwd", "%0d%0aX:y", "urn:ietf:params:oauth:"),
    ],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in WRONG for value in WRONG[name]]
)
def test_a_wrong_value_is_told_to_the_client(
    rp: RelyingParty, name: str, value: str
) -> None:
    """The way back is good, so the client hears of it in a registered word."""
    answer = authorize(rp, **{name: value})
    # Multiple Response Types §5: where tokens were asked for, errors go by fragment.
    has_token = name == "response_type" and value in ("token", "code%20token")
    refused_by_redirect_or_page(
        answer,
        "invalid_request",
        "unsupported_response_type",
        "unauthorized_client",
        f"{name}_not_supported",
        "invalid_request_object",
        "invalid_request_uri",
        mark="#" if has_token else "?",
    )
