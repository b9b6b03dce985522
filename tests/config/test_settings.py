"""Settings: every spelling is understood, every fault is told, no value is repeated."""

import base64
import dataclasses
import os
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.config import Settings, load, reader
from authserver.errors import ConfigError

GOOD = {"APP_ENV": "production", "APP_URL": "https://auth.example.org"}
KEY = base64.b64encode(bytes(range(32))).decode()


def faults(**environ):
    with pytest.raises(ConfigError) as refusal:
        load(GOOD | environ)
    return str(refusal.value).splitlines()


def test_production_asks_for_the_issuer_and_for_nothing_else():
    with pytest.raises(ConfigError, match="APP_URL: is required"):
        load({})
    assert load(GOOD).is_production


def test_development_asks_for_nothing():
    settings = load({"APP_ENV": "development", "PORT": "4100"})
    assert settings.issuer == "http://127.0.0.1:4100"
    assert settings.database_url.startswith("sqlite:////")


def test_all_faults_are_told_at_once():
    """Also those that only show when the readable ones are put together."""
    told = faults(
        PORT="three thousand",
        LOG_LEVEL="LOUD",
        BCRYPT_ROUNDS="4",
        APP_URL="http://auth.example.org",
        BRAND_COLOUR="blue",
        TRUSTED_PROXIES="10.0.0.0/8, proxy",
        KEY_ENCRYPTION_KEY="c2hvcnQ=",
    )
    assert {line.split(":")[0] for line in told} == {
        "PORT",
        "LOG_LEVEL",
        "BCRYPT_ROUNDS",
        "APP_URL",
        "BRAND_COLOUR",
        "TRUSTED_PROXIES",
        "KEY_ENCRYPTION_KEY",
    }


@pytest.mark.parametrize("line", dataclasses.fields(Settings), ids=lambda f: f.name)
def test_every_spelling_is_understood(line):
    """What older services' environments call it, from requirements §3."""
    text, value = a_value_for(line)
    for name in line.metadata["env"]:
        env = reader.MappingEnv({name: text})
        assert reader.read(env, line) == value, name
        env.seal()


def a_value_for(line):
    if choices := line.metadata.get("choices"):
        return choices[-1], choices[-1]
    by_kind = {
        "int": ("77777", 77777),
        "switch": ("off", False) if line.default is True else ("on", True),
        "span": ("77", timedelta(seconds=77)),
        "path": ("/srv/somewhere", Path("/srv/somewhere")),
        "words": ("one, two", ("one", "two")),
    }
    return by_kind.get(line.metadata.get("kind"), ("as it is ", "as it is "))


@pytest.mark.parametrize(
    ("spelled", "seconds"), [("90", 90), ("15m", 900), ("2h", 7200), ("7d", 604800)]
)
def test_spans_are_seconds_or_have_a_unit(spelled, seconds):
    settings = load(GOOD | {"JWT_EXPIRES": spelled})
    assert settings.access_ttl == timedelta(seconds=seconds)


def test_our_own_spelling_wins():
    environ = {"MAIL_HOST": "ours.example", "SMTP_HOST": "theirs.example"}
    assert load(GOOD | environ).mail_host == "ours.example"


def test_a_database_may_be_told_in_pieces():
    url = load(
        GOOD
        | {
            "AUTH_PG_HOST": "db.example",
            "AUTH_PG_USER": "us/er",
            "AUTH_PG_PASS": "p@:/?#",
            "AUTH_PG_DB": "auth",
        }
    ).database_url
    assert url == (
        "postgresql+psycopg2://us%2Fer:p%40%3A%2F%3F%23@db.example:5432/auth"
    )


def test_a_secret_may_lie_in_a_file(tmp_path):
    file = tmp_path / "password"
    file.write_text("from-the-file\n")
    assert load(GOOD | {"MAIL_PASS_FILE": str(file)}).mail_password == "from-the-file"
    told = faults(MAIL_PASS_FILE=str(tmp_path / "none"))
    assert "MAIL_PASS_FILE: cannot be read." in told


@pytest.mark.parametrize(
    "environ",
    [
        {"APP_URL": "http://auth.example.org"},
        {"APP_URL": "http://127.0.0.1.example.org"},
        {"APP_URL": "ftp://auth.example.org"},
        {"APP_URL": "https://auth.example.org/?tenant=1"},
        {"APP_URL": "https://auth.example.org/#top"},
        {"APP_URL": "https://ada@auth.example.org"},
        {"APP_URL": "https://"},
        {"DATABASE_URL": "mysql://db/auth"},
        {"JWT_SECRET": "your-super-secret-key-of-some-length"},
        {"JWT_SECRET": "short"},
        {"JWT_REFRESH_SECRET": "x" * 64},
        {"ADMIN_PASSWORD": "Admin"},
        {"KEY_ENCRYPTION_KEY": "not base64!"},
        {"KEY_ENCRYPTION_KEY": f"{KEY},c2hvcnQ="},
        {"CORS_ORIGINS": "https://app.example.com/path"},
        {"CORS_ORIGINS": "*"},
    ],
    ids=str,
)
def test_what_is_unsafe_does_not_start(environ):
    assert len(faults(**environ)) == 1


@pytest.mark.parametrize("url", ["http://localhost:3000", "http://[::1]:3000"])
def test_loopback_may_go_without_tls(url):
    assert load(GOOD | {"APP_URL": url}).issuer == url


def test_secrets_are_in_no_message_and_in_no_picture_of_the_settings():
    secret = "hunter2-hunter2-hunter2-hunter2-hunter2"
    names = [
        line.metadata["env"][0]
        for line in dataclasses.fields(Settings)
        if line.metadata.get("secret")
    ]
    assert {"DATABASE_URL", "MAIL_PASS", "JWT_SECRET", "KEY_ENCRYPTION_KEY"} <= {*names}
    for name in names:
        try:
            said = repr(load(GOOD | {name: secret}))
        except ConfigError as fault:
            said = str(fault)
        assert secret not in said, name


NAMES = [name for line in dataclasses.fields(Settings) for name in line.metadata["env"]]
NEARLY = [
    "https://[",
    "https://[::1",
    "http://a:b",
    "https://\ud7ff",
    "//",
    "1e9",
    "-1",
]
TEXTS = st.text(min_size=1, max_size=40) | st.sampled_from(NEARLY)


@given(st.dictionaries(st.sampled_from(NAMES), TEXTS))
def test_no_text_makes_it_raise_anything_else_or_repeat_what_was_set(environ):
    try:
        settings = load(environ)
    except ConfigError as fault:
        told = [line.split(":")[0] for line in str(fault).splitlines()]
        assert {name for line in told for name in line.split(" and ")} <= set(NAMES)
    else:
        assert settings.issuer


def test_only_a_mapping_is_read(monkeypatch):
    monkeypatch.setitem(os.environ, "BRAND_NAME", "Of the process")
    assert load(GOOD).brand_name == "authserver"


def test_no_puzzle_is_harder_than_a_phone_can_do():
    assert load(GOOD | {"PROOF_OF_WORK_BITS": "24"}).proof_of_work_bits == 24
    assert faults(PROOF_OF_WORK_BITS="25") == [
        "PROOF_OF_WORK_BITS: must be 24 at most."
    ]
    assert len(faults(PROOF_OF_WORK_BITS="0")) == 1
