"""The clients of the further plans walk: message signing, plain OAuth, alone, and CIBA."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import ciba
from tests.conformance.tls.test_examination import (  # noqa: F401 -- fixtures
    SUITE,
    Examined,
    at_home,
    enrolled,
    examinee,
    party_of,
)
from tests.support.answer_rules import claims_of, json_of, token_answer
from tests.support.browser import Browser
from tests.support.live import authserver
from tests.support.person import Person
from tests.support.proofs import Prover
from tests.support.relying_party import Ask
from tests.support.sender_constrained import KeyedParty
from tools import examination


@pytest.fixture(scope="module")
def examined(
    database_kind: str, make_migrated: Callable[[str], str], tmp_path_factory: Any
) -> Iterator[Examined]:
    """As the tool leaves it, whose commands run in processes that have them loaded."""
    folder = tmp_path_factory.mktemp("examination")
    with enrolled(make_migrated(database_kind), folder, enrol) as examined:
        yield examined


def enrol(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(examination.Enrolment, "run", loaded)
        examination.enrol(folder, SUITE)


def loaded(enrolment: examination.Enrolment, *args: str) -> Any:
    return json.loads(authserver(*args, "--json", env=enrolment.env).stdout)


def keyed(examined: Examined, name: str, number: int = 1) -> KeyedParty:
    """The suite's client, by what its plan's file says of it."""
    plan = examined.plan(name)
    client = plan["client" if number == 1 else "client2"]
    is_proved = name.endswith("dpop")
    method = "private_key_jwt" if "private_key_jwt" in name else "tls_client_auth"
    query = "?dummy1=lorem&dummy2=ipsum" if number == 2 else ""
    party = party_of(examined, client, method, query)
    pair = tuple(
        str(examined.folder / f"client{number}.{end}") for end in ("pem", "key")
    )
    return KeyedParty(
        party,
        prover=Prover("ES256") if is_proved else None,
        certificate=pair if "mtls" in plan else None,
    )


def code_of(
    party: KeyedParty, browser: Browser, person: Person, ask: Ask, **form: str
) -> str:
    answer = party.post("pushed_authorization_request_endpoint", **form)
    told = json_of(answer, status=201)
    carried = {
        "client_id": party.registration.client_id,
        "request_uri": told["request_uri"],
    }
    start = browser.open(Ask(ask.endpoint, carried).url)
    return party.receive(ask, person.walk(browser, start).departure)["code"]


@pytest.mark.spec("FAPI 2.0 Message Signing §5.3.1")
@pytest.mark.parametrize("name", ["private_key_jwt-dpop", "mtls-mtls"])
@pytest.mark.parametrize("number", [1, 2])
def test_the_clients_of_message_signing_walk(
    examined: Examined,
    at_home: Browser,  # noqa: F811
    examinee: Person,  # noqa: F811
    name: str,
    number: int,
) -> None:
    """A signed request, a signed answer, and a token that is bound."""
    party = keyed(examined, f"fapi2-ms-{name}", number)
    ask = party.ask(pkce=True, response_mode="jwt")
    code = code_of(party, at_home, examinee, ask, request=party.request_object(ask))
    tokens = token_answer(party.redeem(ask, code), kind=party.token_kind)
    assert json_of(party.userinfo(tokens["access_token"]))["sub"]


@pytest.mark.parametrize("means", ["private_key_jwt", "mtls"])
def test_the_clients_of_plain_oauth_walk(
    examined: Examined,
    at_home: Browser,  # noqa: F811
    examinee: Person,  # noqa: F811
    means: str,
) -> None:
    """No ``openid``; the token is for the API that the file names."""
    name = f"fapi2-plain-{means}-dpop"
    party = keyed(examined, name)
    ask = party.ask(pkce=True, scope="notes:read", nonce=None)
    code = code_of(party, at_home, examinee, ask, **ask.params)
    tokens = token_answer(party.redeem(ask, code), kind="DPoP")
    aud = claims_of(tokens["access_token"])["aud"]
    assert examined.plan(name)["resource"]["resourceUrl"] == f"{aud}/notes"
    robot = keyed(examined, f"fapi2-credentials-{means}-dpop")
    alone = robot.own_token(scope="notes:read")
    claims = claims_of(alone["access_token"])
    assert claims["aud"] == aud and claims["cnf"]["jkt"]


@pytest.mark.spec("OIDF fapi-ciba-id1 mtls-holder-of-key")
@pytest.mark.parametrize("name", ["private_key_jwt-poll", "mtls-ping"])
def test_the_clients_of_ciba_walk(
    examined: Examined,
    at_home: Browser,  # noqa: F811
    examinee: Person,  # noqa: F811
    name: str,
) -> None:
    """A signed request for the one whom the file names, and a holder's token."""
    party = keyed(examined, f"ciba-{name}")
    hint = examined.plan(f"ciba-{name}")["client"]
    changes: dict[str, Any] = {hint["hint_type"]: hint["hint_value"]}
    if name.endswith("ping"):
        changes["client_notification_token"] = secrets.token_urlsafe(32)
    request = ciba.signed(party, examinee, scope="openid email", **changes)
    told = ciba.begun(party.post(ciba.ENDPOINT, request=request))
    ciba.decide(at_home, examinee, "allow")
    tokens = token_answer(ciba.poll(party, told))
    assert claims_of(tokens["access_token"])["cnf"]["x5t#S256"]
    assert json_of(party.userinfo(tokens["access_token"]))["email"] == examinee.email
    bare = party.http.get(
        party.metadata["userinfo_endpoint"],
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
        cert=None,
    )
    assert bare.status_code == 401, "shown without its certificate"
