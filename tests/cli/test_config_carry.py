"""`authserver config` at a terminal: what operators keep, carried elsewhere."""

import json
import re
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from tests.support.node import Node

LOOPBACK = ("--redirect-uri", "http://127.0.0.1/cb")
MORE = """\
institutions:
  - {code: ufpe, name: Universidade Federal de Pernambuco}
roles:
  - {name: auditor, permissions: [logs:read]}
  - {name: editor, description: '', permissions: [users:read]}
brand:
  - id: deployment
    name: 'Nötes #1'
    colour: '#C0FFEE'
    welcome: {en: Welcome, pt-BR: 'Boas-vindas: aqui'}
    logo: iVBORw0KGgoAAAANSUhEUgAAAAYAAAAECAYAAACtBE5DAAAAFUlEQVR4nGNUCTv5nwELYMImSJ4EANyVAkrs+OdhAAAAAElFTkSuQmCC
"""


STREAM = """\
streams:
  - client_id: {client_id}
    method: urn:ietf:rfc:8935
    endpoint_url: https://shop.example/events
    authorization_header: ${{env:SHOP_HEADER}}
    events_requested:
      - https://schemas.openid.net/secevent/caep/event-type/session-revoked
    description: 'Für den Laden: #1'
    status: paused
"""
HEADER = "Bearer one-that-nobody-may-see"


def upgraded(kind, make_database, home):
    home.mkdir()
    node = Node(make_database(kind), home)
    node.json("db", "upgrade")
    return node


@pytest.fixture(scope="module")
def full(database_kind, make_database, tmp_path_factory):
    """A server with something in every section, made by the other commands."""
    home = tmp_path_factory.mktemp("full")
    node = upgraded(database_kind, make_database, home / "node")
    node.secret = furnish(node)
    node.file = home / "full.yaml"
    node.file.write_text(node.run("config", "export").stdout, encoding="utf-8")
    return node


def furnish(node):
    node.json(
        *("resource", "create", "--identifier", "https://notes.example"),
        *("--name", "Notes", "--name-in", "no=Notater", "--scope", "notes:read=Read"),
        *("--scope-in", "notes:read", "pt-BR", "Ler: notas #1", "--token-ttl", "300"),
    )
    kind = {
        "type": "payment",
        "fields": {"amount": {"type": "number", "minimum": 0.5}, "payee": {}},
        "required": ["amount"],
        "texts": {"en": "Pay {amount}", "no": "Betal {amount}"},
        "resources": ["https://notes.example"],
    }
    node.json("resource", "add-type", "--file", written(node, "type.json", kind))
    more = {
        "client_name#pt-BR": "Mercado",
        "contacts": ["ops@shop.example"],
        "require_auth_time": False,
        "default_max_age": 0,
        "refresh_ttl": 3600,
        "userinfo_signed_response_alg": "ES256",
    }
    shop = node.json(
        *("client", "create", "--name", "Shop: é <b> #1", "--skip-consent"),
        *("--redirect-uri", "https://shop.example/cb", "--detail-type", "payment"),
        *("--resource", "https://notes.example"),
        *("--metadata-file", written(node, "more.json", more)),
    )
    node.json(
        *("client", "create", "--name", "Robot", "--auth-method", "private_key_jwt"),
        *("--jwks-file", written(node, "keys.json", {"keys": [public_key()]})),
    )
    node.json("client", "create", "--name", "App", "--public", *LOOPBACK)
    off = ("--name", "Off", "--public", *LOOPBACK)
    off_id = node.json("client", "create", *off)["client_id"]
    node.json("client", "disable", off_id)
    file = Path(node.env["AUTHSERVER_HOME"]) / "more.yaml"
    file.write_text(MORE + STREAM.format(client_id=shop["client_id"]))
    node.env["SHOP_HEADER"] = HEADER
    node.json("config", "apply", str(file), "--yes")
    assert node.run("config", "plan", str(file)).returncode == 0
    del node.env["SHOP_HEADER"]
    return shop["client_secret"]


def public_key():
    return ECKey.generate_key("P-256", {"kid": "one"}).as_dict(private=False)


def written(node, name, value):
    file = Path(node.env["AUTHSERVER_HOME"]) / name
    file.write_text(json.dumps(value))
    return str(file)


def test_a_full_server_is_carried_to_an_empty_one(
    full, database_kind, make_database, tmp_path
):
    other, file = upgraded(database_kind, make_database, tmp_path / "b"), str(full.file)
    assert other.run("config", "diff", file).returncode == 2
    done = other.json("config", "apply", file, "--yes")
    assert done["applied"] is True
    assert {change["section"] for change in done["changes"]} == {
        "institutions",
        "roles",
        "resources",
        "detail_types",
        "brand",
        "clients",
        "streams",
    }
    again = other.json("config", "diff", file)
    assert (again["changes"], again["not_in_file"], again["faults"]) == ([], [], [])
    assert other.run("config", "export").stdout == full.file.read_text(encoding="utf-8")
    twice = other.json("config", "apply", file, "--yes")
    assert (twice["applied"], twice["changes"]) == (True, [])
    found = other.sql("SELECT name, disabled_at IS NULL FROM {}clients ORDER BY name")
    assert [name for name, is_on in found if not is_on] == ["Off"]


def test_a_server_does_not_differ_from_its_own_export(full):
    done = full.run("config", "diff", str(full.file))
    assert (done.returncode, done.stdout) == (0, "Nothing to do.\n")


def test_secrets_are_not_exported(full):
    text = full.file.read_text(encoding="utf-8")
    kept = full.sql("SELECT secret_hash, secret_sealed FROM {}client_secrets")
    assert len(kept) == 1
    for secret in (full.secret, HEADER, *(one for row in kept for one in row if one)):
        assert secret not in text
    assert "client_secret:" not in text
    assert "authorization_header:" not in text
    assert "client_id: authserver\n" not in text


FAULTY = """\
version: 1
institutions:
  - code: fine
    name: Fine
  - code: not fine
    name: A
  - code: FINE
    name: Twice
roles:
  - name: auditor
    permissions: [users:fly]
  - name: super_admin
    permissions: []
  - nam: none
resources:
  - identifier: https://a.example
    name: A
    token_ttl: 1
    scopes:
      openid: {en: Mine}
clients:
  - client_id: one
    redirect_uris:
      - nonsense
    grant_type: x
    client_secret: plain-text
  - client_id: authserver
    redirect_uris: [https://x.example/]
  - client_id: two
    redirect_uris: [https://x.example/]
    profile: best
    skip_consent: yes
    disabled: yes
brand:
  - id: deployment
    colour: blue
    logo: bm90IGEgcGljdHVyZQ==
  - id: another
colours: []
"""


LINES = (5, 7, 11, 12, 14, 14, 18, 19, 23, 25, 26, 27, 31, 32, 33, 36, 37, 38, 39)


def test_a_faulty_file_changes_nothing_and_names_every_fault(full, tmp_path):
    file = tmp_path / "faulty.yaml"
    file.write_text(FAULTY)
    done = full.run("config", "apply", str(file), "--yes", "--prune")
    assert (done.returncode, done.stdout) == (1, "")
    named = re.findall(rf"^{re.escape(str(file))}:(\d+): ", done.stderr, re.MULTILINE)
    assert tuple(map(int, named)) == LINES, done.stderr
    assert done.stderr.endswith("Nothing was changed.\n")
    assert full.run("config", "export").stdout == full.file.read_text(encoding="utf-8")


def test_a_file_that_is_not_there_is_no_drift(full):
    done = full.run("config", "plan", "nowhere.yaml")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nowhere.yaml cannot be read" in done.stderr
