"""Which key a token is good with (RFC 9449 §5-§7, §10, RFC 8705 §3-§4)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from authserver.core import binding
from authserver.core.apps import App
from authserver.core.binding import UNBOUND, Binding
from authserver.core.grant import Grant
from authserver.core.proofs import Shown
from authserver.errors import AuthError, InvalidGrant, InvalidProof, InvalidToken
from authserver.models import TokenFamily
from authserver.services import Services
from tests.core.conftest import CALLBACK, VERIFIER

JKT, OTHER = Binding(jkt="a" * 43), Binding(jkt="b" * 43)
CERT, BOTH = Binding(x5t="c" * 43), Binding("a" * 43, "c" * 43)


@pytest.mark.parametrize(
    ("shown", "bound", "opens"),
    [
        # nothing is bound: anybody may
        (UNBOUND, UNBOUND, True),
        (JKT, UNBOUND, True),
        # bound: its key, and no other
        (UNBOUND, JKT, False),
        (JKT, JKT, True),
        (OTHER, JKT, False),
        (CERT, JKT, False),
        (CERT, CERT, True),
        (JKT, CERT, False),
        # bound to both: both
        (JKT, BOTH, False),
        (CERT, BOTH, False),
        (BOTH, BOTH, True),
        (BOTH, JKT, True),
    ],
)
def test_what_opens_what(shown: Binding, bound: Binding, opens: bool) -> None:
    assert shown.opens(bound) is opens


@pytest.mark.parametrize("one", [UNBOUND, JKT, CERT, BOTH])
def test_cnf_is_written_and_read(one: Binding) -> None:
    """RFC 9449 §6.1, RFC 8705 §3.1."""
    assert binding.of(one.cnf) == one
    assert binding.of(one.claims.get("cnf")) == one
    assert set(one.cnf) <= {"jkt", "x5t#S256"}


@pytest.mark.parametrize("cnf", [None, {}, [], "text", 5])
def test_what_is_no_cnf_binds_nothing(cnf: object) -> None:
    assert binding.of(cnf) == UNBOUND


def as_(app: App, *, profile: str = "oidc", **extra: Any) -> App:
    return dataclasses.replace(app, profile=profile, extra=extra)


@pytest.mark.parametrize(
    ("profile", "extra", "shown", "bound"),
    [
        ("oidc", {}, UNBOUND, UNBOUND),
        ("oidc", {}, JKT, JKT),
        # a certificate binds those who asked for it (RFC 8705 §3.4)
        ("oidc", {}, CERT, UNBOUND),
        ("oidc", {binding.CERTIFICATE_ALWAYS: True}, CERT, CERT),
        ("oidc", {binding.CERTIFICATE_ALWAYS: True}, BOTH, BOTH),
        ("oidc", {binding.CERTIFICATE_ALWAYS: True}, UNBOUND, AuthError),
        ("oidc", {binding.CERTIFICATE_ALWAYS: True}, JKT, AuthError),
        ("oidc", {binding.CERTIFICATE_ALWAYS: "yes"}, CERT, UNBOUND),
        # DPoP always (RFC 9449 §5.2)
        ("oidc", {binding.DPOP_ALWAYS: True}, JKT, JKT),
        ("oidc", {binding.DPOP_ALWAYS: True}, UNBOUND, InvalidProof),
        ("oidc", {binding.DPOP_ALWAYS: True}, CERT, InvalidProof),
        # no bearer tokens at all (FAPI 2.0 §5.3.2.1)
        ("fapi2", {}, JKT, JKT),
        ("fapi2", {}, CERT, CERT),
        ("fapi2", {}, BOTH, JKT),
        ("fapi2", {}, UNBOUND, AuthError),
        ("fapi2-ms", {}, UNBOUND, AuthError),
    ],
)
def test_what_tokens_are_bound_to(
    shop: App, profile: str, extra: Any, shown: Binding, bound: Any
) -> None:
    app = as_(shop, profile=profile, **extra)
    if isinstance(bound, Binding):
        assert binding.for_tokens(app, shown) == bound
    else:
        with pytest.raises(bound):
            binding.for_tokens(app, shown)


@pytest.mark.spec("RFC 9449 §10")
@pytest.mark.parametrize("shown", [UNBOUND, OTHER, CERT])
def test_a_code_is_bound_to_its_key(
    services: Services, issue: Callable[..., str], shop: App, db: Any, shown: Binding
) -> None:
    """F14, F15: what fails spends nothing."""
    code = issue(dpop_jkt=JKT.jkt)
    sent = {"app": shop, "redirect_uri": CALLBACK, "verifier": VERIFIER}
    with pytest.raises(InvalidGrant):
        services.grants.redeem_code(code, **sent, shown=shown)
    db.session.rollback()
    granted = services.grants.redeem_code(code, **sent, shown=JKT)
    assert granted.binding == JKT
    family = db.session.get(TokenFamily, granted.family_id)
    assert family.cnf == {"jkt": JKT.jkt}


@pytest.fixture
def first(services: Services, issue: Callable[..., str], db: Any) -> Callable[..., str]:
    """A refresh token of a family that is bound."""

    def give(app: App, shown: Binding) -> str:
        granted = services.grants.redeem_code(
            issue(), app=app, redirect_uri=CALLBACK, verifier=VERIFIER, shown=shown
        )
        token = services.refresh.with_first(granted).refresh_token
        db.session.commit()
        assert token is not None
        return token

    return give


@pytest.mark.spec("RFC 9449 §5")
@pytest.mark.parametrize(
    ("auth_method", "bound", "shown", "is_good"),
    [
        ("none", JKT, JKT, True),
        ("none", JKT, OTHER, False),
        ("none", JKT, UNBOUND, False),
        ("none", CERT, CERT, True),
        ("none", CERT, UNBOUND, False),
        ("none", UNBOUND, UNBOUND, True),
        ("none", UNBOUND, JKT, True),
        # who proves who it is may have a new key, and never none
        ("client_secret_basic", JKT, JKT, True),
        ("client_secret_basic", JKT, OTHER, True),
        ("client_secret_basic", JKT, UNBOUND, False),
        ("client_secret_basic", CERT, UNBOUND, False),
    ],
)
def test_a_refresh_token_needs_its_key(
    services: Services,
    first: Callable[..., str],
    shop: App,
    db: Any,
    *,
    auth_method: str,
    bound: Binding,
    shown: Binding,
    is_good: bool,
) -> None:
    app = dataclasses.replace(shop, token_endpoint_auth_method=auth_method)
    token = first(app, bound)
    if not is_good:
        with pytest.raises(InvalidGrant):
            services.refresh.rotate(token, app=app, scopes=(), shown=shown)
        db.session.rollback()
        shown = bound
    granted = services.refresh.rotate(token, app=app, scopes=(), shown=shown)
    assert granted.binding == shown


@pytest.fixture
def grant(services: Services, issue: Callable[..., str], shop: App, db: Any) -> Grant:
    granted = services.grants.redeem_code(
        issue(), app=shop, redirect_uri=CALLBACK, verifier=VERIFIER
    )
    db.session.commit()
    return granted


@pytest.mark.spec("RFC 9449 §6.1")
@pytest.mark.spec("RFC 8705 §3.1")
@pytest.mark.parametrize(
    ("bound", "kind"),
    [(JKT, "DPoP"), (CERT, "Bearer"), (BOTH, "DPoP"), (UNBOUND, "Bearer")],
)
def test_tokens_and_introspection_say_the_key(
    services: Services, shop: App, grant: Grant, bound: Binding, kind: str
) -> None:
    answer = services.tokens.answer(dataclasses.replace(grant, binding=bound))
    assert answer["token_type"] == kind
    told = services.checks.introspect(answer["access_token"], caller=shop)
    assert (told["token_type"], told.get("cnf", {})) == (kind, bound.cnf)
    own = services.tokens.client_answer(shop, ["x"], bound)
    told = services.checks.introspect(own["access_token"], caller=shop)
    assert (own["token_type"], told.get("cnf", {})) == (kind, bound.cnf)


@pytest.mark.spec("RFC 9449 §7.2")
@pytest.mark.spec("RFC 8705 §3")
@pytest.mark.parametrize("bound", [JKT, CERT, BOTH])
def test_a_bound_token_without_its_key_is_worth_nothing(
    services: Services, grant: Grant, bound: Binding
) -> None:
    token = services.tokens.access_token(dataclasses.replace(grant, binding=bound))
    for shown in (Shown(), Shown(x5t="d" * 43)):
        with pytest.raises(InvalidToken):
            services.checks.access(token, shown=shown)
    if bound == CERT:
        assert services.checks.access(token, shown=Shown(x5t=CERT.x5t))


def test_a_profile_without_bearer_tokens_gets_none(
    services: Services, shop: App, grant: Grant
) -> None:
    """A grant that forgets the key ends before a token is signed."""
    strict = dataclasses.replace(shop, profile="fapi2")
    with pytest.raises(AuthError):
        services.tokens.client_answer(strict, ["x"])
    with pytest.raises(AuthError):
        services.tokens.answer(dataclasses.replace(grant, app=strict))
