"""The doctor and the settings at the console: what is wrong, where values come from."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest

from authserver.core import doctor, look_here
from authserver.core.finding import ill
from tests.support.reader import Reader

HUSH = "Hush-hush-4711"


@pytest.fixture
def root(enter: Callable[..., Reader], services) -> Reader:
    """An operator, and a doctor who has not looked yet."""
    services.doctor._kept = None
    try:
        yield enter("super_admin")
    finally:
        services.doctor._kept = None


def test_what_is_well_and_what_is_not_is_told_with_the_cure(root, monkeypatch):
    monkeypatch.setattr(look_here, "LEAST_FREE_MIB", 2**40)
    root.open("/console/system").link("tab-doctor")
    found = root.document.get("findings")
    assert "Something is wrong" in found.text
    rows = [one.text for one in found.walk() if one.tag == "li"]
    (disk,) = [row for row in rows if row.startswith("Disk")]
    assert f"Make room: {2**40} MiB at least." in disk
    wrong = [row.endswith("wrong") for row in rows]
    assert wrong == sorted(wrong, reverse=True)
    for name in ("Public address", "Cookies", "Signing keys", "Mail server", "Clock"):
        assert any(name in row for row in rows), name
    assert any("This page was asked for at APP_URL." in row for row in rows)


def test_what_breaks_under_the_doctor_is_told_and_nothing_falls(root, monkeypatch):
    def fall(ward):
        raise RuntimeError(HUSH)

    monkeypatch.setattr(doctor, "LOOKS", (("disk", fall),))
    root.open("/console/system/doctor")
    assert root.status == 200
    assert "It could not be looked at (RuntimeError)." in root.text
    assert HUSH not in root.answer.text


def test_it_looks_anew_after_a_while_and_not_at_each_reload(root, monkeypatch, clock):
    looks = []

    def look(ward):
        looks.append(ward)
        return ill("disk", "It has %(num)s left.", "Make <b>room</b>.", num="<i>9</i>")

    monkeypatch.setattr(doctor, "LOOKS", (("disk", look),))
    for _ in range(3):
        root.open("/console/system/doctor")
    assert len(looks) == 1
    assert "&lt;i&gt;9&lt;/i&gt;" in root.answer.text
    clock.moment += timedelta(seconds=20)
    root.open("/console/system/doctor")
    assert len(looks) == 2


@pytest.mark.parametrize(
    ("visit", "is_ok"),
    [
        (doctor.Visit("https", "auth.example.test"), True),
        (doctor.Visit("https", "AUTH.example.test:443"), True),
        (doctor.Visit("http", "auth.example.test"), False),
        (doctor.Visit("https", "auth.example.test:8443"), False),
        (doctor.Visit("https", "10.0.0.7"), False),
    ],
    ids=str,
)
def test_how_a_request_came_is_held_against_the_public_address(services, visit, is_ok):
    arrival = services.doctor.examine(visit).findings[-1]
    assert (arrival.what, arrival.is_ok) == ("arrival", is_ok)
    assert arrival.words


def test_settings_are_shown_and_no_secret(root, services, monkeypatch):
    for line in dataclasses.fields(services.settings):
        if line.metadata.get("secret"):
            monkeypatch.setitem(vars(services.settings), line.name, HUSH)
    root.open("/console/system/doctor").link("tab-settings")
    assert root.status == 200
    assert HUSH not in root.answer.text
    assert "set" in root.document.get("setting-MAIL_PASS").text
    assert "not set" not in root.document.get("setting-MAIL_PASS").text
    narrowed = root.open("/console/system/settings?q=access_ttl")
    assert "900" in narrowed.document.get("setting-ACCESS_TTL").text
    assert not narrowed.has("setting-MAIL_PASS")
    assert root.open("/console/system/settings?q=no+such+thing").has("empty")
    assert root.open("/console/system/settings?origin=nowhere").status == 422


def test_an_admin_sees_the_doctor_and_no_settings(enter):
    admin = enter("admin").open("/console/system/doctor")
    assert admin.status == 200
    assert not admin.has("tab-settings")
    assert admin.open("/console/system/settings").status == 403


def test_the_doctor_speaks_the_readers_language(root):
    english = root.open("/console/system/doctor").document.get("findings").text
    root.open("/console/system/doctor?ui_locales=es")
    spanish = root.document.get("findings").text
    for sentence in ("APP_URL is https.", "It is current."):
        assert sentence in english
        assert sentence not in spanish
