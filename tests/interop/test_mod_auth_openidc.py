"""Apache's mod_auth_openidc, a certified relying party in C, guards a page with us.

Chromium is the person.  Apache is `localhost` and the server `127.0.0.1`: two sites,
so that the cookies cross as they do in the world.
"""

from __future__ import annotations

import os
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.interop.apache import Apache
from tests.support.chromium import chromium
from tests.support.enrolment import enrol_person

pytestmark = [
    pytest.mark.live,
    pytest.mark.interop,
    pytest.mark.skipif(
        os.environ.get("AUTHSERVER_TESTS_WITHOUT_APACHE") == "1",
        reason="AUTHSERVER_TESTS_WITHOUT_APACHE=1",
    ),
]


# The module asks for the same scope again when it refreshes.
SCOPE = "openid profile email offline_access"


@pytest.fixture
def guarded(server, request):
    """Apache, registered at the server and running."""
    auth = getattr(request, "param", "client_secret_basic")
    with Apache() as apache:
        made = server.cli(
            *("client", "create", "--name", "Apache", "--auth-method", auth),
            *("--redirect-uri", apache.callback, "--scope", SCOPE),
            *("--grant-type", "authorization_code", "--grant-type", "refresh_token"),
            *("--post-logout-redirect-uri", apache.signed_out),
        )
        yield apache.start(
            issuer=server.url,
            client_id=made["client_id"],
            client_secret=made["client_secret"],
            auth=auth,
            scope=SCOPE,
        )
    assert not apache.is_alive()


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser, request):
    context = browser.new_context(java_script_enabled=request.param == "scripts")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("guarded", "page"),
    [("client_secret_basic", "scripts"), ("client_secret_post", "no scripts")],
    indirect=True,
)
def test_the_whole_road(server, guarded, page, tmp_path):
    person = enrol_person(server, tmp_path, claims={})

    # discovery, code and PKCE
    page.goto(guarded.protected)
    assert page.url.startswith(server.url)
    page.fill("#username", person.username)
    page.fill("#password", person.password)
    page.click("#login-submit")
    page.click("#consent-allow")
    page.wait_for_url(guarded.protected)

    # userinfo
    assert page.inner_text("#name") == "Ada Lovelace"
    assert page.inner_text("#email") == person.email
    before = told(page, guarded)
    assert before["userinfo"]["sub"] == before["id_token"]["sub"]
    assert before["id_token"]["iss"] == server.url

    # refresh, through the module's own hook
    refresh = {"refresh": guarded.protected, "access_token": before["access_token"]}
    page.goto(f"{guarded.callback}?{urlencode(refresh)}")
    assert page.url == guarded.protected, "the module says so when it cannot refresh"
    after = told(page, guarded)
    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"] != before["refresh_token"]

    # logout: from Apache, at the server, and back
    page.goto(f"{guarded.callback}?{urlencode({'logout': guarded.signed_out})}")
    if page.url.startswith(server.url):
        page.click("#logout-confirm")
    page.wait_for_url(guarded.signed_out)
    page.goto(guarded.protected)
    page.wait_for_selector("#login-submit")

    assert guarded.complaints == []


@pytest.mark.parametrize("page", ["scripts"], indirect=True)
def test_a_person_who_says_no_does_not_get_in(server, guarded, page, tmp_path):
    person = enrol_person(server, tmp_path, claims={})
    page.goto(guarded.protected)
    page.fill("#username", person.username)
    page.fill("#password", person.password)
    page.click("#login-submit")
    page.click("#consent-deny")
    page.wait_for_url(f"{guarded.callback}**")
    assert parse_qs(urlsplit(page.url).query)["error"] == ["access_denied"]
    # Which words the module has for it depends on its version: before RFC 9207 it took
    # an error that names its issuer for the start of another sign-in.
    assert "Error" in page.inner_text("body")
    page.goto(guarded.protected)
    assert page.url.startswith(server.url)


def told(page, guarded):
    """What the module keeps of this visit (its info hook)."""
    answer = page.context.request.get(f"{guarded.callback}?info=json")
    assert answer.status == 200, answer.status_text
    return answer.json()
