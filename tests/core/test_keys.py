"""Signing keys: next, active, retired (OIDC Core §10.1.1)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from authserver.clock import FrozenClock
from authserver.core.grant import Grant
from authserver.core.keys import Keys
from authserver.core.subjects import load
from authserver.crypto import opening, signing
from authserver.errors import Conflict, InvalidToken, NotFound, Unavailable
from authserver.models import StoredKey, User
from authserver.services import Services


@pytest.fixture
def keys(services: Services, clock: FrozenClock) -> Keys:
    """A process that has looked at nothing yet."""
    return replace(services.keys, _ring=None)


def states(keys: Keys, alg: str = "RS256") -> dict[str, str]:
    return {row.kid: row.state for row in keys.list_all() if row.alg == alg}


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256"])
def test_the_first_keys_are_one_that_signs_and_one_that_comes(
    keys: Keys, alg: str
) -> None:
    """FAPI 2.0 §5.4.1 wants PS256 or ES256, OIDC Core §15.1 RS256: all are there."""
    assert sorted(states(keys, alg).values()) == ["active", "next"]
    assert keys.signer(alg).alg == alg
    assert keys.ensure() == []


def test_a_rotation_lets_the_known_key_sign_and_publishes_another(
    keys: Keys, db: Any, clock: FrozenClock
) -> None:
    before = states(keys)
    coming = next(kid for kid, state in before.items() if state == "next")
    old = keys.signer().kid
    clock.advance(hours=1)
    assert keys.rotate().kid == coming
    db.session.commit()
    clock.advance(seconds=4)
    assert keys.signer().kid == coming
    after = states(keys)
    assert after[old] == "retired"
    assert sorted(after.values()) == ["active", "next", "retired"]
    published = keys.ring().jwks()["keys"]
    assert {key["kid"] for key in published if key["alg"] == "RS256"} == set(after)


def test_a_young_key_waits_unless_told_otherwise(
    keys: Keys, db: Any, clock: FrozenClock
) -> None:
    clock.advance(hours=1)
    keys.rotate()
    db.session.commit()
    with pytest.raises(Conflict):
        keys.rotate()
    keys.rotate(at_once=True)


def test_another_process_sees_it_within_seconds(
    keys: Keys, db: Any, clock: FrozenClock
) -> None:
    elsewhere = replace(keys, _ring=None)
    was = elsewhere.signer().kid
    keys.rotate(at_once=True)
    db.session.commit()
    assert elsewhere.signer().kid == was
    clock.advance(seconds=3)
    assert elsewhere.signer().kid != was


def test_what_a_retired_key_signed_is_good_until_it_is_taken_away(
    services: Services, keys: Keys, ada: User, db: Any, clock: FrozenClock
) -> None:
    services = replace(services, keys=keys)
    tokens = replace(services.tokens, keys=keys)
    checks = replace(services.checks, keys=keys)
    import uuid

    grant = Grant(
        app=services.pairs.own_app(),
        subject=load(db.session, ada.id),
        scopes=("openid",),
        family_id=uuid.uuid4(),
        session_id=None,
        auth_time=clock.now(),
        acr="1",
        amr=("pwd",),
    )
    tokens.begin_family(grant)
    token = tokens.access_token(grant)
    old = keys.signer().kid
    keys.rotate(at_once=True)
    db.session.commit()
    clock.advance(seconds=4)
    assert checks.access(token).subject.id == ada.id
    with pytest.raises(Conflict):
        keys.retire(old)
    keys.retire(old, at_once=True)
    db.session.commit()
    clock.advance(seconds=4)
    with pytest.raises(InvalidToken):
        checks.access(token)


def test_a_checked_signature_counts_for_its_own_type_alone(keys: Keys) -> None:
    """RFC 8725 §3.11: a token for one purpose is none for another."""
    token = signing.sign_jwt(keys.signer(), {"sub": "ada"}, "at+jwt")
    assert keys.claims_of(token, typ="at+jwt") == {"sub": "ada"}
    assert keys.claims_of(token, typ="at+jwt") == {"sub": "ada"}
    with pytest.raises(signing.BadToken):
        keys.claims_of(token, typ="JWT")
    with pytest.raises(signing.BadToken):
        keys.claims_of(token[:-8] + "AAAAAAAA", typ="at+jwt")


def test_what_was_checked_is_forgotten_with_its_keys_and_never_grows_big(
    keys: Keys, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("authserver.core.keys.MOST_SIGNED", 2)
    tokens = [signing.sign_jwt(keys.signer(), {"sub": n}, "JWT") for n in "abc"]
    assert [keys.claims_of(one, typ="JWT")["sub"] for one in tokens] == ["a", "b", "c"]
    assert len(keys.ring().signed) == 2
    clock.advance(seconds=4)
    assert len(keys.ring().signed) == 0


def test_the_active_key_cannot_be_retired(keys: Keys) -> None:
    with pytest.raises(Conflict):
        keys.retire(keys.signer().kid, at_once=True)
    with pytest.raises(NotFound):
        keys.retire("nothing")


def test_another_algorithm_is_there_when_asked_for(
    keys: Keys, db: Any, clock: FrozenClock
) -> None:
    with pytest.raises(Unavailable):
        keys.signer("EdDSA")
    chosen = replace(keys.settings, signing_algorithms=("EdDSA",))
    replace(keys, settings=chosen).ensure()
    db.session.commit()
    clock.advance(seconds=4)
    assert keys.signer("EdDSA").alg == "EdDSA"
    assert keys.signer("RS256").alg == "RS256"


def test_keys_of_an_older_service_become_the_first(
    keys: Keys, db: Any, tmp_path: Any
) -> None:
    """C6: JWT_PRIVATE_KEY and PEM files seed the store; it may stand on one line."""
    pem = signing.generate("RS256").decode()
    (tmp_path / "es.pem").write_bytes(signing.generate("ES256"))
    chosen = replace(
        keys.settings, jwt_private_key=pem.replace("\n", "\\n"), keys_dir=tmp_path
    )
    for row in keys.list_all():
        db.session.delete(row)
    db.session.flush()
    made = replace(keys, settings=chosen).ensure()
    assert made[0] == signing.import_pem(pem).kid
    active = {row.alg for row in keys.list_all() if row.state == "active"}
    assert active == {"RS256", "PS256", "ES256", *opening.ALGORITHMS}


def test_private_halves_are_sealed_and_never_published(keys: Keys, db: Any) -> None:
    for row in db.session.query(StoredKey):
        assert "PRIVATE" not in row.private_sealed
    numbers = {"RSA": {"n", "e"}, "EC": {"crv", "x", "y"}}
    for jwk in keys.ring().jwks()["keys"]:
        assert set(jwk) == {"kty", "kid", "use", "alg"} | numbers[jwk["kty"]]


def test_overlap_is_a_setting(keys: Keys, db: Any) -> None:
    eager = replace(keys.settings, key_overlap=timedelta(0))
    assert replace(keys, settings=eager).rotate().state == "active"


@pytest.mark.spec("RFC 9101 §6.1")
@pytest.mark.parametrize("alg", opening.ALGORITHMS)
def test_a_key_that_opens_is_changed_at_once_and_goes_on_opening(
    keys: Keys, db: Any, clock: FrozenClock, alg: str
) -> None:
    """Others are shown the new one alone; what they sealed before is still opened."""
    (old,) = states(keys, alg)
    new = keys.rotate(alg).kid
    db.session.commit()
    clock.advance(seconds=4)
    assert states(keys, alg) == {old: "retired", new: "active"}
    shown = [key["kid"] for key in keys.ring().jwks()["keys"] if key["alg"] == alg]
    assert shown == [new]
    assert {old, new} <= set(keys.ring().opening)
    assert not {old, new} & set(keys.ring().all)
    with pytest.raises(Unavailable):
        keys.signer(alg)
