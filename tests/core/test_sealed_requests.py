"""Request objects that were encrypted to us (RFC 9101 §6.1)."""

import base64
import json
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey

from authserver.clock import FrozenClock
from authserver.core.apps import App
from authserver.crypto import opening
from authserver.errors import InvalidRequestObject, RequestNotSupported
from authserver.services import Services
from tests.core.test_request_objects import OTHER, bank, sign  # noqa: F401 -- fixtures


@pytest.mark.spec("RFC 9101 §6.1")
@pytest.mark.parametrize("alg", opening.ALGORITHMS)
def test_a_signed_object_may_be_encrypted_to_us(
    services: Services,
    bank: App,  # noqa: F811 -- the fixture
    sign: Any,  # noqa: F811
    alg: str,
) -> None:
    """And is read as if it were not; what is not signed stays refused."""
    plain = services.request_objects.by_value(bank, sign())
    assert services.request_objects.by_value(bank, seal(services, alg, sign())) == plain
    with pytest.raises(RequestNotSupported):
        services.request_objects.by_value(bank, seal(services, alg, unsigned()))


def seal(services: Services, alg: str, text: str) -> str:
    published = services.keys.ring().jwks()["keys"]
    (jwk,) = [one for one in published if one["alg"] == alg]
    assert jwk["use"] == "enc"
    kind = {"RSA": RSAKey, "EC": ECKey}[jwk["kty"]]
    return jwe.encrypt_compact(
        {"alg": alg, "enc": "A256GCM", "kid": jwk["kid"], "cty": "JWT"},
        text,
        kind.import_key(jwk),
        algorithms=[alg, "A256GCM"],
    )


def unsigned() -> str:
    coded = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "none"}, {"scope": "openid"})
    ]
    return ".".join((*coded, ""))


@pytest.mark.spec("RFC 9101 §6.2")
def test_what_is_inside_is_judged_as_ever(
    services: Services,
    bank: App,  # noqa: F811 -- the fixture
    sign: Any,  # noqa: F811
) -> None:
    """Whoever knows our public key can encrypt: only the signature says who asks."""
    for inside in (
        sign(key=OTHER),
        sign(iss="somebody"),
        seal(services, "ECDH-ES", sign()),
        "",
        "not a JWT",
    ):
        with pytest.raises(InvalidRequestObject):
            services.request_objects.by_value(
                bank, seal(services, "RSA-OAEP-256", inside)
            )


def test_what_was_encrypted_before_a_rotation_is_still_opened(
    services: Services,
    bank: App,  # noqa: F811 -- the fixture
    sign: Any,  # noqa: F811
    clock: FrozenClock,
    db: Any,
) -> None:
    """The older key is shown no more, and opens until it is taken away."""
    before = seal(services, "ECDH-ES", sign())
    services.keys.rotate("ECDH-ES", at_once=True)
    db.session.commit()
    clock.advance(seconds=4)
    after = seal(services, "ECDH-ES", sign())
    assert before.partition(".")[0] != after.partition(".")[0]
    for sealed in (before, after):
        assert services.request_objects.by_value(bank, sealed)["scope"] == "openid"
    (old,) = [row.kid for row in services.keys.list_all() if row.state == "retired"]
    services.keys.retire(old, at_once=True)
    db.session.commit()
    clock.advance(seconds=4)
    with pytest.raises(InvalidRequestObject):
        services.request_objects.by_value(bank, before)
