"""Token exchange on the wire (RFC 8693): narrower, shorter, never more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.answer_rules import claims_of, json_of, refused, token_answer
from tests.support.browser import Browser
from tests.support.live import until
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"
LETTERS, ARCHIVE = "https://letters.example/api", "https://archive.example"
SCOPE = "openid offline_access letters:read letters:write archive:read"

Enrol = Callable[..., RelyingParty]


@pytest.fixture(scope="module")
def cast(server: Any, enrol_client: Enrol) -> Iterator[SimpleNamespace]:
    """An app, a gateway that serves two APIs, and the second of them by itself."""
    machine = {
        "scope": "",
        "redirect_uris": (),
        "grant_types": ("client_credentials", GRANT),
    }
    cast = SimpleNamespace(
        app=enrol_client(
            scope=SCOPE, grant_types=("authorization_code", "refresh_token", GRANT)
        ),
        gateway=enrol_client(**machine),
        archive=enrol_client(**machine),
        stranger=enrol_client(**machine),
        named=None,
    )
    named = {"token_exchange_from": [cast.app.registration.client_id]}
    named["token_exchange_targets"] = ["HTTPS://Archive.example:443/"]
    cast.named = enrol_client(**machine, metadata=named)
    robot = enrol_client(**(machine | {"scope": "archive:read"}))
    gateway = ("--introspection-client", cast.gateway.registration.client_id)
    server.cli(
        *("resource", "create", "--identifier", LETTERS, "--name", "Letters"),
        *("--scope", "letters:read", "--scope", "letters:write", *gateway),
    )
    server.cli(
        *("resource", "create", "--identifier", ARCHIVE, "--name", "Archive"),
        *("--scope", "archive:read", "--token-ttl", "600", *gateway),
        *("--introspection-client", cast.archive.registration.client_id),
    )
    until(lambda: machine_token(robot, ARCHIVE).ok, "the new resources")
    yield cast
    server.cli("resource", "delete", LETTERS)
    server.cli("resource", "delete", ARCHIVE)


def machine_token(robot: RelyingParty, resource: str) -> Any:
    form = {"grant_type": "client_credentials", "resource": resource}
    return robot.post("token_endpoint", **form)


@pytest.fixture
def tokens(cast: SimpleNamespace, browser: Browser, ada: Person) -> dict[str, Any]:
    """What the app holds: a token for both APIs."""
    both = {"scope": SCOPE, "resource": [LETTERS, ARCHIVE], "prompt": "consent"}
    return cast.app.sign_in(browser, ada, **both).tokens


def exchange(client: RelyingParty, token: str | None, **changes: Any) -> Any:
    form = {
        "grant_type": GRANT,
        "subject_token": token,
        "subject_token_type": ACCESS,
    }
    return client.post("token_endpoint", **(form | changes))


def got(answer: Any) -> dict[str, Any]:
    """A good answer, held to RFC 8693 §2.2.1; the claims of its token."""
    told = token_answer(answer)
    assert told["issued_token_type"] == ACCESS
    assert told["token_type"] == "Bearer"
    assert not {"refresh_token", "id_token"} & set(told)
    claims = claims_of(told["access_token"])
    assert claims["scope"] == told["scope"]
    return claims | {"token": told["access_token"], "expires_in": told["expires_in"]}


@pytest.mark.spec("RFC 8693 §2.2.1")
def test_a_gateway_gets_a_token_for_what_lies_behind_it(
    cast: SimpleNamespace, tokens: dict[str, Any]
) -> None:
    """The same person, one audience, its scopes alone, and who acts."""
    subject = claims_of(tokens["access_token"])
    claims = got(exchange(cast.gateway, tokens["access_token"], audience=ARCHIVE))
    assert (claims["sub"], claims["aud"]) == (subject["sub"], ARCHIVE)
    assert claims["scope"] == "archive:read"
    assert claims["client_id"] == cast.gateway.registration.client_id
    assert claims["act"]["sub"] == cast.gateway.registration.client_id
    assert claims["auth_time"] == subject["auth_time"]


@pytest.mark.spec("RFC 8693 §4.1")
def test_who_acted_before_stands_inside(
    cast: SimpleNamespace, tokens: dict[str, Any]
) -> None:
    """The outermost acts now; the others are history."""
    first = got(exchange(cast.gateway, tokens["access_token"], resource=ARCHIVE))
    second = got(exchange(cast.archive, first["token"]))
    assert second["act"]["sub"] == cast.archive.registration.client_id
    assert second["act"]["act"] == first["act"]
    assert second["exp"] <= first["exp"]


@pytest.mark.spec("RFC 8693 §2.1")
def test_an_app_narrows_its_own_token(
    cast: SimpleNamespace, tokens: dict[str, Any]
) -> None:
    """Fewer scopes, one audience; nobody acts but the app itself."""
    wish = {"resource": LETTERS, "scope": "letters:read"}
    claims = got(exchange(cast.app, tokens["access_token"], **wish))
    assert (claims["aud"], claims["scope"]) == (LETTERS, "letters:read")
    assert "act" not in claims


def test_it_lives_no_longer_than_what_it_was_made_of(
    cast: SimpleNamespace, tokens: dict[str, Any]
) -> None:
    """Also where the API's own tokens would live longer."""
    time.sleep(1.1)
    subject = claims_of(tokens["access_token"])
    claims = got(exchange(cast.gateway, tokens["access_token"]))
    assert claims["exp"] <= subject["exp"]
    assert claims["expires_in"] < subject["exp"] - subject["iat"]


@pytest.mark.parametrize("scope", ["email", "letters:read email", "offline_access x"])
def test_a_broader_scope_is_refused(
    cast: SimpleNamespace, tokens: dict[str, Any], scope: str
) -> None:
    answer = exchange(cast.gateway, tokens["access_token"], scope=scope)
    refused(answer, "invalid_scope")


def test_a_scope_of_another_audience_is_refused(
    cast: SimpleNamespace, tokens: dict[str, Any]
) -> None:
    wish = {"scope": "letters:read", "audience": ARCHIVE}
    refused(exchange(cast.gateway, tokens["access_token"], **wish), "invalid_scope")


@pytest.mark.spec("RFC 8693 §2.2.2")
def test_a_broader_audience_is_refused(
    cast: SimpleNamespace, tokens: dict[str, Any]
) -> None:
    """Unknown ones, our own, and those that the subject token does not have."""
    for wrong in ("https://unknown.example", "no uri", cast.app.issuer):
        answer = exchange(cast.gateway, tokens["access_token"], audience=wrong)
        refused(answer, "invalid_target")
    narrow = got(exchange(cast.gateway, tokens["access_token"], audience=ARCHIVE))
    again = exchange(cast.gateway, narrow["token"], audience=LETTERS)
    refused(again, "invalid_target")
    both = exchange(cast.gateway, narrow["token"], audience=[LETTERS, ARCHIVE])
    refused(both, "invalid_target")


def test_who_is_not_meant_by_a_token_may_not_exchange_it(
    cast: SimpleNamespace, rp: RelyingParty, tokens: dict[str, Any]
) -> None:
    """A stranger with a stolen token, and a client without the grant."""
    access = tokens["access_token"]
    refused(exchange(cast.stranger, access), "invalid_request")
    refused(exchange(rp, access), "unauthorized_client")
    bare = {"client_id": cast.gateway.registration.client_id, "grant_type": GRANT}
    form = bare | {"subject_token": access, "subject_token_type": ACCESS}
    unproved = rp.http.post(rp.metadata["token_endpoint"], data=form)
    refused(unproved, "invalid_client", status=401)


def test_the_operator_names_whose_tokens_and_for_what(
    cast: SimpleNamespace, tokens: dict[str, Any]
) -> None:
    """`token_exchange_from` and `token_exchange_targets`."""
    claims = got(exchange(cast.named, tokens["access_token"]))
    assert claims["aud"] == ARCHIVE
    beyond = exchange(cast.named, tokens["access_token"], audience=LETTERS)
    refused(beyond, "invalid_target")


@pytest.mark.spec("RFC 8693 §2.1")
def test_it_ends_with_the_token_that_it_was_made_of(
    cast: SimpleNamespace, tokens: dict[str, Any]
) -> None:
    """Revocation follows the family; an ended token is not exchanged."""
    claims = got(exchange(cast.gateway, tokens["access_token"], audience=ARCHIVE))
    assert json_of(cast.archive.introspect(claims["token"]))["active"] is True
    assert cast.app.revoke(tokens["refresh_token"]).status_code == 200
    assert json_of(cast.archive.introspect(claims["token"])) == {"active": False}
    refused(exchange(cast.gateway, tokens["access_token"]), "invalid_request")


def test_revoking_the_lesser_token_ends_that_alone(
    cast: SimpleNamespace, tokens: dict[str, Any]
) -> None:
    """Who may narrow a token may not end the sign-in that it came from."""
    claims = got(exchange(cast.gateway, tokens["access_token"], audience=ARCHIVE))
    assert cast.gateway.revoke(claims["token"]).status_code == 200
    assert json_of(cast.archive.introspect(claims["token"])) == {"active": False}
    own = json_of(cast.app.introspect(tokens["access_token"]))
    assert own["active"] is True
    token_answer(cast.app.refresh(tokens["refresh_token"]))


WRONG: dict[str, dict[str, Any]] = {
    "no subject": {"subject_token": None},
    "no type": {"subject_token_type": None},
    "refresh token": {"subject_token_type": ACCESS.replace("access", "refresh")},
    "ID token": {"subject_token_type": ACCESS.replace("access", "id")},
    "SAML": {"subject_token_type": ACCESS.replace("access_token", "saml2")},
    "garbage": {"subject_token": "a.b.c"},
    "large": {"subject_token": "x" * 60_000},
    "refresh wanted": {"requested_token_type": ACCESS.replace("access", "refresh")},
    "actor without type": {"actor_token": "a.b.c"},
    "type without actor": {"actor_token_type": ACCESS},
    "actor is garbage": {"actor_token": "a.b.c", "actor_token_type": ACCESS},
}


@pytest.mark.spec("RFC 8693 §2.2.2")
@pytest.mark.parametrize("kind", WRONG)
def test_what_is_not_as_the_specification_has_it_is_refused(
    cast: SimpleNamespace, tokens: dict[str, Any], kind: str
) -> None:
    answer = exchange(cast.gateway, tokens["access_token"], **WRONG[kind])
    refused(answer, "invalid_request")


@pytest.mark.parametrize("name", ["refresh_token", "id_token"])
def test_another_token_under_the_name_of_an_access_token_is_refused(
    cast: SimpleNamespace, tokens: dict[str, Any], name: str
) -> None:
    refused(exchange(cast.app, tokens[name]), "invalid_request")


def test_a_token_of_nobody_is_not_exchanged(cast: SimpleNamespace) -> None:
    """client_credentials: there is nobody to act for."""
    answer = cast.gateway.post("token_endpoint", grant_type="client_credentials")
    own = token_answer(answer)["access_token"]
    refused(exchange(cast.gateway, own), "invalid_request")


def test_somebody_elses_token_is_no_actor(
    cast: SimpleNamespace, tokens: dict[str, Any]
) -> None:
    """A client cannot let another act in its place."""
    theirs = {"actor_token": tokens["access_token"], "actor_token_type": ACCESS}
    answer = exchange(cast.gateway, tokens["access_token"], **theirs)
    refused(answer, "invalid_request")


@pytest.mark.spec("RFC 8693 §4.1")
def test_an_actor_token_says_who_acts(
    cast: SimpleNamespace, tokens: dict[str, Any]
) -> None:
    """The client's own token: its person is written down as the actor."""
    actor = {"actor_token": tokens["access_token"], "actor_token_type": ACCESS}
    claims = got(exchange(cast.app, tokens["access_token"], **actor))
    assert claims["act"]["sub"] == claims["sub"]
