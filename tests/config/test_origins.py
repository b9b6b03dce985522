"""Where settings come from is told, and no secret is."""

import dataclasses
import os
from pathlib import Path

import pytest

from authserver.config import Settings, load, origins
from authserver.config.origins import Origin

GOOD = {"APP_ENV": "test", "APP_URL": "https://auth.example.org"}
HUSH = "Hush-hush-4711"


def seen(settings):
    return {one.name: one for one in origins.seen(settings)}


def test_each_says_who_said_it(tmp_path):
    file = tmp_path / "password"
    file.write_text(f"{HUSH}\n")
    told = {"SMTP_HOST": "mail.example", "MAIL_PASS_FILE": str(file)}
    found = seen(load(GOOD | told))
    assert len(found) == len(dataclasses.fields(Settings))
    assert found["MAIL_HOST"].origin is Origin.ENVIRONMENT
    assert (found["MAIL_PASS"].origin, found["MAIL_PASS"].is_set) == (Origin.FILE, True)
    assert found["DATABASE_URL"].origin is Origin.DERIVED
    assert found["KEYS_DIR"].origin is Origin.DERIVED
    code = found["CODE_TTL"]
    assert (code.origin, code.value, code.default) == (Origin.DEFAULT, "60", "60")
    assert all(one.group and one.doc for one in found.values())


def test_a_file_of_the_working_directory_is_told_apart(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("BRAND_NAME=On file\nSUPPORT_EMAIL=a@b.example\n")
    monkeypatch.chdir(tmp_path)
    for name, value in (GOOD | {"BRAND_NAME": "In the shell"}).items():
        monkeypatch.setitem(os.environ, name, value)
    found = seen(load())
    assert found["SUPPORT_EMAIL"].origin is Origin.DOTENV
    brand = found["BRAND_NAME"]
    assert (brand.origin, brand.value) == (Origin.ENVIRONMENT, "In the shell")


@pytest.mark.parametrize(
    "line",
    [one for one in dataclasses.fields(Settings) if one.metadata.get("secret")],
    ids=lambda one: one.name,
)
def test_a_secret_is_set_or_not_and_no_more_is_said(line):
    settings = dataclasses.replace(load(GOOD), **{line.name: HUSH})
    one = seen(settings)[line.metadata["env"][0]]
    assert (one.value, one.default) == (None, None)
    assert (one.is_set, one.is_secret) == (True, True)
    assert HUSH not in repr(origins.seen(settings))


def test_a_password_within_a_url_is_left_out():
    url = f"https://ada:{HUSH}@proxy.example/x"
    changes = {
        one.name: url
        for one in dataclasses.fields(Settings)
        if isinstance(one.default, str) and not one.metadata.get("secret")
    }
    shown = origins.seen(dataclasses.replace(load(GOOD), **changes))
    assert HUSH not in repr(shown)
    assert seen(load(GOOD))["AUTHSERVER_HOME"].value == str(Path("var"))
