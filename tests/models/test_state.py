"""What is said of a database that is held, refused or no database at all."""

import secrets
import sqlite3
import subprocess
import sys
from contextlib import closing
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

from authserver.errors import ConfigError
from authserver.models import engines, migrations
from authserver.models.state import Kind


@pytest.fixture(autouse=True)
def little_patience(monkeypatch):
    monkeypatch.setattr(engines, "LOCK_WAIT_SECONDS", 1)


def assert_unusable(settings, what, cure):
    found = migrations.state(settings)
    assert found.kind is Kind.UNREACHABLE
    with pytest.raises(ConfigError) as refused:
        migrations.require_current(settings)
    said = str(refused.value)
    assert said == str(found)
    assert what in said
    assert cure in said
    assert "\n" not in said


def test_a_file_that_somebody_holds(settings_for, make_database):
    fresh = settings_for(make_database("sqlite"))
    migrations.upgrade(fresh)
    path = fresh.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        # A reader is never kept out while the file is in WAL mode.
        holder.execute("PRAGMA journal_mode=DELETE")
        holder.execute("BEGIN EXCLUSIVE")
        assert_unusable(fresh, "held by another process", "try again")
    assert migrations.state(fresh).is_current


def test_a_table_that_somebody_holds(upgraded):
    url = upgraded.database_url.replace("+psycopg2", "")
    with closing(psycopg2.connect(url)) as holder:
        holder.cursor().execute("LOCK TABLE auth.authserver_version")
        assert_unusable(upgraded, "held by another process", "try again")
    assert migrations.state(upgraded).is_current


def test_a_file_that_is_no_database(settings_for, tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, " * 40)
    settings = settings_for(f"sqlite:///{path}")
    assert_unusable(settings, "file is not a database", "check DATABASE_URL")
    with pytest.raises(ConfigError, match="not a database"):
        migrations.upgrade(settings)
    assert path.read_text().startswith("Dear Sir")


def test_looking_loads_no_alembic(tmp_path):
    """A server that starts looks; seconds count."""
    look = (
        "import sys; from authserver.config import load; "
        "from authserver.models import migrations; "
        "print(migrations.state(load())); sys.exit('alembic' in sys.modules)"
    )
    env = {"APP_ENV": "test", "AUTHSERVER_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", look],
        env=env, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("The database is empty")


def test_looking_makes_no_file(settings_for, tmp_path):
    path = tmp_path / "nothing.db"
    assert migrations.state(settings_for(f"sqlite:///{path}")).kind is Kind.EMPTY
    assert not path.exists()


@pytest.mark.parametrize(
    ("place", "is_own"),
    [("{}/authserver.db", True), ("{}/other.db", False), ("/srv/authserver.db", False)],
)
def test_only_the_file_in_its_own_folder_is_a_nodes_own(
    settings_for, tmp_path, place, is_own
):
    """`authserver dev` upgrades that one alone."""
    settings = settings_for("sqlite:///" + place.format(tmp_path))
    assert migrations.is_own_file(settings) is is_own


def test_a_wrong_password_is_not_repeated(upgraded, settings_for):
    parts = urlsplit(upgraded.database_url)
    place = f"nobody:not-the-password@{parts.hostname}:{parts.port}"
    url = urlunsplit(parts._replace(netloc=place))
    assert_unusable(settings_for(url), "nobody", "check DATABASE_URL")
    assert "not-the-password" not in str(migrations.state(settings_for(url)))


@pytest.fixture
def guest(postgres, settings_for):
    """An account that may do nothing in its database."""
    url = postgres.create_database("guarded")
    name, password = f"guest_{secrets.token_hex(4)}", secrets.token_hex(8)
    with closing(psycopg2.connect(url)) as owner:
        owner.autocommit = True
        owner.cursor().execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
    parts = urlsplit(url)
    place = f"{name}:{password}@{parts.hostname}:{parts.port}"
    yield settings_for(url), settings_for(urlunsplit(parts._replace(netloc=place)))
    with closing(psycopg2.connect(url)) as owner:
        owner.autocommit = True
        owner.cursor().execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


def test_an_account_that_may_not_is_told_who_may(guest):
    owner, settings = guest
    with pytest.raises(ConfigError, match=r"permission denied.*`authserver db sql`"):
        migrations.upgrade(settings)
    migrations.upgrade(owner)
    assert_unusable(settings, "permission denied", "let its owner run")


def test_an_account_without_the_right_to_make_schemas_can_be_given_them(guest):
    """Many services hand out databases where only the schemas' owner may build."""
    owner, settings = guest
    name = urlsplit(settings.database_url).username
    url = owner.database_url.replace("+psycopg2", "")
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"CREATE SCHEMA auth AUTHORIZATION {name}; CREATE SCHEMA extensions; "
            "CREATE EXTENSION citext SCHEMA extensions; "
            'CREATE EXTENSION "uuid-ossp" SCHEMA extensions; '
            f"GRANT USAGE ON SCHEMA extensions TO {name}"
        )
        connection.commit()
    assert migrations.upgrade(settings)
    assert migrations.state(settings).is_current
