"""The comprehensive plan (oidcc-test-plan): each client authentication, each way back.

What is common to all is in the other files; here every combination walks the road that
its modules walk: sign in, userinfo, refresh, and a code that comes twice.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from tests.support import answer_rules
from tests.support.answer_rules import json_of, refused
from tests.support.browser import Browser
from tests.support.older_flows import HYBRID, OlderFlow
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

METHODS = {
    "none": {"auth_method": "none"},
    "client_secret_basic": {"auth_method": "client_secret_basic"},
    "client_secret_post": {"auth_method": "client_secret_post"},
    "client_secret_jwt": {"auth_method": "client_secret_jwt"},
    "private_key_jwt": {"auth_method": "private_key_jwt", "key_algorithm": "PS256"},
}
MODES = (None, "form_post", "jwt")


@pytest.fixture(scope="module")
def known(enrol_client: Callable[..., RelyingParty]) -> Callable[[str], RelyingParty]:
    """One client for each method, with every response type."""

    @cache
    def of(method: str) -> RelyingParty:
        chosen: dict[str, Any] = METHODS[method]
        return enrol_client(
            grant_types=("authorization_code", "implicit", "refresh_token"),
            metadata={"response_types": ["code", *HYBRID]},
            **chosen,
        )

    return of


@pytest.mark.spec("OIDF Comprehensive oidcc-test-plan")
@pytest.mark.parametrize("mode", MODES, ids=str)
@pytest.mark.parametrize("response_type", ["code", *HYBRID])
@pytest.mark.parametrize("method", METHODS)
def test_every_client_authentication_goes_every_road(
    known: Callable[[str], RelyingParty],
    browser: Browser,
    ada: Person,
    method: str,
    response_type: str,
    mode: str | None,
) -> None:
    """oidcc-server, oidcc-refresh-token, oidcc-codereuse by client_auth_type."""
    rp = known(method)
    flow = OlderFlow(rp, response_type, mode)
    wish = {"scope": "openid offline_access", "prompt": "consent"}
    done = flow.sign_in(browser, ada, **wish)
    told = json_of(rp.userinfo(done.tokens["access_token"]))
    assert told["sub"] == done.claims["sub"]
    fresh = answer_rules.token_answer(rp.refresh(done.tokens["refresh_token"]))
    again = answer_rules.claims_of(fresh["id_token"])
    for name in ("iss", "sub", "aud", "auth_time"):
        assert again[name] == done.claims[name], name
    refused(rp.redeem(done.ask, done.reply["code"]), "invalid_grant")
    assert rp.userinfo(fresh["access_token"]).status_code == 401
