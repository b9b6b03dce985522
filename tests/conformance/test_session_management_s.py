"""S1, S2: Session Management 1.0, in Chromium, with the client on another site.

The person has allowed third-party cookies, which Chromium blocks by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from tests.support.answer_rules import is_safe_url
from tests.support.browser import Browser
from tests.support.chromium import chromium, lenient
from tests.support.enrolment import enrol_client, enrol_person
from tests.support.listener import Listener, Reply
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

pytestmark = pytest.mark.live

CALLBACK, WATCH = "/callback", "/watch"
PAGE = """<!doctype html><html lang="en"><title>Shop</title>
<iframe id="op" src="{frame}"></iframe>
<script>
function ask(words) {{
  return new Promise(function (told) {{
    var op = document.getElementById("op").contentWindow;
    var origin = new URL("{frame}").origin;
    window.addEventListener("message", function (event) {{
      if (event.source === op && event.origin === origin) {{ told(event.data); }}
    }}, {{once: true}});
    op.postMessage(words, origin);
    setTimeout(function () {{ told("silence"); }}, 3000);
  }});
}}
</script>"""


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    with chromium(is_whole=True) as browser:
        yield browser


@pytest.fixture(scope="module")
def tolerant(chrome: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with lenient(chrome, tmp_path_factory.mktemp("profile")) as context:
        yield context


@pytest.fixture
def context(tolerant: Any) -> Iterator[Any]:
    """A person who has allowed third-party cookies, and has none yet."""
    yield tolerant
    for page in tolerant.pages[1:]:
        page.close()
    tolerant.clear_cookies()


@pytest.fixture
def ada(outgoing: LiveServer, folder: Path) -> Person:
    return enrol_person(outgoing, folder, claims={})


@pytest.fixture
def watcher(outgoing: LiveServer, folder: Path) -> Iterator[tuple[Any, Listener]]:
    """A client on `localhost`, whose page holds the server's frame."""
    with Listener(host="localhost") as site:
        rp = enrol(outgoing, folder, site)
        yield rp, site


def enrol(server: LiveServer, folder: Path, site: Listener) -> RelyingParty:
    uris = (f"{site.url}{CALLBACK}",)
    rp = enrol_client(server, folder, redirect_uris=uris)
    frame = rp.metadata["check_session_iframe"]
    site.answers[WATCH] = Reply(body=PAGE.format(frame=frame).encode())
    return rp


@pytest.mark.spec("OIDF S1")
@pytest.mark.spec("Session Management §3.3")
def test_s1_the_frame_is_advertised_where_it_is_on(
    outgoing: LiveServer, rp: RelyingParty, folder: Path
) -> None:
    """oidcc-session-management-discovery-endpoint-verification."""
    watched = enrol_client(outgoing, folder)
    assert is_safe_url(watched.metadata["check_session_iframe"])
    assert "check_session_iframe" not in rp.metadata, "off is the default"
    assert requests.get(f"{rp.issuer}/check-session", timeout=10).status_code == 404


@pytest.mark.spec("Session Management §3.2")
def test_the_frame_may_be_framed_and_holds_no_secret(
    outgoing: LiveServer, folder: Path, ada: Person
) -> None:
    """The cookie that it reads is no half of the one that opens the session."""
    rp = enrol_client(outgoing, folder)
    with Browser(outgoing.url) as browser:
        flow = rp.sign_in(browser, ada)
        page = browser.open(rp.metadata["check_session_iframe"])
        cookies = {one.name: one for one in browser.cookies}
    assert "X-Frame-Options" not in page.headers
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy and "default-src 'none'" in policy
    state = next(one for name, one in cookies.items() if name.startswith("state"))
    session = next(one for name, one in cookies.items() if name.startswith("session"))
    assert state.secure and state.get_nonstandard_attr("SameSite") == "None"
    assert not state.has_nonstandard_attr("HttpOnly")
    assert session.has_nonstandard_attr("HttpOnly")
    for half in session.value.split("."):
        assert half not in state.value and state.value not in half
        assert half not in flow.reply["session_state"]


@pytest.mark.spec("OIDF S2")
@pytest.mark.spec("Session Management §3.1")
def test_s2_the_frame_says_unchanged_and_after_logout_changed(
    watcher: tuple[RelyingParty, Listener], context: Any, ada: Person
) -> None:
    """oidcc-session-management-rp-initiated-logout."""
    rp, site = watcher
    page, told = sign_in(rp, context, ada)
    words = f"{rp.registration.client_id} {told['session_state']}"
    watch(page, site)
    assert ask(page, words) == "unchanged"
    assert ask(page, words) == "unchanged", "it can be asked again"
    leave(rp, context)
    assert ask(page, words) == "changed"


@pytest.mark.spec("Session Management §3.1")
def test_another_sign_in_is_a_change(
    watcher: tuple[RelyingParty, Listener],
    context: Any,
    ada: Person,
    outgoing: LiveServer,
    folder: Path,
) -> None:
    rp, site = watcher
    page, before = sign_in(rp, context, ada)
    leave(rp, context)
    _, after = sign_in(rp, context, enrol_person(outgoing, folder, claims={}))
    watch(page, site)
    client = rp.registration.client_id
    assert ask(page, f"{client} {before['session_state']}") == "changed"
    assert ask(page, f"{client} {after['session_state']}") == "unchanged"


@pytest.mark.spec("Session Management §3.1")
def test_that_nobody_is_signed_in_is_a_state_too(
    watcher: tuple[RelyingParty, Listener], context: Any
) -> None:
    """With `login_required` the client learns what to watch for."""
    rp, site = watcher
    page = context.new_page()
    page.goto(rp.ask(prompt="none").url)
    told = dict(parse_qsl(urlsplit(page.url).query))
    assert told["error"] == "login_required"
    watch(page, site)
    client = rp.registration.client_id
    assert ask(page, f"{client} {told['session_state']}") == "unchanged"


@pytest.mark.spec("Session Management §3.1")
@pytest.mark.parametrize(
    "words", ["", "nonsense", "client", "client a.b", "client {hash}", "{hash}.salt", 7]
)
def test_what_is_no_question_is_an_error(
    watcher: tuple[RelyingParty, Listener], context: Any, words: Any
) -> None:
    _, site = watcher
    page = context.new_page()
    watch(page, site)
    said = words.format(hash="0" * 64) if isinstance(words, str) else words
    assert ask(page, said) == "error"


@pytest.mark.spec("Session Management §3.2")
@pytest.mark.spec("RFC 9700 §4.17.2")
def test_the_origin_that_asks_is_part_of_the_answer(
    watcher: tuple[RelyingParty, Listener],
    context: Any,
    ada: Person,
    outgoing: LiveServer,
    folder: Path,
) -> None:
    """A state that was told to one site is worth nothing on another."""
    rp, _ = watcher
    page, told = sign_in(rp, context, ada)
    with Listener(host="localhost") as stranger:
        enrol(outgoing, folder, stranger)
        watch(page, stranger)
        words = f"{rp.registration.client_id} {told['session_state']}"
        assert ask(page, words) == "changed"


@pytest.mark.spec("Session Management §3.1")
def test_a_browser_without_third_party_cookies_hears_error_and_not_changed(
    watcher: tuple[RelyingParty, Listener], chrome: Any, ada: Person
) -> None:
    """The word would send the client to ask again, for ever."""
    rp, site = watcher
    page, told = sign_in(rp, chrome.new_context(), ada)
    watch(page, site)
    words = f"{rp.registration.client_id} {told['session_state']}"
    assert ask(page, words) == "error"
    page.context.close()


def sign_in(
    rp: RelyingParty, context: Any, person: Person
) -> tuple[Any, dict[str, str]]:
    """Walk to the client's redirect URI; give the page, and what arrived there."""
    page = context.new_page()
    page.goto(rp.ask().url)
    page.fill("#username", person.username)
    page.fill("#password", person.password)
    page.click("#login-submit")
    page.click("#consent-allow")
    page.wait_for_url(f"{rp.registration.redirect_uri}*")
    return page, dict(parse_qsl(urlsplit(page.url).query))


def watch(page: Any, site: Listener) -> None:
    page.goto(f"{site.url}{WATCH}")
    page.wait_for_load_state("load")


def ask(page: Any, words: Any) -> Any:
    return page.evaluate("words => ask(words)", words)


def leave(rp: RelyingParty, context: Any) -> None:
    page = context.new_page()
    page.goto(rp.logout_url())
    page.click("#logout-confirm")
    page.wait_for_url("**/signed-out*")
    page.close()
