"""`authserver db` as an operator meets it: sentences, JSON, exit statuses."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from authserver.config import load
from authserver.crypto import opening
from authserver.models import migrations
from tests.house.source import ROOT
from tests.support.live import authserver
from tests.support.node import Node

ALGORITHMS = load({"APP_ENV": "test"}).signing_algorithms
KEYS = len(ALGORITHMS) + len(opening.ALGORITHMS)  # and for each that signs a next one
ALL = list(migrations.revisions())
LAST = ALL[-1]
BEHIND = (f"UPDATE {{}}authserver_version SET version_num = '{ALL[0]}'",)
AHEAD = ("UPDATE {}authserver_version SET version_num = '9999'",)
FOREIGN = ("ALTER TABLE {}authserver_version RENAME TO somebody_elses",)
TO_LAST = (f"UPDATE {{}}authserver_version SET version_num = '{LAST}'",)
NAMED_BACK = ("ALTER TABLE {}somebody_elses RENAME TO authserver_version",)
BACK = {BEHIND: TO_LAST, AHEAD: TO_LAST, FOREIGN: NAMED_BACK}


def is_one_line(text):
    return "Traceback" not in text and len(text.strip().splitlines()) == 1


# -- Upgrade and status


def test_an_upgrade_makes_tables_keys_and_a_way_to_become_administrator(settled):
    assert settled.first["applied"] == ALL
    assert settled.first["state"] == "current"
    assert len(settled.first["keys"]) == KEYS
    assert settled.first["setup"].startswith("https://auth.example.test/setup?token=")
    assert settled.json("db", "status") == {
        "state": "current", "revision": LAST, "waiting": [], "cure": None,
    }  # fmt: skip


def test_a_second_upgrade_makes_nothing_twice(settled):
    again = settled.json("db", "upgrade", "--yes")
    assert again["applied"] == again["keys"] == []
    assert again["setup"] is None
    states = settled.sql("SELECT state FROM {}signing_keys ORDER BY state")
    assert states == [("active",)] * KEYS + [("next",)] * len(ALGORITHMS)


def test_eight_nodes_may_be_upgraded_at_once(node):
    """One makes the tables, one the keys and the administrator; all are content."""
    with ThreadPoolExecutor(8) as pool:
        ran = [pool.submit(node.json, "db", "upgrade") for _ in range(8)]
    found = [each.result() for each in ran]
    assert sorted(each["applied"] for each in found) == [*([[]] * 7), ALL]
    assert sum(len(each["keys"]) for each in found) == KEYS
    assert sum(each["setup"] is not None for each in found) == 1
    assert node.sql("SELECT count(*) FROM {}signing_keys") == [
        (KEYS + len(ALGORITHMS),)
    ]
    assert node.sql("SELECT count(*) FROM {}users") == [(1,)]


def test_an_empty_database_says_what_to_do(node, here):
    said = "The database is empty: run `authserver db upgrade`.\n"
    assert here(node, "db", "status") == (1, said, "")
    assert json.loads(here(node, "db", "status", "--json")[1])["waiting"] == ALL


# -- Verify


def test_verify_is_content_after_an_upgrade(settled, here):
    assert here(settled, "db", "verify") == (0, "The database is current.\n", "")


def test_verify_finds_a_dropped_column(settled, here):
    settled.sql("ALTER TABLE {}users RENAME COLUMN avatar_url TO picture")
    try:
        status, out, _ = here(settled, "db", "verify", "--json")
        told = here(settled, "db", "verify")
    finally:
        settled.sql("ALTER TABLE {}users RENAME COLUMN picture TO avatar_url")
    missing, extra = json.loads(out)["differences"]
    assert status == told[0] == 1
    assert (missing["weight"], missing["column"]) == ("missing", "avatar_url")
    assert (extra["weight"], extra["column"]) == ("note", "picture")
    assert told[1].startswith("missing: users.avatar_url: the column is missing")


# -- SQL


def test_sql_gives_what_waits_and_nothing_more(settled, here):
    assert here(settled, "db", "sql") == (0, "-- Nothing is waiting.\n", "")
    settled.sql(*BEHIND)
    try:
        given = json.loads(here(settled, "db", "sql", "--json")[1])
    finally:
        settled.sql(*TO_LAST)
    assert given["from"] == ALL[0]
    assert f"-- Running upgrade {ALL[0]} -> {ALL[1]}" in given["sql"]
    assert f"-> {ALL[0]}" not in given["sql"]


def test_all_sql_is_had_without_settings_or_a_database(tmp_path):
    """As `make generate` writes it."""
    done = authserver(
        *("db", "sql", "--from-scratch", "--dialect", "postgresql"),
        env={"AUTHSERVER_HOME": str(tmp_path)},
    )
    kept = (ROOT / "migrations_disabled" / "schema.sql").read_text(encoding="utf-8")
    assert done.stdout == kept


# -- Starting on a database that is not as it should be

STARTING = ("serve", "keys list", "client list", "user list", "mail deliver")


@pytest.mark.parametrize(
    ("change", "cure"),
    [
        (BEHIND, "run `authserver db upgrade`"),
        (AHEAD, "run that release"),
        (FOREIGN, "let DATABASE_URL name an empty database"),
    ],
)
def test_nothing_starts_and_the_cure_is_said_in_one_line(settled, here, change, cure):
    settled.sql(*change)
    try:
        assert_refused(settled, here, cure)
    finally:
        settled.sql(*reversed(BACK[change]))
    assert here(settled, "db", "status")[0] == 0


def test_nor_on_an_empty_database(node, here):
    assert_refused(node, here, "run `authserver db upgrade`")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody:secret-word@127.0.0.1:9/none",
        f"sqlite:///{ROOT}/README.md",
        f"sqlite:///{ROOT}/docs",
    ],
)
def test_nor_on_one_that_is_out_of_reach(url, tmp_path, here):
    node = Node(url, tmp_path)
    assert_refused(node, here, "check DATABASE_URL")
    assert here(node, "db", "status")[0] == 2
    assert_fault(here(node, "db", "upgrade"), "check DATABASE_URL")


def assert_refused(node, here, cure):
    for command in STARTING:
        assert_fault(here(node, *command.split()), cure)


def assert_fault(outcome, cure):
    status, _, err = outcome
    assert status == 2
    assert is_one_line(err)
    assert cure in err
    assert "secret-word" not in err


def test_a_process_ends_as_plainly(node):
    """What a process manager and a WSGI server see."""
    done = node.run("serve")
    assert done.returncode == 2
    assert is_one_line(done.stderr)
    done = subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        env=node.env, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert is_one_line(done.stderr)
    assert "authserver db upgrade" in done.stderr


def test_an_upgrade_leaves_tables_of_strangers_alone(settled, here):
    settled.sql(*FOREIGN)
    before = settled.sql("SELECT id, name FROM {}roles ORDER BY id")
    try:
        assert_fault(here(settled, "db", "upgrade", "--yes"), "DATABASE_URL")
        assert settled.sql("SELECT id, name FROM {}roles ORDER BY id") == before
    finally:
        settled.sql(*reversed(BACK[FOREIGN]))
