"""Keys at a ``jwks_uri``: fetched when needed, kept, and never at a stranger's will."""

import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from authserver.adapters.fetcher import Fetcher
from authserver.clock import FrozenClock
from authserver.core import client_key_sets
from authserver.core.apps import App
from authserver.core.client_key_sets import (
    KEPT_FOR,
    MOST_TRIES,
    WINDOW,
    ClientKeySets,
)
from authserver.crypto.signing import BadToken
from tests.support.key_host import KeyHost
from tests.support.noon import NOON

OLD, NEW = (ECKey.generate_key("P-256", {"kid": kid}) for kid in ("old", "new"))


def names(kid: str) -> Callable[[Any], bool]:
    """Look for a key of this name."""
    return lambda keys: kid in keys.signing


@pytest.fixture
def host() -> Iterator[KeyHost]:
    with KeyHost() as host:
        host.publish(OLD)
        yield host


@pytest.fixture
def noon() -> FrozenClock:
    return FrozenClock(NOON)


@pytest.fixture
def sets(noon: FrozenClock) -> ClientKeySets:
    fetcher = Fetcher(allow_http=True, allowed=["127.0.0.1"])
    return ClientKeySets(noon, lambda: fetcher, threading.Semaphore(1))


def app(**facts: Any) -> App:
    usual: dict[str, Any] = {
        "id": uuid.uuid4(),
        "client_id": "shop",
        "name": "Shop",
        "profile": "oidc",
        "redirect_uris": (),
        "post_logout_redirect_uris": (),
        "grant_types": (),
        "response_types": (),
        "scope": "",
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": None,
        "skip_consent": False,
        "extra": {},
        "secrets": (),
    }
    return App(**(usual | facts))


@pytest.fixture
def shop(host: KeyHost) -> App:
    return app(extra={"jwks_uri": host.url})


@pytest.fixture
def signed(noon: FrozenClock) -> Callable[..., str]:
    def sign(key: Any, **header: Any) -> str:
        claims = f'{{"exp": {noon.now().timestamp() + 60}}}'
        head = {"alg": "ES256", "kid": key.kid} | header
        return jws.serialize_compact(
            {k: v for k, v in head.items() if v is not None}, claims, key
        )

    return sign


def test_keys_registered_by_value_are_not_looked_for_elsewhere(
    sets: ClientKeySets, host: KeyHost
) -> None:
    both = app(
        jwks={"keys": [NEW.as_dict(private=False)]}, extra={"jwks_uri": host.url}
    )
    assert set(sets.of(both, names("unheard of")).signing) == {"new"}
    assert host.asked == 0


def test_keys_are_fetched_once_and_kept(
    sets: ClientKeySets, host: KeyHost, shop: App, noon: FrozenClock
) -> None:
    for _ in range(5):
        assert set(sets.of(shop, names("old")).signing) == {"old"}
    assert host.asked == 1
    noon.moment += KEPT_FOR
    host.publish(NEW)
    assert set(sets.of(shop).signing) == {"new"}
    assert host.asked == 2


@pytest.mark.spec("OIDC Core §10.1.1")
def test_a_new_key_id_is_looked_for(
    sets: ClientKeySets,
    host: KeyHost,
    shop: App,
    noon: FrozenClock,
    signed: Callable[..., str],
) -> None:
    sets.verify(shop, signed(OLD))
    host.publish(OLD, NEW)
    assert sets.verify(shop, signed(NEW))
    assert host.asked == 2


def test_a_stranger_cannot_make_us_ask_at_will(
    sets: ClientKeySets, host: KeyHost, shop: App, noon: FrozenClock
) -> None:
    """Made-up key ids, many at once and for minutes: two questions a minute."""
    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(lambda n: sets.of(shop, names(f"made-up-{n}")), range(200)))
    assert host.asked == MOST_TRIES
    for _ in range(300):
        noon.moment += WINDOW / 100
        sets.of(shop, names("made-up"))
    assert MOST_TRIES < host.asked <= MOST_TRIES * 4
    assert set(sets.of(shop, names("old")).signing) == {"old"}


def test_an_address_that_fails_is_left_alone_for_a_while(
    sets: ClientKeySets, host: KeyHost, shop: App, noon: FrozenClock
) -> None:
    host.status = 503
    for _ in range(20):
        assert not sets.of(shop, names("old")).signing
    assert host.asked == MOST_TRIES
    assert "503" in sets.fault_of(shop)
    host.status = 200
    noon.moment += WINDOW
    assert set(sets.of(shop).signing) == {"old"}
    assert sets.fault_of(shop) == ""


def test_an_outage_does_not_stop_a_client_whose_keys_are_known(
    sets: ClientKeySets, host: KeyHost, shop: App, noon: FrozenClock
) -> None:
    sets.of(shop)
    host.status = 500
    noon.moment += KEPT_FOR + timedelta(minutes=1)
    assert set(sets.of(shop).signing) == {"old"}
    noon.moment += client_key_sets.STALE_FOR
    assert not sets.of(shop).signing, "but not for ever: a key may have been withdrawn"


def test_while_one_asks_again_others_do_with_what_is_known(
    sets: ClientKeySets, host: KeyHost, shop: App, noon: FrozenClock
) -> None:
    sets.of(shop)
    noon.moment += KEPT_FOR
    host.may_answer.clear()
    with ThreadPoolExecutor(1) as aside:
        asking = aside.submit(sets.of, shop)
        while host.asked < 2:
            assert not asking.done()
        assert set(sets.of(shop, names("old")).signing) == {"old"}
        assert not asking.done()
        host.may_answer.set()


def test_what_is_withdrawn_is_refused_once_it_is_looked_at_again(
    sets: ClientKeySets,
    host: KeyHost,
    shop: App,
    noon: FrozenClock,
    signed: Callable[..., str],
) -> None:
    assert sets.verify(shop, signed(OLD))
    host.publish(NEW)
    noon.moment += KEPT_FOR
    with pytest.raises(BadToken):
        sets.verify(shop, signed(OLD))


def test_of_many_who_need_a_key_at_once_one_asks_and_all_get_it(
    sets: ClientKeySets, host: KeyHost, shop: App
) -> None:
    host.may_answer.clear()
    threading.Timer(0.2, host.may_answer.set).start()
    with ThreadPoolExecutor(8) as crowd:
        found = list(crowd.map(lambda _: set(sets.of(shop).signing), range(8)))
    assert found == [{"old"}] * 8
    assert host.asked == 1


def test_addresses_that_answer_slowly_do_not_take_every_thread(
    sets: ClientKeySets, host: KeyHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One turn: who asks for another client's keys meanwhile is not kept waiting."""
    monkeypatch.setattr(client_key_sets, "TURN_SECONDS", 0.05)
    host.may_answer.clear()
    slow, other = (app(extra={"jwks_uri": f"{host.url}?{n}"}) for n in "ab")
    with ThreadPoolExecutor(1) as aside:
        waiting = aside.submit(sets.of, slow)
        while not host.asked:
            assert not waiting.done()
        assert not sets.of(other).signing
        assert "too many" in sets.fault_of(other)
        host.may_answer.set()
        assert set(waiting.result().signing) == {"old"}
    assert set(sets.of(other).signing) == {"old"}, "it was not held against it"


@pytest.mark.parametrize(
    "said", [b"", b"{", b"[]", b"{}", b'{"keys": 5}', b"[" * 50_000, b" " * 70_000]
)
def test_what_is_no_key_set_gives_no_keys_and_a_reason(
    sets: ClientKeySets, host: KeyHost, shop: App, said: bytes
) -> None:
    host.say(said)
    assert not sets.of(shop).signing
    assert sets.fault_of(shop)


@pytest.mark.parametrize(
    "token", ["", ".", "e30", "!!.x.y", "x" * 100_000, "W10.e30.AA", "bnVsbA.e30.AA"]
)
def test_a_token_that_is_none_makes_us_ask_nobody(
    sets: ClientKeySets, host: KeyHost, shop: App, token: str
) -> None:
    with pytest.raises(BadToken):
        sets.verify(shop, token)
    assert host.asked <= 1
    with pytest.raises(BadToken):
        sets.verify(shop, f"{'[' * 4000}.e30.AA")


def test_a_key_id_may_be_left_out_and_may_not_be_of_another_kind(
    sets: ClientKeySets, shop: App, signed: Callable[..., str]
) -> None:
    assert sets.verify(shop, signed(OLD, kid=None))
    with pytest.raises(BadToken):
        sets.verify(shop, signed(OLD, kid="k" * 5000))


@pytest.mark.spec("RFC 9700 §4.2")
def test_an_address_within_our_network_is_not_asked(
    noon: FrozenClock, host: KeyHost, shop: App
) -> None:
    strict = Fetcher(allow_http=True)
    sets = ClientKeySets(noon, lambda: strict, threading.Semaphore(1))
    assert not sets.of(shop).signing
    assert "not public" in sets.fault_of(shop)
    assert host.asked == 0


def test_what_is_remembered_of_addresses_is_bounded(
    sets: ClientKeySets, host: KeyHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_key_sets, "MOST_SOURCES", 3)
    for number in range(9):
        sets.of(app(extra={"jwks_uri": f"{host.url}?{number}"}))
    assert len(sets.sources) == 3
