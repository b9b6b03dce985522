"""What is kept of the authorization server, and how often it is asked (RFC 8414, 7517)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from authserver_rs.server import metadata_url
from joserfc.jwk import OctKey, RSAKey

from authserver_rs import Denied, Introspection, Request, ResourceServer, Unreachable
from tests.rs.conftest import NEED, RESOURCE, Issuer

Ask = Callable[..., Request]
METADATA = "/.well-known/oauth-authorization-server"


def test_keys_are_read_once_and_kept(
    guard: ResourceServer, issuer: Issuer, ask: Ask
) -> None:
    for _ in range(5):
        guard.check(ask(), NEED)
    assert issuer.asked == [METADATA, "/jwks"]


def test_a_new_key_is_found_without_a_restart(
    guard: ResourceServer, issuer: Issuer, ask: Ask
) -> None:
    guard.check(ask(), NEED)
    issuer.keys.insert(0, RSAKey.generate_key(2048, {"kid": "two", "alg": "RS256"}))
    issuer.now += 11
    assert guard.check(ask(), NEED).subject == "ada"


def test_unknown_key_ids_do_not_hammer_the_server(
    guard: ResourceServer, issuer: Issuer, ask: Ask
) -> None:
    """One look in ten seconds, however many strangers send rubbish."""
    guard.check(ask(), NEED)
    for number in range(50):
        with pytest.raises(Denied):
            guard.check(ask(issuer.token(header={"kid": f"k{number}"})), NEED)
    assert issuer.asked.count("/jwks") == 1
    issuer.now += 11
    for number in range(50):
        with pytest.raises(Denied):
            guard.check(ask(issuer.token(header={"kid": f"k{number}"})), NEED)
    assert issuer.asked.count("/jwks") == 2


def test_known_keys_go_on_while_the_server_is_away(
    guard: ResourceServer, issuer: Issuer, ask: Ask
) -> None:
    guard.check(ask(), NEED)
    issuer.answers["/jwks"] = b"no JSON"
    issuer.now += 3600
    assert guard.check(ask(issuer.token()), NEED).subject == "ada"
    issuer.now += 86_400
    with pytest.raises(Unreachable):
        guard.check(ask(issuer.token()), NEED)


@pytest.mark.parametrize(
    "document",
    [None, b"rubbish", [], {"issuer": "https://other.example"}, b"{" + b" " * 600_000],
)
def test_a_server_that_says_nothing_good_is_unreachable_and_nobody_is_let_in(
    guard: ResourceServer, issuer: Issuer, ask: Ask, document: object
) -> None:
    """RFC 8414 §3.3: the issuer of the document is the one that was asked."""
    issuer.answers[METADATA] = document
    with pytest.raises(Unreachable):
        guard.check(ask(), NEED)


@pytest.mark.spec("RFC 8414 §3.3")
def test_metadata_of_another_issuer_is_not_believed(
    guard: ResourceServer, issuer: Issuer, ask: Ask
) -> None:
    """Its keys would sign whatever it likes."""
    good = issuer.documents()[METADATA]
    issuer.answers[METADATA] = good | {"issuer": f"{issuer.url}/"}
    with pytest.raises(Unreachable):
        guard.check(ask(), NEED)


def test_a_shared_secret_among_the_keys_is_no_key(
    guard: ResourceServer, issuer: Issuer, ask: Ask
) -> None:
    secret = OctKey.import_key("s" * 32, {"kid": "oct"})
    broken = {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"}
    encryption = issuer.keys[0].as_dict(private=False) | {"use": "enc", "kid": "enc"}
    good = issuer.keys[0].as_dict(private=False)
    listed = [secret.as_dict(), broken, encryption, "rubbish", good]
    issuer.answers["/jwks"] = {"keys": listed}
    assert guard.check(ask(), NEED).subject == "ada"
    with pytest.raises(Denied):
        guard.check(ask(issuer.token(header={"kid": "enc"})), NEED)


@pytest.mark.spec("RFC 8414 §3.1")
def test_the_well_known_part_goes_before_the_path() -> None:
    assert metadata_url("https://a.example") == f"https://a.example{METADATA}"
    assert metadata_url("https://a.example/t/1") == f"https://a.example{METADATA}/t/1"


# -- introspection


@pytest.fixture
def asking(issuer: Issuer) -> ResourceServer:
    return issuer.guard(introspection=Introspection("api", "secret"))


def told(issuer: Issuer, **changed: object) -> None:
    good = {
        "active": True,
        "iss": issuer.url,
        "aud": RESOURCE,
        "sub": "ada",
        "client_id": "shop",
        "scope": "notes:read",
        "exp": int(issuer.now) + 60,
    }
    issuer.answers["/introspect"] = good | changed


@pytest.mark.spec("RFC 7662 §2.2")
def test_an_opaque_token_is_asked_about_each_time(
    asking: ResourceServer, issuer: Issuer, ask: Ask
) -> None:
    told(issuer)
    assert asking.check(ask("opaque"), NEED).subject == "ada"
    told(issuer, active=False)
    with pytest.raises(Denied):
        asking.check(ask("opaque"), NEED)


@pytest.mark.parametrize(
    "changed",
    [
        {"active": "true"},
        {"active": 1},
        {"aud": "https://other.example"},
        {"aud": None},
        {"iss": "https://other.example"},
        {"exp": 1},
        {"token_type": "refresh_token"},
        {"cnf": {"jkt": "x"}},
    ],
)
def test_what_the_server_says_is_held_to_this_api(
    asking: ResourceServer, issuer: Issuer, ask: Ask, changed: dict[str, object]
) -> None:
    told(issuer, **changed)
    with pytest.raises(Denied) as denied:
        asking.check(ask("opaque"), NEED)
    assert denied.value.error == "invalid_token"


def test_an_answer_is_kept_as_long_as_it_was_said(issuer: Issuer, ask: Ask) -> None:
    kept = Introspection("api", "secret", keep_seconds=5)
    guard = issuer.guard(introspection=kept)
    told(issuer)
    for _ in range(3):
        guard.check(ask("opaque"), NEED)
    assert issuer.asked.count("/introspect") == 1
    issuer.now += 6
    guard.check(ask("opaque"), NEED)
    assert issuer.asked.count("/introspect") == 2
    assert "secret" not in repr(kept)


def test_a_server_that_cannot_be_asked_lets_nobody_in(
    asking: ResourceServer, issuer: Issuer, ask: Ask
) -> None:
    issuer.stop()
    with pytest.raises(Unreachable):
        asking.check(ask("opaque"), NEED)
