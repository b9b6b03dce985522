"""The device flow over the wire (RFC 8628): what a device is told, and a person shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support import answer_rules
from tests.support.answer_rules import json_of, refused
from tests.support.browser import Browser, Page
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
ENDPOINT = "device_authorization_endpoint"
GRANTS = (GRANT, "refresh_token")
SCOPE = "openid profile offline_access"


@pytest.fixture(scope="module")
def tv(enrol_client: Callable[..., RelyingParty]) -> RelyingParty:
    """A public client without a browser."""
    return enrol_client(auth_method="none", grant_types=GRANTS, redirect_uris=())


def begin(device: RelyingParty, **changes: str | None) -> dict[str, Any]:
    """Ask for a code, held to RFC 8628 §3.2."""
    answer = device.post(ENDPOINT, **({"scope": SCOPE} | changes))
    told: dict[str, Any] = json_of(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(told) == {
        "device_code",
        "user_code",
        "verification_uri",
        "verification_uri_complete",
        "expires_in",
        "interval",
    }
    assert isinstance(told["expires_in"], int) and told["expires_in"] > 0
    assert isinstance(told["interval"], int) and told["interval"] > 0
    assert len(told["device_code"]) * 6 >= 128
    complete = urlsplit(told["verification_uri_complete"])
    assert parse_qs(complete.query)["user_code"] == [told["user_code"]]
    return told


def poll(device: RelyingParty, told: dict[str, Any], **changes: str | None) -> Any:
    form = {"grant_type": GRANT, "device_code": told["device_code"]}
    return device.post("token_endpoint", **(form | changes))


def confirm(browser: Browser, person: Person, told: dict[str, Any]) -> Page:
    """Type the code, sign in where that is asked, and look at the device."""
    browser.open(told["verification_uri"])
    browser.fill(**{"user-code": told["user_code"].lower().replace("-", "")})
    page = browser.submit("device-submit")
    assert isinstance(page, Page)
    if page.has("login-submit"):
        browser.fill(username=person.username, password=person.password)
        page = browser.submit("login-submit")
    assert isinstance(page, Page)
    assert page.text("user-code-shown") == told["user_code"]
    return page


def allow(browser: Browser, person: Person, told: dict[str, Any]) -> None:
    confirm(browser, person, told)
    page = browser.submit("device-allow")
    assert isinstance(page, Page) and page.status == 200, page
    assert "outcome=allow" in page.url


@pytest.mark.spec("RFC 8628 §3.2")
@pytest.mark.spec("RFC 8628 §3.5")
def test_the_whole_road(tv: RelyingParty, browser: Browser, ada: Person) -> None:
    """Pending until the person has allowed it; then tokens that work."""
    told = begin(tv)
    refused(poll(tv, told), "authorization_pending")
    allow(browser, ada, told)
    tokens = answer_rules.token_answer(poll(tv, told))
    claims = answer_rules.id_token(
        tokens["id_token"],
        tv.keys,
        issuer=tv.issuer,
        client_id=tv.registration.client_id,
        nonce=None,
        access_token=tokens["access_token"],
    )
    me = json_of(tv.userinfo(tokens["access_token"]))
    assert me["sub"] == claims["sub"] and me["name"] == "Ada Lovelace"
    newer = answer_rules.token_answer(tv.refresh(tokens["refresh_token"]))
    assert newer["refresh_token"] != tokens["refresh_token"]


@pytest.mark.spec("RFC 8628 §3.5")
def test_asking_too_soon_is_told_to_slow_down(tv: RelyingParty) -> None:
    """The first answer says to wait; who does not wait is told so."""
    told = begin(tv)
    refused(poll(tv, told), "authorization_pending")
    refused(poll(tv, told), "slow_down")


@pytest.mark.spec("RFC 8628 §3.5")
def test_a_person_may_say_no(tv: RelyingParty, browser: Browser, ada: Person) -> None:
    """`access_denied`, and nothing is given later either."""
    told = begin(tv)
    confirm(browser, ada, told)
    page = browser.submit("device-deny")
    assert isinstance(page, Page) and "outcome=deny" in page.url
    for _ in range(2):
        refused(poll(tv, told), "access_denied")


@pytest.mark.spec("RFC 8628 §3.4")
def test_a_device_code_works_once_and_its_return_ends_everything(
    tv: RelyingParty, rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    told = begin(tv)
    allow(browser, ada, told)
    tokens = answer_rules.token_answer(poll(tv, told))
    refused(poll(tv, told), "invalid_grant")
    assert json_of(rp.introspect(tokens["access_token"])) == {"active": False}
    refused(tv.refresh(tokens["refresh_token"]), "invalid_grant")


@pytest.mark.spec("RFC 8628 §3.1")
@pytest.mark.parametrize(
    "method", ["client_secret_basic", "client_secret_post", "private_key_jwt"]
)
def test_a_confidential_client_proves_itself_at_both_places(
    enrol_client: Callable[..., RelyingParty],
    browser: Browser,
    ada: Person,
    method: str,
) -> None:
    """RFC 8628 §3.1, §3.4: client authentication as at the token endpoint."""
    device = enrol_client(auth_method=method, grant_types=GRANTS, redirect_uris=())
    told = begin(device)
    bare = {"client_id": device.registration.client_id}
    unproved = device.http.post(device.metadata[ENDPOINT], data=bare)
    refused(unproved, "invalid_client", status=401)
    form = bare | {"grant_type": GRANT, "device_code": told["device_code"]}
    unproved = device.http.post(device.metadata["token_endpoint"], data=form)
    refused(unproved, "invalid_client", status=401)
    allow(browser, ada, told)
    answer_rules.token_answer(poll(device, told))


@pytest.mark.spec("RFC 8628 §3.1")
def test_a_client_without_the_grant_gets_no_code(
    rp: RelyingParty, tv: RelyingParty
) -> None:
    """RFC 6749 §5.2: `unauthorized_client`, at both endpoints."""
    refused(rp.post(ENDPOINT, scope="openid"), "unauthorized_client")
    refused(poll(rp, begin(tv)), "unauthorized_client")


@pytest.mark.spec("RFC 8628 §3.4")
def test_a_device_code_is_its_clients_alone(
    enrol_client: Callable[..., RelyingParty],
    tv: RelyingParty,
    browser: Browser,
    ada: Person,
) -> None:
    """Another device cannot use it, and does not spend it."""
    other = enrol_client(auth_method="none", grant_types=GRANTS, redirect_uris=())
    told = begin(tv)
    allow(browser, ada, told)
    refused(poll(other, told), "invalid_grant")
    answer_rules.token_answer(poll(tv, told))


HOSTILE: dict[str, dict[str, str | None]] = {
    "missing": {"device_code": None},
    "unknown": {"device_code": "x" * 43},
    "long": {"device_code": "x" * 60_000},
    "no text": {"device_code": "é\u2028\U0001f600"},
}


@pytest.mark.spec("RFC 8628 §3.5")
@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_device_code_is_refused(
    tv: RelyingParty, change: dict[str, str | None]
) -> None:
    answer = poll(tv, begin(tv), **change)
    word = "invalid_grant" if change["device_code"] else "invalid_request"
    refused(answer, word)


@pytest.mark.spec("RFC 8628 §3.1")
def test_the_endpoint_takes_forms_alone(tv: RelyingParty) -> None:
    url, me = tv.metadata[ENDPOINT], {"client_id": tv.registration.client_id}
    refused(tv.http.post(url, params=me, data=me), "invalid_request")
    refused(tv.http.post(url, json=me), "invalid_request")
    assert tv.http.get(url, params=me).status_code == 405
    refused(tv.post(ENDPOINT, scope='a"b'), "invalid_scope")


@pytest.mark.spec("RFC 8628 §3.3.1")
def test_the_complete_address_fills_the_code_in_and_still_asks_to_compare(
    tv: RelyingParty, browser: Browser, ada: Person
) -> None:
    """And opening it does nothing: a link that is fetched ahead decides nothing."""
    told = begin(tv)
    page = browser.open(told["verification_uri_complete"])
    assert isinstance(page, Page)
    assert page.document.get("user-code").get("value") == told["user_code"]
    refused(poll(tv, told), "authorization_pending")
    browser.submit("device-submit")
    browser.fill(username=ada.username, password=ada.password)
    page = browser.submit("login-submit")
    assert isinstance(page, Page)
    assert page.text("user-code-shown") == told["user_code"]
    assert "exactly this code" in page.words
    browser.submit("device-allow")
    answer_rules.token_answer(poll(tv, told))


@pytest.mark.spec("RFC 8628 §5.4")
def test_the_person_sees_who_asks_from_where_and_a_warning(
    tv: RelyingParty, browser: Browser, ada: Person
) -> None:
    """Client name, scopes, address of the device; and what a stranger may be up to."""
    page = confirm(browser, ada, begin(tv))
    assert "127.0.0.1" in page.text("device-facts")
    assert "Client" in page.text("device-warning")
    assert "in front of you" in page.text("device-warning")
    assert page.has("device-allow", "device-deny", "scope-offline_access")


@pytest.mark.spec("RFC 8628 §3.3")
def test_what_is_not_ticked_is_not_given(
    tv: RelyingParty, browser: Browser, ada: Person
) -> None:
    told = begin(tv)
    confirm(browser, ada, told)
    browser.tick("scope-offline_access", on=False)
    browser.submit("device-allow")
    tokens = answer_rules.token_answer(poll(tv, told))
    assert tokens["scope"] == "openid profile"
    assert "refresh_token" not in tokens


@pytest.mark.spec("RFC 8628 §6.1")
@pytest.mark.parametrize("typed", ["", "BBBB-BBBB", "WRONG", "<script>", "b" * 64])
def test_a_wrong_code_is_said_beside_its_field(
    tv: RelyingParty, browser: Browser, typed: str
) -> None:
    browser.open(f"{tv.issuer}/device")
    browser.fill(**{"user-code": typed})
    page = browser.submit("device-submit")
    assert isinstance(page, Page)
    assert page.status in (400, 422) and page.has("user-code-error", "error-summary")


def test_a_decision_is_taken_once(
    tv: RelyingParty, browser: Browser, ada: Person
) -> None:
    """The second tab is told that it is over, and where to begin again."""
    told = begin(tv)
    first = confirm(browser, ada, told)
    url = first.url
    browser.submit("device-allow")
    again = browser.open(url)
    assert isinstance(again, Page) and again.status == 410
    assert again.has("error", "trace-id")


def test_signing_out_in_the_browser_leaves_the_device_connected(
    tv: RelyingParty, browser: Browser, ada: Person
) -> None:
    """It is another place than the browser that allowed it."""
    told = begin(tv)
    allow(browser, ada, told)
    tokens = answer_rules.token_answer(poll(tv, told))
    browser.open(f"{tv.issuer}/logout")
    browser.submit("logout-confirm")
    assert tv.userinfo(tokens["access_token"]).status_code == 200


def test_putting_the_app_out_ends_it_on_the_device(
    tv: RelyingParty, browser: Browser, ada: Person
) -> None:
    """ASVS 10.7.3: what was allowed is withdrawn under the apps of the account."""
    told = begin(tv)
    allow(browser, ada, told)
    tokens = answer_rules.token_answer(poll(tv, told))
    page = browser.open(f"{tv.issuer}/account/apps")
    assert isinstance(page, Page)
    path = f"/account/apps/{tv.registration.client_id}/remove"
    (form,) = [one for one in page.document.forms if one.action.endswith(path)]
    browser.submit_form(page.document.forms.index(form))
    assert tv.userinfo(tokens["access_token"]).status_code == 401
    refused(tv.refresh(tokens["refresh_token"]), "invalid_grant")
