"""Request objects: whose they are, for whom, when, and what they say (RFC 9101)."""

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import RSAKey

from authserver.adapters.exchange import Answer, FetchFailed
from authserver.core.apps import App
from authserver.errors import (
    InvalidRequestObject,
    InvalidRequestUri,
    RequestNotSupported,
    RequestUriNotSupported,
    Unavailable,
)
from authserver.services import Services

KEY = RSAKey.generate_key(2048, {"kid": "k"})
OTHER = RSAKey.generate_key(2048, {"kid": "k"})
HOME = "https://rp.example/request.jwt"
MINUTE = 60


@pytest.fixture
def bank(services: Services, db: Any) -> App:
    """A client that signs its requests."""
    row, _ = services.clients.register(
        name="Bank",
        redirect_uris=["https://rp.example/cb"],
        auth_method="private_key_jwt",
        jwks={"keys": [KEY.as_dict(private=False)]},
    )
    db.session.commit()
    services.clients.cache.clear()
    found = services.clients.find(row.client_id)
    assert found is not None
    return replace(found, extra={"request_uris": [f"{HOME}#hash"]})


@pytest.fixture
def sign(services: Services, bank: App) -> Callable[..., str]:
    """Sign a good request; keywords change a claim, ``header`` and ``key`` the rest."""

    def give(*, key: RSAKey = KEY, **changes: Any) -> str:
        now = services.clock.timestamp()
        header = {"alg": "PS256", "kid": "k"} | changes.pop("header", {})
        claims = {
            "client_id": bank.client_id,
            "scope": "openid",
            "iss": bank.client_id,
            "aud": services.settings.issuer,
            "nbf": now,
            "exp": now + MINUTE,
        } | changes
        kept = {name: value for name, value in claims.items() if value is not None}
        allowed = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
        return jws.serialize_compact(header, json.dumps(kept), key, registry=allowed)

    return give


def test_the_parameters_inside_are_given_and_no_claims(
    services: Services, bank: App, sign: Callable[..., str]
) -> None:
    """OIDC Core §6.1: members that are JSON stay JSON, numbers become text."""
    told = services.request_objects.by_value(
        bank,
        sign(
            state="é s",
            max_age=10,
            claims={"userinfo": {"name": None}},
            resource=["https://a.example", "https://b.example"],
            sub="somebody",
            nonce="",
            display=None,
        ),
    )
    assert told == {
        "client_id": bank.client_id,
        "scope": "openid",
        "state": "é s",
        "max_age": "10",
        "claims": '{"userinfo":{"name":null}}',
        "resource": "https://a.example https://b.example",
    }


WRONG: dict[str, dict[str, Any]] = {
    "another's key": {"key": OTHER},
    "unknown kid": {"header": {"kid": "x"}},
    "typ of a token": {"header": {"typ": "at+jwt"}},
    "typ of an assertion": {"header": {"typ": "client-authentication+jwt"}},
    "another issuer": {"iss": "somebody"},
    "another client": {"client_id": "somebody"},
    "another audience": {"aud": "https://evil.example"},
    "other audiences": {"aud": ["https://evil.example"]},
    "expired": {"exp": 1},
    "exp is a word": {"exp": "soon"},
    "not yet": {"nbf": 4_000_000_000},
    "issued later": {"iat": 4_000_000_000},
    "request inside": {"request": "x"},
    "request_uri inside": {"request_uri": "x"},
    "half a number": {"max_age": 0.5},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_one_wrong_thing_is_refused(
    services: Services, bank: App, sign: Callable[..., str], changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidRequestObject):
        services.request_objects.by_value(bank, sign(**changes))


@pytest.mark.spec("RFC 9101 §10.8")
def test_an_assertion_of_the_client_is_no_request(
    services: Services, bank: App, sign: Callable[..., str]
) -> None:
    """Both are signed by the same key for the same audience."""
    with pytest.raises(InvalidRequestObject):
        services.request_objects.by_value(bank, sign(sub=bank.client_id))


def test_what_need_not_be_said_may_be_left_out(
    services: Services, bank: App, sign: Callable[..., str]
) -> None:
    """OIDC Core §6.1: iss and aud SHOULD be there; times may."""
    bare = sign(iss=None, aud=None, exp=None, nbf=None, client_id=None)
    assert services.request_objects.by_value(bank, bare) == {"scope": "openid"}


STRICT: dict[str, dict[str, Any]] = {
    "no exp": {"exp": None},
    "no nbf": {"nbf": None},
    "no aud": {"aud": None},
    "good for 61 minutes": {"exp": 61 * MINUTE},
    "from an hour ago": {"nbf": -60 * MINUTE - 5, "exp": -6},
    "RS256": {"header": {"alg": "RS256"}},
}


@pytest.mark.parametrize("changes", STRICT.values(), ids=STRICT)
@pytest.mark.spec("FAPI 2.0 Message Signing §5.3.1")
def test_a_profile_with_signed_requests_wants_dates(
    services: Services, bank: App, sign: Callable[..., str], changes: dict[str, Any]
) -> None:
    """The same object is good for a client that merely chose to sign."""
    now = services.clock.timestamp()
    moved = {
        name: now + value if isinstance(value, int) else value
        for name, value in changes.items()
    }
    assert services.request_objects.by_value(bank, sign(**moved))
    strict = replace(bank, profile="fapi2-ms")
    assert services.request_objects.by_value(strict, sign())
    with pytest.raises(InvalidRequestObject):
        services.request_objects.by_value(strict, sign(**moved))


@pytest.mark.spec("RFC 9101 §10.5")
def test_an_unsigned_object_is_told_by_what_is_missing(
    services: Services, bank: App, sign: Callable[..., str]
) -> None:
    """Not supported where requests may be plain; worthless where they must be signed."""
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    bare = f"{none}.{sign().split('.')[1]}."
    with pytest.raises(RequestNotSupported):
        services.request_objects.by_value(bank, bare)
    for told in (
        replace(bank, profile="fapi2-ms"),
        replace(bank, extra={"require_signed_request_object": True}),
    ):
        with pytest.raises(InvalidRequestObject):
            services.request_objects.by_value(told, bare)


def test_only_the_registered_algorithm_is_taken(
    services: Services, bank: App, sign: Callable[..., str]
) -> None:
    chosen = replace(bank, extra={"request_object_signing_alg": "RS256"})
    assert services.request_objects.by_value(chosen, sign(header={"alg": "RS256"}))
    with pytest.raises(InvalidRequestObject):
        services.request_objects.by_value(chosen, sign())


# -- By reference


class Web:
    """What lies at addresses; and which were asked for."""

    def __init__(self) -> None:
        self.body, self.status, self.asked = b"", 200, []

    def get(self, url: str, **limits: Any) -> Answer:
        assert limits["max_bytes"] <= 64 * 1024 and limits["timeout_s"] <= 5
        self.asked.append(url)
        if self.status == 0:
            raise FetchFailed("nobody there")
        return Answer(self.status, {}, self.body, url)


@pytest.fixture
def web(services: Services) -> Web:
    return Web()


@pytest.fixture
def fetch(services: Services, bank: App, web: Web) -> Callable[..., Any]:
    objects = replace(services.request_objects, fetcher=lambda: web)
    return lambda uri=HOME, app=bank: objects.by_reference(app, uri)


@pytest.mark.parametrize("uri", [HOME, f"{HOME}#hash", f"{HOME}#another"])
@pytest.mark.spec("OIDC Core §6.2")
def test_a_registered_address_is_fetched_whatever_its_fragment(
    fetch: Any, web: Web, sign: Callable[..., str], uri: str
) -> None:
    web.body = sign().encode() + b"\n"
    assert fetch(uri)["scope"] == "openid"
    assert len(web.asked) == 1


@pytest.mark.parametrize(
    "uri", ["", f"{HOME}?x", HOME.upper(), f"{HOME}/", "https://rp.example", "#hash"]
)
def test_no_other_address_is_asked(fetch: Any, web: Web, uri: str) -> None:
    with pytest.raises(InvalidRequestUri):
        fetch(uri)
    assert web.asked == []


def test_a_client_without_addresses_has_none_asked(
    fetch: Any, web: Web, bank: App
) -> None:
    for extra in ({}, {"request_uris": None}, {"request_uris": HOME}):
        with pytest.raises(InvalidRequestUri):
            fetch(app=replace(bank, extra=extra))
    assert web.asked == []


@pytest.mark.parametrize("status", [0, 302, 404, 500])
def test_an_address_without_an_answer_is_told(
    fetch: Any, web: Web, status: int
) -> None:
    web.status = status
    with pytest.raises(InvalidRequestUri):
        fetch()


def test_an_unsigned_object_there_is_told_by_its_name(fetch: Any, web: Web) -> None:
    web.body = b"eyJhbGciOiJub25lIn0.e30."
    with pytest.raises(RequestUriNotSupported):
        fetch()


def test_not_all_threads_wait_for_other_people(
    services: Services, bank: App, web: Web
) -> None:
    """A slow address of one client must not hold up all the others."""
    full = threading.Semaphore(0)
    objects = replace(services.request_objects, fetcher=lambda: web, turns=full)
    with pytest.raises(Unavailable):
        objects.by_reference(bank, HOME)
    assert web.asked == []
