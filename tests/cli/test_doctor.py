"""`authserver doctor` on real nodes: what is wrong is named, with its cure, on one line."""

import base64
import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.smtp import AuthResult

from authserver.clock import FrozenClock
from authserver.core import look_around, look_here
from authserver.services import KEY_FILE
from tests.adapters.post import Server
from tests.support.node import Node
from tests.support.ports import free_port

HUSH = "Hush-hush-4711"
OTHER_KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(scope="module")
def post():
    with Server() as server:
        yield server


@pytest.fixture
def patient(settled, post):
    """A node in production to which nothing is wrong: `patient(**changed)`."""

    def make(**changed):
        settled_home = settled.env["AUTHSERVER_HOME"]
        more = {
            "TRUSTED_PROXIES": "127.0.0.1",
            "MAIL_HOST": "127.0.0.1",
            "MAIL_PORT": str(post.port),
            "MAIL_FROM": "no-reply@id.example",
            "MAIL_USER": "",
            "REDIS_URL": "",
            "KEY_ENCRYPTION_KEY": "",
        }
        return Node(settled.url, settled_home, **more | changed)

    return make


@pytest.fixture
def ask(here):
    """Give the status, and what is at fault: `{what: cure}`."""

    def run(node):
        status, out, err = here(node, "doctor", "--json")
        told = json.loads(out)
        assert told["ok"] is (status == 0)
        assert "Traceback" not in err
        assert HUSH not in out + err
        return status, {
            one["what"]: f"{one['said']} {one['cure']}"
            for one in told["checks"]
            if not one["ok"]
        }

    return run


def test_a_sound_node_is_well(patient, here):
    status, out, err = here(patient(), "doctor")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert [line[:5] for line in lines] == ["ok   "] * 12
    assert lines[0].endswith("settings: All can be read.")


@pytest.mark.parametrize(
    ("changed", "what", "word"),
    [
        ({"APP_URL": "http://127.0.0.1:3000"}, "issuer,cookies", "APP_URL"),
        ({"TRUSTED_PROXIES": ""}, "proxies", "127.0.0.1"),
        ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "proxies", "forge"),
        ({"TRUSTED_PROXIES": "10.0.0.0/8,::/0"}, "proxies", "forge"),
        ({"MAIL_HOST": ""}, "mail", "MAIL_HOST"),
        ({"MAIL_FROM": "no-reply@localhost"}, "mail", "MAIL_FROM"),
        ({"MAIL_CA_FILE": "/nowhere"}, "mail", "MAIL_CA_FILE"),
        ({"KEY_ENCRYPTION_KEY": OTHER_KEY}, "signing keys", "KEY_ENCRYPTION_KEY"),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else None,
)
def test_what_is_set_wrong_is_named_with_its_cure(ask, patient, changed, what, word):
    status, faults = ask(patient(**changed))
    assert status == 1
    assert ",".join(faults) == what
    assert all(word in said for said in faults.values())


def test_a_mail_server_that_is_away_is_told(ask, patient):
    status, faults = ask(patient(MAIL_PORT=str(free_port()), MAIL_PASS=HUSH))
    assert (status, list(faults)) == (1, ["mail"])
    assert "MAIL_PORT" in faults["mail"]


def test_a_mail_server_that_lets_nobody_in_is_told_without_the_password(ask, patient):
    def refuse(server, session, envelope, mechanism, data):
        return AuthResult(success=False, handled=False, message=f"535 5.7.8 {HUSH}")

    with Server(authenticator=refuse, auth_require_tls=False) as strict:
        changed = {"MAIL_PORT": str(strict.port), "MAIL_USER": "us", "MAIL_PASS": HUSH}
        status, faults = ask(patient(**changed))
    assert (status, list(faults)) == (1, ["mail"])
    assert "MAIL_PASS" in faults["mail"]


def test_a_redis_that_is_away_is_told_without_its_password(ask, patient):
    url = f"redis://:{HUSH}@127.0.0.1:{free_port()}/0"
    status, faults = ask(patient(REDIS_URL=url))
    assert (status, list(faults)) == (1, ["limits"])
    assert "REDIS_URL" in faults["limits"]


@pytest.mark.parametrize("port", [None, "notaport"])
def test_a_database_that_is_away_is_told_without_its_password(ask, patient, port):
    port = port or free_port()
    node = patient(DATABASE_URL=f"postgresql://ada:{HUSH}@127.0.0.1:{port}/none")
    status, faults = ask(node)
    assert status == 1
    assert {"database", "signing keys"} <= set(faults)


def test_all_faults_of_the_settings_are_told_at_once(ask, patient):
    changed = {"KEY_ENCRYPTION_KEY": HUSH, "BRAND_COLOUR": "blue"}
    node = patient(**changed)
    status, faults = ask(node)
    assert (status, list(faults)) == (1, ["settings"])
    said = node.run("doctor")
    assert (said.returncode, said.stderr) == (1, "")
    assert [line.split()[2] for line in said.stdout.splitlines()] == [
        "KEY_ENCRYPTION_KEY", "BRAND_COLOUR",
    ]  # fmt: skip


def test_looking_at_an_empty_node_makes_nothing(ask, tmp_path):
    node = Node(
        f"sqlite:///{tmp_path}/none.db", tmp_path / "home", APP_ENV="development"
    )
    status, faults = ask(node)
    assert status == 1
    assert {"key-encryption key", "database", "signing keys"} <= set(faults)
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_others_may_read_is_told(ask, patient, tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir()
    file = folder / KEY_FILE
    file.write_text("no key at all")
    file.chmod(0o600)
    _, faults = ask(patient(KEYS_DIR=str(folder)))
    assert "copy" in faults["key-encryption key"]
    file.chmod(0o644)
    _, faults = ask(patient(KEYS_DIR=str(folder)))
    assert f"chmod 600 {file}" in faults["key-encryption key"]


def test_a_home_without_room_or_that_is_no_folder_is_told(
    ask, patient, tmp_path, monkeypatch
):
    file = tmp_path / "file"
    file.touch()
    keys = patient().env["AUTHSERVER_HOME"] + "/keys"
    _, faults = ask(patient(AUTHSERVER_HOME=str(file), KEYS_DIR=keys))
    assert list(faults) == ["disk"]
    monkeypatch.setattr(look_here, "LEAST_FREE_MIB", 2**40)
    _, faults = ask(patient())
    assert "room" in faults["disk"]


def test_a_clock_that_is_wrong_is_told(ask, patient, monkeypatch):
    for moment in (datetime(1970, 1, 1, tzinfo=UTC), hence(hours=-1)):
        monkeypatch.setattr(look_around, "Clock", lambda at=moment: FrozenClock(at))
        status, faults = ask(patient())
        assert (status, list(faults)) == (1, ["clock"])
        assert "NTP" in faults["clock"]


def test_a_clock_is_compared_with_the_databases(ask, patient, monkeypatch):
    monkeypatch.setattr(look_around, "Clock", lambda: FrozenClock(hence(hours=1)))
    node = patient()
    _, faults = ask(node)
    # The embedded database has no clock of its own, and shows nothing of the future.
    assert list(faults) == ([] if node.url.startswith("sqlite") else ["clock"])


def hence(**time):
    return datetime.now(UTC) + timedelta(**time)


def test_a_folder_of_an_old_database_is_behind(ask, patient, tmp_path):
    os.close(os.open(tmp_path / "empty.db", os.O_CREAT))
    _, faults = ask(patient(DATABASE_URL=f"sqlite:///{tmp_path}/empty.db"))
    assert "`authserver db upgrade`" in faults["database"]
