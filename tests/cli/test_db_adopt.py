"""`authserver db adopt` shows what it would do, does it when told, and can be refused."""

import json
from pathlib import Path

import psycopg2
import pytest

from tests.support.node import Node

SCHEMA = Path(__file__).parents[1] / "models" / "older_service.sql"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SOMEBODY = f"""
    INSERT INTO auth.users (email, status, is_email_verified, mfa_enabled, mfa_secret)
    VALUES ('ada@x.example', 'active', true, true, '{SECRET}')
"""


@pytest.fixture
def older(postgres, tmp_path):
    """A node before a database that an older service left."""

    def leave(url):
        with psycopg2.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(SCHEMA.read_text(encoding="utf-8") + SOMEBODY)
        connection.close()

    return Node(postgres.create_database("older", prepare=leave), tmp_path)


def test_it_shows_first_and_acts_when_told(older, here):
    status, out, err = here(older, "db", "adopt")
    assert (status, err) == (0, "")
    assert "ALTER TABLE auth.sessions ADD COLUMN auth_time" in out
    assert out.endswith("Nothing was changed yet: `--yes` runs these statements.\n")
    assert here(older, "db", "status")[0] == 1

    done = older.json("db", "adopt", "--yes")
    assert done["adopted"] is True
    assert done["blocked"] == []
    # Three that sign, and two that open what was encrypted to us.
    assert len(done["keys"]) == 5, "one for each algorithm"
    assert done["setup"].startswith("https://auth.example.test/setup?token=")
    assert done["mfa_sealed"] == 1
    assert SECRET not in str(older.sql("SELECT mfa_secret FROM {}users"))

    assert here(older, "db", "status")[0] == 0
    status, out, _ = here(older, "db", "verify", "--json")
    assert status == 0
    assert {d["weight"] for d in json.loads(out)["differences"]} == {"note"}
    said = here(older, "db", "adopt", "--yes")
    assert said == (0, "There is nothing to adopt. The database is current.\n", "")


def test_what_is_wrong_is_named_with_its_cure(older, here):
    older.sql("ALTER TABLE {}users ALTER COLUMN email TYPE text")
    status, out, _ = here(older, "db", "adopt", "--yes")
    assert status == 1
    assert (
        "wrong: users.email: is TEXT, not CITEXT; cure: ALTER TABLE auth.users "
        "ALTER COLUMN email TYPE CITEXT USING email::CITEXT;\n"
    ) in out
    assert out.endswith("Nothing was changed: cure what is wrong first.\n")
    assert here(older, "db", "status")[0] == 1


def test_somebody_elses_administrator_does_not_stand_in_the_way(older):
    """No role, but the name: the operator chooses another one and goes on."""
    older.sql("UPDATE {}users SET email = 'admin@example.com'")
    done = older.json("db", "adopt", "--yes")
    assert done["setup"] is None
    assert done["admin_is_missing"] is True
    older.env["ADMIN_EMAIL"] = "root@example.test"
    assert older.json("db", "upgrade")["setup"]


def test_an_empty_database_is_upgraded_instead(node, here):
    status, out, _ = here(node, "db", "adopt")
    assert status == 1
    assert "run `authserver db upgrade`" in out
