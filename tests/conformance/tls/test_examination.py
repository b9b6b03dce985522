"""The deployment for the official suite: prepared, started, and walked by its own files.

docs/conformance-run.md says the same commands.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from tests.support.answer_rules import PERSONAL, claims_of, json_of, token_answer
from tests.support.browser import Browser
from tests.support.live import KEY_ENCRYPTION_KEY, LiveServer
from tests.support.person import Person
from tests.support.ports import free_port
from tests.support.proofs import Prover
from tests.support.relying_party import Ask, Registration, RelyingParty
from tests.support.sender_constrained import KeyedParty

SUITE = "https://suite.example"
ROOT = Path(__file__).parents[3]
FAPI = ["private_key_jwt-dpop", "private_key_jwt-mtls", "mtls-dpop", "mtls-mtls"]


@dataclass(frozen=True)
class Examined:
    """A deployment, and the files of its plans."""

    server: LiveServer
    folder: Path

    def plan(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            (self.folder / "plans" / f"{name}.json").read_text()
        )
        return found


def tool(*args: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "tools.examination", *args], check=True, cwd=ROOT
    )


@pytest.fixture(scope="module")
def examined(
    database_kind: str, make_migrated: Callable[[str], str], tmp_path_factory: Any
) -> Iterator[Examined]:
    """By the commands that an examiner types."""

    def enrol(folder: Path) -> None:
        tool("enrol", str(folder), "--suite", SUITE)

    folder = tmp_path_factory.mktemp("examination")
    with enrolled(make_migrated(database_kind), folder, enrol) as examined:
        yield examined


@contextmanager
def enrolled(
    url: str, folder: Path, enrol: Callable[[Path], None]
) -> Iterator[Examined]:
    """Start a server, and let the tool do its part."""
    with deployed(url, folder) as server:
        enrol(folder)
        yield Examined(server, folder)


@contextmanager
def deployed(url: str, folder: Path) -> Iterator[LiveServer]:
    """Start a server in the settings that the tool writes; nobody is enrolled."""
    port = free_port()
    tool("settings", str(folder), "--host", "localhost", "--port", str(port))
    text = (folder / "settings.env").read_text()
    env = dict(line.split("=", 1) for line in text.splitlines())
    env |= {"DATABASE_URL": url, "MTLS_PORT": str(free_port()), "HOST": "127.0.0.1"}
    # The tool enrols beside the server, and opens what it has sealed.
    env["KEY_ENCRYPTION_KEY"] = KEY_ENCRYPTION_KEY
    (folder / "settings.env").write_text("".join(f"{k}={v}\n" for k, v in env.items()))
    server = LiveServer(
        database_url=url,
        issuer=env["APP_URL"],
        ca_file=str(folder / "authority.pem"),
        env=env,
    )
    server.port = port
    Path(env["AUTHSERVER_HOME"]).mkdir(exist_ok=True)
    with server:
        yield server


@pytest.fixture
def examinee(examined: Examined) -> Person:
    """Whoever the suite's browser signs in, read from what it is told to type."""
    commands = examined.plan("oidcc-static")["browser"][0]["tasks"][0]["commands"]
    typed = {where: text for _, _, where, text in commands[:2]}
    return Person(typed["username"], typed["password"], "ada@people.example")


@pytest.fixture
def at_home(examined: Examined) -> Iterator[Browser]:
    with Browser(examined.server.url, verify=examined.server.verify) as browser:
        yield browser


def party_of(
    examined: Examined, client: dict[str, Any], method: str, query: str = ""
) -> RelyingParty:
    jwks = client.get("jwks", {"keys": []})["keys"]
    return RelyingParty(
        examined.server.url,
        Registration(
            client["client_id"],
            client.get("client_secret"),
            auth_method=method,
            redirect_uri=f"https://suite.example/test/a/authserver/callback{query}",
            key=ECKey.import_key(jwks[0]) if jwks else None,
            key_algorithm="ES256",
            response_algorithm="PS256",
        ),
        verify=examined.server.verify,
    )


def test_everything_an_examiner_switches_on_is_on(examined: Examined) -> None:
    """Open registration, older response types, certificates; all of it by settings."""
    rp = party_of(examined, examined.plan("oidcc-static")["client"], "none")
    told = rp.metadata
    assert told["registration_endpoint"] and told["mtls_endpoint_aliases"]
    assert {"code", "id_token", "id_token token"} <= set(
        told["response_types_supported"]
    )
    made = rp.http.post(
        told["registration_endpoint"],
        json={"redirect_uris": ["https://suite.example/test/a/authserver/callback"]},
    )
    body = json_of(made, status=201)
    header = {"Authorization": f"Bearer {body['registration_access_token']}"}
    gone = rp.http.delete(body["registration_client_uri"], headers=header)
    assert gone.status_code == 204


@pytest.mark.parametrize("name", ["client", "client_secret_post", "client2"])
def test_the_static_clients_walk_and_see_every_claim(
    examined: Examined, at_home: Browser, examinee: Person, name: str
) -> None:
    """G12: the examinee owns every standard claim."""
    method = "client_secret_post" if "post" in name else "client_secret_basic"
    rp = party_of(examined, examined.plan("oidcc-static")[name], method)
    flow = rp.sign_in(at_home, examinee, scope="openid profile email address phone")
    told = json_of(rp.userinfo(flow.tokens["access_token"]))
    assert set(told) >= PERSONAL, PERSONAL - set(told)


@pytest.mark.parametrize("name", FAPI)
@pytest.mark.parametrize("number", [1, 2])
def test_the_clients_of_fapi_walk(
    examined: Examined, at_home: Browser, examinee: Person, name: str, number: int
) -> None:
    plan = examined.plan(f"fapi2-{name}")
    client = plan["client" if number == 1 else "client2"]
    means, _, constrains = name.rpartition("-")
    method = "tls_client_auth" if means == "mtls" else means
    query = "?dummy1=lorem&dummy2=ipsum" if number == 2 else ""
    pair = (str(examined.folder / f"client{number}.{end}") for end in ("pem", "key"))
    party = KeyedParty(
        party_of(examined, client, method, query),
        prover=Prover("PS256") if constrains == "dpop" else None,
        certificate=tuple(pair) if "mtls" in name else None,
    )
    assert ("mtls" in plan) == ("mtls" in name)
    ask = party.ask(pkce=True)
    answer = party.post("pushed_authorization_request_endpoint", **ask.params)
    told = json_of(answer, status=201)
    carried = {"client_id": client["client_id"], "request_uri": told["request_uri"]}
    start = at_home.open(Ask(ask.endpoint, carried).url)
    code = party.receive(ask, examinee.walk(at_home, start).departure)["code"]
    tokens = token_answer(party.redeem(ask, code), kind=party.token_kind)
    assert claims_of(tokens["access_token"])["cnf"]
    assert json_of(party.userinfo(tokens["access_token"]))["sub"]
    assert plan["resource"]["resourceUrl"] == party.metadata["userinfo_endpoint"]


@pytest.mark.spec("OIDF D17")
def test_keys_are_rotated_on_demand(examined: Examined) -> None:
    rp = party_of(examined, examined.plan("oidcc-static")["client"], "none")
    before = {key.kid for key in rp.keys.keys}
    made = examined.server.cli("keys", "rotate", "--now")
    after = {key.kid for key in rp.keys.keys}
    assert before <= after and made["kid"] in after and made["alg"] == "RS256"
