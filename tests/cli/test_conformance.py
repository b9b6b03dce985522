"""`authserver conformance`: what is right passes, and each line finds what is wrong."""

import json
import re

import pytest

from authserver.adapters.fetcher import Fetcher
from authserver.cli.conformance import back_channel, documents, front_channel
from authserver.cli.conformance.lines import Mark, examine
from authserver.cli.conformance.probe import REDIRECT_URI, Credentials, Probe
from authserver.clock import Clock
from authserver.crypto import signing
from tests.cli.liar import Liar
from tests.support.live import LiveServer

LINES = [*documents.LINES, *front_channel.LINES, *back_channel.LINES]


@pytest.mark.live
def test_a_deployment_passes_and_keeps_nothing(server):
    before = {one["client_id"] for one in server.cli("client", "list")}
    found = server.cli("conformance")
    assert [one for one in found["lines"] if one["mark"] in ("fail", "warn")] == []
    assert [one["id"] for one in found["lines"] if one["mark"] == "skip"] == ["M12"]
    assert found["grades"] == {
        "OpenID Connect": "A",
        "OAuth 2.1 and RFC 9700": "A",
        "FAPI 2.0": "A",
        "MCP authorization": "B",
    }
    assert {one["client_id"] for one in server.cli("client", "list")} == before


@pytest.mark.live
def test_what_is_switched_on_shows_in_the_grades(make_migrated):
    wide = {"REGISTRATION": "open", "LEGACY_RESPONSE_TYPES": "on"}
    with LiveServer(database_url=make_migrated("sqlite"), env=wide) as server:
        server.run(
            "client",
            "create",
            "--name",
            "Harbour Notes",
            "--redirect-uri",
            REDIRECT_URI,
        )
        said = server.run("conformance").stdout
    assert "warn  M7" in said
    assert "B  OAuth 2.1 and RFC 9700: every MUST holds" in said
    assert "A  MCP authorization: every line holds" in said
    assert re.search(r"Harbour Notes: oidc, could be oauth21; next fapi2: ", said)


@pytest.mark.live
def test_a_server_that_is_away_fails_plainly(make_migrated):
    with LiveServer(database_url=make_migrated("sqlite")) as server:
        done = server.run("conformance", APP_URL="http://127.0.0.1:9", check=False)
    assert done.returncode == 1
    assert "fail  M1" in done.stdout
    assert "Traceback" not in done.stderr


# -- Lies, one at a time


@pytest.fixture(scope="module")
def liar(make_migrated):
    url = make_migrated("sqlite")
    with (
        Liar() as between,
        LiveServer(database_url=url, issuer=f"http://127.0.0.1:{between.port}") as real,
    ):
        between.target = real.port
        between.probe = probe_of(real)
        yield between


def probe_of(real):
    key = signing.import_pem(signing.generate("ES256"))
    jwks = real.home / "jwks.json"
    jwks.write_text(json.dumps({"keys": [key.public_jwk()]}))

    def client(*more):
        made = real.cli(
            "client", "create", "--name", "x", "--redirect-uri", REDIRECT_URI, *more
        )
        return Credentials(made["client_id"], made["client_secret"])

    grants = ("--grant", "authorization_code", "--grant", "client_credentials")
    by_key = ("--auth-method", "private_key_jwt", "--jwks-file", str(jwks))
    return {
        "issuer": real.url,
        "fetcher": Fetcher(allow_http=True, allowed=["127.0.0.1"]),
        "clock": Clock(),
        "plain": client(*grants, "--grant", "refresh_token"),
        "public": client("--public"),
        "strong": client(*grants, *by_key, "--profile", "fapi2"),
        "key": key,
    }


def document(**changed):
    def lie(told):
        if "well-known/openid" in told.path:
            told.body = json.dumps(json.loads(told.body) | changed).encode()

    return lie


def key(**changed):
    def lie(told):
        if told.path == "/jwks":
            keys = json.loads(told.body)["keys"]
            told.body = json.dumps({"keys": [keys[0] | changed, *keys]}).encode()

    return lie


def at(path, method=None, when="", **changes):
    """Change what is answered there: status, body, a header."""

    def lie(told):
        is_it = told.path.split("?")[0] == path and method in (None, told.method)
        if is_it and when in told.asked + told.path:
            for name, value in changes.items():
                change(told, name, value)

    return lie


def change(told, name, value):
    if name in ("status", "body"):
        setattr(told, name, value)
    elif value is None:
        told.without(name)
    elif callable(value):
        told.header(name, value)
    else:
        told.without(name)
        told.headers.append((name, value))


def elsewhere(told):
    """Send a browser to wherever it was asked to go, as an open redirector does."""
    if told.path.startswith("/authorize") and told.status == 400:
        told.status = 303
        told.headers.append(("Location", REDIRECT_URI))


def strip(word):
    return lambda where: re.sub(rf"[?&]{word}=[^&]*", "", where)


TOKEN = json.dumps(
    {"access_token": "x", "token_type": "Bearer", "expires_in": 60}
).encode()
LIES = [
    ("M1", document(issuer="https://other.example")),
    ("M2", document(extra=True)),
    ("M3", document(token_endpoint="http://auth.example/token")),
    ("M4", document(authorization_response_iss_parameter_supported=False)),
    ("M5", document(code_challenge_methods_supported=["S256", "plain"])),
    ("M6", document(id_token_signing_alg_values_supported=["RS256", "none"])),
    ("M7", document(response_types_supported=["code", "token"])),
    ("M8", document(id_token_signing_alg_values_supported=["ES256"])),
    ("M9", document(token_endpoint_auth_methods_supported=["client_secret_basic"])),
    ("M10", key()),
    ("M10", key(kid="another", d="AAAA")),
    ("M10", key(kid="another", n="AAAA", kty="RSA")),
    ("M11", at("/jwks", **{"cache-control": None})),
    ("A1", elsewhere),
    ("A2", elsewhere),
    ("A3", at("/authorize", location=strip("iss"))),
    ("A3", at("/authorize", location=strip("state"))),
    ("A4", at("/authorize", when="response_type=token", status=303,
              location=f"{REDIRECT_URI}#access_token=x")),
    ("A5", at("/authorize", when="plain", status=303, location="/signin")),
    ("A6", elsewhere),
    ("A7", at("/authorize", status=303, location="/signin")),
    ("A8", at("/signin", **{"content-security-policy": "default-src 'self'"})),
    ("A8", at("/signin", **{"referrer-policy": None})),
    ("A8", at("/signin", **{"cache-control": "private"})),
    ("T1", at("/token", "GET", status=200)),
    ("T2", at("/token", **{"www-authenticate": None})),
    ("T2", at("/token", status=422)),
    ("T3", at("/token", when="client_secret=x", status=200, body=TOKEN)),
    ("T4", at("/token", when="password", status=200, body=TOKEN)),
    ("T5", at("/token", status=200, body=TOKEN)),
    ("T6", at("/token", when="authorization_code", status=200, body=TOKEN)),
    ("T7", at("/introspect", status=200, body=b'{"active": true}')),
    ("T7", at("/introspect", when="token=", body=b'{"active": false, "sub": "ada"}')),
    ("T8", at("/revoke", status=400)),
    ("T8", at("/introspect", body=b'{"active": true}')),
    ("U1", at("/userinfo", **{"www-authenticate": None})),
    ("U2", at("/userinfo", when="access_token=", status=200)),
    ("P1", at("/par", status=200)),
    ("P2", at("/par", when="plain", status=201)),
    ("P3", at("/par", "GET", status=200)),
    ("F1", at("/token", when="assertion", status=200, body=TOKEN)),
    ("F2", at("/token", when="assertion", status=200, body=TOKEN)),
    ("F3", at("/token", when="assertion", status=200, body=TOKEN)),
    ("F4", at("/token", when="assertion", status=200, body=TOKEN)),
]  # fmt: skip


@pytest.mark.live
def test_the_truth_passes(liar):
    liar.lie = None
    marks = {one.line.id: one.mark for one in examine(Probe(**liar.probe), LINES)}
    assert {id_ for id_, mark in marks.items() if mark is not Mark.PASS} == {"M12"}
    assert set(marks) - {"M12"} == {id_ for id_, _ in LIES}, "a line without a lie"


@pytest.mark.live
@pytest.mark.parametrize(
    ("id_", "lie"), LIES, ids=[f"{n}-{one[0]}" for n, one in enumerate(LIES)]
)
def test_a_lie_is_found(liar, id_, lie):
    liar.lie = lie
    [line] = [one for one in LINES if one.id == id_]
    [outcome] = examine(Probe(**liar.probe), [line])
    assert outcome.mark in (Mark.FAIL, Mark.WARN)
