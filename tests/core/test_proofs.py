"""Is a proof for this request, fresh, and new?  (RFC 9449 §4.3, §8, §11.1)"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from authserver.clock import FrozenClock
from authserver.core import proofs as rules
from authserver.core.proofs import Proofs
from authserver.errors import AuthError, InvalidProof, NonceWanted
from authserver.models import SpentProof
from authserver.services import Services
from tests.support.proofs import Prover, ath

URL = "https://auth.example.test/token"
Check = Callable[..., Any]
PROVER = Prover()


@pytest.fixture
def make(clock: FrozenClock) -> Callable[..., str]:
    """A proof of this moment; keywords change one thing."""

    def give(**changed: Any) -> str:
        facts = {"iat": clock.timestamp()} | changed
        return PROVER.proof(facts.pop("method", "POST"), facts.pop("url", URL), **facts)

    return give


@pytest.fixture
def check(services: Services) -> Check:
    def give(text: str, **changed: Any) -> Any:
        facts: dict[str, Any] = {"method": "POST", "urls": (URL,)} | changed
        return services.proofs.check(text, **facts)

    return give


def test_a_good_proof_shows_its_key(check: Check, make: Callable[..., str]) -> None:
    assert check(make()).jkt == PROVER.jkt


WRONG: dict[str, dict[str, Any]] = {
    "another method": {"htm": "GET"},
    "another case of the method": {"htm": "post"},
    "no htm": {"htm": None},
    "htm is a list": {"htm": ["POST"]},
    "no htu": {"htu": None},
    "htu is a list": {"htu": [URL]},
    "another path": {"htu": URL + "/x"},
    "another host": {"htu": "https://auth.example.org/token"},
    "another scheme": {"htu": "http://auth.example.test/token"},
    "another port": {"htu": "https://auth.example.test:444/token"},
    "with a user": {"htu": "https://a@auth.example.test/token"},
    "no host": {"htu": "https:///token"},
    "a path alone": {"htu": "/token"},
    "another case of the path": {"htu": "https://auth.example.test/Token"},
    "a slash too many": {"htu": URL + "/"},
    "a port that is none": {"htu": "https://auth.example.test:x/token"},
    "an open bracket": {"htu": "https://[auth.example.test/token"},
    "a blank": {"htu": URL + " "},
    "a new line": {"htu": "https://auth.example.test/to\nken"},
    "no jti": {"jti": None},
    "jti is empty": {"jti": ""},
    "jti is a number": {"jti": 5},
    "jti is long": {"jti": "j" * 513},
    "no iat": {"iat": None},
    "iat is text": {"iat": "now"},
    "iat is a truth": {"iat": True},
    "iat is endless": {"iat": float("inf")},
    "iat is no number": {"iat": float("nan")},
    "exp is text": {"exp": "soon"},
    "nbf is a truth": {"nbf": True},
}


@pytest.mark.spec("RFC 9449 §4.3")
@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_one_wrong_thing_is_refused(
    check: Check, make: Callable[..., str], change: dict[str, Any]
) -> None:
    with pytest.raises(InvalidProof):
        check(make(**change))


SAME = (
    URL,
    URL + "?a=b",
    URL + "#part",
    URL + "?a=b#part",
    "HTTPS://auth.example.test/token",
    "https://AUTH.Example.TEST/token",
    "https://auth.example.test:443/token",
    "https://auth.example.test/%74oken",
)


@pytest.mark.spec("RFC 9449 §4.3")
@pytest.mark.parametrize("htu", SAME)
def test_an_address_is_compared_as_addresses_are(
    check: Check, make: Callable[..., str], htu: str
) -> None:
    """RFC 3986 §6.2.2 and §6.2.3; query and fragment do not count."""
    assert check(make(url=htu))


def test_the_default_port_is_that_of_the_scheme(check: Check, make: Any) -> None:
    ours = "http://127.0.0.1:80/token"
    assert check(make(url="http://127.0.0.1/token"), urls=(ours,))
    with pytest.raises(InvalidProof):
        check(make(url="http://127.0.0.1:443/token"), urls=(ours,))


def test_any_of_our_addresses_will_do(check: Check, make: Any) -> None:
    """RFC 8705 §5: the same endpoint may have another address for mutual TLS."""
    both = (URL, "https://mtls.example.test/token")
    assert check(make(url=both[1]), urls=both)


@pytest.mark.spec("RFC 9449 §11.1")
@pytest.mark.parametrize(
    ("seconds", "is_good"),
    [(0, True), (-10, True), (-120, True), (-121, False), (-3600, False),
     (10, True), (30, True), (31, False), (3600, False), (0.5, True)],
)  # fmt: skip
def test_a_proof_is_of_now(
    check: Check, make: Any, clock: FrozenClock, seconds: float, is_good: bool
) -> None:
    """F11, F12, F39: ten seconds are nothing, an hour is too much."""
    text = make(iat=clock.timestamp() + seconds)
    if is_good:
        assert check(text)
    else:
        with pytest.raises(InvalidProof):
            check(text)


@pytest.mark.parametrize(
    ("change", "is_good"),
    [({"exp": 5}, True), ({"exp": -29}, True), ({"exp": -30}, False),
     ({"nbf": 30}, True), ({"nbf": 31}, False), ({"nbf": -3600, "exp": 3600}, True)],
)  # fmt: skip
def test_exp_and_nbf_are_kept_where_they_stand(
    check: Check, make: Any, clock: FrozenClock, change: dict[str, int], is_good: bool
) -> None:
    """F10."""
    text = make(**{name: clock.timestamp() + by for name, by in change.items()})
    if is_good:
        assert check(text)
    else:
        with pytest.raises(InvalidProof):
            check(text)


@pytest.mark.spec("RFC 9449 §7.1")
def test_at_a_resource_the_token_is_in_the_proof(check: Check, make: Any) -> None:
    assert check(make(access_token="t1"), access_token="t1")
    for wrong in (make(), make(access_token="t2"), make(ath=""), make(ath=[ath("t1")])):
        with pytest.raises(InvalidProof):
            check(wrong, access_token="t1")


@pytest.mark.spec("RFC 9449 §11.1")
def test_a_proof_is_used_once(services: Services, check: Check, make: Any) -> None:
    proof = check(make(jti="one"))
    services.proofs.spend(proof)
    with pytest.raises(InvalidProof, match="before"):
        services.proofs.spend(check(make(jti="one")))
    services.proofs.spend(check(make(jti="two")))
    theirs = Prover().proof("POST", URL, jti="one", iat=services.clock.timestamp())
    services.proofs.spend(check(theirs))


def test_a_refusal_gives_no_proof_back(
    services: Services, check: Check, make: Any, db: Any
) -> None:
    services.proofs.spend(check(make(jti="one")))
    db.session.rollback()
    with pytest.raises(InvalidProof):
        services.proofs.spend(check(make(jti="one")))


@pytest.mark.parametrize("jti", ["a\0b", "\ud800", "é", "j" * 512])
def test_a_jti_of_any_letters_is_spent(
    services: Services, check: Check, make: Any, jti: str
) -> None:
    services.proofs.spend(check(make(jti=jti)))
    with pytest.raises(InvalidProof):
        services.proofs.spend(check(make(jti=jti)))


def test_of_fifty_at_once_one_wins(
    app: Flask, services: Services, check: Check, make: Any
) -> None:
    proof, start = check(make(jti="fifty")), threading.Barrier(50)
    answers: list[bool] = []

    def race() -> None:
        start.wait()
        try:
            services.proofs.spend(proof)
            answers.append(True)
        except InvalidProof:
            answers.append(False)

    racers = [threading.Thread(target=race) for _ in range(50)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(answers) == [False] * 49 + [True]


def test_a_spent_proof_is_kept_for_as_long_as_it_would_be_taken(
    services: Services, check: Check, make: Any, clock: FrozenClock, db: Any
) -> None:
    """The row outlives the proof, whichever way its freshness is known."""
    latest = make(iat=clock.timestamp() + rules.LEEWAY_SECONDS, jti="late")
    services.proofs.spend(check(latest))
    while True:
        clock.advance(seconds=10)
        services.housekeeping.sweep()
        db.session.commit()
        try:
            again = check(latest)
        except AuthError:
            break
        with pytest.raises(InvalidProof):
            services.proofs.spend(again)
    clock.advance(seconds=rules.KEEP.total_seconds())
    assert services.housekeeping.sweep()["spent_proofs"] == 1
    db.session.commit()
    assert db.session.query(SpentProof).count() == 0


# -- nonces of ours


@pytest.fixture
def demanding(services: Services) -> Proofs:
    strict = dataclasses.replace(services.settings, dpop_nonce=True)
    return dataclasses.replace(services.proofs, settings=strict)


def ask(proofs: Proofs, text: str) -> Any:
    return proofs.check(text, method="POST", urls=(URL,))


@pytest.mark.spec("RFC 9449 §8")
@pytest.mark.parametrize("nonce", [None, "", "old", 5, ["n"]])
def test_a_proof_without_our_nonce_is_told_to_take_it(
    demanding: Proofs, make: Any, nonce: Any
) -> None:
    with pytest.raises(NonceWanted):
        ask(demanding, make(nonce=nonce))
    assert ask(demanding, make(nonce=demanding.nonce()))


@pytest.mark.spec("RFC 9449 §8.2")
def test_a_nonce_grows_old(demanding: Proofs, make: Any, clock: FrozenClock) -> None:
    """The one before is taken too, so that nobody is caught by the change."""
    first = demanding.nonce()
    clock.advance(seconds=rules.NONCE_SECONDS)
    second = demanding.nonce()
    assert first != second
    assert ask(demanding, make(nonce=first)) and ask(demanding, make(nonce=second))
    clock.advance(seconds=rules.NONCE_SECONDS)
    with pytest.raises(NonceWanted):
        ask(demanding, make(nonce=first))


def test_with_a_nonce_the_clock_of_the_client_does_not_matter(
    demanding: Proofs, make: Any, clock: FrozenClock
) -> None:
    """F39: an hour off is taken then."""
    for by in (-3600, 3600):
        text = make(nonce=demanding.nonce(), iat=clock.timestamp() + by)
        assert ask(demanding, text)


def test_a_nonce_of_another_server_is_none(demanding: Proofs, make: Any) -> None:
    other = dataclasses.replace(demanding, nonce_key=b"another")
    with pytest.raises(NonceWanted):
        ask(demanding, make(nonce=other.nonce()))


def test_a_nonce_lives_no_longer_than_what_is_remembered() -> None:
    assert timedelta(seconds=2 * rules.NONCE_SECONDS) <= rules.KEEP
    assert rules.KEEP.total_seconds() >= rules.MAX_AGE_SECONDS + rules.LEEWAY_SECONDS
