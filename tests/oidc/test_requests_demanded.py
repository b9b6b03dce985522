"""Requests that must be pushed or signed, by whose wish; and objects that bite."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from authserver.oidc.discovery import metadata
from authserver.services import Services
from tests.support.flippable import Shop

PUSH = "require_pushed_authorization_requests"
SIGN = "require_signed_request_object"


@pytest.fixture
def shop(client: FlaskClient, services: Services, db: Any) -> Shop:
    return Shop(client, services, db)


@pytest.fixture
def operator_wants(
    services: Services, client: FlaskClient
) -> Iterator[Callable[..., Services]]:
    """Set what is demanded of every client; give the services so set."""
    with pytest.MonkeyPatch.context() as patch:

        def choose(**chosen: bool) -> Services:
            stricter = replace(services, settings=replace(services.settings, **chosen))
            patch.setitem(client.application.extensions, "services", stricter)
            return stricter

        yield choose


def comes_through(shop: Shop, **query: str) -> bool:
    """Whether a browser with this request is led to the sign-in."""
    answer = shop.web.get("/authorize", query_string=query)
    assert answer.status_code == 303, answer.text
    if answer.location.startswith("/signin"):
        return True
    assert "error=invalid_request" in answer.location
    return False


@pytest.mark.spec("RFC 9126 §6")
def test_a_client_may_ask_that_its_requests_be_pushed(shop: Shop) -> None:
    assert comes_through(shop, **shop.ask(response_mode=None))
    shop.flip(extra={PUSH: True})
    assert not comes_through(shop, **shop.ask(response_mode=None))
    assert shop.pushes(is_signed=False)


@pytest.mark.spec("RFC 9126 §5")
def test_an_operator_may_ask_it_of_all(
    shop: Shop, operator_wants: Callable[..., Services]
) -> None:
    assert metadata(shop.services)[PUSH] is False
    stricter = operator_wants(require_par=True)
    assert metadata(stricter)[PUSH] is True
    assert not comes_through(shop, **shop.ask(response_mode=None))
    assert shop.pushes(is_signed=False)


@pytest.mark.spec("RFC 9101 §10.5")
def test_an_operator_may_ask_that_all_requests_be_signed(
    shop: Shop, operator_wants: Callable[..., Services]
) -> None:
    """In the browser and pushed; a client may ask it for itself."""
    assert metadata(shop.services)[SIGN] is False
    assert metadata(operator_wants(require_signed_request=True))[SIGN] is True
    assert not comes_through(shop, **shop.ask(response_mode=None))
    assert not shop.pushes(is_signed=False)
    signed = {"client_id": shop.client_id, "request": shop.sign(shop.ask())}
    assert comes_through(shop, **signed)
    assert shop.pushes()


@pytest.mark.spec("RFC 9101 §10.5")
def test_a_client_may_ask_that_its_requests_be_signed(shop: Shop) -> None:
    shop.flip(extra={SIGN: True})
    assert not shop.pushes(is_signed=False)
    assert shop.pushes()


BITING: dict[str, dict[str, Any]] = {
    "half a letter": {"state": "\ud800"},
    "half a letter in a name": {"\ud800": "x"},
    "NUL": {"state": "a\0b"},
    "NUL in a name": {"a\0b": "x"},
    "deep": {"claims": json.loads("[" * 300 + "]" * 300)},
    "deeper": {"claims": json.loads("[" * 900 + "]" * 900)},
    "a float": {"max_age": 1.5},
    "an endless number": {"max_age": 10**400},
    "scope is a list": {"scope": ["openid"]},
    "prompt is an object": {"prompt": {"a": 1}},
    "redirect_uri is a list": {"redirect_uri": ["https://shop.example.test/back"]},
    "claims is a list": {"claims": []},
}


@pytest.mark.parametrize("inside", BITING.values(), ids=BITING)
def test_what_json_can_hold_and_a_query_cannot_is_refused(
    shop: Shop, inside: dict[str, Any]
) -> None:
    """400 with a registered word, by both ways; never a fault of ours."""
    request = shop.sign(shop.ask() | inside)
    pushed = shop.web.post("/par", data={"request": request} | shop.proof())
    assert pushed.status_code == 400, pushed.text
    words = ("invalid_request", "invalid_request_object", "invalid_scope")
    assert pushed.json["error"] in words
    beside = {"client_id": shop.client_id, "redirect_uri": shop.ask()["redirect_uri"]}
    answer = shop.web.get("/authorize", query_string=beside | {"request": request})
    assert answer.status_code in (303, 400), answer.text
    assert "code=" not in (answer.location or "")


@pytest.mark.parametrize(
    "inside",
    [
        {"claims": json.loads('{"a":' * 400 + "1" + "}" * 400)},
        {"claims": json.loads('{"a":' * 900 + "1" + "}" * 900)},
        {"exp": 10**400},
        {"unheard-of": json.loads("[" * 300 + "]" * 300)},
    ],
)
def test_what_is_odd_and_harmless_is_no_fault_of_ours(
    shop: Shop, inside: dict[str, Any]
) -> None:
    """Ignored, or refused: RFC 6749 §3.1 leaves unheard-of parameters alone."""
    request = shop.sign(shop.ask() | inside)
    pushed = shop.web.post("/par", data={"request": request} | shop.proof())
    assert pushed.status_code in (201, 400), pushed.text
