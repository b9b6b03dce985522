"""Which way an answer goes, decided without a server (Multiple Response Types, JARM)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from authserver.core.apps import App
from authserver.errors import AuthError
from authserver.oidc import response_modes
from authserver.oidc.response_modes import Mode
from tests.support.older_flows import HYBRID, IMPLICIT


def app(profile: str = "oidc") -> App:
    return App(
        id=uuid.uuid4(),
        client_id="shop",
        name="Shop",
        profile=profile,
        redirect_uris=("https://shop.example/back",),
        post_logout_redirect_uris=(),
        grant_types=("authorization_code",),
        response_types=("code",),
        scope="openid",
        token_endpoint_auth_method="private_key_jwt",
        jwks=None,
        skip_consent=False,
        extra={},
        secrets=(),
    )


def asked(mode: str | None, response_type: str = "code") -> dict[str, str]:
    params = {"response_type": response_type, "response_mode": mode}
    return {name: value for name, value in params.items() if value is not None}


@pytest.mark.spec("JARM §2.3")
@pytest.mark.parametrize(
    ("mode", "response_type", "expected"),
    [
        # a code
        (None, "code", Mode("query", False)),
        ("query", "code", Mode("query", False)),
        ("fragment", "code", Mode("fragment", False)),
        ("form_post", "code", Mode("form_post", False)),
        ("jwt", "code", Mode("query", True)),
        ("query.jwt", "code", Mode("query", True)),
        ("fragment.jwt", "code", Mode("fragment", True)),
        ("form_post.jwt", "code", Mode("form_post", True)),
        # tokens
        (None, "id_token", Mode("fragment", False)),
        (None, "code token", Mode("fragment", False)),
        ("jwt", "code id_token", Mode("fragment", True)),
        ("form_post", "id_token token", Mode("form_post", False)),
        # nothing that we know: errors go the way of a code
        (None, "none", Mode("query", False)),
        (None, "", Mode("query", False)),
    ],
)
def test_a_mode_that_fits_is_taken(
    mode: str | None, response_type: str, expected: Mode
) -> None:
    params = asked(mode, response_type)
    assert response_modes.read(params, app()) == expected
    assert response_modes.of(params, app()) == expected


@pytest.mark.spec("Multiple Response Types §3.0")
@pytest.mark.parametrize("response_type", [*IMPLICIT, *HYBRID, "token", "token x"])
@pytest.mark.parametrize("mode", ["query", "query.jwt"])
def test_tokens_in_a_query_are_refused_by_fragment(
    mode: str, response_type: str
) -> None:
    params = asked(mode, response_type)
    with pytest.raises(AuthError):
        response_modes.read(params, app())
    assert response_modes.of(params, app()).carrier == "fragment"


@pytest.mark.parametrize(
    "mode", ["", "JWT", "web_message", "jwt.query", "query.jwt.jwt"]
)
def test_an_unknown_mode_is_refused_by_the_usual_way(mode: str) -> None:
    with pytest.raises(AuthError):
        response_modes.read(asked(mode), app())
    assert response_modes.of(asked(mode), app()) == Mode("query", False)


@pytest.mark.spec("FAPI 2.0 Message Signing §5.4")
@pytest.mark.parametrize("mode", [None, "query", "fragment", "form_post"])
def test_where_answers_are_signed_no_plain_one_is_sent_and_no_error(
    mode: str | None,
) -> None:
    """The refusal of a plain mode is a signed answer itself."""
    strict = app("fapi2-ms")
    with pytest.raises(AuthError):
        response_modes.read(asked(mode), strict)
    assert response_modes.of(asked(mode), strict) == Mode("query", True)
    assert response_modes.read(asked("jwt"), strict) == Mode("query", True)
    form: Any = response_modes.read(asked("form_post.jwt"), strict)
    assert form == Mode("form_post", True)


@pytest.mark.parametrize("profile", ["oauth21", "fapi2"])
def test_other_profiles_may_have_either(profile: str) -> None:
    for mode in (None, "query", "jwt", "form_post.jwt"):
        assert response_modes.read(asked(mode), app(profile))
