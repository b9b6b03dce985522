"""L1-L11: RP-Initiated Logout 1.0, by a person who presses the button if there is one."""

from __future__ import annotations

import base64
import json

import pytest

from tests.support.browser import Browser, Departure, Page
from tests.support.person import Person, Walk
from tests.support.relying_party import RelyingParty, SignedIn

STATE = "0123456789abcdef" * 8


@pytest.fixture
def flow(rp: RelyingParty, browser: Browser, ada: Person) -> SignedIn:
    return rp.sign_in(browser, ada)


@pytest.fixture
def home(rp: RelyingParty) -> str:
    return rp.registration.post_logout_redirect_uri


def sign_out(browser: Browser, person: Person, url: str) -> Walk:
    return person.walk(browser, browser.open(url))


def is_signed_out(rp: RelyingParty, browser: Browser, person: Person) -> bool:
    ask = rp.ask(prompt="none")
    departure = person.walk(browser, browser.open(ask.url)).departure
    return rp.receive(ask, departure).get("error") == "login_required"


def stays(walk: Walk) -> Page:
    """Nobody is sent to a client: a page says what happened, or asks."""
    page = walk.page
    assert page.status < 500 and page.words
    assert page.has("error") == (page.status >= 400)
    return page


@pytest.mark.spec("OIDF L1")
def test_l1_the_end_session_endpoint_is_advertised(rp: RelyingParty) -> None:
    """oidcc-rp-initiated-logout-discovery-endpoint-verification; https by `metadata`."""
    assert rp.metadata["end_session_endpoint"].startswith(rp.issuer)


@pytest.mark.spec("OIDF L2")
@pytest.mark.parametrize("by", ["get", "post"])
def test_l2_hint_uri_and_state_lead_back(
    rp: RelyingParty, browser: Browser, ada: Person, flow: SignedIn, home: str, by: str
) -> None:
    """With exactly that state; afterwards nobody is signed in. GET and POST (§2)."""
    params = {
        "id_token_hint": flow.tokens["id_token"],
        "post_logout_redirect_uri": home,
        "state": STATE,
    }
    if by == "get":
        walk = sign_out(browser, ada, rp.logout_url(**params))
    else:
        start = browser.post_from_elsewhere(rp.logout_url(), params)
        walk = ada.walk(browser, start)
    assert walk.departure.target == home
    assert walk.departure.params == {"state": STATE}
    assert is_signed_out(rp, browser, ada)


@pytest.mark.spec("OIDF L2")
@pytest.mark.parametrize("state", ["a b+c%20&x=y#z", "\"'><script>", "é漢\U0001f511"])
def test_l2_state_comes_back_as_sent(
    rp: RelyingParty,
    browser: Browser,
    ada: Person,
    flow: SignedIn,
    home: str,
    state: str,
) -> None:
    """Of whatever characters."""
    hint = flow.tokens["id_token"]
    url = rp.logout_url(id_token_hint=hint, post_logout_redirect_uri=home, state=state)
    assert sign_out(browser, ada, url).departure.params == {"state": state}


@pytest.mark.spec("OIDF L3")
def test_l3_without_state_none_is_invented(
    rp: RelyingParty, browser: Browser, ada: Person, flow: SignedIn, home: str
) -> None:
    """oidcc-rp-initiated-logout-no-state."""
    hint = flow.tokens["id_token"]
    url = rp.logout_url(id_token_hint=hint, post_logout_redirect_uri=home)
    assert sign_out(browser, ada, url).departure.url == home
    assert is_signed_out(rp, browser, ada)


@pytest.mark.spec("OIDF L4")
@pytest.mark.spec("OIDF L5")
@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/",
        "{home}?extra=query",
        "{home}/",
        "{home}#fragment",
        "HTTPS://RP.example/signed-out",
        "https://rp.example@evil.example/signed-out",
        "//rp.example/signed-out",
        "javascript:alert(1)",
        "/signin",
    ],
)
def test_l4_l5_an_unregistered_uri_leads_nowhere(
    rp: RelyingParty,
    browser: Browser,
    ada: Person,
    flow: SignedIn,
    home: str,
    uri: str,
) -> None:
    """bad-post-logout-redirect-uri and query-added-to-it: exact comparison (§3)."""
    url = rp.logout_url(
        id_token_hint=flow.tokens["id_token"],
        post_logout_redirect_uri=uri.format(home=home),
        state=STATE,
    )
    page = stays(sign_out(browser, ada, url))
    assert "evil.example" not in {link.get("href") for link in page.document.all("a")}
    assert STATE not in page.url or page.url.startswith(rp.issuer)


def with_alg_none(token: str) -> str:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode())
    return f"{header.rstrip(b'=').decode()}.{token.split('.')[1]}."


def with_broken_signature(token: str) -> str:
    signed, signature = token.rsplit(".", 1)
    middle = len(signature) // 2
    other = "A" if signature[middle] != "A" else "B"
    return f"{signed}.{signature[:middle]}{other}{signature[middle + 1 :]}"


def of_somebody_else(token: str) -> str:
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["sub"] = "somebody-else"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    return f"{header}.{forged.decode()}.{signature}"


@pytest.mark.spec("OIDF L6")
@pytest.mark.spec("OIDF L7")
@pytest.mark.parametrize(
    "spoil",
    [
        with_alg_none,
        with_broken_signature,
        of_somebody_else,
        lambda token: token.rsplit(".", 1)[0] + ".",
        lambda _: "nonsense",
        lambda _: "a.b.c",
    ],
    ids=["none", "signature", "payload", "unsigned", "no JWT", "no JSON"],
)
def test_l6_l7_a_hint_that_is_not_ours_leads_nowhere(
    rp: RelyingParty,
    browser: Browser,
    ada: Person,
    flow: SignedIn,
    home: str,
    spoil: object,
) -> None:
    """modified-id-token-hint and bad-id-token-hint: an error or a question (§4)."""
    assert callable(spoil)
    url = rp.logout_url(
        id_token_hint=spoil(flow.tokens["id_token"]),
        post_logout_redirect_uri=home,
        state=STATE,
    )
    stays(sign_out(browser, ada, url))


@pytest.mark.spec("OIDF L8")
def test_l8_a_uri_without_a_hint_leads_nowhere_by_itself(
    rp: RelyingParty, browser: Browser, ada: Person, flow: SignedIn, home: str
) -> None:
    """oidcc-rp-initiated-logout-no-id-token-hint: nobody says whose URI it is."""
    stays(sign_out(browser, ada, rp.logout_url(post_logout_redirect_uri=home)))


@pytest.mark.spec("OIDF L9")
@pytest.mark.spec("OIDF L10")
@pytest.mark.parametrize("params", [{}, {"state": STATE}], ids=["L9", "L10"])
def test_l9_l10_without_a_hint_the_person_is_asked(
    rp: RelyingParty,
    browser: Browser,
    ada: Person,
    flow: SignedIn,
    params: dict[str, str],
) -> None:
    """no-params and only-state: confirm, then a page that says it (ASVS 10.6.2)."""
    page = browser.open(rp.logout_url(**params))
    assert isinstance(page, Page) and page.has("logout-confirm")
    assert not is_signed_out(rp, browser, ada), "signed out before it was confirmed"
    browser.open(rp.logout_url(**params))
    done = browser.submit("logout-confirm")
    assert isinstance(done, Page) and done.status == 200 and not done.has("error")
    assert is_signed_out(rp, browser, ada)


@pytest.mark.spec("OIDF L11")
def test_l11_a_hint_alone_picks_no_uri(
    rp: RelyingParty, browser: Browser, ada: Person, flow: SignedIn
) -> None:
    """oidcc-rp-initiated-logout-no-post-logout-redirect-uri: a page, no redirect."""
    url = rp.logout_url(id_token_hint=flow.tokens["id_token"])
    page = stays(sign_out(browser, ada, url))
    assert page.status == 200
    assert is_signed_out(rp, browser, ada)


@pytest.mark.spec("RP-Initiated Logout §2")
def test_a_client_id_that_is_not_the_hints_is_refused(
    rp: RelyingParty,
    other_rp: RelyingParty,
    browser: Browser,
    ada: Person,
    flow: SignedIn,
    home: str,
) -> None:
    """`client_id` has to be the one the ID token was issued to."""
    url = rp.logout_url(
        client_id=other_rp.registration.client_id,
        id_token_hint=flow.tokens["id_token"],
        post_logout_redirect_uri=home,
    )
    stays(sign_out(browser, ada, url))


@pytest.mark.spec("RP-Initiated Logout §3")
def test_a_client_id_without_a_hint_leads_back_only_after_a_question(
    rp: RelyingParty, browser: Browser, ada: Person, flow: SignedIn, home: str
) -> None:
    """ASVS 10.6.2: it is not proven who asks, so the person decides."""
    url = rp.logout_url(
        client_id=rp.registration.client_id, post_logout_redirect_uri=home, state=STATE
    )
    page = browser.open(url)
    assert isinstance(page, Page) and page.has("logout-confirm")
    left = browser.submit("logout-confirm")
    assert isinstance(left, Departure) and left.target == home
    assert left.params == {"state": STATE}
    assert is_signed_out(rp, browser, ada)


@pytest.mark.spec("RP-Initiated Logout §2")
def test_a_logout_that_was_done_may_be_asked_for_again(
    rp: RelyingParty, browser: Browser, ada: Person, flow: SignedIn, home: str
) -> None:
    """A second tab: nobody is signed in any more, and the client gets its redirect."""
    url = rp.logout_url(
        id_token_hint=flow.tokens["id_token"], post_logout_redirect_uri=home
    )
    assert sign_out(browser, ada, url).departure.url == home
    assert sign_out(browser, ada, url).departure.url == home


@pytest.mark.spec("RP-Initiated Logout §6")
def test_another_site_cannot_sign_the_person_out(
    rp: RelyingParty, browser: Browser, ada: Person, flow: SignedIn
) -> None:
    """A forged confirmation lacks the token of the page (RFC 9700 §4.7)."""
    browser.open(rp.logout_url())
    browser.post_from_elsewhere(rp.logout_url(), {"decision": "yes", "confirm": "yes"})
    assert not is_signed_out(rp, browser, ada)
