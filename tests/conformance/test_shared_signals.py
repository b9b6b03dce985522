"""OpenID Shared Signals 1.0: the transmitter, with a receiver that listens on https.

The modules of the plan are named in the tests: metadata, stream create, read, update,
replace, delete, with a bad token, a bad body, an unknown stream; duplicates; subjects;
verification; push and poll.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.answer_rules import is_safe_url, json_of
from tests.support.browser import Browser
from tests.support.enrolment import enrol_person
from tests.support.listener import Listener
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.receiver import CREDENTIAL, POLL, PUSH, REVOKED, Receiver

pytestmark = pytest.mark.live

HERE = "/events"


@pytest.fixture
def ada(outgoing: LiveServer, folder: Path) -> Person:
    return enrol_person(outgoing, folder, claims={})


@pytest.fixture
def browser(outgoing: LiveServer) -> Iterator[Browser]:
    with Browser(outgoing.url) as browser:
        yield browser


def sign_in_and_out(receiver: Receiver, browser: Browser, person: Person) -> Any:
    flow = receiver.rp.sign_in(browser, person, scope="openid")
    url = receiver.rp.logout_url(id_token_hint=flow.tokens["id_token"])
    person.walk(browser, browser.open(url))
    return flow


@pytest.mark.spec("SSF §7.1")
def test_the_metadata(receiver: Receiver) -> None:
    found = receiver.metadata
    assert found["issuer"] == receiver.rp.issuer
    assert found["spec_version"] == "1_0"
    assert found["delivery_methods_supported"] == [PUSH, POLL]
    for name, value in found.items():
        assert not name.endswith(("_endpoint", "_uri")) or is_safe_url(value)
    elsewhere = f"{receiver.rp.issuer}/.well-known/ssf-configuration/elsewhere"
    assert receiver.rp.http.get(elsewhere).status_code == 404


@pytest.mark.spec("SSF §8.1.1")
def test_a_stream_is_made_read_updated_replaced_and_deleted(
    receiver: Receiver, shop: Listener
) -> None:
    made = receiver.make(description="What the shop wants", unheard_of=1)
    assert made["iss"] == receiver.rp.issuer
    assert made["aud"] == receiver.rp.registration.client_id
    assert made["delivery"]["method"] == POLL, "unsaid, events are fetched"
    assert made["events_delivered"] == [REVOKED, CREDENTIAL]
    key = made["stream_id"]
    assert json_of(receiver.named("GET", key)) == made
    assert json_of(receiver.stream("GET")) == [made]

    change = {"stream_id": key, "events_requested": [REVOKED, "https://x.example/e"]}
    changed = json_of(receiver.stream("PATCH", change))
    assert changed["events_delivered"] == [REVOKED]
    assert changed["description"] == "What the shop wants", "not named, not changed"

    delivery = {
        "method": PUSH,
        "endpoint_url": f"{shop.url}{HERE}",
        "authorization_header": "Bearer of-the-shop",
    }
    whole = {"stream_id": key, "events_requested": [CREDENTIAL], "delivery": delivery}
    replaced = json_of(receiver.stream("PUT", whole))
    assert replaced["delivery"] == delivery
    assert "description" not in replaced, "not named, gone"

    assert receiver.named("DELETE", key).status_code == 204
    assert receiver.named("GET", key).status_code == 404
    assert json_of(receiver.stream("GET")) == []


@pytest.mark.spec("SSF §8.1.1.1")
def test_a_second_stream_is_a_conflict(receiver: Receiver) -> None:
    receiver.make()
    assert receiver.stream("POST", {"events_requested": []}).status_code == 409


@pytest.mark.spec("SSF §8.1.1")
def test_a_stream_that_is_unknown_or_anothers_is_not_found(
    receiver: Receiver, enrol_receiver: Callable[..., Receiver]
) -> None:
    theirs = enrol_receiver().make()["stream_id"]
    receiver.make()
    metadata = receiver.metadata
    for key in (theirs, "nobody", "\x00", "a" * 5000):
        asked = {"stream_id": key, "events_requested": []}
        assert receiver.stream("PATCH", asked).status_code == 404
        assert receiver.stream("PUT", asked).status_code == 404
        assert receiver.verify(asked).status_code == 404
        status = {"stream_id": key, "status": "paused"}
        answer = receiver.call("POST", metadata["status_endpoint"], status)
        assert answer.status_code == 404
    for method in ("GET", "DELETE"):
        assert receiver.named(method, theirs).status_code == 404
    poll = f"{receiver.rp.issuer}/ssf/poll/{theirs}"
    assert receiver.call("POST", poll, {}).status_code == 404


@pytest.mark.spec("SSF §8.1.1")
@pytest.mark.parametrize("method", ["POST", "GET", "PATCH", "PUT", "DELETE"])
def test_without_a_good_token_nothing_is_told(
    receiver: Receiver, browser: Browser, ada: Person, method: str
) -> None:
    """None, nonsense, one without the scope, and one of a person."""
    body = None if method in ("GET", "DELETE") else {"stream_id": "x"}
    for token in ("", "nonsense"):
        answer = receiver.stream(method, body, token=token)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    plain = receiver.ask_for("")
    assert receiver.stream(method, body, token=plain).status_code == 403
    person = receiver.rp.sign_in(browser, ada, scope="openid ssf.manage")
    token = person.tokens["access_token"]
    assert receiver.stream(method, body, token=token).status_code == 401


@pytest.mark.spec("SSF §8.1.1")
@pytest.mark.parametrize(
    "body",
    [
        [],
        "text",
        {"events_requested": "all"},
        {"events_requested": [1]},
        {"events_requested": ["urn:a\x00b"]},
        {"events_requested": ["\ud800"]},
        {"delivery": "push"},
        {"delivery": {"method": "urn:other"}},
        {"delivery": {"method": PUSH}},
        {"delivery": {"method": PUSH, "endpoint_url": "http://shop.example/"}},
        {"delivery": {"method": PUSH, "endpoint_url": "javascript:alert(1)"}},
        {"delivery": {"method": POLL, "endpoint_url": "https://shop.example/"}},
        {"description": 7},
        {"description": "a\nb"},
    ],
)
def test_a_body_that_will_not_do_is_refused(receiver: Receiver, body: Any) -> None:
    assert receiver.stream("POST", body).status_code == 400
    key = receiver.make()["stream_id"]
    changed = body | {"stream_id": key} if isinstance(body, dict) else body
    assert receiver.stream("PUT", changed).status_code == 400
    for name in ("iss", "aud", "events_supported", "events_delivered"):
        asked = {"stream_id": key, name: "another"}
        assert receiver.stream("PATCH", asked).status_code == 400


@pytest.mark.spec("CAEP §3.1")
def test_the_end_of_a_session_is_told(
    receiver: Receiver, browser: Browser, ada: Person
) -> None:
    stream = receiver.make()
    flow = sign_in_and_out(receiver, browser, ada)
    (told,) = receiver.events(stream)
    assert told["sub_id"] == {
        "format": "complex",
        "user": {
            "format": "iss_sub",
            "iss": receiver.rp.issuer,
            "sub": flow.claims["sub"],
        },
        "session": {"format": "opaque", "id": flow.claims["sid"]},
    }
    (facts,) = told["events"].values()
    assert set(told["events"]) == {REVOKED}
    assert facts == {"event_timestamp": told["iat"]}


@pytest.mark.spec("SSF §8.1.3")
def test_of_whom_a_client_does_not_know_it_hears_nothing(
    receiver: Receiver,
    enrol_receiver: Callable[..., Receiver],
    browser: Browser,
    ada: Person,
) -> None:
    """Nor when it asks: the answer is the same for nobody, somebody and a stranger."""
    stranger = enrol_receiver()
    stream = stranger.make()
    for email in (ada.email, "nobody@people.example"):
        asked = {
            "stream_id": stream["stream_id"],
            "subject": {"format": "email", "email": email},
            "verified": True,
        }
        add = stranger.metadata["add_subject_endpoint"]
        assert stranger.call("POST", add, asked).status_code == 200
    sign_in_and_out(receiver, browser, ada)
    assert stranger.events(stream) == []


@pytest.mark.spec("SSF §8.1.3")
def test_a_subject_is_taken_out_and_added_again(
    receiver: Receiver, browser: Browser, ada: Person
) -> None:
    stream = receiver.make()
    sub = sign_in_and_out(receiver, browser, ada).claims["sub"]
    receiver.poll(stream, ack=[one["jti"] for one in receiver.events(stream)])
    asked = {
        "stream_id": stream["stream_id"],
        "subject": {"format": "iss_sub", "iss": receiver.rp.issuer, "sub": sub},
    }
    remove = receiver.metadata["remove_subject_endpoint"]
    assert receiver.call("POST", remove, asked).status_code == 204
    sign_in_and_out(receiver, browser, ada)
    assert receiver.events(stream) == []
    add = receiver.metadata["add_subject_endpoint"]
    assert receiver.call("POST", add, asked).status_code == 200
    sign_in_and_out(receiver, browser, ada)
    assert len(receiver.events(stream)) == 1
    for subject in (None, "ada", {}, {"format": "jwt_id"}, {"format": "email"}):
        bad = asked | {"subject": subject}
        assert receiver.call("POST", add, bad).status_code == 400


@pytest.mark.spec("SSF §8.1.2")
def test_a_paused_stream_holds_what_happens_and_a_stopped_one_drops_it(
    receiver: Receiver, browser: Browser, ada: Person
) -> None:
    stream = receiver.make()
    key, status = stream["stream_id"], receiver.metadata["status_endpoint"]

    def turn(word: str) -> None:
        asked = {"stream_id": key, "status": word, "reason": "a test"}
        assert json_of(receiver.call("POST", status, asked)) == asked
        assert json_of(receiver.call("GET", f"{status}?stream_id={key}")) == asked

    turn("paused")
    sign_in_and_out(receiver, browser, ada)
    assert receiver.events(stream) == []
    turn("enabled")
    assert len(receiver.events(stream)) == 1
    turn("disabled")
    sign_in_and_out(receiver, browser, ada)
    turn("enabled")
    assert receiver.events(stream) == []
    bad = {"stream_id": key, "status": "asleep"}
    assert receiver.call("POST", status, bad).status_code == 400


def test_a_body_that_is_no_json_is_refused(receiver: Receiver) -> None:
    url = receiver.metadata["configuration_endpoint"]
    headers = {
        "Authorization": f"Bearer {receiver.token}",
        "Content-Type": "application/json",
    }
    for body in (b"", b"{", b"[" * 100_000, b"\xff", b"null"):
        answer = receiver.rp.http.post(url, data=body, headers=headers)
        assert answer.status_code == 400, body[:20]
    form = receiver.rp.http.post(
        url, data={"a": "b"}, headers=headers | {"Content-Type": "text/plain"}
    )
    assert form.status_code == 415
