"""npm's openid-client registers itself, and signs a person in as what it became.

RFC 7591 by a certified library: the answer is believed by it or it is a fault of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interop.stranger import Refused, Stranger
from tests.support.browser import Browser
from tests.support.enrolment import enrol_person
from tests.support.live import LiveServer
from tests.support.person import Person

pytestmark = [pytest.mark.live, pytest.mark.interop]

CALLBACK = "https://rp.example/callback"
METHODS = ("client_secret_basic", "client_secret_post", "client_secret_jwt", "none")


@pytest.fixture(scope="module")
def door(
    database_kind: str, make_migrated: Callable[[str], str]
) -> Iterator[LiveServer]:
    """Who holds a token registers."""
    env = {"REGISTRATION": "token"}
    with LiveServer(database_url=make_migrated(database_kind), env=env) as running:
        yield running


@pytest.fixture(scope="module")
def somebody(door: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Person:
    folder: Path = tmp_path_factory.mktemp("interop")
    return enrol_person(door, folder, claims={})


@pytest.fixture
def newcomer(door: LiveServer) -> Iterator[Stranger]:
    """It knows the address of the server, and nothing else yet."""
    with Stranger(door.url, "nobody yet", auth="none") as stranger:
        yield stranger


@pytest.mark.spec("RFC 7591 §3.2.1")
@pytest.mark.parametrize("method", METHODS)
def test_it_registers_and_signs_a_person_in(
    door: LiveServer, somebody: Person, newcomer: Stranger, method: str
) -> None:
    token = door.cli("client", "initial-token", "create")["token"]
    wishes: dict[str, Any] = {
        "client_name": "Newcomer",
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": method,
        "subject_type": "pairwise",
    }
    told = newcomer.ask("register", issuer=door.url, metadata=wishes, token=token)
    assert told["client_id"] and ("client_secret" in told) == (method != "none")
    with Browser(door.url) as browser:
        url = newcomer.ask("authorize", redirect_uri=CALLBACK, scope="openid profile")
        walk = somebody.walk(browser, browser.open(url, from_elsewhere=True))
        tokens = newcomer.ask("callback", url=walk.departure.url, body=None)
    assert tokens["claims"]["aud"] == told["client_id"]


@pytest.mark.spec("RFC 7591 §3.2.2")
def test_it_understands_a_refusal(door: LiveServer, newcomer: Stranger) -> None:
    token = door.cli("client", "initial-token", "create")["token"]
    for wishes, given, word in (
        ({"redirect_uris": [f"{CALLBACK}#x"]}, token, "invalid_redirect_uri"),
        (
            {"redirect_uris": [CALLBACK], "scope": "x:y"},
            token,
            "invalid_client_metadata",
        ),
    ):
        with pytest.raises(Refused) as refusal:
            newcomer.ask("register", issuer=door.url, metadata=wishes, token=given)
        assert refusal.value.error == word, refusal.value.message
