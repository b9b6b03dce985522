"""An older service's `auth` schema is taken over with everybody in it (C20)."""

import re
import uuid
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import inspect, text

from authserver.app import create_app
from authserver.clock import FrozenClock
from authserver.crypto.password_hash import PasswordHasher
from authserver.errors import AccountSuspended, BadCredentials, ConfigError
from authserver.models import Session, User, adoption, migrations
from authserver.models import db as tables
from authserver.models.differences import Weight, compare
from authserver.models.state import Kind, connection_to
from tests.support.noon import NOON

SCHEMA = (Path(__file__).parent / "older_service.sql").read_text(encoding="utf-8")
ADA, BOB, EVE = (uuid.UUID(int=number) for number in (1, 2, 3))
PASSWORD = "Correct-horse-7"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
KEPT = ("users", "sessions", "verification_tokens", "login_history", "roles",
        "user_roles", "coupons")  # fmt: skip


def people():
    """Ada has bcrypt, Bob Argon2 of another cost, Eve is locked out."""
    bcrypt = PasswordHasher(algorithm="bcrypt", bcrypt_rounds=10)
    argon2 = PasswordHasher(memory_kib=64, iterations=3, lanes=4)
    for person in (
        (ADA, "Ada@x.example", "ada", bcrypt.hash(PASSWORD), "active"),
        (BOB, "bob@x.example", "Bob", argon2.hash(PASSWORD), "active"),
        (EVE, "eve@x.example", None, bcrypt.hash(PASSWORD), "locked"),
    ):
        names = ("user", "email", "name", "hashed", "status")
        yield dict(zip(names, person, strict=True)) | {"token": str(uuid.uuid4())}


@pytest.fixture
def older(postgres, settings_for):
    """A database as the older service left it."""

    def leave(url):
        with connection_to(settings_for(url)) as connection, connection.begin():
            connection.exec_driver_sql(SCHEMA)
            for person in people():
                connection.execute(text(PERSON), person)
            connection.exec_driver_sql(THINGS)

    return settings_for(postgres.create_database("older", prepare=leave))


PERSON = """
    INSERT INTO auth.users
        (id, email, username, password_hash, status, is_email_verified, loyalty_points)
    VALUES (:user, :email, :name, :hashed, :status, true, 42);
    INSERT INTO auth.sessions
        (user_id, refresh_token, refresh_token_hash, ip_address, expires_at)
    VALUES (:user, :token, md5(:token), '192.0.2.7', now() + interval '7 days');
    INSERT INTO auth.verification_tokens
        (user_id, token, token_hash, token_type, expires_at)
    VALUES (:user, :token, md5(:token), 'password_reset', now());
    INSERT INTO auth.login_history (user_id, action, status, ip_address)
    VALUES (:user, 'login', 'success', '192.0.2.7');
"""
THINGS = f"""
    INSERT INTO auth.roles (id, name, permissions)
    VALUES (7, 'Admin', '[]'), (9, 'cashier', '["till:open"]');
    INSERT INTO auth.user_roles (user_id, role_id) VALUES ('{ADA}', 7);
    INSERT INTO auth.coupons (code) VALUES ('WELCOME');
"""


def rows(settings, *, columns=None):
    """Everything that is kept in the columns that the older service knew."""
    with connection_to(settings) as connection:
        known = columns or {
            table: [
                column["name"]
                for column in inspect(connection).get_columns(table, "auth")
            ]
            for table in KEPT
        }
        return known, {
            table: connection.exec_driver_sql(
                f"SELECT {', '.join(names)} FROM auth.{table} ORDER BY id"
            ).all()
            for table, names in known.items()
        }


def test_it_is_seen_for_what_it_is(older):
    found = migrations.state(older)
    assert found.kind is Kind.FOREIGN
    assert "authserver db adopt" in str(found)
    with pytest.raises(ConfigError, match="db adopt"):
        migrations.upgrade(older)


def test_looking_changes_nothing(older):
    columns, before = rows(older)
    plan = adoption.look(older)
    assert plan.blocked == []
    assert {(d.table, d.column) for d in plan.notes} >= {
        ("coupons", None), ("users", "loyalty_points"), ("users", "username"),
        ("sessions", "created_at"), ("users", "metadata"),
    }  # fmt: skip
    assert any("ADD COLUMN auth_time" in step for step in plan.steps)
    assert rows(older) == (columns, before)
    assert migrations.state(older).kind is Kind.FOREIGN


def test_no_statement_takes_anything_away(older):
    """Columns that are filled are new ones; the rest of a row stays as it is."""
    adds = re.compile(
        r"CREATE (TABLE|(UNIQUE )?INDEX|VIEW|EXTENSION|SCHEMA)\b"
        r"|INSERT INTO auth\.(roles|institutions)\b"
        r"|UPDATE auth\.sessions SET (auth_time|acr|amr|absolute_expires_at) ="
        r"|SELECT setval\("
        r"|ALTER TABLE auth\.\w+ (ADD (COLUMN|CONSTRAINT)"
        r"|ALTER COLUMN \w+ (SET (NOT NULL|DEFAULT)|DROP NOT NULL|ADD GENERATED))\b"
    )
    assert [step for step in adoption.look(older).steps if not adds.match(step)] == []


def test_all_rows_are_kept_and_what_was_missing_is_there(older):
    columns, before = rows(older)
    plan = adoption.adopt(older)
    assert plan.blocked == []
    assert migrations.state(older).is_current
    _, after = rows(older, columns=columns)
    before_roles, after_roles = before.pop("roles"), after.pop("roles")
    assert after == before
    assert all(role in after_roles for role in before_roles)
    assert sorted(row.name for row in after_roles) == [
        "Admin", "cashier", "editor", "super_admin", "user",
    ]  # fmt: skip
    with connection_to(older) as connection:
        assert {d.weight for d in compare(connection)} == {Weight.NOTE}


def test_older_sessions_say_truly_when_they_began_and_how_little_is_known(older, run):
    adoption.adopt(older)
    found = run(
        older,
        "SELECT auth_time = created_at, absolute_expires_at = expires_at, acr, amr "
        "FROM {}sessions",
    )
    assert found == [(True, True, "0", [])] * 3


def test_times_without_a_zone_are_utc(older, run):
    """Whatever the server of the database thinks of its place in the world."""
    run(older, f"UPDATE {{}}sessions SET created_at = '{NOON:%Y-%m-%d %H:%M}'")
    adoption.adopt(older)
    found = run(older, "SELECT DISTINCT auth_time AT TIME ZONE 'UTC' FROM {}sessions")
    assert found == [(NOON.replace(tzinfo=None),)]
    app = create_app(older, clock=FrozenClock(NOON), may_create_key=True)
    with app.app_context():
        session, _ = app.extensions["services"].signin.with_password(
            "ada", PASSWORD, remember=False
        )
        tables.session.commit()
        assert tables.session.get(Session, session.id).created_at == NOON
        close(app)


def close(app):
    """Give the connections back, so that the database can be dropped."""
    tables.session.rollback()
    tables.session.remove()
    app.extensions["services"].reads.engine.dispose()
    tables.engine.dispose()


def test_a_second_adoption_finds_nothing_to_do(older):
    adoption.adopt(older)
    with pytest.raises(ConfigError, match="nothing to adopt"):
        adoption.adopt(older)
    assert migrations.upgrade(older) == []


# -- Everybody can still sign in


@pytest.fixture
def application(older):
    """The server on what it has taken over."""
    adoption.adopt(older)
    app = create_app(older, clock=FrozenClock(NOON), may_create_key=True)
    with app.app_context():
        yield app.extensions["services"]
        close(app)


@pytest.mark.parametrize(
    ("typed", "who"),
    [("ada@x.example", ADA), ("ADA", ADA), ("BOB@x.example", BOB), ("bob", BOB)],
)
def test_people_sign_in_with_their_old_password(application, typed, who):
    before = tables.session.get(User, who).password_hash
    session, _ = application.signin.with_password(typed, PASSWORD, remember=True)
    tables.session.commit()
    user = tables.session.get(User, who)
    assert session.user_id == who
    assert user.password_hash != before
    assert user.password_hash.startswith("$argon2id$v=19$m=1024,t=2,p=1$")
    again, _ = application.signin.with_password(typed, PASSWORD, remember=False)
    assert again.user_id == who


def test_a_wrong_password_is_wrong_and_the_locked_stay_out(application):
    with pytest.raises(BadCredentials):
        application.signin.with_password("ada", "Wrong-horse-7", remember=False)
    with pytest.raises(AccountSuspended):
        application.signin.with_password("eve@x.example", PASSWORD, remember=False)


def test_secrets_of_second_factors_are_sealed_and_still_work(application):
    user = tables.session.get(User, ADA)
    user.mfa_enabled, user.mfa_secret = True, SECRET
    user.mfa_backup_codes = ["ABCD-1234", "$2b$10$hashed"]
    bob = tables.session.get(User, BOB)
    bob.mfa_enabled, bob.mfa_secret = True, "not base32!"
    tables.session.commit()
    assert application.mfa.take_over() == (1, 1)
    tables.session.commit()
    assert SECRET not in user.mfa_secret
    assert "ABCD-1234" not in user.mfa_backup_codes
    code = pyotp.TOTP(SECRET).at(NOON)
    session, _ = application.signin.with_password(
        "ada", PASSWORD, remember=False, code=code
    )
    assert "otp" in session.amr
    session, _ = application.signin.with_password(
        "ada", PASSWORD, remember=False, code="abcd1234"
    )
    assert "mfa" in session.amr
    assert application.mfa.take_over() == (0, 1)


def test_the_tokens_of_the_older_service_open_nothing(application):
    """They lay in the table in the clear; ours are kept as fingerprints."""
    with connection_to(application.settings) as connection:
        token = connection.scalar(text("SELECT refresh_token FROM auth.sessions"))
    assert application.sessions.find(token) is None
    assert application.sessions.find(f"{token}.{token}") is None


# -- What stops it


@pytest.mark.parametrize(
    ("change", "table", "column"),
    [
        ("ALTER TABLE {}users ALTER COLUMN email TYPE text", "users", "email"),
        ("UPDATE {}users SET status = 'BANNED'", "users", "status"),
        ("UPDATE {}roles SET permissions = jsonb_build_object()", "roles", "permissions"),
        ("UPDATE {}users SET metadata = NULL", "users", "metadata"),
        ("UPDATE {}users SET username = 'BOB' WHERE username = 'ada'", "users", "username"),
        ("ALTER TABLE {}users ADD tax_id text NOT NULL DEFAULT ''; "
         "ALTER TABLE {}users ALTER tax_id DROP DEFAULT", "users", "tax_id"),
        ("CREATE TABLE {}refresh_tokens (id uuid PRIMARY KEY, token_hash text UNIQUE, "
         "expires_at timestamptz, created_at timestamptz); "
         "INSERT INTO {}refresh_tokens VALUES "
         "(extensions.uuid_generate_v4(), 'x', now(), now())", "refresh_tokens", "family_id"),
    ],
)  # fmt: skip
def test_what_is_wrong_stops_it_and_nothing_is_changed(
    older, run, change, table, column
):
    run(older, change)
    columns, before = rows(older)
    plan = adoption.adopt(older)
    assert (table, column) in {(d.table, d.column) for d in plan.blocked}
    assert rows(older) == (columns, before)
    assert migrations.state(older).kind is Kind.FOREIGN


def test_a_step_that_fails_leaves_everything_as_it_was(older, run):
    columns, before = rows(older)
    run(older, "CREATE VIEW {}outbox AS SELECT 1")
    with pytest.raises(ConfigError, match="outbox"):
        adoption.adopt(older)
    assert rows(older) == (columns, before)


def test_tables_of_strangers_are_not_adopted(fresh, run, database_kind):
    place = "CREATE SCHEMA auth" if database_kind == "postgresql" else "SELECT 1"
    run(fresh, place, "CREATE TABLE {}invoices (id integer)")
    with pytest.raises(ConfigError, match=r"no older service|Only a schema"):
        adoption.look(fresh)
    found = migrations.state(fresh)
    assert found.kind is Kind.FOREIGN
    assert "adopt" not in str(found)
