"""Clients that prove themselves by certificate, and tokens bound to one (RFC 8705)."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.support import certificates
from tests.support.answer_rules import claims_of, json_of, refused, token_answer
from tests.support.browser import Browser
from tests.support.certificates import Pair, for_client
from tests.support.person import Person
from tests.support.relying_party import RelyingParty
from tests.support.sender_constrained import KeyedParty
from tests.support.tls_live import TlsServer

CREDENTIALS = {"grant_type": "client_credentials"}
CONSTRAINED = {"tls_client_certificate_bound_access_tokens": True}
SAN = {
    "tls_client_auth_san_dns": ("client.example", x509.DNSName("client.example")),
    "tls_client_auth_san_uri": (
        "https://client.example/a",
        x509.UniformResourceIdentifier("https://client.example/a"),
    ),
    "tls_client_auth_san_ip": (
        "203.0.113.7",
        x509.IPAddress(ipaddress.ip_address("203.0.113.7")),
    ),
    "tls_client_auth_san_email": (
        "client@example.com",
        x509.RFC822Name("client@example.com"),
    ),
}
OTHERS = [
    x509.DNSName("other.example"),
    x509.DNSName("*.example"),
    x509.UniformResourceIdentifier("https://client.example/b"),
    x509.IPAddress(ipaddress.ip_address("203.0.113.8")),
    x509.RFC822Name("other@example.com"),
]


@pytest.fixture
def robot(
    enrol_client: Callable[..., RelyingParty], tmp_path: Path
) -> Callable[..., KeyedParty]:
    """A client for itself, registered with these members, showing this certificate."""

    def make(shown: Pair | None, method: str = "tls_client_auth", **more: Any) -> Any:
        party = enrol_client(
            auth_method=method,
            redirect_uris=[],
            grant_types=["client_credentials"],
            **more,
        )
        return KeyedParty(
            party, certificate=shown.write(tmp_path, "client") if shown else None
        )

    return make


@pytest.fixture
def by(server: TlsServer) -> Pair:
    return server.authority


def asks(party: KeyedParty) -> Any:
    return party.post("token_endpoint", **CREDENTIALS)


@pytest.mark.spec("RFC 8705 §5")
def test_the_addresses_for_certificates_are_told(
    rp: RelyingParty, server: TlsServer
) -> None:
    told = rp.metadata
    assert told["tls_client_certificate_bound_access_tokens"] is True
    aliases = told["mtls_endpoint_aliases"]
    home = f"https://127.0.0.1:{server.mtls_port}/"
    assert aliases["token_endpoint"] == f"{home}token"
    assert set(aliases) <= set(told) and len(aliases) >= 4
    assert all(url.startswith(home) for url in aliases.values())
    for method in ("tls_client_auth", "self_signed_tls_client_auth"):
        assert method in told["token_endpoint_auth_methods_supported"]


@pytest.mark.spec("RFC 8705 §2.1")
def test_a_subject_that_an_authority_vouches_for(
    robot: Callable[..., KeyedParty], by: Pair
) -> None:
    subject = certificates.name("Client", ORGANIZATION_NAME="Example, Inc.")
    shown = certificates.make(subject, by=by)
    party = robot(
        shown, metadata={"tls_client_auth_subject_dn": "O=Example\\, Inc.,CN=Client"}
    )
    assert token_answer(asks(party))


@pytest.mark.spec("RFC 8705 §2.1.2")
@pytest.mark.parametrize("member", SAN)
def test_an_alternative_name_that_an_authority_vouches_for(
    robot: Callable[..., KeyedParty], by: Pair, member: str
) -> None:
    """Among others; and without it the others do not help."""
    wanted, name = SAN[member]
    party = robot(for_client(by, names=[*OTHERS, name]), metadata={member: wanted})
    assert token_answer(asks(party))
    party = robot(for_client(by, names=OTHERS), metadata={member: wanted})
    refused(asks(party), "invalid_client", status=401)


NOW = datetime.now(UTC)
DN = {"tls_client_auth_subject_dn": "CN=client"}
IMPOSTORS: dict[str, Callable[[Pair], Pair | None]] = {
    "none": lambda _: None,
    "another subject": lambda by: for_client(by, "other"),
    "a subject within": lambda by: certificates.make(
        certificates.name("client", ORGANIZATION_NAME="x"), by=by
    ),
    "vouched for by itself": lambda _: for_client(None),
    "by another authority": lambda _: for_client(certificates.authority()),
    "by one of the same name": lambda by: for_client(
        certificates.make(by.certificate.subject, is_authority=True)
    ),
    "by a client": lambda by: for_client(for_client(by, "x")),
    "expired": lambda by: for_client(by, ends=NOW - timedelta(hours=1)),
    "not yet": lambda by: for_client(
        by, starts=NOW + timedelta(hours=1), ends=NOW + timedelta(days=2)
    ),
    "for servers": lambda by: for_client(by, usage=[ExtendedKeyUsageOID.SERVER_AUTH]),
}


@pytest.mark.spec("RFC 8705 §2.1")
@pytest.mark.parametrize("shown", IMPOSTORS.values(), ids=IMPOSTORS)
def test_a_certificate_that_proves_nothing(
    robot: Callable[..., KeyedParty], by: Pair, shown: Callable[[Pair], Pair | None]
) -> None:
    refused(asks(robot(shown(by), metadata=DN)), "invalid_client", status=401)


@pytest.mark.spec("RFC 8705 §2")
def test_the_main_port_sees_no_certificate(
    robot: Callable[..., KeyedParty], by: Pair
) -> None:
    """Nor does a header of the client's make one (RFC 9440 §4)."""
    shown = for_client(by)
    party = robot(shown, metadata=DN)
    body = CREDENTIALS | {"client_id": party.registration.client_id}
    forged = {"Client-Cert": f":{shown.x5c[0]}:", "X-SSL-Client-Cert": "x"}
    for url in (party.metadata["token_endpoint"], party.at("token_endpoint")):
        answer = RelyingParty(
            party.issuer, party.registration, verify=party.http.verify
        ).http.post(url, data=body, headers=forged)
        refused(answer, "invalid_client", status=401)


def keys_with(pair: Pair, **more: Any) -> dict[str, Any]:
    from joserfc.jwk import ECKey

    jwk = ECKey.import_key(pair.key.public_key()).as_dict(private=False)
    return {"keys": [jwk | more]}


@pytest.mark.spec("RFC 8705 §2.2")
def test_a_certificate_that_its_client_has_registered(
    robot: Callable[..., KeyedParty], by: Pair
) -> None:
    """By x5c or its thumbprint; no authority is asked, and none helps another."""
    own, other = for_client(None), for_client(None)
    for members in ({"x5c": own.x5c}, {"x5t#S256": own.x5t}):
        keys = keys_with(own, **members)
        more = {"method": "self_signed_tls_client_auth", "jwks": keys}
        assert token_answer(asks(robot(own, **more)))
        for wrong in (other, for_client(by), None):
            refused(asks(robot(wrong, **more)), "invalid_client", status=401)


@pytest.mark.spec("RFC 8705 §3")
@pytest.mark.spec("RFC 8705 §3.1")
def test_a_bound_token_is_good_with_its_certificate_alone(
    enrol_client: Callable[..., RelyingParty],
    browser: Browser,
    ada: Person,
    tmp_path: Path,
) -> None:
    """Whoever vouches for it: any client may bind its tokens (§3.4)."""
    own = for_client(None)
    rp = enrol_client(metadata=CONSTRAINED)
    party = KeyedParty(rp, certificate=own.write(tmp_path, "own"))
    flow = party.sign_in(browser, ada)
    token = flow.tokens["access_token"]
    assert claims_of(token)["cnf"] == {"x5t#S256": own.x5t}
    told = json_of(party.introspect(token))
    assert (told["token_type"], told["cnf"]) == ("Bearer", {"x5t#S256": own.x5t})
    assert json_of(party.userinfo(token))["sub"] == flow.claims["sub"]
    stranger = for_client(None, "other").write(tmp_path, "other")
    for wrong in (KeyedParty(rp), KeyedParty(rp, certificate=stranger)):
        answer = wrong.userinfo(token)
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    # and without a certificate it gets none
    ask = party.ask()
    reply = party.receive(ask, ada.walk(browser, browser.open(ask.url)).departure)
    refused(KeyedParty(rp).redeem(ask, reply["code"]), "invalid_request", status=400)
    assert token_answer(party.redeem(ask, reply["code"]))


@pytest.mark.spec("RFC 8705 §4")
def test_a_public_clients_refresh_token_is_bound_to_its_certificate(
    enrol_client: Callable[..., RelyingParty],
    browser: Browser,
    ada: Person,
    tmp_path: Path,
) -> None:
    rp = enrol_client(auth_method="none", metadata=CONSTRAINED)
    party = KeyedParty(rp, certificate=for_client(None).write(tmp_path, "own"))
    wants = {"scope": "openid offline_access", "prompt": "consent"}
    token = party.sign_in(browser, ada, pkce=True, **wants).tokens["refresh_token"]
    stranger = for_client(None, "other").write(tmp_path, "other")
    wrong = KeyedParty(rp, certificate=stranger).refresh(token)
    refused(wrong, "invalid_grant", status=400)
    assert token_answer(party.refresh(token))


@pytest.mark.spec("RFC 8705 §2.1.2")
@pytest.mark.parametrize(
    "members",
    [
        {},
        {"tls_client_auth_subject_dn": "CN=a", "tls_client_auth_san_dns": "a.example"},
        {"tls_client_auth_san_dns": "a.example", "tls_client_auth_san_ip": "::1"},
        {"tls_client_auth_subject_dn": "not a name"},
        {"tls_client_auth_san_ip": "localhost"},
    ],
)
def test_a_client_registers_exactly_one_subject(
    server: TlsServer, tmp_path: Path, members: dict[str, str]
) -> None:
    file = tmp_path / "metadata.json"
    file.write_text(json.dumps(members))
    done = server.run(
        *("client", "create", "--name", "x", "--grant-type", "client_credentials"),
        *("--auth-method", "tls_client_auth", "--metadata-file", str(file)),
        check=False,
    )
    assert done.returncode != 0 and "tls_client_auth" in done.stdout + done.stderr
