"""How security events reach a client: fetched (RFC 8936) and pushed (RFC 8935)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.listener import Listener, Reply
from tests.support.live import until
from tests.support.receiver import PUSH, VERIFIED, Receiver

pytestmark = pytest.mark.live

HERE = "/events"


@pytest.mark.spec("SSF §8.1.4")
@pytest.mark.spec("RFC 8936 §2.4")
def test_a_verification_is_fetched_and_acknowledged(receiver: Receiver) -> None:
    """poll-only, poll-and-ack, ack-only."""
    stream = receiver.make()
    assert receiver.verify(stream, state="s1").status_code == 204
    (first,) = receiver.events(stream)
    assert first["events"] == {VERIFIED: {"state": "s1"}}
    assert first["sub_id"] == {"format": "opaque", "id": stream["stream_id"]}
    (again,) = receiver.events(stream)
    assert again == first, "until it is acknowledged it comes again, the same"
    assert receiver.poll(stream, ack=[first["jti"]], maxEvents=0) == {"sets": {}}
    assert receiver.events(stream) == []
    for state in ("s2", "s3"):
        receiver.verify(stream, state=state)
    page = receiver.poll(stream, maxEvents=1)
    assert len(page["sets"]) == 1 and page["moreAvailable"] is True
    (left,) = receiver.events(stream, ack=list(page["sets"]))
    assert left["events"] == {VERIFIED: {"state": "s3"}}
    refused = {left["jti"]: {"err": "invalid_key", "description": "no"}}
    assert receiver.poll(stream, setErrs=refused) == {"sets": {}}


@pytest.mark.spec("RFC 8936 §2.4")
@pytest.mark.parametrize(
    "asked",
    [
        {"ack": 7},
        {"ack": {"a": 1}},
        {"maxEvents": -1},
        {"setErrs": []},
        {"returnImmediately": "no"},
    ],
)
def test_a_poll_that_will_not_do_is_refused(receiver: Receiver, asked: Any) -> None:
    url = receiver.make()["delivery"]["endpoint_url"]
    assert receiver.call("POST", url, asked).status_code == 400


@pytest.mark.spec("RFC 8936 §2.4")
def test_a_poll_waits_for_what_comes(receiver: Receiver) -> None:
    """Unless it is told to return at once: the long poll is the default."""
    stream = receiver.make()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(receiver.events, stream, returnImmediately=False)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.3)
        receiver.verify(stream, state="late")
        (told,) = waiting.result(timeout=30)
    assert told["events"] == {VERIFIED: {"state": "late"}}


@pytest.mark.spec("RFC 8935 §2")
@pytest.mark.spec("SSF §8.1.4")
def test_a_verification_is_pushed(receiver: Receiver, shop: Listener) -> None:
    """push, and push error: tried again, with the very same token."""
    shop.answers[HERE] = Reply(503)
    delivery = {
        "method": PUSH,
        "endpoint_url": f"{shop.url}{HERE}",
        "authorization_header": "Bearer of-the-shop",
    }
    stream = receiver.make(delivery=delivery)
    receiver.verify(stream, state="s")
    until(lambda: shop.heard(HERE), "the push")
    shop.answers[HERE] = Reply(202)
    tried = len(shop.heard(HERE))
    until(lambda: len(shop.heard(HERE)) > tried, "another try")
    told = shop.heard(HERE)
    assert len({one.body for one in told}) == 1
    assert told[0].headers["Content-Type"] == "application/secevent+jwt"
    assert told[0].headers["Authorization"] == "Bearer of-the-shop"
    claims = receiver.read(told[0].body.decode())
    assert claims["events"] == {VERIFIED: {"state": "s"}}
    url = f"{receiver.rp.issuer}/ssf/poll/{stream['stream_id']}"
    assert receiver.call("POST", url, {}).status_code == 400, "it is pushed"
